//! What an answer says of its host's load: `Retry-After`, `RateLimit` and their kin, and how it answered at all. Pure.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::header::{self, HeaderMap, HeaderValue};

use super::backoff;
use super::exchange::{End, Exchange};
use super::facts::Failure;
use crate::frontier::Manner;
use crate::time::Timestamp;

/// What is read of one header.
const MAX_HEADER: usize = 1 << 10;
/// Lines of one header that are read.
const MAX_LINES: usize = 4;
/// A clock that is wrong by more than this says nothing.
const CLOCK_OFF: TimeDelta = TimeDelta::days(1);
/// Numbers from here on are seconds since 1970, not seconds from now.
const EPOCH: f64 = 1e9;
/// And from here on milliseconds.
const EPOCH_MS: f64 = 1e12;
/// Headers that no standard defines are not believed beyond this.
const PLAUSIBLE: Duration = Duration::from_secs(86_400);

/// How many are left and when the count starts anew, as it is commonly told.
const OWN_FIELDS: [(&str, &str); 3] = [
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("x-ratelimit-remaining", "x-ratelimit-reset-after"),
    ("x-rate-limit-remaining", "x-rate-limit-reset"),
];

/// So many more requests until the host's count starts anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many.
    pub remaining: u64,
    /// Until then, from now.
    pub reset: Duration,
}

/// How a request went, as far as its host's load goes.
pub(super) fn manner(exchange: &Exchange) -> Manner {
    let status = exchange.head.as_deref().map(|head| head.status);
    match (&exchange.end, status) {
        (_, Some(429 | 503)) => Manner::Overloaded,
        (End::Failed(Failure::ConnectTimeout | Failure::ReadTimeout, _), _) => Manner::Silent,
        (End::Answer(_), Some(..500)) => Manner::Well(exchange.elapsed),
        _ => Manner::Other,
    }
}

/// Whether the answer says that its host has too much to do.
pub(super) fn is_overload(exchange: &Exchange) -> bool {
    manner(exchange) == Manner::Overloaded
}

/// How long a host that has too much to do (429, 503) asks to be left alone: `Retry-After`, else the end of its quota.
pub fn asked(status: u16, headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    if !matches!(status, 429 | 503) {
        return None;
    }
    let now = servers_time(headers, now);
    let values: Vec<&[u8]> =
        headers.get_all(header::RETRY_AFTER).iter().take(2).map(HeaderValue::as_bytes).collect();
    backoff::retry_after(&values, now)
        .or_else(|| quota(headers, now).filter(|quota| quota.remaining == 0).map(|quota| quota.reset))
}

/// The host's quota, where it tells it: `RateLimit` and `RateLimit-*` (draft-ietf-httpapi-ratelimit-headers, in all its versions), else
/// `X-RateLimit-*` as it is commonly sent.
pub fn quota(headers: &HeaderMap, now: Timestamp) -> Option<Quota> {
    let now = servers_time(headers, now);
    let lines = |name: &str| -> Vec<&str> {
        let lines = headers.get_all(name).iter().take(MAX_LINES);
        lines.filter_map(|value| value.to_str().ok().filter(|text| text.len() <= MAX_HEADER)).collect()
    };
    let pair = |remaining: &str, reset: &str| {
        tightest(&all(&lines(remaining), count)?, &all(&lines(reset), |text| span(text, now))?)
    };
    if let [text] = lines("ratelimit")[..]
        && let Some(quota) = of_ratelimit(text, now)
    {
        return Some(quota);
    }
    let standard = pair("ratelimit-remaining", "ratelimit-reset");
    let own = || {
        OWN_FIELDS
            .iter()
            .find_map(|(remaining, reset)| pair(remaining, reset))
            .filter(|quota| quota.reset <= PLAUSIBLE)
    };
    standard.or_else(own)
}

/// The time by the server's own clock, where it tells one that can be right: its dates are by that clock too.
fn servers_time(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    let date =
        headers.get(header::DATE).and_then(|value| value.to_str().ok()).filter(|text| text.len() <= 64);
    let date = date.and_then(|text| httpdate::parse_http_date(text).ok()).map(Timestamp::from);
    date.filter(|date| (*date - now).abs() <= CLOCK_OFF).unwrap_or(now)
}

/// What every line says: a list is one value for each of its parts, as where two of a server's layers say the same.
fn all<T>(lines: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let mut values = Vec::new();
    for line in lines {
        match read(line) {
            Some(value) => values.push(value),
            None => values.extend(line.split(',').map(&read).collect::<Option<Vec<T>>>()?),
        }
    }
    Some(values)
}

