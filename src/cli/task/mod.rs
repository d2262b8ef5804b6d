//! What tasks other than `check` do: the same for `run` and for the service.

pub(super) mod backup;
pub(super) mod prune;
pub(super) mod report;
pub(super) mod sync;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use self::backup::Backups;
use super::output::counted;
use crate::config::{Config, Schedule, Task};
use crate::daemon::TaskEnd;
use crate::store::sqlite::SqliteStore;
use crate::time::SystemClock;

/// Does what the schedule asks for, unless that is `check`.
pub(super) async fn perform(
    store: &SqliteStore,
    config: &Arc<Config>,
    schedule: &Schedule,
    cancel: &CancellationToken,
) -> anyhow::Result<TaskEnd> {
    match schedule.task {
        Task::Check => anyhow::bail!("the task `check` is a run, and no other task"),
        Task::Backup => {
            let keep = config.retention.backups;
            let file = Backups::beside(store.path()).make(store, &SystemClock, keep).await?;
            Ok(TaskEnd::Done(format!("the state was copied to {}", file.display())))
        }
        Task::Sync => sync::perform(store, config, schedule, cancel).await,
        Task::Report => {
            let written = report::write(store, config, &schedule.report).await?;
            let names: Vec<String> = written.iter().map(|file| file.display().to_string()).collect();
            Ok(TaskEnd::Done(format!(
                "wrote {}: {}",
                counted(written.len() as u64, "report", "reports"),
                names.join(", ")
            )))
        }
        Task::Prune => prune::perform(store, config, cancel).await,
    }
}
