//! Text that was meant to be a link and is none: `https: //…`, `https：//…`, `[t] (u)`, `[t](u` with a bracket too many.

use std::ops::Range;

use super::bare;

/// What was meant, and how it would be written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotALink {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    pub(super) message: &'static str,
    pub(super) suggestion: Option<String>,
}

/// Longest stretch that is looked at behind an opening.
const LONGEST: usize = 8192;

/// Finds such text in a paragraph. `escaped` tells whether the character at a place was written with a backslash.
pub(super) fn find(text: &str, escaped: impl Fn(usize) -> bool) -> Vec<NotALink> {
    let mut found = Vec::new();
    schemes(text, &mut found);
    brackets(text, &escaped, &mut found);
    found.sort_by_key(|one| one.range.start);
    found
}

/// A scheme with something wrong between it and its host.
fn schemes(text: &str, found: &mut Vec<NotALink>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < text.len() {
        let wide = text[at..].starts_with(['ｈ', 'Ｈ']);
        let narrow = matches!(bytes[at], b'h' | b'H');
        if !wide && !narrow {
            at += 1;
            while !text.is_char_boundary(at) {
                at += 1;
            }
            continue;
        }
        match broken_scheme(text, at) {
            Some(one) => {
                at = one.range.end;
                found.push(one);
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
}

fn broken_scheme(text: &str, start: usize) -> Option<NotALink> {
    let previous = text[..start].chars().next_back();
    if previous.is_some_and(|c| c.is_ascii_alphanumeric() || c == '+') {
        return None;
    }
    let mut rest = text[start..].chars().peekable();
    let mut at = start;
    let mut word = String::new();
    let mut is_wide = false;
    while let Some(c) = rest.peek().copied() {
        let narrow = narrowed(c);
        if !narrow.is_ascii_alphabetic() || word.len() == 5 {
            break;
        }
        is_wide |= !c.is_ascii();
        word.push(narrow.to_ascii_lowercase());
        at += c.len_utf8();
        rest.next();
    }
    if word != "http" && word != "https" {
        return None;
    }
    let separator = &text[at..];
    let (mut blanks, mut colons, mut slashes) = (0, 0, 0);
    let mut last_was_blank = false;
    while let Some(c) = rest.peek().copied() {
        match narrowed(c) {
            ' ' | '\u{a0}' if blanks < 3 => blanks += 1,
            ':' | ';' if slashes == 0 && colons == 0 => colons += 1,
            '/' | '\\' if slashes < 4 => slashes += 1,
            _ => break,
        }
        last_was_blank = narrowed(c) == ' ';
        is_wide |= is_wide_form(c);
        at += c.len_utf8();
        rest.next();
    }
    let well_formed = !is_wide && separator.starts_with("://") && blanks == 0 && slashes == 2;
    // `http example.org` and `https / x` are prose; two slashes or a colon with one say what was meant.
    let meant = slashes >= 2 || (colons == 1 && slashes == 1);
    if well_formed || !meant || (colons == 0 && blanks > 0) {
        return None;
    }
    let host = host_and_path(&text[at..])?;
    // After a blank, only a host that cannot be a word of the sentence.
    if last_was_blank && !host.split('/').next().is_some_and(|host| host.contains('.')) {
        return None;
    }
    Some(NotALink {
        range: start..at + host.len(),
        message: "this is no URL as it is written",
        suggestion: Some(format!("{word}://{host}")),
    })
}

/// A dotted host and what follows it without a blank.
fn host_and_path(text: &str) -> Option<&str> {
    let limit = text.len().min(LONGEST);
    let limit = (0..=limit).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let text = &text[..limit];
    let host = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')).count();
    let name = text[..host].trim_matches('.');
    let dotted = name.rsplit_once('.').is_some_and(|(before, last)| {
        !before.is_empty() && last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic())
    });
    if !dotted || text.starts_with('.') {
        return None;
    }
    let end = text
        .find(|c: char| {
            c.is_whitespace()
                || matches!(c, '<' | '>' | '`' | ']' | '"')
                || bare::is_full_width_punctuation(c)
                || bare::is_cjk(c)
        })
        .unwrap_or(text.len());
    let whole = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '~', '\'']);
    let opened = whole.contains('(');
    Some(if opened { whole } else { whole.trim_end_matches(')') })
}

