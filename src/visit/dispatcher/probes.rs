//! What robots.txt adds to a run: visits that are not made, text that is not kept, and the requests that find out.

use super::{Finished, Known, Probe, ProbeStep, Run, Say, Stop, Work, now};
use crate::target::HostKey;
use crate::visit::Feed;
use crate::visit::backoff;
use crate::visit::chain::Chain;
use crate::visit::exchange::Exchange;
use crate::visit::facts::{Answer, Outcome, Refusal};

use std::time::{Duration, Instant};

use bytes::Bytes;

/// How long a visit waits that is made again because too many bodies wait already.
const LATER: Duration = Duration::from_secs(1);

impl<F: Feed> Run<F> {
    /// Starts a visit's request, unless robots.txt is against it or must be asked first; then the start counts for nothing.
    pub(super) async fn start_visit(&mut self, host: HostKey, chain: Box<Chain>) -> Result<(), Stop> {
        self.windows.has(&host, self.frontier.queued_at(&host));
        let policy = self.shared.at(&host).settings.robots;
        match self.robots.may_visit(chain.url(), chain.purpose(), policy, now()) {
            Say::Allowed => self.request(host, chain),
            Say::Disallowed => {
                self.frontier.unused(&host);
                let outcome = Outcome::Refused {
                    refusal: Refusal::Robots,
                    url: chain.url().as_str().to_owned(),
                    detail: "disallowed by robots.txt".to_owned(),
                };
                self.finish(chain, outcome, None, None).await?;
            }
            Say::Unknown => {
                self.frontier.unused(&host);
                if let Some(probe) = self.robots.ask(chain.url()) {
                    self.begin_probe(probe).await?;
                }
                self.frontier.push(&host, Work::Visit(chain), None);
            }
        }
        Ok(())
    }

    /// Ends a visit that brought a page, once it is known whether its text may be kept.
    pub(super) async fn keep(
        &mut self,
        chain: Box<Chain>,
        answer: Option<Answer>,
        body: Bytes,
    ) -> Result<(), Stop> {
        let policy = self.shared.at(&chain.host()).settings.robots;
        let say = self.robots.may_keep(chain.url(), policy, now());
        let finished = Finished { chain, answer, body };
        if say != Say::Unknown {
            return self.finish_page(finished, say).await;
        }
        match self.robots.wait(finished) {
            Ok(Some(probe)) => self.begin_probe(probe).await,
            Ok(None) => Ok(()),
            // More pages wait than there is memory for: this one is asked for again when its origin is known.
            Err(chain) => {
                let pass = chain.pass().clone();
                self.queue(Box::new(chain.again(pass)), Some(now() + LATER)).await
            }
        }
    }

    async fn finish_page(&mut self, finished: Finished, say: Say) -> Result<(), Stop> {
        let Finished { chain, mut answer, body } = finished;
        if let Some(answer) = &mut answer {
            answer.robots = say != Say::Allowed;
        }
        self.finish(chain, Outcome::Answered, answer, Some(body)).await
    }

    /// Takes what came of a probe's request.
    pub(super) async fn probed(
        &mut self,
        host: &HostKey,
        mut probe: Box<Probe>,
        exchange: Exchange,
        began: Instant,
    ) -> Result<(), Stop> {
        self.probes += 1;
        self.probe_bytes += exchange.received;
        let over = self.heard(host, &exchange, began);
        let step = probe.took(exchange, self.shared.clock.now(), self.shared.at(host).settings.max_wait);
        if let Some(wait) = over {
            self.end_turn(host, wait).await?;
        }
        match step {
            ProbeStep::Request => self.queue_probe(probe).await,
            ProbeStep::Repeat(asked) => {
                let own = backoff::jittered(0, self.shared.at(host).settings.backoff, &mut self.dice);
                self.frontier.delay_host(host, now() + asked.unwrap_or(own).max(own));
                self.queue_probe(probe).await
            }
            ProbeStep::Known(known) => self.learned(&probe, known).await,
        }
    }

    /// An origin is known, or cannot be asked: its host's visits go on, and those that waited for it end.
    pub(super) async fn learned(&mut self, probe: &Probe, known: Known) -> Result<(), Stop> {
        self.frontier.release(probe.holds());
        for finished in self.robots.learn(probe.origin(), known, now()) {
            let policy = self.shared.at(&finished.chain.host()).settings.robots;
            let say = self.robots.may_keep(finished.chain.url(), policy, now());
            self.finish_page(finished, say).await?;
        }
        Ok(())
    }

    /// While an origin is asked, its host's visits wait, so that no more pages come of which nothing is known.
    async fn begin_probe(&mut self, probe: Probe) -> Result<(), Stop> {
        self.frontier.hold(probe.holds());
        self.queue_probe(Box::new(probe)).await
    }

    async fn queue_probe(&mut self, probe: Box<Probe>) -> Result<(), Stop> {
        let host = probe.host();
        if self.closed.contains_key(&host) {
            return self.learned(&probe, Known::unreachable()).await;
        }
        self.meet(&host);
        self.frontier.push_urgent(&host, Work::Probe(probe));
        Ok(())
    }
}
