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
use std::ops::{Range, RangeInclusive};
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

/// Years from which a time is looked for: what lies near the calendar's ends has no local time in some zone.
const YEARS: RangeInclusive<i32> = 1..=9999;

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

    /// The first instant after `after`; `None` where no listed year is left, and beyond the years of four digits.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        if !YEARS.contains(&after.year()) {
            return None;
        }
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
mod tests;
