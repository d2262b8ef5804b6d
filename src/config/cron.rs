//! Cron expressions as crontab(5) reads them, with seconds in front of six fields and years behind seven.
//!
//! The `cron` crate finds the next wall-clock time; it never sees a zone. It wants a seconds field, numbers weekdays from Sunday = 1,
//! ANDs the two day fields and ends with the year 2100, so every field is read here, handed over as plain numbers, and asked for in
//! a year of the same shape (leap or not, first weekday). Wall-clock times become instants here too (SPEC §7):
//!
//! - a fixed time that the clock skips happens at the first moment after the gap; one that comes twice happens once, at the first;
//! - where minute or hour is `*` or has a step, an instant counts if its wall-clock reading does: nothing in a gap, both passes of a
//!   fold.

use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr;

use chrono::{
    DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

use super::cron_fields::{Field, fields};
use crate::time::Timestamp;

/// When something happens, in a time zone.
#[derive(Debug, Clone)]
pub struct Cron {
    expression: String,
    zone: Tz,
    /// One, or two where day of month and day of week are both given: either may match.
    schedules: Vec<cron::Schedule>,
    years: Option<BTreeSet<i32>>,
    pace: Pace,
}

/// How wall-clock times become instants where the clock is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Once for each wall-clock time.
    Fixed,
    /// Whenever the wall clock reads so.
    Elapsed,
}

/// What is wrong with an expression, and where: bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronError {
    /// The place.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
}

/// How many years ahead an expression without years is followed: 29 February on a given weekday can be 40 years away.
const HORIZON: i32 = 60;

