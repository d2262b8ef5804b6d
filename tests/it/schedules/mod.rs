//! `linkdrift schedules` through the binary, and every kind of bad schedule with its message.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use linkdrift::config::schedule::parse_schedule;
use linkdrift::config::{self, Missed, Task};

use crate::support::cli::run;

fn message(text: &str) -> String {
    let sources = ["ro-RO".to_owned(), "de-DE".to_owned()];
    let error = parse_schedule(text, Path::new("schedules/nightly.toml"), Some(&sources)).expect_err(text);
    format!("error: {error}")
}

#[test]
fn a_schedule_is_taken_over() {
    let text = r#"
description = "Short links, four times a day"
cron = "0 */6 * * *"
timezone = "Europe/Bucharest"
task = "check"
sources = ["ro-RO"]
hosts = ["aka.ms", "*.Microsoft.com"]
jitter = "10m"
missed = "skip"
"#;
    let schedule =
        parse_schedule(text, Path::new("schedules/short.toml"), Some(&["ro-RO".to_owned()])).unwrap();
    assert_eq!(
        (schedule.name.as_str(), schedule.task, schedule.missed),
        ("short", Task::Check, Missed::Skip)
    );
    assert_eq!((schedule.cron.zone().name(), schedule.jitter.as_secs()), ("Europe/Bucharest", 600));
    assert!(schedule.covers_source("ro-RO") && !schedule.covers_source("de-DE"));
    assert!(schedule.covers_host("aka.ms") && schedule.covers_host("learn.microsoft.com"));
    assert!(!schedule.covers_host("example.org"));
}

#[test]
fn a_bad_expression_is_pointed_at_in_the_file() {
    assert_snapshot!(message("cron = \"0 24 * * *\"\ntask = \"check\"\n"), @r#"
    error: `24` is no hour: a number from 0 to 23
     --> schedules/nightly.toml:1:11
      |
    1 | cron = "0 24 * * *"
      |           ^^
    "#);
    assert_snapshot!(message("cron = \"0 0 30 2 *\"\ntask = \"check\"\n"), @r#"
    error: this never happens
     --> schedules/nightly.toml:1:9
      |
    1 | cron = "0 0 30 2 *"
      |         ^^^^^^^^^^
    "#);
}

#[test]
fn a_link_that_leads_nowhere_is_named_with_its_target() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("schedules")).unwrap();
    std::os::unix::fs::symlink("/srv/gone.toml", folder.path().join("schedules/a.toml")).unwrap();
    let ran = run(folder.path(), &["schedules", "check"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("a symbolic link to /srv/gone.toml, which is not there"), "{}", ran.stderr);
    assert!(ran.stderr.contains("schedules/a.toml") && !ran.stderr.contains("init"), "{}", ran.stderr);
}

#[test]
fn an_unknown_time_zone() {
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntimezone = \"Europe/Bukarest\"\ntask = \"check\"\n"), @r#"
    error: `Europe/Bukarest` is no time zone
     --> schedules/nightly.toml:2:12
      |
    2 | timezone = "Europe/Bukarest"
      |            ^^^^^^^^^^^^^^^^^
      |
      = help: did you mean "Europe/Bucharest"?
    "#);
}

#[test]
fn an_unknown_task() {
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntask = \"chek\"\n"), @r#"
    error: unknown value `chek`
     --> schedules/nightly.toml:2:8
      |
    2 | task = "chek"
      |        ^^^^^^
      |
      = help: did you mean `check`?
    "#);
}

#[test]
fn keys_of_another_task_and_formats_that_are_none() {
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntask = \"prune\"\nmax_age = \"1d\"\nformats = [\"json\"]\n"), @r#"
    error: `max_age` is a key of the task `check`, not of `prune`
     --> schedules/nightly.toml:3:11
      |
    3 | max_age = "1d"
      |           ^^^^

    error: `formats` is a key of the task `report`, not of `prune`
     --> schedules/nightly.toml:4:12
      |
    4 | formats = ["json"]
      |            ^^^^^^
    "#);
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntask = \"check\"\nmax_age = \"1s\"\n"), @r#"
    error: `max_age` is 1s; it can be 1m to 3650d
     --> schedules/nightly.toml:3:11
      |
    3 | max_age = "1s"
      |           ^^^^
    "#);
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntask = \"report\"\nformats = [\"jsn\"]\nfolder = \"\"\n"), @r#"
    error: `jsn` is no format of reports
     --> schedules/nightly.toml:3:12
      |
    3 | formats = ["jsn"]
      |            ^^^^^
      |
      = help: known here: text, json, jsonl, markdown, html, sarif, junit, github, gitlab, csv, atom

    error: a path has 1 to 4096 characters, none of them a control character
     --> schedules/nightly.toml:4:10
      |
    4 | folder = ""
      |          ^^
    "#);
}

