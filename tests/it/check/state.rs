//! What one run leaves for the next.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::{help, with};
use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::web::Reply;

/// A web whose pages go by the number of the run.
async fn changing(
    entry: &str,
    reply: impl Fn(usize, &str) -> Reply + Send + Sync + 'static,
) -> (Help, Arc<AtomicUsize>) {
    let run = Arc::new(AtomicUsize::new(0));
    let now = run.clone();
    let help =
        Help::new(&[("a.md", entry)], move |asked| reply(now.load(Ordering::SeqCst), &asked.path)).await;
    (help, run)
}

fn rows(help: &Help, table: &str) -> u64 {
    let soundness = help.json(&["state", "check"]);
    assert_eq!(soundness["sound"], true, "{soundness:#}");
    soundness["rows"][table].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_page_is_asked_for_conditionally_and_adds_no_snapshot() {
    let run = Arc::new(AtomicUsize::new(0));
    let help = Help::new(&[("a.md", "[tag](/tag) [day](/day) [bare](/bare) [moved](/moved)\n")], |asked| {
        let page = format!("<title>T</title><main><h1>T</h1><p>Words of {}.</main>", asked.path);
        let not_modified = Reply::status(304);
        match asked.path.as_str() {
            "/tag" if asked.header("if-none-match") == Some("\"v1\"") => not_modified,
            "/day" if asked.header("if-modified-since").is_some() => not_modified,
            "/tag" => Reply::html(&page).with("ETag", "\"v1\""),
            "/day" => Reply::html(&page).with("Last-Modified", "Tue, 03 Nov 2026 08:00:00 GMT"),
            "/moved" => Reply::redirect(302, "https://docs.acme.net/tag"),
            "/bare" => Reply::html(&page),
            _ => Reply::status(404),
        }
    })
    .await;
    assert_eq!(help.run(&["check"]).code, 0);
    let (snapshots, blobs, before) = (rows(&help, "snapshot"), rows(&help, "blob"), help.requests().len());
    run.store(1, Ordering::SeqCst);
    let report = help.json(&["check"]);
    assert_eq!((rows(&help, "snapshot"), rows(&help, "blob")), (snapshots, blobs));
    let second = help.requests().split_off(before);
    for asked in second {
        let conditional =
            asked.header("if-none-match").is_some() || asked.header("if-modified-since").is_some();
        assert_eq!(conditional, matches!(asked.path.as_str(), "/tag" | "/day"), "{asked:?}");
    }
    for target in report["targets"].as_array().unwrap() {
        assert!(["ok", "redirected"].contains(&target["verdict"].as_str().unwrap()), "{target:#}");
    }
    let history = help.json(&["show", "https://docs.acme.net/bare"])["target"]["history"].clone();
    assert_eq!(
        (history.as_array().unwrap().len(), &history[0]["visits"]),
        (1, &2.into()),
        "one interval: {history:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_worked_is_not_broken_by_one_failure() {
    let page = || Reply::html("<title>T</title><main><h1>T</h1><p>Words.</main>");
    let (help, run) = changing("[a](/a) [never](/never)\n", move |run, path| match (run, path) {
        (0 | 2, "/a") => page(),
        _ => Reply::status(404),
    })
    .await;
    assert_eq!(help.run(&["check"]).code, 2, "a link that never worked is judged at once");
    help.write("help/a.md", "[a](/a)\n");
    run.store(1, Ordering::SeqCst);
    let ran = help.run(&["check", "--output", "json=out.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("not confirmed"), "{}", ran.stdout);
    let report: Value =
        serde_json::from_str(&fs::read_to_string(help.path().join("out.json")).unwrap()).unwrap();
    let finding = with(&report["findings"], "rule", "link/broken");
    assert_eq!((&finding["state"], &finding["severity"]), (&"unconfirmed".into(), &"warning".into()));
    assert_eq!(help.run(&["check", "--fail-on", "warning"]).code, 0, "it gates nothing");
    // The same without what state knows: judged at once.
    assert_eq!(help.run(&["check", "--no-state"]).code, 2);
    // A policy of this very moment is asked, not that of the visits.
    let configuration = help.configuration() + "[confirm]\ndefinitive_visits = 2\ndefinitive_span = \"0s\"\n";
    help.write("linkdrift.toml", &configuration);
    let ran = help.run(&["check"]);
    assert_eq!(ran.code, 2, "{}{}", ran.stdout, ran.stderr);

    run.store(2, Ordering::SeqCst);
    let report = help.json(&["check"]);
    assert_eq!(report["findings"], serde_json::json!([]));
    assert_eq!(report["summary"]["resolved"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_well_lately_can_be_taken_from_state() {
    let help = help().await;
    help.run(&["check"]);
    let before = help.asked().len();
    let report = help.json(&["check", "--max-age", "1d"]);
    let again = help.asked().split_off(before);
    assert!(again.iter().any(|url| url == "https://docs.acme.net/gone"), "failures are visited: {again:?}");
    assert!(!again.iter().any(|url| url == "https://docs.acme.net/good"), "{again:?}");
    let targets = &report["targets"];
    assert_eq!(with(targets, "url", "https://docs.acme.net/good")["from_state"], true);
    assert_eq!(with(targets, "url", "https://docs.acme.net/good")["verdict"], "ok");
    assert_eq!(with(targets, "url", "https://docs.acme.net/gone")["from_state"], false);
    assert_eq!(targets.as_array().unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_state_nothing_is_left_behind() {
    let help = help().await;
    let scratch = tempfile::tempdir().unwrap();
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(help.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let output =
        command(help.path(), &["check", "--no-state"]).env("TMPDIR", scratch.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(names(), before);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
    // A state that the flag names is where the next run finds it.
    assert_eq!(help.run(&["check", "--state", "elsewhere/my.db"]).code, 2);
    assert!(help.path().join("elsewhere/my.db").exists() && !help.path().join("state.db").exists());
    assert_eq!(help.run(&["show", "--state", "elsewhere/my.db", "setup.md"]).code, 0);
}

/// Entries of very different size are parsed side by side; what they come to stands in their order all the same.
#[tokio::test(flavor = "multi_thread")]
async fn targets_stand_in_the_order_of_the_entries_that_name_them() {
    let entries: Vec<(String, String)> = (0..300)
        .map(|number| {
            let filler = "Words. ".repeat(if number % 7 == 0 { 4000 } else { 1 });
            (format!("{number:03}.md"), format!("# A\n\n{filler}\n\n[x](/page/{number:03})\n"))
        })
        .collect();
    let entries: Vec<(&str, &str)> =
        entries.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let help = Help::new(&entries, |_| Reply::html("<title>Page</title><main><h1>Page</h1></main>")).await;
    help.json(&["check", "--offline"]);
    let state = rusqlite::Connection::open(help.path().join("state.db")).unwrap();
    let mut kept = state.prepare("SELECT url FROM target ORDER BY id").unwrap();
    let urls: Vec<String> = kept.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let expected: Vec<String> =
        (0..300).map(|number| format!("https://docs.acme.net/page/{number:03}")).collect();
    let stray = urls.iter().zip(&expected).position(|(got, wanted)| got != wanted);
    assert_eq!((urls.len(), stray), (expected.len(), None));
}