impl Cron {
    /// Reads an expression of five, six or seven fields. One that can never happen is an error.
    pub fn parse(expression: &str, zone: Tz) -> Result<Self, CronError> {
        let fields = fields(expression)?;
        let numbers = |field: &Field| field.numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        // The crate numbers weekdays from Sunday = 1.
        let weekdays: BTreeSet<u32> = fields.weekday.numbers.iter().map(|day| day % 7 + 1).collect();
        let weekdays = weekdays.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let time = [&fields.second, &fields.minute, &fields.hour].map(numbers).join(" ");
        let month = numbers(&fields.month);
        let days = match (fields.day.starts_with_star, fields.weekday.starts_with_star) {
            // crontab(5): restricted both, either may match.
            (false, false) => vec![(numbers(&fields.day), "*".to_owned()), ("*".to_owned(), weekdays)],
            (_, true) if fields.weekday.numbers.len() >= 7 => vec![(numbers(&fields.day), "*".to_owned())],
            _ => vec![(numbers(&fields.day), weekdays)],
        };
        let whole = || CronError { span: 0..expression.len(), message: "no cron expression".to_owned() };
        let schedules = days
            .iter()
            .map(|(day, weekday)| {
                cron::Schedule::from_str(&format!("{time} {day} {month} {weekday} 1972-1999"))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| whole())?;
        let cron = Self {
            expression: expression.to_owned(),
            zone,
            schedules,
            years: fields
                .year
                .map(|years| years.numbers.into_iter().filter_map(|year| i32::try_from(year).ok()).collect()),
            pace: match fields.minute.star_or_step || fields.hour.star_or_step {
                true => Pace::Elapsed,
                false => Pace::Fixed,
            },
        };
        let first_year = cron.years.as_ref().and_then(|years| years.first().copied()).unwrap_or(2000);
        let start =
            NaiveDate::from_ymd_opt(first_year - 1, 12, 31).and_then(|day| day.and_hms_opt(23, 59, 59));
        match start.and_then(|start| cron.next_wall(start)) {
            Some(_) => Ok(cron),
            None => Err(CronError { span: 0..expression.len(), message: "this never happens".to_owned() }),
        }
    }

    /// As written.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// The time zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The first instant after `after`; `None` where no listed year is left.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        match self.pace {
            Pace::Fixed => self.next_fixed(after),
            Pace::Elapsed => self.next_elapsed(after),
        }
    }

    /// All instants after `after`, strictly increasing.
    pub fn times(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next(after), |last| self.next(*last))
    }

    fn next_fixed(&self, after: Timestamp) -> Option<Timestamp> {
        self.walls(self.wall(after)).map(|wall| self.first_instant(wall)).find(|instant| *instant > after)
    }

    /// Each wall-clock time stands for one instant, or two in a fold, or none in a gap. The first instants grow with the wall clock,
    /// and so do the second ones: the earliest of either that lies after `after` is meant.
    fn next_elapsed(&self, after: Timestamp) -> Option<Timestamp> {
        let wall = self.wall(after);
        let fold = match self.zone.from_local_datetime(&wall) {
            MappedLocalTime::Ambiguous(first, second) => second - first,
            _ => TimeDelta::zero(),
        };
        let in_second_pass =
            self.zone.from_local_datetime(&wall).earliest().is_some_and(|first| first < after);
        let (from_first, from_second) = match in_second_pass {
            // Every first pass of this fold is over; what is not part of it has one instant, which counts as its second.
            true => (wall + fold - TimeDelta::seconds(1), wall),
            false => (wall, wall - fold - TimeDelta::seconds(1)),
        };
        let first = self
            .walls(from_first)
            .filter_map(|wall| self.zone.from_local_datetime(&wall).earliest())
            .map(|instant| instant.with_timezone(&Utc))
            .find(|instant| *instant > after);
        let second = self
            .walls(from_second)
            .filter_map(|wall| self.zone.from_local_datetime(&wall).latest())
            .map(|instant| instant.with_timezone(&Utc))
            .find(|instant| *instant > after);
        first.into_iter().chain(second).min()
    }

    fn wall(&self, instant: Timestamp) -> NaiveDateTime {
        instant.with_timezone(&self.zone).naive_local()
    }

    /// The instant of a wall-clock time: the first of two, or the first moment after the gap that holds it.
    fn first_instant(&self, wall: NaiveDateTime) -> Timestamp {
        if let Some(instant) = self.zone.from_local_datetime(&wall).earliest() {
            return instant.with_timezone(&Utc);
        }
        // No offset is larger than 26 hours, so the gap's end lies within; its second is found by halving.
        let (mut before, mut from) =
            (wall.and_utc() - TimeDelta::hours(26), wall.and_utc() + TimeDelta::hours(26));
        while from - before > TimeDelta::seconds(1) {
            let middle = before + TimeDelta::seconds((from - before).num_seconds() / 2);
            match self.wall(middle) >= wall {
                true => from = middle,
                false => before = middle,
            }
        }
        from
    }

    /// All wall-clock times after `wall`, in order.
    fn walls(&self, wall: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        std::iter::successors(self.next_wall(wall), |last| self.next_wall(*last))
    }

    fn next_wall(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let last = match &self.years {
            Some(years) => *years.last()?,
            None => after.year().checked_add(HORIZON)?,
        };
        (after.year()..=last)
            .filter(|year| self.years.as_ref().is_none_or(|years| years.contains(year)))
            .find_map(|year| self.next_in_year(year, after))
    }

    fn next_in_year(&self, year: i32, after: NaiveDateTime) -> Option<NaiveDateTime> {
        let alike = year_alike(year)?;
        let start = match after.year() == year {
            true => after.with_year(alike)?,
            false => NaiveDate::from_ymd_opt(alike - 1, 12, 31)?.and_hms_opt(23, 59, 59)?,
        };
        let next = |schedule: &cron::Schedule| {
            let next: DateTime<Utc> = schedule.after(&start.and_utc()).next()?;
            (next.year() == alike).then(|| next.naive_utc())
        };
        self.schedules.iter().filter_map(next).min()?.with_year(year)
    }
}

/// The year from 1972 to 1999 with the same days on the same weekdays: the Gregorian calendar has 14 kinds of year.
fn year_alike(year: i32) -> Option<i32> {
    let kind = |year: i32| -> Option<(Weekday, bool)> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
        Some((first.weekday(), first.leap_year()))
    };
    let wanted = kind(year)?;
    (1972..=1999).find(|year| kind(*year) == Some(wanted))
}

#[cfg(test)]
mod tests {
    use chrono::Timelike;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn next(expression: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let zone: Tz = zone.parse().unwrap();
        let cron = Cron::parse(expression, zone).unwrap_or_else(|error| panic!("{expression}: {error:?}"));
        let local = |instant: Timestamp| instant.with_timezone(&zone).format("%F %T %:z").to_string();
        cron.times(at(from)).take(count).map(local).collect()
    }

