//! A run killed at any moment: the state stays sound, and nothing that was printed is lost.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use linkdrift::store::Store;
use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::target::CanonicalUrl;
use linkdrift::time::Timestamp;
use serde_json::Value;

use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::web::Reply;

/// Targets of a run.
const TARGETS: usize = 120;

/// What runs printed of each URL: the times of its visits.
type Printed = BTreeMap<String, Vec<Timestamp>>;

/// `LINKDRIFT_KILL_ROUNDS` makes more rounds than 20.
#[tokio::test(flavor = "multi_thread")]
async fn s01_killed_at_any_moment_nothing_printed_is_lost() {
    let rounds: usize =
        std::env::var("LINKDRIFT_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    let round_now = Arc::new(AtomicUsize::new(0));
    let (told, requests) = mpsc::channel();
    let (told, now) = (Mutex::new(told), round_now.clone());
    let entries: Vec<(String, String)> = (0..6)
        .map(|file| {
            let link = |number| format!("[page](http://h{}.acme.net/{number})\n\n", number % 7);
            (format!("{file}.md"), (file..TARGETS).step_by(6).map(link).collect())
        })
        .collect();
    let entries: Vec<(&str, &str)> =
        entries.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let help = Help::new(&entries, move |asked| {
        told.lock().unwrap().send(()).unwrap();
        // Every round has pages that changed, pages that did not, and pages that come and go.
        let (round, number) = (now.load(Ordering::SeqCst), asked.path[1..].parse::<usize>().unwrap_or(0));
        let version = if number % 3 == 0 { 0 } else { round };
        match number % 10 {
            9 if round % 2 == 1 => Reply::status(404),
            _ => Reply::html(&format!(
                "<title>Page {number}</title><main><h1>Page {number}</h1><p>It says {version} in this round.</main>"
            )),
        }
    })
    .await;

    let state = help.path().join("state.db");
    let (mut printed, mut random) = (Printed::new(), 0x9e37_79b9_u64);
    let mut killed_at_work = 0;
    for round in 0..rounds {
        round_now.store(round, Ordering::SeqCst);
        while requests.try_recv().is_ok() {}
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pick = (random >> 33) as usize;
        let mut child = command(help.path(), &["check", "--format", "jsonl"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines = Vec::new();
        match round % 4 {
            // While it starts, and in the first rounds makes its state.
            0 => {}
            // While it prints or ends.
            1 => lines.extend(output.by_ref().take(1 + pick % TARGETS)),
            // While it visits and stores.
            _ => {
                for _ in 0..1 + pick % TARGETS {
                    // Only so that a failure ends; nothing is waited for by the clock.
                    requests.recv_timeout(Duration::from_secs(60)).expect("a request");
                }
            }
        }
        // The child is at work while this goes on: the moment is as random as the scheduler.
        std::hint::black_box(blake3::hash(&vec![0_u8; (pick / 7) % 3_000_000]));
        killed_at_work += usize::from(kill(&mut child));
        lines.extend(output);
        remember(&mut printed, &lines);
        if state.exists() {
            let ran = help.run(&["state", "check"]);
            assert_eq!(ran.code, 0, "round {round}: {}{}", ran.stdout, ran.stderr);
            holds(&state, &printed).await;
        }
    }
    assert!(killed_at_work * 2 >= rounds, "{killed_at_work} of {rounds} rounds were killed at work");

    // Even, so that every page answers.
    round_now.store(2 * rounds, Ordering::SeqCst);
    let ran = help.run(&["check", "--format", "jsonl"]);
    assert!(matches!(ran.code, 0 | 2), "{}", ran.stderr);
    let lines: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
    let last: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["visited"]), (&"summary".into(), &TARGETS.into()), "{last}");
    assert_eq!(last["by_verdict"]["ok"], TARGETS);
    remember(&mut printed, &lines);
    holds(&state, &printed).await;
    assert_eq!(printed.len(), TARGETS);
    for url in printed.keys().step_by(37) {
        assert_eq!(help.json(&["show", url])["target"]["verdict"], "ok", "{url}");
    }
    assert_eq!(help.run(&["state", "check"]).code, 0);
}

/// Kills a run; says whether it was still there.
fn kill(child: &mut Child) -> bool {
    let running = child.try_wait().unwrap().is_none();
    if running {
        child.kill().unwrap();
    }
    running && child.wait().unwrap().code().is_none()
}

/// Takes down what whole lines of a report say was visited.
fn remember(printed: &mut Printed, lines: &[String]) {
    for line in lines {
        // The last line may be torn.
        let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
        if line["type"] == "target" {
            let visited_at: Timestamp = line["visited_at"].as_str().unwrap().parse().unwrap();
            printed.entry(line["url"].as_str().unwrap().to_owned()).or_default().push(visited_at);
        }
    }
}

/// Every visit that was printed is in the state.
async fn holds(state: &Path, printed: &Printed) {
    let store = SqliteStore::open(state, Access::Read).unwrap();
    for (url, visits) in printed {
        let target = store.find_target(CanonicalUrl::parse(url).unwrap()).await.unwrap();
        let history = target.unwrap_or_else(|| panic!("{url} is lost")).history;
        for visit in visits {
            let kept =
                history.iter().any(|interval| (interval.first_seen..=interval.last_seen).contains(visit));
            assert!(kept, "{url}: the visit of {visit} is lost: {history:?}");
        }
    }
}
