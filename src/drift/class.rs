//! How much a drift matters. The signals, each with its reason:
//!
//! - **Volume of information.** Words that came or went without a counterpart carry information; words that replaced words mostly do not.
//!   Little of it is a fact, much of it is another text.
//! - **Structure.** A section with text of its own that came or went, steps or rows that came or went, a command line that changed.
//! - **Facts.** A number, a term (name, label, command), a negation or a duty (not, must) that changed.
//!
//! A replacement that happens again and again (a renamed product) is one fact.

mod vocabulary;

use std::collections::{HashMap, HashSet};

use vocabulary::{DUTIES, HARMLESS, NEGATING, NEGATIONS, NUMBERS, TURNING};

use super::edit::{Edit, Edits, Side};
use super::words::{Text, is_word, without_grouping};
use super::{BlockOp, Change};
use crate::page::BlockKind;

/// What a comparison shows, in numbers.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// Words that came or went without a counterpart.
    pub(super) information: usize,
    /// Of these, in blocks that came or went whole.
    pub(super) whole_blocks: usize,
    /// Sections with text of their own that came or went.
    pub(super) sections: usize,
    /// Steps that came or went.
    pub(super) steps: usize,
    /// List items, table rows and code that came or went.
    pub(super) items: usize,
    /// Different facts that changed: numbers, negations, duties, command lines.
    pub(super) facts: usize,
    /// Terms that left or entered the page.
    pub(super) terms: usize,
    /// Blocks that stand elsewhere.
    pub(super) moved: usize,
    /// Words that differ at all, of all words of both sides.
    pub(super) differing: usize,
    pub(super) all: usize,
    /// Different edits: the same words replaced by the same words count once.
    pub(super) distinct: usize,
}

impl Signals {
    pub(super) fn of(old: &Side<'_>, new: &Side<'_>, edits: &Edits, terms: usize, all: usize) -> Self {
        let numbers = (numbers(old), numbers(new));
        let mut signals = Self { terms, all, ..Self::default() };
        let mut seen: HashSet<(String, String)> = HashSet::new();
        let mut facts: HashSet<(String, String)> = HashSet::new();
        for (old_text, new_text) in replaced(old, new, &edits.list) {
            let words = |text: &Text| text.words(0..text.spans.len()).to_lowercase();
            facts.insert((words(old_text), words(new_text)));
        }
        for edit in &edits.list {
            let kind = edit
                .new
                .map(|at| new.kind(at))
                .or(edit.old.map(|at| old.kind(at)))
                .unwrap_or(BlockKind::Paragraph);
            match edit.op {
                BlockOp::Moved => signals.moved += 1,
                BlockOp::Added | BlockOp::Removed => {
                    let text = if edit.op == BlockOp::Added { &edit.new_text } else { &edit.old_text };
                    let words = text.count(0..text.spans.len());
                    signals.differing += words;
                    signals.distinct += 1;
                    match kind {
                        BlockKind::Heading => {}
                        BlockKind::Step => signals.steps += 1,
                        BlockKind::ListItem | BlockKind::TableRow | BlockKind::Code => signals.items += 1,
                        BlockKind::Paragraph | BlockKind::Quote | BlockKind::Image => {}
                    }
                    signals.information += words;
                    signals.whole_blocks += words;
                }
                BlockOp::Changed => signals.changed(edit, kind, &numbers, &mut seen, &mut facts),
            }
        }
        signals.sections = sections(old, new, edits);
        signals.facts = facts.len();
        signals
    }

    fn changed(
        &mut self,
        edit: &Edit,
        kind: BlockKind,
        numbers: &(HashSet<String>, HashSet<String>),
        seen: &mut HashSet<(String, String)>,
        facts: &mut HashSet<(String, String)>,
    ) {
        let (mut gone_words, mut come_words) = (Vec::new(), Vec::new());
        let (mut gone_signs, mut come_signs) = (Vec::new(), Vec::new());
        for (in_old, in_new) in &edit.hunks {
            let (gone, come) = (edit.old_text.count(in_old.clone()), edit.new_text.count(in_new.clone()));
            self.differing += gone + come;
            let texts = (
                edit.old_text.words(in_old.clone()).to_lowercase(),
                edit.new_text.words(in_new.clone()).to_lowercase(),
            );
            if texts.0 == texts.1 || !seen.insert(texts.clone()) {
                continue;
            }
            self.distinct += 1;
            if kind == BlockKind::Heading {
                continue;
            }
            if kind == BlockKind::Code {
                facts.insert(texts);
                continue;
            }
            // Up to so many words the longer side may have more than the other and still be another wording of it.
            let surplus = gone.abs_diff(come);
            if surplus > 3 {
                self.information += surplus;
            }
            gone_words.extend(in_old.clone().map(|at| edit.old_text.word(at)));
            come_words.extend(in_new.clone().map(|at| edit.new_text.word(at)));
            gone_signs.extend(in_old.clone().filter_map(|at| sign(&edit.old_text, at)));
            come_signs.extend(in_new.clone().filter_map(|at| sign(&edit.new_text, at)));
        }
        if gone_words.is_empty() && come_words.is_empty() {
            return;
        }
        facts.extend(fact_words(&gone_words, &come_words, numbers));
        gone_signs.sort_unstable();
        come_signs.sort_unstable();
        if gone_signs != come_signs {
            facts.insert((gone_signs.concat(), come_signs.concat()));
        }
        if negating(&edit.old_text.text) != negating(&edit.new_text.text) {
            facts.insert((gone_words.concat(), come_words.concat()));
        }
    }

