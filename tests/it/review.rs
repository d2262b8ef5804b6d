//! `linkdrift review` and what follows of it: a page changes, a maintainer decides, the page changes again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use linkdrift::store::sqlite::{Access, SqliteStore};
use serde_json::Value;

use crate::support::cli::{Ran, run};
use crate::support::help::Help;
use crate::support::web::{Reply, Web};

/// A help repository, and the page that it refers to, which is written anew as often as the test wants.
struct Bench {
    folder: tempfile::TempDir,
    web: Web,
    edition: Arc<AtomicUsize>,
}

const STEPS: [&str; 3] = [
    "<li>Open the portal.</li><li>Select Reset.</li><li>Choose a new password.</li>",
    "<li>Call the service desk and ask for a temporary pass.</li><li>Sign in with it within one hour.</li>",
    "<li>Scan the printed code with your telephone.</li><li>Answer three questions about your account.</li>",
];

impl Bench {
    async fn new() -> Self {
        let edition = Arc::new(AtomicUsize::new(0));
        let current = edition.clone();
        let web = Web::start(move |_| {
            let steps = STEPS[current.load(Ordering::SeqCst)];
            Reply::html(&format!(
                "<html><head><title>Reset a password</title></head><body><main><h1 id=\"reset\">Reset a password</h1>\
                 <p>Everyone in the organisation can reset a password without help of the service desk.</p>\
                 <h2 id=\"steps\">Steps</h2><ol>{steps}</ol></main></body></html>"
            ))
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("help")).unwrap();
        let entry = "# Parola\n\nVedeți [pașii](http://docs.acme.net/reset).\n";
        std::fs::write(folder.path().join("help/parola.md"), entry).unwrap();
        let config = "[state]\npath = \"state.db\"\n[[source]]\nname = \"ro-RO\"\npath = \"help\"\n";
        std::fs::write(folder.path().join("linkdrift.toml"), config).unwrap();
        Self { folder, web, edition }
    }

    fn linkdrift(&self, args: &[&str]) -> Ran {
        run(self.folder.path(), args)
    }

    /// Checks the repository against an edition of the page; the findings of `content/changed`.
    fn check(&self, edition: usize) -> Vec<Value> {
        self.edition.store(edition, Ordering::SeqCst);
        let resolve = format!("*:80:{}", self.web.http);
        let args = ["check", "--resolve", &resolve, "--host-request-interval", "0s", "--format", "json"];
        let ran = self.linkdrift(&args);
        let document: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let findings = document["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["rule"] == "content/changed").cloned().collect()
    }

    /// The state of the only finding after a check.
    fn state(&self, edition: usize) -> String {
        let findings = self.check(edition);
        assert_eq!(findings.len(), 1, "{findings:?}");
        findings[0]["state"].as_str().unwrap().to_owned()
    }

    fn reviews(&self, ids: &[&str]) -> Vec<Value> {
        let ran = self.linkdrift(&[&["review", "list", "--format", "json"], ids].concat());
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(document["schema"], "linkdrift/review/1");
        document["reviews"].as_array().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_holds_until_the_page_changes_again() {
    let bench = Bench::new().await;
    assert_eq!(bench.check(0), Vec::<Value>::new());
    let found = bench.check(1).remove(0);
    let id = found["id"].as_str().unwrap();

    let ran = bench.linkdrift(&["review", "accept", id, "--reason", "known\nto us", "--by", "Ana"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, format!("{id}: acknowledged: content/changed at ro-RO · parola.md:3:8\n"));
    assert_eq!(bench.state(1), "acknowledged");
    let text = bench.linkdrift(&["report"]).stdout;
    assert!(text.contains("(1 acknowledged or muted, not shown)") && !text.contains(id), "{text}");

    // The page that it was accepted for is gone.
    assert_eq!(bench.state(2), "open");
    let text = bench.linkdrift(&["report"]).stdout;
    assert!(text.contains(&format!("id: {id}\n")), "{text}");
    let listed = bench.reviews(&[]);
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["finding"], &listed[0]["in_force"]), (&Value::from(id), &Value::from(false)));
    assert_eq!((&listed[0]["reason"], &listed[0]["by"]), (&"known to us".into(), &"Ana".into()));
    assert_eq!(listed[0]["content"], found["evidence"]["content"]);

    let until = "2999-12-31";
    let ran = bench.linkdrift(&["review", "mute", id, "--reason", "no matter", "--until", until]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(bench.state(2), "muted");
    assert_eq!(bench.reviews(&[id])[0]["until"], "2999-12-31T23:59:59Z");
    assert_eq!(bench.linkdrift(&["review", "reopen", id]).code, 0);
    assert_eq!(bench.state(2), "open");
    let text = bench.linkdrift(&["review", "list"]).stdout;
    assert_eq!(text.lines().filter(|line| line.contains(id)).count(), 3, "{text}");
    let shown = bench.linkdrift(&["show", "help/parola.md"]).stdout;
    assert!(shown.contains("reviews, newest first") && shown.contains("no matter"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accepted_entry_is_measured_from_then_on() {
    let bench = Bench::new().await;
    bench.check(0);
    assert_eq!(bench.state(1), "open");
    let ran = bench.linkdrift(&["review", "accept", "help/parola.md", "--reason", "rewritten"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("ro-RO · parola.md: right as of "), "{}", ran.stdout);
    assert_eq!(bench.check(1), Vec::<Value>::new());
    // As `show` and the reviews name it.
    for name in ["ro-RO/parola.md", "ro-RO · parola.md"] {
        let ran = bench.linkdrift(&["review", "accept", name, "--reason", "rewritten"]);
        assert!(ran.stdout.starts_with("ro-RO · parola.md: right as of "), "{name}: {}", ran.stderr);
    }
    assert_eq!(bench.linkdrift(&["review", "accept", "ro-RO/rola.md", "--reason", "x"]).code, 1);
    assert_eq!(bench.linkdrift(&["review", "reopen", "parola.md", "--reason", "too early"]).code, 0);
    assert_eq!(bench.state(1), "open");
    let decisions: Vec<Value> =
        bench.reviews(&["parola.md"]).into_iter().map(|review| review["decision"].clone()).collect();
    assert_eq!(decisions, ["reopen", "accept", "accept", "accept"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_refused_and_records_nothing() {
    let bench = Bench::new().await;
    let ran = bench.linkdrift(&["review", "list"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("there is no state yet"), "{}", ran.stderr);
    bench.check(0);
    let found = bench.check(1).remove(0);
    let id = found["id"].as_str().unwrap();
    let cases: [(&[&str], &str); 8] = [
        (&["accept", id], "--reason"),
        (&["accept", id, "--reason", " "], "empty"),
        (&["accept", id, "f_0000000000000000", "--reason", "x"], "f_0000000000000000: no such finding"),
        (&["accept", id, "none.md", "--reason", "x"], "none.md: neither a finding's id"),
        (&["accept", id, "--reason", "x", "--until", "2020-01-01"], "is over already"),
        (&["accept", id, "--reason", "x", "--until", "soon"], "expected a date"),
        (&["mute", id, "parola.md", "--reason", "x"], "cannot be muted"),
        (&["accept", id, "parola.md", "--reason", "x", "--until", "2999-01-01"], "--until is for findings"),
    ];
    for (args, told) in cases {
        let ran = bench.linkdrift(&[&["review"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{args:?}");
        assert!(ran.stderr.contains(told), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(bench.reviews(&[]), Vec::<Value>::new());
    assert_eq!(bench.linkdrift(&["review", "list"]).stdout, "No reviews.\n");
    assert_eq!(bench.state(1), "open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_needs_no_lock() {
    let bench = Bench::new().await;
    bench.check(0);
    let found = bench.check(1).remove(0);
    let id = found["id"].as_str().unwrap();
    let running = SqliteStore::open(&bench.folder.path().join("state.db"), Access::Run).unwrap();
    let ran = bench.linkdrift(&["review", "accept", id, "--reason", "known"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    drop(running);
    assert_eq!(bench.state(1), "acknowledged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cause_is_decided_on_as_one() {
    let entries: Vec<(String, String)> =
        (0..3).map(|at| (format!("{at}.md"), "# A\n\n[gone](/gone)\n".to_owned())).collect();
    let entries: Vec<(&str, &str)> =
        entries.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let help = Help::new(&entries, |_| Reply::status(404)).await;
    help.run(&["check"]);
    let report = help.json(&["report"]);
    let cause = report["findings"][0]["cause_id"].as_str().unwrap().to_owned();
    assert!(help.run(&["report"]).stdout.contains(&format!("id: {cause}\n")));
    let ran = help.run(&["review", "accept", &cause, "--reason", "known"]);
    assert_eq!((ran.code, ran.stdout.lines().count()), (0, 3), "{}", ran.stderr);
    help.write("help/new.md", "# New\n\n[gone](/gone)\n");
    help.run(&["check"]);
    let states: Vec<(String, String)> = help.json(&["report"])["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["entry"].as_str().unwrap().into(), finding["state"].as_str().unwrap().into()))
        .collect();
    for (entry, state) in &states {
        assert_eq!(state, if entry == "new.md" { "open" } else { "acknowledged" }, "{entry}");
    }
    assert_eq!(states.len(), 4);
    let count = |args: &[&str]| {
        let document = help.json(&[&["review", "list"], args].concat());
        document["reviews"].as_array().unwrap().len()
    };
    assert_eq!(count(&[]), 3);
    assert_eq!((count(&["--rule", "link/broken"]), count(&["--rule", "entry/age"])), (3, 0));
    let first = help.json(&["report"])["findings"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(help.run(&["review", "reopen", &first]).code, 0);
    assert!(count(&["--in-force"]) < 4 && count(&[&cause]) >= 3);
    let ran = help.run(&["review", "accept", "c_0123456789abcdef", "--reason", "x"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("no finding of this state has this cause"), "{}", ran.stderr);
}
