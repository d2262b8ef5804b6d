//! Whether a failure counts already: one bad visit of a link that used to work is not a verdict (SPEC §3).

use super::{Confirmation, Facts, Interval, Judgement, Verdict};
use crate::config::ConfirmSettings;

/// Looks at a target's history, oldest first; the last interval is now. `judge` says what an interval's facts mean.
///
/// A target that was never well is judged at once. For one that was, definitive failures (the page is gone) and transient ones (no
/// answer) each have a number of visits and a time that these must span. Visits that were blocked or refused say nothing of the
/// target: they neither count nor begin the count anew.
pub fn confirmation(
    history: &[Interval],
    settings: &ConfirmSettings,
    judge: impl Fn(&Facts) -> Judgement,
) -> Confirmation {
    let mut judged =
        history.iter().map(|interval| (interval, kind(judge(&interval.facts).verdict))).rev().peekable();
    let now = match judged.peek() {
        Some((_, kind @ (Kind::Definitive | Kind::Transient))) => *kind,
        _ => return Confirmation::Well,
    };
    let mut same = Stretch::default();
    let mut any = Stretch::default();
    let mut was_well = false;
    for (interval, kind) in judged {
        match kind {
            Kind::Well => {
                was_well = true;
                break;
            }
            Kind::Silent => continue,
            Kind::Definitive | Kind::Transient => {
                any.add(interval);
                if kind == now {
                    same.add(interval);
                }
            }
        }
    }
    if !was_well {
        return Confirmation::Confirmed;
    }
    // A definitive failure is also a failure: three days of whatever failures confirm it, too.
    let definitive =
        now == Kind::Definitive && same.reaches(settings.definitive_visits, settings.definitive_span);
    if definitive || any.reaches(settings.transient_visits, settings.transient_span) {
        return Confirmation::Confirmed;
    }
    let counted = if now == Kind::Definitive { same } else { any };
    match counted.ends {
        Some((since, _)) => Confirmation::Unconfirmed { visits: counted.visits, since },
        None => Confirmation::Well,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Well,
    Definitive,
    Transient,
    Silent,
}

fn kind(verdict: Verdict) -> Kind {
    match verdict {
        Verdict::Ok | Verdict::Redirected => Kind::Well,
        Verdict::Broken | Verdict::Suspect => Kind::Definitive,
        Verdict::Unreachable => Kind::Transient,
        Verdict::Blocked | Verdict::Excluded => Kind::Silent,
    }
}

/// Visits that agree, and the first and last of them.
#[derive(Debug, Clone, Copy, Default)]
struct Stretch {
    visits: u32,
    ends: Option<(crate::time::Timestamp, crate::time::Timestamp)>,
}

impl Stretch {
    fn add(&mut self, interval: &Interval) {
        self.visits = self.visits.saturating_add(interval.visits);
        self.ends = Some(match self.ends {
            None => (interval.first_seen, interval.last_seen),
            Some((first, last)) => (first.min(interval.first_seen), last.max(interval.last_seen)),
        });
    }

    fn reaches(&self, visits: u32, span: std::time::Duration) -> bool {
        let spanned =
            self.ends.is_some_and(|(first, last)| (last - first).to_std().is_ok_and(|time| time >= span));
        self.visits >= visits && spanned
    }
}

#[cfg(test)]
mod tests {
    use super::super::Company;
    use super::super::testing::facts;
    use super::*;
    use crate::config::HostTable;
    use crate::time::Timestamp;
    use crate::visit::facts::{Failure, Outcome};

    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;

    /// Intervals as (status or 0 for a time-out, first, last, visits), in seconds.
    fn confirmed(history: &[(u16, i64, i64, u32)]) -> Confirmation {
        let at = |seconds| Timestamp::UNIX_EPOCH + chrono::Duration::seconds(seconds);
        let history: Vec<Interval> = history
            .iter()
            .map(|(status, first, last, visits)| Interval {
                facts: match status {
                    0 => facts(&[], Outcome::Failed { failure: Failure::ReadTimeout, detail: String::new() }),
                    _ => facts(&[("https://a.org/x", *status)], Outcome::Answered),
                },
                first_seen: at(*first),
                last_seen: at(*last),
                visits: *visits,
            })
            .collect();
        let table = HostTable::shipped();
        confirmation(&history, &ConfirmSettings::default(), |facts| {
            super::super::judge(facts, &Company::default(), &table, &[])
        })
    }

    fn unconfirmed(visits: u32, since: i64) -> Confirmation {
        Confirmation::Unconfirmed { visits, since: Timestamp::UNIX_EPOCH + chrono::Duration::seconds(since) }
    }

    #[test]
    fn what_is_well_is_well() {
        assert_eq!(confirmed(&[]), Confirmation::Well);
        assert_eq!(confirmed(&[(200, 0, 0, 1)]), Confirmation::Well);
        assert_eq!(confirmed(&[(404, 0, 0, 1), (200, 9, 9, 1)]), Confirmation::Well);
        assert_eq!(confirmed(&[(200, 0, 0, 1), (403, 9, 9, 1)]), Confirmation::Well);
    }

    #[test]
    fn a_target_never_seen_well_is_judged_at_once() {
        assert_eq!(confirmed(&[(404, 0, 0, 1)]), Confirmation::Confirmed);
        assert_eq!(confirmed(&[(0, 0, 0, 1)]), Confirmation::Confirmed);
        assert_eq!(confirmed(&[(403, 0, 0, 1), (404, 5, 5, 1)]), Confirmation::Confirmed);
    }

    #[test]
    fn a_definitive_failure_needs_two_visits_an_hour_apart() {
        assert_eq!(confirmed(&[(200, 0, 0, 1), (404, 100, 100, 1)]), unconfirmed(1, 100));
        assert_eq!(confirmed(&[(200, 0, 0, 1), (404, 100, 100 + HOUR - 1, 2)]), unconfirmed(2, 100));
        assert_eq!(confirmed(&[(200, 0, 0, 1), (404, 100, 100 + HOUR, 2)]), Confirmation::Confirmed);
        assert_eq!(
            confirmed(&[(200, 0, 0, 1), (404, 100, 100, 1), (410, HOUR + 100, HOUR + 100, 1)]),
            Confirmation::Confirmed
        );
    }

    #[test]
    fn a_transient_failure_needs_three_visits_over_three_days() {
        assert_eq!(confirmed(&[(200, 0, 0, 1), (0, 100, 100 + DAY, 3)]), unconfirmed(3, 100));
        assert_eq!(confirmed(&[(200, 0, 0, 1), (0, 100, 100 + 3 * DAY, 2)]), unconfirmed(2, 100));
        assert_eq!(confirmed(&[(200, 0, 0, 1), (0, 100, 100 + 3 * DAY, 3)]), Confirmation::Confirmed);
        assert_eq!(
            confirmed(&[(200, 0, 0, 1), (0, 0, DAY, 2), (503, 3 * DAY, 3 * DAY, 1)]),
            Confirmation::Confirmed
        );
    }

    #[test]
    fn kinds_do_not_count_for_each_other_too_early() {
        assert_eq!(
            confirmed(&[(200, 0, 0, 1), (0, 100, DAY, 2), (404, DAY + 5, DAY + 5, 1)]),
            unconfirmed(1, DAY + 5)
        );
        assert_eq!(
            confirmed(&[(200, 0, 0, 1), (0, 100, 100, 2), (404, 3 * DAY + 100, 3 * DAY + 100, 1)]),
            Confirmation::Confirmed
        );
    }

    #[test]
    fn a_visit_that_was_blocked_neither_counts_nor_resets() {
        let blocked_between =
            [(200, 0, 0, 1), (404, 100, 100, 1), (429, HOUR, HOUR, 1), (404, 2 * HOUR, 2 * HOUR, 1)];
        assert_eq!(confirmed(&blocked_between), Confirmation::Confirmed);
        let only_one = [(200, 0, 0, 1), (429, HOUR, 2 * HOUR, 9), (404, 3 * HOUR, 3 * HOUR, 1)];
        assert_eq!(confirmed(&only_one), unconfirmed(1, 3 * HOUR));
    }

    #[test]
    fn a_good_visit_begins_the_count_anew() {
        let history =
            [(200, 0, 0, 1), (404, 100, DAY, 5), (200, 2 * DAY, 2 * DAY, 1), (404, 3 * DAY, 3 * DAY, 1)];
        assert_eq!(confirmed(&history), unconfirmed(1, 3 * DAY));
    }
}
