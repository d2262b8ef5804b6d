//! Stage 4: what may be visited now. Host queues, budgets, ready-times. A pure structure: it is told the time and never waits.

mod host;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Instant;

use crate::config::HostLimits;
use crate::target::HostKey;

use host::HostQueue;

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
        self.hosts[at].limits = limits;
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
mod tests;
