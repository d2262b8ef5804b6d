//! Findings grouped by rule and cause, with their fan-in. Memory goes by causes, and there is a bound on those too.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::{FindingRow, Since, Summary};
use crate::config::Severity;
use crate::finding::{Evidence, Finding, FindingState};
use crate::time::Timestamp;

/// So many places of a cause are shown.
pub(super) const PLACES: usize = 5;
/// So many entries of a cause are told apart; beyond it their number is "1000 or more".
pub(super) const ENTRIES: usize = 1000;
/// So many causes of one severity are kept; beyond it findings are counted only.
const CAUSES: usize = 5000;
/// So many causes of one rule are shown where it is an error.
const ERRORS: usize = 200;
/// So many causes of one rule are shown where it is none.
const OTHERS: usize = 20;

/// Grouped findings.
#[derive(Debug, Default)]
pub(super) struct Causes {
    groups: HashMap<Key, Cause>,
    kept: [usize; 3],
    /// Findings of causes beyond the bound, by rule.
    pub(super) beyond: BTreeMap<String, u64>,
    /// Findings that are not shown.
    pub(super) quiet: u64,
    /// Findings that are open, by severity.
    pub(super) open: Counts,
    /// Findings that are not confirmed yet.
    unconfirmed: u64,
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Errors.
    pub error: u64,
    /// Warnings.
    pub warning: u64,
    /// Neither.
    pub info: u64,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    rule: String,
    cause: String,
    unconfirmed: bool,
    severity: Severity,
}

/// What findings of one rule and cause have in common.
#[derive(Debug)]
pub(super) struct Cause {
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) unconfirmed: bool,
    /// Findings.
    pub(super) count: u64,
    /// Findings that are new in this run.
    pub(super) new: u64,
    /// When the newest of them was first found.
    pub(super) newest: Timestamp,
    /// Whether all findings have the message of the first place.
    pub(super) alike: bool,
    /// Whether all findings have the suggestion of the first place.
    pub(super) one_fix: bool,
    /// The first places, in order; never empty.
    pub(super) places: Vec<Finding>,
    cause: String,
    entries: HashSet<u64>,
}

