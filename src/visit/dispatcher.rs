//! The visitor: one task that owns the frontier and all visits under way, without locks. Requests are tasks of their own; everything
//! that happens comes back to this one as an event.

mod passes;
mod probes;
mod turns;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::backoff::Dice;
use super::chain::{Chain, Pass, Rules, Step};
use super::client::Client;
use super::exchange::{End, Exchange, Request};
use super::facts::{Answer, DueTarget, Failure, Outcome, Purpose, Visited};
use super::health::Health;
use super::progress::Progress;
use super::robots::{Finished, Known, Probe, ProbeStep, Robots, Say};
use super::secrets::Secrets;
use super::shared::{AtHost, Shared};
use super::tls;
use super::window::{Ask, Feed, FeedError, WINDOW, Windows};
use crate::config::{HostSettings, ScopeSettings, VisitSettings};
use crate::frontier::{Frontier, Next};
use crate::target::HostKey;
use crate::time::{Clock, Timestamp};

use passes::{Again, Left, Trial, Whose};

/// Repeats in the second pass: the first had its own.
const SECOND_PASS_RETRIES: u32 = 1;
/// How often the progress shows the slowest host anew.
const TICK: Duration = Duration::from_secs(1);
/// How long the requests in flight may take to end when a run is cancelled.
const DRAIN: Duration = Duration::from_secs(5);

/// Visits targets.
#[derive(Clone)]
pub struct Visitor {
    shared: Arc<Shared>,
}