#[test]
fn an_unknown_source_and_a_bad_host() {
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntask = \"check\"\nsources = [\"ro\"]\nhosts = [\"a b\"]\n"), @r#"
    error: no source is named `ro`
     --> schedules/nightly.toml:3:12
      |
    3 | sources = ["ro"]
      |            ^^^^
      |
      = help: linkdrift.toml defines ro-RO, de-DE

    error: `a b` is no host: write "docs.example.org", "*.example.org" or "*"
     --> schedules/nightly.toml:4:10
      |
    4 | hosts = ["a b"]
      |          ^^^^^
    "#);
}

#[test]
fn a_jitter_beyond_a_day_and_a_bad_missed() {
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntask = \"check\"\njitter = \"2d\"\n"), @r#"
    error: `jitter` is 2d; it can be 0s to 1d
     --> schedules/nightly.toml:3:10
      |
    3 | jitter = "2d"
      |          ^^^^
    "#);
    assert_snapshot!(message("cron = \"0 3 * * *\"\ntask = \"check\"\nmissed = \"once\"\n"), @r#"
    error: unknown value `once`
     --> schedules/nightly.toml:3:10
      |
    3 | missed = "once"
      |          ^^^^^^
      |
      = help: known here: run-once, skip
    "#);
}

#[test]
fn a_schedule_without_task() {
    assert_snapshot!(message("cron = \"0 3 * * *\"\n"), @r#"
    error: `task` is missing
     --> schedules/nightly.toml:1:1
      |
    1 | cron = "0 3 * * *"
      | ^
    "#);
}

#[test]
fn the_shipped_schedules_are_valid() {
    let (schedules, errors) =
        config::load_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schedules")), None);
    assert!(errors.is_empty(), "{errors:?}");
    assert!(schedules.len() >= 3);
    assert!(schedules.is_sorted_by(|a, b| a.name < b.name));
}

#[test]
fn every_bad_file_of_a_folder_is_said_and_the_exit_code_is_3() {
    let folder = tempfile::tempdir().unwrap();
    let schedules = folder.path().join("schedules");
    fs::create_dir(&schedules).unwrap();
    fs::write(schedules.join("good.toml"), "cron = \"0 3 * * *\"\ntask = \"check\"\n").unwrap();
    fs::write(schedules.join("ignored.txt"), "not a schedule").unwrap();
    assert_eq!(run(folder.path(), &["schedules", "check"]).code, 0);
    fs::write(schedules.join("one.toml"), "cron = \"* * * *\"\ntask = \"check\"\n").unwrap();
    fs::write(schedules.join("two.toml"), "cron = \"0 3 * * *\"\ntask = \"synk\"\n").unwrap();
    fs::write(schedules.join("bad name.toml"), "").unwrap();
    for args in [&["schedules", "check"][..], &["schedules"], &["schedules", "next"]] {
        let ran = run(folder.path(), args);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{args:?}");
        for part in ["one.toml:1:9", "two.toml:2:8", "bad name.toml", "did you mean `sync`"] {
            assert!(ran.stderr.contains(part), "{part} in {}", ran.stderr);
        }
    }
}

#[test]
fn a_bad_configuration_ends_with_3_and_its_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("linkdrift.toml"), "[visit]\nmax_retires = 1\n").unwrap();
    let ran = run(folder.path(), &["schedules", "check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.starts_with("error: unknown key `max_retires`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("linkdrift.toml:2:1") && ran.stderr.contains("did you mean `max_retries`?"));
    let missing = run(folder.path(), &["schedules", "check", "--config", "nowhere.toml"]);
    assert_eq!(missing.code, 3);
}

#[test]
fn next_times_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["schedules", "next", "--cron", "30 2 * * *", "--timezone", "Europe/Berlin"];
    let more = ["--from", "2026-03-28T00:00:00Z", "--count", "3", "--format", "json"];
    let ran = run(folder.path(), &[&args[..], &more].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let time = |utc: &str, local: &str| serde_json::json!({ "utc": utc, "local": local });
    assert_eq!(
        json,
        serde_json::json!({
            "schema": "linkdrift/next/1",
            "times": [
                time("2026-03-28T01:30:00Z", "2026-03-28T02:30:00+01:00"),
                time("2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"),
                time("2026-03-30T00:30:00Z", "2026-03-30T02:30:00+02:00"),
            ],
        })
    );
}

#[test]
fn expressions_that_are_wrong_or_never_fire_end_with_3() {
    let folder = tempfile::tempdir().unwrap();
    for expression in ["0 0 31 2 *", "*/0 * * * *", "@reboot", "", "5-1 * * * *", "0 0 0 1 1 * 2020"] {
        let ran = run(folder.path(), &["schedules", "next", "--cron", expression, "--format", "json"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{expression}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
    let zone =
        run(folder.path(), &["schedules", "next", "--cron", "0 3 * * *", "--timezone", ":/etc/passwd"]);
    assert_eq!(zone.code, 3);
}

#[test]
fn usage_errors_end_with_1_and_help_with_0() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["schedules", "next", "--count", "0"][..], &["schedules", "nonsense"], &[], &["--nonsense"]]
    {
        assert_eq!(run(folder.path(), args).code, 1, "{args:?}");
    }
    for args in [&["--help"][..], &["--version"], &["schedules", "--help"]] {
        let ran = run(folder.path(), args);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
}
