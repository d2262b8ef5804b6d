//! The loop of the service.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::plan::{DueOutcome, Plan};
use super::{Executor, Notice, Notify, Signal, TaskEnd};
use crate::config::Schedule;
use crate::store::StoreError;
use crate::time::{Clock, Timestamp};

/// The wall clock is looked at this often, so that suspend and clock steps are seen: a timer of the runtime counts neither.
const LOOK_AT_CLOCK: Duration = Duration::from_secs(60);

/// The service is started anew only where nothing is due for this long.
const CALM: TimeDelta = TimeDelta::minutes(2);

/// How long a run that was told to stop may take.
const DRAIN: Duration = Duration::from_secs(30);

/// Asks the loop whether it still turns; it answers at its next turn.
pub type Ping = oneshot::Sender<()>;

/// What the service works with.
pub struct Service<'a, E> {
    /// Runs schedules.
    pub executor: Arc<E>,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Asks to stop or to reload. What comes after the end is left in it.
    pub signals: &'a mut mpsc::Receiver<Signal>,
    /// Is told how it goes.
    pub notify: &'a dyn Notify,
    /// Asks whether the loop still turns.
    pub pings: mpsc::Receiver<Ping>,
    /// How often `notify` wants to hear that the loop is alive.
    pub watchdog: Option<Duration>,
    /// Reads configuration and schedules again, and hands the new configuration to whom it concerns; an error changes nothing.
    pub reload: &'a (dyn Fn() -> Result<Vec<Schedule>, String> + Sync),
    /// Whether runs left so much behind that the service is to be started anew. Asked between runs, where there is time for it.
    pub outgrown: &'a (dyn Fn() -> bool + Sync),
}

/// How the service ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It was asked to stop.
    Stopped {
        /// The signal that asked for it.
        signal: Signal,
        /// The schedule whose run did not end in time, or was left by a second signal.
        left: Option<String>,
    },
    /// It is to be started anew: nothing runs, nor will for a while.
    Renewal,
}

/// Everything that can happen to the loop.
#[derive(Debug)]
enum Event {
    /// Somebody asked for something.
    Signal(Signal),
    /// The run in progress is over.
    Ended(TaskEnd),
    /// Somebody wants to know whether the loop still turns.
    Pinged(Ping),
    /// It is time to look at the clock.
    Look,
}

/// The run in progress and what waits for it.
struct Runs {
    tasks: JoinSet<TaskEnd>,
    current: Option<(Schedule, CancellationToken)>,
    waiting: VecDeque<Schedule>,
    /// A run ended since the start.
    any_ended: bool,
}

/// Runs schedules at their times until a signal asks to stop. Says `Ready` once their times are planned; the caller has opened the
/// state and checked the schedules before. One run at a time: schedules share one state. A schedule that is due while it waits or runs
/// is not run twice. Errors where the state cannot say when schedules last ran.
pub async fn serve<E: Executor>(
    schedules: Vec<Schedule>,
    mut service: Service<'_, E>,
) -> Result<Ending, StoreError> {
    let mut plan = service.plan(schedules).await?;
    let mut runs = Runs { tasks: JoinSet::new(), current: None, waiting: VecDeque::new(), any_ended: false };
    service.notify.tell(&[Notice::Ready, service.status(&plan, &runs)]);
    loop {
        let now = service.clock.now();
        for due in plan.due(now) {
            runs.enqueue(due.schedule, due.outcome);
        }
        if runs.start_next(&service.executor) {
            service.notify.tell(&[service.status(&plan, &runs)]);
        }
        service.feed_watchdog();
        match service.event(&plan, &mut runs, now).await {
            Event::Look if runs.any_ended && service.is_calm(&plan, &runs) && (service.outgrown)() => {
                service.notify.tell(&[Notice::Status("starting anew, to give memory back".to_owned())]);
                return Ok(Ending::Renewal);
            }
            Event::Look => {}
            Event::Pinged(ping) => {
                let _ = ping.send(());
            }
            Event::Ended(end) => {
                runs.ended(&end);
                service.notify.tell(&[service.status(&plan, &runs)]);
            }
            Event::Signal(Signal::Reload) => plan = service.reload(plan, &mut runs).await,
            Event::Signal(signal) => return Ok(service.stop(signal, runs).await),
        }
    }
}

