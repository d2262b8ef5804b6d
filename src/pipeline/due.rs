//! What of a run's scope is due: histories from the store, in windows, to the agenda of the run.

use std::time::Duration;

use super::judge::judged;
use super::{Pipeline, RunEnd, RunError};
use crate::config::{Config, ConfirmSettings};
use crate::frontier::{Agenda, Budget, Past, Rhythm, Standing};
use crate::store::{RunId, Store};
use crate::target::HostKey;
use crate::verdict::{self, Company, Confirmation, Interval, Judgement, Verdict};
use crate::visit::facts::Outcome;

/// Targets whose histories are looked at together.
const WINDOW: usize = 500;

/// Chooses which targets of these hosts the run visits, and tells the store. Gives how many of each host. Memory goes by what is due.
pub(super) async fn choose<S: Store>(
    pipeline: &Pipeline<S>,
    run: RunId,
    hosts: Vec<(HostKey, u64)>,
    max_age: Option<Duration>,
    end: &mut RunEnd,
) -> Result<Vec<(HostKey, u64)>, RunError> {
    let config = &pipeline.config;
    let rhythm = Rhythm::new(&config.recheck, max_age);
    let now = pipeline.clock.now();
    let mut agenda = Agenda::default();
    for (host, _) in &hosts {
        agenda.name(host);
        let mut after = None;
        loop {
            let window = pipeline.store.candidates(run, host.clone(), after, WINDOW).await?;
            after = window.last().map(|candidate| candidate.id).or(after);
            for candidate in &window {
                let due_at =
                    past(&candidate.history, config).map(|past| rhythm.due_at(&past, candidate.phase, now));
                if due_at.is_none_or(|at| at <= now) {
                    agenda.add(host, candidate.id, due_at);
                }
            }
            if window.len() < WINDOW {
                break;
            }
        }
    }
    let budget = Budget { run: config.recheck.max_visits, host: config.recheck.max_visits_per_host };
    let chosen = agenda.choose(budget);
    if chosen.left > 0 {
        let (noun, verb) = if chosen.left == 1 { ("target", "is") } else { ("targets", "are") };
        end.note(format!(
            "{} more {noun} {verb} due and left for the next run (`max_visits` and `max_visits_per_host` in [recheck])",
            chosen.left
        ));
    }
    let mut counts = Vec::with_capacity(chosen.hosts.len());
    for of_host in chosen.hosts {
        counts.push((of_host.host.clone(), of_host.visit.len() as u64));
        pipeline.store.visit_only(run, of_host.host, of_host.visit).await?;
    }
    // The visits read the queue: what was decided must be there.
    pipeline.store.flush().await?;
    Ok(counts)
}

/// What a target's history, oldest first, comes to; `None` where it was never visited.
fn past(history: &[Interval], config: &Config) -> Option<Past> {
    let judge = |facts: &verdict::Facts| judged(facts, &Company::default(), config);
    let newest = history.last()?;
    let verdict = judge(&newest.facts).verdict;
    let confirmation = verdict::confirmation(history, &config.confirm, judge);
    let standing = standing(newest, verdict, &confirmation, &config.confirm);
    let (same_since, changes) = changes(history, judge);
    let last_visit = newest.last_seen;
    let known_since = history.iter().map(|interval| interval.first_seen).min()?;
    Some(Past { known_since, last_visit, same_since, changes, standing })
}

fn standing(
    newest: &Interval,
    verdict: Verdict,
    confirmation: &Confirmation,
    confirm: &ConfirmSettings,
) -> Standing {
    if let Outcome::RateLimited { until } = newest.facts.visit.outcome {
        return Standing::HostWaits { until };
    }
    match *confirmation {
        Confirmation::Well => Standing::Settled,
        Confirmation::Confirmed => Standing::Failing,
        Confirmation::Unconfirmed { visits, since } => {
            let (needed, span) = match verdict {
                Verdict::Unreachable => (confirm.transient_visits, confirm.transient_span),
                _ => (confirm.definitive_visits, confirm.definitive_span),
            };
            Standing::Unconfirmed { visits, since, needed, span }
        }
    }
}

