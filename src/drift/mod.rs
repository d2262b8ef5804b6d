//! Stage 9: page × page → drift. Pure.

use serde::{Deserialize, Serialize};

mod align;
mod class;
mod command;
mod compare;
mod edit;
mod left;
mod rename;
mod section;
mod term;
#[cfg(test)]
mod tests;
mod volatile_blocks;
mod words;

pub use compare::{compare, compare_moved};
pub use rename::with_names_of_today;
pub use volatile_blocks::{CHANGES, volatile_blocks, without_blocks};
pub use words::{WordOp, WordRun, words};

/// What changed between two snapshots of a page, and how much it matters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// The class.
    pub change: Change,
    /// Ids (or texts, where a heading has none) of the headings whose own text changed, on the old or the new page.
    pub sections_changed: Vec<String>,
    /// Ids (or texts) of the headings that stand on both pages over the same text, with the same sections under them.
    #[serde(skip)]
    pub sections_kept: Vec<String>,
    /// Terms that left the page.
    pub terms_removed: Vec<TermRemoved>,
    /// Terms that entered it.
    pub terms_added: Vec<String>,
    /// The changes, in the order of the page. Empty where `change` is `none`.
    pub blocks: Vec<BlockChange>,
    /// The title or the first heading changed: old and new.
    pub title: Option<(String, String)>,
    /// Fraction of words that changed, 0 to 1.
    pub fraction: f64,
    /// Anchors that are no longer there.
    pub anchors_lost: Vec<String>,
    /// Links that are no longer there.
    pub links_lost: Vec<String>,
    /// blake3 of the change itself: one banner on two thousand pages is one change.
    pub hash: String,
}

/// How much a drift matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// White space, markup, metadata, link targets.
    #[default]
    None,
    /// Wording, typos, alternative texts.
    Cosmetic,
    /// A name, a role, a label, a single fact.
    Minor,
    /// Steps, requirements, limits, sections.
    Substantive,
    /// The same page at another URL.
    Moved,
    /// Another page at this URL.
    Replaced,
    /// Archived or withdrawn.
    Retired,
}

/// A term that left a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermRemoved {
    /// As it stood there.
    pub term: String,
    /// What stands in its place, where the alignment shows one.
    pub replacement: Option<String>,
}

/// One block that is not the same any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockChange {
    /// What happened to it.
    pub op: BlockOp,
    /// The section: its anchor, or its heading's text.
    pub section: String,
    /// Index of the section on the side that has the block (new, except for removals).
    #[serde(skip)]
    pub section_index: usize,
    /// The old text; `None` for an addition.
    pub old: Option<String>,
    /// The new text; `None` for a removal.
    pub new: Option<String>,
}

/// What happened to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockOp {
    /// Its words changed.
    Changed,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It stands elsewhere.
    Moved,
}
