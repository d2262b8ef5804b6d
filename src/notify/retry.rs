//! What becomes of a message after an attempt to deliver it: a table, and nothing else.

use std::time::Duration;

use chrono::TimeDelta;

use crate::store::Fate;
use crate::time::Timestamp;

/// The wait after the first attempt that failed; it doubles from attempt to attempt.
const FIRST: TimeDelta = TimeDelta::seconds(30);
/// The longest wait that we choose.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// The longest wait that a receiver may ask for.
const LONGEST_ASKED: TimeDelta = TimeDelta::days(1);
/// A message that is older is given up: what it tells is news again for the next run.
const PATIENCE: TimeDelta = TimeDelta::days(3);

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver took the message.
    Taken,
    /// It never will: a 4xx, a redirect, an address that the guard refuses, a configuration that does not work.
    Refused(String),
    /// It may at another time: no answer, 408, 425, 429, a 5xx, a secret that cannot be read now.
    Failed {
        /// Why.
        why: String,
        /// How long the receiver asks to be left alone.
        wait: Option<Duration>,
    },
}

/// What becomes of a message that was queued at `created_at`, after `attempts` attempts before this one.
pub fn decide(attempt: Attempt, attempts: u32, created_at: Timestamp, now: Timestamp) -> Fate {
    let (why, asked) = match attempt {
        Attempt::Taken => return Fate::Delivered,
        Attempt::Refused(why) => return Fate::GivenUp { why },
        Attempt::Failed { why, wait } => (why, wait),
    };
    let asked = asked.and_then(|wait| TimeDelta::from_std(wait).ok()).unwrap_or_default().min(LONGEST_ASKED);
    let own = (FIRST * (1 << attempts.min(10))).min(LONGEST);
    let at = now + own.max(asked);
    if at - created_at > PATIENCE { Fate::GivenUp { why } } else { Fate::Later { at, why } }
}

/// Whether a message is to be tried now. A time that no wait can reach was set under a wrong clock.
pub(super) fn is_due(due_at: Timestamp, now: Timestamp) -> bool {
    due_at <= now || due_at - now > LONGEST_ASKED
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn failed(wait: Option<u64>) -> Attempt {
        Attempt::Failed { why: "503".to_owned(), wait: wait.map(Duration::from_secs) }
    }

    #[test]
    fn the_whole_table() {
        let later = |seconds| Fate::Later { at: at(seconds), why: "503".to_owned() };
        let over = |why: &str| Fate::GivenUp { why: why.to_owned() };
        for (attempt, attempts, now, fate) in [
            (Attempt::Taken, 0, 0, Fate::Delivered),
            (Attempt::Taken, 90, 999_999, Fate::Delivered),
            (Attempt::Refused("404".to_owned()), 0, 0, over("404")),
            (failed(None), 0, 0, later(30)),
            (failed(None), 1, 30, later(90)),
            (failed(None), 6, 5000, later(5000 + 1920)),
            (failed(None), 7, 5000, later(5000 + 3600)),
            (failed(None), u32::MAX, 5000, later(5000 + 3600)),
            (failed(Some(5)), 0, 0, later(30)),
            (failed(Some(7200)), 0, 0, later(7200)),
            (failed(Some(u64::MAX)), 0, 0, later(30)),
            (failed(Some(999_999)), 0, 0, later(86_400)),
            (failed(None), 80, 3 * 86_400 - 3600, later(3 * 86_400)),
            (failed(None), 80, 3 * 86_400 - 3599, over("503")),
            // The clock was set back after it was queued.
            (failed(None), 0, -999_999, later(-999_999 + 30)),
        ] {
            assert_eq!(
                decide(attempt.clone(), attempts, at(0), at(now)),
                fate,
                "{attempt:?} {attempts} {now}"
            );
        }
    }

    #[test]
    fn a_time_out_of_reach_is_now() {
        assert!(is_due(at(0), at(0)) && !is_due(at(30), at(0)) && !is_due(at(86_400), at(0)));
        assert!(is_due(at(86_401), at(0)));
    }

    proptest! {
        /// Attempts end: after at most some hundred, whatever the receiver says.
        #[test]
        fn every_message_comes_to_an_end(waits in proptest::collection::vec(proptest::option::of(any::<u64>()), 200)) {
            let mut now = at(0);
            for (attempts, wait) in waits.into_iter().enumerate() {
                match decide(failed(wait), attempts as u32, at(0), now) {
                    Fate::Later { at, .. } => {
                        prop_assert!(at > now && at - now <= LONGEST_ASKED);
                        now = at;
                    }
                    Fate::GivenUp { .. } => return Ok(()),
                    Fate::Delivered => prop_assert!(false),
                }
            }
            prop_assert!(false, "it never ended");
        }
    }
}
