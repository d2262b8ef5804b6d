//! When each schedule is due next: pure, told the time.

use chrono::TimeDelta;

use super::LastRun;
use crate::config::{Missed, Schedule};
use crate::time::Timestamp;

/// A schedule that is looked at later than this after its time was missed: the machine slept, or the clock was moved. The wall clock
/// is looked at once a minute.
const LATE: TimeDelta = TimeDelta::minutes(2);

/// A clock that went back by more than this is believed; by less, times that already passed are not run again.
const BELIEVED_STEP_BACK: TimeDelta = TimeDelta::days(1);

/// Schedules with their next times.
#[derive(Debug)]
pub(super) struct Plan {
    rows: Vec<Row>,
    looked: Timestamp,
}

#[derive(Debug)]
struct Row {
    schedule: Schedule,
    /// Where in the jitter this schedule always lies.
    offset: TimeDelta,
    /// The next time of the cron expression; `None` where there is none left.
    time: Option<Timestamp>,
    /// The last run was cut short, and nothing was done about it yet.
    cut_short: bool,
}

/// A schedule whose time has come.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) schedule: Schedule,
    pub(super) outcome: DueOutcome,
}

/// What is to be done about a time that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DueOutcome {
    /// Run it.
    Run,
    /// Run it once for all times that were missed.
    CatchUp,
    /// Its last run was cut short: do the rest.
    Resume,
    /// It was missed, and is not made up for.
    Skip,
}

impl Plan {
    /// Plans from `now` for schedules with their last runs, if they ever ran.
    pub(super) fn new(schedules: Vec<(Schedule, Option<LastRun>)>, now: Timestamp) -> Self {
        let rows =
            schedules.into_iter().map(|(schedule, last_run)| Row::new(schedule, last_run, now)).collect();
        Self { rows, looked: now }
    }

    /// Takes over times of `before` for schedules that mean the same times as there.
    pub(super) fn keep_times_of(&mut self, before: &Self) {
        for row in &mut self.rows {
            let same = |old: &&Row| {
                let (old, new) = (&old.schedule, &row.schedule);
                old.name == new.name
                    && old.cron.expression() == new.cron.expression()
                    && old.cron.zone() == new.cron.zone()
                    && old.jitter == new.jitter
            };
            if let Some(old) = before.rows.iter().find(same) {
                row.time = old.time;
            }
            // What runs now has not ended, and is not cut short for that.
            if let Some(old) = before.rows.iter().find(|old| old.schedule.name == row.schedule.name) {
                row.cut_short = old.cut_short;
            }
        }
    }

    /// What has come due by `now`; each schedule at most once, however many of its times passed.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Due> {
        if self.looked - now > BELIEVED_STEP_BACK {
            for row in &mut self.rows {
                row.time = row.schedule.cron.next(now - row.offset);
            }
        }
        self.looked = now;
        let mut due = Vec::new();
        for row in &mut self.rows {
            let resumes = std::mem::take(&mut row.cut_short);
            let Some(time) = row.time.filter(|time| *time + row.offset <= now) else {
                if resumes {
                    due.push(Due { schedule: row.schedule.clone(), outcome: DueOutcome::Resume });
                }
                continue;
            };
            let outcome = match (now - (time + row.offset) > LATE, row.schedule.missed) {
                (false, _) => DueOutcome::Run,
                (true, Missed::RunOnce) => DueOutcome::CatchUp,
                (true, Missed::Skip) if resumes => DueOutcome::Resume,
                (true, Missed::Skip) => DueOutcome::Skip,
            };
            row.time = row.schedule.cron.next(time.max(now - row.offset));
            due.push(Due { schedule: row.schedule.clone(), outcome });
        }
        due
    }

    /// The earliest schedule to come, and when.
    pub(super) fn next(&self) -> Option<(&Schedule, Timestamp)> {
        let times = self.rows.iter().filter_map(|row| Some((&row.schedule, row.time? + row.offset)));
        times.min_by_key(|(_, time)| *time)
    }

    /// Whether there is a schedule of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.rows.iter().any(|row| row.schedule.name == name)
    }
}

