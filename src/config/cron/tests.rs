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
fn c01_five_fields_mean_what_crontab_says() {
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
fn c02_c04_a_fixed_time_in_the_gap_happens_once_after_it() {
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
fn c03_c04_a_fixed_time_in_the_fold_happens_once_at_the_first() {
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
fn c03_c04_stars_and_steps_follow_elapsed_time() {
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
fn c05_c06_what_is_no_expression_is_said_at_its_place() {
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

#[test]
fn beyond_the_years_of_four_digits_there_are_no_times() {
    for zone in ["UTC", "America/New_York", "Asia/Tokyo"] {
        let cron = Cron::parse("*/7 * * * *", zone.parse().unwrap()).unwrap();
        assert_eq!(cron.next(Timestamp::MIN_UTC), None, "{zone}");
        assert_eq!(cron.next(Timestamp::MAX_UTC), None, "{zone}");
        assert!(cron.next(at("9999-12-31T23:59:59Z")).is_some(), "{zone}");
    }
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
