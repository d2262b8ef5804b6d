//! The state, in domain verbs. `sqlite` is the embedded default; SQL, time and identity stay behind this trait.

pub mod sqlite;
mod upkeep;

use std::future::Future;
use std::path::{Path, PathBuf};

use crate::config::{NotifySettings, Severity};
use crate::finding::{Finding, FindingId, FindingState};
use crate::reference::{EntryRead, Reference};
use crate::report::Digest;
use crate::snapshot::{ContentHash, NewSnapshot, Snapshot, SnapshotId, SnapshotMeta};
use crate::target::{CanonicalUrl, HostKey, Note, Status, TargetId};
use crate::time::Timestamp;
use crate::verdict::{Company, Facts, Interval};
use crate::visit::facts::{Body, DueTarget};

pub use upkeep::{Forget, Forgotten, PruneRest, PruneStage, Pruned, Retention, Soundness};

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

/// Why the state could not do what was asked. Each says what, where and what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another run holds the state.
    #[error("{path}: another run holds this state (process {holder}); wait for it, or stop it")]
    Locked {
        /// The state file.
        path: PathBuf,
        /// The holder's pid, as far as it is known.
        holder: String,
    },
    /// The state was written by a newer linkdrift.
    #[error(
        "{path}: written by a newer linkdrift (schema {found}, this one knows {known}); update linkdrift, or use another state"
    )]
    Newer {
        /// The state file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Not a state of linkdrift.
    #[error(
        "{path}: {why}; it was left untouched: name another file, or restore a backup (`linkdrift state backup` makes them)"
    )]
    NotAState {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// No room.
    #[error("{path}: the disk is full: what was committed is safe; make room and run again")]
    Full {
        /// The state file.
        path: PathBuf,
    },
    /// Anything else that the database or the file system refused.
    #[error("{path}: {why}")]
    Failed {
        /// The state file.
        path: PathBuf,
        /// What was tried, and what was said.
        why: String,
    },
}

