//! When a target is due again, and which of those that are due a run visits: pure, told the time.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;

use crate::config::RecheckSettings;
use crate::target::{HostKey, TargetId};
use crate::time::Timestamp;

/// A visit later than this after now was made under a wrong clock: it says nothing of when the target is due.
const BELIEVED: TimeDelta = TimeDelta::days(1);

/// The least time between two visits that are to confirm each other, where the window of confirmation is over already.
const SOONEST_CONFIRMATION: Duration = Duration::from_secs(3600);

/// What is known of a target that was visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// The first visit that is known.
    pub known_since: Timestamp,
    /// The last visit.
    pub last_visit: Timestamp,
    /// The first visit that found what the last one found.
    pub same_since: Timestamp,
    /// How often something else was found than at the visit before.
    pub changes: u32,
    /// What the last visit says.
    pub standing: Standing,
}

/// What a target's last visit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is well, or nothing can be told: the target's history decides.
    Settled,
    /// It fails, which counts only once so many visits over such a span agree (SPEC §3).
    Unconfirmed {
        /// Visits that agree so far.
        visits: u32,
        /// The first of them.
        since: Timestamp,
        /// Visits that are needed.
        needed: u32,
        /// The least time from the first to the last of them.
        span: Duration,
    },
    /// It fails, and that counts.
    Failing,
    /// Its host asked not to be asked before.
    HostWaits {
        /// When it may be asked.
        until: Timestamp,
    },
}

/// How soon targets are visited again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// The shortest interval that is learned.
    pub min: Duration,
    /// The longest.
    pub max: Duration,
    /// In place of what was learned, for targets that do not fail.
    pub max_age: Option<Duration>,
}

/// How much one run visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// In all.
    pub run: usize,
    /// Of one host.
    pub host: usize,
}

/// Targets that are due: 24 bytes each.
#[derive(Debug, Default)]
pub struct Agenda {
    hosts: Vec<HostKey>,
    index: HashMap<HostKey, u32>,
    due: Vec<Due>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    /// Seconds since 1970; the least there is where the target was never visited.
    at: i64,
    target: TargetId,
    host: u32,
}

/// What a run visits, and what it leaves for the next.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// By host, in the order in which hosts were first named; targets in order of their rows.
    pub hosts: Vec<ChosenOfHost>,
    /// How many are due and beyond the budget.
    pub left: u64,
}

/// What is due at one host.
#[derive(Debug, PartialEq, Eq)]
pub struct ChosenOfHost {
    /// The host.
    pub host: HostKey,
    /// What this run visits; nothing where all of it is beyond the budget.
    pub visit: Vec<TargetId>,
}

impl Rhythm {
    /// As configured; a schedule may say `max_age`.
    pub fn new(settings: &RecheckSettings, max_age: Option<Duration>) -> Self {
        Self { min: settings.min, max: settings.max.max(settings.min), max_age }
    }

    /// When the target is due again. `phase` is any number that belongs to the target for good: it spreads targets that were visited
    /// together over half of the interval that they have in common, so that they do not come back together.
    ///
    /// The interval is half the mean time between changes as far as they are known, but no longer than the present state has lasted: what
    /// never changed is visited more and more seldom, what has just changed soon again. A failure that counts doubles the interval.
    pub fn due_at(&self, past: &Past, phase: u64, now: Timestamp) -> Timestamp {
        if past.last_visit - now > BELIEVED {
            return now;
        }
        let lasted = (past.last_visit - past.same_since).to_std().unwrap_or_default();
        match past.standing {
            // A host may name any time; none puts a target off for longer than the longest interval.
            Standing::HostWaits { until } => until.min(later(past.last_visit, self.max)),
            Standing::Unconfirmed { visits, since, needed, span } => {
                let steps = needed.saturating_sub(1).max(1);
                let next = later(since, span.mul_f64(f64::from(visits.min(steps)) / f64::from(steps)));
                next.max(later(past.last_visit, span.min(SOONEST_CONFIRMATION)))
            }
            Standing::Failing => self.spread(past.last_visit, lasted, phase),
            Standing::Settled => match self.max_age {
                Some(age) => later(past.last_visit, age),
                None => {
                    let known = (past.last_visit - past.known_since).to_std().unwrap_or_default();
                    let between_changes = known / past.changes.saturating_add(1);
                    self.spread(past.last_visit, lasted.min(between_changes / 2), phase)
                }
            },
        }
    }

    /// `interval` after `from`, or up to half as much later, within the bounds.
    fn spread(&self, from: Timestamp, interval: Duration, phase: u64) -> Timestamp {
        let interval = interval.clamp(self.min, self.max);
        let room = (interval + interval / 2).min(self.max) - interval;
        // 53 bits of the phase, as a number from 0 to below 1.
        let place = (phase >> 11) as f64 / (1_u64 << 53) as f64;
        later(from, interval + room.mul_f64(place))
    }
}

impl Agenda {
    /// Puts a host on the agenda, so that it is among those chosen of even where nothing of it is due.
    pub fn name(&mut self, host: &HostKey) -> u32 {
        if let Some(number) = self.index.get(host) {
            return *number;
        }
        let number = u32::try_from(self.hosts.len()).unwrap_or(u32::MAX);
        self.hosts.push(host.clone());
        self.index.insert(host.clone(), number);
        number
    }

    /// Puts a target on the agenda: due since then, or never visited.
    pub fn add(&mut self, host: &HostKey, target: TargetId, due_at: Option<Timestamp>) {
        let host = self.name(host);
        self.due.push(Due { at: due_at.map_or(i64::MIN, |at| at.timestamp()), target, host });
    }

    /// What one run visits: what was never visited, then what is due longest, within the budget.
    pub fn choose(mut self, budget: Budget) -> Chosen {
        self.due.sort_unstable();
        let mut hosts: Vec<ChosenOfHost> =
            self.hosts.into_iter().map(|host| ChosenOfHost { host, visit: Vec::new() }).collect();
        let (mut taken, mut left) = (0, 0);
        for due in self.due {
            let Some(host) = hosts.get_mut(due.host as usize) else { continue };
            if taken < budget.run && host.visit.len() < budget.host {
                host.visit.push(due.target);
                taken += 1;
            } else {
                left += 1;
            }
        }
        for host in &mut hosts {
            host.visit.sort_unstable();
        }
        Chosen { hosts, left }
    }
}

/// `span` later, or the end of time.
fn later(from: Timestamp, span: Duration) -> Timestamp {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| from.checked_add_signed(span))
        .unwrap_or(Timestamp::MAX_UTC)
}

#[cfg(test)]
mod tests;
