//! The JSON of `linkdrift/check/1` and `linkdrift/report/1`: mirrors of the read model, so that the inside can change. Keys are
//! appended, never renamed (SPEC §6).

use serde::Serialize;

use super::{Document, EntryRow, FindingRow, Place, RunRow, Since, Summary, TargetRow};
use crate::config::Severity;
use crate::finding::{Evidence, FindingState};
use crate::rule::EntryStatus;
use crate::time::Timestamp;
use crate::verdict::Verdict;

/// `run`.
#[derive(Debug, Serialize)]
pub(super) struct Run<'a> {
    id: i64,
    name: &'a str,
    started_at: Timestamp,
    finished_at: Timestamp,
    complete: bool,
    notes: &'a [String],
}

/// One of `targets`.
#[derive(Debug, Serialize)]
pub(super) struct Target<'a> {
    url: &'a str,
    verdict: Verdict,
    reason: Option<&'a str>,
    status: Option<u16>,
    final_url: Option<&'a str>,
    hops: Vec<Hop<'a>>,
    attempts: u32,
    visited_at: Timestamp,
    from_state: bool,
    references: Vec<Reference<'a>>,
}

#[derive(Debug, Serialize)]
struct Hop<'a> {
    url: &'a str,
    status: Option<u16>,
    location: Option<&'a str>,
    elapsed_ms: u64,
}

#[derive(Debug, Serialize)]
struct Reference<'a> {
    source: &'a str,
    entry: &'a str,
    line: u32,
    column: u32,
}

/// One of `findings`.
#[derive(Debug, Serialize)]
pub(super) struct Finding<'a> {
    id: &'a str,
    rule: &'a str,
    severity: Severity,
    state: FindingState,
    since: Since,
    source: &'a str,
    entry: &'a str,
    line: u32,
    column: u32,
    end_column: Option<u32>,
    target: Option<&'a str>,
    message: &'a str,
    evidence: &'a Evidence,
    suggestion: Option<&'a str>,
    cause: &'a str,
    cause_id: String,
    first_seen: Timestamp,
    last_seen: Timestamp,
}

/// One of `entries`.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'a> {
    entry: &'a str,
    source: &'a str,
    status: EntryStatus,
    reasons: &'a [String],
}

/// `summary`.
#[derive(Debug, Serialize)]
pub(super) struct Counts<'a> {
    entries: u64,
    references: u64,
    targets: u64,
    visited: u64,
    requests: u64,
    received_bytes: u64,
    by_verdict: &'a std::collections::BTreeMap<Verdict, u64>,
    new: u64,
    ongoing: u64,
    resolved: u64,
    silenced: u64,
}

/// The document's schema.
pub(super) fn schema(document: Document) -> &'static str {
    match document {
        Document::Check => "linkdrift/check/1",
        Document::Report => "linkdrift/report/1",
    }
}

/// The word that stands for a value without fields, in every format.
pub fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl<'a> From<&'a RunRow> for Run<'a> {
    fn from(row: &'a RunRow) -> Self {
        Self {
            id: row.id,
            name: &row.name,
            started_at: row.started_at,
            finished_at: row.finished_at,
            complete: row.complete,
            notes: &row.notes,
        }
    }
}

impl<'a> From<&'a TargetRow> for Target<'a> {
    fn from(row: &'a TargetRow) -> Self {
        let hop = |hop: &'a crate::visit::facts::Hop| Hop {
            url: &hop.url,
            status: hop.status,
            location: hop.location.as_deref(),
            elapsed_ms: hop.elapsed_ms,
        };
        let reference = |place: &'a Place| Reference {
            source: &place.source,
            entry: &place.entry,
            line: place.line,
            column: place.column,
        };
        Self {
            url: &row.url,
            verdict: row.judgement.verdict,
            reason: row.judgement.reason.as_deref(),
            status: row.status,
            final_url: row.final_url.as_deref(),
            hops: row.hops.iter().map(hop).collect(),
            attempts: row.attempts,
            visited_at: row.visited_at,
            from_state: row.from_state,
            references: row.references.iter().map(reference).collect(),
        }
    }
}

impl<'a> From<&'a FindingRow> for Finding<'a> {
    fn from(row: &'a FindingRow) -> Self {
        let finding = &row.finding;
        Self {
            id: &finding.id.0,
            rule: &finding.rule,
            severity: finding.severity,
            state: finding.state,
            since: row.since,
            source: &finding.source,
            entry: &finding.entry,
            line: finding.line,
            column: finding.column,
            end_column: finding.end_column,
            target: finding.target.as_deref(),
            message: &finding.message,
            evidence: &finding.evidence,
            suggestion: finding.suggestion.as_deref(),
            cause: &finding.cause,
            cause_id: finding.cause_id(),
            first_seen: finding.first_seen,
            last_seen: finding.last_seen,
        }
    }
}

impl<'a> From<&'a EntryRow> for Entry<'a> {
    fn from(row: &'a EntryRow) -> Self {
        Self { entry: &row.entry, source: &row.source, status: row.status, reasons: &row.reasons }
    }
}

impl<'a> From<&'a Summary> for Counts<'a> {
    fn from(summary: &'a Summary) -> Self {
        Self {
            entries: summary.entries,
            references: summary.references,
            targets: summary.targets,
            visited: summary.visited,
            requests: summary.requests,
            received_bytes: summary.received_bytes,
            by_verdict: &summary.by_verdict,
            new: summary.new,
            ongoing: summary.ongoing,
            resolved: summary.resolved,
            silenced: summary.silenced,
        }
    }
}