impl<E: Executor> Service<'_, E> {
    async fn plan(&self, schedules: Vec<Schedule>) -> Result<Plan, StoreError> {
        let mut with_last_runs = Vec::new();
        for schedule in schedules {
            let last_run = self.executor.last_run(&schedule.name).await?;
            with_last_runs.push((schedule, last_run));
        }
        Ok(Plan::new(with_last_runs, self.clock.now()))
    }

    /// Tells the service manager that the loop turns, and that runs can make progress: where they cannot, it is to start us anew.
    fn feed_watchdog(&self) {
        if self.watchdog.is_none() {
            return;
        }
        match self.executor.stuck() {
            None => self.notify.tell(&[Notice::Watchdog]),
            Some(why) => tracing::error!("the watchdog is not fed: {why}"),
        }
    }

    /// Whether nothing runs, nor will for a while.
    fn is_calm(&self, plan: &Plan, runs: &Runs) -> bool {
        let now = self.clock.now();
        runs.current.is_none()
            && runs.waiting.is_empty()
            && plan.next().is_none_or(|(_, time)| time - now >= CALM)
    }

    /// Waits for the next event.
    async fn event(&mut self, plan: &Plan, runs: &mut Runs, now: Timestamp) -> Event {
        let until_due =
            plan.next().map_or(LOOK_AT_CLOCK, |(_, time)| (time - now).to_std().unwrap_or_default());
        // Half the watchdog's interval, as sd_watchdog_enabled(3) recommends.
        let wait =
            until_due.min(LOOK_AT_CLOCK).min(self.watchdog.map_or(LOOK_AT_CLOCK, |interval| interval / 2));
        tokio::select! {
            biased;
            signal = self.signals.recv() => Event::Signal(signal.unwrap_or(Signal::Terminate)),
            Some(end) = runs.tasks.join_next() => Event::Ended(end.unwrap_or_else(|error| {
                TaskEnd::Failed(if error.is_panic() { "a fault in linkdrift itself: please report it".to_owned() } else { "aborted".to_owned() })
            })),
            Some(ping) = self.pings.recv() => Event::Pinged(ping),
            () = tokio::time::sleep(wait.max(Duration::from_millis(10))) => Event::Look,
        }
    }

    /// Plans anew; whatever goes wrong, the old plan stays. Schedules that mean the same times as before keep their place in time.
    async fn reload(&self, old: Plan, runs: &mut Runs) -> Plan {
        self.notify.tell(&[Notice::Reloading]);
        let new = match (self.reload)() {
            Ok(schedules) => self.plan(schedules).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        match new {
            Ok(mut plan) => {
                plan.keep_times_of(&old);
                runs.waiting.retain(|schedule| plan.has(&schedule.name));
                tracing::info!("configuration and schedules were read again");
                self.notify.tell(&[Notice::Ready, self.status(&plan, runs)]);
                plan
            }
            Err(error) => {
                tracing::error!("the configuration was not read again, the old one stays: {error}");
                let status = "the new configuration is wrong, the old one stays; see the log".to_owned();
                self.notify.tell(&[Notice::Ready, Notice::Status(status)]);
                old
            }
        }
    }

    /// Stops: cancels the run in progress and waits for it, at most [`DRAIN`], or until a second signal.
    async fn stop(&mut self, signal: Signal, mut runs: Runs) -> Ending {
        self.notify.tell(&[Notice::Stopping, Notice::Status("stopping".to_owned())]);
        for schedule in &runs.waiting {
            tracing::info!(schedule.name = %schedule.name, "not started: the service stops");
        }
        let Some((schedule, cancel)) = runs.current.take() else {
            return Ending::Stopped { signal, left: None };
        };
        tracing::info!(schedule.name = %schedule.name, "stopping the run");
        cancel.cancel();
        let deadline = tokio::time::sleep(DRAIN);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                biased;
                _ = runs.tasks.join_next() => return Ending::Stopped { signal, left: None },
                Some(second) = self.signals.recv() => match second {
                    Signal::Reload => continue,
                    _ => tracing::warn!(schedule.name = %schedule.name, "asked again: the run is left as it is"),
                },
                () = &mut deadline => {
                    tracing::warn!(schedule.name = %schedule.name, "the run did not end within {} s", DRAIN.as_secs());
                }
                // Sooner than in the loop: the last time may be half an interval ago.
                () = tokio::time::sleep(self.watchdog.map_or(DRAIN, |interval| interval / 3)) => {
                    self.feed_watchdog();
                    continue;
                }
            }
            runs.tasks.abort_all();
            return Ending::Stopped { signal, left: Some(schedule.name) };
        }
    }

    fn status(&self, plan: &Plan, runs: &Runs) -> Notice {
        let next = match plan.next() {
            Some((schedule, time)) => format!("next {} at {}", schedule.name, time.format("%F %T UTC")),
            None => "nothing planned".to_owned(),
        };
        Notice::Status(match &runs.current {
            Some((schedule, _)) => {
                format!("running {}, {} waiting; {next}", schedule.name, runs.waiting.len())
            }
            None => next,
        })
    }
}

impl Runs {
    fn enqueue(&mut self, schedule: Schedule, outcome: DueOutcome) {
        let name = schedule.name.clone();
        let running = self.current.as_ref().is_some_and(|(current, _)| current.name == name);
        if outcome == DueOutcome::Skip {
            tracing::info!(schedule.name = %name, "missed its time and is not made up for");
        } else if running || self.waiting.iter().any(|waiting| waiting.name == name) {
            tracing::warn!(schedule.name = %name, "due again before its last run ended: skipped");
        } else {
            if outcome == DueOutcome::CatchUp {
                tracing::info!(schedule.name = %name, "missed its time: runs now, once");
            }
            if outcome == DueOutcome::Resume {
                tracing::info!(schedule.name = %name, "its last run was cut short: the rest is done now");
            }
            self.waiting.push_back(schedule);
        }
    }

    /// Starts what waits longest, unless a run is in progress; says whether it did.
    fn start_next<E: Executor>(&mut self, executor: &Arc<E>) -> bool {
        if self.current.is_some() {
            return false;
        }
        let Some(schedule) = self.waiting.pop_front() else { return false };
        tracing::info!(schedule.name = %schedule.name, schedule.task = %schedule.task, "run begins");
        let cancel = CancellationToken::new();
        let (executor, task, token) = (Arc::clone(executor), schedule.clone(), cancel.clone());
        self.tasks.spawn(async move { executor.execute(&task, token).await });
        self.current = Some((schedule, cancel));
        true
    }

    fn ended(&mut self, end: &TaskEnd) {
        self.any_ended = true;
        let name = self.current.take().map(|(schedule, _)| schedule.name).unwrap_or_default();
        match end {
            TaskEnd::Done(summary) => tracing::info!(schedule.name = %name, "run ended: {summary}"),
            TaskEnd::Cancelled => tracing::info!(schedule.name = %name, "run stopped before its end"),
            TaskEnd::Failed(why) => tracing::error!(schedule.name = %name, "run failed: {why}"),
        }
    }
}

#[cfg(test)]
mod tests;
