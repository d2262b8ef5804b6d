//! What is compared with what: pages that were meant, never the walls, sign-in pages and sinks in their place.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::help::Help;
use crate::support::web::Reply;

const GUIDE: &str = "<title>Guide to Northwind Directory</title><main><h1>Guide to Northwind Directory</h1>\
    <p>Open the Northwind Directory portal and choose Users.</p><h2 id=limits>Limits</h2><p>At most 20 devices.</p></main>";

/// What stands in the guide's place for a while.
fn in_its_place(path: &str) -> Reply {
    match path {
        "/wall" => {
            Reply::html("<title>Just a moment...</title><p>Checking.").with("cf-mitigated", "challenge")
        }
        "/sign-in" => Reply::redirect(302, "https://login.microsoftonline.com/common"),
        "/root" => Reply::redirect(302, "/"),
        "/gone" => Reply::html("<title>Page not found</title><main><h1>Page not found</h1></main>"),
        _ => Reply::html("<title>Maintenance</title><main><h1>Down for maintenance</h1></main>"),
    }
}

/// An entry that links to one page, which is the guide except in `bad` weeks.
async fn help(path: &'static str, bad: usize) -> (Help, Arc<AtomicUsize>) {
    let week = Arc::new(AtomicUsize::new(0));
    let now = week.clone();
    let entry = format!("# A\n\nOpen Northwind Directory: see [the guide](/a{path}).\n");
    let help = Help::new(&[("a.md", &entry)], move |asked| match asked.path.as_str() {
        "/" | "/common" => Reply::html("<title>Home</title><main><h1>Home</h1><p>Welcome to us.</main>"),
        _ if now.load(Ordering::SeqCst) == bad => in_its_place(path),
        _ => Reply::html(GUIDE),
    })
    .await;
    (help, week)
}

/// (rule, state) of findings on content and on where a link leads.
fn content(report: &serde_json::Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            (finding["rule"].as_str().unwrap().to_owned(), finding["state"].as_str().unwrap().to_owned())
        })
        .filter(|(rule, _)| rule.starts_with("content/") || rule == "link/redirect-changed")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_a_pages_place_is_no_drift() {
    for path in ["/wall", "/sign-in", "/root", "/gone"] {
        // Good, bad, good; and bad, good.
        for bad in [1, 0] {
            let (help, week) = help(path, bad).await;
            for number in 0..3 {
                week.store(number, Ordering::SeqCst);
                let report = help.json(&["check", "--fail-on", "never"]);
                assert_eq!(content(&report), [], "{path}, bad in week {bad}, week {number}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_all_another_at_one_visit_gates_nothing() {
    let (help, week) = help("/maintenance", 1).await;
    assert_eq!(help.run(&["check"]).code, 0);
    week.store(1, Ordering::SeqCst);
    let ran = help.run(&["check", "--output", "json=out.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("Not confirmed yet"), "{}", ran.stdout);
    let report = std::fs::read_to_string(help.path().join("out.json")).unwrap();
    let found = content(&serde_json::from_str(&report).unwrap());
    assert!(!found.is_empty() && found.iter().all(|(_, state)| state == "unconfirmed"), "{found:?}");
    week.store(2, Ordering::SeqCst);
    assert_eq!(content(&help.json(&["check"])), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn u17_a_password_in_a_url_is_kept_nowhere_but_in_the_entry() {
    let help =
        Help::new(&[("a.md", "# A\n\n[a](http://user:hunter2@docs.acme.net/x) [b](/moved)\n")], |asked| {
            match asked.path.as_str() {
                "/moved" => Reply::redirect(302, "https://user:hunter2@docs.acme.net/x"),
                _ => Reply::html(GUIDE),
            }
        })
        .await;
    for format in ["text", "json", "jsonl", "github", "markdown"] {
        let ran = help.run(&["check", "--fail-on", "never", "--format", format]);
        assert!(ran.stdout.contains("link/malformed") || format == "github", "{format}: {}", ran.stdout);
        assert!(
            !ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"),
            "{format}: {}",
            ran.stdout
        );
    }
    assert!(
        help.requests().iter().all(|asked| !asked.headers.iter().any(|(name, _)| name == "authorization"))
    );
}
