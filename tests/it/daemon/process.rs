//! Faults of the process and its surroundings (rows P of the fault matrix).

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::{Bench, EVERY_SECOND, YEARLY, configure, repository};
use crate::support::cli::{command, run};
use crate::support::help::Help;
use crate::support::web::{Reply, Then};

#[tokio::test(flavor = "multi_thread")]
async fn p01_a_stop_in_the_middle_of_a_run_records_what_was_left() {
    let text: String = (0..7).map(|n| format!("[{n}](https://docs.acme.net/{n})\n\n")).collect();
    let help = Help::new(&[("a.md", &text)], |asked| match asked.path.as_str() {
        "/robots.txt" => Reply::status(404),
        _ => Reply::Raw(Vec::new(), Then::Hang),
    })
    .await;
    help.write("schedules/first.toml", EVERY_SECOND);
    let bench = Bench::on(help.path());
    bench.until("running first");
    while help.requests().iter().all(|asked| asked.path == "/robots.txt") {
        tokio::task::yield_now().await;
    }
    bench.signal("TERM");
    bench.until("STOPPING=1");
    let (code, stderr) = bench.end();
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("stopped with 7 targets left to visit"), "{stderr}");
    let sound = help.run(&["state", "check"]);
    assert_eq!(sound.code, 0, "{}{}", sound.stdout, sound.stderr);
}

/// While it is stopped nothing is said; once it goes on, the loop does.
#[test]
fn p03_a_service_that_was_frozen_goes_on() {
    let bench = Bench::start(YEARLY);
    bench.until("READY=1");
    bench.signal("STOP");
    // What it said before it was stopped.
    bench.socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut buffer = [0; 4096];
    while bench.socket.recv(&mut buffer).is_ok() {}
    bench.socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    bench.signal("CONT");
    assert_eq!(bench.datagram().trim_end(), "WATCHDOG=1");
    bench.signal("TERM");
    bench.until("STOPPING=1");
    assert_eq!(bench.end().0, 0);
}

/// A service without room for files says so and goes on: it takes what it can get.
#[tokio::test(flavor = "multi_thread")]
async fn p08_few_files_are_no_panic_and_no_verdict() {
    let text: String = (0..60).map(|n| format!("[{n}](https://h{n}.acme.net/{n})\n\n")).collect();
    let help = Help::new(&[("a.md", &text)], |_| Reply::html("<title>T</title><main><p>Words.</main>")).await;
    let program = command(help.path(), &[]).get_program().to_owned();
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 40; exec \"$0\" check --format json --no-progress"])
        .arg(&program)
        .current_dir(help.path())
        .env_clear()
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(stderr.lines().count() < 20, "{stderr}");
    if output.status.code() != Some(1) {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let broken = report["summary"]["by_verdict"]["broken"].as_u64().unwrap_or_default();
        assert_eq!(broken, 0, "{report}");
    }
    let sound = help.run(&["state", "check"]);
    assert_eq!(sound.code, 0, "{}{}", sound.stdout, sound.stderr);
}

/// However much fails, what is logged of a run is a handful of lines: failures are in the report.
#[tokio::test(flavor = "multi_thread")]
async fn p11_failures_do_not_flood_the_log() {
    let text: String = (0..400).map(|n| format!("[{n}](https://docs.acme.net/{n})\n\n")).collect();
    let help = Help::new(&[("a.md", &text)], |_| Reply::Raw(b"garbage\r\n\r\n".to_vec(), Then::Reset)).await;
    help.write("schedules/first.toml", YEARLY);
    let ran = help.run(&["run", "first", "--format", "none"]);
    assert!(matches!(ran.code, 0 | 2), "{}", ran.stderr);
    assert!(ran.stderr.lines().count() < 10, "{}", ran.stderr);
    assert!(help.requests().len() >= 400);
}

#[test]
fn p13_nothing_of_the_environment_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), YEARLY);
    // `run` gives an empty environment; a HOME that is none changes nothing.
    for home in ["", "/nonexistent", "relative"] {
        let output = command(folder.path(), &["links", "--format", "jsonl"])
            .env("HOME", home)
            .env("USER", "")
            .env("TMPDIR", "/nonexistent")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let output = command(folder.path(), &["check", "--no-state", "--offline"])
        .env("TMPDIR", "/nonexistent")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("/nonexistent: cannot make a temporary state"), "{stderr}");

    let program = command(folder.path(), &[]).get_program().to_owned();
    let output = Command::new("sh")
        .args(["-c", "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" links"])
        .arg(&program)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("cannot tell the working directory"), "{stderr}");
}