    /// The class.
    pub(super) fn class(&self) -> Change {
        let fraction = self.differing as f64 / self.all.max(1) as f64;
        if self.sections > 0 && self.whole_blocks >= 15
            || self.steps >= 3
            || self.whole_blocks >= 80
            || self.information >= 120
            || fraction >= 0.3 && self.differing >= 20
        {
            return Change::Substantive;
        }
        if self.information >= 12
            || self.whole_blocks >= 4
            || self.steps + self.items > 0
            || self.facts > 0
            || self.terms > 0
        {
            return Change::Minor;
        }
        Change::Cosmetic
    }
}

/// Facts among the words that left a block and those that came: a number that replaced another or is new to the page, a negation or a
/// duty on one side only.
fn fact_words(
    gone: &[&str],
    come: &[&str],
    numbers: &(HashSet<String>, HashSet<String>),
) -> Vec<(String, String)> {
    let lower = |words: &[&str]| {
        words
            .iter()
            .filter(|word| is_word(word))
            .map(|word| in_digits(without_grouping(word).to_lowercase()))
            .collect::<Vec<_>>()
    };
    let (gone, come) = (lower(gone), lower(come));
    let is_number = |word: &&String| word.starts_with(|c: char| c.is_numeric());
    let mut facts = Vec::new();
    let (in_gone, in_come): (HashSet<&String>, HashSet<&String>) =
        (gone.iter().collect(), come.iter().collect());
    let left: Vec<&String> = gone.iter().filter(is_number).filter(|word| !in_come.contains(word)).collect();
    let entered: Vec<&String> =
        come.iter().filter(is_number).filter(|word| !in_gone.contains(word)).collect();
    if left.len() == entered.len() {
        facts.extend(left.into_iter().cloned().zip(entered.into_iter().cloned()));
    } else {
        facts.extend(
            left.into_iter()
                .filter(|word| !numbers.1.contains(*word))
                .map(|word| (word.clone(), String::new())),
        );
        facts.extend(
            entered
                .into_iter()
                .filter(|word| !numbers.0.contains(*word))
                .map(|word| (String::new(), word.clone())),
        );
    }
    for group in [NEGATIONS, DUTIES] {
        let count = |words: &[String]| words.iter().filter(|word| group.contains(&word.as_str())).count();
        match count(&gone).cmp(&count(&come)) {
            std::cmp::Ordering::Greater => facts.push((gone.join(" "), String::new())),
            std::cmp::Ordering::Less => facts.push((String::new(), come.join(" "))),
            std::cmp::Ordering::Equal => {}
        }
    }
    let turns = |long: &str, short: &str| {
        short.chars().count() >= 4
            && long.strip_suffix(short).is_some_and(|beginning| TURNING.contains(&beginning))
    };
    facts.extend(
        gone.iter()
            .take(SHORT)
            .flat_map(|gone| come.iter().take(SHORT).map(move |come| (gone, come)))
            .filter(|(gone, come)| turns(gone, come) || turns(come, gone))
            .map(|(gone, come)| (gone.clone(), come.clone())),
    );
    facts
}

/// Words of a side that are held against each word of the other.
const SHORT: usize = 40;

/// A number as a word is that number.
fn in_digits(word: String) -> String {
    NUMBERS.iter().find(|(name, _)| *name == word).map_or(word, |(_, digits)| (*digits).to_owned())
}

