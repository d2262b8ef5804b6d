//! `content/term-outdated`: the entry still uses a term that upstream dropped.
//!
//! One finding per term and entry, at the first place in the running text; the other lines are told with it. The term must be specific
//! (a name, a label, a command), gone from the new page, and stand in what a reader of the entry sees.

mod place;

use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use place::{Company, OldTexts, Spot, company, is_plain, is_use};

use super::prose::{Case, Words, code, masked};
use super::{changed, drifts, evidence, is_unconfirmed};
use crate::config::{Severity, TermTable};
use crate::drift::{BlockChange, TermRemoved};
use crate::rule::checking::Silenced;
use crate::rule::link::names_a_place;
use crate::rule::place::{Lines, brief};
use crate::rule::{Draft, DriftView, EntryView, ReferenceView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "content/term-outdated",
    severity: Severity::Error,
    says: "the entry still uses a term that upstream dropped",
    check,
};

/// So many terms of one drift are looked for.
const TERMS: usize = 200;
/// So many words a term has at most.
const LONGEST: usize = 12;
/// So many lines from a link to the page an entry still speaks of it.
const NEAR: u32 = 5;

/// A term to look for, and where it comes from.
struct Wanted<'v> {
    term: Words<'v>,
    text: &'v str,
    case: Case,
    /// Whether it is a command of several words, which counts only where the entry has it as code.
    is_code: bool,
    removed: &'v TermRemoved,
    /// What upstream says in its place: as the comparison shows, else as the term table has it.
    replacement: Option<&'v str>,
    drift: &'v DriftView,
    upstream: Rc<Words<'v>>,
    references: Vec<&'v ReferenceView>,
}

fn check(ctx: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    let mut wanted = wanted(view, ctx.term_table);
    if wanted.is_empty() {
        return;
    }
    // The longest name first: what it covers is no place of a shorter one.
    // Of one name, that which says what came in its place.
    wanted.sort_by_key(|wanted| (std::cmp::Reverse(wanted.term.words().len()), wanted.replacement.is_none()));
    let masked = masked(view.text, view.read);
    let entry = Words::of(view.text, &masked);
    let lines = Lines::of(view.text);
    let code = code(view.text);
    // Names that look like one that is gone, and are not.
    let unchanged: Vec<Range<usize>> = ctx.term_table.unchanged(view.text).collect();
    let is_unchanged = |bytes: &Range<usize>| {
        unchanged
            .iter()
            .any(|name| name.start <= bytes.start && bytes.end <= name.end && name.len() > bytes.len())
    };
    let mut taken = vec![false; entry.words().len()];
    let mut done = HashSet::new();
    let silenced = Silenced::of(&view.read.silenced, &RULE);
    for wanted in &wanted {
        if !done.insert(wanted.text.to_lowercase()) {
            continue;
        }
        let found = entry.find(&wanted.term, wanted.case);
        let is_plain = wanted.term.words().len() == 1 && is_plain(wanted.text);
        let old_texts = (is_plain && !found.is_empty()).then(|| OldTexts::of(wanted));
        let mut places: Vec<Place> = Vec::new();
        for words in found {
            let bytes = entry.bytes(&words);
            if taken[words.clone()].contains(&true) {
                continue;
            }
            taken[words.clone()].fill(true);
            let line = lines.line(bytes.start);
            let spot = Spot { view, entry: &entry, words: &words, bytes: &bytes };
            let used = !is_unchanged(&bytes)
                && is_use(spot, wanted)
                && (!wanted.is_code || is_whole_code(view.text, &code, &bytes));
            let sure = match &old_texts {
                Some(old) if used => company(spot, old),
                _ => Company::None,
            };
            if used && sure != Company::Name && !silenced.holds(line) {
                places.push(Place { bytes, line, is_doubtful: sure == Company::Doubtful });
            }
        }
        if !places.is_empty() {
            drafts.push(draft(view, &lines, wanted, &places));
        }
    }
}

/// Where a term stands.
struct Place {
    bytes: Range<usize>,
    line: u32,
    /// Whether it may be part of another product's name.
    is_doubtful: bool,
}

