//! A process that is killed at any moment loses no news and tells none twice.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use crate::support::cli::command;
use crate::support::web::Reply;

use super::{BOTH, HOOK, ONE, help, posted, run, told};

/// Messages whose delivery was cut come again under their id; those told apart by it, each finding is told open, resolved, open,
/// resolved, and in the end what is so.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_nothing_is_told_twice_and_nothing_is_lost() {
    // Tells the test when a message is under way, so that some rounds are killed just then.
    let (arrived, arrivals) = std::sync::mpsc::channel();
    let arrived = Mutex::new(arrived);
    let help = help(&format!("webhook = \"https://{HOOK}/x\""), move |_| {
        let _ = arrived.lock().unwrap().send(());
        Reply::status(200)
    })
    .await;
    let help = Arc::new(help);
    for round in 0..14_usize {
        help.write("help/a.md", if round % 2 == 0 { BOTH } else { ONE });
        let mut child = command(help.path(), &["run", "daily", "--format", "none"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if round % 3 == 0 {
            // The message is there, its answer is not yet recorded; or the run is over.
            while arrivals.try_recv().is_err() && child.try_wait().unwrap().is_none() {
                tokio::task::yield_now().await;
            }
        } else {
            // The child is at work while this goes on: the moment is as random as the scheduler.
            for _ in 0..round {
                std::hint::black_box(blake3::hash(&vec![0_u8; 4_000_000]));
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    help.write("help/a.md", ONE);
    run(&help);
    run(&help);

    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    let mut history: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for asked in posted(&help) {
        let id = asked.header("idempotency-key").unwrap().to_owned();
        if let Some(before) = messages.get(&id) {
            assert_eq!(*before, asked.body, "two messages have the id {id}");
            continue;
        }
        messages.insert(id, asked.body.clone());
        let (open, resolved) = told(&asked.body);
        for (targets, state) in [(open, true), (resolved, false)] {
            for target in targets {
                history.entry(target).or_default().push(state);
            }
        }
    }
    for (target, states) in &history {
        for (number, open) in states.iter().enumerate() {
            assert_eq!(*open, number % 2 == 0, "{target}: {states:?}");
        }
    }
    assert_eq!(history["https://docs.acme.net/one"].last(), Some(&true), "{history:?}");
    assert_ne!(
        history.get("https://docs.acme.net/two").and_then(|states| states.last()),
        Some(&true),
        "{history:?}"
    );
    let sound = help.run(&["state", "check"]);
    assert_eq!(sound.code, 0, "{}{}", sound.stdout, sound.stderr);
}