/// A sign that says something: that a plan has a thing or has it not, what a number is compared to, that it is below zero.
fn sign(text: &Text, at: usize) -> Option<&'static str> {
    let word = text.word(at);
    let next = |at: usize| text.word(at + 1).starts_with(|c: char| c.is_numeric());
    Some(match word.chars().next()? {
        '✓' | '✔' | '✅' | '☑' | '🗸' => "✓",
        '✗' | '✘' | '❌' | '✖' | '☒' | '❎' | '🚫' | '⛔' => "✗",
        '≤' => "≤",
        '≥' => "≥",
        '≠' => "≠",
        '±' => "±",
        '<' if next(at) => "<",
        '>' if next(at) => ">",
        '$' if next(at) => "$",
        '€' => "€",
        '£' => "£",
        '-' if next(at) && is_minus(text, at) => "-",
        _ => return None,
    })
}

/// Whether a dash stands right before a number and after a space: "-5", not "1-5" or "1 - 5".
fn is_minus(text: &Text, at: usize) -> bool {
    let (Some(dash), Some(next)) = (text.spans.get(at), text.spans.get(at + 1)) else { return false };
    dash.end == next.start
        && !text.text[..dash.start].ends_with(|c: char| !c.is_whitespace() && !matches!(c, '(' | '|' | '"'))
}

/// How often a text negates, as far as its script shows it inside words.
fn negating(text: &str) -> usize {
    if text.is_ascii() {
        return 0;
    }
    let count = |parts: &[&str]| parts.iter().map(|part| text.matches(part).count()).sum::<usize>();
    count(NEGATING).saturating_sub(count(HARMLESS))
}

/// Values that stand alone in their blocks, old and new: as many short blocks came as left right before them, in the same section.
fn replaced<'a>(old: &Side<'_>, new: &Side<'_>, edits: &'a [Edit]) -> Vec<(&'a Text, &'a Text)> {
    /// Words of a value.
    const WORDS: usize = 4;
    let side = |edit: &Edit| match (edit.op, edit.old, edit.new) {
        (BlockOp::Removed, Some(at), _) => Some((old.kind(at), old.page.section_name(old.section(at)))),
        (BlockOp::Added, _, Some(at)) => Some((new.kind(at), new.page.section_name(new.section(at)))),
        _ => None,
    };
    let is_value = |edit: &Edit| {
        let text = if edit.op == BlockOp::Removed { &edit.old_text } else { &edit.new_text };
        (1..=WORDS).contains(&text.count(0..text.spans.len()))
            && !text.text.ends_with(['.', ':', '!', '?', '。'])
            && side(edit).is_some_and(|(kind, _)| matches!(kind, BlockKind::Paragraph | BlockKind::Quote))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < edits.len() {
        let run = |from: usize, op: BlockOp| edits[from..].iter().take_while(|edit| edit.op == op).count();
        let gone = run(at, BlockOp::Removed);
        let come = run(at + gone, BlockOp::Added);
        if gone == come {
            let pairs = edits[at..at + gone].iter().zip(&edits[at + gone..at + gone + come]);
            found.extend(
                pairs
                    .filter(|(was, is)| is_value(was) && is_value(is) && side(was) == side(is))
                    .map(|(was, is)| (&was.old_text, &is.new_text)),
            );
        }
        at += (gone + come).max(1);
    }
    found
}

/// Every number of a page.
fn numbers(side: &Side<'_>) -> HashSet<String> {
    side.normal
        .iter()
        .flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ','))))
        .map(|word| word.trim_matches(['.', ',']))
        .filter(|word| word.starts_with(|c: char| c.is_numeric()))
        .map(|word| without_grouping(word).to_lowercase())
        .chain(numbers_in_words(side))
        .collect()
}

fn numbers_in_words<'a>(side: &'a Side<'_>) -> impl Iterator<Item = String> + 'a {
    side.normal
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphabetic()))
        .filter(|word| (3..=9).contains(&word.len()))
        .filter_map(|word| NUMBERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)))
        .map(|(_, digits)| (*digits).to_owned())
}

/// Sections whose heading came or went with text under it that came or went too.
fn sections(old: &Side<'_>, new: &Side<'_>, edits: &Edits) -> usize {
    let mut headings: HashSet<(BlockOp, usize)> = HashSet::new();
    let mut words: HashMap<(BlockOp, usize), usize> = HashMap::new();
    for edit in &edits.list {
        let (at, side, text) = match (edit.op, edit.old, edit.new) {
            (BlockOp::Added, _, Some(at)) => (at, new, &edit.new_text),
            (BlockOp::Removed, Some(at), _) => (at, old, &edit.old_text),
            _ => continue,
        };
        let key = (edit.op, side.section(at));
        if side.kind(at) == BlockKind::Heading {
            headings.insert(key);
        } else {
            *words.entry(key).or_insert(0) += text.count(0..text.spans.len());
        }
    }
    headings.iter().filter(|key| words.get(key).is_some_and(|words| *words >= 8)).count()
}
