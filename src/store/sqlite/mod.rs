//! SQLite: one writer thread with batched transactions, many readers.
//!
//! What others may rely on: the file is ours or is not touched; one run at a time holds the lock; what [`Store::flush`] (or any call
//! that returns a value) has confirmed survives a killed process and a power cut; a visit that finds nothing new updates one row.

mod backup;
mod blob;
mod check;
mod column;
mod entry;
mod fault;
mod file;
mod finding;
mod forget;
mod migration;
mod outbox;
mod probe;
mod prune;
mod readers;
mod restore;
mod review;
mod run;
mod schedule;
mod target;
mod turn;
mod visit;
mod writer;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use self::file::{Durability, Found, RunLock};
use self::readers::Readers;
use self::turn::Turn;
use self::writer::Writer;
use super::{
    Candidate, EntryId, EntryRecord, Fate, FindingCounts, FindingKind, FindingQuery, Forget, Forgotten,
    Message, MessageId, NewRun, OutboxCounts, Plan, Planned, ProbeKind, PruneRest, Pruned, Retention, Review,
    RunId, RunRecord, ScheduleEnding, ScheduleRecord, Soundness, SourceId, SourceRecord, Store, StoreError,
    StoredEntry, StoredFinding, TargetPlace, TargetRecord, VisitRecord,
};
use crate::config::NotifySettings;
use crate::finding::{Finding, FindingId};
use crate::page::Page;
use crate::snapshot::{SnapshotId, SnapshotMeta};
use crate::target::{CanonicalUrl, HostKey, TargetId};
use crate::time::Timestamp;
use crate::visit::facts::{Body, DueTarget};
pub use restore::restore;

/// What a state is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A run: creates the state where there is none, and holds its lock.
    Run,
    /// Looking after a state that is there: holds its lock, so that no run goes on meanwhile.
    Upkeep,
    /// Reading beside whatever else goes on.
    Read,
    /// Short writes of a maintainer, beside a run.
    Review,
}

/// A state in a SQLite file. Clones share it; it is closed when the last one is dropped.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

/// In the order in which they are dropped: readers before the writer, so that it can empty the log; the files last.
struct Inner {
    path: PathBuf,
    readers: Readers,
    writer: Option<Writer>,
    _lock: Option<RunLock>,
    _folder: Option<TempDir>,
}

