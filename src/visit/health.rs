//! Who answers at all: to tell a host that is down from a network that is.

use std::collections::HashMap;

use super::exchange::{End, Exchange};
use super::facts::Failure;
use crate::target::HostKey;

/// So many hosts must have been tried before the network is blamed (SPEC §3).
const HOSTS: usize = 10;
/// After so many requests in a row without an answer, a host's targets are not repeated in the first pass.
const STREAK: u32 = 8;

/// What is known of the hosts of a run.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Whether anything at all came back from anywhere.
    answered: bool,
    streaks: HashMap<HostKey, u32>,
    /// Hosts that gave nothing, after all repeats, and how they failed.
    silent: HashMap<HostKey, Failure>,
}

impl Health {
    /// Takes note of one request.
    pub(super) fn saw(&mut self, host: &HostKey, exchange: &Exchange) {
        match &exchange.end {
            End::Refused(..) => {}
            End::Failed(failure, _) | End::Http2Failed(failure, _) if exchange.head.is_none() => {
                *self.streaks.entry(host.clone()).or_default() += 1;
                // A refusal, a reset, a certificate: somebody is there.
                self.answered |= !ours(*failure);
            }
            End::Failed(..) | End::Http2Failed(..) | End::Answer(_) => {
                self.answered = true;
                self.streaks.remove(host);
            }
        }
    }

    /// A target of the host failed for good in this pass.
    pub(super) fn gave_up(&mut self, host: &HostKey, failure: Failure) {
        if !self.answered {
            self.silent.insert(host.clone(), failure);
        }
    }

    /// Whether repeats at this host are a waste for now.
    pub(super) fn is_down(&self, host: &HostKey) -> bool {
        self.streaks.get(host).is_some_and(|streak| *streak >= STREAK)
    }

    /// The sentence that says that it is our network, if it is.
    pub(super) fn network_down(&self) -> Option<String> {
        if self.answered || self.silent.len() < HOSTS {
            return None;
        }
        let mut failures = self.silent.values();
        let first = *failures.next()?;
        if !ours(first) || failures.any(|failure| *failure != first) {
            return None;
        }
        let what = match first {
            Failure::DnsFailure | Failure::DnsNxdomain => "no name could be resolved",
            _ => "no connection could be made",
        };
        Some(format!(
            "{what} at any of {} hosts: this machine's network or resolver is down, so nothing was judged",
            self.silent.len()
        ))
    }
}

/// Whether a failure can be that of our own network: no answer from the resolver, one that knows no name at all (as behind a captive
/// portal, or without a route out), no route.
fn ours(failure: Failure) -> bool {
    matches!(failure, Failure::DnsFailure | Failure::DnsNxdomain | Failure::ConnectTimeout)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::exchange::Reading;
    use super::*;

    fn key(n: usize) -> HostKey {
        HostKey::from_stored(format!("h{n}.org"))
    }

    fn exchange(end: End) -> Exchange {
        Exchange { elapsed: Duration::ZERO, spent: Duration::ZERO, received: 0, head: None, end }
    }

    fn all_fail(count: usize, failure: impl Fn(usize) -> Failure) -> Health {
        let mut health = Health::default();
        for n in 0..count {
            health.saw(&key(n), &exchange(End::Failed(failure(n), String::new())));
            health.gave_up(&key(n), failure(n));
        }
        health
    }

    #[test]
    fn d05_ten_hosts_that_fail_alike_are_our_network() {
        assert!(all_fail(10, |_| Failure::DnsFailure).network_down().unwrap().contains("resolve"));
        assert!(all_fail(10, |_| Failure::ConnectTimeout).network_down().unwrap().contains("connection"));
        assert_eq!(all_fail(9, |_| Failure::DnsFailure).network_down(), None);
        assert!(all_fail(10, |_| Failure::DnsNxdomain).network_down().unwrap().contains("resolve"));
        assert_eq!(all_fail(10, |_| Failure::ConnectRefused).network_down(), None, "somebody refuses");
        let mixed = |n| if n == 3 { Failure::ConnectTimeout } else { Failure::DnsFailure };
        assert_eq!(all_fail(10, mixed).network_down(), None);
    }

    #[test]
    fn one_answer_clears_the_network() {
        let mut health = all_fail(10, |_| Failure::DnsFailure);
        health.saw(&key(11), &exchange(End::Answer(Reading::NotRead)));
        assert_eq!(health.network_down(), None);
    }

    #[test]
    fn a_silent_host_is_not_repeated_until_it_answers() {
        let mut health = Health::default();
        for _ in 0..STREAK {
            assert!(!health.is_down(&key(1)));
            health.saw(&key(1), &exchange(End::Failed(Failure::ReadTimeout, String::new())));
        }
        assert!(health.is_down(&key(1)));
        health.saw(&key(1), &exchange(End::Answer(Reading::NotRead)));
        assert!(!health.is_down(&key(1)));
    }
}
