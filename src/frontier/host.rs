//! One host's queue: what waits, what is in flight, and when the next may start.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

use super::pace::{Manner, Pace};
use crate::config::HostLimits;
use crate::target::HostKey;

/// One host's queue.
#[derive(Debug)]
pub(super) struct HostQueue<T> {
    /// Whose.
    pub(super) key: HostKey,
    /// How fast it is asked.
    pub(super) pace: Pace,
    /// Its entry among the turns that counts: time and sequence.
    pub(super) turn: Option<(Instant, u64)>,
    ready: VecDeque<T>,
    later: BinaryHeap<Later<T>>,
    /// What goes before everything else, even while the rest is held back.
    urgent: VecDeque<T>,
    /// How many want the rest held back.
    holds: usize,
    in_flight: usize,
    /// No request starts before it.
    not_before: Instant,
    /// What `not_before` was before the last start.
    before_last: Instant,
}

/// An item that waits for its own time, beside its host's.
#[derive(Debug)]
struct Later<T> {
    time: Instant,
    sequence: u64,
    item: T,
}

impl<T> HostQueue<T> {
    /// An idle host that may start at `from`.
    pub(super) fn new(key: HostKey, from: Instant) -> Self {
        Self {
            key,
            pace: Pace::new(HostLimits::default().with_concurrency(1).with_interval(Duration::from_secs(1))),
            turn: None,
            ready: VecDeque::new(),
            later: BinaryHeap::new(),
            urgent: VecDeque::new(),
            holds: 0,
            in_flight: 0,
            not_before: from,
            before_last: from,
        }
    }

    pub(super) fn push(&mut self, item: T, not_before: Option<Instant>, sequence: u64) {
        match not_before {
            Some(time) => self.later.push(Later { time, sequence, item }),
            None => self.ready.push_back(item),
        }
    }

    pub(super) fn push_urgent(&mut self, item: T) {
        self.urgent.push_back(item);
    }

    pub(super) fn hold(&mut self) {
        self.holds += 1;
    }

    pub(super) fn release(&mut self) {
        self.holds = self.holds.saturating_sub(1);
    }

    pub(super) fn len(&self) -> usize {
        self.urgent.len() + self.ready.len() + self.later.len()
    }

    /// When the next item may start; `None` where none waits or the host is full.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        if self.in_flight >= self.pace.concurrency() {
            return None;
        }
        if !self.urgent.is_empty() {
            return Some(self.not_before);
        }
        if self.holds > 0 {
            return None;
        }
        match self.later.peek() {
            _ if !self.ready.is_empty() => Some(self.not_before),
            Some(later) => Some(later.time.max(self.not_before)),
            None => None,
        }
    }

    /// Starts an item if one may start at `now`.
    pub(super) fn start(&mut self, now: Instant) -> Option<T> {
        if self.in_flight >= self.pace.concurrency() || self.not_before > now {
            return None;
        }
        // Items whose time has come go first: they have waited longest.
        let item = match self.later.peek() {
            _ if !self.urgent.is_empty() => self.urgent.pop_front(),
            _ if self.holds > 0 => None,
            Some(later) if later.time <= now => self.later.pop().map(|later| later.item),
            _ => self.ready.pop_front(),
        }?;
        self.in_flight += 1;
        self.before_last = self.not_before;
        self.not_before = now + self.pace.interval();
        Some(item)
    }

    /// The item that was just started was not used: its start counts for nothing.
    pub(super) fn unused(&mut self) -> bool {
        self.not_before = self.before_last;
        self.end()
    }

    /// Takes note of a request; a halved pace holds from now on.
    pub(super) fn heard(&mut self, manner: Manner, began: Instant, now: Instant) {
        if self.pace.heard(manner, began, now) {
            self.delay(now + self.pace.interval());
        }
    }

    /// The host lets so many more requests through until then; those in flight may not have been counted yet.
    pub(super) fn allows(&mut self, remaining: u64, until: Instant) {
        if remaining <= self.in_flight as u64 {
            self.delay(until);
        }
    }

    /// What so many items need at the present pace, at least.
    pub(super) fn time_for(&self, count: u64, now: Instant) -> Duration {
        let wait = self.not_before.saturating_duration_since(now);
        wait.saturating_add(self.pace.interval().saturating_mul(u32::try_from(count).unwrap_or(u32::MAX)))
    }

    /// Whether there was one in flight to end.
    pub(super) fn end(&mut self) -> bool {
        let any = self.in_flight > 0;
        self.in_flight = self.in_flight.saturating_sub(1);
        any
    }

    pub(super) fn delay(&mut self, until: Instant) {
        self.not_before = self.not_before.max(until);
    }

    pub(super) fn take(&mut self) -> Vec<T> {
        let mut items: Vec<T> = self.urgent.drain(..).chain(self.ready.drain(..)).collect();
        items.extend(
            std::mem::take(&mut self.later).into_sorted_vec().into_iter().rev().map(|later| later.item),
        );
        items
    }
}

impl<T> Ord for Later<T> {
    /// The earliest is the greatest, since the heap gives out its greatest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.time, other.sequence).cmp(&(self.time, self.sequence))
    }
}

impl<T> PartialOrd for Later<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Later<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Later<T> {}
