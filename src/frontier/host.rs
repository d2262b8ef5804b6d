//! One host's queue: what waits, what is in flight, and when the next may start.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};

use crate::config::HostLimits;
use crate::target::HostKey;

/// One host's queue.
#[derive(Debug)]
pub(super) struct HostQueue<T> {
    /// Whose.
    pub(super) key: HostKey,
    /// What it bears.
    pub(super) limits: HostLimits,
    /// Its entry among the turns that counts: time and sequence.
    pub(super) turn: Option<(Instant, u64)>,
    ready: VecDeque<T>,
    later: BinaryHeap<Later<T>>,
    in_flight: usize,
    /// No request starts before it.
    not_before: Instant,
}

/// An item that waits for its own time, beside its host's.
#[derive(Debug)]
struct Later<T> {
    time: Instant,
    sequence: u64,
    item: T,
}

impl<T> HostQueue<T> {
    /// An idle host that may start at `from`, one request at a time until its limits are set.
    pub(super) fn new(key: HostKey, from: Instant) -> Self {
        Self {
            key,
            limits: HostLimits { concurrency: 1, interval: Duration::from_secs(1) },
            turn: None,
            ready: VecDeque::new(),
            later: BinaryHeap::new(),
            in_flight: 0,
            not_before: from,
        }
    }

    pub(super) fn push(&mut self, item: T, not_before: Option<Instant>, sequence: u64) {
        match not_before {
            Some(time) => self.later.push(Later { time, sequence, item }),
            None => self.ready.push_back(item),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ready.len() + self.later.len()
    }

    /// When the next item may start; `None` where none waits or the host is full.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        if self.in_flight >= self.limits.concurrency {
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
        if self.in_flight >= self.limits.concurrency || self.not_before > now {
            return None;
        }
        // Items whose time has come go first: they have waited longest.
        let item = match self.later.peek() {
            Some(later) if later.time <= now => self.later.pop().map(|later| later.item),
            _ => self.ready.pop_front(),
        }?;
        self.in_flight += 1;
        self.not_before = now + self.limits.interval;
        Some(item)
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
        let mut items: Vec<T> = self.ready.drain(..).collect();
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
