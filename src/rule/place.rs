//! Where a finding stands in an entry, and how text from outside is put into a sentence.

use super::{Draft, ReferenceView};
use crate::finding::Evidence;
use crate::target::mask_userinfo;

/// Where the lines of an entry begin. Lines end at LF, CRLF or CR; a byte order mark counts for no column.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// A stretch of one line, short enough to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// At most 400 characters.
    pub(super) text: String,
    /// The column of its first character, from 1.
    pub(super) column: u32,
}

/// The longest excerpt of a line, in characters.
const EXCERPT: usize = 400;
/// The widest place whose end is told, in bytes.
const WIDEST: usize = 32 << 10;
/// How much of a long line is shown before the place.
const BEFORE: usize = 120;

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut starts = vec![bom];
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        Self { text, starts }
    }

    /// Line and column, from 1, of a byte.
    pub(super) fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        let column = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        (line, number(column + 1))
    }

    /// Line, from 1, of a byte. Unlike the column, it takes no longer on a long line.
    pub(super) fn line(&self, offset: usize) -> u32 {
        number(self.starts.partition_point(|start| *start <= offset).max(1))
    }

    /// Bytes of a line without its end.
    pub(super) fn range(&self, line: u32) -> Option<(usize, usize)> {
        let index = (line as usize).checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).copied().unwrap_or(self.text.len());
        let body = self.text.get(start..end)?;
        Some((start, start + body.trim_end_matches(['\n', '\r']).len()))
    }

    /// One past the last column of `offset` on `line`; `None` where the place has no width there, or is wider than anybody marks: a
    /// construct may hold a hundred thousand others.
    pub(super) fn end_column(&self, line: u32, column: u32, offset: (usize, usize)) -> Option<u32> {
        let (start, end) = self.range(line)?;
        let from = offset.0.max(start);
        let place = self.text.get(from..offset.1.min(end)).filter(|place| place.len() <= WIDEST)?;
        let width = place.chars().count();
        (width > 0).then(|| column.saturating_add(number(width)))
    }

    /// The line, or as much of it as fits around the place at byte `at`, which stands at `column`. Takes no longer on a long line.
    pub(super) fn excerpt(&self, line: u32, column: u32, at: usize) -> Option<Excerpt> {
        let (start, end) = self.range(line)?;
        let whole = &self.text[start..end];
        let before = match at.checked_sub(start).and_then(|length| whole.get(..length)) {
            Some(before) if column as usize + BEFORE > EXCERPT => before,
            _ => "",
        };
        let skipped = before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(index, _)| index);
        let text: String = whole[skipped..].chars().take(EXCERPT).collect();
        let first =
            if skipped == 0 { 1 } else { column.saturating_sub(number(before[skipped..].chars().count())) };
        Some(Excerpt { text: visible(&text), column: first.max(1) })
    }
}

impl Draft {
    /// A draft at a reference. The subject is its target, or the URL as written where it has none.
    pub(super) fn at(view: &ReferenceView, message: String, cause: String) -> Self {
        let target = view.resolution.target.as_ref().map(ToString::to_string);
        let reference = &view.reference;
        Self {
            subject: target.clone().unwrap_or_else(|| reference.url.clone()),
            offset: (reference.offset.start, reference.offset.end),
            line: reference.line,
            column: reference.column,
            severity: None,
            unconfirmed: false,
            message,
            cause,
            target,
            evidence: Evidence::default(),
            suggestion: None,
        }
    }
}

/// Text from outside inside a sentence: at most 160 characters, without control characters and without the marks that turn the
/// direction of writing (UAX #9).
pub(super) fn brief(text: &str) -> String {
    let text = mask_userinfo(text);
    let mut kept: String = text.chars().filter(|c| !invisible(*c)).take(161).collect();
    if kept.chars().count() > 160 {
        kept = kept.chars().take(159).collect();
        kept.push('…');
    }
    kept
}

/// The same length in characters, with a blank in place of what is not to be shown.
fn visible(line: &str) -> String {
    mask_userinfo(line).chars().map(|c| if invisible(c) { ' ' } else { c }).collect()
}

/// C0, C1, and the characters that change the direction of writing.
pub(super) fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_lf_crlf_and_cr() {
        let lines = Lines::of("\u{feff}ab\r\nc\rdé\nf");
        let at = |what: &str| lines.position(lines.text.find(what).unwrap());
        assert_eq!(at("a"), (1, 1));
        assert_eq!(at("b"), (1, 2));
        assert_eq!(at("c"), (2, 1));
        assert_eq!(at("é"), (3, 2));
        assert_eq!(at("f"), (4, 1));
        assert_eq!(lines.position(usize::MAX), (4, 1));
    }

    #[test]
    fn an_excerpt_of_a_long_line_holds_the_place() {
        let text = format!("first\n{}HERE{}", "é".repeat(1000), "x".repeat(1000));
        let lines = Lines::of(&text);
        let at = text.find("HERE").unwrap();
        let (line, column) = lines.position(at);
        let excerpt = lines.excerpt(line, column, at).unwrap();
        assert_eq!(excerpt.text.chars().count(), 400);
        let shown: String = excerpt.text.chars().skip((column - excerpt.column) as usize).take(4).collect();
        assert_eq!(shown, "HERE");
        assert_eq!(lines.excerpt(9, 1, 0), None);
    }

    #[test]
    fn an_end_column_never_leaves_the_line() {
        let lines = Lines::of("ab\ncd");
        assert_eq!(lines.end_column(1, 2, (1, 5)), Some(3));
        assert_eq!(lines.end_column(1, 1, (0, 0)), None);
        assert_eq!(lines.end_column(7, 1, (0, 1)), None);
        let wide = format!("![{}](u)", "x".repeat(WIDEST));
        assert_eq!(Lines::of(&wide).end_column(1, 1, (0, wide.len())), None);
        assert_eq!(Lines::of(&wide).end_column(1, 1, (0, WIDEST)), Some(WIDEST as u32 + 1));
    }
}
