//! Asking one origin for its robots.txt: a short chain of requests, and what its end allows (RFC 9309 §2.3.1).

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{self, HeaderValue};
use url::{Origin, Url};

use super::rules::Rules;
use crate::target::HostKey;
use crate::visit::exchange::{End, Exchange, Head, Reading, Request, Want};
use crate::visit::facts::Failure;
use crate::visit::shared::AtHost;
use crate::visit::{load, location};

/// Redirects that are followed, to other hosts too (§2.3.1.2).
const REDIRECTS: usize = 5;
/// Repeats after a fault that passes at once.
const REPEATS: u32 = 1;

/// What an origin allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Access {
    /// What its file says.
    Rules(Rules),
    /// Everything: it has no file (§2.3.1.3).
    Everything,
    /// Nothing: it has one that cannot be had now (§2.3.1.4).
    Nothing,
    /// Nobody is there: nothing is known, and nothing else can be asked for either.
    Nobody,
}

/// One origin's robots.txt, being asked for.
#[derive(Debug)]
pub(in crate::visit) struct Probe {
    origin: Origin,
    /// Whose ordinary requests wait for it.
    holds: HostKey,
    url: Url,
    redirects: usize,
    repeats: u32,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::visit) enum ProbeStep {
    /// The next request.
    Request,
    /// The same again, after the usual wait or the one that the host named.
    Repeat(Option<Duration>),
    /// It is known.
    Known(Known),
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::visit) struct Known(pub(super) Access);

impl Known {
    /// It cannot be had.
    pub(in crate::visit) fn unreachable() -> Self {
        Self(Access::Nothing)
    }
}

impl Probe {
    /// For the origin of `url`.
    pub(in crate::visit) fn new(url: &Url) -> Self {
        let mut robots = url.clone();
        robots.set_path("/robots.txt");
        robots.set_query(None);
        robots.set_fragment(None);
        Self { origin: url.origin(), holds: HostKey::of(url), url: robots, redirects: 0, repeats: 0 }
    }

    /// Whose rules it asks for, wherever redirects lead.
    pub(in crate::visit) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The host whose ordinary requests wait for it.
    pub(in crate::visit) fn holds(&self) -> &HostKey {
        &self.holds
    }

    /// The host that the next request is for.
    pub(in crate::visit) fn host(&self) -> HostKey {
        HostKey::of(&self.url)
    }

    /// The next request, which may take so long.
    pub(in crate::visit) fn request(&self, budget: Duration, at: Arc<AtHost>) -> Request {
        Request { url: self.url.clone(), headers: Vec::new(), budget, want: Want::Robots, at }
    }

    /// Takes what came of the request. A wait longer than `max_wait` is not waited for.
    pub(in crate::visit) fn took(
        &mut self,
        exchange: Exchange,
        now: crate::time::Timestamp,
        max_wait: Duration,
    ) -> ProbeStep {
        match (exchange.end, exchange.head) {
            (End::Answer(reading), Some(head)) => self.answered(&head, reading, now, max_wait),
            (End::Failed(failure, _), None) => self.failed(failure),
            (End::Http2Failed(..), _) => ProbeStep::Repeat(Some(Duration::ZERO)),
            _ => known(Access::Nothing),
        }
    }

    fn answered(
        &mut self,
        head: &Head,
        reading: Reading,
        now: crate::time::Timestamp,
        max_wait: Duration,
    ) -> ProbeStep {
        match head.status {
            200..=299 => known(match reading {
                Reading::Whole(bytes) => Access::Rules(Rules::parse(&bytes)),
                Reading::NotRead => Access::Everything,
                Reading::TooLarge => Access::Nothing,
            }),
            301 | 302 | 303 | 307 | 308 => self.redirected(head),
            429 | 500.. => {
                let asked = load::asked(head.status, &head.headers, now);
                if self.repeats >= REPEATS || asked.is_some_and(|wait| wait > max_wait) {
                    return known(Access::Nothing);
                }
                self.repeats += 1;
                ProbeStep::Repeat(asked)
            }
            // No file: 4xx, and what leads nowhere.
            _ => known(Access::Everything),
        }
    }

    fn redirected(&mut self, head: &Head) -> ProbeStep {
        let values: Vec<&[u8]> =
            head.headers.get_all(header::LOCATION).iter().map(HeaderValue::as_bytes).collect();
        self.redirects += 1;
        match location::resolve(&self.url, &values) {
            Ok(url) if self.redirects <= REDIRECTS && matches!(url.scheme(), "http" | "https") => {
                self.url = url;
                ProbeStep::Request
            }
            Ok(_) | Err(_) => known(Access::Everything),
        }
    }

