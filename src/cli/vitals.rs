//! What the service knows of itself, for `/metrics`, `/healthz` and `/readyz`: kept in memory, so that whoever watches waits for nobody.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::execute::Schedules;
use crate::daemon::{Executor, Ping, TaskEnd};
use crate::notify::Delivered;
use crate::pipeline::{Ending, RunEnd};
use crate::store::{RunRecord, ScheduleRecord, Store};
use crate::time::{Clock, SystemClock};
use crate::visit::Progress;
use crate::web::metrics::{Numbers, RunNow, RunOutcome};
use crate::web::vitals::Vitals;

/// The numbers, and the run in progress.
#[derive(Debug)]
pub(super) struct Tally(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    numbers: Numbers,
    progress: Option<Arc<Progress>>,
}

/// A run in progress; counts as one that panicked where nobody says how it ended.
pub(super) struct Running<'a> {
    tally: &'a Tally,
    schedule: String,
    outcome: RunOutcome,
}

/// The service as whoever watches it sees it.
pub(super) struct Watched {
    /// What runs schedules.
    pub(super) schedules: Arc<Schedules>,
    /// The way to the loop.
    pub(super) pings: mpsc::Sender<Ping>,
}

impl Tally {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let numbers = Numbers { started_at: SystemClock.now(), ..Numbers::default() };
        Self(Mutex::new(Kept { numbers, progress: None }))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what the state knows of the time before this service: when schedules last ended well, and the verdicts of the newest
    /// run that came to its end. `runs` are newest first.
    pub(super) fn recall(&self, schedules: Vec<ScheduleRecord>, runs: &[RunRecord]) {
        let kept = &mut self.kept().numbers;
        for last in schedules {
            if let Some(at) = last.succeeded_at {
                kept.last_success.entry(last.name).or_insert(at);
            }
        }
        let ends = runs.iter().filter(|run| run.finished_at.is_some());
        let mut ends = ends.filter_map(|run| run.summary.as_deref().and_then(RunEnd::of));
        if let Some(end) = ends.find(|end| end.ending == Ending::Complete)
            && kept.targets.is_empty()
        {
            kept.targets = end.summary.by_verdict;
        }
    }

    /// A run begins.
    pub(super) fn begin(&self, schedule: &str) -> Running<'_> {
        let progress = Arc::new(Progress::default());
        let mut kept = self.kept();
        let run =
            RunNow { schedule: schedule.to_owned(), started_at: SystemClock.now(), progress: progress.now() };
        kept.numbers.run = Some(run);
        kept.progress = Some(progress);
        Running { tally: self, schedule: schedule.to_owned(), outcome: RunOutcome::Panicked }
    }

    /// Where the run in progress shows how far it is.
    pub(super) fn progress(&self) -> Arc<Progress> {
        self.kept().progress.clone().unwrap_or_default()
    }

    /// A check ended, in whatever way.
    pub(super) fn checked(&self, end: &RunEnd) {
        let numbers = &mut self.kept().numbers;
        numbers.count_visits(&end.reasons);
        numbers.requests += end.summary.requests;
        numbers.received_bytes += end.summary.received_bytes;
        if end.ending == Ending::Complete {
            numbers.targets.clone_from(&end.summary.by_verdict);
        }
    }

    /// Messages were tried.
    pub(super) fn delivered(&self, delivered: &Delivered) {
        let numbers = &mut self.kept().numbers;
        for (outcome, receivers) in [
            ("delivered", &delivered.delivered),
            ("later", &delivered.later),
            ("given-up", &delivered.given_up),
        ] {
            for receiver in receivers {
                *numbers.messages.entry((receiver.clone(), outcome)).or_default() += 1;
            }
        }
    }

    /// Reads what only the state can count.
    pub(super) async fn count(&self, store: &impl Store) {
        match (store.finding_counts().await, store.outbox_counts().await) {
            (Ok(findings), Ok(outbox)) => {
                let numbers = &mut self.kept().numbers;
                (numbers.findings, numbers.outbox) = (findings, outbox);
            }
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(error.message = %error, "the state could not be counted for the metrics");
            }
        }
    }
}

impl Running<'_> {
    /// How it ended.
    pub(super) fn ended(mut self, end: &TaskEnd) {
        self.outcome = match end {
            TaskEnd::Done(_) => RunOutcome::Done,
            TaskEnd::Cancelled => RunOutcome::Cancelled,
            TaskEnd::Failed(_) => RunOutcome::Failed,
        };
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut kept = self.tally.kept();
        (kept.numbers.run, kept.progress) = (None, None);
        *kept.numbers.runs.entry((self.schedule.clone(), self.outcome)).or_default() += 1;
        if self.outcome == RunOutcome::Done {
            kept.numbers.last_success.insert(self.schedule.clone(), SystemClock.now());
        }
    }
}

impl Vitals for Watched {
    fn numbers(&self) -> Numbers {
        let kept = self.schedules.tally.kept();
        let mut numbers = kept.numbers.clone();
        if let (Some(run), Some(progress)) = (&mut numbers.run, &kept.progress) {
            run.progress = progress.now();
        }
        drop(kept);
        numbers.state_bytes = state_bytes(self.schedules.path());
        numbers.writer_busy = self.schedules.writer_busy_for();
        numbers.process = process();
        numbers
    }

    async fn alive(&self) -> Result<(), String> {
        if let Some(why) = self.schedules.stuck() {
            return Err(why);
        }
        let (ping, pong) = oneshot::channel();
        let asked = self.pings.send(ping).await;
        match (asked, pong.await) {
            (Ok(()), Ok(())) => Ok(()),
            _ => Err("the service stops".to_owned()),
        }
    }

    async fn ready(&self) -> Result<(), String> {
        // The loop answers only once schedules are planned.
        self.alive().await?;
        self.schedules.outbox_is_readable().await.map_err(|error| error.to_string())
    }
}

/// Bytes of the state file and of its write-ahead log.
fn state_bytes(path: &Path) -> (u64, u64) {
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    (size(path), size(Path::new(&log)))
}

/// Bytes of memory in use and open files, from /proc/self, where there is one (proc(5)).
fn process() -> Option<(u64, u64)> {
    // The folder that is being read is one of them.
    let files = fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    Some((resident_memory()?, files as u64))
}

/// Bytes of memory in use, where the system says so.
pub(super) fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P10.
    #[test]
    fn p10_a_run_that_nobody_ended_panicked() {
        let tally = Tally::new();
        tally.begin("a").ended(&TaskEnd::Done(String::new()));
        tally.begin("a").ended(&TaskEnd::Cancelled);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _running = tally.begin("a");
            assert!(tally.kept().numbers.run.is_some());
            panic!("a fault of the test");
        }));
        assert!(caught.is_err());
        let numbers = tally.kept().numbers.clone();
        assert!(numbers.run.is_none());
        let count = |outcome| numbers.runs.get(&("a".to_owned(), outcome)).copied();
        assert_eq!(count(RunOutcome::Done), Some(1));
        assert_eq!(count(RunOutcome::Cancelled), Some(1));
        assert_eq!(count(RunOutcome::Panicked), Some(1));
        assert_eq!(numbers.last_success.len(), 1);
    }
}
