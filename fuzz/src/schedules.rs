//! A schedule's file, or an expression with a zone → times that only ever grow.
//! Input: either the file, or lines: expression, zone, seconds since 1970 to begin at.

use std::path::Path;

use linkdrift::config::Cron;
use linkdrift::config::schedule::{parse_cron, parse_schedule};
use linkdrift::time::Timestamp;

use super::config::error_holds;

/// Beginnings: both transitions of Europe and America, Lord Howe's half hour, Samoa's lost day, a leap day, the crate's last year.
const FROM: [i64; 8] = [
    0,
    1_774_746_000,
    1_792_890_000,
    1_775_300_000,
    1_325_200_000,
    1_709_164_800,
    4_102_444_799,
    10_413_792_000,
];

pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse_schedule(text, Path::new("s.toml"), None) {
        Ok(schedule) => FROM.iter().for_each(|from| times_hold(&schedule.cron, *from)),
        Err(error) => error_holds(&error, text),
    }
    let mut lines = text.lines();
    let (Some(expression), Some(zone)) = (lines.next(), lines.next()) else { return };
    match parse_cron(expression, zone) {
        Ok(cron) => {
            let from = lines.next().and_then(|line| line.trim().parse().ok()).unwrap_or(FROM[1]);
            times_hold(&cron, from);
        }
        Err(error) => error_holds(&error, &format!("{expression}\n{zone}")),
    }
}

fn times_hold(cron: &Cron, from: i64) {
    let Some(from) = Timestamp::from_timestamp(from, 0) else { return };
    // The calendar of four digits ends there.
    let is_in_it = |time: &Timestamp| time.timestamp() < 253_370_764_800;
    let times: Vec<Timestamp> = cron.times(from).take_while(is_in_it).take(6).collect();
    let mut last = from;
    for time in &times {
        assert!(*time > last, "{cron:?} from {from}: {times:?}");
        assert_eq!(time.timestamp_subsec_nanos(), 0);
        // Nothing lies between a time and the one before it, from wherever it is looked for.
        let between = last + (*time - last) / 2;
        assert_eq!(cron.next(between), Some(*time), "{cron:?} from {between}");
        assert_eq!(cron.next(*time - chrono::TimeDelta::seconds(1)), Some(*time), "{cron:?}");
        last = *time;
    }
}
