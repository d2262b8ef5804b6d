//! How long to wait before a repeat: what the host asks for, or full jitter over a doubling ceiling.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::time::Timestamp;

/// Where randomness comes from; a test brings its own.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Differs from process to process.
    pub fn random() -> Self {
        Self(RandomState::new().hash_one(0))
    }

    /// The same every time.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A fraction of `span`, zero included (SplitMix64; good enough to spread requests).
    pub(super) fn part_of(&mut self, span: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        span.mul_f64((z >> 11) as f64 / (1u64 << 53) as f64)
    }
}

/// The wait before repeat number `repeat` (from 0): anything up to the first wait doubled so often, at most the longest.
pub(super) fn jittered(repeat: u32, (first, longest): (Duration, Duration), dice: &mut Dice) -> Duration {
    let ceiling = first.saturating_mul(1 << repeat.min(20)).min(longest);
    dice.part_of(ceiling)
}

/// `Retry-After` (RFC 9110 §10.2.3), seconds or a date; `None` where it is neither, or there is more than one.
pub(super) fn retry_after(values: &[&[u8]], now: Timestamp) -> Option<Duration> {
    let [value] = values else { return None };
    let text = std::str::from_utf8(value).ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit mean longer than anybody waits.
        return Some(Duration::from_secs(text.parse::<u64>().unwrap_or(u64::MAX).min(LONGEST)));
    }
    if text.len() > 64 {
        return None;
    }
    let date = Timestamp::from(httpdate::parse_http_date(text).ok()?);
    let wait = (date - now).num_seconds().max(0).unsigned_abs();
    Some(Duration::from_secs(wait.min(LONGEST)))
}

/// Ten years: long enough for any `max_wait`, short enough for any calendar.
pub const LONGEST: u64 = 10 * 365 * 86_400;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// H11, H12.
    #[test]
    fn h11_h12_rustsec_2026_0009_retry_after_in_all_its_spellings() {
        let now: Timestamp = "2026-10-21T07:28:00Z".parse().unwrap();
        let table: [(&str, Option<u64>); 16] = [
            ("0", Some(0)),
            ("1", Some(1)),
            (" 120 ", Some(120)),
            ("86400", Some(86_400)),
            ("999999999999", Some(LONGEST)),
            ("99999999999999999999999", Some(LONGEST)),
            ("-5", None),
            ("1.5", None),
            ("abc", None),
            ("", None),
            ("Wed, 21 Oct 2026 07:28:30 GMT", Some(30)),
            ("Wed, 21 Oct 2026 07:00:00 GMT", Some(0)),
            ("Wednesday, 21-Oct-26 07:29:00 GMT", Some(60)),
            ("Wed Oct 21 07:28:05 2026", Some(5)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(LONGEST)),
            ("Wed, 21 Oct 2026 07:28:00 +0200", None),
        ];
        for (text, want) in table {
            assert_eq!(retry_after(&[text.as_bytes()], now), want.map(Duration::from_secs), "{text:?}");
        }
        assert_eq!(retry_after(&[b"1", b"2"], now), None);
        assert_eq!(retry_after(&["(".repeat(10_000).as_bytes()], now), None);
    }

    #[test]
    fn c08_a_leap_second_in_a_header_is_no_date() {
        let now: Timestamp = "2016-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(retry_after(&[b"Sat, 31 Dec 2016 23:59:60 GMT"], now), None);
    }

    proptest! {
        #[test]
        fn a_wait_stays_under_its_ceiling(repeat in 0u32..100, seed: u64) {
            let (first, longest) = (Duration::from_secs(1), Duration::from_secs(30));
            let wait = jittered(repeat, (first, longest), &mut Dice::seeded(seed));
            prop_assert!(wait <= longest);
            prop_assert!(wait <= first.saturating_mul(1 << repeat.min(20)));
        }
    }

    #[test]
    fn waits_differ() {
        let mut dice = Dice::seeded(7);
        let span = Duration::from_secs(1);
        let waits: Vec<_> = (0..8).map(|_| dice.part_of(span)).collect();
        assert!(waits.windows(2).all(|pair| pair[0] != pair[1]), "{waits:?}");
    }
}