fn draft(view: &EntryView<'_>, lines_of: &Lines<'_>, wanted: &Wanted<'_>, places: &[Place]) -> Draft {
    let body = view.read.front_matter.lines.map_or(0, |(_, last)| last);
    let first = places.iter().find(|place| place.line > body).unwrap_or(&places[0]);
    let since = wanted.drift.since.format("%Y-%m-%d");
    let mut message = match wanted.replacement {
        Some(replacement) => {
            format!("“{}” is “{}” upstream since {since}", brief(wanted.text), brief(replacement))
        }
        None => format!("upstream no longer says “{}”, since {since}", brief(wanted.text)),
    };
    let mut lines: Vec<u32> = places.iter().map(|place| place.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let others: Vec<String> = lines.iter().filter(|line| **line != first.line).map(u32::to_string).collect();
    match others.len() {
        0 => {}
        count @ 1..=10 => {
            let noun = if count == 1 { "line" } else { "lines" };
            message.push_str(&format!("; also on {noun} {}", others.join(", ")));
        }
        count => message.push_str(&format!("; also on {count} other lines")),
    }
    let reference = wanted.references.first();
    let target =
        reference.and_then(|reference| reference.resolution.target.as_ref()).map(ToString::to_string);
    let mut evidence = evidence(wanted.drift, proof(wanted.drift, wanted.text));
    evidence.term = Some(wanted.removed.term.clone());
    evidence.replacement = wanted.replacement.map(str::to_owned);
    if lines.len() > 1 {
        lines.truncate(100);
        evidence.lines = lines;
    }
    Draft {
        subject: wanted.removed.term.clone(),
        offset: (first.bytes.start, first.bytes.end),
        line: first.line,
        column: lines_of.position(first.bytes.start).1,
        severity: (!is_certain(wanted, places)).then_some(Severity::Warning),
        unconfirmed: is_unconfirmed(wanted.drift),
        message,
        cause: match wanted.replacement {
            Some(replacement) => format!("{} → {replacement}", wanted.removed.term),
            None => wanted.removed.term.clone(),
        },
        target,
        evidence,
        suggestion: wanted.replacement.map(str::to_owned),
    }
}

/// A page that no longer mentions a name has not renamed it. Where nothing stands in its place, the entry is wrong for certain only
/// where it speaks of the page: near a link to it.
fn is_certain(wanted: &Wanted<'_>, places: &[Place]) -> bool {
    let near = |place: &Place| {
        wanted.references.iter().any(|reference| reference.reference.line.abs_diff(place.line) <= NEAR)
    };
    let is_sure = |place: &Place| !place.is_doubtful;
    places.iter().any(is_sure) && (wanted.replacement.is_some() || places.iter().any(near))
}

/// The blocks that show the term leave.
fn showing<'d>(drift: &'d DriftView, term: &str) -> impl Iterator<Item = &'d BlockChange> + use<'d> {
    let term = term.to_owned();
    let shows = move |block: &&BlockChange| {
        let phrase = Words::of(&term, &[]);
        block.old.as_deref().is_some_and(|old| !Words::of(old, &[]).find(&phrase, Case::Folded).is_empty())
    };
    drift.drift.blocks.iter().take(2000).filter(shows)
}

/// What proves that the term left: blocks that show it, else the first that changed.
fn proof<'d>(drift: &'d DriftView, term: &str) -> impl Iterator<Item = &'d BlockChange> + use<'d> {
    let mut blocks: Vec<&BlockChange> = showing(drift, term).take(3).collect();
    if blocks.is_empty() {
        blocks = drift.drift.blocks.iter().take(3).collect();
    }
    blocks.into_iter()
}

/// Terms of all drifts that are specific and gone.
fn wanted<'v>(view: &'v EntryView<'_>, table: &'v TermTable) -> Vec<Wanted<'v>> {
    let mut wanted = Vec::new();
    for (drift, references) in drifts(view) {
        let mut upstream: Option<Rc<Words<'_>>> = None;
        for removed in drift.drift.terms_removed.iter().take(TERMS) {
            for text in [Some(removed.term.as_str()), name_in(removed)].into_iter().flatten() {
                let text = text.trim();
                let term = Words::of(text, &[]);
                let is_code = is_command_line(text);
                let Some(case) = specific(text, &term).or(is_code.then_some(Case::Exact)) else { continue };
                let is_code = is_code && specific(text, &term).is_none();
                let upstream = upstream.get_or_insert_with(|| Rc::new(Words::of(&drift.new_text, &[])));
                if still_used(upstream, &term, case) {
                    continue;
                }
                let replacement = replacement(text, removed, drift, table);
                let references = leaning(&references, drift, text, replacement);
                if references.is_empty() {
                    continue;
                }
                let upstream = upstream.clone();
                wanted.push(Wanted {
                    term,
                    text,
                    case,
                    is_code,
                    removed,
                    replacement,
                    drift,
                    upstream,
                    references,
                });
            }
        }
    }
    wanted
}

/// What stands for a name now. What the term table has for it is surer than what stands in its place: that may be a longer label.
fn replacement<'v>(
    name: &str,
    removed: &'v TermRemoved,
    drift: &DriftView,
    table: &'v TermTable,
) -> Option<&'v str> {
    let Some(shown) = removed.replacement.as_deref() else { return renamed_to(name, drift, table) };
    match table.successor(name) {
        Some(renamed) if !renamed.to.iter().any(|new| new == shown) => renamed.to.first().map(String::as_str),
        _ => Some(shown),
    }
}

/// What the term table has for a name, where the page says so now.
fn renamed_to<'v>(name: &str, drift: &DriftView, table: &'v TermTable) -> Option<&'v str> {
    let renamed = table.successor(name)?;
    renamed.to.iter().map(String::as_str).find(|new| drift.new_text.contains(new))
}

