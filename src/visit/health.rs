//! Who answers at all, and with a good certificate: to tell what is wrong with a host from what is wrong here.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::chain;
use super::exchange::{End, Exchange};
use super::facts::Failure;
use crate::target::HostKey;

/// So many hosts must have been tried before the network is blamed (SPEC §3).
const HOSTS: usize = 10;
/// After so many requests in a row that brought nothing, a host is down: its targets are not repeated.
const STREAK: u32 = 8;

/// What is known of the hosts of a run.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Whether anything at all came back from anywhere.
    answered: bool,
    streaks: HashMap<HostKey, Streak>,
    /// Hosts that gave nothing, after all repeats, and how they failed.
    silent: HashMap<HostKey, Failure>,
    /// Whether any certificate was good.
    certified: bool,
    /// Hosts whose certificate is out of date, or not yet valid.
    out_of_date: HashSet<HostKey>,
}

/// Requests in a row that brought nothing: no answer, or one that says that there is none now.
#[derive(Debug, Clone, Copy)]
struct Streak {
    length: u32,
    since: Instant,
}

impl Health {
    /// Takes note of one request.
    pub(super) fn saw(&mut self, host: &HostKey, exchange: &Exchange, now: Instant) {
        self.certified |= exchange.head.as_deref().is_some_and(|head| head.certificate_ends.is_some());
        match &exchange.end {
            End::Refused(..) => {}
            End::Failed(failure, _) | End::Http2Failed(failure, _) if exchange.head.is_none() => {
                self.failed(host, now);
                // A refusal, a reset, a certificate: somebody is there.
                self.answered |= !ours(*failure);
            }
            End::Failed(..) | End::Http2Failed(..) | End::Answer(_) => {
                self.answered = true;
                match exchange.head.as_deref() {
                    Some(head) if chain::passes_with(head.status) => self.failed(host, now),
                    _ => drop(self.streaks.remove(host)),
                }
            }
        }
    }

    fn failed(&mut self, host: &HostKey, now: Instant) {
        self.streaks.entry(host.clone()).or_insert(Streak { length: 0, since: now }).length += 1;
    }

    /// A target of the host failed for good in this pass.
    pub(super) fn gave_up(&mut self, host: &HostKey, failure: Failure) {
        if failure == Failure::TlsExpired && !self.certified {
            self.out_of_date.insert(host.clone());
        }
        if !self.answered {
            self.silent.insert(host.clone(), failure);
        }
    }

    /// Whether repeats at this host are a waste for now.
    pub(super) fn is_down(&self, host: &HostKey) -> bool {
        self.streaks.get(host).is_some_and(|streak| streak.length >= STREAK)
    }

    /// How long the host has been down, if it is.
    pub(super) fn down_for(&self, host: &HostKey, now: Instant) -> Option<Duration> {
        let streak = self.streaks.get(host).filter(|streak| streak.length >= STREAK)?;
        Some(now.saturating_duration_since(streak.since))
    }

    /// The sentence that says that the fault is this machine's, if it is: then nothing is to be judged.
    pub(super) fn fault_of_ours(&self) -> Option<String> {
        self.network_down().or_else(|| self.clock_wrong())
    }

    /// Certificates end at many times: that all of them did, or none began, is a clock that is wrong.
    fn clock_wrong(&self) -> Option<String> {
        (!self.certified && self.out_of_date.len() >= HOSTS).then(|| {
            format!(
                "the certificates of all {} hosts that were tried are out of date or not yet valid: this machine's clock is wrong, so \
                 nothing was judged",
                self.out_of_date.len()
            )
        })
    }

    fn network_down(&self) -> Option<String> {
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

    use reqwest::header::HeaderMap;

    use super::super::exchange::{Head, Reading};
    use super::*;
    use crate::time::Timestamp;

    fn key(n: usize) -> HostKey {
        HostKey::from_stored(format!("h{n}.org"))
    }

    fn exchange(end: End) -> Exchange {
        Exchange { elapsed: Duration::ZERO, spent: Duration::ZERO, received: 0, head: None, end }
    }

    fn all_fail(count: usize, failure: impl Fn(usize) -> Failure) -> Health {
        let mut health = Health::default();
        for n in 0..count {
            health.saw(&key(n), &exchange(End::Failed(failure(n), String::new())), Instant::now());
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
        health.saw(&key(11), &exchange(End::Answer(Reading::NotRead)), Instant::now());
        assert_eq!(health.network_down(), None);
    }

    /// T10.
    #[test]
    fn t10_ten_certificates_that_are_out_of_date_are_our_clock() {
        let expired = |count| all_fail(count, |_| Failure::TlsExpired);
        assert!(expired(10).fault_of_ours().unwrap().contains("clock is wrong"));
        assert_eq!(expired(9).fault_of_ours(), None);
        let good = |certificate_ends| {
            let head = Head { status: 200, headers: HeaderMap::new(), certificate_ends };
            Exchange { head: Some(Box::new(head)), ..exchange(End::Answer(Reading::NotRead)) }
        };
        let mut plain = expired(10);
        plain.saw(&key(11), &good(None), Instant::now());
        assert!(plain.fault_of_ours().is_some(), "an answer without TLS tells nothing of the clock");
        let mut certified = expired(10);
        certified.saw(&key(11), &good(Some(Timestamp::UNIX_EPOCH)), Instant::now());
        assert_eq!(certified.fault_of_ours(), None);
        let mixed = all_fail(10, |n| if n == 3 { Failure::TlsUntrusted } else { Failure::TlsExpired });
        assert_eq!(mixed.fault_of_ours(), None);
    }

    fn answer(status: u16) -> Exchange {
        let head = Head { status, headers: HeaderMap::new(), certificate_ends: None };
        Exchange { head: Some(Box::new(head)), ..exchange(End::Answer(Reading::NotRead)) }
    }

    /// A host that says nothing, and one that says nothing but that it cannot serve, are down alike, until an answer is one.
    #[test]
    fn a_host_is_down_after_a_streak_and_until_it_answers() {
        let silent = || exchange(End::Failed(Failure::ReadTimeout, String::new()));
        let table: [(&str, &dyn Fn() -> Exchange, bool); 9] = [
            ("silent", &silent, true),
            ("500", &|| answer(500), true),
            ("502", &|| answer(502), true),
            ("503", &|| answer(503), true),
            ("429", &|| answer(429), true),
            ("200", &|| answer(200), false),
            ("301", &|| answer(301), false),
            ("403", &|| answer(403), false),
            ("404", &|| answer(404), false),
        ];
        let start = Instant::now();
        for (what, came, down) in table {
            let mut health = Health::default();
            for n in 0..STREAK {
                assert!(!health.is_down(&key(1)), "{what}");
                health.saw(&key(1), &came(), start + Duration::from_secs(n.into()));
            }
            let (later, since) = (start + Duration::from_secs(60), Duration::from_secs(60));
            assert_eq!(health.is_down(&key(1)), down, "{what}");
            assert_eq!(health.down_for(&key(1), later), down.then_some(since), "{what}");
            assert!(!health.is_down(&key(2)), "{what}: another host is not");
            health.saw(&key(1), &answer(404), later);
            assert!(!health.is_down(&key(1)), "{what}: an answer ends it");
            assert_eq!(health.down_for(&key(1), later), None, "{what}");
        }
    }
}
