//! What a host's answers do to its turn in a run: sooner, later, or no more.

use std::time::{Duration, Instant};

use super::{Known, Run, Stop, Work, now};
use crate::target::HostKey;
use crate::time::Timestamp;
use crate::visit::exchange::Exchange;
use crate::visit::facts::Outcome;
use crate::visit::{Feed, load};

impl<F: Feed> Run<F> {
    /// Takes note of what an answer says of its host's load. Gives how long the host asks to be left alone, where its quota is used up and
    /// that is longer than this run waits.
    pub(super) fn heard(&mut self, host: &HostKey, exchange: &Exchange, began: Instant) -> Option<Duration> {
        let (now, max_wait) = (now(), self.shared.at(host).settings.max_wait);
        self.frontier.done(host);
        self.frontier.heard(host, load::manner(exchange), began, now);
        self.health.saw(host, exchange, now);
        let head = exchange.head.as_deref()?;
        let wall = self.shared.clock.now();
        if let Some(wait) = load::asked(head.status, &head.headers, wall).filter(|wait| *wait <= max_wait) {
            self.frontier.delay_host(host, now + wait);
        }
        let quota = load::quota(&head.headers, wall)?;
        if quota.reset <= max_wait {
            self.frontier.allows(host, quota.remaining, now + quota.reset);
            return None;
        }
        (quota.remaining == 0).then_some(quota.reset)
    }

    /// Nothing more of this host in this run: what waits is let go.
    pub(super) async fn end_turn(&mut self, host: &HostKey, wait: Duration) -> Result<Timestamp, Stop> {
        let wait = chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::MAX);
        let now = self.shared.clock.now();
        let until = now.checked_add_signed(wait).unwrap_or(now);
        tracing::info!(url.host = %host, %until, "the host asks for more time than this run has");
        self.closed.insert(host.clone(), until);
        for work in self.frontier.take_host(host) {
            match work {
                Work::Visit(chain) => self.finish(chain, Outcome::RateLimited { until }, None, None).await?,
                Work::Probe(probe) => self.learned(&probe, Known::unreachable()).await?,
            }
        }
        self.windows.has(host, 0);
        Ok(until)
    }
}
