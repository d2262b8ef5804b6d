//! Ignore comments: our own dialect and that of markdown-link-check.

use std::ops::Range;

use super::Silence;
use super::position::Lines;

/// To the end of the entry.
pub(super) const TO_THE_END: u32 = u32::MAX;

/// Reads the HTML comments of an entry, in any order.
pub(super) fn from_comments(comments: &[(Range<usize>, String)], lines: &Lines<'_>) -> Vec<Silence> {
    let mut comments: Vec<_> = comments.iter().collect();
    comments.sort_by_key(|(range, _)| range.start);
    let mut silenced = Vec::new();
    let mut open_ours: Vec<Silence> = Vec::new();
    let mut open_theirs: Option<u32> = None;
    for (range, text) in comments {
        let (first, last) = (lines.line_of(range.start), lines.line_of(range.end.saturating_sub(1)));
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match word {
            "markdown-link-check-disable" => {
                open_theirs.get_or_insert(first);
            }
            "markdown-link-check-enable" => {
                if let Some(from) = open_theirs.take() {
                    silenced.push(Silence { lines: (from, last), rule: None, reason: None });
                }
            }
            "markdown-link-check-disable-line" => {
                silenced.push(Silence { lines: (first, last), rule: None, reason: None });
            }
            "markdown-link-check-disable-next-line" => {
                silenced.push(Silence { lines: (last + 1, last + 1), rule: None, reason: None });
            }
            "linkdrift-ignore" => {
                let alone = lines.text_of(first).trim_start().starts_with("<!--")
                    && lines.text_of(last).trim_end().ends_with("-->");
                silenced.push(ours(rest, first, if alone { last + 1 } else { last }));
            }
            "linkdrift-ignore-next-line" => silenced.push(ours(rest, last + 1, last + 1)),
            "linkdrift-ignore-start" => open_ours.push(ours(rest, first, TO_THE_END)),
            "linkdrift-ignore-end" => {
                if let Some(mut silence) = open_ours.pop() {
                    silence.lines.1 = last;
                    silenced.push(silence);
                }
            }
            _ => {}
        }
    }
    silenced.extend(open_ours);
    if let Some(from) = open_theirs {
        silenced.push(Silence { lines: (from, TO_THE_END), rule: None, reason: None });
    }
    silenced
}

/// `[rule] reason`; a rule is a word with a slash, such as `link/broken`.
fn ours(rest: &str, first: u32, last: u32) -> Silence {
    let rest = rest.trim();
    let (word, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let is_rule = |word: &str| {
        word.split_once('/').is_some_and(|(group, name)| {
            let plain = |part: &str| {
                !part.is_empty()
                    && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            };
            plain(group) && plain(name)
        })
    };
    let (rule, reason) = if is_rule(word) { (Some(word.to_owned()), reason) } else { (None, rest) };
    let reason = reason.trim();
    Silence { lines: (first, last), rule, reason: (!reason.is_empty()).then(|| reason.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{ReadOptions, read};
    use crate::source::Syntax;

    /// First line, last line, rule, reason.
    type Row = (u32, u32, Option<&'static str>, Option<&'static str>);

    #[test]
    fn both_dialects_are_read() {
        let rows: &[(&str, &[Row])] = &[
            (
                "<!-- markdown-link-check-disable -->\nx\n<!-- markdown-link-check-enable -->\n",
                &[(1, 3, None, None)],
            ),
            ("x\n\n<!-- markdown-link-check-disable -->\nx\n", &[(3, TO_THE_END, None, None)]),
            ("x <!-- markdown-link-check-disable-line -->\ny", &[(1, 1, None, None)]),
            ("<!-- markdown-link-check-disable-next-line -->\ny", &[(2, 2, None, None)]),
            (
                "a <!-- linkdrift-ignore link/broken known since May -->",
                &[(1, 1, Some("link/broken"), Some("known since May"))],
            ),
            (
                "<!-- linkdrift-ignore answers inside only -->\nb",
                &[(1, 2, None, Some("answers inside only"))],
            ),
            (
                "<!-- linkdrift-ignore-start link/malformed x -->\n\na\n\n<!-- linkdrift-ignore-end -->\n",
                &[(1, 5, Some("link/malformed"), Some("x"))],
            ),
            ("`<!-- linkdrift-ignore in code -->`", &[]),
        ];
        for (text, expected) in rows {
            let read = read(Syntax::Markdown, text, &ReadOptions::default());
            let found: Vec<_> = read
                .silenced
                .iter()
                .map(|s| (s.lines.0, s.lines.1, s.rule.as_deref(), s.reason.as_deref()))
                .collect();
            assert_eq!(found, *expected, "{text:?}");
        }
    }
}
