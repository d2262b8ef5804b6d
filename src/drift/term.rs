//! Terms: what a page calls things. Product names, interface labels, menu paths, commands and numbers with their unit, found by form
//! and markup, not by a vocabulary. A term left a page when it stood in what changed and stands nowhere on the new page.

use std::collections::HashMap;
use std::ops::Range;

use super::TermRemoved;
use super::edit::{Edit, Side};
use super::words::{Text, is_word, without_grouping};

/// Terms reported of one comparison, words and characters of one term.
const TERMS: usize = 200;
const WORDS: usize = 8;
const LENGTH: usize = 100;

/// What kind of term a stretch of words is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A number with what it counts.
    Number,
    /// Words with capitals.
    Name,
    /// Set apart by the author: bold, code, keys, quotation marks.
    Marked,
    /// By its form: a command, parameter, file or host name.
    Command,
}

/// A term in a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) words: Range<usize>,
    pub(super) kind: Kind,
}

/// All words of a page, to ask whether a term is there.
#[derive(Debug)]
pub(super) struct Usage {
    /// Words in lower case between single spaces.
    text: String,
    /// How a word is written in running text: whether it also occurs in lower case.
    lower: std::collections::HashSet<String>,
    /// Whether the language writes common nouns with capitals, as German does.
    capitals_are_common: bool,
}

impl Usage {
    pub(super) fn of(side: &Side<'_>, words: &mut super::words::Words) -> Self {
        let mut text = String::from(" ");
        let mut lower = std::collections::HashSet::new();
        let (mut capital, mut running) = (0, 0);
        for (at, normal) in side.normal.iter().enumerate() {
            let read = words.read(normal);
            let is_prose = matches!(
                side.kind(at),
                crate::page::BlockKind::Paragraph
                    | crate::page::BlockKind::ListItem
                    | crate::page::BlockKind::Step
            );
            for index in 0..read.spans.len() {
                let word = read.word(index);
                let start = word.chars().next();
                if start.is_some_and(char::is_lowercase) && word.len() < 40 {
                    lower.insert(word.to_owned());
                }
                if is_prose && !starts_sentence(&read, index) && word.chars().all(char::is_alphabetic) {
                    running += 1;
                    capital += usize::from(start.is_some_and(char::is_uppercase));
                }
                text.push_str(&without_grouping(word).to_lowercase());
                text.push(' ');
            }
            text.push_str("\u{1} ");
        }
        Self { text, lower, capitals_are_common: running >= 40 && capital * 100 > running * 22 }
    }

    /// Whether these words stand somewhere on the page, in any case.
    pub(super) fn has(&self, term: &str, words: &mut super::words::Words) -> bool {
        let read = words.read(term);
        let mut needle = String::from(" ");
        for at in 0..read.spans.len() {
            needle.push_str(&without_grouping(read.word(at)).to_lowercase());
            needle.push(' ');
        }
        self.text.contains(&needle)
    }
}

/// Terms of a block, from left to right; the longer of those that start alike first.
pub(super) fn terms(
    text: &Text,
    marked: &[String],
    usage: &Usage,
    words: &mut super::words::Words,
) -> Vec<Term> {
    let mut terms = Vec::new();
    for label in marked {
        let label = words.read(label);
        let length = label.keys.len();
        if length == 0 || length > WORDS || !label.text.chars().any(char::is_alphabetic) {
            continue;
        }
        for at in 0..(text.keys.len() + 1).saturating_sub(length) {
            if text.keys[at..at + length] == label.keys[..] {
                terms.push(Term { words: trim(text, at..at + length), kind: Kind::Marked });
            }
        }
    }
    let mut at = 0;
    while at < text.spans.len() {
        if is_command(text.word(at)) {
            terms.push(Term { words: at..at + 1, kind: Kind::Command });
        }
        if text.word(at).starts_with(|c: char| c.is_ascii_digit()) {
            if let Some(term) = number(text, at) {
                terms.push(Term { words: term, kind: Kind::Number });
            }
            at += 1;
            continue;
        }
        let end = name_end(text, at);
        if end > at {
            let mut start = at;
            // The first word of a sentence has its capital for that; it belongs to the name unless the page also writes it small.
            if starts_sentence(text, at)
                && is_plain_capital(text.word(at))
                && (end - at == 1 || usage.lower.contains(&text.word(at).to_lowercase()))
            {
                start = at + 1;
            }
            let alone = end - start == 1;
            if start < end
                && is_word(text.word(start))
                && !(alone
                    && (usage.capitals_are_common || text.word(start).chars().count() < 2)
                    && is_plain_capital(text.word(start)))
            {
                terms.push(Term { words: start..end, kind: Kind::Name });
            }
            at = end;
        } else {
            at += 1;
        }
    }
    terms.retain(|term| {
        !term.words.is_empty() && term.words.len() <= WORDS && text.words(term.words.clone()).len() <= LENGTH
    });
    terms.sort_by_key(|term| (term.words.start, std::cmp::Reverse(term.words.end)));
    terms.dedup_by(|later, earlier| later.words == earlier.words);
    terms
}

