//! Which terms left a page and which entered it. A term left when it stood in what changed and stands nowhere on the new page; its
//! replacement is what the alignment shows in its place.

use std::collections::HashMap;
use std::ops::Range;

use super::TermRemoved;
use super::command::commands_replaced;
use super::edit::{Edit, Side};
use super::term::{self, Kind, LENGTH, Term, Usage, is_plain_capital};
use super::words::{Text, Words, is_word};
use crate::page::BlockKind;

/// Terms reported of one comparison.
const TERMS: usize = 200;

/// Terms before one that are looked at for one that holds it.
const REACH: usize = 100;
/// Places of one comparison at which a replacement is looked for.
const PLACES: usize = 10_000;

/// Terms that left and terms that entered; `usage` is that of the old and of the new page.
pub(super) fn left_and_entered(
    old: &Side<'_>,
    new: &Side<'_>,
    edits: &[Edit],
    usage: (&Usage, &Usage),
    words: &mut Words,
) -> (Vec<TermRemoved>, Vec<String>) {
    let mut removed: Vec<TermRemoved> = Vec::new();
    let mut added: Vec<String> = Vec::new();
    let mut known: HashMap<(bool, String), usize> = HashMap::new();
    let mut places = PLACES;
    for edit in edits {
        if removed.len() >= TERMS && added.len() >= TERMS {
            break;
        }
        let old_terms = edit
            .old
            .map(|at| term::terms(&edit.old_text, &old.block(at).marked, old.kind(at), usage.0, words))
            .unwrap_or_default();
        let new_terms = edit
            .new
            .map(|at| term::terms(&edit.new_text, &new.block(at).marked, new.kind(at), usage.1, words))
            .unwrap_or_default();
        for (gone, come) in commands(edit, old, new) {
            if removed.len() < TERMS && !usage.1.has(gone, words) && !usage.0.has(come, words) {
                known.entry((false, gone.to_owned())).or_insert_with(|| {
                    removed.push(TermRemoved { term: gone.to_owned(), replacement: Some(come.to_owned()) });
                    removed.len() - 1
                });
                known.entry((true, come.to_owned())).or_insert_with(|| {
                    added.push(come.to_owned());
                    added.len() - 1
                });
            }
        }
        let in_old: Vec<Range<usize>> = edit.hunks.iter().map(|hunk| hunk.0.clone()).collect();
        let in_new: Vec<Range<usize>> = edit.hunks.iter().map(|hunk| hunk.1.clone()).collect();
        let replaces = |hunks: &[Range<usize>]| edit.old.is_some() && edit.new.is_some() && !hunks.is_empty();
        for Gone { mut range, whole } in
            gone(&old_terms, &edit.old_text, &in_old, replaces(&in_new), usage.0, usage.1, words)
        {
            if removed.len() >= TERMS {
                break;
            }
            let mut found = None;
            if let Some(left) = places.checked_sub(1) {
                places = left;
                found = replacement(edit, &range, &new_terms);
                // What stands in its place was widened by words that did not change: so is the term, or the two are no pair.
                if found.as_ref().is_some_and(|found| found.is_widened) && whole != range {
                    range = whole;
                    found = replacement(edit, &range, &new_terms);
                }
            }
            let replacement = found.map(|found| found.text);
            let text = name(&edit.old_text, &range);
            if replacement.is_none()
                && (is_lengthened(&range, &old_terms) || is_weak(&edit.old_text, &range, &old_terms, usage.0))
            {
                continue;
            }
            let at = *known.entry((false, text.to_lowercase())).or_insert_with(|| {
                removed.push(TermRemoved { term: text, replacement: None });
                removed.len() - 1
            });
            removed[at].replacement = removed[at].replacement.take().or(replacement);
        }
        for Gone { range: part, whole } in
            gone(&new_terms, &edit.new_text, &in_new, replaces(&in_old), usage.1, usage.0, words)
        {
            if added.len() >= TERMS {
                break;
            }
            // A replacement that is told whole came whole.
            let is_told =
                |text: &str| removed.iter().any(|removed| removed.replacement.as_deref() == Some(text));
            let range = if is_told(&name(&edit.new_text, &whole)) { whole } else { part };
            let text = name(&edit.new_text, &range);
            if !is_told(&text)
                && (is_lengthened(&range, &new_terms) || is_weak(&edit.new_text, &range, &new_terms, usage.1))
            {
                continue;
            }
            known.entry((true, text.to_lowercase())).or_insert_with(|| {
                added.push(text);
                added.len() - 1
            });
        }
    }
    (removed, added)
}