/// `[t] (u)`, `[t]（u）`, and `[t](u` that no bracket closes.
fn brackets(text: &str, escaped: &impl Fn(usize) -> bool, found: &mut Vec<NotALink>) {
    let mut from = 0;
    while let Some(close) = text[from..].find(']').map(|at| from + at) {
        from = close + 1;
        let rest = &text[from..];
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if gap > 2 {
            continue;
        }
        let Some(paren) = rest[gap..].chars().next().filter(|c| matches!(c, '(' | '（')) else { continue };
        let url_at = from + gap + paren.len_utf8();
        let inside = &text[url_at..];
        let url_at = url_at + (inside.len() - inside.trim_start_matches(' ').len());
        let Some(bare) = url_here(&text[url_at..]) else { continue };
        if escaped(close) {
            continue;
        }
        // The label may have begun in a piece that is no text any more, such as a link within.
        let window = close.saturating_sub(LONGEST);
        let open = text.as_bytes()[window..close].iter().rposition(|b| *b == b'[').map(|at| window + at);
        if open.is_some_and(|open| escaped(open) || text[open..].starts_with("[!"))
            || (open.is_none() && gap > 0)
        {
            continue;
        }
        let url_end = url_at + bare.len();
        let after = &text[url_end..];
        let closing = after.chars().next().filter(|c| matches!(c, ')' | '）')).map_or(0, char::len_utf8);
        let start = open.unwrap_or(close);
        // Where the bracket closes further on, what the author meant as the URL goes on up to there, and is not known.
        let cut_off = closing == 0
            && after
                .chars()
                .take_while(|c| *c != '\n')
                .find(|c| matches!(c, '(' | '（' | ')' | '）'))
                .is_some_and(|c| matches!(c, ')' | '）'));
        let label = open.filter(|_| !cut_off).map(|open| &text[open + 1..close]);
        let suggestion = label.filter(|label| !label.contains(['[', '\n'])).map(|label| {
            let plain = balanced(bare);
            if plain { format!("[{label}]({bare})") } else { format!("[{label}](<{bare}>)") }
        });
        let message = if gap > 0 {
            "a space between `]` and `(` keeps this from being a link"
        } else if paren == '（' {
            "full-width brackets keep this from being a link"
        } else {
            "brackets that do not match keep this from being a link"
        };
        found.push(NotALink { range: start..url_end + closing, message, suggestion });
        from = url_end;
    }
}

/// The absolute URL that `text` begins with, as far as it is bare.
fn url_here(text: &str) -> Option<&str> {
    let absolute = ["https://", "http://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    if !absolute {
        return None;
    }
    bare::at_start(text)
}

fn balanced(url: &str) -> bool {
    let mut depth = 0_i32;
    for byte in url.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// The ASCII form of a full-width character.
fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

fn is_wide_form(c: char) -> bool {
    narrowed(c) != c
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Text, and what of it was meant, with the suggestion.
    type Row = (&'static str, &'static [(&'static str, Option<&'static str>)]);

    #[test]
    fn text_that_was_meant_to_be_a_link_is_found_with_what_to_write() {
        let rows: &[Row] = &[
            ("see https: //x.example/a.", &[("https: //x.example/a", Some("https://x.example/a"))]),
            ("https:/x.example/a", &[("https:/x.example/a", Some("https://x.example/a"))]),
            ("https：//x.example/a", &[("https：//x.example/a", Some("https://x.example/a"))]),
            ("ＨＴＴＰＳ://x.example/a。", &[("ＨＴＴＰＳ://x.example/a", Some("https://x.example/a"))]),
            ("https:// x.example/a", &[("https:// x.example/a", Some("https://x.example/a"))]),
            ("http//x.example", &[("http//x.example", Some("http://x.example"))]),
            ("https:\\\\x.example", &[("https:\\\\x.example", Some("https://x.example"))]),
            ("https:///x.example/", &[("https:///x.example/", Some("https://x.example/"))]),
            ("[t] (https://x.example/a)", &[("[t] (https://x.example/a)", Some("[t](https://x.example/a)"))]),
            (
                "[t]（https://x.example/a）",
                &[("[t]（https://x.example/a）", Some("[t](https://x.example/a)"))],
            ),
            (
                "[c](https://x.example/y(v=1)",
                &[("[c](https://x.example/y(v=1)", Some("[c](https://x.example/y(v=1))"))],
            ),
            ("[t](https://x\texample.net/) b", &[("[t](https://x", None)]),
            ("[t](https://x\u{fffd}\u{0}example.net/) b", &[("[t](https://x\u{fffd}", None)]),
            ("[t] (https://x.example/a \"b\")", &[("[t] (https://x.example/a", None)]),
            (
                "[t](https://x.example/a and (b)",
                &[("[t](https://x.example/a", Some("[t](https://x.example/a)"))],
            ),
            ("https://x.example/ http: the protocol, https / TLS, https:// <tenant>", &[]),
            ("use http or https. //x.example", &[]),
            ("[1] (see below) and [x] (a/b)", &[]),
            ("https:// is the scheme", &[]),
        ];
        for (text, expected) in rows {
            let found = find(text, |_| false);
            let shown: Vec<_> =
                found.iter().map(|n| (&text[n.range.clone()], n.suggestion.as_deref())).collect();
            assert_eq!(shown, *expected, "{text}");
        }
        assert_eq!(find("\\[t](https://x.example/)", |at| at == 1), []);
    }

    proptest! {
        #[test]
        fn never_panics(text in "([hHtTpPsS:：/／\\\\ 。().\\[\\]（）a-c]|https?){0,60}|\\PC{0,60}") {
            for one in find(&text, |_| false) {
                prop_assert!(text.get(one.range).is_some());
            }
        }
    }
}
