//! A run says nothing of what was not in its scope: parts of a source, single hosts, runs that did not end.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::Notify;

use super::texts;
use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::web::Reply;

const ENTRIES: [(&str, &str); 2] = [
    ("a.md", "[gone](https://docs.acme.net/gone) [short](https://go.acme.net/gone)\n"),
    ("b.md", "[file](missing.md) [late](/late)\n"),
];

fn findings(report: &Value) -> Vec<(String, String)> {
    let mut findings: Vec<_> =
        texts(&report["findings"], "entry").into_iter().zip(texts(&report["findings"], "since")).collect();
    findings.sort();
    findings
}

fn expected(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(entry, since)| ((*entry).into(), (*since).into())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_source_resolves_nothing_of_the_rest() {
    let help = Help::new(&ENTRIES, |_| Reply::status(404)).await;
    let whole = help.json(&["check"]);
    assert_eq!(
        findings(&whole),
        expected(&[("a.md", "new"), ("a.md", "new"), ("b.md", "new"), ("b.md", "new")])
    );
    help.write("help/b.md", "[late](/late)\n");
    let part = help.json(&["check", "help/b.md"]);
    assert_eq!(findings(&part), expected(&[("b.md", "ongoing")]));
    assert_eq!(part["summary"]["resolved"], 1);
    let whole = help.json(&["check"]);
    assert_eq!(
        findings(&whole),
        expected(&[("a.md", "ongoing"), ("a.md", "ongoing"), ("b.md", "ongoing")]),
        "what the part did not look at is not new"
    );
    std::fs::remove_file(help.path().join("help/a.md")).unwrap();
    let without = help.json(&["check"]);
    assert_eq!(
        (findings(&without), &without["summary"]["resolved"]),
        (expected(&[("b.md", "ongoing")]), &2.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_for_one_host_resolves_nothing_of_the_others() {
    let help = Help::new(&ENTRIES, |_| Reply::status(404)).await;
    help.write("schedules/short.toml", "cron = \"0 3 * * *\"\ntask = \"check\"\nhosts = [\"go.acme.net\"]\n");
    assert_eq!(help.json(&["check"])["findings"].as_array().unwrap().len(), 4);
    help.write("help/c.md", "[new](https://go.acme.net/new) [other](https://docs.acme.net/new)\n");
    let short = help.json(&["run", "short"]);
    assert_eq!((&short["summary"]["visited"], &short["summary"]["resolved"]), (&1.into(), &0.into()));
    std::fs::remove_file(help.path().join("help/c.md")).unwrap();
    let again = help.json(&["check"]);
    assert!(findings(&again).iter().all(|(_, since)| since == "ongoing"), "{again:#}");
}

/// The run in the middle never gets an answer and is told to stop.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_resolves_nothing_and_hides_nothing() {
    let (silent, never) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let (told, asked) = mpsc::channel();
    let (now, told) = (silent.clone(), Mutex::new(told));
    let help = Help::new(&ENTRIES, move |_| {
        if now.load(Ordering::SeqCst) {
            told.lock().unwrap().send(()).unwrap();
            return Reply::When(never.clone(), Box::new(Reply::status(404)));
        }
        Reply::status(404)
    })
    .await;
    let before = help.json(&["check"])["findings"].as_array().unwrap().len();
    silent.store(true, Ordering::SeqCst);
    for signal in ["TERM", "INT"] {
        // One request at a time: none of the first run can be taken for one of the second.
        let child = command(help.path(), &["check", "--max-concurrency", "1", "--format", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Only so that a failure ends; nothing is waited for by the clock.
        asked.recv_timeout(Duration::from_secs(60)).expect("a request");
        let id = child.id().to_string();
        assert!(
            std::process::Command::new("kill").args([format!("-{signal}"), id]).status().unwrap().success()
        );
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{signal}");
        while asked.try_recv().is_ok() {}
    }
    silent.store(false, Ordering::SeqCst);

    let report = help.json(&["report"]);
    assert_eq!((report["findings"].as_array().unwrap().len(), &report["run"]["id"]), (before, &1.into()));
    let after = help.json(&["check"]);
    assert_eq!((&after["summary"]["new"], &after["summary"]["ongoing"]), (&0.into(), &before.into()));
    assert_eq!(after["summary"]["resolved"], 0);
}
