//! The state, in domain verbs. `sqlite` is the embedded default; SQL, time and identity stay behind this trait.

mod record;
pub mod sqlite;
mod upkeep;

use std::collections::HashSet;
use std::future::Future;
use std::path::{Path, PathBuf};

use crate::config::NotifySettings;
use crate::finding::{Finding, FindingId};
use crate::page::Page;
use crate::snapshot::{SnapshotId, SnapshotMeta};
use crate::target::{CanonicalUrl, HostKey, TargetId};
use crate::time::Timestamp;
use crate::visit::facts::{Body, DueTarget};

pub use record::{
    Candidate, Decision, EntryId, EntryRecord, Fate, FindingCounts, FindingKind, FindingQuery, Message,
    MessageId, NewRun, OutboxCounts, Plan, Planned, ProbeKind, Review, ReviewSubject, RunId, RunRecord,
    ScheduleEnding, ScheduleRecord, SourceId, SourceRecord, StoredEntry, StoredFinding, StoredReference,
    TargetPlace, TargetRecord, VisitRecord,
};
pub use upkeep::{Forget, Forgotten, PruneRest, PruneStage, Pruned, Retention, Soundness};

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
    /// Records entries that a run read, with their references and targets, and puts them into the run's scope. One that could not be read
    /// keeps what is known of it, beside why.
    fn record_entries(
        &self,
        run: RunId,
        entries: Vec<EntryRecord>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// A source was read from end to end: entries that this run did not see are gone, but for those at, or below, the paths in `kept`,
    /// which it could not look at. The empty path is the root.
    fn finish_source(
        &self,
        run: RunId,
        source: SourceId,
        kept: HashSet<String>,
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

    /// Entries in a run's scope, by row: at most `limit`, and fewer where they have many references, so that what comes together stays
    /// small. None are left when none come.
    fn entries(
        &self,
        run: RunId,
        after: Option<EntryId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<StoredEntry>, StoreError>> + Send;
    /// Targets in a run's scope as they are now, in the order of its queue: host by host, in each by row. Of their past, only the newest
    /// interval comes, and no snapshots.
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
    /// A snapshot, with its page where that is kept; where its body is, the page is read of that.
    fn snapshot(
        &self,
        id: SnapshotId,
    ) -> impl Future<Output = Result<Option<(SnapshotMeta, Option<Page>)>, StoreError>> + Send;
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
