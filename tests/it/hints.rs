//! What is worth knowing and gates nothing: pages that flap, pages newer than the entry, entries nobody looked at for long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::help::Help;
use crate::support::web::Reply;

fn page(date: &str, steps: &str) -> Reply {
    Reply::html(&format!(
        "<html><head><title>Reset a password</title><meta name=\"ms.date\" content=\"{date}\"></head><body><main><h1>Reset</h1>\
         <p>Everyone in the organisation can reset a password without help of the service desk.</p><ol>{steps}</ol></main></body></html>"
    ))
}

/// Findings of some rules: rule, state, line.
fn found(document: &Value, rules: &[&str]) -> Vec<(String, String, u64)> {
    let findings = document["findings"].as_array().unwrap().iter();
    let mut found: Vec<_> = findings
        .filter(|finding| rules.contains(&finding["rule"].as_str().unwrap()))
        .map(|finding| {
            let word = |key: &str| finding[key].as_str().unwrap().to_owned();
            (word("rule"), word("severity"), finding["line"].as_u64().unwrap())
        })
        .collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_goes_to_and_fro_is_told_once_and_its_changes_are_not() {
    let visit = Arc::new(AtomicUsize::new(0));
    let current = visit.clone();
    let entry = [("a.md", "# A\n\n[pașii](http://docs.acme.net/reset)\n")];
    let help = Help::new(&entry, move |_| {
        let steps = [
            "<li>Open the portal.</li><li>Select Reset.</li><li>Choose a new password.</li>",
            "<li>Call the service desk for a temporary pass.</li><li>Sign in with it within one hour.</li>",
        ];
        page("03/08/2021", steps[current.load(Ordering::SeqCst) % 2])
    })
    .await;
    let rules = ["content/changed", "content/unstable"];
    let told: Vec<Vec<String>> = (0..7)
        .map(|number| {
            visit.store(number, Ordering::SeqCst);
            found(&help.json(&["check"]), &rules).into_iter().map(|(rule, ..)| rule).collect()
        })
        .collect();
    let (changed, unstable) = (["content/changed"].as_slice(), ["content/unstable"].as_slice());
    assert_eq!(told, [&[], changed, &[], changed, unstable, unstable, unstable]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_entries_and_newer_pages_are_worth_knowing() {
    let front = "---\ntitle: A\nms.date: 03/08/2021\n---\n# A\n\n";
    let dated = format!("{front}[nou](http://docs.acme.net/new) [vechi](http://docs.acme.net/old)\n");
    let undated = "# B\n\n[nou](http://docs.acme.net/new)\n";
    let help = Help::new(&[("a.md", &dated), ("b.md", undated)], |asked| match asked.path.as_str() {
        "/new" => page("07/11/2023", "<li>Open the portal.</li>"),
        _ => page("01/02/2020", "<li>Select Reset.</li>"),
    })
    .await;
    let rules = ["content/newer", "entry/age"];
    let row = |rule: &str, severity: &str, line| (rule.to_owned(), severity.to_owned(), line);
    let document = help.json(&["check"]);
    let newer = row("content/newer", "info", 7);
    assert_eq!(found(&document, &rules), [newer.clone(), row("entry/age", "info", 3)]);
    let told =
        document["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "content/newer").unwrap();
    assert_eq!(
        told["message"],
        "http://docs.acme.net/new says that it changed on 2023-07-11, after 2021-03-08, when the entry was right"
    );

    let settings = "\n[rules]\n\"entry/age\" = { severity = \"warning\", days = 36500 }\n";
    help.write("linkdrift.toml", &format!("{}{settings}", help.configuration()));
    assert_eq!(found(&help.json(&["check"]), &rules), [newer]);

    // An entry that was accepted is neither old nor older than its pages.
    help.write("linkdrift.toml", &help.configuration());
    assert_eq!(help.run(&["review", "accept", "help/a.md", "--reason", "read again"]).code, 0);
    assert_eq!(found(&help.json(&["check"]), &rules), []);
}
