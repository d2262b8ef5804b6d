//! The second pass: when it begins for a host, and what is asked of a host that was down.

use std::time::{Duration, Instant};

use super::{Run, Stop, Work, now};
use crate::target::HostKey;
use crate::visit::chain::{Chain, Pass};
use crate::visit::exchange::Exchange;
use crate::visit::facts::{Answer, Outcome};
use crate::visit::{Feed, load};

/// Late is better, since more has passed by then; but nobody waits longer than this for other hosts' first pass.
const PATIENCE: Duration = Duration::from_secs(120);
/// So many targets of a host that was down find out for all others whether it is back.
const TRIALS: usize = 3;
/// A host that says nothing but that it has too much to do is asked ever more slowly, at last once in ten seconds. It is left alone
/// after so long (`max_wait`, where that is shorter), however many targets it has.
const DOWN_AT_MOST: Duration = Duration::from_secs(300);
/// When what was not asked for may be tried again.
const LATER: Duration = Duration::from_secs(3600);

/// What is left of a host for the second pass.
#[derive(Debug, Default)]
pub(super) struct Left {
    again: Vec<Again>,
    /// When the last of its targets had its first pass.
    since: Option<Instant>,
}

/// A target that is to be visited once more.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) chain: Box<Chain>,
    /// The host that failed: the target's, or one that it leads to.
    pub(super) at: HostKey,
    /// What the first pass found; `None` where its host was down so long that it was not asked for.
    pub(super) first: Option<(Outcome, Option<Box<Answer>>)>,
}

/// A host that was down when its second pass began.
#[derive(Debug, Default)]
pub(super) struct Trial {
    under_way: usize,
    waiting: Vec<Again>,
}

impl Trial {
    /// One of those that were sent first is over.
    pub(super) fn ended(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// One of those that were sent first failed too. Where the host is back for the next, it has its second pass like all others.
    pub(super) fn failed(&mut self, again: Again) {
        self.waiting.push(again);
        self.ended();
    }
}

/// Whose second pass is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Everybody's: there is nothing else to do.
    All,
    /// That of hosts that have waited for others long enough.
    Patient,
}

impl<F: Feed> Run<F> {
    /// Keeps a target for the second pass.
    pub(super) fn leave(&mut self, again: Again) {
        self.again.entry(again.chain.target_host()).or_default().again.push(again);
    }

    /// Begins the second pass of the hosts whose time has come; whether there are any.
    pub(super) async fn begin_second_passes(&mut self, whose: Whose) -> Result<bool, Stop> {
        let now = now();
        let mut hosts = Vec::new();
        for (host, left) in &mut self.again {
            let done = self.remaining.get(host).is_none_or(|remaining| *remaining <= left.again.len() as u64);
            let patient = done && now.duration_since(*left.since.get_or_insert(now)) >= PATIENCE;
            if !done {
                left.since = None;
            }
            if whose == Whose::All || patient {
                hosts.push(host.clone());
            }
        }
        for host in &hosts {
            let left = self.again.remove(host).unwrap_or_default();
            self.begin_second_pass(left.again).await?;
        }
        Ok(!hosts.is_empty())
    }

    async fn begin_second_pass(&mut self, again: Vec<Again>) -> Result<(), Stop> {
        tracing::debug!(targets = again.len(), "second pass");
        for again in again {
            if !self.health.is_down(&again.at) {
                self.retry(again, Pass::Second).await?;
            } else if self.gone.contains(&again.at) && !self.trials.contains_key(&again.at) {
                self.give_up(again).await?;
            } else {
                self.trials.entry(again.at.clone()).or_default().waiting.push(again);
            }
        }
        Ok(())
    }

    /// The trial that a visit is part of.
    pub(super) fn trial(&mut self, pass: &Pass) -> Option<&mut Trial> {
        match pass {
            Pass::Trial(host) => self.trials.get_mut(host),
            Pass::First | Pass::Second => None,
        }
    }

    /// Sends the first to hosts that were down; once they are back, or are not, sees to all that waits for them.
    pub(super) async fn settle_trials(&mut self) -> Result<(), Stop> {
        if self.trials.is_empty() {
            return Ok(());
        }
        let hosts: Vec<HostKey> = self.trials.keys().cloned().collect();
        for host in hosts {
            let Some(trial) = self.trials.get_mut(&host) else { continue };
            if !self.health.is_down(&host) {
                self.gone.remove(&host);
                for again in self.trials.remove(&host).unwrap_or_default().waiting {
                    self.retry(again, Pass::Second).await?;
                }
            } else if trial.under_way == 0 && self.gone.contains(&host) {
                for again in self.trials.remove(&host).unwrap_or_default().waiting {
                    self.give_up(again).await?;
                }
            } else if trial.under_way == 0 {
                self.gone.insert(host.clone());
                let first = trial.waiting.len().min(TRIALS);
                let trials: Vec<Again> = trial.waiting.drain(..first).collect();
                trial.under_way = trials.len();
                for again in trials {
                    self.retry(again, Pass::Trial(host.clone())).await?;
                }
            }
        }
        Ok(())
    }

    async fn retry(&mut self, again: Again, pass: Pass) -> Result<(), Stop> {
        let not_before = now() + self.shared.settings.second_pass_after;
        self.queue(Box::new(again.chain.again(pass)), Some(not_before)).await
    }

    /// Ends a visit as the first pass left it.
    async fn give_up(&mut self, again: Again) -> Result<(), Stop> {
        let Again { chain, first, .. } = again;
        let (outcome, answer) = first.unwrap_or_else(|| {
            let until = self.shared.clock.now() + LATER;
            (Outcome::RateLimited { until }, None)
        });
        self.finish(chain, outcome, answer.map(|answer| *answer), None).await
    }

    /// After an answer: leaves a host alone that has had too much to do for too long, until the second pass.
    pub(super) fn look_after(&mut self, host: &HostKey, exchange: &Exchange) {
        let Some(down) = self.health.down_for(host, now()) else {
            self.aside.remove(host);
            return;
        };
        let most = self.shared.at(host).settings.max_wait.min(DOWN_AT_MOST);
        if down < most || !load::is_overload(exchange) || !self.aside.insert(host.clone()) {
            return;
        }
        tracing::info!(url.host = %host, "the host has been down for too long: what is left of it waits for the second pass");
        for work in self.frontier.take_host(host) {
            match work {
                Work::Visit(chain) if *chain.pass() == Pass::First && !chain.is_repeat() => {
                    self.leave(Again { chain, at: host.clone(), first: None });
                }
                // Few: what was tried has no repeats any more, and robots.txt is asked for once.
                Work::Visit(chain) => self.push(chain, None),
                Work::Probe(probe) => self.frontier.push_urgent(host, Work::Probe(probe)),
            }
        }
        self.windows.has(host, 0);
    }
}
