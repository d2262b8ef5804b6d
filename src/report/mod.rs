//! Stage 11: read model → one file per format. It never sees the store: iterators come in, bytes go out.

mod atom;
mod causes;
pub mod comparison;
mod csv;
mod digest;
mod github;
mod gitlab;
mod html;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod safe;
mod sarif;
mod text;
mod wire;

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, FindingState};
use crate::rule::EntryStatus;
use crate::time::Timestamp;
use crate::verdict::{Judgement, Verdict};
use crate::visit::facts::Hop;

pub use causes::Counts;
pub use digest::{Digest, DigestBuilder, DigestCause, DigestPlace};
pub use safe::{printable, shown};
pub use wire::word;

/// The longest message or suggestion of an annotation, in characters: GitHub shows 4 KB, and it should be read at a glance.
const ANNOTATION: usize = 1000;

/// The formats of `check` and `report`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people, grouped by cause.
    Text,
    /// One document.
    Json,
    /// One object a line.
    Jsonl,
    /// Workflow commands of GitHub Actions.
    Github,
    /// For a pull request's comment or a job's summary.
    Markdown,
    /// One page, without scripts.
    Html,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Test results.
    Junit,
    /// GitLab's code quality report.
    Gitlab,
    /// A table for spreadsheets (RFC 4180).
    Csv,
    /// A feed of causes (RFC 4287).
    Atom,
}

impl Format {
    /// Whether its readers see findings in the order of the file, and often the first few only: then the worst come first.
    pub fn worst_first(self) -> bool {
        matches!(self, Self::Github | Self::Sarif | Self::Junit | Self::Gitlab | Self::Csv)
    }

    /// Whether it lists the targets of a run; the others show findings only, and targets are not read for them.
    pub fn lists_targets(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }
}

/// Which document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// `linkdrift/check/1`: targets and findings of one run.
    Check,
    /// `linkdrift/report/1`: entries with their status, and findings.
    Report,
}

/// What stands at the head of a report.
#[derive(Debug, Clone)]
pub struct Head {
    /// Which document.
    pub document: Document,
    /// The run reported on.
    pub run: RunRow,
    /// By source name: its folder as seen from the working directory (`content/ro-RO`), so that people and CI find the file. A source
    /// that is missing here has entries named from the working directory.
    pub roots: BTreeMap<String, String>,
}

/// What a terminal, or a file, can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Escape sequences for colour.
    pub color: bool,
    /// Columns.
    pub width: usize,
}

/// Takes a report piece by piece, in this order: `begin`, every target, every entry, every finding, every finding that
/// is resolved (in a drift report), `end`. Nothing is kept but what
/// grouping needs: memory goes by causes, not by findings.
pub trait Writer {
    /// The head.
    fn begin(&mut self, head: &Head) -> io::Result<()>;
    /// A target of the run; comes only where [`Format::lists_targets`].
    fn target(&mut self, _: &TargetRow) -> io::Result<()> {
        Ok(())
    }
    /// An entry with its status. Formats of findings alone leave it out.
    fn entry(&mut self, _: &EntryRow) -> io::Result<()> {
        Ok(())
    }
    /// A finding, whatever its state; formats for people leave out what is muted or acknowledged.
    fn finding(&mut self, row: &FindingRow) -> io::Result<()>;
    /// A finding that is gone since the runs that the report compares with. Formats that tell what is wrong now leave it out.
    fn resolved(&mut self, _: &FindingRow) -> io::Result<()> {
        Ok(())
    }
    /// The counts.
    fn end(&mut self, summary: &Summary) -> io::Result<()>;
}