#[test]
fn p14_locale_and_zone_of_the_process_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "schedules",
        "next",
        "--cron",
        "0 3 * * *",
        "--timezone",
        "Europe/Bucharest",
        "--from",
        "2026-11-22T16:30:00Z",
        "--count",
        "3",
        "--format",
        "json",
    ];
    let usual = run(folder.path(), &args);
    assert_eq!(usual.code, 0, "{}", usual.stderr);
    assert!(usual.stdout.contains("2026-11-23T01:00:00Z"), "{}", usual.stdout);
    for (name, value) in [
        ("LC_ALL", "C"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("LANG", "nonsense"),
        ("TZ", ""),
        ("TZ", "America/New_York"),
        ("TZ", ":/etc/passwd"),
        ("TZ", "nonsense"),
    ] {
        let output = command(folder.path(), &args).env(name, value).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), usual.stdout, "{name}={value}");
    }
    let wrong =
        run(folder.path(), &["schedules", "next", "--cron", "0 3 * * *", "--timezone", ":/etc/passwd"]);
    assert_eq!(wrong.code, 3);
    assert!(wrong.stderr.contains("is no time zone"), "{}", wrong.stderr);
}

/// Lines of a service's log until one holds `part`.
fn logged(log_format: &[&str], part: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), EVERY_SECOND);
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    let mut service = command(folder.path(), &[&["daemon"], log_format].concat())
        .env("NOTIFY_SOCKET", folder.path().join("notify"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(socket);
    let mut lines = Vec::new();
    for line in BufReader::new(service.stderr.take().unwrap()).lines() {
        lines.push(line.unwrap());
        if lines.last().is_some_and(|line| line.contains(part)) {
            break;
        }
    }
    service.kill().unwrap();
    service.wait().unwrap();
    lines
}

#[test]
fn logs_are_for_the_journal_or_for_machines() {
    for line in logged(&["--log-format", "journald"], "run ended") {
        assert!(line.starts_with("<6>") || line.starts_with("<4>"), "{line}");
        assert!(!line.contains("INFO"), "{line}");
    }
    let lines = logged(&["--log-format", "json"], "run ended");
    let events: Vec<Value> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let begins = events.iter().find(|event| event["message"] == "run begins").unwrap();
    assert_eq!((begins["level"].as_str(), begins["schedule.name"].as_str()), (Some("INFO"), Some("first")));
    assert!(begins["timestamp"].as_str().unwrap().ends_with('Z'), "{begins}");
}

#[test]
fn why_a_start_fails_is_told_as_the_rest_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let told = |format: &str| run(folder.path(), &["daemon", "--log-format", format]).stderr;
    assert!(told("text").starts_with("error: the service needs a state"), "{}", told("text"));
    assert!(told("journald").starts_with("<3>the service needs a state"), "{}", told("journald"));
    let event: Value = serde_json::from_str(told("json").trim_end()).unwrap();
    assert_eq!(event["level"], "ERROR");
    assert!(event["message"].as_str().unwrap().starts_with("the service needs a state"), "{event}");
}

/// The variable alone says nothing: a child may have inherited it with its standard error led elsewhere.
#[test]
fn the_journal_is_known_by_its_own_stream() {
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path(), YEARLY);
    configure(folder.path(), "[metrics]\nlisten = \"127.0.0.1:0\"\n");
    let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
    for (off, begins) in [(0, "<6>metrics and health can be read listen.address="), (1, "20")] {
        let log = folder.path().join(format!("log-{off}"));
        let stream = File::create(&log).unwrap();
        let metadata = stream.metadata().unwrap();
        let mut service = command(folder.path(), &["daemon"])
            .env("NOTIFY_SOCKET", folder.path().join("notify"))
            .env("JOURNAL_STREAM", format!("{}:{}", metadata.dev(), metadata.ino() + off))
            .stderr(stream)
            .spawn()
            .unwrap();
        socket.recv(&mut [0; 4096]).unwrap();
        service.kill().unwrap();
        service.wait().unwrap();
        let log = fs::read_to_string(&log).unwrap();
        assert!(log.starts_with(begins), "{log}");
    }
}
