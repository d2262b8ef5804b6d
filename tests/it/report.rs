//! `report`, `show` and `diff` over runs: what is new, ongoing, resolved; what is known of an entry, of a URL; what changed upstream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::cli::run;
use crate::support::help::Help;
use crate::support::web::Reply;

const PORTAL: &str = "https://docs.acme.net/portal";

/// Two entries on a web of three weeks: one link never worked, one is mended in the second week, one page is renamed in it.
async fn three_weeks() -> (Help, Arc<AtomicUsize>) {
    let week = Arc::new(AtomicUsize::new(0));
    let now = week.clone();
    let help = Help::new(
        &[
            ("a.md", "# A\n\nOpen the Contoso Directory [portal](/portal), then [gone](/gone).\n"),
            ("b.md", "# B\n\n[late](/late)\n"),
        ],
        move |asked| match (now.load(Ordering::SeqCst), asked.path.as_str()) {
            (0, "/portal") => Reply::html(
                "<title>Set up Contoso Directory</title><main><h1>Set up Contoso Directory</h1>\
                 <h2 id=steps>Steps</h2><ol><li>Open the Contoso Directory portal.</li><li>Choose Users.</li></ol></main>",
            ),
            (_, "/portal") => Reply::html(
                "<title>Set up Northwind Identity</title><main><h1>Set up Northwind Identity</h1>\
                 <h2 id=steps>Steps</h2><ol><li>Open the Northwind Identity portal.</li><li>Choose Users.</li></ol></main>",
            ),
            (1.., "/late") => Reply::html("<title>Late</title><main><p>Here now.</main>"),
            _ => Reply::status(404),
        },
    )
    .await;
    (help, week)
}

/// (rule, entry, since) of a report's findings, in that order.
fn findings(report: &Value) -> Vec<(String, String, String)> {
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let mut findings: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (text(finding, "rule"), text(finding, "entry"), text(finding, "since")))
        .collect();
    findings.sort();
    findings
}

