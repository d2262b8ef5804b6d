//! Terms: what a page calls things. Product names, interface labels, menu paths, commands and numbers with their unit, found by form
//! and markup, not by a vocabulary.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::command::{UNITS, is_command};
use super::edit::Side;
use super::words::{Text, Words, is_word, without_grouping};
use crate::page::BlockKind;

/// Bytes that all searches of one page together go through.
const SEARCH: usize = 512 << 20;
/// Words and bytes of one term.
const WORDS: usize = 8;
pub(super) const LENGTH: usize = 100;

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

/// How a page uses words.
#[derive(Debug)]
pub(super) struct Usage {
    /// All words in lower case between single spaces.
    text: String,
    /// Bytes of it that may still be searched.
    search: Cell<usize>,
    /// Words that occur with a capital where no sentence starts, and how often.
    capitals: HashMap<String, usize>,
    /// Whether the language writes common nouns with capitals, as German does.
    capitals_are_common: bool,
    /// Whether its script has no capitals, so that a Latin word has its capital for its own sake even at the start of a sentence.
    is_uncased: bool,
}

impl Usage {
    pub(super) fn of(side: &Side<'_>, words: &mut Words) -> Self {
        let mut text = String::from(" ");
        let mut capitals: HashMap<String, usize> = HashMap::new();
        let (mut capital, mut small, mut running) = (0, 0, 0);
        for (at, normal) in side.normal.iter().enumerate() {
            let read = words.read(normal);
            let is_prose = matches!(
                side.kind(at),
                BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Step | BlockKind::Quote
            );
            for index in 0..read.spans.len() {
                let word = read.word(index);
                if is_prose && word.starts_with(char::is_alphabetic) && !starts_sentence(&read, index) {
                    running += 1;
                    small += usize::from(word.starts_with(char::is_lowercase));
                    if word.starts_with(char::is_uppercase) {
                        capital += 1;
                        *capitals.entry(word.to_owned()).or_insert(0) += 1;
                    }
                }
                push_folded(&mut text, word);
            }
            // Words of different blocks do not make a phrase.
            text.push_str("\u{1} ");
        }
        Self {
            text,
            search: Cell::new(SEARCH),
            capitals,
            capitals_are_common: running >= 40 && capital * 100 > running * 22,
            is_uncased: running >= 5 && small * 100 < running * 25,
        }
    }

    /// Whether these words stand somewhere on the page, in any case. On a page of so many terms that all searching together would take
    /// long, the later ones count as there: a term is said to be gone only where that is known.
    pub(super) fn has(&self, term: &str, words: &mut Words) -> bool {
        let Some(left) = self.search.get().checked_sub(self.text.len()) else { return true };
        self.search.set(left);
        let read = words.read(term);
        let mut needle = String::from(" ");
        for at in 0..read.spans.len() {
            push_folded(&mut needle, read.word(at));
        }
        self.text.contains(&needle)
    }

    /// Whether a capitalised word is used as a name: with its capital inside sentences, and more than once.
    pub(super) fn is_established(&self, word: &str) -> bool {
        !self.capitals_are_common && self.capitals.get(word).is_some_and(|count| *count > 1)
    }
}

fn push_folded(text: &mut String, word: &str) {
    let word = word.strip_suffix("'s").unwrap_or(word);
    text.push_str(&without_grouping(word).to_lowercase());
    text.push(' ');
}

/// Terms of a block, from left to right; the longer of those that start alike first.
pub(super) fn terms(
    text: &Text,
    marked: &[String],
    kind: BlockKind,
    usage: &Usage,
    words: &mut Words,
) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut edges: HashSet<usize> = HashSet::new();
    for label in marked {
        let label = words.read(label);
        let length = label.keys.len();
        if length == 0 || length > WORDS || !label.text.chars().any(char::is_alphabetic) {
            continue;
        }
        for at in 0..(text.keys.len() + 1).saturating_sub(length) {
            if text.keys[at..at + length] != label.keys[..] {
                continue;
            }
            edges.extend([at, at + length]);
            // The title of a note is no term.
            if !(kind == BlockKind::Quote && at == 0 && text.word(length) == ":") {
                terms.push(Term { words: trim_end(text, at..at + length), kind: Kind::Marked });
            }
        }
    }
    let mut at = 0;
    while at < text.spans.len() {
        let word = text.word(at);
        if is_command(word) {
            terms.push(Term { words: at..at + 1, kind: Kind::Command });
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            if let Some(words) = number(text, at) {
                terms.push(Term { words, kind: Kind::Number });
            }
            at += 1;
            continue;
        }
        let end = name_end(text, at, &edges);
        if end > at {
            // The first word of a sentence has its capital for that, unless it is a name elsewhere too.
            let borrowed = !usage.is_uncased
                && starts_sentence(text, at)
                && is_plain_capital(word)
                && (end - at == 1 || !usage.capitals.contains_key(word));
            let start = if borrowed { at + 1 } else { at };
            let words = trim_joining(text, start..end);
            let is_common = words.len() == 1
                && is_plain_capital(text.word(words.start))
                && (usage.capitals_are_common || text.word(words.start).chars().count() < 3);
            if !words.is_empty() && !is_common {
                terms.push(Term { words, kind: Kind::Name });
            }
            at = end;
        } else {
            at += 1;
        }
    }
    terms.retain(|term| {
        !term.words.is_empty() && term.words.len() <= WORDS && text.words(term.words.clone()).len() <= LENGTH
    });
    terms.sort_by_key(|term| {
        (term.words.start, std::cmp::Reverse(term.words.end), std::cmp::Reverse(term.kind))
    });
    terms.dedup_by(|later, earlier| later.words == earlier.words);
    terms
}