/// The commands of a code block that changed. Those that went without another in their place may be left out for brevity.
fn commands<'a>(edit: &Edit, old: &Side<'a>, new: &Side<'a>) -> Vec<(&'a str, &'a str)> {
    let (Some(was), Some(is)) = (edit.old, edit.new) else { return Vec::new() };
    if old.kind(was) != BlockKind::Code || new.kind(is) != BlockKind::Code {
        return Vec::new();
    }
    commands_replaced(old.text(was), new.text(is))
}

/// A term that is gone, as ranges of words.
struct Gone {
    /// What of it is gone.
    range: Range<usize>,
    /// The term that it is part of.
    whole: Range<usize>,
}

/// Of the terms of one side of an edit those that stood in what changed and are not used on the other page; none inside another.
fn gone(
    terms: &[Term],
    text: &Text,
    hunks: &[Range<usize>],
    replaced: bool,
    own: &Usage,
    other: &Usage,
    words: &mut Words,
) -> Vec<Gone> {
    let mut found: Vec<Gone> = Vec::new();
    for term in terms {
        let Some(range) = gone_part(term, text, hunks, replaced, own, other, words) else { continue };
        // Terms come in order and are short: nothing farther back reaches here.
        let holds = |outer: &Gone| outer.range.start <= range.start && range.end <= outer.range.end;
        if !found.iter().rev().take(REACH).any(holds) {
            let whole = term.words.start.min(range.start)..term.words.end.max(range.end);
            found.push(Gone { range, whole });
        }
    }
    found
}

/// The part of a term that is gone: the changed words alone where they are a name by themselves ("Azure AD" of "Azure AD Connect"), else
/// the whole term, else the term with the common words after it ("OneDrive admin center").
fn gone_part(
    term: &Term,
    text: &Text,
    hunks: &[Range<usize>],
    replaced: bool,
    own: &Usage,
    other: &Usage,
    words: &mut Words,
) -> Option<Range<usize>> {
    let mut touched: Option<Range<usize>> = None;
    let first = hunks.partition_point(|hunk| hunk.end <= term.words.start);
    for hunk in hunks[first..].iter().take_while(|hunk| hunk.start < term.words.end) {
        let (start, end) = (hunk.start.max(term.words.start), hunk.end.min(term.words.end));
        if start < end {
            touched = Some(touched.map_or(start..end, |range| range.start..end));
        }
    }
    let touched = term::trim_joining(text, touched?);
    if touched.is_empty() || (term.kind == Kind::Number && touched.start > term.words.start) {
        // What a number counts has another word now; the number is the same.
        return None;
    }
    let absent = |range: &Range<usize>, words: &mut Words| {
        let part = text.words(range.clone());
        !part.is_empty() && part.len() <= LENGTH && !other.has(part, words)
    };
    if term.kind == Kind::Name && touched.len() < term.words.len() {
        let distinct = touched.len() > 1
            || touched
                .clone()
                .any(|at| !is_plain_capital(text.word(at)) || own.is_established(text.word(at)));
        if distinct && text.word(touched.start).chars().any(char::is_uppercase) && absent(&touched, words) {
            return Some(touched);
        }
    }
    if absent(&term.words, words) {
        return Some(term.words.clone());
    }
    // The name is still used; what it named together with the next words may not be.
    if term.kind != Kind::Name || !replaced || touched.end < term.words.end {
        return None;
    }
    let mut end = term.words.end;
    while end < text.spans.len() && end - term.words.end < 2 && is_common_noun(text, end) {
        end += 1;
    }
    let longer = term.words.start..end;
    (end > term.words.end && absent(&longer, words)).then_some(longer)
}

/// A word that can belong to the name before it: long enough to be no particle, and not set off.
fn is_common_noun(text: &Text, at: usize) -> bool {
    let word = text.word(at);
    word.chars().count() >= 5
        && word.chars().all(char::is_lowercase)
        && text.text[text.spans[at - 1].end..text.spans[at].start] == *" "
}

/// Whether a range is a term with the common words after it.
fn is_lengthened(range: &Range<usize>, terms: &[Term]) -> bool {
    terms.iter().any(|term| term.words.start == range.start && term.words.end < range.end)
        && !terms.iter().any(|term| term.words.start <= range.start && range.end <= term.words.end)
}

