//! The block of metadata at an entry's start, read leniently: what is wrong with it is a problem at its line, and never
//! costs the entry.

use std::ops::Range;

use chrono::NaiveDate;

use super::draft::{self, Collected, DraftReference};
use super::position::Lines;
use super::silence::TO_THE_END;
use super::{FrontMatterValue, Kind, ProblemKind, ReadOptions, Silence, bare, yaml};

/// Larger blocks are not parsed.
const LARGEST: usize = 256 << 10;

/// Longest value kept, in bytes.
const LONGEST_VALUE: usize = 4096;

/// Most values kept.
const MOST_VALUES: usize = 2000;

/// Keys whose misspelling is noticed (SPEC §2).
const KNOWN_KEYS: [&str; 8] = [
    "title",
    "ms.date",
    "ms.custom",
    "ms.sourcegitcommit",
    "ms.openlocfilehash",
    "ms.translationtype",
    "ms.lasthandoff",
    "ms.contentlocale",
];

/// Reads the block, if there is one, and returns where the body begins.
pub(super) fn read(text: &str, lines: &Lines<'_>, options: &ReadOptions, out: &mut Collected) -> usize {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let Some(block) = find_block(text, start, out) else { return start };
    let first = lines.line_of(start);
    let last = lines.line_of(block.end.saturating_sub(1).max(start));
    out.front_matter.lines = Some((first, last));
    let content = &text[block.content.clone()];
    urls(content, block.content.start, out);
    if block.fence == Fence::Toml {
        out.problem(
            ProblemKind::FrontMatter,
            start..start + 3,
            "front matter between `+++` (TOML) is not read: write YAML between `---`",
            None,
        );
    } else if content.len() > LARGEST {
        out.problem(
            ProblemKind::FrontMatter,
            start..start + 3,
            format!(
                "front matter of {} KiB is not read: the limit is {} KiB",
                content.len() >> 10,
                LARGEST >> 10
            ),
            None,
        );
    } else {
        values(content, block.content.start, lines, out);
        check_keys(content, block.content.start, out);
        dates(options, lines, out);
        silence(out);
    }
    block.end
}

#[derive(PartialEq, Clone, Copy)]
enum Fence {
    Yaml,
    Toml,
}

struct Block {
    fence: Fence,
    /// Between the delimiters.
    content: Range<usize>,
    /// After the closing delimiter's line.
    end: usize,
}

fn find_block(text: &str, start: usize, out: &mut Collected) -> Option<Block> {
    let mut lines = line_ranges(text, start);
    let opening = lines.next()?;
    let fence = match text[opening.0.clone()].trim_end() {
        "---" => Fence::Yaml,
        "+++" => Fence::Toml,
        _ => return None,
    };
    let content_start = opening.1;
    let mut first_key = None;
    let mut blank = true;
    for (line, next) in lines {
        let written = &text[line.clone()];
        let closes = match fence {
            Fence::Yaml => matches!(written.trim_end(), "---" | "..."),
            Fence::Toml => written.trim_end() == "+++",
        };
        if closes {
            // Between two thematic breaks stands text, not metadata.
            let metadata = blank || first_key.is_some();
            return metadata.then_some(Block { fence, content: content_start..line.start, end: next });
        }
        if first_key.is_none() && is_key_line(written, fence) {
            first_key = Some(blank);
        }
        blank &= written.trim().is_empty();
    }
    if first_key == Some(true) {
        out.problem(
            ProblemKind::FrontMatter,
            opening.0,
            "the front matter that begins here is never closed: `---` is missing",
            None,
        );
    }
    None
}

/// Ranges of lines without their ends, and where the next begins.
fn line_ranges(text: &str, start: usize) -> impl Iterator<Item = (Range<usize>, usize)> + '_ {
    let mut at = start;
    std::iter::from_fn(move || {
        if at >= text.len() {
            return None;
        }
        let rest = &text[at..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let end_length =
            if rest[length..].starts_with("\r\n") { 2 } else { usize::from(length < rest.len()) };
        let line = at..at + length;
        at += length + end_length;
        Some((line, at))
    })
}

fn is_key_line(line: &str, fence: Fence) -> bool {
    let separator = if fence == Fence::Yaml { ':' } else { '=' };
    let line = line.trim_start_matches(['{', ' ', '\t']);
    line.split_once(separator).is_some_and(|(key, value)| {
        let key = key.trim().trim_matches(['"', '\'']);
        !key.is_empty()
            && key.len() <= 100
            && key
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/' | '@' | '$'))
            && (separator == '=' || value.is_empty() || value.starts_with([' ', '\t']))
    })
}