/// Terms that left and terms that entered.
pub(super) fn left_and_entered(
    old: &Side<'_>,
    new: &Side<'_>,
    edits: &[Edit],
    usage: (&Usage, &Usage),
    words: &mut super::words::Words,
) -> (Vec<TermRemoved>, Vec<String>) {
    let mut removed: Vec<TermRemoved> = Vec::new();
    let mut added: Vec<String> = Vec::new();
    let mut known: HashMap<(bool, String), usize> = HashMap::new();
    for edit in edits {
        let old_terms = edit
            .old
            .map(|at| terms(&edit.old_text, &old.block(at).marked, usage.0, words))
            .unwrap_or_default();
        let new_terms = edit
            .new
            .map(|at| terms(&edit.new_text, &new.block(at).marked, usage.1, words))
            .unwrap_or_default();
        for term in &old_terms {
            if removed.len() >= TERMS {
                break;
            }
            let Some((range, text)) =
                gone(term, &edit.old_text, edit.hunks.iter().map(|hunk| &hunk.0), usage.1, words)
            else {
                continue;
            };
            let replacement = replacement(edit, &range, &new_terms, usage.0, words);
            let at = *known.entry((false, text.to_lowercase())).or_insert_with(|| {
                removed.push(TermRemoved { term: text, replacement: None });
                removed.len() - 1
            });
            removed[at].replacement = removed[at].replacement.take().or(replacement);
        }
        for term in &new_terms {
            if added.len() >= TERMS {
                break;
            }
            let Some((_, text)) =
                gone(term, &edit.new_text, edit.hunks.iter().map(|hunk| &hunk.1), usage.0, words)
            else {
                continue;
            };
            known.entry((true, text.to_lowercase())).or_insert_with(|| {
                added.push(text);
                added.len() - 1
            });
        }
    }
    (removed, added)
}

/// The part of a term that stood in what changed and is not used on the other page: the changed words alone where they are a name by
/// themselves ("Azure AD" of "Azure AD portal"), else the whole term.
fn gone<'a>(
    term: &Term,
    text: &Text,
    hunks: impl Iterator<Item = &'a Range<usize>>,
    other: &Usage,
    words: &mut super::words::Words,
) -> Option<(Range<usize>, String)> {
    let mut touched: Option<Range<usize>> = None;
    for hunk in hunks {
        let start = hunk.start.max(term.words.start);
        let end = hunk.end.min(term.words.end);
        if start < end {
            touched = Some(touched.map_or(start..end, |range| range.start..end));
        }
    }
    let touched = trim(text, touched?);
    if term.kind == Kind::Number && touched.start > term.words.start {
        // What it counts has another word now; the number is the same.
        return None;
    }
    if term.kind == Kind::Name && touched.len() < term.words.len() && !touched.is_empty() {
        let part = text.words(touched.clone());
        let is_name = touched
            .clone()
            .any(|at| !is_plain_capital(text.word(at)) && text.word(at).chars().any(char::is_uppercase))
            || touched.len() > 1;
        if is_name && part.chars().any(char::is_alphabetic) && !other.has(part, words) {
            return Some((touched.clone(), part.to_owned()));
        }
    }
    let whole = text.words(term.words.clone());
    (!whole.is_empty() && !other.has(whole, words)).then(|| (term.words.clone(), whole.to_owned()))
}