/// Whether a term without replacement says too little to be missed: one capitalised word, a short abbreviation.
fn is_weak(text: &Text, range: &Range<usize>, terms: &[Term], usage: &Usage) -> bool {
    if range.len() != 1 {
        return false;
    }
    let word = text.word(range.start);
    let kind = terms.iter().find(|term| term.words == *range).map(|term| term.kind);
    match kind {
        Some(Kind::Name) => {
            (is_plain_capital(word) || word.chars().count() <= 3) && !usage.is_established(word)
        }
        Some(Kind::Marked) => word.chars().count() <= 3 && !word.contains(['-', '_', '.']),
        _ => false,
    }
}

/// What stands in the place of words that are gone: the words of the new side between what aligns before and after them, widened to the
/// term they belong to.
fn replacement(edit: &Edit, range: &Range<usize>, new_terms: &[Term]) -> Option<Replacement> {
    edit.new?;
    edit.old?;
    let new = &edit.new_text;
    let place = term::trim_joining(
        new,
        place_of(edit, range.start, Edge::Start)..place_of(edit, range.end, Edge::End),
    );
    if place.is_empty() || place.end > new.spans.len() {
        return None;
    }
    let overlap =
        |term: &Term| term.words.end.min(place.end).saturating_sub(term.words.start.max(place.start));
    let best = new_terms
        .iter()
        .filter(|term| overlap(term) > 0)
        .max_by_key(|term| (overlap(term), std::cmp::Reverse(term.words.len())));
    let chosen = match best {
        // The place is a name by itself, or part of a longer one.
        Some(term) if term.words.start <= place.start && place.end <= term.words.end && place.len() > 1 => {
            place.clone()
        }
        // It is a name and common words: those that the old term ended with too stay with it.
        Some(term)
            if place.start <= term.words.start
                && term.words.end < place.end
                && place.len() <= range.len() + 2
                && ends_alike(&edit.old_text, range, new, &place) =>
        {
            term.words.start..place.end
        }
        Some(term) => term.words.clone(),
        None if place.len() <= range.len() + 2 && is_kin(&edit.old_text, range, new, &place) => place.clone(),
        None => return None,
    };
    let text = name(new, &chosen);
    let is_widened = chosen.start < place.start || place.end < chosen.end;
    (!text.is_empty() && text.len() <= LENGTH && text != name(&edit.old_text, range))
        .then_some(Replacement { text, is_widened })
}

/// What stands in the place of a term.
struct Replacement {
    text: String,
    /// Whether words beside that place belong to it too.
    is_widened: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

/// The place on the new side: unchanged words map to themselves, changed ones to the edge of the hunk they are in.
fn place_of(edit: &Edit, at: usize, edge: Edge) -> usize {
    let mut shift = 0_isize;
    for (from, to) in &edit.hunks {
        let before = match edge {
            Edge::Start => at < from.start,
            Edge::End => at <= from.start && !(at == from.start && from.is_empty()),
        };
        if before {
            break;
        }
        let inside = match edge {
            Edge::Start => at < from.end,
            Edge::End => at <= from.end,
        };
        if inside {
            return if edge == Edge::Start { to.start } else { to.end };
        }
        shift = to.end as isize - from.end as isize;
    }
    usize::try_from(at as isize + shift).unwrap_or(0)
}

fn ends_alike(old: &Text, range: &Range<usize>, new: &Text, place: &Range<usize>) -> bool {
    old.word(range.end - 1).to_lowercase() == new.word(place.end - 1).to_lowercase()
}

/// Whether two stretches share a word, or the start of one: "Multi-Factor Authentication" and "multifactor authentication".
fn is_kin(old: &Text, range: &Range<usize>, new: &Text, place: &Range<usize>) -> bool {
    let starts = |text: &Text, range: &Range<usize>| -> Vec<String> {
        range
            .clone()
            .map(|at| text.word(at))
            .filter(|word| is_word(word) && word.chars().count() >= 4)
            .map(|word| word.to_lowercase().chars().take(5).collect())
            .collect()
    };
    let known = starts(old, range);
    starts(new, place).iter().any(|start| known.contains(start))
}

/// The words as they stand there, without a possessive at the end.
fn name(text: &Text, range: &Range<usize>) -> String {
    let words = text.words(range.clone());
    words.strip_suffix("'s").filter(|name| !name.is_empty()).unwrap_or(words).to_owned()
}