fn values(content: &str, at: usize, lines: &Lines<'_>, out: &mut Collected) {
    let mut document = yaml::read(content);
    if let (false, Some(mistake)) = (document.complete, document.mistakes.last()) {
        // What stands on the line of the mistake was cut by it.
        let line = lines.line_of(at + mistake.offset);
        document.scalars.retain(|scalar| lines.line_of(at + scalar.range.start) != line);
    }
    for scalar in document.scalars.into_iter().take(MOST_VALUES) {
        out.front_matter.values.push(FrontMatterValue {
            key: if scalar.path.is_empty() { scalar.key } else { scalar.path },
            value: bounded(&scalar.value),
            // A value that is left out at the very end stands on the last line, not on the delimiter's.
            line: lines.line_of(at + scalar.range.start.min(content.len().saturating_sub(1))),
        });
    }
    for mistake in document.mistakes {
        let place = at + mistake.offset;
        out.problem(ProblemKind::FrontMatter, place..place, mistake.message, None);
    }
    if !document.complete {
        by_line(content, at, lines, out);
    }
}

/// What can be had of a block that is no YAML: the plain `key: value` lines.
fn by_line(content: &str, at: usize, lines: &Lines<'_>, out: &mut Collected) {
    for (line, _) in line_ranges(content, 0) {
        let written = &content[line.clone()];
        if written.starts_with([' ', '\t', '#', '-']) || !is_key_line(written, Fence::Yaml) {
            continue;
        }
        let Some((key, value)) = written.split_once(':') else { continue };
        let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'']));
        let values = &mut out.front_matter.values;
        if !value.is_empty() && values.len() < MOST_VALUES && !values.iter().any(|known| known.key == key) {
            values.push(FrontMatterValue {
                key: key.to_owned(),
                value: bounded(value),
                line: lines.line_of(at + line.start),
            });
        }
    }
}

fn bounded(value: &str) -> String {
    let mut kept = String::new();
    for c in value.chars() {
        if kept.len() + c.len_utf8() > LONGEST_VALUE {
            break;
        }
        kept.push(c);
    }
    kept
}

/// Absolute URLs in values, wherever they stand; comments are passed over.
fn urls(content: &str, at: usize, out: &mut Collected) {
    if !content.contains("://") {
        return;
    }
    for (line, _) in line_ranges(content, 0) {
        let written = &content[line.clone()];
        let comment = comment_start(written);
        let written = &written[..comment];
        let key = draft::bounded(written.split_once(':').map_or("", |(key, _)| key.trim()));
        for bare in bare::find(written, None, &mut Vec::new()) {
            let url = &written[bare.range.clone()];
            if !bare.prefix.is_empty() || !url.contains("://") {
                continue;
            }
            // In `[a, b]` and `{a: b}` a comma or a bracket ends the value.
            let length = url.find([',', '{', '}', '|', '"', '\'']).unwrap_or(url.len());
            let from = at + line.start + bare.range.start;
            let range = from..from + length;
            out.reference(DraftReference {
                offset: range.clone(),
                destination: range,
                kind: Kind::FrontMatter,
                text: key.clone(),
                url: url[..length].to_owned(),
            });
        }
    }
}

/// Where a YAML comment begins: a `#` at the start or after a blank, outside quotes.
fn comment_start(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        let after_blank = at == 0 || matches!(bytes[at - 1], b' ' | b'\t');
        match (quote, byte) {
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'"' | b'\'') if after_blank || matches!(bytes[at - 1], b'[' | b',' | b'{' | b':') => {
                quote = Some(*byte);
            }
            (None, b'#') if after_blank => return at,
            _ => {}
        }
    }
    line.len()
}

/// Keys that are one slip away from a known one that is missing.
fn check_keys(content: &str, at: usize, out: &mut Collected) {
    let mut found = Vec::new();
    for (line, _) in line_ranges(content, 0) {
        let written = &content[line.clone()];
        if written.starts_with([' ', '\t', '#', '-']) || !is_key_line(written, Fence::Yaml) {
            continue;
        }
        let Some((key, _)) = written.split_once(':') else { continue };
        let key = key.trim();
        let word = key.rsplit(' ').next().unwrap_or(key);
        let meant = KNOWN_KEYS.iter().find(|known| {
            (word == key || known.contains('.'))
                && key != **known
                && is_one_slip(word, known)
                && out.front_matter.get(known).is_none()
        });
        if let Some(meant) = meant {
            found.push((at + line.start..at + line.start + key.len(), key.to_owned(), (*meant).to_owned()));
        }
    }
    for (range, key, meant) in found {
        let message = format!("`{key}` is no known key");
        out.problem(ProblemKind::FrontMatter, range, message, Some(meant));
    }
}