fn expected(list: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    list.iter().map(|(rule, entry, since)| ((*rule).into(), (*entry).into(), (*since).into())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_what_is_new_ongoing_and_resolved() {
    let (help, week) = three_weeks().await;
    let ran = help.run(&["report"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("linkdrift check"), "{}", ran.stderr);

    let checked = help.run(&["check"]);
    assert_eq!(checked.code, 2);
    assert!(!checked.stdout.contains("new in this run"), "where all is new: {}", checked.stdout);
    let first = help.json(&["report"]);
    assert_eq!(first["schema"], "linkdrift/report/1");
    assert_eq!(findings(&first), expected(&[("link/broken", "a.md", "new"), ("link/broken", "b.md", "new")]));

    week.store(1, Ordering::SeqCst);
    help.write("help/c.md", "# C\n\n[file](missing.md)\n");
    let checked = help.run(&["check"]);
    assert_eq!(checked.code, 2);
    assert!(checked.stdout.contains("new in this run"), "{}", checked.stdout);
    let second = help.json(&["report"]);
    let told = findings(&second);
    for expected in expected(&[("link/broken", "a.md", "ongoing"), ("link/missing-file", "c.md", "new")]) {
        assert!(told.contains(&expected), "{told:?}");
    }
    assert!(
        told.iter().any(|(rule, entry, since)| {
            rule.starts_with("content/") && entry == "a.md" && since == "new"
        }),
        "{told:?}"
    );
    assert!(!told.iter().any(|(_, entry, _)| entry == "b.md"), "{told:?}");
    assert_eq!(second["summary"]["resolved"], 1, "{}", second["summary"]);
    let stale: Vec<_> = second["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["entry"].as_str().unwrap(), entry["status"].as_str().unwrap()))
        .collect();
    assert!(stale.contains(&("a.md", "stale")), "{stale:?}");

    assert_eq!(help.run(&["check"]).code, 2);
    let third = help.json(&["report"]);
    assert_eq!(findings(&third).len(), told.len());
    assert!(findings(&third).iter().all(|(_, _, since)| since == "ongoing"), "{third:#}");
    assert_eq!((&third["summary"]["new"], &third["summary"]["resolved"]), (&0.into(), &0.into()));
    let since_first = help.json(&["report", "--since", "1"]);
    let new = |report: &Value| findings(report).iter().filter(|(_, _, since)| since == "new").count();
    assert_eq!(new(&since_first), told.len() - 1, "all but the link that was gone in the first run");
    assert_eq!(help.run(&["report", "--since", "77"]).code, 1);

    // State alone is enough: neither configuration nor entries are needed.
    let elsewhere = tempfile::tempdir().unwrap();
    let state = help.path().join("state.db");
    let ran = run(elsewhere.path(), &["report", "--state", state.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("link/broken") && ran.stdout.contains("a.md"), "{}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_known_can_be_shown() {
    let (help, week) = three_weeks().await;
    help.run(&["check"]);
    week.store(1, Ordering::SeqCst);
    help.run(&["check"]);

    let shown = help.json(&["show", "a.md"]);
    assert_eq!(shown["schema"], "linkdrift/show/1");
    let entry = &shown["entries"][0];
    assert_eq!(
        (&entry["source"], &entry["entry"], &entry["status"]),
        (&"help".into(), &"a.md".into(), &"stale".into())
    );
    assert_eq!(entry["references"][1]["verdict"], "broken");
    assert_eq!(entry["references"][1]["reason"], "http-404");
    assert!(entry["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == "link/broken"));

    let target = &help.json(&["show", PORTAL])["target"];
    assert_eq!((&target["verdict"], &target["confirmation"]), (&"ok".into(), &"well".into()));
    assert_eq!(target["snapshots"].as_array().unwrap().len(), 2, "{target:#}");
    assert_eq!(target["references"][0]["line"], 3);
    let late = &help.json(&["show", "https://docs.acme.net/late#anywhere"])["target"];
    let verdicts: Vec<_> =
        late["history"].as_array().unwrap().iter().map(|interval| interval["verdict"].clone()).collect();
    assert_eq!(verdicts, ["broken", "ok"]);

    let text = help.run(&["show", PORTAL]);
    assert!(
        text.code == 0 && text.stdout.contains(PORTAL) && text.stdout.contains("a.md:3:"),
        "{}",
        text.stdout
    );
    for unknown in ["https://docs.acme.net/nobody", "nobody.md", "ftp://docs.acme.net/x"] {
        let ran = help.run(&["show", unknown]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{unknown}");
        assert!(ran.stderr.contains(unknown), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_upstream_can_be_compared() {
    let (help, week) = three_weeks().await;
    help.run(&["check"]);
    let same = help.json(&["diff", PORTAL]);
    assert_eq!((&same["change"], &same["blocks"]), (&"none".into(), &serde_json::json!([])));
    week.store(1, Ordering::SeqCst);
    help.run(&["check"]);

    let diff = help.json(&["diff", PORTAL]);
    assert_eq!(diff["schema"], "linkdrift/diff/1");
    assert_ne!(diff["change"], "none");
    assert!(diff["from"]["snapshot"].as_i64() < diff["to"]["snapshot"].as_i64(), "{diff:#}");
    let term = &diff["terms_removed"][0];
    assert_eq!(
        (&term["term"], &term["replacement"]),
        (&"Contoso Directory".into(), &"Northwind Identity".into())
    );
    let block = diff["blocks"].as_array().unwrap().iter().find(|block| block["section"] == "steps").unwrap();
    assert_eq!(
        (&block["op"], &block["new"]),
        (&"changed".into(), &"Open the Northwind Identity portal.".into())
    );

    let snapshot = diff["to"]["snapshot"].to_string();
    let same = help.json(&["diff", PORTAL, "--from", &snapshot]);
    assert_eq!(same["change"], "none");
    // The same two versions, named in other ways.
    let history = &help.json(&["show", PORTAL])["target"]["snapshots"];
    let hash = |at: usize| history[at]["content"].as_str().unwrap()[..12].to_owned();
    for (from, to) in [(hash(0), hash(1)), (hash(0), "run:2".to_owned()), (hash(0), "2999-01-01".to_owned())]
    {
        let named = help.json(&["diff", PORTAL, "--from", &from, "--to", &to]);
        assert_eq!(named["hash"], diff["hash"], "{from} {to}");
    }
    let change = &history[1]["drift"];
    assert_eq!((&change["change"], &change["hash"]), (&diff["change"], &diff["hash"]));
    assert_eq!(change["terms_removed"][0]["replacement"], "Northwind Identity");
    let shown = help.run(&["show", PORTAL]).stdout;
    assert!(shown.contains("“Contoso Directory” → “Northwind Identity”"), "{shown}");
    let html = help.run(&["diff", PORTAL, "--format", "html"]).stdout;
    assert!(html.contains("<del>Contoso Directory</del>") && html.ends_with("</html>\n"), "{html}");
    for args in [
        &["diff", "https://docs.acme.net/nobody"][..],
        &["diff", PORTAL, "--from", "999"],
        &["diff", PORTAL, "--from", "2001-01-01"],
        &["diff", PORTAL, "--to", "run:77"],
        &["diff", PORTAL, "--to", "ffffffffffff"],
        &["diff", "https://docs.acme.net/gone"],
    ] {
        let ran = help.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{args:?}");
        assert!(ran.stderr.contains("https://docs.acme.net/"), "{}", ran.stderr);
    }
}
