use proptest::prelude::*;

use super::*;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_timestamp(1_790_000_000 + i64::try_from(seconds).unwrap(), 0).unwrap()
}

fn seconds(timestamp: Timestamp) -> u64 {
    u64::try_from(timestamp.timestamp() - 1_790_000_000).unwrap()
}

fn span(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn rhythm() -> Rhythm {
    Rhythm { min: span(DAY), max: span(14 * DAY), max_age: None }
}

fn past(known_since: u64, same_since: u64, last_visit: u64, changes: u32, standing: Standing) -> Past {
    Past {
        known_since: at(known_since),
        last_visit: at(last_visit),
        same_since: at(same_since),
        changes,
        standing,
    }
}

/// Hours from the last visit to the next, without spread.
fn hours(past: &Past) -> u64 {
    let due = rhythm().due_at(past, 0, past.last_visit);
    (seconds(due) - seconds(past.last_visit)) / HOUR
}

fn key(name: &str) -> HostKey {
    HostKey::from_stored(name.to_owned())
}

#[test]
fn an_interval_learns_from_what_is_known() {
    let settled = Standing::Settled;
    for (known, same, last, changes, expected) in [
        // Seen once; seen for two days, for a year: never changed.
        (0, 0, 0, 0, 24),
        (0, 0, 2 * DAY, 0, 24),
        (0, 0, 8 * DAY, 0, 4 * 24),
        (0, 0, 365 * DAY, 0, 14 * 24),
        // Changed every ten days, the last time five days ago; every day; once, two years ago.
        (0, 95 * DAY, 100 * DAY, 9, 5 * 24),
        (0, 99 * DAY, 100 * DAY, 99, 24),
        (0, 10 * DAY, 740 * DAY, 1, 14 * 24),
        // What has just changed is looked at again soon, however seldom it changed before.
        (0, 364 * DAY, 365 * DAY, 1, 24),
    ] {
        assert_eq!(
            hours(&past(known, same, last, changes, settled)),
            expected,
            "{known} {same} {last} {changes}"
        );
    }
}

#[test]
fn what_never_changes_is_visited_more_and_more_seldom() {
    let (mut now, mut intervals) = (0, Vec::new());
    for _ in 0..12 {
        let interval = hours(&past(0, 0, now, 0, Standing::Settled));
        intervals.push(interval);
        now += interval * HOUR;
    }
    assert!(intervals.is_sorted(), "{intervals:?}");
    assert_eq!((intervals[0], intervals[11]), (24, 14 * 24), "{intervals:?}");
}

#[test]
fn a_failure_is_confirmed_within_its_window() {
    let definitive = |visits, since, last| {
        let standing = Standing::Unconfirmed { visits, since: at(since), needed: 2, span: span(HOUR) };
        hours(&past(0, since, last, 1, standing))
    };
    assert_eq!(definitive(1, 50 * DAY, 50 * DAY), 1);
    let transient = |visits, last| {
        let standing = Standing::Unconfirmed { visits, since: at(DAY), needed: 3, span: span(3 * DAY) };
        hours(&past(0, DAY, last, 1, standing))
    };
    assert_eq!(transient(1, DAY), 36);
    assert_eq!(transient(2, DAY + 36 * HOUR), 36);
    assert_eq!(transient(9, DAY + 2 * HOUR), 70, "visits in excess do not shorten the window");
    assert_eq!(transient(1, 20 * DAY), 1, "a window that is over ends with the next visits, an hour apart");
}

/// C12: what keeps failing is visited ever more seldom, up to the cap; the first good visit begins anew.
#[test]
fn c12_backoff_doubles_to_its_cap_and_a_good_visit_resets_it() {
    let (mut now, mut intervals) = (0, Vec::new());
    for _ in 0..8 {
        let interval = hours(&past(0, 0, now, 0, Standing::Failing));
        intervals.push(interval / 24);
        now += interval * HOUR;
    }
    assert_eq!(intervals, [1, 1, 2, 4, 8, 14, 14, 14]);
    assert_eq!(hours(&past(0, now, now, 1, Standing::Settled)), 24);
}

#[test]
fn a_host_that_named_a_time_is_asked_then() {
    let standing = Standing::HostWaits { until: at(5 * HOUR) };
    assert_eq!(hours(&past(0, 0, HOUR, 0, standing)), 4);
    let in_years = Standing::HostWaits { until: at(9999 * DAY) };
    assert_eq!(hours(&past(0, 0, 0, 0, in_years)), 14 * 24);
}

#[test]
fn a_schedule_with_an_age_does_not_wait_for_what_was_learned_but_failures_keep_their_times() {
    let often = Rhythm { max_age: Some(span(5 * HOUR)), ..rhythm() };
    let due =
        |past: Past, phase| seconds(often.due_at(&past, phase, past.last_visit)) - seconds(past.last_visit);
    assert_eq!(due(past(0, 0, 99 * DAY, 0, Standing::Settled), u64::MAX), 5 * HOUR);
    assert_eq!(due(past(0, 0, 8 * DAY, 0, Standing::Failing), 0), 8 * DAY);
}

/// C08: facts that a wrong clock dated into the future do not put a target off until then.
#[test]
fn c08_a_visit_in_the_future_puts_nothing_off() {
    let of_2038 = past(0, 0, 4000 * DAY, 0, Standing::Settled);
    assert_eq!(rhythm().due_at(&of_2038, 7, at(DAY)), at(DAY));
    let an_hour_ahead = past(0, 0, DAY + HOUR, 0, Standing::Settled);
    assert!(rhythm().due_at(&an_hour_ahead, 7, at(DAY)) > at(2 * DAY));
}

/// C10: ten thousand targets that an import visited in the same minute come back over half a day, no two hours alike in more than a
/// tenth, and each at the same place in it every time.
#[test]
fn c10_targets_that_were_visited_together_do_not_come_back_together() {
    let imported = past(0, 0, 0, 0, Standing::Settled);
    let phase = |number: u64| {
        let hash = blake3::hash(&number.to_le_bytes());
        u64::from_le_bytes(*hash.as_bytes().first_chunk().unwrap())
    };
    let mut by_hour = [0_u32; 48];
    for number in 0..10_000 {
        let due = rhythm().due_at(&imported, phase(number), at(0));
        assert_eq!(due, rhythm().due_at(&imported, phase(number), at(0)));
        by_hour[usize::try_from(seconds(due) / HOUR).unwrap()] += 1;
    }
    assert_eq!(by_hour[..24].iter().sum::<u32>(), 0, "none before its shortest interval");
    assert_eq!(by_hour[36..].iter().sum::<u32>(), 0);
    assert!(by_hour[24..36].iter().all(|count| (700..970).contains(count)), "{by_hour:?}");
}

#[test]
fn a_budget_takes_what_was_never_visited_then_what_is_due_longest() {
    let mut agenda = Agenda::default();
    agenda.name(&key("quiet"));
    for (host, target, due_at) in [
        ("a", 1, Some(at(9))),
        ("a", 2, Some(at(3))),
        ("a", 3, None),
        ("b", 4, Some(at(1))),
        ("b", 5, Some(at(7))),
    ] {
        agenda.add(&key(host), TargetId(target), due_at);
    }
    let chosen = agenda.choose(Budget { run: 3, host: 2 });
    let visited: Vec<(&str, Vec<i64>)> = chosen
        .hosts
        .iter()
        .map(|of| (of.host.as_str(), of.visit.iter().map(|target| target.0).collect()))
        .collect();
    assert_eq!(visited, [("quiet", vec![]), ("a", vec![2, 3]), ("b", vec![4])]);
    assert_eq!(chosen.left, 2);
}

proptest! {
    /// Whatever is known of a target: it is not due before the shortest interval, nor after the longest.
    #[test]
    fn the_next_visit_lies_within_the_bounds(
        known in 0..2000 * DAY,
        more in 0..2000 * DAY,
        lasted in 0..2000 * DAY,
        changes in 0_u32..5000,
        fails: bool,
        phase: u64,
        min in 60..30 * DAY,
        longer in 0..300 * DAY,
    ) {
        let last = known + more;
        let standing = if fails { Standing::Failing } else { Standing::Settled };
        let past = past(known, last.saturating_sub(lasted).max(known), last, changes, standing);
        let rhythm = Rhythm { min: span(min), max: span(min + longer), max_age: None };
        let wait = seconds(rhythm.due_at(&past, phase, at(last))) - last;
        prop_assert!((min..=min + longer).contains(&wait), "{wait}");
        prop_assert!(wait >= seconds(rhythm.due_at(&past, 0, at(last))) - last, "spread only puts off");
    }

    /// Whatever is due: budgets hold, nothing is chosen twice or lost, and nothing that is left was due before what its host has chosen.
    #[test]
    fn budgets_hold_and_nothing_is_lost(
        due in prop::collection::vec((0_usize..6, prop::option::of(0_u64..1000)), 0..300),
        run in 1_usize..200,
        host in 1_usize..60,
    ) {
        let hosts: Vec<HostKey> = (0..6).map(|number| key(&format!("h{number}"))).collect();
        let mut agenda = Agenda::default();
        for (number, (host, due_at)) in due.iter().enumerate() {
            agenda.add(&hosts[*host], TargetId(number as i64), due_at.map(at));
        }
        let chosen = agenda.choose(Budget { run, host });
        let mut taken = vec![false; due.len()];
        for of in &chosen.hosts {
            prop_assert!(of.visit.len() <= host && of.visit.is_sorted());
            for target in &of.visit {
                let number = usize::try_from(target.0).unwrap();
                prop_assert_eq!(&hosts[due[number].0], &of.host);
                prop_assert!(!std::mem::replace(&mut taken[number], true));
            }
        }
        let visits = taken.iter().filter(|taken| **taken).count();
        prop_assert!(visits <= run);
        prop_assert_eq!(visits as u64 + chosen.left, due.len() as u64);
        for (number, (of, due_at)) in due.iter().enumerate().filter(|(number, _)| !taken[*number]) {
            let later = due.iter().enumerate().any(|(other, (other_of, other_at))| {
                taken[other] && of == other_of && (other_at, other) > (due_at, number)
            });
            prop_assert!(!later, "{number} was due before something that was chosen");
        }
    }
}