/// Whether one letter added, left out or changed, or two exchanged, makes `b` of `a`; case does not count.
fn is_one_slip(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_ascii_lowercase().into_bytes(), b.as_bytes());
    if a == b || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[same_start..], &b[same_start..]);
    match (rest_a, rest_b) {
        ([x1, x2, tail_a @ ..], [y1, y2, tail_b @ ..]) if x1 == y2 && x2 == y1 && tail_a == tail_b => true,
        ([_, tail_a @ ..], [_, tail_b @ ..]) if tail_a == tail_b => true,
        ([_, tail_a @ ..], rest_b) if tail_a == rest_b => true,
        (rest_a, [_, tail_b @ ..]) => rest_a == tail_b,
        _ => false,
    }
}

/// The entry's own date, and dates that are none.
fn dates(options: &ReadOptions, lines: &Lines<'_>, out: &mut Collected) {
    let mut wrong: Vec<(String, String, u32)> = Vec::new();
    for key in [options.date_key.as_str(), "ms.date", "ms.lasthandoff"] {
        let Some(value) = out.front_matter.get(key) else { continue };
        let date = date(&value.value);
        if date.is_none() && !wrong.iter().any(|(known, ..)| known == key) {
            wrong.push((key.to_owned(), value.value.clone(), value.line));
        }
        if key == options.date_key {
            out.front_matter.date = date;
        }
    }
    for (key, value, line) in wrong {
        let shown: String = value.chars().filter(|c| !c.is_control()).take(40).collect();
        let start = lines.start_of(line);
        let message = match shown.trim() {
            "" => format!("`{key}` is empty: MM/DD/YYYY or YYYY-MM-DD is expected"),
            shown => format!("`{key}: {shown}` is no date: MM/DD/YYYY or YYYY-MM-DD is expected"),
        };
        out.problem(ProblemKind::FrontMatter, start..start, message, None);
    }
}

/// `MM/DD/YYYY`, `YYYY-MM-DD`, `YYYY/MM/DD`, each with a time of day or without, for the years 1990 to 2200.
fn date(value: &str) -> Option<NaiveDate> {
    let day = value.trim().split(['T', ' ', 't']).next().unwrap_or_default();
    let separator = if day.contains('/') { '/' } else { '-' };
    let mut parts = day.split(separator).map(|part| {
        (part.len() <= 4 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
            .map(|number| (number, part.len()))
    });
    let (first, second, third) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match (first, second, third) {
        ((year, 4), (month, 1..=2), (day, 1..=2)) => (year, month, day),
        ((month, 1..=2), (day, 1..=2), (year, 4)) if separator == '/' => (year, month, day),
        _ => return None,
    };
    (1990..=2200)
        .contains(&year)
        .then(|| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day))
        .flatten()
}

