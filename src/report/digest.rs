//! What somebody is told of a run: grouped by cause as the reports are, and bounded, however much the run found.

use serde::{Deserialize, Serialize};

use super::causes::{Cause, Causes, Counts};
use super::safe::printable;
use super::{FindingRow, Since};
use crate::config::Severity;
use crate::finding::{Finding, FindingState};
use crate::time::Timestamp;

/// So many causes of what is new are told; the others are counted.
const NEW: usize = 20;
/// So many causes of what is resolved are told; the others are counted.
const RESOLVED: usize = 10;
/// The longest sentence or URL, in characters.
const TEXT: usize = 300;

/// What somebody is told of a run. Appended to, never changed: states keep it until it is delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// The run's number in the state.
    pub run: i64,
    /// `check`, or the schedule's name.
    pub name: String,
    /// When the run judged.
    pub at: Timestamp,
    /// Findings that are open and were not told before.
    pub new: Counts,
    /// Findings that were told as open and are resolved.
    pub resolved: Counts,
    /// The gravest causes of what is new.
    pub causes: Vec<DigestCause>,
    /// Causes of what is resolved.
    pub resolved_causes: Vec<DigestCause>,
}

/// Findings of one cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DigestCause {
    /// The rule's id.
    pub rule: String,
    /// After configuration.
    pub severity: Severity,
    /// One sentence: that of the first place.
    pub message: String,
    /// What to write instead, where that is clear; that of the first place.
    pub suggestion: Option<String>,
    /// The canonical target, if one is concerned; that of the first place.
    pub target: Option<String>,
    /// Findings.
    pub findings: u64,
    /// `34 places in 12 entries`.
    pub fan_in: String,
    /// The first places, at most five.
    pub places: Vec<DigestPlace>,
}

/// A finding's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestPlace {
    /// The finding's id.
    pub finding: String,
    /// The source's name.
    pub source: String,
    /// The entry's path.
    pub entry: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// Takes findings in, one by one. Memory goes by causes, and there is a bound on those.
#[derive(Debug, Default)]
pub struct DigestBuilder {
    new: Causes,
    resolved: Causes,
}

impl DigestBuilder {
    /// A finding that is open and was not told before.
    pub fn open(&mut self, finding: Finding) {
        add(&mut self.new, finding);
    }

    /// A finding that was told as open and is resolved.
    pub fn resolved(&mut self, finding: Finding) {
        add(&mut self.resolved, finding);
    }

    /// `None` where there is nothing to tell.
    pub fn build(self, run: i64, name: &str, at: Timestamp) -> Option<Digest> {
        let (new, resolved) = (self.new.open, self.resolved.open);
        (new.total() + resolved.total() > 0).then(|| Digest {
            run,
            name: text(name),
            at,
            new,
            resolved,
            causes: self.new.ordered().into_iter().take(NEW).map(told).collect(),
            resolved_causes: self.resolved.ordered().into_iter().take(RESOLVED).map(told).collect(),
        })
    }
}

impl Digest {
    /// Findings whose cause is not told.
    pub fn left_out(&self) -> u64 {
        let told = |causes: &[DigestCause]| causes.iter().map(|cause| cause.findings).sum::<u64>();
        let all = self.new.total() + self.resolved.total();
        all.saturating_sub(told(&self.causes) + told(&self.resolved_causes))
    }
}

fn add(causes: &mut Causes, finding: Finding) {
    // What is resolved is grouped as it was while it was open.
    causes.add(&FindingRow { finding: Finding { state: FindingState::Open, ..finding }, since: Since::New });
}

fn told(cause: &Cause) -> DigestCause {
    let first = cause.first();
    DigestCause {
        rule: text(&cause.rule),
        severity: cause.severity,
        message: text(&first.message),
        suggestion: first.suggestion.as_deref().map(text),
        target: first.target.as_deref().map(text),
        findings: cause.count,
        fan_in: cause.fan_in(),
        places: cause
            .places
            .iter()
            .map(|place| DigestPlace {
                finding: text(&place.id.0),
                source: text(&place.source),
                entry: text(&place.entry),
                line: place.line,
                column: place.column,
            })
            .collect(),
    }
}

/// Of bounded length and fit for any receiver that takes plain text.
fn text(text: &str) -> String {
    let line = printable(&text.replace(['\n', '\r', '\t'], " "));
    match line.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
