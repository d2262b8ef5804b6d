//! The loop of the service.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

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
    /// Asks to stop or to reload.
    pub signals: mpsc::Receiver<Signal>,
    /// Is told how it goes.
    pub notify: &'a dyn Notify,
    /// Asks whether the loop still turns.
    pub pings: mpsc::Receiver<Ping>,
    /// How often `notify` wants to hear that the loop is alive.
    pub watchdog: Option<Duration>,
    /// Reads configuration and schedules again, and hands the new configuration to whom it concerns; an error changes nothing.
    pub reload: &'a (dyn Fn() -> Result<Vec<Schedule>, String> + Sync),
}

/// How the service ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The signal that asked for it.
    pub signal: Signal,
    /// The schedule whose run did not end in time, or was left by a second signal.
    pub left: Option<String>,
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
}

/// Runs schedules at their times until a signal asks to stop. Says `Ready` once their times are planned; the caller has opened the
/// state and checked the schedules before. One run at a time: schedules share one state. A schedule that is due while it waits or runs
/// is not run twice. Errors where the state cannot say when schedules last ran.
pub async fn serve<E: Executor>(
    schedules: Vec<Schedule>,
    mut service: Service<'_, E>,
) -> Result<Ending, StoreError> {
    let mut plan = service.plan(schedules).await?;
    let mut runs = Runs { tasks: JoinSet::new(), current: None, waiting: VecDeque::new() };
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
            return Ending { signal, left: None };
        };
        tracing::info!(schedule.name = %schedule.name, "stopping the run");
        cancel.cancel();
        let deadline = tokio::time::sleep(DRAIN);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                biased;
                _ = runs.tasks.join_next() => return Ending { signal, left: None },
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
            return Ending { signal, left: Some(schedule.name) };
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
        let name = self.current.take().map(|(schedule, _)| schedule.name).unwrap_or_default();
        match end {
            TaskEnd::Done(summary) => tracing::info!(schedule.name = %name, "run ended: {summary}"),
            TaskEnd::Cancelled => tracing::info!(schedule.name = %name, "run stopped before its end"),
            TaskEnd::Failed(why) => tracing::error!(schedule.name = %name, "run failed: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    use chrono::TimeDelta;
    use tokio::sync::Semaphore;
    use tokio::time::Instant;

    use super::*;
    use crate::config::schedule::parse_schedule;
    use crate::daemon::LastRun;

    /// A wall clock that goes with the runtime's paused time, and can be set.
    struct TestClock {
        start: Timestamp,
        began: Instant,
        step: Mutex<TimeDelta>,
    }

    impl TestClock {
        fn at(start: &str) -> Self {
            Self { start: start.parse().unwrap(), began: Instant::now(), step: Mutex::new(TimeDelta::zero()) }
        }

        fn step(&self, by: TimeDelta) {
            *self.step.lock().unwrap() += by;
        }
    }

    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            let elapsed = TimeDelta::seconds(self.began.elapsed().as_secs() as i64);
            self.start + elapsed + *self.step.lock().unwrap()
        }
    }

    /// Records what it is told to do; a run lasts until it is let go or cancelled.
    struct Scripted {
        log: mpsc::UnboundedSender<String>,
        let_go: Semaphore,
        obeys: bool,
        stuck: AtomicBool,
        last_run: Option<LastRun>,
    }

    impl Executor for Scripted {
        async fn last_run(&self, _: &str) -> Result<Option<LastRun>, StoreError> {
            Ok(self.last_run)
        }

        fn stuck(&self) -> Option<String> {
            self.stuck.load(Ordering::Relaxed).then(|| "the test says so".to_owned())
        }

        async fn execute(&self, schedule: &Schedule, cancel: CancellationToken) -> TaskEnd {
            let name = &schedule.name;
            self.log.send(format!("begin {name}")).unwrap();
            if name == "faulty" {
                panic!("a fault of the test");
            }
            tokio::select! {
                permit = self.let_go.acquire() => {
                    permit.unwrap().forget();
                    self.log.send(format!("end {name}")).unwrap();
                    TaskEnd::Done("well".to_owned())
                }
                () = cancel.cancelled(), if self.obeys => {
                    self.log.send(format!("cancelled {name}")).unwrap();
                    TaskEnd::Cancelled
                }
            }
        }
    }

    struct Told(mpsc::UnboundedSender<String>);

    impl Notify for Told {
        fn tell(&self, notices: &[Notice]) {
            for notice in notices {
                let text = match notice {
                    Notice::Status(text) => format!("STATUS {text}"),
                    Notice::Watchdog => "FED".to_owned(),
                    other => format!("{other:?}").to_uppercase(),
                };
                let _ = self.0.send(text);
            }
        }
    }

    fn schedule(name: &str, cron: &str) -> Schedule {
        let text = format!("cron = \"{cron}\"\ntask = \"check\"");
        parse_schedule(&text, Path::new(&format!("{name}.toml")), None).unwrap()
    }

    /// A service in the middle of a test: what it said so far, and the ways to move it.
    struct Bench {
        log: mpsc::UnboundedReceiver<String>,
        signals: mpsc::Sender<Signal>,
        pings: mpsc::Sender<Ping>,
        executor: Arc<Scripted>,
        clock: Arc<TestClock>,
        served: tokio::task::JoinHandle<Result<Ending, StoreError>>,
    }

    type Reload = fn() -> Result<Vec<Schedule>, String>;

    impl Bench {
        fn start(schedules: Vec<Schedule>, obeys: bool, last_run: Option<&str>, reload: Reload) -> Self {
            Self::watched(None, schedules, obeys, last_run, reload)
        }

        fn watched(
            watchdog: Option<Duration>,
            schedules: Vec<Schedule>,
            obeys: bool,
            last_run: Option<&str>,
            reload: Reload,
        ) -> Self {
            let (sender, log) = mpsc::unbounded_channel();
            let (signals, receiver) = mpsc::channel(8);
            let executor = Arc::new(Scripted {
                log: sender.clone(),
                let_go: Semaphore::new(0),
                obeys,
                stuck: AtomicBool::new(false),
                last_run: last_run.map(|time| LastRun { began_at: time.parse().unwrap(), cut_short: false }),
            });
            let clock = Arc::new(TestClock::at("2026-11-22T10:30:00Z"));
            let (pings, pinged) = mpsc::channel(1);
            let (worker, time) = (Arc::clone(&executor), Arc::clone(&clock));
            let served = tokio::spawn(async move {
                let service = Service {
                    executor: worker,
                    clock: &*time,
                    signals: receiver,
                    notify: &Told(sender),
                    pings: pinged,
                    watchdog,
                    reload: &reload,
                };
                serve(schedules, service).await
            });
            Self { log, signals, pings, executor, clock, served }
        }

        /// The next line that matters.
        async fn line(&mut self) -> String {
            self.log.recv().await.unwrap_or_default()
        }

        async fn expect(&mut self, lines: &[&str]) {
            for line in lines {
                assert_eq!(self.line().await, *line);
            }
        }

        async fn ending(self) -> Ending {
            self.served.await.unwrap().unwrap()
        }
    }

    const NO_RELOAD: Reload = || Ok(Vec::new());

    #[tokio::test(start_paused = true)]
    async fn runs_at_its_time_says_so_and_stops_when_idle() {
        let mut bench = Bench::start(vec![schedule("a", "0 11 * * *")], true, None, NO_RELOAD);
        bench.expect(&["READY", "STATUS next a at 2026-11-22 11:00:00 UTC"]).await;
        bench.expect(&["STATUS running a, 0 waiting; next a at 2026-11-23 11:00:00 UTC", "begin a"]).await;
        assert_eq!(bench.clock.now().to_rfc3339(), "2026-11-22T11:00:00+00:00");
        bench.executor.let_go.add_permits(1);
        bench.expect(&["end a", "STATUS next a at 2026-11-23 11:00:00 UTC"]).await;
        bench.signals.send(Signal::Terminate).await.unwrap();
        bench.expect(&["STOPPING"]).await;
        assert_eq!(bench.ending().await, Ending { signal: Signal::Terminate, left: None });
    }

    #[tokio::test(start_paused = true)]
    async fn c09_runs_never_overlap_and_a_schedule_never_queues_twice() {
        let schedules = vec![schedule("a", "*/10 * * * *"), schedule("b", "40 10 * * *")];
        let mut bench = Bench::start(schedules, true, None, NO_RELOAD);
        loop {
            if bench.line().await == "begin a" {
                break;
            }
        }
        // For an hour the run goes on: b waits, a comes due again and again.
        tokio::time::sleep(Duration::from_secs(3600)).await;
        bench.executor.let_go.add_permits(2);
        let mut seen = Vec::new();
        while seen.last().is_none_or(|line| line != "end b") {
            let line = bench.line().await;
            if !line.starts_with("STATUS") {
                seen.push(line);
            }
        }
        assert_eq!(seen, ["end a", "begin b", "end b"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_missed_while_down_is_made_up_for_at_once() {
        let last_run = Some("2026-11-20T03:00:00Z");
        let mut bench = Bench::start(vec![schedule("a", "0 3 * * *")], true, last_run, NO_RELOAD);
        bench.expect(&["READY", "STATUS next a at 2026-11-21 03:00:00 UTC"]).await;
        bench.expect(&["STATUS running a, 0 waiting; next a at 2026-11-23 03:00:00 UTC", "begin a"]).await;
        assert_eq!(bench.clock.now().to_rfc3339(), "2026-11-22T10:30:00+00:00");
    }

    #[tokio::test(start_paused = true)]
    async fn p03_c07_c08_a_clock_that_jumps_is_seen_within_a_minute() {
        let mut bench = Bench::start(vec![schedule("a", "0 3 * * *")], true, None, NO_RELOAD);
        bench.expect(&["READY", "STATUS next a at 2026-11-23 03:00:00 UTC"]).await;
        bench.clock.step(TimeDelta::days(3));
        let before = Instant::now();
        bench.expect(&["STATUS running a, 0 waiting; next a at 2026-11-26 03:00:00 UTC", "begin a"]).await;
        assert!(before.elapsed() <= Duration::from_secs(61), "{:?}", before.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_cancels_the_run_and_waits_for_it() {
        let mut bench = Bench::start(vec![schedule("a", "31 10 * * *")], true, None, NO_RELOAD);
        while bench.line().await != "begin a" {}
        bench.signals.send(Signal::Interrupt).await.unwrap();
        bench.expect(&["STOPPING", "STATUS stopping", "cancelled a"]).await;
        assert_eq!(bench.ending().await, Ending { signal: Signal::Interrupt, left: None });
    }

    #[tokio::test(start_paused = true)]
    async fn p01_a_run_that_does_not_end_is_left_after_a_bound_or_a_second_signal() {
        for (second, within) in [(None, DRAIN), (Some(Signal::Terminate), Duration::ZERO)] {
            let mut bench = Bench::start(vec![schedule("a", "31 10 * * *")], false, None, NO_RELOAD);
            while bench.line().await != "begin a" {}
            bench.signals.send(Signal::Terminate).await.unwrap();
            while bench.line().await != "STATUS stopping" {}
            // A reload does not count as asking again.
            bench.signals.send(Signal::Reload).await.unwrap();
            let before = Instant::now();
            if let Some(second) = second {
                bench.signals.send(second).await.unwrap();
            }
            let left = Some("a".to_owned());
            assert_eq!(bench.ending().await, Ending { signal: Signal::Terminate, left });
            assert!(before.elapsed() <= within + Duration::from_millis(10), "{:?}", before.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p10_a_fault_in_a_run_does_not_end_the_service() {
        let schedules = vec![schedule("faulty", "31 10 * * *"), schedule("b", "32 10 * * *")];
        let mut bench = Bench::start(schedules, true, None, NO_RELOAD);
        while bench.line().await != "begin faulty" {}
        while bench.line().await != "begin b" {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_reload_takes_new_schedules_and_a_bad_one_changes_nothing() {
        let mut bench = Bench::start(vec![schedule("a", "0 3 * * *")], true, None, || {
            Ok(vec![schedule("a", "0 3 * * *"), schedule("c", "0 12 * * *")])
        });
        bench.expect(&["READY", "STATUS next a at 2026-11-23 03:00:00 UTC"]).await;
        bench.signals.send(Signal::Reload).await.unwrap();
        bench.expect(&["RELOADING", "READY", "STATUS next c at 2026-11-22 12:00:00 UTC"]).await;

        let mut bench =
            Bench::start(vec![schedule("a", "0 11 * * *")], true, None, || Err("bad.toml: wrong".to_owned()));
        bench.expect(&["READY", "STATUS next a at 2026-11-22 11:00:00 UTC"]).await;
        bench.signals.send(Signal::Reload).await.unwrap();
        bench.expect(&["RELOADING", "READY"]).await;
        assert!(bench.line().await.contains("the old one stays"));
        while bench.line().await != "begin a" {}
    }

    /// P05: the watchdog hears of the loop itself, and of what it works with, also while a run is waited for.
    #[tokio::test(start_paused = true)]
    async fn p05_a_service_that_is_stuck_does_not_feed_the_watchdog() {
        let minute = Some(Duration::from_secs(60));
        let schedules = vec![schedule("a", "31 10 * * *")];
        let mut bench = Bench::watched(minute, schedules, false, None, NO_RELOAD);
        while bench.line().await != "begin a" {}
        for _ in 0..3 {
            let before = Instant::now();
            assert_eq!(bench.line().await, "FED");
            assert!(before.elapsed() <= Duration::from_secs(30));
        }
        bench.executor.stuck.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let mut said = Vec::new();
        while let Ok(line) = bench.log.try_recv() {
            said.push(line);
        }
        assert!(said.iter().filter(|line| *line == "FED").count() <= 1, "{said:?}");
        bench.executor.stuck.store(false, Ordering::Relaxed);
        bench.signals.send(Signal::Terminate).await.unwrap();
        while bench.line().await != "STATUS stopping" {}
        assert_eq!(bench.line().await, "FED", "a run is waited for");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_asks_hears_that_the_loop_turns_until_it_does_not() {
        let mut bench = Bench::start(vec![schedule("a", "31 10 * * *")], true, None, NO_RELOAD);
        while bench.line().await != "begin a" {}
        for _ in 0..3 {
            let (ping, pong) = oneshot::channel();
            bench.pings.send(ping).await.unwrap();
            pong.await.unwrap();
        }
        bench.signals.send(Signal::Terminate).await.unwrap();
        while bench.line().await != "cancelled a" {}
        let (pings, served) = (bench.pings.clone(), bench.served);
        served.await.unwrap().unwrap();
        assert!(pings.send(oneshot::channel().0).await.is_err());
    }
}
