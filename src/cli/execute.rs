//! What a schedule does: the same for `run` and for the service.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::daemon::Reconfigure;
use super::output;
use crate::config::{Config, Schedule, Task};
use crate::daemon::{Executor, TaskEnd};
use crate::pipeline::{Ending, Network, Pipeline, Request, RunEnd, Unreachable};
use crate::source::{Selection, Source};
use crate::store::sqlite::{Access, SqliteStore};
use crate::store::{Store, StoreError};
use crate::time::{Clock, SystemClock, Timestamp};
use crate::visit::Progress;

/// Runs that are looked through for a schedule's last one.
const RUNS: usize = 10_000;

/// Copies of the state that are kept.
const BACKUPS: usize = 7;

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

    async fn task(&self, schedule: &Schedule, cancel: CancellationToken) -> anyhow::Result<TaskEnd> {
        let store = self.store()?;
        match schedule.task {
            Task::Check => self.check(store, schedule, cancel).await,
            Task::Backup => {
                let file = Backups::beside(store.path()).make(&store, &SystemClock).await?;
                Ok(TaskEnd::Done(format!("the state was copied to {}", file.display())))
            }
            task => bail!("the task `{}` is not available in this version", task.as_str()),
        }
    }

    async fn check(
        &self,
        store: SqliteStore,
        schedule: &Schedule,
        cancel: CancellationToken,
    ) -> anyhow::Result<TaskEnd> {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let request = request(schedule, &config, Network::Visit, Unreachable::Warning)?;
        let pipeline = Pipeline { store, config, clock: Arc::new(SystemClock) };
        let (_, end) = pipeline.run(&request, Arc::new(Progress::default()), cancel).await?;
        for note in &end.notes {
            tracing::warn!(schedule.name = schedule.name, "{note}");
        }
        match end.ending {
            Ending::Interrupted => Ok(TaskEnd::Cancelled),
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
    async fn last_run(&self, schedule: &str) -> Result<Option<Timestamp>, StoreError> {
        let runs = self.store()?.runs(RUNS).await?;
        Ok(runs.into_iter().find(|run| run.name == schedule).map(|run| run.started_at))
    }

    async fn execute(&self, schedule: &Schedule, cancel: CancellationToken) -> TaskEnd {
        self.task(schedule, cancel).await.unwrap_or_else(|error| {
            self.store.lock().unwrap_or_else(PoisonError::into_inner).take();
            TaskEnd::Failed(format!("{error:#}"))
        })
    }
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
        fresh_since: None,
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

/// Copies of a state, in a folder beside it.
pub(super) struct Backups {
    folder: PathBuf,
    stem: String,
}

impl Backups {
    /// Those of the state at `path`.
    pub(super) fn beside(path: &Path) -> Self {
        let stem =
            path.file_stem().map_or_else(|| "state".to_owned(), |stem| stem.to_string_lossy().into_owned());
        Self { folder: path.parent().unwrap_or(Path::new(".")).join("backups"), stem }
    }

    /// Makes one, and removes the oldest beyond those that are kept.
    pub(super) async fn make(&self, store: &impl Store, clock: &dyn Clock) -> anyhow::Result<PathBuf> {
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot make {}", self.folder.display()))?;
        let file = self.folder.join(format!("{}-{}.db", self.stem, clock.now().format("%Y%m%dT%H%M%SZ")));
        store.backup(&file).await?;
        let mut copies = self.copies().with_context(|| format!("cannot list {}", self.folder.display()))?;
        copies.sort_unstable();
        let old = copies.len().saturating_sub(BACKUPS);
        for copy in &copies[..old] {
            fs::remove_file(copy)
                .with_context(|| format!("cannot remove the old backup {}", copy.display()))?;
        }
        Ok(file)
    }

    /// The files that this made, by their names.
    fn copies(&self) -> std::io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let stamp = name
                .strip_prefix(&self.stem)
                .and_then(|rest| rest.strip_prefix('-'))
                .and_then(|rest| rest.strip_suffix(".db"));
            let ours = stamp.is_some_and(|stamp| {
                stamp.len() == 16
                    && stamp.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'T' | b'Z'))
            });
            if ours {
                found.push(path);
            }
        }
        Ok(found)
    }
}
