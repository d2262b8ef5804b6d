//! What a schedule does: the same for `run` and for the service.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::bail;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::daemon::Reconfigure;
use super::vitals::Tally;
use super::{output, task};
use crate::config::{Config, Schedule, Task};
use crate::daemon::{Executor, LastRun, TaskEnd};
use crate::notify::Courier;
use crate::pipeline::{Ending, Network, Pipeline, Request, RunEnd, Targets, Telling, Unreachable};
use crate::source::{Selection, Source};
use crate::store::sqlite::{Access, SqliteStore};
use crate::store::{ScheduleEnding, Store, StoreError};
use crate::time::{Clock, SystemClock, Timestamp};

/// Runs that are looked through for the last that came to its end, whose verdicts the service shows.
const RECALLED: usize = 200;

/// A piece of work that the state's writer has not done after this time will not end: the longest are those of a run over a million
/// targets, and take seconds.
const WRITER_HANGS: Duration = Duration::from_secs(300);

/// Messages that wait are looked at this often while there are any: a timer of the runtime does not count suspend.
const LOOK_AT_OUTBOX: Duration = Duration::from_secs(60);

/// How soon the state is tried again that this process itself still holds.
const LET_GO: Duration = Duration::from_secs(1);

/// Runs schedules for the service.
pub(super) struct Schedules {
    path: PathBuf,
    /// Empty after a write that failed: the state is opened anew, for a full disk may have room again by the next run.
    store: Mutex<Option<SqliteStore>>,
    config: Mutex<Arc<Config>>,
    /// What whoever watches the service sees.
    pub(super) tally: Tally,
    /// A run ended: there may be messages.
    ended: Notify,
}

impl Schedules {
    /// On the state that the configuration names, which is opened here.
    pub(super) fn open(config: Config) -> Result<Self, StoreError> {
        let path = config.state.path.clone();
        let store = SqliteStore::open(&path, Access::Run)?;
        Ok(Self {
            path,
            store: Mutex::new(Some(store)),
            config: Mutex::new(Arc::new(config)),
            tally: Tally::new(),
            ended: Notify::new(),
        })
    }

    /// The state file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// For how long the state's writer has been at the piece of work in hand.
    pub(super) fn writer_busy_for(&self) -> Duration {
        let held = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map_or(Duration::ZERO, SqliteStore::writer_busy_for)
    }

    /// Whether the state can be read.
    pub(super) async fn outbox_is_readable(&self) -> Result<(), StoreError> {
        self.store()?.outbox_counts().await.map(drop)
    }