impl Row {
    fn new(schedule: Schedule, last_run: Option<LastRun>, now: Timestamp) -> Self {
        let offset = offset(&schedule);
        let since = match (schedule.missed, last_run) {
            // A last run in the future was made under a wrong clock: it says nothing.
            (Missed::RunOnce, Some(last_run)) => last_run.began_at.min(now - offset),
            _ => now - offset,
        };
        let time = schedule.cron.next(since);
        Self { schedule, offset, time, cut_short: last_run.is_some_and(|run| run.cut_short) }
    }
}

/// Spreads schedules over their jitter, each always at the same place: by a hash of its name.
fn offset(schedule: &Schedule) -> TimeDelta {
    let hash = blake3::hash(schedule.name.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    let seconds = u64::from_le_bytes(bytes) % (schedule.jitter.as_secs() + 1);
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::schedule::parse_schedule;

    fn schedule(name: &str, cron: &str, more: &str) -> Schedule {
        let text = format!("cron = \"{cron}\"\ntask = \"check\"\n{more}");
        parse_schedule(&text, Path::new(&format!("{name}.toml")), None).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}Z").parse().unwrap()
    }

    fn outcomes(plan: &mut Plan, now: &str) -> Vec<DueOutcome> {
        plan.due(at(now)).into_iter().map(|due| due.outcome).collect()
    }

    #[test]
    fn a_time_is_run_once_when_it_comes() {
        let mut plan = Plan::new(vec![(schedule("a", "0 * * * *", ""), None)], at("22T10:30:00"));
        assert_eq!(plan.next().map(|(_, time)| time), Some(at("22T11:00:00")));
        assert_eq!(outcomes(&mut plan, "22T10:59:59"), []);
        assert_eq!(outcomes(&mut plan, "22T11:00:30"), [DueOutcome::Run]);
        assert_eq!(outcomes(&mut plan, "22T11:00:31"), []);
        assert_eq!(plan.next().map(|(_, time)| time), Some(at("22T12:00:00")));
    }

    #[test]
    fn c07_times_slept_through_are_made_up_for_once_or_skipped() {
        let skip = schedule("b", "0 * * * *", "missed = \"skip\"");
        let mut plan =
            Plan::new(vec![(schedule("a", "0 * * * *", ""), None), (skip, None)], at("22T10:30:00"));
        assert_eq!(outcomes(&mut plan, "22T14:20:00"), [DueOutcome::CatchUp, DueOutcome::Skip]);
        assert_eq!(outcomes(&mut plan, "22T14:21:00"), []);
        assert_eq!(outcomes(&mut plan, "22T15:00:00"), [DueOutcome::Run, DueOutcome::Run]);
    }

    #[test]
    fn c07_a_start_makes_up_for_what_was_missed_while_down() {
        let run = |missed: &str, last: Option<&str>| {
            let schedule = schedule("a", "0 3 * * *", missed);
            let last = last.map(|last| LastRun { began_at: at(last), cut_short: false });
            let mut plan = Plan::new(vec![(schedule, last)], at("22T10:00:00"));
            outcomes(&mut plan, "22T10:00:00")
        };
        assert_eq!(run("", Some("19T03:00:05")), [DueOutcome::CatchUp]);
        assert_eq!(run("", Some("22T03:00:05")), []);
        assert_eq!(run("", Some("29T03:00:05")), []);
        assert_eq!(run("", None), []);
        assert_eq!(run("missed = \"skip\"", Some("19T03:00:05")), []);
    }

    #[test]
    fn c11_a_run_that_was_cut_short_goes_on_at_once_and_once() {
        for missed in ["", "missed = \"skip\""] {
            for began_at in ["22T03:00:05", "19T03:00:05"] {
                let last = LastRun { began_at: at(began_at), cut_short: true };
                let schedule_again = schedule("a", "5 3 * * *", missed);
                let schedule = schedule("a", "0 3 * * *", missed);
                let mut plan = Plan::new(vec![(schedule, Some(last))], at("22T10:00:00"));
                let running = LastRun { began_at: at("22T10:00:00"), cut_short: true };
                let mut reloaded = Plan::new(vec![(schedule_again, Some(running))], at("22T10:00:02"));
                assert_eq!(outcomes(&mut plan, "22T10:00:00").len(), 1, "{missed} {began_at}");
                assert_eq!(outcomes(&mut plan, "22T10:00:01"), []);
                reloaded.keep_times_of(&plan);
                assert_eq!(outcomes(&mut reloaded, "22T10:00:02"), [], "a reload begins no run twice");
                assert_eq!(outcomes(&mut plan, "23T03:00:00"), [DueOutcome::Run]);
            }
        }
    }

    #[test]
    fn c08_a_clock_set_back_repeats_nothing_unless_it_was_far_off() {
        let mut plan = Plan::new(vec![(schedule("a", "0 * * * *", ""), None)], at("22T10:30:00"));
        assert_eq!(outcomes(&mut plan, "22T11:00:00"), [DueOutcome::Run]);
        assert_eq!(outcomes(&mut plan, "22T10:00:10"), []);
        assert_eq!(outcomes(&mut plan, "22T11:00:10"), []);
        assert_eq!(outcomes(&mut plan, "22T12:00:00"), [DueOutcome::Run]);
        assert_eq!(outcomes(&mut plan, "02T08:30:00"), []);
        assert_eq!(plan.next().map(|(_, time)| time), Some(at("02T09:00:00")));
    }

    #[test]
    fn c08_no_step_of_the_clock_makes_a_wait_longer_than_the_schedule() {
        let mut plan =
            Plan::new(vec![(schedule("a", "0 * * * *", "missed = \"skip\""), None)], at("22T10:30:00"));
        for now in
            ["2038-01-19T03:14:08Z", "2016-12-31T23:59:59Z", "2026-11-22T10:30:00Z", "2026-11-22T11:30:00Z"]
        {
            let now: Timestamp = now.parse().unwrap();
            plan.due(now);
            let wait = plan.next().unwrap().1 - now;
            assert!(wait > TimeDelta::zero() && wait <= TimeDelta::hours(1), "{now}: {wait}");
        }
    }

    /// C13: the rules of time zones are part of the program: another program, or another zone, plans anew from what it knows.
    #[test]
    fn c13_times_are_computed_anew_at_a_start_and_where_the_zone_is_another() {
        let in_zone = |zone: &str| schedule("a", "0 12 * * *", &format!("timezone = \"{zone}\""));
        let before = Plan::new(vec![(in_zone("Europe/Berlin"), None)], at("22T10:00:00"));
        assert_eq!(before.next().map(|(_, time)| time), Some(at("22T11:00:00")));
        let mut after = Plan::new(vec![(in_zone("Europe/Bucharest"), None)], at("22T09:00:00"));
        after.keep_times_of(&before);
        assert_eq!(after.next().map(|(_, time)| time), Some(at("22T10:00:00")));
        let started = LastRun { began_at: at("21T11:00:00"), cut_short: false };
        let restarted = Plan::new(vec![(in_zone("Europe/Bucharest"), Some(started))], at("22T09:00:00"));
        assert_eq!(restarted.next().map(|(_, time)| time), Some(at("22T10:00:00")));
    }

    #[test]
    fn jitter_is_stable_and_within_its_bound() {
        let offsets: Vec<_> =
            (0..200).map(|n| offset(&schedule(&format!("s{n}"), "0 3 * * *", "jitter = \"10m\""))).collect();
        assert!(offsets.iter().all(|offset| (TimeDelta::zero()..=TimeDelta::minutes(10)).contains(offset)));
        assert_eq!(offsets[7], offset(&schedule("s7", "0 4 * * *", "jitter = \"10m\"")));
        let halves = offsets.iter().filter(|offset| **offset < TimeDelta::minutes(5)).count();
        assert!((60..140).contains(&halves), "{halves} of 200 in the first half");
        assert_eq!(offset(&schedule("s7", "0 4 * * *", "")), TimeDelta::zero());
    }

    #[test]
    fn a_time_within_its_jitter_is_not_lost_by_a_restart() {
        let jittered = schedule("s7", "0 3 * * *", "jitter = \"10m\"\nmissed = \"skip\"");
        let offset = offset(&jittered);
        assert!(offset > TimeDelta::minutes(1), "{offset}");
        let plan = Plan::new(vec![(jittered, None)], at("22T03:00:30"));
        assert_eq!(plan.next().map(|(_, time)| time), Some(at("22T03:00:00") + offset));
    }
}
