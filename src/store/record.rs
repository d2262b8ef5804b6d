//! What the state holds and is given, as data.

use std::path::PathBuf;

use crate::config::Severity;
use crate::finding::{Finding, FindingId, FindingState};
use crate::reference::{EntryRead, Reference};
use crate::report::Digest;
use crate::snapshot::{ContentHash, NewSnapshot, SnapshotMeta};
use crate::target::{CanonicalUrl, HostKey, Note, Status, TargetId};
use crate::time::Timestamp;
use crate::verdict::{Company, Facts, Interval};

/// A run's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// A source's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub i64);

/// An entry's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub i64);

/// A run that begins.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// `check`, or the schedule's name.
    pub name: String,
    /// When.
    pub started_at: Timestamp,
}

/// A run as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// `check`, or the schedule's name.
    pub name: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it runs, or where it was cut short.
    pub finished_at: Option<Timestamp>,
    /// The report's `Summary` and notes as JSON, written at its end.
    pub summary: Option<String>,
}

/// A source as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRecord {
    /// Unique name.
    pub name: String,
    /// The folder.
    pub root: PathBuf,
    /// What root-relative links resolve against.
    pub base_url: Option<String>,
    /// BCP 47 tag.
    pub locale: Option<String>,
    /// Translations of each other share it.
    pub group: Option<String>,
}

/// An entry as a run read it.
#[derive(Debug, Clone)]
pub struct EntryRecord {
    /// The source.
    pub source: SourceId,
    /// Path in the source.
    pub entry: String,
    /// Of the file's bytes.
    pub content: ContentHash,
    /// The decoded text.
    pub text: String,
    /// What was read; `references` and `resolutions` have equal length.
    pub read: EntryRead,
    /// What became of each reference, in the same order.
    pub resolutions: Vec<crate::target::Resolution>,
    /// URLs that its link texts show: they are visited too, so that text and target can be compared.
    pub shown: Vec<CanonicalUrl>,
}

/// An entry as it comes back.
#[derive(Debug, Clone)]
pub struct StoredEntry {
    /// Its row.
    pub id: EntryId,
    /// The source.
    pub source: SourceId,
    /// Path in the source.
    pub entry: String,
    /// Of the file's bytes.
    pub content: ContentHash,
    /// The decoded text.
    pub text: String,
    /// What was read, its references included.
    pub read: EntryRead,
    /// What became of each reference, in the same order.
    pub references: Vec<StoredReference>,
    /// Targets that its link texts show.
    pub shown: Vec<TargetId>,
    /// The run that first saw the entry began then.
    pub first_seen: Timestamp,
    /// The last accepted review of the entry.
    pub reviewed_at: Option<Timestamp>,
}

/// What became of a reference, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReference {
    /// The target's row and URL.
    pub target: Option<(TargetId, CanonicalUrl)>,
    /// The fragment.
    pub fragment: Option<String>,
    /// Why, or why not.
    pub status: Status,
    /// The remark.
    pub note: Option<Note>,
}

/// Which targets of a run are visited.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// Targets whose newest visit is not older than this and did not fail are taken from state.
    pub fresh_since: Option<Timestamp>,
}

/// A target in a run's scope, for whoever decides whether it is due.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its row.
    pub id: TargetId,
    /// A number that belongs to its URL for good.
    pub phase: u64,
    /// The newest intervals of its history, at most 20, oldest first; empty where it was never visited.
    pub history: Vec<Interval>,
}

/// What a schedule's last run came to, whatever its task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRecord {
    /// The schedule.
    pub name: String,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; `None` while it runs, or where it was cut short.
    pub ended_at: Option<Timestamp>,
    /// How it ended.
    pub ending: Option<ScheduleEnding>,
    /// When a run of this schedule last ended well.
    pub succeeded_at: Option<Timestamp>,
}

/// How a run of a schedule ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScheduleEnding {
    /// Its task is done.
    Done,
    /// It was told to stop before its end.
    Stopped,
    /// With an error.
    Failed,
}

/// What a plan comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Targets to visit, by host; every host in the run's scope.
    pub hosts: Vec<(HostKey, u64)>,
    /// Targets in the run's scope.
    pub targets: u64,
    /// Targets taken from state.
    pub from_state: u64,
}

