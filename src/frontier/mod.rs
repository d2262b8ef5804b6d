//! Stage 4: what may be visited now. Host queues, budgets, ready-times. A pure structure: it is told the time and never waits.

mod due;
mod host;
mod pace;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

use crate::config::HostLimits;
use crate::target::HostKey;

use host::HostQueue;
use pace::Pace;

pub use due::{Agenda, Budget, Chosen, ChosenOfHost, Past, Rhythm, Standing};
pub use pace::Manner;

/// The queues of all hosts. An item waits at one host; a host that has to wait occupies no slot that another host could use.
/// Hosts take turns: one that just started a request stands behind those that are ready at the same moment. Every operation
/// costs O(log n) in the number of hosts that have something to do.
#[derive(Debug)]
pub struct Frontier<T> {
    hosts: Vec<HostQueue<T>>,
    index: HashMap<HostKey, usize>,
    /// When which host is looked at again; entries that no longer agree with [`HostQueue::turn`] are dropped when they come up.
    turns: BinaryHeap<Reverse<(Instant, u64, usize)>>,
    began: Instant,
    limit: usize,
    in_flight: usize,
    queued: usize,
    sequence: u64,
}

/// What can be done now.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<T> {
    /// Start this item; [`Frontier::done`] ends it.
    Start {
        /// In whose limits it counts.
        host: HostKey,
        /// The item.
        item: T,
    },
    /// Nothing before this instant.
    Wait(Instant),
    /// Nothing before a request that is in flight ends.
    Busy,
    /// Nothing is queued.
    Idle,
}

impl<T> Frontier<T> {
    /// An empty frontier at `now` that allows `limit` items in flight in all (at least one).
    pub fn new(limit: usize, now: Instant) -> Self {
        Self {
            hosts: Vec::new(),
            index: HashMap::new(),
            turns: BinaryHeap::new(),
            began: now,
            limit: limit.max(1),
            in_flight: 0,
            queued: 0,
            sequence: 0,
        }
    }

    /// Sets what a host bears; until then it bears one request a second.
    pub fn set_limits(&mut self, host: &HostKey, limits: HostLimits) {
        let at = self.host(host);
        self.hosts[at].pace = Pace::new(limits);
        self.schedule(at);
    }

    /// Whether the host's limits were set.
    pub fn knows(&self, host: &HostKey) -> bool {
        self.index.contains_key(host)
    }

    /// Queues an item at a host, to be started at `not_before` at the earliest (`None`: as soon as its turn comes).
    pub fn push(&mut self, host: &HostKey, item: T, not_before: Option<Instant>) {
        let at = self.host(host);
        self.sequence += 1;
        self.hosts[at].push(item, not_before, self.sequence);
        self.queued += 1;
        self.schedule(at);
    }

    /// Queues an item that goes before everything else of its host, even while the host is held.
    pub fn push_urgent(&mut self, host: &HostKey, item: T) {
        let at = self.host(host);
        self.hosts[at].push_urgent(item);
        self.queued += 1;
        self.schedule(at);
    }

    /// Holds back what is not urgent at a host, until it is released as often as it was held.
    pub fn hold(&mut self, host: &HostKey) {
        let at = self.host(host);
        self.hosts[at].hold();
    }

    /// Ends one [`Frontier::hold`].
    pub fn release(&mut self, host: &HostKey) {
        let at = self.host(host);
        self.hosts[at].release();
        self.schedule(at);
    }

    /// What can be done at `now`.
    pub fn next(&mut self, now: Instant) -> Next<T> {
        if self.queued == 0 {
            return Next::Idle;
        }
        if self.in_flight >= self.limit {
            return Next::Busy;
        }
        while let Some(&Reverse((time, sequence, at))) = self.turns.peek() {
            if self.hosts[at].turn != Some((time, sequence)) {
                self.turns.pop();
                continue;
            }
            if time > now {
                return Next::Wait(time);
            }
            self.turns.pop();
            self.hosts[at].turn = None;
            let item = self.hosts[at].start(now);
            self.schedule(at);
            if let Some(item) = item {
                self.queued -= 1;
                self.in_flight += 1;
                return Next::Start { host: self.hosts[at].key.clone(), item };
            }
        }
        Next::Busy
    }

