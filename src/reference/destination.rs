//! Where in a Markdown construct the destination stands, byte for byte (CommonMark 6.3, 4.7).

use std::ops::Range;

/// The destination of an inline link or image; `from` is where its text's last piece ends, `end` where the construct does.
pub(super) fn of_inline(source: &str, from: usize, end: usize) -> Range<usize> {
    let close = find_byte(source, b']', from, end).unwrap_or(from);
    let open = close + 1;
    if source.as_bytes().get(open) != Some(&b'(') {
        return end..end;
    }
    destination_at(source, open + 1, end.saturating_sub(1))
}

/// The destination in a link reference definition whose bytes are `span`.
pub(super) fn of_definition(source: &str, span: Range<usize>) -> Range<usize> {
    let bytes = source.as_bytes();
    let mut at = span.start;
    let end = span.end.min(bytes.len());
    while at < end {
        match bytes[at] {
            b'\\' => at += 2,
            b']' if bytes.get(at + 1) == Some(&b':') => return destination_at(source, at + 2, end),
            _ => at += 1,
        }
    }
    span.end..span.end
}

/// What stands between `<` and `>` of an autolink.
pub(super) fn of_autolink(source: &str, offset: &Range<usize>) -> Range<usize> {
    let inner = offset.start + 1..offset.end.saturating_sub(1).max(offset.start + 1);
    if source.get(inner.clone()).is_some() { inner } else { offset.clone() }
}

/// Reads a destination at `from` after blanks; `limit` is the first byte that cannot belong to it.
fn destination_at(source: &str, from: usize, limit: usize) -> Range<usize> {
    let bytes = source.as_bytes();
    let limit = limit.min(bytes.len());
    let mut at = from;
    let mut line_began = false;
    // A block quote's `>` may stand at the start of the next line.
    while at < limit && (bytes[at].is_ascii_whitespace() || line_began && bytes[at] == b'>') {
        line_began |= matches!(bytes[at], b'\n' | b'\r');
        at += 1;
    }
    let start = at;
    if bytes.get(at) == Some(&b'<') && at < limit {
        let mut at = start + 1;
        while at < limit {
            match bytes[at] {
                b'\\' => at += 2,
                b'>' => return start + 1..at,
                _ => at += 1,
            }
        }
        return start..start;
    }
    let mut depth = 0_usize;
    while at < limit {
        match bytes[at] {
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) && at + 1 < limit => at += 1,
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            byte if byte.is_ascii_whitespace() || byte.is_ascii_control() => break,
            _ => {}
        }
        at += 1;
    }
    start..at.min(limit)
}

fn find_byte(source: &str, byte: u8, from: usize, end: usize) -> Option<usize> {
    let end = end.min(source.len());
    source.as_bytes().get(from..end)?.iter().position(|b| *b == byte).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_found_byte_for_byte() {
        let rows = [
            ("[a](https://x.example/y)", 2, "https://x.example/y"),
            ("[a]( https://x.example/y \"t\")", 2, "https://x.example/y"),
            ("[a](<https://x.example/y z> 't')", 2, "https://x.example/y z"),
            ("[a](https://x.example/(v=1\\))(2))", 2, "https://x.example/(v=1\\))(2)"),
            ("[a]()", 2, ""),
            ("[](u)", 1, "u"),
            ("[a](\n> u\n> \"t\")", 2, "u"),
        ];
        for (text, from, expected) in rows {
            assert_eq!(&text[of_inline(text, from, text.len())], expected, "{text}");
        }
        let definition = "[a \\] b]: <https://x.example/y> \"t\"";
        assert_eq!(&definition[of_definition(definition, 0..definition.len())], "https://x.example/y");
    }
}
