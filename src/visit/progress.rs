//! How far a run is, for whoever watches: cheap to write, and read whenever one likes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::target::HostKey;

/// Shared between the visitor, which writes, and a progress bar, which reads.
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicU64,
    done: AtomicU64,
    in_flight: AtomicU64,
    hosts: AtomicU64,
    longest: AtomicU64,
    slowest: Mutex<Option<(HostKey, Duration)>>,
}

/// What can be seen at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressNow {
    /// Targets to visit.
    pub total: u64,
    /// Targets visited.
    pub done: u64,
    /// Requests in flight.
    pub in_flight: u64,
    /// Hosts with targets left to visit; looked at now and then.
    pub hosts: u64,
    /// Targets left at the host with the most of them; looked at now and then.
    pub longest: u64,
    /// The host that bounds the run, and how long its targets need at its limit at least.
    pub slowest: Option<(HostKey, Duration)>,
}

impl Progress {
    /// Looks.
    pub fn now(&self) -> ProgressNow {
        ProgressNow {
            total: self.total.load(Ordering::Relaxed),
            done: self.done.load(Ordering::Relaxed),
            in_flight: self.in_flight.load(Ordering::Relaxed),
            hosts: self.hosts.load(Ordering::Relaxed),
            longest: self.longest.load(Ordering::Relaxed),
            slowest: self.slowest.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    pub(super) fn begin(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
    }

    pub(super) fn count_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn show_in_flight(&self, requests: usize) {
        self.in_flight.store(requests as u64, Ordering::Relaxed);
    }

    pub(super) fn show_queues(&self, hosts: usize, longest: u64) {
        self.hosts.store(hosts as u64, Ordering::Relaxed);
        self.longest.store(longest, Ordering::Relaxed);
    }

    pub(super) fn show_slowest(&self, host: Option<(HostKey, Duration)>) {
        *self.slowest.lock().unwrap_or_else(PoisonError::into_inner) = host;
    }
}
