//! The clock, as an argument. Only `cli` and `daemon` make a [`SystemClock`]; everything else is told the time.

use chrono::{DateTime, SubsecRound, Utc};

/// An instant in UTC, to the second, as every table and every JSON document carries it (`2026-11-22T16:30:00Z`).
pub type Timestamp = DateTime<Utc>;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The current instant, to the second.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(0)
    }
}

/// A clock that stands still, for tests and for `demo`.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
