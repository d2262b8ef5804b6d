//! Which targets are at hand: a window per host, filled ahead from the state, so that a million targets cost no memory.

use std::collections::HashMap;
use std::future::Future;

use super::facts::DueTarget;
use crate::target::{HostKey, TargetId};

/// Targets asked for at once.
pub(super) const WINDOW: usize = 64;
/// A host with fewer at hand is asked for more.
const LOW: usize = 16;
/// At hand in all hosts together, roughly: hosts beyond it wait for their first window.
const AT_HAND: usize = 32 << 10;
/// Windows asked for at the same time.
const FETCHES: usize = 8;

/// Where due targets come from.
pub trait Feed: Send + Sync + 'static {
    /// The next targets of `host`, by row, after `after`; fewer than `limit` means that these are the last.
    fn next(
        &self,
        host: HostKey,
        after: Option<TargetId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<DueTarget>, FeedError>> + Send;

    /// What else is to be visited, asked once, when all that the feed gave has been visited and `sent` visits were handed out.
    fn probes(&self, sent: u64) -> impl Future<Output = Result<Vec<DueTarget>, FeedError>> + Send {
        let _ = sent;
        async { Ok(Vec::new()) }
    }
}

/// The feed could not say what is next.
#[derive(Debug, thiserror::Error)]
#[error("the next targets cannot be read: {0}")]
pub struct FeedError(pub String);

/// Which host has how much left to come.
#[derive(Debug)]
pub(super) struct Windows {
    hosts: HashMap<HostKey, Host>,
    /// Hosts that have no window yet, the one with the most targets last.
    unopened: Vec<HostKey>,
    /// Hosts that run low.
    low: Vec<HostKey>,
    fetching: usize,
}

#[derive(Debug)]
struct Host {
    after: Option<TargetId>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// More can be asked for.
    Open,
    /// It is on the list of those that run low.
    Low,
    /// It was asked for.
    Fetching,
    /// There is no more.
    Exhausted,
}

/// One window to ask for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) host: HostKey,
    pub(super) after: Option<TargetId>,
}

impl Windows {
    pub(super) fn new(mut hosts: Vec<(HostKey, u64)>) -> Self {
        // The host with the most targets bounds the run, so it begins first.
        hosts.sort_by(|(a, n), (b, m)| n.cmp(m).then_with(|| b.cmp(a)));
        Self {
            unopened: hosts.iter().map(|(host, _)| host.clone()).collect(),
            hosts: hosts
                .into_iter()
                .map(|(host, _)| (host, Host { after: None, state: State::Open }))
                .collect(),
            low: Vec::new(),
            fetching: 0,
        }
    }

    /// The next window to ask for, if one is wanted: `at_hand` targets wait in all.
    pub(super) fn ask(&mut self, at_hand: usize) -> Option<Ask> {
        if self.fetching >= FETCHES {
            return None;
        }
        let host = match self.low.pop() {
            Some(host) => host,
            None if at_hand + self.fetching * WINDOW < AT_HAND => self.unopened.pop()?,
            None => return None,
        };
        let known = self.hosts.get_mut(&host)?;
        known.state = State::Fetching;
        self.fetching += 1;
        Some(Ask { after: known.after, host })
    }

    /// A window came, with so many targets, the last of them this one.
    pub(super) fn came(&mut self, host: &HostKey, count: usize, last: Option<TargetId>) {
        self.fetching = self.fetching.saturating_sub(1);
        if let Some(known) = self.hosts.get_mut(host) {
            known.after = last.or(known.after);
            known.state = if count < WINDOW { State::Exhausted } else { State::Open };
        }
    }

    /// A host has so many targets at hand.
    pub(super) fn has(&mut self, host: &HostKey, at_hand: usize) {
        if at_hand < LOW
            && let Some(known) = self.hosts.get_mut(host)
            && known.state == State::Open
            && known.after.is_some()
        {
            known.state = State::Low;
            self.low.push(host.clone());
        }
    }

    /// Whether everything was handed out.
    pub(super) fn exhausted(&self) -> bool {
        self.fetching == 0
            && self.low.is_empty()
            && self.unopened.is_empty()
            && self.hosts.values().all(|host| host.state == State::Exhausted)
    }
}