/// Drops what ends a sentence or a clause: "**Save.**" is a label and a full stop.
fn trim_end(text: &Text, mut range: Range<usize>) -> Range<usize> {
    while !range.is_empty() && matches!(text.word(range.end - 1), "." | "," | ":" | ";" | "。" | "、" | "：")
    {
        range.end -= 1;
    }
    range
}

/// Drops punctuation and joining words at both ends.
pub(super) fn trim_joining(text: &Text, mut range: Range<usize>) -> Range<usize> {
    let loose = |word: &str| !is_word(word) || is_joining(word);
    while !range.is_empty() && loose(text.word(range.start)) {
        range.start += 1;
    }
    while !range.is_empty() && loose(text.word(range.end - 1)) {
        range.end -= 1;
    }
    range
}

/// Small words inside a name ("OneDrive for Business", "Quality of Service").
fn is_joining(word: &str) -> bool {
    matches!(
        word,
        "for"
            | "of"
            | "and"
            | "or"
            | "the"
            | "&"
            | "a"
            | "an"
            | "in"
            | "on"
            | "to"
            | "de"
            | "für"
            | "del"
            | "da"
            | "du"
            | "la"
    )
}

/// Where a name that starts at `at` ends: capitalised words, numbers after them, and small joining words between them.
fn name_end(text: &Text, at: usize, edges: &HashSet<usize>) -> usize {
    if !is_capital(text.word(at)) {
        return at;
    }
    let mut end = at + 1;
    while end < text.spans.len() && end - at < WORDS && !edges.contains(&end) {
        let word = text.word(end);
        let touches = text.spans[end].start == text.spans[end - 1].end;
        let next_is_capital = end + 1 < text.spans.len() && is_capital(text.word(end + 1));
        if is_capital(word) && (!touches || !is_word(text.word(end - 1)))
            || (!touches && is_name_number(word) && is_word(text.word(end - 1)))
        {
            end += 1;
        } else if next_is_capital
            && !edges.contains(&(end + 1))
            && (matches!(word, "for" | "of" | "für" | "de") && !starts_sentence(text, at)
                || (touches && matches!(word, "/" | "&")))
        {
            end += 2;
        } else {
            break;
        }
    }
    end
}

/// A number that can be part of a name ("Office 365", "Windows 11", "Server 2019").
fn is_name_number(word: &str) -> bool {
    word.len() <= 6 && word.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// A number and what it counts: `30 days`, `10 GB`, `5.1`, `50%`. A lone small number is a numbering, not a fact.
fn number(text: &Text, at: usize) -> Option<Range<usize>> {
    let value = text.word(at);
    if !value.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return None;
    }
    let next = text.word(at + 1);
    if next == "%" || UNITS.contains(&next.to_lowercase().as_str()) {
        return Some(at..at + 2);
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let year = value.len() == 4 && (value.starts_with("19") || value.starts_with("20"));
    // Part of a name, a date or a path it is no fact of its own.
    let alone = !is_capital(text.word(at.wrapping_sub(1)))
        && !matches!(text.word(at + 1), "/" | ":" | "\\")
        && !matches!(text.word(at.wrapping_sub(1)), "/" | ":" | "\\");
    (alone && !year && (digits >= 3 || value.contains('.'))).then_some(at..at + 1)
}

pub(super) fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_alphabetic)
        && word.chars().any(char::is_uppercase)
        && !is_command(word)
}

/// Only the first letter is a capital.
pub(super) fn is_plain_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
        && !word.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit())
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
