//! How much a drift matters. The signals, each with its reason:
//!
//! - **Volume of information.** Words that came or went without a counterpart carry information; words that replaced words mostly do not.
//!   Little of it is a fact, much of it is another text.
//! - **Structure.** A section with text of its own that came or went, steps or rows that came or went, a command line that changed.
//! - **Facts.** A number, a term (name, label, command), or a word that turns a statement round (not, must, only) that changed.
//!
//! A replacement that happens again and again (a renamed product) is one fact.

use std::collections::{HashMap, HashSet};

use super::edit::{Edit, Edits, Side};
use super::words::{Text, is_word};
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
    /// Different facts that changed: numbers, words that turn a statement round, command lines.
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

/// Words that turn a statement round or make it a duty, in the languages help is commonly published in.
const TURNS: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "without",
    "unless",
    "except",
    "only",
    "must",
    "required",
    "requires",
    "mandatory",
    "optional",
    "cannot",
    "can't",
    "don't",
    "doesn't",
    "isn't",
    "aren't",
    "won't",
    "before",
    "after",
    "deprecated",
    "retired",
    "unsupported",
    "supported",
    "disabled",
    "enabled",
    "preview",
    "default",
    "nicht",
    "kein",
    "keine",
    "nie",
    "nur",
    "muss",
    "müssen",
    "ohne",
    "erforderlich",
    "ne",
    "pas",
    "jamais",
    "seulement",
    "doit",
    "sans",
    "obligatoire",
    "nunca",
    "solo",
    "sólo",
    "debe",
    "sin",
    "obligatorio",
    "não",
    "apenas",
    "deve",
    "sem",
    "obrigatório",
    "nu",
    "niciodată",
    "doar",
    "trebuie",
    "fără",
    "obligatoriu",
    "non",
    "mai",
    "soltanto",
    "senza",
    "niet",
    "geen",
    "nooit",
    "alleen",
    "moet",
    "zonder",
    "nie",
    "tylko",
    "musi",
    "bez",
    "не",
    "нет",
    "никогда",
    "только",
    "должен",
    "без",
    "няма",
    "לא",
    "רק",
    "חובה",
    "ללא",
    "לא",
    "ليس",
    "فقط",
    "يجب",
];

impl Signals {
    pub(super) fn of(old: &Side<'_>, new: &Side<'_>, edits: &Edits, terms: usize, all: usize) -> Self {
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
                BlockOp::Changed => signals.changed(edit, kind, &mut seen, &mut facts),
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
        seen: &mut HashSet<(String, String)>,
        facts: &mut HashSet<(String, String)>,
    ) {
        for (in_old, in_new) in &edit.hunks {
            let (gone, come) = (edit.old_text.count(in_old.clone()), edit.new_text.count(in_new.clone()));
            self.differing += gone + come;
            let texts = (
                edit.old_text.words(in_old.clone()).to_lowercase(),
                edit.new_text.words(in_new.clone()).to_lowercase(),
            );
            if texts.0 == texts.1 || !seen.insert(texts) {
                continue;
            }
            self.distinct += 1;
            if kind == BlockKind::Heading {
                continue;
            }
            // Up to so many words the longer side may have more than the other and still be another wording of it.
            let surplus = gone.abs_diff(come);
            if surplus > 3 {
                self.information += surplus;
            }
            for fact in fact_words(&edit.old_text, in_old.clone(), &edit.new_text, in_new.clone(), kind) {
                facts.insert(fact);
            }
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
        if self.information >= 6 || self.steps + self.items > 0 || self.facts > 0 || self.terms > 0 {
            return Change::Minor;
        }
        Change::Cosmetic
    }
}

/// Facts in a hunk: numbers and turning words that stand on one side only, and any change of code.
fn fact_words(
    old: &Text,
    in_old: std::ops::Range<usize>,
    new: &Text,
    in_new: std::ops::Range<usize>,
    kind: BlockKind,
) -> Vec<(String, String)> {
    if kind == BlockKind::Code {
        return vec![(old.words(in_old).to_owned(), new.words(in_new).to_owned())];
    }
    let facts = |text: &Text, range: std::ops::Range<usize>| -> Vec<String> {
        range
            .map(|at| text.word(at))
            .filter(|word| is_word(word))
            .filter(|word| {
                word.chars().any(|c| c.is_ascii_digit()) || TURNS.contains(&word.to_lowercase().as_str())
            })
            .map(str::to_lowercase)
            .collect()
    };
    let (gone, come) = (facts(old, in_old), facts(new, in_new));
    let mut found = Vec::new();
    for fact in &gone {
        if !come.contains(fact) {
            found.push((fact.clone(), String::new()));
        }
    }
    for fact in &come {
        if !gone.contains(fact) {
            found.push((String::new(), fact.clone()));
        }
    }
    found
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