/// The references whose part of the page used the term. A name that was replaced is gone from all of it; one that just left was left
/// out of the sections that it stood in, which is nothing to a link that names another section.
fn leaning<'v>(
    references: &[&'v ReferenceView],
    drift: &DriftView,
    term: &str,
    replacement: Option<&str>,
) -> Vec<&'v ReferenceView> {
    let sections: Vec<&str> = match replacement {
        Some(_) => Vec::new(),
        None => showing(drift, term).map(|block| block.section.as_str()).collect(),
    };
    let leans = |reference: &&&ReferenceView| {
        let whole = reference.resolution.fragment.as_deref().is_none_or(|fragment| !names_a_place(fragment));
        whole || sections.is_empty() || sections.iter().any(|section| changed::names(reference, section))
    };
    references.iter().filter(leans).copied().collect()
}

/// The proper name inside a longer label, where the name itself was replaced: `Office 365` of `Office 365 group`, which is now
/// `Microsoft 365 group`. The rest of the label is usually translated, the name is not.
fn name_in(removed: &TermRemoved) -> Option<&str> {
    let (old, new) = (leading_name(&removed.term)?, leading_name(removed.replacement.as_deref()?)?);
    (old != new && old != removed.term && old.split_whitespace().count() >= 2).then_some(old)
}

/// The capitalised and numeric words at the start of a label.
fn leading_name(label: &str) -> Option<&str> {
    let mut end = 0;
    for word in label.split_inclusive(char::is_whitespace) {
        if !word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) {
            break;
        }
        end += word.len();
    }
    let name = label[..end].trim_end();
    (!name.is_empty() && name.starts_with(char::is_uppercase)).then_some(name)
}

/// How a term is looked for; `None` where it says too little to be held against an entry: numbers, short tokens, common words.
fn specific(text: &str, term: &Words<'_>) -> Option<Case> {
    let words = term.words();
    if words.is_empty() || words.len() > LONGEST || text.len() > 200 || !text.chars().any(char::is_alphabetic)
    {
        return None;
    }
    let spaced: Vec<&str> = words.iter().map(|word| &text[word.range.clone()]).collect();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if !text.is_ascii() && !text.chars().any(|c| c.is_uppercase() || c.is_lowercase()) {
        // A script without letter case: long enough to be no common word.
        return (letters >= 4).then_some(Case::Exact);
    }
    match spaced.as_slice() {
        [word] => {
            let upper = word.chars().filter(|c| c.is_uppercase()).count();
            let proper = word.starts_with(char::is_uppercase) && word.chars().count() >= 4;
            let abbreviation = upper >= 3 && word.chars().all(|c| c.is_uppercase() || c.is_ascii_digit());
            let compound = word.contains('_')
                || (letters >= 4 && upper >= 1 && word.chars().skip(1).any(char::is_uppercase));
            (proper || abbreviation || compound).then_some(Case::Exact)
        }
        _ => {
            let named = spaced.iter().any(|word| word.starts_with(char::is_uppercase));
            let command = !text.contains(char::is_whitespace)
                && text.contains(['-', '/', '\\', '.', '_'])
                && letters >= 5;
            let code = text.starts_with(['-', '/', '$']) && letters >= 3;
            ((named && letters >= 4) || command || code).then_some(Case::Folded)
        }
    }
}

/// `docker-compose up`, `deskctl user create`: a command and its words, which are common ones wherever they are no code.
fn is_command_line(text: &str) -> bool {
    let words = || text.split(' ');
    (2..=6).contains(&words().count())
        && text.len() >= 8
        && text.is_ascii()
        && words().all(|word| {
            word.bytes().any(|byte| byte.is_ascii_lowercase())
                && word.bytes().all(|byte| {
                    byte.is_ascii_lowercase()
                        || byte.is_ascii_digit()
                        || matches!(byte, b'-' | b'_' | b'.' | b'/' | b'=' | b':' | b'@')
                })
        })
}

/// Whether a command stands in code with nothing written on to it.
fn is_whole_code(text: &str, code: &[Range<usize>], bytes: &Range<usize>) -> bool {
    let at = code.partition_point(|range| range.end < bytes.end);
    let inside = code.get(at).is_some_and(|range| range.start <= bytes.start && bytes.end <= range.end);
    let apart = |c: char| {
        c.is_whitespace() || matches!(c, '`' | '<' | '>' | '"' | '\'' | ';' | '|' | '&' | '(' | ')' | '$')
    };
    inside
        && text[..bytes.start].chars().next_back().is_none_or(apart)
        && text[bytes.end..].chars().next().is_none_or(apart)
}

/// Whether upstream still uses the term. Inside a longer name that goes on with a code (`Azure AD B2C`, `Office 365 E3`) it is
/// another name.
fn still_used(upstream: &Words<'_>, term: &Words<'_>, case: Case) -> bool {
    upstream.find(term, case).iter().any(|words| !upstream.next_beside(words).is_some_and(is_code))
}

/// `B2C`, `E3`, `DS`, `2019`.
fn is_code(word: &str) -> bool {
    (2..=5).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && (word.len() == 2 || word.bytes().any(|byte| byte.is_ascii_digit()))
}