/// Of several counts the one with the least left; `None` where nobody can tell which reset belongs to which.
fn tightest(remaining: &[u64], reset: &[Duration]) -> Option<Quota> {
    if remaining.len() != reset.len() {
        return None;
    }
    let quotas =
        remaining.iter().zip(reset).map(|(remaining, reset)| Quota { remaining: *remaining, reset: *reset });
    quotas.min_by_key(|quota| (quota.remaining, std::cmp::Reverse(quota.reset)))
}

/// `"default";r=50;t=30` (from draft 08 on; of several policies the one with the least left counts), or `limit=100, remaining=50, reset=30`.
fn of_ratelimit(text: &str, now: Timestamp) -> Option<Quota> {
    let find = |part: &str, name: &str| {
        part.split([';', ',']).find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if let (Some(remaining), Some(reset)) = (find(text, "remaining"), find(text, "reset")) {
        return Some(Quota { remaining: count(&remaining)?, reset: span(&reset, now)? });
    }
    let policies = text.split(',').filter_map(|policy| {
        Some(Quota { remaining: count(&find(policy, "r")?)?, reset: span(&find(policy, "t")?, now)? })
    });
    let tightest = policies.min_by_key(|quota| (quota.remaining, std::cmp::Reverse(quota.reset)));
    // `r=0, t=5`: one policy without a name, as a dictionary.
    tightest.or_else(|| {
        Some(Quota { remaining: count(&find(text, "r")?)?, reset: span(&find(text, "t")?, now)? })
    })
}

/// A whole number; more digits than fit are as good as endless.
fn count(text: &str) -> Option<u64> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().unwrap_or(u64::MAX))
}

/// Seconds from now, or since 1970 in seconds or milliseconds, a fraction rounded up; or a date, of HTTP or of RFC 3339.
fn span(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Some(date) = date(text) {
        return Some(Duration::from_secs(
            (date - now).num_seconds().clamp(0, backoff::LONGEST as i64).unsigned_abs(),
        ));
    }
    if text.is_empty() || text.len() > 24 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    let seconds = match number {
        EPOCH_MS.. => number / 1000.0 - now.timestamp() as f64,
        EPOCH.. => number - now.timestamp() as f64,
        _ => number,
    };
    let seconds = seconds.ceil().clamp(0.0, backoff::LONGEST as f64);
    Duration::try_from_secs_f64(seconds).ok()
}

