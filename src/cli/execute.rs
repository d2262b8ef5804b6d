//! What a schedule does: the same for `run` and for the service.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::bail;
use tokio_util::sync::CancellationToken;

use super::daemon::Reconfigure;
use super::{output, task};
use crate::config::{Config, Schedule, Task};
use crate::daemon::{Executor, LastRun, TaskEnd};
use crate::pipeline::{Ending, Network, Pipeline, Request, RunEnd, Targets, Unreachable};
use crate::source::{Selection, Source};
use crate::store::sqlite::{Access, SqliteStore};
use crate::store::{ScheduleEnding, Store, StoreError};
use crate::time::{Clock, SystemClock};
use crate::visit::Progress;

/// Runs schedules for the service.
pub(super) struct Schedules {
    path: PathBuf,
    /// Empty after a write that failed: the state is opened anew, for a full disk may have room again by the next run.
    store: Mutex<Option<SqliteStore>>,
    config: Mutex<Arc<Config>>,
}

impl Schedules {
    /// On the state that the configuration names, which is opened here.
    pub(super) fn open(config: Config) -> Result<Self, StoreError> {
        let path = config.state.path.clone();
        let store = SqliteStore::open(&path, Access::Run)?;
        Ok(Self { path, store: Mutex::new(Some(store)), config: Mutex::new(Arc::new(config)) })
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
        let (_, end) = pipeline.run(&request, Arc::new(Progress::default()), cancel).await?;
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
        let last = self.store()?.last_of_schedule(schedule.to_owned()).await?;
        Ok(last.map(|last| LastRun {
            began_at: last.began_at,
            cut_short: matches!(last.ending, None | Some(ScheduleEnding::Stopped)),
        }))
    }

    async fn execute(&self, schedule: &Schedule, cancel: CancellationToken) -> TaskEnd {
        let performed = async {
            let store = self.store()?;
            recorded(&store, schedule, self.task(store.clone(), schedule, cancel)).await
        };
        performed.await.unwrap_or_else(|error: anyhow::Error| {
            self.store.lock().unwrap_or_else(PoisonError::into_inner).take();
            TaskEnd::Failed(format!("{error:#}"))
        })
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