    /// Delivers messages until `stop`: what an earlier service left, what runs leave at their ends, and what is tried again. Without
    /// messages it sleeps until a run ends.
    pub(super) async fn deliver_messages(&self, stop: CancellationToken) {
        if let Err(error) = self.recall().await {
            tracing::warn!(error.message = %error, "the state could not be read");
        }
        while !stop.is_cancelled() {
            // Not cut short by `stop`: what a receiver took is to be recorded.
            let next = self.deliver().await;
            let wait = async {
                match next {
                    Some(at) => {
                        let wait = (at - SystemClock.now()).to_std().unwrap_or_default();
                        tokio::time::sleep(wait.clamp(Duration::from_secs(1), LOOK_AT_OUTBOX)).await;
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = wait => {}
                () = self.ended.notified() => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Takes over what the state knows of the time before this service.
    async fn recall(&self) -> Result<(), StoreError> {
        let store = self.store()?;
        let (schedules, runs) = (store.schedules().await?, store.runs(RECALLED).await?);
        self.tally.recall(schedules, &runs);
        Ok(())
    }

    /// Delivers what is due; gives when more is.
    async fn deliver(&self) -> Option<Timestamp> {
        let delivered = async {
            let store = self.store()?;
            let config = self.config.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let delivered =
                Courier { store: store.clone(), config, clock: Arc::new(SystemClock) }.deliver().await?;
            self.tally.delivered(&delivered);
            self.tally.count(&store).await;
            Ok::<_, StoreError>(delivered.next)
        };
        match delivered.await {
            Ok(next) => next,
            // Our own: after a write that failed, the end of the run has yet to let go of the state.
            Err(StoreError::Locked { holder, .. }) if holder == std::process::id().to_string() => {
                Some(SystemClock.now() + LET_GO)
            }
            Err(error) => {
                tracing::error!(error.message = %error, "messages could not be delivered");
                Some(SystemClock.now() + LOOK_AT_OUTBOX)
            }
        }
    }

    fn store(&self) -> Result<SqliteStore, StoreError> {
        let mut held = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        match &*held {
            Some(store) => Ok(store.clone()),
            None => Ok(held.insert(SqliteStore::open(&self.path, Access::Run)?).clone()),
        }
    }

    fn config(&self) -> Arc<Config> {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn task(
        &self,
        store: SqliteStore,
        schedule: &Schedule,
        cancel: CancellationToken,
    ) -> anyhow::Result<TaskEnd> {
        match schedule.task {
            Task::Check => self.check(store, schedule, cancel).await,
            _ => task::perform(&store, &self.config(), schedule, &cancel).await,
        }
    }

    async fn check(
        &self,
        store: SqliteStore,
        schedule: &Schedule,
        cancel: CancellationToken,
    ) -> anyhow::Result<TaskEnd> {
        let config = self.config();
        if let Some(end) = task::sync::fetch_missing(&config, schedule, &cancel).await? {
            return Ok(end);
        }
        let request = request(schedule, &config, Network::Visit, Unreachable::Warning)?;
        let pipeline = Pipeline { store, config, clock: Arc::new(SystemClock) };
        let (_, end) = pipeline.run(&request, self.tally.progress(), cancel).await?;
        self.tally.checked(&end);
        for note in &end.notes {
            tracing::warn!(schedule.name = schedule.name, "{note}");
        }
        match end.ending {
            Ending::Interrupted | Ending::ReadOnly => Ok(TaskEnd::Cancelled),
            Ending::NetworkDown => Ok(TaskEnd::Failed(end.notes.join("; "))),
            Ending::Complete => Ok(TaskEnd::Done(in_one_line(&end))),
        }
    }
}

impl Reconfigure for Schedules {
    fn reconfigure(&self, config: Config) {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }
}

impl Executor for Schedules {
    async fn last_run(&self, schedule: &str) -> Result<Option<LastRun>, StoreError> {
        let last = self.store()?.schedules().await?.into_iter().find(|last| last.name == schedule);
        Ok(last.map(|last| LastRun {
            began_at: last.began_at,
            cut_short: matches!(last.ending, None | Some(ScheduleEnding::Stopped)),
        }))
    }

    fn stuck(&self) -> Option<String> {
        let busy = self.writer_busy_for();
        (busy > WRITER_HANGS)
            .then(|| format!("the state's writer has been at one piece of work for {} s", busy.as_secs()))
    }

    async fn execute(&self, schedule: &Schedule, cancel: CancellationToken) -> TaskEnd {
        let running = self.tally.begin(&schedule.name);
        let performed = async {
            let store = self.store()?;
            recorded(&store, schedule, self.task(store.clone(), schedule, cancel)).await
        };
        let end = performed.await.unwrap_or_else(|error: anyhow::Error| {
            self.store.lock().unwrap_or_else(PoisonError::into_inner).take();
            TaskEnd::Failed(format!("{error:#}"))
        });
        running.ended(&end);
        self.ended.notify_one();
        end
    }
}

/// Records that the schedule ran, and how that ended. Where the end cannot be recorded, the rest is done after the next start.
pub(super) async fn recorded(
    store: &impl Store,
    schedule: &Schedule,
    run: impl Future<Output = anyhow::Result<TaskEnd>>,
) -> anyhow::Result<TaskEnd> {
    store.begin_schedule(schedule.name.clone(), SystemClock.now()).await?;
    let end = run.await;
    let ending = match &end {
        Ok(TaskEnd::Done(_)) => ScheduleEnding::Done,
        Ok(TaskEnd::Cancelled) => ScheduleEnding::Stopped,
        Ok(TaskEnd::Failed(_)) | Err(_) => ScheduleEnding::Failed,
    };
    let written = store.end_schedule(schedule.name.clone(), SystemClock.now(), ending).await;
    let end = end?;
    written?;
    Ok(end)
}

/// The run that a schedule asks for.
pub(super) fn request(
    schedule: &Schedule,
    config: &Config,
    network: Network,
    unreachable: Unreachable,
) -> anyhow::Result<Request> {
    let selections: Vec<Selection> = config
        .sources
        .iter()
        .filter(|source| schedule.covers_source(&source.name))
        .map(|source| Selection::whole(Source::from(source)))
        .collect();
    if selections.is_empty() {
        bail!("schedule {}: no source to check: add a [[source]] to linkdrift.toml", schedule.name);
    }
    for selection in &selections {
        if selection.is_empty()? {
            bail!(
                "source {}: no entry in {}: {} match nothing",
                selection.source.name,
                selection.source.root.display(),
                selection.source.files.join(", ")
            );
        }
    }
    Ok(Request {
        name: schedule.name.clone(),
        selections,
        hosts: schedule.hosts.clone(),
        targets: Targets::Due { max_age: schedule.max_age },
        network,
        unreachable,
        telling: Telling::Receivers,
    })
}

/// What a run came to, in one line.
fn in_one_line(end: &RunEnd) -> String {
    let summary = &end.summary;
    format!(
        "{} of {} visited in {}; findings: {} new, {} ongoing, {} resolved",
        summary.visited,
        output::counted(summary.targets, "target", "targets"),
        output::counted(summary.entries, "entry", "entries"),
        summary.new,
        summary.ongoing,
        summary.resolved
    )
}
