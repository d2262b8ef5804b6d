//! The loop, on a clock and a service manager of the test's own.

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
    outgrown: AtomicBool,
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
        let (signals, mut receiver) = mpsc::channel(8);
        let executor = Arc::new(Scripted {
            log: sender.clone(),
            let_go: Semaphore::new(0),
            obeys,
            stuck: AtomicBool::new(false),
            outgrown: AtomicBool::new(false),
            last_run: last_run.map(|time| LastRun { began_at: time.parse().unwrap(), cut_short: false }),
        });
        let clock = Arc::new(TestClock::at("2026-11-22T10:30:00Z"));
        let (pings, pinged) = mpsc::channel(1);
        let (worker, time) = (Arc::clone(&executor), Arc::clone(&clock));
        let grown = Arc::clone(&executor);
        let served = tokio::spawn(async move {
            let service = Service {
                executor: worker,
                clock: &*time,
                signals: &mut receiver,
                notify: &Told(sender),
                pings: pinged,
                watchdog,
                reload: &reload,
                outgrown: &|| grown.outgrown.load(Ordering::Relaxed),
            };
            serve(schedules, service).await
        });
        Self { log, signals, pings, executor, clock, served }
    }

    /// The next line that matters.
    async fn line(&mut self) -> String {
        // By the test's own clock: a service that ended, or waits for nothing, is a failure at once.
        let line = tokio::time::timeout(Duration::from_secs(7 * 86_400), self.log.recv()).await;
        line.ok().flatten().expect("the service goes on")
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
    assert_eq!(bench.ending().await, Ending::Stopped { signal: Signal::Terminate, left: None });
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
    assert_eq!(bench.ending().await, Ending::Stopped { signal: Signal::Interrupt, left: None });
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
        assert_eq!(bench.ending().await, Ending::Stopped { signal: Signal::Terminate, left });
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

/// Nothing that runs or will soon is disturbed, and nobody is started anew who did not run.
#[tokio::test(start_paused = true)]
async fn a_service_that_outgrew_itself_is_started_anew_between_runs() {
    let schedules = vec![schedule("a", "0 11 * * *"), schedule("b", "1 11 * * *")];
    let mut bench = Bench::start(schedules, true, None, NO_RELOAD);
    bench.executor.outgrown.store(true, Ordering::Relaxed);
    while bench.line().await != "begin a" {}
    assert_eq!(bench.clock.now().to_rfc3339(), "2026-11-22T11:00:00+00:00");
    bench.executor.let_go.add_permits(1);
    while bench.line().await != "begin b" {}
    bench.executor.let_go.add_permits(1);
    while bench.line().await != "end b" {}
    let clock = Arc::clone(&bench.clock);
    assert_eq!(bench.ending().await, Ending::Renewal);
    assert!(clock.now() - "2026-11-22T11:01:00Z".parse::<Timestamp>().unwrap() <= TimeDelta::seconds(60));
}