/// One visit for the record.
#[derive(Debug)]
pub struct VisitRecord {
    /// Whose.
    pub target: TargetId,
    /// What was learned.
    pub facts: Facts,
    /// The page, where one was read.
    pub snapshot: Option<NewSnapshot>,
}

/// What a host is asked that no entry asks for, once for a long time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProbeKind {
    /// A page that cannot be there ([`crate::verdict::sibling`]).
    Sibling,
    /// Over `https` what is linked to by `http`.
    Https,
}

/// A target with what is known of it.
#[derive(Debug, Clone)]
pub struct TargetRecord {
    /// Its row.
    pub id: TargetId,
    /// Its URL.
    pub url: CanonicalUrl,
    /// Its history, oldest first, the newest 200 intervals.
    pub history: Vec<Interval>,
    /// Its snapshots, oldest first, the newest 200.
    pub snapshots: Vec<SnapshotMeta>,
    /// The run that made the newest visit.
    pub last_run: Option<RunId>,
    /// What is known of others that its newest visit is judged beside.
    pub company: Company,
}

/// A place where a target is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPlace {
    /// The target.
    pub target: TargetId,
    /// The source's name.
    pub source: String,
    /// The entry's path.
    pub entry: String,
    /// The reference.
    pub reference: Reference,
}

/// What recording a run's findings came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindingCounts {
    /// Not found by any run before, or resolved since.
    pub new: u64,
    /// Found before.
    pub ongoing: u64,
    /// Not found any more, though their entries and targets were in the run's scope.
    pub resolved: u64,
}

/// What findings are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingKind {
    /// The rule's id.
    pub rule: String,
    /// As the last run said.
    pub severity: Severity,
    /// As the last run and maintainers said.
    pub state: FindingState,
}

/// A message's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub i64);

/// A message that waits for its delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// The receiver's name.
    pub receiver: String,
    /// What is told.
    pub digest: Digest,
    /// When the run's findings were recorded.
    pub created_at: Timestamp,
    /// Attempts that failed.
    pub attempts: u32,
    /// Not to be tried before.
    pub due_at: Timestamp,
}

/// What became of an attempt to deliver a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The receiver took it.
    Delivered,
    /// To be tried again.
    Later {
        /// When.
        at: Timestamp,
        /// What the attempt failed for.
        why: String,
    },
    /// Never to be tried again: what it would have told is news again for the next run.
    GivenUp {
        /// What the last attempt failed for.
        why: String,
    },
}

/// What the outbox holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Messages that wait.
    pub waiting: u64,
    /// When the oldest of them was queued.
    pub oldest: Option<Timestamp>,
    /// Messages that were given up and are still kept.
    pub given_up: u64,
}

/// A finding with the run that found it first.
#[derive(Debug, Clone)]
pub struct StoredFinding {
    /// The finding.
    pub finding: Finding,
    /// The run that found it first, or again after it was resolved.
    pub first_run: RunId,
    /// The last run that found it.
    pub last_run: RunId,
}

/// Which findings.
#[derive(Debug, Clone, Default)]
pub struct FindingQuery {
    /// This one.
    pub id: Option<FindingId>,
    /// Last found by this run.
    pub run: Option<RunId>,
    /// Of this source and entry.
    pub entry: Option<(String, String)>,
    /// Of this target.
    pub target: Option<String>,
    /// Resolved ones too.
    pub resolved: bool,
    /// Only those that a later run than this one resolved, and that are not found again since.
    pub resolved_after: Option<RunId>,
}

/// A maintainer's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What was decided on.
    pub subject: ReviewSubject,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Option<String>,
    /// When it ends; for good where there is none.
    pub until: Option<Timestamp>,
    /// The content of the target that it was given for.
    pub content: Option<ContentHash>,
    /// When.
    pub at: Timestamp,
}

/// What a review is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewSubject {
    /// One finding.
    Finding(FindingId),
    /// A whole entry: sets the baseline that drift is measured from.
    Entry {
        /// The source's name.
        source: String,
        /// The entry's path.
        entry: String,
    },
}

/// What a maintainer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Looked at, and known: a finding is acknowledged, an entry is right as of now.
    Accept,
    /// Not wanted.
    Mute,
    /// Takes the decision before it back.
    Reopen,
}