/// A writer of a format.
pub fn writer<'w>(
    format: Format,
    look: Look,
    out: &'w mut (dyn io::Write + Send),
) -> Box<dyn Writer + Send + 'w> {
    match format {
        Format::Text => Box::new(text::Text::new(look, out)),
        Format::Json => Box::new(json::Json::new(out)),
        Format::Jsonl => Box::new(jsonl::Jsonl::new(out)),
        Format::Github => Box::new(github::Github::new(out)),
        Format::Markdown => Box::new(markdown::Markdown::new(out)),
        Format::Html => Box::new(html::Html::new(out)),
        Format::Sarif => Box::new(sarif::Sarif::new(out)),
        Format::Junit => Box::new(junit::Junit::new(out)),
        Format::Gitlab => Box::new(gitlab::Gitlab::new(out)),
        Format::Csv => Box::new(csv::Csv::new(out)),
        Format::Atom => Box::new(atom::Atom::new(out)),
    }
}

/// One target in a report.
#[derive(Debug, Clone)]
pub struct TargetRow {
    /// Canonical URL.
    pub url: String,
    /// The verdict.
    pub judgement: Judgement,
    /// The last answer's status.
    pub status: Option<u16>,
    /// The last hop's URL.
    pub final_url: Option<String>,
    /// The deciding attempt's hops.
    pub hops: Vec<Hop>,
    /// Attempts made.
    pub attempts: u32,
    /// When.
    pub visited_at: Timestamp,
    /// Taken from state (`--max-age`) rather than visited by this run.
    pub from_state: bool,
    /// Where it is named.
    pub references: Vec<Place>,
}

/// A place in an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The source's name.
    pub source: String,
    /// The entry's path.
    pub entry: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// A finding in a report, with what this run says of its age.
#[derive(Debug, Clone)]
pub struct FindingRow {
    /// The finding.
    pub finding: Finding,
    /// New in this run, or ongoing.
    pub since: Since,
}

/// Whether a finding is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Since {
    /// Not found by the run before.
    New,
    /// Found before.
    Ongoing,
}

/// An entry in the drift report.
#[derive(Debug, Clone, Serialize)]
pub struct EntryRow {
    /// Its path.
    pub entry: String,
    /// The source's name.
    pub source: String,
    /// Its status.
    pub status: EntryStatus,
    /// Ids of the rules that made it so.
    pub reasons: Vec<String>,
}

/// What a run did.
#[derive(Debug, Clone, Serialize)]
pub struct RunRow {
    /// Its number in the state.
    pub id: i64,
    /// `check`, or the schedule's name.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Whether it went to its end.
    pub complete: bool,
    /// Things the run noticed that are no findings: our own network failed, a layout that did not match.
    pub notes: Vec<String>,
}

/// Counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Entries read.
    pub entries: u64,
    /// References in them.
    pub references: u64,
    /// Distinct targets.
    pub targets: u64,
    /// Visits made.
    pub visited: u64,
    /// Requests made.
    pub requests: u64,
    /// Bytes received.
    pub received_bytes: u64,
    /// Targets by verdict.
    pub by_verdict: std::collections::BTreeMap<Verdict, u64>,
    /// Findings that are new.
    pub new: u64,
    /// Findings that were there before.
    pub ongoing: u64,
    /// Findings that this run resolved.
    pub resolved: u64,
    /// What comments and front matter of entries silence; no finding is made of it.
    #[serde(default)]
    pub silenced: u64,
}

/// An entry's file as seen from the working directory.
fn path_of(roots: &BTreeMap<String, String>, source: &str, entry: &str) -> String {
    match roots.get(source).map(|root| root.trim_end_matches('/')) {
        None | Some("" | ".") => entry.to_owned(),
        Some(root) => format!("{root}/{entry}"),
    }
}

/// What an annotation says of a finding that counts: one sentence, whether it is confirmed, what to write instead. `None` where it is
/// acknowledged, muted or resolved.
fn annotation(finding: &Finding) -> Option<String> {
    let mut text: String = finding.message.chars().take(ANNOTATION).collect();
    match finding.state {
        FindingState::Open => {}
        FindingState::Unconfirmed => text.push_str(" (not confirmed yet)"),
        FindingState::Acknowledged | FindingState::Muted | FindingState::Resolved => return None,
    }
    if let Some(suggestion) = &finding.suggestion {
        text.push_str(" - use ");
        text.extend(suggestion.chars().take(ANNOTATION));
    }
    Some(text)
}

#[cfg(test)]
mod tests;
