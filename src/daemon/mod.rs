//! The service: waits for the times of its schedules and runs them one after the other, until it is told to stop. Clock, signals,
//! the service manager and what a run does are arguments.

mod plan;
mod serve;
mod signals;
mod systemd;

use std::future::Future;

use tokio_util::sync::CancellationToken;

use crate::config::Schedule;
use crate::store::StoreError;
use crate::time::Timestamp;

pub use serve::{Ending, Ping, Service, serve};
pub use signals::{Catcher, Signal, hold_signals, listen};
pub use systemd::{Notice, Notify, Systemd, watchdog_interval};

/// Runs schedules, and knows when they ran.
pub trait Executor: Send + Sync + 'static {
    /// The schedule's last run, if it ever ran.
    fn last_run(&self, schedule: &str) -> impl Future<Output = Result<Option<LastRun>, StoreError>> + Send;

    /// Why no run can make progress any more, where that is so: the service manager is to start the service anew. Must not block.
    fn stuck(&self) -> Option<String>;

    /// Runs the schedule. When `cancel` fires it commits what it has and ends soon.
    fn execute(&self, schedule: &Schedule, cancel: CancellationToken)
    -> impl Future<Output = TaskEnd> + Send;
}

/// A schedule's last run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRun {
    /// When it began.
    pub began_at: Timestamp,
    /// Whether it was cut short, by a stop, a crash or a power cut, and has a rest to do.
    pub cut_short: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskEnd {
    /// To the end; one line for people.
    Done(String),
    /// Told to stop before its end; what it learned is kept.
    Cancelled,
    /// With an error, for people.
    Failed(String),
}