/// `linkdrift: { ignore: [rule, …], reason: "…" }`.
fn silence(out: &mut Collected) {
    let reason = out.front_matter.get("linkdrift.reason").map(|value| value.value.clone());
    let rules = out.front_matter.values.iter().filter(|value| value.key == "linkdrift.ignore");
    let silenced: Vec<_> = rules
        .map(|rule| Silence {
            lines: (1, TO_THE_END),
            rule: Some(rule.value.clone()),
            reason: reason.clone(),
        })
        .collect();
    out.silenced.extend(silenced);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{EntryRead, read as read_entry};
    use crate::source::Syntax;

    /// Text, lines of the block, number of problems.
    type Row = (&'static str, Option<(u32, u32)>, usize);

    fn entry(text: &str) -> EntryRead {
        read_entry(Syntax::Markdown, text, &ReadOptions::default())
    }

    #[test]
    fn f10_values_have_keys_and_lines() {
        let text = "\u{feff}---\r\ntitle: \"A: b\"\r\nms.date: 03/25/2021\r\nms.custom:\r\n- '12'\r\n- x\r\na: {b: c}\r\n---\r\nbody";
        let read = entry(text);
        let values: Vec<_> =
            read.front_matter.values.iter().map(|v| (v.key.as_str(), v.value.as_str(), v.line)).collect();
        assert_eq!(
            values,
            [
                ("title", "A: b", 2),
                ("ms.date", "03/25/2021", 3),
                ("ms.custom", "12", 5),
                ("ms.custom", "x", 6),
                ("a.b", "c", 7)
            ]
        );
        assert_eq!(read.front_matter.lines, Some((1, 8)));
        assert_eq!(read.front_matter.date, NaiveDate::from_ymd_opt(2021, 3, 25));
        assert_eq!(read.problems, []);
    }

    #[test]
    fn f04_f05_dates_are_read_in_three_forms_and_wrong_ones_are_problems() {
        for (value, expected) in [
            ("03/25/2021", Some((2021, 3, 25))),
            ("2021-03-25", Some((2021, 3, 25))),
            ("2021/3/5", Some((2021, 3, 5))),
            ("2021-03-25T10:00:00+02:00", Some((2021, 3, 25))),
            ("25.03.2021", None),
            ("2026-02-30", None),
            ("0000-01-01", None),
            ("10000-01-01", None),
            ("12:30", None),
            ("no", None),
            ("012", None),
            ("1e3", None),
            ("1989-12-31", None),
            ("null", None),
            ("~", None),
        ] {
            let read = entry(&format!("---\ntitle: t\nms.date: {value}\n---\n"));
            assert_eq!(
                read.front_matter.date,
                expected.and_then(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d)),
                "{value}"
            );
            let lines: Vec<_> = read.problems.iter().map(|p| p.line).collect();
            assert_eq!(lines, if expected.is_some() { vec![] } else { vec![3] }, "{value}");
        }
    }

    #[test]
    fn a_bad_block_is_a_problem_at_its_line_and_costs_nothing_else() {
        let read = entry("---\ntitle: Foo: bar\nms.date: 01/02/2020\n---\n[a](https://x.example/)\n");
        assert_eq!(read.problems.len(), 1);
        assert_eq!((read.problems[0].kind, read.problems[0].line), (ProblemKind::FrontMatter, 2));
        assert_eq!(read.front_matter.title(), Some("Foo: bar"));
        assert_eq!(read.front_matter.date, NaiveDate::from_ymd_opt(2020, 1, 2));
        assert_eq!(read.references.len(), 1);
        assert_eq!(read.references[0].line, 5);
    }

    #[test]
    fn blocks_begin_and_end_where_they_should() {
        let rows: &[Row] = &[
            ("no block", None, 0),
            ("---\n---\nx", Some((1, 2)), 0),
            ("---\ntitle: t\n", None, 1),
            ("---\n", None, 0),
            ("---\n\n# Heading\n\n---\n", None, 0),
            ("---\ntitle: t\n...\nx", Some((1, 3)), 0),
            ("+++\ntitle = \"t\"\n+++\nx", Some((1, 3)), 1),
            ("\n---\ntitle: t\n---\n", None, 0),
            ("---\na: 1\na: 2\n---\n", Some((1, 4)), 1),
            ("---\nms.dat: 01/01/2020\n---\n", Some((1, 3)), 1),
            ("---\nbroken-s ms.custm: 1\n---\n", Some((1, 3)), 1),
            ("---\nx: [[[[\n---\n", Some((1, 3)), 1),
            ("---\nx: !!python/object:a.b {c: 1}\n<<: *none\n---\n", Some((1, 4)), 1),
        ];
        for (text, lines, problems) in rows {
            let read = entry(text);
            assert_eq!(read.front_matter.lines, *lines, "{text:?}");
            assert_eq!(read.problems.len(), *problems, "{text:?}: {:?}", read.problems);
        }
    }

    #[test]
    fn urls_in_values_are_references_and_those_in_comments_are_not() {
        let text = "---\ntitle: \"See https://x.example/t\"\nr: [https://x.example/a, https://x.example/b#f] # https://x.example/no\n# https://x.example/no\n---\n";
        let read = entry(text);
        let urls: Vec<_> =
            read.references.iter().map(|r| (r.kind, r.url.as_str(), r.line, r.column)).collect();
        assert_eq!(
            urls,
            [
                (Kind::FrontMatter, "https://x.example/t", 2, 13),
                (Kind::FrontMatter, "https://x.example/a", 3, 5),
                (Kind::FrontMatter, "https://x.example/b#f", 3, 26),
            ]
        );
    }

    #[test]
    fn an_entry_can_silence_rules() {
        let read = entry("---\nlinkdrift: { ignore: [link/broken, entry/age], reason: \"moving\" }\n---\n");
        let rules: Vec<_> = read.silenced.iter().map(|s| (s.rule.as_deref(), s.reason.as_deref())).collect();
        assert_eq!(rules, [(Some("link/broken"), Some("moving")), (Some("entry/age"), Some("moving"))]);
    }

    #[test]
    fn a_value_left_out_at_the_end_is_inside_the_block() {
        let read = entry("---\ntitle: x\n? a\n---\n");
        assert!(
            read.front_matter.values.iter().all(|value| value.line < 4),
            "{:?}",
            read.front_matter.values
        );
        assert_eq!(read.front_matter.get("a").map(|value| value.line), Some(3));
    }

    #[test]
    fn f02_bombs_are_read_fast() {
        let mut bomb = String::from("---\na0: &a0 [x, x]\n");
        for n in 1..40 {
            bomb.push_str(&format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}, *a{0}]\n", n - 1));
        }
        bomb.push_str("---\n[a](https://x.example/)\n");
        assert_eq!(entry(&bomb).references.len(), 1);
        let deep = format!("---\nx: {}\n---\n[a](u)", "[".repeat(10_000));
        assert_eq!(entry(&deep).references.len(), 1);
        let large = format!("---\nx: {}\n---\n[a](u)", "y".repeat(5 << 20));
        assert_eq!((entry(&large).references.len(), entry(&large).problems.len()), (1, 1));
    }
}