/// Why no visitor can be made.
#[derive(Debug, thiserror::Error)]
pub enum VisitorError {
    /// A header of `[[host]]` whose value cannot be read.
    #[error("{place}: {why}")]
    Secret {
        /// File, line and column of where it is named.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file of `--ca-file`.
    #[error("{path}: cannot be used as certificate authorities: {why}")]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// How a run of visits ended.
#[derive(Debug, Default)]
pub struct Ending {
    /// Targets whose visit was handed out.
    pub visited: u64,
    /// Targets that were to be visited and were not.
    pub left: u64,
    /// Requests for robots.txt, and bytes received with them.
    pub probes: (u64, u64),
    /// Whether it was cancelled, or nobody takes visits any more.
    pub cancelled: bool,
    /// That it is our own network: a sentence. Nothing is to be judged then.
    pub network_down: Option<String>,
    /// The feed failed.
    pub failed: Option<FeedError>,
}

impl Visitor {
    /// A visitor with these settings. Reads `--ca-file`; everything else is made when it is first needed.
    pub fn new(
        settings: &VisitSettings,
        hosts: &[HostSettings],
        scope: &ScopeSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, VisitorError> {
        let authorities = tls::read_all(&settings.ca_files)
            .map_err(|(path, why)| VisitorError::Authorities { path, why })?;
        let secrets = Secrets::read(hosts).map_err(|(place, why)| VisitorError::Secret { place, why })?;
        let shared = Shared {
            common: Arc::new(AtHost::new(settings.clone(), &secrets)),
            met: Mutex::default(),
            secrets,
            client: Client::new(settings.clone(), authorities),
            settings: settings.clone(),
            hosts: hosts.to_vec(),
            scope: scope.clone(),
            clock,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Visits everything that the feed gives for these hosts (with how many targets each has), and sends each target's visit once,
    /// when nothing better is to be expected in this run. Ends when all is done, the run is cancelled, nobody receives, the feed
    /// fails, or the network is found to be down.
    pub async fn run<F: Feed>(
        &self,
        hosts: Vec<(HostKey, u64)>,
        feed: F,
        out: mpsc::Sender<Visited>,
        progress: Arc<Progress>,
        cancel: CancellationToken,
    ) -> Ending {
        let total = hosts.iter().map(|(_, count)| *count).sum();
        progress.begin(total);
        let run = Run {
            shared: self.shared.clone(),
            frontier: Frontier::new(self.shared.settings.max_concurrency, now()),
            remaining: hosts.iter().cloned().collect(),
            windows: Windows::new(hosts),
            feed: Arc::new(feed),
            fetches: JoinSet::new(),
            requests: JoinSet::new(),
            under_way: HashMap::new(),
            robots: Robots::new(self.shared.settings.max_body_in_flight / 2),
            asked_for_probes: false,
            probes: 0,
            probe_bytes: 0,
            again: HashMap::new(),
            trials: HashMap::new(),
            gone: HashSet::new(),
            aside: HashSet::new(),
            closed: HashMap::new(),
            health: Health::default(),
            dice: Dice::random(),
            out,
            progress,
            total,
            sent: 0,
        };
        run.until_the_end(cancel).await
    }
}

/// Why a run stops before all is done.
enum Stop {
    Cancelled,
    NetworkDown(String),
    Feed(FeedError),
}

/// What is to be requested.
enum Work {
    /// The next hop of a visit.
    Visit(Box<Chain>),
    /// An origin's robots.txt.
    Probe(Box<Probe>),
}

/// Everything that can happen.
enum Event {
    Exchanged(Result<(task::Id, Exchange), JoinError>),
    Fetched(HostKey, Result<Vec<DueTarget>, FeedError>),
    Woke,
    Ticked,
    Cancelled,
}

struct Run<F> {
    shared: Arc<Shared>,
    frontier: Frontier<Work>,
    windows: Windows,
    feed: Arc<F>,
    fetches: JoinSet<(HostKey, Result<Vec<DueTarget>, FeedError>)>,
    requests: JoinSet<Exchange>,
    /// What is in flight, the host that it counts at, and when it began.
    under_way: HashMap<task::Id, (HostKey, Instant, Work)>,
    robots: Robots,
    /// Whether the feed was asked what else there is.
    asked_for_probes: bool,
    probes: u64,
    probe_bytes: u64,
    /// What is left for the second pass, by the host of the target.
    again: HashMap<HostKey, Left>,
    /// Hosts that were down when their second pass began.
    trials: HashMap<HostKey, Trial>,
    /// Hosts that are down in the second pass too.
    gone: HashSet<HostKey>,
    /// Hosts of which nothing more is asked for in the first pass.
    aside: HashSet<HostKey>,
    /// Hosts that asked for more time than there is.
    closed: HashMap<HostKey, Timestamp>,
    health: Health,
    dice: Dice,
    out: mpsc::Sender<Visited>,
    progress: Arc<Progress>,
    remaining: HashMap<HostKey, u64>,
    total: u64,
    sent: u64,
}

impl<F: Feed> Run<F> {
    async fn until_the_end(mut self, cancel: CancellationToken) -> Ending {
        let stopped = tokio::select! {
            stopped = self.visit_all(&cancel) => stopped,
            () = cancel.cancelled() => Err(Stop::Cancelled),
        };
        // Whatever is in flight now is no longer wanted.
        let _ = tokio::time::timeout(DRAIN, async {
            self.requests.shutdown().await;
            self.fetches.shutdown().await;
        })
        .await;
        self.progress.show_in_flight(0);
        self.progress.show_slowest(None);
        self.progress.show_queues(0, 0);
        let mut ending = Ending {
            visited: self.sent,
            left: self.total.saturating_sub(self.sent),
            probes: (self.probes, self.probe_bytes),
            ..Ending::default()
        };
        match stopped {
            Ok(()) => {}
            Err(Stop::Cancelled) => ending.cancelled = true,
            Err(Stop::NetworkDown(sentence)) => ending.network_down = Some(sentence),
            Err(Stop::Feed(error)) => ending.failed = Some(error),
        }
        ending
    }

    async fn visit_all(&mut self, cancel: &CancellationToken) -> Result<(), Stop> {
        let mut ticks = tokio::time::interval(TICK);
        loop {
            self.settle_trials().await?;
            self.fetch_windows();
            let wake = self.start_requests().await?;
            self.progress.show_in_flight(self.requests.len());
            if self.is_idle() {
                if self.begin_second_passes(Whose::All).await? || self.begin_probes().await? {
                    continue;
                }
                return Ok(());
            }
            match self.next_event(wake, &mut ticks, cancel).await {
                Event::Exchanged(Ok((id, exchange))) => self.exchanged(id, exchange).await?,
                Event::Exchanged(Err(error)) => {
                    tracing::error!(%error, "a request task failed");
                    self.exchanged(error.id(), panicked()).await?;
                }
                Event::Fetched(host, targets) => self.fetched(host, targets.map_err(Stop::Feed)?).await?,
                Event::Ticked => {
                    self.show_slowest();
                    self.begin_second_passes(Whose::Patient).await?;
                }
                Event::Woke => {}
                Event::Cancelled => return Err(Stop::Cancelled),
            }
        }
    }

    async fn next_event(
        &mut self,
        wake: Option<Instant>,
        ticks: &mut tokio::time::Interval,
        cancel: &CancellationToken,
    ) -> Event {
        let wake = async {
            match wake {
                Some(time) => tokio::time::sleep_until(time.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => Event::Cancelled,
            Some(result) = self.requests.join_next_with_id(), if !self.requests.is_empty() => Event::Exchanged(result),
            Some(result) = self.fetches.join_next(), if !self.fetches.is_empty() => match result {
                Ok((host, targets)) => Event::Fetched(host, targets),
                Err(error) => Event::Fetched(HostKey::from_stored(String::new()), Err(FeedError(error.to_string()))),
            },
            () = wake => Event::Woke,
            _ = ticks.tick() => Event::Ticked,
        }
    }

    /// Asks the feed for what is wanted.
    fn fetch_windows(&mut self) {
        while let Some(Ask { host, after }) = self.windows.ask(self.frontier.queued()) {
            let feed = self.feed.clone();
            self.fetches.spawn(async move {
                let targets = feed.next(host.clone(), after, WINDOW).await;
                (host, targets)
            });
        }
    }

    /// Starts what may start; says when to look again.
    async fn start_requests(&mut self) -> Result<Option<Instant>, Stop> {
        loop {
            match self.frontier.next(now()) {
                Next::Start { host, item: Work::Visit(chain) } => self.start_visit(host, chain).await?,
                Next::Start { host, item: Work::Probe(probe) } => {
                    let at = self.shared.at(&host);
                    let longest = at.settings.connect_timeout + at.settings.first_byte_timeout;
                    let request = probe.request(longest.min(at.settings.hop_timeout), at);
                    self.spawn(host, Work::Probe(probe), request);
                }
                Next::Wait(time) => return Ok(Some(time)),
                Next::Busy | Next::Idle => return Ok(None),
            }
        }
    }

    /// Makes the next request of a visit.
    fn request(&mut self, host: HostKey, mut chain: Box<Chain>) {
        let at = self.shared.at(&host);
        let retries = self.retries(&host, chain.pass());
        let request = chain.request(&rules(&self.shared, &at, retries), &at);
        self.spawn(host, Work::Visit(chain), request);
    }

    fn spawn(&mut self, host: HostKey, work: Work, request: Request) {
        let shared = self.shared.clone();
        let task = self.requests.spawn(async move { shared.client.fetch(request).await });
        self.under_way.insert(task.id(), (host, now(), work));
    }

    fn is_idle(&self) -> bool {
        self.requests.is_empty()
            && self.frontier.queued() == 0
            && self.fetches.is_empty()
            && self.windows.exhausted()
    }

    /// Whether the feed wants more, now that all that it gave was visited.
    async fn begin_probes(&mut self) -> Result<bool, Stop> {
        if self.asked_for_probes {
            return Ok(false);
        }
        self.asked_for_probes = true;
        let probes = self.feed.probes(self.sent).await.map_err(Stop::Feed)?;
        let some = !probes.is_empty();
        self.begin_visits(probes).await?;
        Ok(some)
    }

    async fn begin_visits(&mut self, targets: Vec<DueTarget>) -> Result<(), Stop> {
        for target in targets {
            let chain = Box::new(Chain::new(target));
            match chain.admitted(self.shared.as_ref()) {
                Ok(()) => self.queue(chain, None).await?,
                Err(outcome) => self.finish(chain, outcome, None, None).await?,
            }
        }
        Ok(())
    }

    async fn fetched(&mut self, host: HostKey, targets: Vec<DueTarget>) -> Result<(), Stop> {
        self.windows.came(&host, targets.len(), targets.last().map(|target| target.id));
        self.begin_visits(targets).await?;
        self.windows.has(&host, self.frontier.queued_at(&host));
        Ok(())
    }

    async fn exchanged(&mut self, id: task::Id, exchange: Exchange) -> Result<(), Stop> {
        let Some((host, began, work)) = self.under_way.remove(&id) else { return Ok(()) };
        let mut chain = match work {
            Work::Visit(chain) => chain,
            Work::Probe(probe) => return self.probed(&host, probe, exchange, began).await,
        };
        let over = self.heard(&host, &exchange, began);
        self.look_after(&host, &exchange);
        let shared = self.shared.clone();
        let at = shared.at(&host);
        let rules = rules(&shared, &at, self.retries(&host, chain.pass()));
        let step = chain.took(exchange, &rules, &mut self.dice);
        if let Some(wait) = over {
            self.end_turn(&host, wait).await?;
        }
        match step {
            Step::Request => self.queue(chain, None).await,
            Step::Repeat { wait, host: slow } => {
                let until = now() + wait;
                if slow {
                    self.frontier.delay_host(&host, until);
                }
                self.queue(chain, Some(until)).await
            }
            Step::RateLimited { wait } => {
                let until = self.end_turn(&host, wait).await?;
                self.finish(chain, Outcome::RateLimited { until }, None, None).await
            }
            Step::Done { outcome, passing, answer, body } => {
                if let Outcome::Failed { failure, .. } = &outcome {
                    self.health.gave_up(&host, *failure);
                    if let Some(sentence) = self.health.fault_of_ours() {
                        return Err(Stop::NetworkDown(sentence));
                    }
                }
                if passing && *chain.pass() == Pass::First && chain.has_time(&rules) {
                    self.leave(Again { chain, at: host, first: Some((outcome, answer)) });
                    return Ok(());
                }
                if passing && let Some(trial) = self.trial(chain.pass()) {
                    trial.failed(Again { chain, at: host, first: Some((outcome, answer)) });
                    return Ok(());
                }
                let answer = answer.map(|answer| *answer);
                match body {
                    Some(body) => self.keep(chain, answer, body).await,
                    None => self.finish(chain, outcome, answer, None).await,
                }
            }
        }
    }

    /// Queues the next request of a visit, unless its host has closed.
    async fn queue(&mut self, chain: Box<Chain>, not_before: Option<Instant>) -> Result<(), Stop> {
        match self.closed.get(&chain.host()).copied() {
            Some(until) => self.finish(chain, Outcome::RateLimited { until }, None, None).await,
            None if *chain.pass() == Pass::First
                && !chain.is_repeat()
                && self.aside.contains(&chain.host()) =>
            {
                let at = chain.host();
                self.leave(Again { chain, at, first: None });
                Ok(())
            }
            None => {
                self.push(chain, not_before);
                Ok(())
            }
        }
    }

    fn push(&mut self, chain: Box<Chain>, not_before: Option<Instant>) {
        let host = chain.host();
        self.meet(&host);
        self.frontier.push(&host, Work::Visit(chain), not_before);
    }

    /// Sets the limits of a host that is met for the first time.
    fn meet(&mut self, host: &HostKey) {
        if !self.frontier.knows(host) {
            self.frontier.set_limits(host, self.shared.at(host).settings.host);
        }
    }

    async fn finish(
        &mut self,
        chain: Box<Chain>,
        outcome: Outcome,
        answer: Option<Answer>,
        body: Option<Bytes>,
    ) -> Result<(), Stop> {
        if let Some(trial) = self.trial(chain.pass()) {
            trial.ended();
        }
        let visited = chain.finish(outcome, answer, body, self.shared.clock.now());
        let purpose = visited.purpose;
        if let Some(left) =
            self.remaining.get_mut(&visited.url.host_key()).filter(|_| purpose == Purpose::Entry)
        {
            *left = left.saturating_sub(1);
        }
        self.out.send(visited).await.map_err(|_| Stop::Cancelled)?;
        if purpose == Purpose::Entry {
            self.sent += 1;
            self.progress.count_done();
        }
        Ok(())
    }

    fn show_slowest(&self) {
        let now = now();
        let needs = |(host, left): (&HostKey, &u64)| {
            let time = self.frontier.time_for(host, *left, now).unwrap_or_else(|| {
                let interval = self.shared.at(host).settings.host.start_interval;
                interval.saturating_mul(u32::try_from(*left).unwrap_or(u32::MAX))
            });
            (time, host.clone())
        };
        let left = || self.remaining.iter().filter(|(_, left)| **left > 0);
        self.progress.show_queues(left().count(), left().map(|(_, left)| *left).max().unwrap_or_default());
        let slowest = left().map(needs).max();
        self.progress.show_slowest(slowest.map(|(wait, host)| (host, wait)));
    }

    fn retries(&self, host: &HostKey, pass: &Pass) -> u32 {
        let most = self.shared.at(host).settings.max_retries;
        match pass {
            _ if self.health.is_down(host) => 0,
            Pass::First => most,
            Pass::Second | Pass::Trial(_) => SECOND_PASS_RETRIES.min(most),
        }
    }
}

fn rules<'r>(shared: &'r Shared, at: &'r AtHost, retries: u32) -> Rules<'r> {
    Rules { settings: &at.settings, admit: shared, retries, now: shared.clock.now() }
}

/// The present, on the clock that time-outs run by.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

fn panicked() -> Exchange {
    Exchange {
        elapsed: Duration::ZERO,
        spent: Duration::ZERO,
        received: 0,
        head: None,
        end: End::Failed(
            Failure::BadResponse,
            "an internal error while the answer was read; please report it".to_owned(),
        ),
    }
}
