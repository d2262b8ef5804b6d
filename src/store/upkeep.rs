//! What keeps a state small, sound and lawful: what is pruned, forgotten, looked at.

use crate::target::CanonicalUrl;
use crate::time::Timestamp;

/// What pruning leaves; see `[retention]`. What an open finding, a baseline or a review needs is left whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Bodies that were last seen before, where there is newer content.
    pub bodies_before: Timestamp,
    /// Texts that were last seen before, where there is newer content.
    pub snapshots_before: Timestamp,
    /// Texts of one target, at most.
    pub snapshots_per_target: usize,
    /// History that ended before, findings resolved before, entries gone before, what runs of before said of themselves.
    pub history_before: Timestamp,
}

/// Where pruning goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneRest {
    /// What is looked at.
    pub stage: PruneStage,
    /// The last row that was looked at.
    pub after: i64,
}

/// What pruning looks at, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PruneStage {
    /// Texts, bodies and history of each target.
    Targets,
    /// Findings that were resolved.
    Findings,
    /// Entries that are gone.
    Entries,
    /// Targets that nothing names.
    Unnamed,
    /// What runs said of themselves.
    Runs,
    /// Room in the file that nothing uses.
    Space,
}

/// What was pruned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Bodies of pages.
    pub bodies: u64,
    /// Readable texts of pages.
    pub pages: u64,
    /// Stretches of history.
    pub intervals: u64,
    /// Resolved findings.
    pub findings: u64,
    /// Entries that are gone.
    pub entries: u64,
    /// Targets that nothing names.
    pub targets: u64,
    /// Summaries of runs.
    pub runs: u64,
}

/// What is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Forget {
    /// One target.
    Target(CanonicalUrl),
    /// Everything of a host, with its port or on any, and what redirects of others led to there.
    Host(String),
    /// A source with its entries.
    Source(String),
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Targets.
    pub targets: u64,
    /// Snapshots of their pages.
    pub snapshots: u64,
    /// Entries.
    pub entries: u64,
    /// Findings.
    pub findings: u64,
}

impl PruneStage {
    /// Its first slice.
    pub fn beginning(self) -> PruneRest {
        PruneRest { stage: self, after: i64::MIN }
    }
}

impl std::ops::AddAssign for Pruned {
    fn add_assign(&mut self, more: Self) {
        self.bodies += more.bodies;
        self.pages += more.pages;
        self.intervals += more.intervals;
        self.findings += more.findings;
        self.entries += more.entries;
        self.targets += more.targets;
        self.runs += more.runs;
    }
}

impl std::ops::AddAssign for Forgotten {
    fn add_assign(&mut self, more: Self) {
        self.targets += more.targets;
        self.snapshots += more.snapshots;
        self.entries += more.entries;
        self.findings += more.findings;
    }
}

/// What `state check` found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Soundness {
    /// What is wrong; empty where the state is sound.
    pub problems: Vec<String>,
    /// Rows by table, for the reader.
    pub rows: Vec<(String, u64)>,
    /// The schema's number.
    pub schema: u32,
}