/// What stands in the place of words that are gone: the words of the new side between what aligns before and after them, widened to the
/// term they belong to.
fn replacement(
    edit: &Edit,
    range: &Range<usize>,
    new_terms: &[Term],
    old: &Usage,
    words: &mut super::words::Words,
) -> Option<String> {
    edit.new?;
    edit.old?;
    // The place on the new side: unchanged words map to themselves, changed ones to the hunk they are in.
    let map = |at: usize, end: bool| -> usize {
        let mut shift = 0_isize;
        for (from, to) in &edit.hunks {
            if at < from.start || (end && at == from.start && !from.is_empty()) {
                break;
            }
            if at < from.end || (end && at == from.end) {
                return if end { to.end } else { to.start };
            }
            shift = to.end as isize - from.end as isize;
        }
        usize::try_from(at as isize + shift).unwrap_or(0)
    };
    let place = map(range.start, false)..map(range.end, true);
    if place.is_empty() || place.end > edit.new_text.spans.len() {
        return None;
    }
    let place = trim(&edit.new_text, place);
    let overlapping =
        new_terms.iter().filter(|term| term.words.start < place.end && place.start < term.words.end);
    let best = overlapping.max_by_key(|term| {
        (
            term.words.end.min(place.end) - term.words.start.max(place.start),
            std::cmp::Reverse(term.words.len()),
        )
    });
    let chosen = match best {
        // The whole place is a name, or part of one: as it stands there.
        Some(term) if place.len() <= term.words.len() + 2 => {
            if term.words.start <= place.start && place.end <= term.words.end && place.len() > 1 {
                place
            } else {
                term.words.clone()
            }
        }
        Some(term) => term.words.clone(),
        None if place.len() <= 5 && place.len() <= range.len() + 3 => place,
        None => return None,
    };
    let text = edit.new_text.words(chosen);
    let _ = (old, words);
    (!text.is_empty() && text.len() <= LENGTH).then(|| text.to_owned())
}

/// Drops punctuation at both ends.
fn trim(text: &Text, mut range: Range<usize>) -> Range<usize> {
    while !range.is_empty() && !is_word(text.word(range.start)) {
        range.start += 1;
    }
    while !range.is_empty() && !is_word(text.word(range.end - 1)) {
        range.end -= 1;
    }
    range
}

/// Where a name that starts at `at` ends: capitalised words, numbers after them, and small joining words between them.
fn name_end(text: &Text, at: usize) -> usize {
    if !is_capital(text.word(at)) {
        return at;
    }
    let mut end = at + 1;
    let mut here = end;
    while here < text.spans.len() && here - at < WORDS {
        let word = text.word(here);
        // Punctuation ends a name, except what joins ("R&D", "iOS/iPadOS").
        if is_capital(word)
            || (word.starts_with(|c: char| c.is_ascii_digit())
                && text.spans[here].start > text.spans[here - 1].end
                && here == end)
        {
            here += 1;
            end = here;
        } else if here == end
            && here + 1 < text.spans.len()
            && is_capital(text.word(here + 1))
            && matches!(word, "for" | "of" | "and" | "&" | "/" | "de" | "für" | "del" | "da")
        {
            here += 1;
        } else {
            break;
        }
    }
    end
}

/// A number and what it counts: `30 days`, `10 GB`, `5.1`, `50%`. A lone small number is a numbering, not a fact.
fn number(text: &Text, at: usize) -> Option<Range<usize>> {
    let value = text.word(at);
    let next = text.word(at + 1);
    let close = at + 1 < text.spans.len();
    if close && next == "%" {
        return Some(at..at + 2);
    }
    if close
        && next.chars().all(char::is_alphabetic)
        && !next.is_empty()
        && next.chars().count() <= 14
        && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    {
        return Some(at..at + 2);
    }
    (value.chars().filter(char::is_ascii_digit).count() >= 2).then_some(at..at + 1)
}

fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_alphabetic)
        && word.chars().any(char::is_uppercase)
        && !is_command(word)
}

/// Only the first letter is a capital.
fn is_plain_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
        && !word.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit())
}

/// `Get-Mailbox`, `-Identity`, `file_name.ext`, `contoso.com`: what is written as a machine reads it.
pub(super) fn is_command(word: &str) -> bool {
    let inner = |sign: char| word.char_indices().any(|(at, c)| c == sign && at > 0 && at + 1 < word.len());
    if word.starts_with('-') {
        return word.len() > 2;
    }
    if inner('_') || word.contains('@') {
        return true;
    }
    if inner('.') {
        return word.chars().any(char::is_alphabetic) && word.len() > 4 && word.is_ascii();
    }
    // A verb and a noun, both with a capital and in one more capital or a long noun: PowerShell's form.
    word.split_once('-').is_some_and(|(verb, noun)| {
        verb.len() > 1
            && noun.chars().filter(|c| c.is_uppercase()).count() >= 1
            && verb.chars().next().is_some_and(char::is_uppercase)
            && noun.chars().next().is_some_and(char::is_uppercase)
            && !noun.contains('-')
            && matches!(
                verb,
                "Add"
                    | "Approve"
                    | "Clear"
                    | "Close"
                    | "Compare"
                    | "Complete"
                    | "Confirm"
                    | "Connect"
                    | "Convert"
                    | "ConvertFrom"
                    | "ConvertTo"
                    | "Copy"
                    | "Debug"
                    | "Deny"
                    | "Disable"
                    | "Disconnect"
                    | "Dismount"
                    | "Enable"
                    | "Enter"
                    | "Exit"
                    | "Expand"
                    | "Export"
                    | "Find"
                    | "Format"
                    | "Get"
                    | "Grant"
                    | "Group"
                    | "Hide"
                    | "Import"
                    | "Initialize"
                    | "Install"
                    | "Invoke"
                    | "Join"
                    | "Limit"
                    | "Lock"
                    | "Measure"
                    | "Merge"
                    | "Mount"
                    | "Move"
                    | "New"
                    | "Open"
                    | "Optimize"
                    | "Out"
                    | "Ping"
                    | "Pop"
                    | "Protect"
                    | "Publish"
                    | "Push"
                    | "Read"
                    | "Receive"
                    | "Redo"
                    | "Register"
                    | "Remove"
                    | "Rename"
                    | "Repair"
                    | "Request"
                    | "Reset"
                    | "Resize"
                    | "Resolve"
                    | "Restart"
                    | "Restore"
                    | "Resume"
                    | "Revoke"
                    | "Save"
                    | "Search"
                    | "Select"
                    | "Send"
                    | "Set"
                    | "Show"
                    | "Skip"
                    | "Sort"
                    | "Split"
                    | "Start"
                    | "Step"
                    | "Stop"
                    | "Submit"
                    | "Suspend"
                    | "Switch"
                    | "Sync"
                    | "Test"
                    | "Trace"
                    | "Unblock"
                    | "Undo"
                    | "Uninstall"
                    | "Unlock"
                    | "Unprotect"
                    | "Unpublish"
                    | "Unregister"
                    | "Update"
                    | "Upgrade"
                    | "Use"
                    | "Wait"
                    | "Watch"
                    | "Where"
                    | "Write"
                    | "Tee"
                    | "Edit"
                    | "Block"
                    | "Backup"
            )
    })
}

/// Whether a word stands where a sentence starts.
fn starts_sentence(text: &Text, at: usize) -> bool {
    let mut before = at;
    while before > 0 {
        before -= 1;
        let word = text.word(before);
        if matches!(word, "\"" | "'" | "(" | "[" | "*" | "«" | "-") {
            continue;
        }
        return matches!(word, "." | ":" | "!" | "?" | "|" | ";" | "…" | "•" | "。" | "¿" | "¡");
    }
    true
}