impl Counts {
    fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Error => self.error += 1,
            Severity::Warning => self.warning += 1,
            Severity::Info => self.info += 1,
        }
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.error + self.warning + self.info
    }

    /// `3 errors, 1 warning`; empty where there is none.
    pub fn in_words(&self) -> String {
        let words = [(self.error, "error", "s"), (self.warning, "warning", "s"), (self.info, "info", "")];
        let words = words.iter().filter(|(count, ..)| *count > 0);
        let words =
            words.map(|(count, word, more)| format!("{count} {word}{}", if *count == 1 { "" } else { more }));
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Causes {
    /// Takes a finding in, unless it is resolved, or a maintainer does not want to see it.
    pub(super) fn add(&mut self, row: &FindingRow) {
        match row.finding.state {
            FindingState::Acknowledged | FindingState::Muted => self.quiet += 1,
            FindingState::Open => {
                self.open.add(row.finding.severity);
                self.group(row);
            }
            FindingState::Unconfirmed => {
                self.unconfirmed += 1;
                self.group(row);
            }
            FindingState::Resolved => {}
        }
    }

    /// `2 errors, 1 info, 1 not confirmed; 3 new, 1 ongoing, 0 resolved`: how many findings are shown, and what became of all.
    pub(super) fn counted(&self, summary: &Summary) -> String {
        let mut shown = self.open.in_words();
        if self.unconfirmed > 0 {
            let comma = if shown.is_empty() { "" } else { ", " };
            let _ = write!(shown, "{comma}{} not confirmed", self.unconfirmed);
        }
        if !shown.is_empty() {
            shown.push_str("; ");
        }
        let Summary { new, ongoing, resolved, .. } = summary;
        format!("{shown}{new} new, {ongoing} ongoing, {resolved} resolved")
    }

    /// Takes a finding in, whatever its state.
    pub(super) fn group(&mut self, row: &FindingRow) {
        let finding = &row.finding;
        let unconfirmed = finding.state == FindingState::Unconfirmed;
        let (rule, cause) = (finding.rule.clone(), finding.cause.clone());
        let key = Key { rule, cause, unconfirmed, severity: finding.severity };
        if let Some(group) = self.groups.get_mut(&key) {
            group.add(row);
            return;
        }
        let kept = &mut self.kept[finding.severity as usize];
        if *kept >= CAUSES {
            *self.beyond.entry(finding.rule.clone()).or_default() += 1;
            return;
        }
        *kept += 1;
        self.groups.insert(key, Cause::new(row));
    }

    /// Confirmed causes, then unconfirmed ones; in each by damage, then certainty × fan-in, then rule and cause.
    pub(super) fn ordered(&self) -> Vec<&Cause> {
        let mut causes: Vec<&Cause> = self.groups.values().collect();
        let weight = |cause: &Cause| cause.count * certainty(&cause.rule);
        causes.sort_by(|a, b| {
            (a.unconfirmed, b.severity, weight(b), &a.rule, &a.cause).cmp(&(
                b.unconfirmed,
                a.severity,
                weight(a),
                &b.rule,
                &b.cause,
            ))
        });
        causes
    }
}

impl Cause {
    fn new(row: &FindingRow) -> Self {
        let finding = &row.finding;
        let mut cause = Self {
            rule: finding.rule.clone(),
            severity: finding.severity,
            unconfirmed: finding.state == FindingState::Unconfirmed,
            count: 0,
            new: 0,
            newest: finding.first_seen,
            alike: true,
            one_fix: true,
            places: Vec::new(),
            cause: finding.cause.clone(),
            entries: HashSet::new(),
        };
        cause.add(row);
        cause
    }

    fn add(&mut self, row: &FindingRow) {
        let finding = &row.finding;
        self.count += 1;
        self.new += u64::from(row.since == Since::New);
        self.newest = self.newest.max(finding.first_seen);
        if let Some(first) = self.places.first() {
            self.alike &= first.message == finding.message;
            self.one_fix &= first.suggestion == finding.suggestion;
        }
        if self.entries.len() < ENTRIES {
            let mut hasher = blake3::Hasher::new();
            hasher.update(finding.source.as_bytes()).update(&[0]).update(finding.entry.as_bytes());
            let mut short = [0; 8];
            short.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
            self.entries.insert(u64::from_le_bytes(short));
        }
        let at = self.places.partition_point(|place| position(place) <= position(finding));
        if at < PLACES {
            let mut kept = finding.clone();
            // Only the first place is shown with what proves it.
            kept.evidence.diff.truncate(3);
            self.places.insert(at, kept);
            self.places.truncate(PLACES);
            for other in &mut self.places[1..] {
                other.evidence = Evidence::default();
            }
        }
    }

    /// The place that is shown with its line.
    pub(super) fn first(&self) -> &Finding {
        &self.places[0]
    }

    /// What `linkdrift review` takes: the finding's id, or that of the cause where there are several.
    pub(super) fn id(&self) -> String {
        if self.count == 1 { self.first().id.0.clone() } else { self.first().cause_id() }
    }

    /// Whether it is new: all of it, a part of it, or nothing of it.
    pub(super) fn news(&self) -> Option<String> {
        match self.new {
            0 => None,
            new if new == self.count => Some("new in this run".to_owned()),
            new => Some(format!("{new} of {} are new in this run", self.count)),
        }
    }

    /// `34 places in 12 entries`.
    pub(super) fn fan_in(&self) -> String {
        let entries = self.entries.len();
        match (self.count, entries) {
            (1, _) => "1 place".to_owned(),
            (count, 1) => format!("{count} places in 1 entry"),
            (count, ENTRIES) => format!("{count} places in {ENTRIES} or more entries"),
            (count, entries) => format!("{count} places in {entries} entries"),
        }
    }
}

/// Parts causes into those that are shown and those that are counted only: of each rule the weightiest, new ones before others, so
/// that a report stays one that is read.
pub(super) fn shown(ordered: Vec<&Cause>) -> (Vec<&Cause>, Vec<&Cause>) {
    let mut left: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    let mut keep = vec![false; ordered.len()];
    for new in [true, false] {
        for (cause, keep) in ordered.iter().zip(&mut keep).filter(|(cause, _)| (cause.new > 0) == new) {
            let most = if cause.severity == Severity::Error { ERRORS } else { OTHERS };
            let left = left.entry((&cause.rule, cause.severity)).or_insert(most);
            *keep = *left > 0;
            *left = left.saturating_sub(1);
        }
    }
    let mut keep = keep.into_iter();
    ordered.into_iter().partition(|_| keep.next().unwrap_or_default())
}

fn position(finding: &Finding) -> (&str, &str, u32, u32) {
    (&finding.source, &finding.entry, finding.line, finding.column)
}

/// How far a rule can be trusted, in halves: what is read off an answer or a file is certain, what is inferred is less so.
fn certainty(rule: &str) -> u64 {
    match rule {
        "link/soft-404" | "link/text-mismatch" | "link/same-target" | "content/changed" => 1,
        _ => 2,
    }
}
