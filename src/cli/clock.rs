//! Clocks that a command line has and the daemon has not.

use std::sync::Mutex;

use crate::time::{Clock, Timestamp};

/// A clock that stands still until it is set: the simulated time of `demo`.
#[derive(Debug)]
pub(super) struct SimulatedClock(Mutex<Timestamp>);

impl SimulatedClock {
    /// Stands at `at`.
    pub(super) fn new(at: Timestamp) -> Self {
        Self(Mutex::new(at))
    }

    /// Goes to `at`.
    pub(super) fn set(&self, at: Timestamp) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = at;
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