impl SqliteStore {
    /// Opens the state at `path`.
    pub fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        // A symlink is followed here once, so that locks and logs stand beside the file itself, whatever name it was called by.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let found = file::look(&path)?;
        if let Found::Foreign(why) = found {
            return Err(StoreError::NotAState { path, why });
        }
        if access != Access::Run && found == Found::Nothing {
            return Err(StoreError::Failed {
                path,
                why: "there is no state yet: `linkdrift check` makes one".into(),
            });
        }
        if !matches!(access, Access::Run | Access::Upkeep) {
            let writing = match access {
                Access::Review => {
                    let turn = Turn::Review(Turn::file(&path)?);
                    file::share(&path);
                    Some((Durability::Full, turn))
                }
                _ => None,
            };
            return Self::connect(path, writing, None, None);
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::Failed {
                path: path.clone(),
                why: format!("cannot make the folder of the state: {error}"),
            })?;
        }
        if file::open_to_everybody(&path) {
            tracing::warn!(path = %path.display(), "every user may replace the state: take write access to its folder from others");
        }
        let lock = RunLock::take(&path)?;
        // Looked at again: another run may have made it before the lock was ours.
        if file::look(&path)? == Found::Nothing {
            file::create(&path)?;
        }
        let turn = Turn::Run(Turn::file(&path)?);
        file::share(&path);
        Self::connect(path, Some((Durability::Full, turn)), Some(lock), None)
    }

    /// A state for one run, removed when the last clone is dropped.
    pub fn temporary() -> Result<Self, StoreError> {
        let failed = |error: std::io::Error| StoreError::Failed {
            path: std::env::temp_dir(),
            why: format!("cannot make a temporary state: {error}"),
        };
        let folder = tempfile::Builder::new().prefix("linkdrift-").tempdir().map_err(failed)?;
        let path = folder.path().join("state.db");
        file::create(&path)?;
        Self::connect(path, Some((Durability::None, Turn::Alone)), None, Some(folder))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// For how long the writer has been at the piece of work in hand; zero where it waits for work. Does not wait for it.
    pub fn writer_busy_for(&self) -> std::time::Duration {
        self.inner.writer.as_ref().map_or_else(Default::default, Writer::busy_for)
    }

    fn connect(
        path: PathBuf,
        writing: Option<(Durability, Turn)>,
        lock: Option<RunLock>,
        folder: Option<TempDir>,
    ) -> Result<Self, StoreError> {
        let schema = file::refuse_newer(&path)?;
        let writer = match writing {
            Some((durability, turn)) => {
                let connection = file::open_writing(&path, durability)
                    .map_err(|fault| fault.told(&path, "open the state for writing"))?;
                Some(Writer::start(connection, path.clone(), turn)?)
            }
            None if schema < migration::SCHEMA => {
                return Err(StoreError::Failed {
                    path,
                    why: format!(
                        "written by an older linkdrift (schema {schema}, this one knows {}); `linkdrift check` or the \
                         daemon brings it up to date",
                        migration::SCHEMA
                    ),
                });
            }
            None => None,
        };
        let readers = Readers::start(&path)?;
        Ok(Self { inner: Arc::new(Inner { path, readers, writer, _lock: lock, _folder: folder }) })
    }

    fn writer(&self) -> Result<&Writer, StoreError> {
        self.inner.writer.as_ref().ok_or_else(|| StoreError::Failed {
            path: self.inner.path.clone(),
            why: "was opened for reading only".into(),
        })
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl Store for SqliteStore {
    async fn begin_run(&self, run: NewRun) -> Result<RunId, StoreError> {
        self.writer()?.perform("begin a run", move |connection| run::begin(connection, &run)).await
    }

    async fn finish_run(&self, run: RunId, at: Timestamp, summary: String) -> Result<(), StoreError> {
        self.writer()?
            .perform("finish the run", move |connection| run::finish(connection, run, at, &summary))
            .await
    }

    async fn put_source(&self, source: SourceRecord) -> Result<SourceId, StoreError> {
        self.writer()?
            .perform("record a source", move |connection| entry::put_source(connection, &source))
            .await
    }

    async fn record_entries(&self, run: RunId, entries: Vec<EntryRecord>) -> Result<(), StoreError> {
        let bytes = entries.iter().map(|entry| entry.text.len() + 200 * entry.read.references.len()).sum();
        self.writer()?
            .queue("record entries", bytes, move |connection| {
                entries.iter().try_for_each(|entry| entry::record(connection, run, entry))
            })
            .await
    }

    async fn finish_source(
        &self,
        run: RunId,
        source: SourceId,
        kept: HashSet<String>,
    ) -> Result<(), StoreError> {
        self.writer()?
            .queue("finish a source", 0, move |connection| {
                entry::finish_source(connection, run, source, &kept)
            })
            .await
    }

    async fn plan(&self, run: RunId, plan: Plan) -> Result<Planned, StoreError> {
        self.writer()?.perform("plan the run", move |connection| run::plan(connection, run, &plan)).await
    }

    async fn candidates(
        &self,
        run: RunId,
        host: HostKey,
        after: Option<TargetId>,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        self.inner
            .readers
            .read("read what was planned", move |connection| {
                run::candidates(connection, run, &host, after, limit)
            })
            .await
    }

    async fn visit_only(&self, run: RunId, host: HostKey, targets: Vec<TargetId>) -> Result<(), StoreError> {
        self.writer()?
            .queue("plan the run", 8 * targets.len(), move |connection| {
                run::visit_only(connection, run, &host, &targets)
            })
            .await
    }

    async fn next_targets(
        &self,
        run: RunId,
        host: HostKey,
        after: Option<TargetId>,
        limit: usize,
    ) -> Result<Vec<DueTarget>, StoreError> {
        self.inner
            .readers
            .read("read the queue", move |connection| run::next_targets(connection, run, &host, after, limit))
            .await
    }

    async fn record_visit(&self, run: RunId, visit: VisitRecord) -> Result<(), StoreError> {
        let snapshot = visit.snapshot.as_ref();
        let bytes = snapshot.map_or(0, |snapshot| {
            snapshot.page.as_ref().map_or(0, Vec::len) + snapshot.body.as_ref().map_or(0, Vec::len)
        });
        self.writer()?
            .queue("record a visit", bytes, move |connection| visit::record(connection, run, visit))
            .await
    }

    async fn put_probe(&self, kind: ProbeKind, url: CanonicalUrl) -> Result<TargetId, StoreError> {
        self.writer()?.perform("record a probe", move |connection| probe::put(connection, kind, &url)).await
    }

    async fn probe(&self, kind: ProbeKind, host: HostKey) -> Result<Option<TargetRecord>, StoreError> {
        self.inner
            .readers
            .read("look for a probe", move |connection| probe::find(connection, kind, &host))
            .await
    }

    async fn flush(&self) -> Result<(), StoreError> {
        match &self.inner.writer {
            Some(writer) => writer.perform("commit", |_| Ok(())).await,
            None => Ok(()),
        }
    }

    async fn entries(
        &self,
        run: RunId,
        after: Option<EntryId>,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.inner
            .readers
            .read("read entries", move |connection| entry::entries(connection, run, after, limit))
            .await
    }

    async fn targets(
        &self,
        run: RunId,
        after: Option<TargetId>,
        limit: usize,
    ) -> Result<Vec<TargetRecord>, StoreError> {
        self.inner
            .readers
            .read("read targets", move |connection| target::targets(connection, run, after, limit))
            .await
    }

    async fn target_records(&self, ids: Vec<TargetId>) -> Result<Vec<TargetRecord>, StoreError> {
        self.inner.readers.read("read targets", move |connection| target::records(connection, &ids)).await
    }

    async fn find_target(&self, url: CanonicalUrl) -> Result<Option<TargetRecord>, StoreError> {
        self.inner.readers.read("look for a target", move |connection| target::find(connection, &url)).await
    }

    async fn places(&self, targets: Vec<TargetId>) -> Result<Vec<TargetPlace>, StoreError> {
        self.inner
            .readers
            .read("read references", move |connection| entry::places(connection, &targets))
            .await
    }

    async fn snapshot(&self, id: SnapshotId) -> Result<Option<(SnapshotMeta, Option<Page>)>, StoreError> {
        self.inner.readers.read("read a snapshot", move |connection| target::snapshot(connection, id)).await
    }

    async fn snapshot_body(&self, id: SnapshotId) -> Result<Option<Body>, StoreError> {
        self.inner.readers.read("read a body", move |connection| target::snapshot_body(connection, id)).await
    }

    async fn find_entries(&self, path: String) -> Result<Vec<StoredEntry>, StoreError> {
        self.inner
            .readers
            .read("look for entries", move |connection| entry::find_entries(connection, &path))
            .await
    }

    async fn sources(&self) -> Result<Vec<(SourceId, SourceRecord)>, StoreError> {
        self.inner.readers.read("read sources", entry::sources).await
    }

    async fn runs(&self, limit: usize) -> Result<Vec<RunRecord>, StoreError> {
        self.inner.readers.read("read runs", move |connection| run::runs(connection, limit)).await
    }

    async fn record_findings(&self, run: RunId, findings: Vec<Finding>) -> Result<(), StoreError> {
        self.writer()?
            .queue("record findings", findings.len() << 10, move |connection| {
                findings.iter().try_for_each(|finding| finding::record(connection, run, finding))
            })
            .await
    }

    async fn finish_findings(
        &self,
        run: RunId,
        at: Timestamp,
        receivers: Vec<NotifySettings>,
    ) -> Result<FindingCounts, StoreError> {
        self.writer()?
            .perform("resolve findings", move |connection| {
                let counts = finding::finish(connection, run, at)?;
                outbox::queue(connection, run, at, &receivers)?;
                Ok(counts)
            })
            .await
    }

    async fn finding_counts(&self) -> Result<Vec<(FindingKind, u64)>, StoreError> {
        self.inner.readers.read("count findings", finding::counts).await
    }

    async fn messages(&self, limit: usize) -> Result<Vec<Message>, StoreError> {
        self.inner
            .readers
            .read("read the outbox", move |connection| outbox::messages(connection, limit))
            .await
    }

    async fn settle_message(&self, id: MessageId, fate: Fate) -> Result<(), StoreError> {
        self.writer()?
            .perform("record what became of a message", move |connection| {
                outbox::settle(connection, id, &fate)
            })
            .await
    }

    async fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        self.inner.readers.read("count messages", outbox::counts).await
    }

    async fn findings(
        &self,
        query: FindingQuery,
        after: Option<FindingId>,
        limit: usize,
    ) -> Result<Vec<StoredFinding>, StoreError> {
        self.inner
            .readers
            .read("read findings", move |connection| finding::findings(connection, &query, after, limit))
            .await
    }

    async fn record_review(&self, review: Review) -> Result<bool, StoreError> {
        self.writer()?.perform("record a review", move |connection| review::record(connection, &review)).await
    }

    async fn reviews(&self, limit: usize) -> Result<Vec<Review>, StoreError> {
        self.inner.readers.read("read reviews", move |connection| review::reviews(connection, limit)).await
    }

    async fn begin_schedule(&self, name: String, at: Timestamp) -> Result<(), StoreError> {
        self.writer()?
            .perform("record a schedule's run", move |connection| schedule::begin(connection, &name, at))
            .await
    }

    async fn end_schedule(
        &self,
        name: String,
        at: Timestamp,
        ending: ScheduleEnding,
    ) -> Result<(), StoreError> {
        self.writer()?
            .perform("record a schedule's run", move |connection| {
                schedule::end(connection, &name, at, ending)
            })
            .await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleRecord>, StoreError> {
        self.inner.readers.read("read what schedules came to", schedule::all).await
    }

    async fn all_targets(
        &self,
        after: Option<TargetId>,
        limit: usize,
    ) -> Result<Vec<TargetRecord>, StoreError> {
        self.inner.readers.read("read targets", move |connection| target::all(connection, after, limit)).await
    }

    async fn prune(
        &self,
        keep: Retention,
        rest: Option<PruneRest>,
    ) -> Result<(Pruned, Option<PruneRest>), StoreError> {
        self.writer()?.perform("prune", move |connection| prune::prune(connection, keep, rest)).await
    }

    async fn forget(&self, what: Forget) -> Result<(Forgotten, bool), StoreError> {
        self.writer()?.perform("forget", move |connection| forget::forget(connection, &what)).await
    }

    async fn check(&self) -> Result<Soundness, StoreError> {
        self.flush().await?;
        self.inner.readers.read("check the state", |connection| Ok(check::check(connection))).await
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.flush().await?;
        let (from, to) = (self.inner.path.clone(), to.to_owned());
        self.inner.readers.run(move |connection| backup::backup(connection, &from, &to)).await?
    }
}
