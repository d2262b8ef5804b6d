//! How much a drift matters. The signals, each with its reason:
//!
//! - **Volume of information.** Words that came or went without a counterpart carry information; words that replaced words mostly do not.
//!   Little of it is a fact, much of it is another text.
//! - **Structure.** A section with text of its own that came or went, steps or rows that came or went, a command line that changed.
//! - **Facts.** A number, a term (name, label, command), a negation or a duty (not, must) that changed.
//!
//! A replacement that happens again and again (a renamed product) is one fact.

use std::collections::{HashMap, HashSet};

use super::edit::{Edit, Edits, Side};
use super::words::{is_word, without_grouping};
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

/// Words that turn a statement round.
const NEGATIONS: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "cannot",
    "can't",
    "don't",
    "doesn't",
    "isn't",
    "aren't",
    "won't",
    "wasn't",
    "weren't",
    "shouldn't",
    "without",
    "unless",
    "except",
    "unsupported",
    "nicht",
    "kein",
    "keine",
    "keinen",
    "nie",
    "ohne",
    "pas",
    "jamais",
    "aucun",
    "aucune",
    "sans",
    "nunca",
    "ningún",
    "ninguna",
    "sin",
    "não",
    "nenhum",
    "sem",
    "nu",
    "niciodată",
    "niciun",
    "fără",
    "non",
    "senza",
    "nessun",
    "niet",
    "geen",
    "nooit",
    "zonder",
    "bez",
    "не",
    "нет",
    "никогда",
    "без",
    "няма",
    "לא",
    "אין",
    "ללא",
    "ليس",
    "لا",
    "بدون",
    "değil",
    "yok",
    "inte",
    "ingen",
    "ikke",
    "aldrig",
    "ei",
];

/// Words that make a statement a duty.
const DUTIES: &[&str] = &[
    "must",
    "required",
    "requires",
    "require",
    "mandatory",
    "optional",
    "optionally",
    "deprecated",
    "retired",
    "preview",
    "muss",
    "müssen",
    "erforderlich",
    "doit",
    "doivent",
    "obligatoire",
    "debe",
    "deben",
    "obligatorio",
    "deve",
    "devem",
    "obrigatório",
    "trebuie",
    "obligatoriu",
    "devono",
    "obbligatorio",
    "moet",
    "moeten",
    "verplicht",
    "musi",
    "muszą",
    "wymagane",
    "должен",
    "должны",
    "обязательно",
    "חובה",
    "נדרש",
    "يجب",
    "zorunlu",
    "måste",
    "skal",
];

impl Signals {
    pub(super) fn of(old: &Side<'_>, new: &Side<'_>, edits: &Edits, terms: usize, all: usize) -> Self {
        let numbers = (numbers(old), numbers(new));
        let mut signals = Self { terms, all, ..Self::default() };
        let mut seen: HashSet<(String, String)> = HashSet::new();
        let mut facts: HashSet<(String, String)> = HashSet::new();
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
        }
        facts.extend(fact_words(&gone_words, &come_words, numbers));
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
            .map(|word| without_grouping(word).to_lowercase())
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
    facts
}

/// Every number of a page.
fn numbers(side: &Side<'_>) -> HashSet<String> {
    side.normal
        .iter()
        .flat_map(|text| text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | ','))))
        .map(|word| word.trim_matches(['.', ',']))
        .filter(|word| word.starts_with(|c: char| c.is_numeric()))
        .map(|word| without_grouping(word).to_lowercase())
        .collect()
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