    fn failed(&mut self, failure: Failure) -> ProbeStep {
        match failure {
            Failure::Reset if self.repeats < REPEATS => {
                self.repeats += 1;
                ProbeStep::Repeat(None)
            }
            Failure::DnsNxdomain
            | Failure::DnsFailure
            | Failure::ConnectRefused
            | Failure::ConnectTimeout
            | Failure::TlsExpired
            | Failure::TlsHostname
            | Failure::TlsUntrusted
            | Failure::TlsOther
                if self.redirects == 0 =>
            {
                known(Access::Nobody)
            }
            _ => known(Access::Nothing),
        }
    }
}

fn known(access: Access) -> ProbeStep {
    ProbeStep::Known(Known(access))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::config::VisitSettings;
    use crate::time::Timestamp;
    use crate::visit::secrets::Secrets;

    fn exchange(status: Option<u16>, location: Option<&str>, end: End) -> Exchange {
        let mut headers = HeaderMap::new();
        if let Some(location) = location {
            headers.insert(header::LOCATION, HeaderValue::from_str(location).unwrap());
        }
        Exchange {
            elapsed: Duration::ZERO,
            spent: Duration::ZERO,
            received: 0,
            head: status.map(|status| Box::new(Head { status, headers, certificate_ends: None })),
            end,
        }
    }

    fn probe() -> Probe {
        Probe::new(&Url::parse("https://a.org:444/deep/page?q#f").unwrap())
    }

    fn took(probe: &mut Probe, exchange: Exchange) -> ProbeStep {
        probe.took(exchange, Timestamp::UNIX_EPOCH, Duration::from_secs(60))
    }

    #[test]
    fn it_is_asked_for_at_the_origin() {
        let probe = probe();
        let at = Arc::new(AtHost::new(VisitSettings::default(), &Secrets::default()));
        assert_eq!(probe.request(Duration::ZERO, at).url.as_str(), "https://a.org:444/robots.txt");
        assert_eq!(probe.holds().as_str(), "a.org:444");
    }

    /// RFC 9309 §2.3.1.1 to §2.3.1.4.
    #[test]
    fn what_an_answer_allows() {
        let text = || Reading::Whole(Bytes::from_static(b"User-agent: *\nDisallow: /x"));
        let table = [
            (200, text(), Access::Rules(Rules::parse(b"User-agent: *\nDisallow: /x"))),
            (204, Reading::NotRead, Access::Everything),
            (200, Reading::TooLarge, Access::Nothing),
            (400, Reading::NotRead, Access::Everything),
            (401, Reading::NotRead, Access::Everything),
            (403, Reading::NotRead, Access::Everything),
            (404, Reading::NotRead, Access::Everything),
            (410, Reading::NotRead, Access::Everything),
        ];
        for (status, reading, want) in table {
            assert_eq!(
                took(&mut probe(), exchange(Some(status), None, End::Answer(reading))),
                known(want),
                "{status}"
            );
        }
    }

    #[test]
    fn what_passes_is_tried_once_more() {
        for status in [429, 500, 503] {
            let mut probe = probe();
            let answer = || exchange(Some(status), None, End::Answer(Reading::NotRead));
            assert_eq!(took(&mut probe, answer()), ProbeStep::Repeat(None), "{status}");
            assert_eq!(took(&mut probe, answer()), known(Access::Nothing), "{status}");
        }
    }

    #[test]
    fn who_is_not_there_and_who_does_not_answer() {
        let failed = |failure| exchange(None, None, End::Failed(failure, String::new()));
        for (failure, want) in [
            (Failure::DnsNxdomain, Access::Nobody),
            (Failure::ConnectRefused, Access::Nobody),
            (Failure::TlsExpired, Access::Nobody),
            (Failure::ReadTimeout, Access::Nothing),
            (Failure::BadResponse, Access::Nothing),
        ] {
            assert_eq!(took(&mut probe(), failed(failure)), known(want), "{failure:?}");
        }
        let over_http1 = End::Http2Failed(Failure::BadResponse, String::new());
        assert_eq!(
            took(&mut probe(), exchange(None, None, over_http1)),
            ProbeStep::Repeat(Some(Duration::ZERO))
        );
        let refused = End::Refused(crate::visit::facts::Refusal::RefusedAddress, String::new());
        assert_eq!(took(&mut probe(), exchange(None, None, refused)), known(Access::Nothing));
    }

    #[test]
    fn five_redirects_are_followed_and_no_sixth() {
        let mut probe = probe();
        for n in 0..5 {
            let to = format!("https://h{n}.org/robots.txt");
            let step = took(&mut probe, exchange(Some(301), Some(&to), End::Answer(Reading::NotRead)));
            assert_eq!(step, ProbeStep::Request);
            assert_eq!(probe.host().as_str(), format!("h{n}.org"));
        }
        let sixth = exchange(Some(301), Some("https://h6.org/"), End::Answer(Reading::NotRead));
        assert_eq!(took(&mut probe, sixth), known(Access::Everything));
        assert_eq!(probe.holds().as_str(), "a.org:444");
    }
}