    #[test]
    fn five_fields_mean_what_crontab_says() {
        for (expression, expected) in [
            // 2026-11-22 is a Sunday.
            ("0 3 * * 1", ["2026-11-23 03:00", "2026-11-30 03:00"]),
            ("0 3 * * 0", ["2026-11-22 03:00", "2026-11-29 03:00"]),
            ("0 3 * * 7", ["2026-11-22 03:00", "2026-11-29 03:00"]),
            ("0 3 * * sun", ["2026-11-22 03:00", "2026-11-29 03:00"]),
            ("0 3 * * MON-Wed", ["2026-11-23 03:00", "2026-11-24 03:00"]),
            ("0 3 * * 6-7", ["2026-11-22 03:00", "2026-11-28 03:00"]),
            ("0 3 * * fri-sun", ["2026-11-22 03:00", "2026-11-27 03:00"]),
            ("0 3 24 * 1", ["2026-11-23 03:00", "2026-11-24 03:00"]),
            ("0 3 */2 * 1", ["2026-11-23 03:00", "2026-12-07 03:00"]),
            ("0 3 24 * */2", ["2026-11-24 03:00", "2026-12-24 03:00"]),
            ("0 3 1 jan *", ["2027-01-01 03:00", "2028-01-01 03:00"]),
            ("5,50-52/2 3 * * *", ["2026-11-22 03:05", "2026-11-22 03:50"]),
            ("50/5 3 * * *", ["2026-11-22 03:50", "2026-11-22 03:55"]),
            ("*/15 * * * *", ["2026-11-22 00:15", "2026-11-22 00:30"]),
            ("\t0  */6 * * * ", ["2026-11-22 06:00", "2026-11-22 12:00"]),
            ("0 0 29 2 *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
            ("0 0 31 * *", ["2026-12-31 00:00", "2027-01-31 00:00"]),
        ] {
            let found = next(expression, "UTC", "2026-11-22T00:00:00Z", 2);
            assert_eq!(found, expected.map(|time| format!("{time}:00 +00:00")), "{expression}");
        }
    }

    #[test]
    fn six_and_seven_fields_add_seconds_and_years() {
        let from = "2026-11-22T00:00:00Z";
        assert_eq!(next("30 0 3 * * 1", "UTC", from, 1), ["2026-11-23 03:00:30 +00:00"]);
        assert_eq!(
            next("* * * * * *", "UTC", from, 2),
            ["2026-11-22 00:00:01 +00:00", "2026-11-22 00:00:02 +00:00"]
        );
        let listed = next("0 0 3 1 1 * 2030,2150", "UTC", from, 9);
        assert_eq!(listed, ["2030-01-01 03:00:00 +00:00", "2150-01-01 03:00:00 +00:00"]);
    }

    #[test]
    fn calendars_beyond_2100() {
        let leap = next("0 0 29 2 *", "UTC", "2096-01-01T00:00:00Z", 3);
        assert_eq!(
            leap,
            ["2096-02-29 00:00:00 +00:00", "2104-02-29 00:00:00 +00:00", "2108-02-29 00:00:00 +00:00"]
        );
        // 1 March 2100 is a Monday: 2100 has no 29 February.
        assert_eq!(next("0 3 * * 1", "UTC", "2100-02-27T00:00:00Z", 1), ["2100-03-01 03:00:00 +00:00"]);
        assert_eq!(next("0 0 1 1 *", "UTC", "2250-06-01T00:00:00Z", 1), ["2251-01-01 00:00:00 +00:00"]);
    }

    #[test]
    fn a_fixed_time_in_the_gap_happens_once_after_it() {
        for (zone, from, expression, expected) in [
            (
                "Europe/Berlin",
                "2026-03-28T12:00:00Z",
                "30 2 * * *",
                ["2026-03-29 03:00:00 +02:00", "2026-03-30 02:30:00 +02:00"],
            ),
            (
                "Europe/Berlin",
                "2026-03-28T12:00:00Z",
                "0,30 2,3 * * *",
                ["2026-03-29 03:00:00 +02:00", "2026-03-29 03:30:00 +02:00"],
            ),
            (
                "Europe/Bucharest",
                "2026-03-28T12:00:00Z",
                "30 3 * * *",
                ["2026-03-29 04:00:00 +03:00", "2026-03-30 03:30:00 +03:00"],
            ),
            (
                "Australia/Lord_Howe",
                "2026-10-03T00:00:00Z",
                "15 2 * * *",
                ["2026-10-04 02:30:00 +11:00", "2026-10-05 02:15:00 +11:00"],
            ),
            (
                "America/Sao_Paulo",
                "2018-11-03T12:00:00Z",
                "0 0 * * *",
                ["2018-11-04 01:00:00 -02:00", "2018-11-05 00:00:00 -02:00"],
            ),
            (
                "Pacific/Apia",
                "2011-12-29T20:00:00Z",
                "0 9 * * *",
                ["2011-12-31 00:00:00 +14:00", "2011-12-31 09:00:00 +14:00"],
            ),
        ] {
            assert_eq!(next(expression, zone, from, 2), expected, "{expression} in {zone}");
        }
    }

    #[test]
    fn a_fixed_time_in_the_fold_happens_once_at_the_first() {
        for (zone, from, expression, expected) in [
            (
                "Europe/Berlin",
                "2026-10-24T12:00:00Z",
                "30 2 * * *",
                ["2026-10-25 02:30:00 +02:00", "2026-10-26 02:30:00 +01:00"],
            ),
            (
                "Europe/Bucharest",
                "2026-10-24T12:00:00Z",
                "0,30 3 * * *",
                ["2026-10-25 03:00:00 +03:00", "2026-10-25 03:30:00 +03:00"],
            ),
            // Asked in the second pass.
            (
                "Europe/Berlin",
                "2026-10-25T01:10:00Z",
                "30 2 * * *",
                ["2026-10-26 02:30:00 +01:00", "2026-10-27 02:30:00 +01:00"],
            ),
            (
                "Australia/Lord_Howe",
                "2026-04-04T00:00:00Z",
                "45 1 * * *",
                ["2026-04-05 01:45:00 +11:00", "2026-04-06 01:45:00 +10:30"],
            ),
            (
                "America/Sao_Paulo",
                "2018-02-17T12:00:00Z",
                "30 23 * * *",
                ["2018-02-17 23:30:00 -02:00", "2018-02-18 23:30:00 -03:00"],
            ),
        ] {
            assert_eq!(next(expression, zone, from, 2), expected, "{expression} in {zone}");
        }
    }

    #[test]
    fn stars_and_steps_follow_elapsed_time() {
        assert_eq!(
            next("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:59:00Z", 5),
            [
                "2026-10-25 02:00:00 +02:00",
                "2026-10-25 02:30:00 +02:00",
                "2026-10-25 02:00:00 +01:00",
                "2026-10-25 02:30:00 +01:00",
                "2026-10-25 03:00:00 +01:00",
            ]
        );
        assert_eq!(
            next("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:29:00Z", 3),
            ["2026-03-29 01:30:00 +01:00", "2026-03-29 03:00:00 +02:00", "2026-03-29 03:30:00 +02:00"]
        );
        assert_eq!(
            next("30 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 3),
            ["2026-04-05 01:30:00 +11:00", "2026-04-05 01:30:00 +10:30", "2026-04-05 02:30:00 +10:30"]
        );
        assert_eq!(
            next("0 */12 * * *", "Pacific/Apia", "2011-12-29T20:00:00Z", 3),
            ["2011-12-29 12:00:00 -10:00", "2011-12-31 00:00:00 +14:00", "2011-12-31 12:00:00 +14:00"]
        );
    }

    #[test]
    fn what_is_no_expression_is_said_at_its_place() {
        for (expression, span, message) in [
            ("", 0..0, "an empty cron expression"),
            ("   ", 0..3, "an empty cron expression"),
            ("@reboot", 0..7, "no names for whole expressions"),
            ("@daily", 0..6, "no names for whole expressions: write \"0 0 * * *\""),
            ("* * * *", 0..7, "4 fields"),
            ("* * * * * * * *", 14..15, "8 fields"),
            ("60 * * * *", 0..2, "`60` is no minute: a number from 0 to 59"),
            ("0 24 * * *", 2..4, "`24` is no hour"),
            ("0 0 0 * *", 4..5, "`0` is no day of month: a number from 1 to 31"),
            ("0 0 * 13 *", 6..8, "`13` is no month: a number from 1 to 12 or a name from jan to dec"),
            ("0 0 * * 8", 8..9, "`8` is no day of week"),
            ("0 0 * * noday", 8..13, "`noday` is no day of week"),
            ("*/0 * * * *", 0..3, "`*/0`: the step"),
            ("*/60 * * * *", 0..4, "`*/60`: the step"),
            ("1,*/x * * * *", 2..5, "`*/x`: the step"),
            ("5-1 * * * *", 0..3, "`5-1` ends before it begins"),
            ("0 5,,6 * * *", 4..5, "`` is no hour"),
            ("-1 * * * *", 0..2, "`` is no minute"),
            ("+1 * * * *", 0..2, "`+1` is no minute"),
            ("٣ * * * *", 0..2, "`٣` is no minute"),
            ("? * * * *", 0..1, "`?` is no minute"),
            ("0 0 L * *", 4..5, "`L` is no day of month"),
            ("0 0 31 2 *", 0..10, "this never happens"),
            ("0 0 30 2 *", 0..10, "this never happens"),
            ("0 0 31 4,6,9,11 *", 0..17, "this never happens"),
            ("0 0 0 29 2 * 2027", 0..17, "this never happens"),
            ("0 0 0 1 1 * 1969", 12..16, "`1969` is no year"),
        ] {
            let error = Cron::parse(expression, Tz::UTC).expect_err(expression);
            assert_eq!(error.span, span, "{expression}: {error:?}");
            assert!(error.message.starts_with(message), "{expression}: {}", error.message);
        }
        assert!(Cron::parse(&"* ".repeat(5000), Tz::UTC).unwrap_err().message.contains("longer"));
    }

    const ZONES: [&str; 9] = [
        "UTC",
        "Europe/Berlin",
        "Europe/Bucharest",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Africa/Cairo",
        "Asia/Kathmandu",
    ];

    /// Walks every minute, as a person with a calendar and a clock would.
    fn by_hand(
        minutes: &[u32],
        hours: &[u32],
        weekday: Option<u32>,
        pace: Pace,
        zone: Tz,
        from: Timestamp,
    ) -> Vec<Timestamp> {
        let meant = |wall: NaiveDateTime| {
            minutes.contains(&wall.minute())
                && hours.contains(&wall.hour())
                && weekday.is_none_or(|day| wall.weekday().num_days_from_sunday() == day)
        };
        let mut found = Vec::new();
        let mut seen: Option<NaiveDateTime> = None;
        let mut instant = from - TimeDelta::days(3);
        while instant < from + TimeDelta::days(9) {
            let wall = instant.with_timezone(&zone).naive_local();
            match pace {
                Pace::Elapsed if meant(wall) => found.push(instant),
                Pace::Elapsed => {}
                Pace::Fixed => {
                    // Every wall-clock minute that the clock passed or jumped over since the furthest one seen.
                    let mut minute = seen.map_or(wall, |seen| seen + TimeDelta::minutes(1));
                    let mut hit = false;
                    while minute <= wall {
                        hit |= meant(minute);
                        minute += TimeDelta::minutes(1);
                    }
                    if hit {
                        found.push(instant);
                    }
                    seen = seen.max(Some(wall));
                }
            }
            instant += TimeDelta::minutes(1);
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn agrees_with_walking_every_minute(
            minute in 0u32..60, more in 0u32..60, hour in 0u32..24, step in 1u32..12,
            weekday in proptest::option::of(0u32..7), elapsed in any::<bool>(),
            zone in 0usize..ZONES.len(), transition in 0usize..6, before in 0i64..(4 * 86_400),
        ) {
            let zone: Tz = ZONES[zone].parse().unwrap();
            let near = ["2026-03-29", "2026-10-25", "2011-12-30", "2018-11-04", "2026-04-05", "2026-10-04"][transition];
            let from = at(&format!("{near}T12:00:00Z")) - TimeDelta::seconds(before);
            let day = weekday.map_or("*".to_owned(), |day| day.to_string());
            let (expression, hours, pace) = match elapsed {
                true => (
                    format!("{minute},{more} */{step} * * {day}"),
                    (0..24).step_by(step as usize).collect::<Vec<_>>(),
                    Pace::Elapsed,
                ),
                false => (format!("{minute},{more} {hour} * * {day}"), vec![hour], Pace::Fixed),
            };
            let cron = Cron::parse(&expression, zone).unwrap();
            let until = from + TimeDelta::days(8);
            let found: Vec<_> = cron.times(from).take_while(|instant| *instant < until).collect();
            prop_assert!(found.is_sorted_by(|a, b| a < b));
            // Local mean time had seconds; these years have none, so minutes are exact.
            let expected = by_hand(&[minute, more], &hours, weekday, pace, zone, from.with_second(0).unwrap());
            let expected: Vec<_> = expected.into_iter().filter(|instant| *instant > from && *instant < until).collect();
            prop_assert!(found == expected, "{} in {} from {}", expression, zone, from);
        }

        #[test]
        fn no_text_panics(text in "[-0-9*/, a-z?L@]{0,40}|.{0,30}", zone in 0usize..ZONES.len()) {
            if let Ok(cron) = Cron::parse(&text, ZONES[zone].parse().unwrap()) {
                let times: Vec<_> = cron.times(at("2026-10-25T00:59:59Z")).take(3).collect();
                prop_assert!(times.is_sorted_by(|a, b| a < b));
            }
        }
    }
}