/// Since when visits have found the same, and how often they found something else than the one before. A visit that was blocked or
/// refused says nothing of the page; what failed is one state, however it failed.
fn changes(
    history: &[Interval],
    judge: impl Fn(&verdict::Facts) -> Judgement,
) -> (crate::time::Timestamp, u32) {
    let mut same_since = history.first().map(|interval| interval.first_seen).unwrap_or_default();
    let mut changes = 0;
    let mut before = None;
    for interval in history {
        let now = match judge(&interval.facts).verdict {
            Verdict::Blocked | Verdict::Excluded => continue,
            Verdict::Broken | Verdict::Suspect | Verdict::Unreachable => State::Fails,
            Verdict::Ok | Verdict::Redirected => State::Well {
                url: interval.facts.visit.final_url(),
                content: interval.facts.page.as_ref().and_then(|page| page.content.as_deref()),
            },
        };
        if before.is_some_and(|before| before != now) {
            changes += 1;
            same_since = interval.first_seen;
        }
        before = Some(now);
    }
    (same_since, changes)
}

/// What two visits may find the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State<'f> {
    Fails,
    Well { url: Option<&'f str>, content: Option<&'f str> },
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::page::PageFacts;
    use crate::time::Timestamp;
    use crate::visit::facts::{Answer, Failure, Hop, Visit};

    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).unwrap()
    }

    /// Intervals as (status, or 0 for a time-out, and content; first, last day; visits).
    fn history(intervals: &[(u16, &str, i64, i64, u32)]) -> Vec<Interval> {
        let interval = |(status, content, first, last, visits): &(u16, &str, i64, i64, u32)| {
            let outcome = match status {
                0 => Outcome::Failed { failure: Failure::ReadTimeout, detail: String::new() },
                429 => Outcome::RateLimited { until: at(99 * DAY) },
                _ => Outcome::Answered,
            };
            let hop = Hop {
                url: "https://a.org/x".into(),
                status: (*status > 0).then_some(*status),
                location: None,
                elapsed_ms: 1,
            };
            let answer = Some(Answer::default());
            let visit = Visit {
                hops: vec![hop],
                outcome,
                attempts: 1,
                visited_at: at(last * DAY),
                answer,
                certificate_ends: None,
            };
            let page = (*status == 200).then(|| PageFacts {
                content: Some((*content).to_owned()),
                words: 100,
                ..PageFacts::default()
            });
            Interval {
                facts: verdict::Facts { visit, page },
                first_seen: at(first * DAY),
                last_seen: at(last * DAY),
                visits: *visits,
            }
        };
        intervals.iter().map(interval).collect()
    }

    fn past_of(intervals: &[(u16, &str, i64, i64, u32)]) -> Past {
        past(&history(intervals), &Config::defaults(Path::new("/r"))).unwrap()
    }

    #[test]
    fn what_was_never_visited_has_no_past() {
        assert_eq!(past(&[], &Config::defaults(Path::new("/r"))), None);
    }

    #[test]
    fn changes_are_counted_between_pages_that_differ() {
        let past = past_of(&[(200, "a", 0, 4, 3), (200, "b", 5, 9, 2), (200, "a", 10, 20, 2)]);
        assert_eq!((past.known_since, past.last_visit, past.same_since), (at(0), at(20 * DAY), at(10 * DAY)));
        assert_eq!((past.changes, past.standing), (2, Standing::Settled));
    }

    #[test]
    fn a_blocked_visit_is_no_change_and_all_failures_are_one_state() {
        let past = past_of(&[(200, "a", 0, 4, 3), (403, "", 5, 5, 1), (200, "a", 6, 9, 1)]);
        assert_eq!((past.changes, past.same_since), (0, at(0)));
        let past = past_of(&[(404, "", 0, 4, 3), (410, "", 5, 9, 1), (0, "", 10, 10, 1)]);
        assert_eq!((past.changes, past.same_since, past.standing), (0, at(0), Standing::Failing));
    }

    #[test]
    fn a_failure_of_what_was_well_has_the_window_of_its_kind() {
        let confirm = ConfirmSettings::default();
        let gone = past_of(&[(200, "a", 0, 4, 3), (404, "", 5, 5, 1)]);
        let window = |needed, span| Standing::Unconfirmed { visits: 1, since: at(5 * DAY), needed, span };
        assert_eq!(gone.standing, window(confirm.definitive_visits, confirm.definitive_span));
        let silent = past_of(&[(200, "a", 0, 4, 3), (0, "", 5, 5, 1)]);
        assert_eq!(silent.standing, window(confirm.transient_visits, confirm.transient_span));
        let confirmed = past_of(&[(200, "a", 0, 4, 3), (404, "", 5, 6, 2)]);
        assert_eq!(confirmed.standing, Standing::Failing);
        let limited = past_of(&[(200, "a", 0, 4, 3), (429, "", 5, 5, 1)]);
        assert_eq!(limited.standing, Standing::HostWaits { until: at(99 * DAY) });
    }
}