    /// An item that [`Next::Start`] gave out has ended.
    pub fn done(&mut self, host: &HostKey) {
        let at = self.host(host);
        if self.hosts[at].end() {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        self.schedule(at);
    }

    /// The item that [`Next::Start`] gave out last was not used, and ends at once: it counts neither as started nor as in flight.
    pub fn unused(&mut self, host: &HostKey) {
        let at = self.host(host);
        if self.hosts[at].unused() {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        self.schedule(at);
    }

    /// Takes note of what came of a request that began at `began`: the host's pace grows, halves, or stays.
    pub fn heard(&mut self, host: &HostKey, manner: Manner, began: Instant, now: Instant) {
        let at = self.host(host);
        self.hosts[at].heard(manner, began, now);
        self.schedule(at);
    }

    /// The host said that it lets only so many more requests through until then; once they are used up, nothing starts before it.
    pub fn allows(&mut self, host: &HostKey, remaining: u64, until: Instant) {
        let at = self.host(host);
        self.hosts[at].allows(remaining, until);
        self.schedule(at);
    }

    /// What so many items need at the host's present pace at least; `None` where the host is not known.
    pub fn time_for(&self, host: &HostKey, count: u64, now: Instant) -> Option<Duration> {
        self.index.get(host).map(|at| self.hosts[*at].time_for(count, now))
    }

    /// Nothing starts at the host before `until`; an earlier ready-time than the host has changes nothing.
    pub fn delay_host(&mut self, host: &HostKey, until: Instant) {
        let at = self.host(host);
        self.hosts[at].delay(until);
        self.schedule(at);
    }

    /// Takes everything that waits at a host.
    pub fn take_host(&mut self, host: &HostKey) -> Vec<T> {
        let at = self.host(host);
        let items = self.hosts[at].take();
        self.queued -= items.len();
        self.hosts[at].turn = None;
        items
    }

    /// Items that wait at a host.
    pub fn queued_at(&self, host: &HostKey) -> usize {
        self.index.get(host).map_or(0, |at| self.hosts[*at].len())
    }

    /// Items that wait, in all.
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// Items in flight, in all.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    fn host(&mut self, key: &HostKey) -> usize {
        if let Some(at) = self.index.get(key) {
            return *at;
        }
        let at = self.hosts.len();
        self.hosts.push(HostQueue::new(key.clone(), self.began));
        self.index.insert(key.clone(), at);
        at
    }

    /// Gives the host its next turn, if it has one: earlier than the one it has, or anew where it has none.
    fn schedule(&mut self, at: usize) {
        let host = &mut self.hosts[at];
        let Some(time) = host.ready_at() else { return };
        if host.turn.is_some_and(|(known, _)| known == time) {
            return;
        }
        self.sequence += 1;
        host.turn = Some((time, self.sequence));
        self.turns.push(Reverse((time, self.sequence, at)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(name: &str) -> HostKey {
        HostKey::from_stored(name.to_owned())
    }

    fn limits(concurrency: usize, interval_ms: u64) -> HostLimits {
        HostLimits::default().with_concurrency(concurrency).with_interval(ms(interval_ms))
    }

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[expect(clippy::panic, reason = "a test that says what it wanted")]
    fn started<T: std::fmt::Debug>(next: Next<T>) -> T {
        match next {
            Next::Start { item, .. } => item,
            other => panic!("wanted a start, got {other:?}"),
        }
    }

    #[test]
    fn an_interval_lies_between_two_starts_of_a_host() {
        let t = Instant::now();
        let mut frontier = Frontier::new(10, t);
        frontier.set_limits(&key("a"), limits(8, 250));
        frontier.push(&key("a"), 1, None);
        frontier.push(&key("a"), 2, None);
        assert_eq!(started(frontier.next(t)), 1);
        assert_eq!(frontier.next(t), Next::Wait(t + ms(250)));
        assert_eq!(frontier.next(t + ms(249)), Next::Wait(t + ms(250)));
        assert_eq!(started(frontier.next(t + ms(250))), 2);
        assert_eq!(frontier.next(t + ms(500)), Next::Idle);
    }

    #[test]
    fn a_full_host_waits_for_an_end() {
        let t = Instant::now();
        let mut frontier = Frontier::new(10, t);
        frontier.set_limits(&key("a"), limits(1, 0));
        frontier.push(&key("a"), 1, None);
        frontier.push(&key("a"), 2, None);
        assert_eq!(started(frontier.next(t)), 1);
        assert_eq!(frontier.next(t), Next::Busy);
        frontier.done(&key("a"));
        assert_eq!(started(frontier.next(t)), 2);
    }

    #[test]
    fn a_host_that_waits_takes_no_slot_from_others() {
        let t = Instant::now();
        let mut frontier = Frontier::new(1, t);
        for host in ["a", "b"] {
            frontier.set_limits(&key(host), limits(8, 0));
        }
        frontier.push(&key("a"), 1, None);
        frontier.push(&key("b"), 2, None);
        frontier.delay_host(&key("a"), t + ms(60_000));
        assert_eq!(started(frontier.next(t)), 2);
        assert_eq!(frontier.next(t), Next::Busy, "the one slot is taken");
        frontier.done(&key("b"));
        assert_eq!(frontier.next(t), Next::Wait(t + ms(60_000)));
        assert_eq!(started(frontier.next(t + ms(60_000))), 1);
    }

    #[test]
    fn an_earlier_delay_changes_nothing() {
        let t = Instant::now();
        let mut frontier = Frontier::new(1, t);
        frontier.set_limits(&key("a"), limits(8, 0));
        frontier.push(&key("a"), 1, None);
        frontier.delay_host(&key("a"), t + ms(100));
        frontier.delay_host(&key("a"), t + ms(50));
        assert_eq!(frontier.next(t + ms(60)), Next::Wait(t + ms(100)));
    }

    #[test]
    fn an_item_that_waits_lets_the_others_of_its_host_pass() {
        let t = Instant::now();
        let mut frontier = Frontier::new(4, t);
        frontier.set_limits(&key("a"), limits(4, 0));
        frontier.push(&key("a"), "retry", Some(t + ms(1000)));
        frontier.push(&key("a"), "fresh", None);
        assert_eq!(started(frontier.next(t)), "fresh");
        assert_eq!(frontier.next(t), Next::Wait(t + ms(1000)));
        frontier.push(&key("a"), "more", None);
        assert_eq!(started(frontier.next(t + ms(1000))), "retry", "whose time has come goes first");
        assert_eq!(started(frontier.next(t + ms(1000))), "more");
    }

    #[test]
    fn hosts_take_turns() {
        let t = Instant::now();
        let mut frontier = Frontier::new(1, t);
        for host in ["a", "b", "c"] {
            frontier.set_limits(&key(host), limits(1, 0));
            for n in 0..3 {
                frontier.push(&key(host), format!("{host}{n}"), None);
            }
        }
        let mut order = Vec::new();
        while let Next::Start { host, item } = frontier.next(t + ms(order.len() as u64)) {
            order.push(item);
            frontier.done(&host);
        }
        assert_eq!(order, ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]);
    }

    #[test]
    fn a_host_can_be_emptied() {
        let t = Instant::now();
        let mut frontier = Frontier::new(4, t);
        frontier.set_limits(&key("a"), limits(4, 0));
        frontier.push(&key("a"), 1, None);
        frontier.push(&key("a"), 3, Some(t + ms(9)));
        frontier.push(&key("a"), 2, Some(t + ms(5)));
        assert_eq!(frontier.take_host(&key("a")), [1, 2, 3]);
        assert_eq!(frontier.next(t), Next::Idle);
        frontier.push(&key("a"), 4, None);
        assert_eq!(started(frontier.next(t)), 4);
    }

    proptest! {
        /// Whatever is pushed and however requests end: no limit is exceeded, and everything is started once.
        #[test]
        fn limits_hold_and_nothing_is_lost(
            items in prop::collection::vec((0usize..5, 0u64..400, any::<bool>()), 1..120),
            durations in prop::collection::vec(1u64..300, 120),
            total in 1usize..6,
            per_host in 1usize..4,
            interval in 0u64..80,
        ) {
            let t = Instant::now();
            let mut frontier = Frontier::new(total, t);
            let hosts: Vec<HostKey> = (0..5).map(|n| key(&format!("h{n}"))).collect();
            for host in &hosts {
                frontier.set_limits(host, limits(per_host, interval));
            }
            for (n, (host, later, waits)) in items.iter().enumerate() {
                frontier.push(&hosts[*host], n, waits.then(|| t + ms(*later)));
            }
            let mut now = t;
            let mut running: Vec<(Instant, HostKey)> = Vec::new();
            let mut last: HashMap<HostKey, Instant> = HashMap::new();
            let mut seen = vec![false; items.len()];
            loop {
                let wake = match frontier.next(now) {
                    Next::Start { host, item } => {
                        prop_assert!(!std::mem::replace(&mut seen[item], true), "started twice");
                        if items[item].2 {
                            prop_assert!(now >= t + ms(items[item].1), "started before its time");
                        }
                        if let Some(before) = last.insert(host.clone(), now) {
                            prop_assert!(now >= before + ms(interval));
                        }
                        running.push((now + ms(durations[item]), host.clone()));
                        prop_assert!(running.len() <= total);
                        prop_assert!(running.iter().filter(|(_, at)| *at == host).count() <= per_host);
                        continue;
                    }
                    Next::Wait(time) => Some(time),
                    Next::Busy => None,
                    Next::Idle => break,
                };
                running.sort();
                let end = running.first().map(|(time, _)| *time);
                now = match (wake, end) {
                    (Some(a), Some(b)) => a.min(b),
                    (Some(a), None) | (None, Some(a)) => a,
                    (None, None) => return Err(TestCaseError::fail("stuck")),
                };
                while running.first().is_some_and(|(time, _)| *time <= now) {
                    let (_, host) = running.remove(0);
                    frontier.done(&host);
                }
            }
            prop_assert!(seen.into_iter().all(|seen| seen));
        }
    }
}