fn date(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    let http = httpdate::parse_http_date(text).ok().map(Timestamp::from);
    http.or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderName;

    use super::super::exchange::{Head, Reading};
    use super::*;

    fn now() -> Timestamp {
        "2026-10-21T07:28:00Z".parse().unwrap()
    }

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        map
    }

    #[test]
    fn quotas_in_all_their_spellings() {
        let epoch = (now().timestamp() + 30).to_string();
        let epoch_ms = format!("{epoch}500");
        let far = (now().timestamp() + 10 * 86_400).to_string();
        let standard = |remaining, reset| [("RateLimit-Remaining", remaining), ("RateLimit-Reset", reset)];
        let common = |remaining, reset| [("X-RateLimit-Remaining", remaining), ("X-RateLimit-Reset", reset)];
        let table = [
            (vec![("RateLimit", "\"default\";r=50;t=30")], Some((50u64, 30u64))),
            (vec![("RateLimit", "\"a\";r=50;t=30, \"b\";r=0;t=9")], Some((0, 9))),
            (vec![("RateLimit", "\"default\";r=0")], None),
            (vec![("RateLimit", "limit=100, remaining=7, reset=5")], Some((7, 5))),
            (vec![("RateLimit", "nonsense;;=,")], None),
            (standard("0", "12").to_vec(), Some((0, 12))),
            (standard("0", "1.2").to_vec(), Some((0, 2))),
            (standard("-1", "12").to_vec(), None),
            (standard("99999999999999999999999", "0").to_vec(), Some((u64::MAX, 0))),
            (standard("0", "").to_vec(), None),
            (vec![("RateLimit-Remaining", "0")], None),
            (common("3", "60").to_vec(), Some((3, 60))),
            (common("0", &epoch).to_vec(), Some((0, 30))),
            (common("0", &epoch_ms).to_vec(), Some((0, 31))),
            (common("0", "1000000000").to_vec(), Some((0, 0))),
            (common("0", &far).to_vec(), None),
            (common("0", "Wed, 21 Oct 2026 07:28:05 GMT").to_vec(), Some((0, 5))),
            (common("0", "2026-10-21T07:28:05Z").to_vec(), Some((0, 5))),
            (common("0", "2026-10-21T06:28:05Z").to_vec(), Some((0, 0))),
            (common("0", "tomorrow").to_vec(), None),
            (common("0, 0", "5, 5").to_vec(), Some((0, 5))),
            (common("0, 9", "5, 60").to_vec(), Some((0, 5))),
            (common("0, 9", "5").to_vec(), None),
            (vec![("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset-After", "4.123")], Some((0, 5))),
            (vec![("RateLimit", "r=0, t=5")], Some((0, 5))),
            (
                vec![
                    ("RateLimit-Remaining", "0"),
                    ("RateLimit-Remaining", "1000"),
                    ("RateLimit-Reset", "5"),
                    ("RateLimit-Reset", "3600"),
                ],
                Some((0, 5)),
            ),
            (vec![("X-Rate-Limit-Remaining", "1"), ("X-Rate-Limit-Reset", "2")], Some((1, 2))),
            (
                vec![("RateLimit-Remaining", "0"), ("RateLimit-Remaining", "1"), ("RateLimit-Reset", "2")],
                None,
            ),
        ];
        for (lines, want) in table {
            let have = quota(&headers(&lines), now()).map(|q| (q.remaining, q.reset.as_secs()));
            assert_eq!(have, want, "{lines:?}");
        }
    }

    #[test]
    fn retry_after_goes_before_the_quota_and_only_overload_asks() {
        let both = headers(&[("Retry-After", "3"), ("RateLimit", "\"d\";r=0;t=30")]);
        assert_eq!(asked(429, &both, now()), Some(Duration::from_secs(3)));
        assert_eq!(asked(200, &both, now()), None);
        let quota = headers(&[("RateLimit", "\"d\";r=0;t=30")]);
        assert_eq!(asked(503, &quota, now()), Some(Duration::from_secs(30)));
        let left = headers(&[("RateLimit", "\"d\";r=5;t=30")]);
        assert_eq!(asked(429, &left, now()), None);
    }

    /// A date is by the clock of whoever wrote it.
    #[test]
    fn the_servers_clock_tells_what_its_dates_mean() {
        let until = |date: &str, until: &str| {
            let lines = headers(&[("Date", date), ("Retry-After", until)]);
            asked(503, &lines, now()).map(|wait| wait.as_secs())
        };
        let table = [
            // In time, an hour ahead, an hour behind.
            ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:07 GMT", 7),
            ("Wed, 21 Oct 2026 08:28:00 GMT", "Wed, 21 Oct 2026 08:28:07 GMT", 7),
            ("Wed, 21 Oct 2026 06:28:00 GMT", "Wed, 21 Oct 2026 06:28:07 GMT", 7),
            // A clock that never ran, and none.
            ("Thu, 01 Jan 1970 00:00:00 GMT", "Wed, 21 Oct 2026 07:28:07 GMT", 7),
            ("now", "Wed, 21 Oct 2026 07:28:07 GMT", 7),
            // Over.
            ("Wed, 21 Oct 2026 08:28:00 GMT", "Wed, 21 Oct 2026 07:28:07 GMT", 0),
            // Seconds need no clock.
            ("Wed, 21 Oct 2026 08:28:00 GMT", "9", 9),
        ];
        for (date, retry_after, want) in table {
            assert_eq!(until(date, retry_after), Some(want), "{date}, {retry_after}");
        }
    }

    #[test]
    fn manners() {
        let exchange = |status: Option<u16>, end| Exchange {
            elapsed: Duration::from_millis(7),
            spent: Duration::ZERO,
            received: 0,
            head: status
                .map(|status| Box::new(Head { status, headers: HeaderMap::new(), certificate_ends: None })),
            end,
        };
        let well = Manner::Well(Duration::from_millis(7));
        for (status, want) in [
            (200, well),
            (404, well),
            (429, Manner::Overloaded),
            (503, Manner::Overloaded),
            (500, Manner::Other),
        ] {
            let have = manner(&exchange(Some(status), End::Answer(Reading::NotRead)));
            assert_eq!(have, want, "{status}");
        }
        for (failure, want) in [
            (Failure::ReadTimeout, Manner::Silent),
            (Failure::ConnectTimeout, Manner::Silent),
            (Failure::ConnectRefused, Manner::Other),
        ] {
            assert_eq!(manner(&exchange(None, End::Failed(failure, String::new()))), want, "{failure:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics_or_asks_for_ever(name in 0usize..6, text in "[ -~]{0,60}", other in "[0-9.]{0,30}") {
            let names = [
                "ratelimit", "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-remaining", "x-ratelimit-reset",
                "retry-after",
            ];
            let mut lines: Vec<(&str, &str)> = names.iter().map(|name| (*name, other.as_str())).collect();
            lines[name].1 = &text;
            if let Some(wait) = asked(429, &headers(&lines), now()) {
                prop_assert!(wait.as_secs() <= backoff::LONGEST);
            }
        }
    }
}