/// The state. Writes are queued to one writer in the order of the calls and are durable once [`Store::flush`] returns; a write that
/// fails is reported by the next call. Reads see what was committed; `flush` first where a read must see what was just written.
pub trait Store: Clone + Send + Sync + 'static {
    /// A run begins.
    fn begin_run(&self, run: NewRun) -> impl Future<Output = Result<RunId, StoreError>> + Send;
    /// A run ends; `summary` is JSON for `run`'s readers.
    fn finish_run(
        &self,
        run: RunId,
        at: Timestamp,
        summary: String,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Adds or updates a source, by name.
    fn put_source(&self, source: SourceRecord) -> impl Future<Output = Result<SourceId, StoreError>> + Send;
    /// Records entries that a run read, with their references and targets, and puts them into the run's scope.
    fn record_entries(
        &self,
        run: RunId,
        entries: Vec<EntryRecord>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// A source was read from end to end: entries that this run did not see are gone.
    fn finish_source(
        &self,
        run: RunId,
        source: SourceId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Puts the targets of the run's entries into its queue.
    fn plan(&self, run: RunId, plan: Plan) -> impl Future<Output = Result<Planned, StoreError>> + Send;
    /// Targets of a host in the run's scope, by row, after `after`.
    fn candidates(
        &self,
        run: RunId,
        host: HostKey,
        after: Option<TargetId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Candidate>, StoreError>> + Send;
    /// Of this host, the run visits these targets and no others.
    fn visit_only(
        &self,
        run: RunId,
        host: HostKey,
        targets: Vec<TargetId>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The next targets of a host in the run's queue, in order of their rows, after `after`.
    fn next_targets(
        &self,
        run: RunId,
        host: HostKey,
        after: Option<TargetId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<DueTarget>, StoreError>> + Send;
    /// Records one visit: extends the interval, or begins one; adds the snapshot if its content is new.
    fn record_visit(
        &self,
        run: RunId,
        visit: VisitRecord,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Makes a URL the probe of its host, in place of an earlier one: a target that is in no run's scope.
    fn put_probe(
        &self,
        kind: ProbeKind,
        url: CanonicalUrl,
    ) -> impl Future<Output = Result<TargetId, StoreError>> + Send;
    /// The probe of a host.
    fn probe(
        &self,
        kind: ProbeKind,
        host: HostKey,
    ) -> impl Future<Output = Result<Option<TargetRecord>, StoreError>> + Send;
    /// Waits until everything before it is durable.
    fn flush(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Entries in a run's scope, by row.
    fn entries(
        &self,
        run: RunId,
        after: Option<EntryId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredEntry>, StoreError>> + Send;
    /// Targets in a run's scope, in the order of its queue: host by host, in each by row.
    fn targets(
        &self,
        run: RunId,
        after: Option<TargetId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TargetRecord>, StoreError>> + Send;
    /// These targets.
    fn target_records(
        &self,
        ids: Vec<TargetId>,
    ) -> impl Future<Output = Result<Vec<TargetRecord>, StoreError>> + Send;
    /// The target of a URL.
    fn find_target(
        &self,
        url: CanonicalUrl,
    ) -> impl Future<Output = Result<Option<TargetRecord>, StoreError>> + Send;
    /// Where targets are named, by entries that are still there.
    fn places(
        &self,
        targets: Vec<TargetId>,
    ) -> impl Future<Output = Result<Vec<TargetPlace>, StoreError>> + Send;
    /// A snapshot with its page; `None` where there is none, or its page is not kept.
    fn snapshot(&self, id: SnapshotId) -> impl Future<Output = Result<Option<Snapshot>, StoreError>> + Send;
    /// The body that a snapshot was read of, with its `Content-Type`; `None` where there is none, or it is not kept.
    fn snapshot_body(&self, id: SnapshotId) -> impl Future<Output = Result<Option<Body>, StoreError>> + Send;
    /// Entries by path (exact, or its end), in any source, whatever run read them.
    fn find_entries(&self, path: String)
    -> impl Future<Output = Result<Vec<StoredEntry>, StoreError>> + Send;
    /// Every source.
    fn sources(&self) -> impl Future<Output = Result<Vec<(SourceId, SourceRecord)>, StoreError>> + Send;
    /// Runs, newest first.
    fn runs(&self, limit: usize) -> impl Future<Output = Result<Vec<RunRecord>, StoreError>> + Send;

    /// Records findings of a run. `first_seen` of one that was known is kept, and so is what a maintainer decided of it, unless that
    /// was bound to something else than what it is [bound to](Finding::bound_to) now: then it is open again.
    fn record_findings(
        &self,
        run: RunId,
        findings: Vec<Finding>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// All findings of the run are recorded: those of its scope that it did not find are resolved, and a message is queued for each of
    /// `receivers` to whom that is news, all in one transaction. Whoever was told that a finding is open is not told so again before it
    /// was told that it is resolved.
    fn finish_findings(
        &self,
        run: RunId,
        at: Timestamp,
        receivers: Vec<NotifySettings>,
    ) -> impl Future<Output = Result<FindingCounts, StoreError>> + Send;
    /// Findings that are not resolved, counted.
    fn finding_counts(&self) -> impl Future<Output = Result<Vec<(FindingKind, u64)>, StoreError>> + Send;
    /// The oldest message that waits, of each receiver.
    fn messages(&self, limit: usize) -> impl Future<Output = Result<Vec<Message>, StoreError>> + Send;
    /// Records what became of an attempt to deliver a message.
    fn settle_message(
        &self,
        id: MessageId,
        fate: Fate,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// What the outbox holds.
    fn outbox_counts(&self) -> impl Future<Output = Result<OutboxCounts, StoreError>> + Send;
    /// Findings by id.
    fn findings(
        &self,
        query: FindingQuery,
        after: Option<FindingId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredFinding>, StoreError>> + Send;

    /// Records a review; tells whether there is such a finding or entry. What it decides of a finding lasts until the first run that
    /// begins at `until` or later.
    fn record_review(&self, review: Review) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// Reviews, newest first.
    fn reviews(&self, limit: usize) -> impl Future<Output = Result<Vec<Review>, StoreError>> + Send;

    /// A run of a schedule begins.
    fn begin_schedule(
        &self,
        name: String,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The schedule's run ended.
    fn end_schedule(
        &self,
        name: String,
        at: Timestamp,
        ending: ScheduleEnding,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// The last run of every schedule that ever ran.
    fn schedules(&self) -> impl Future<Output = Result<Vec<ScheduleRecord>, StoreError>> + Send;

    /// Every target, by row, whatever run visited it.
    fn all_targets(
        &self,
        after: Option<TargetId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<TargetRecord>, StoreError>> + Send;
    /// Removes one slice of what need not be kept; gives where to go on, until there is nothing left. Not during a run.
    fn prune(
        &self,
        keep: Retention,
        rest: Option<PruneRest>,
    ) -> impl Future<Output = Result<(Pruned, Option<PruneRest>), StoreError>> + Send;
    /// Forgets one slice; says whether there may be more. Not during a run.
    fn forget(&self, what: Forget) -> impl Future<Output = Result<(Forgotten, bool), StoreError>> + Send;

    /// Looks for damage.
    fn check(&self) -> impl Future<Output = Result<Soundness, StoreError>> + Send;
    /// Writes a consistent copy to a file that does not exist yet.
    fn backup(&self, to: &Path) -> impl Future<Output = Result<(), StoreError>> + Send;
}
