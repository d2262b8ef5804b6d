//! What upstream pages are held against: versions of the same page as the same extractor reads both, without what is another at each
//! visit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use linkdrift::visit::facts::Body;
use rusqlite::Connection;
use serde_json::Value;
use url::Url;

use crate::support::help::Help;
use crate::support::web::Reply;

/// Findings on content, `entry rule`.
fn content(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let named =
        findings.map(|finding| (finding["entry"].as_str().unwrap(), finding["rule"].as_str().unwrap()));
    named
        .filter(|(_, rule)| rule.starts_with("content/"))
        .map(|(entry, rule)| format!("{entry} {rule}"))
        .collect()
}

/// A web of one page that `page` makes of the number of the week, and the week.
async fn help(
    entries: &[(&str, &str)],
    page: impl Fn(usize) -> String + Send + Sync + 'static,
) -> (Help, Arc<AtomicUsize>) {
    let week = Arc::new(AtomicUsize::new(0));
    let now = week.clone();
    let help = Help::new(entries, move |_| Reply::html(&page(now.load(Ordering::SeqCst)))).await;
    (help, week)
}

const GUIDE: &str = "<title>Guide</title><main><h1 id=guide>Guide</h1><p>Open the Northwind portal and choose Users, then wait.</p>\
    <h2 id=limits>Limits</h2><p>At most 20 devices.</p></main>";

/// Makes every snapshot one of an earlier extractor, that read the page in its own way.
fn as_an_earlier_extractor_read(help: &Help, extractor: u32, keep_body: bool) {
    let state = Connection::open(help.path().join("state.db")).unwrap();
    let body = Body { bytes: GUIDE.into(), content_type: Some("text/html".into()) };
    let page = linkdrift::page::read(&body, &Url::parse("https://docs.acme.net/a/guide").unwrap());
    let mut json = serde_json::to_value(page).unwrap();
    json["blocks"][1]["text"] =
        "Navigation Home Products Open the Contoso Center and choose 99 people.".into();
    json["title"] = "Another title".into();
    let bytes = zstd::encode_all(json.to_string().as_bytes(), 3).unwrap();
    state
        .execute("INSERT INTO blob (hash, bytes) VALUES (?1, ?2)", (blake3::hash(&bytes).as_bytes(), &bytes))
        .unwrap();
    let blob = state.last_insert_rowid();
    state
        .execute("UPDATE snapshot SET page = ?1, content = ?2, extractor = ?3", (blob, [7_u8; 32], extractor))
        .unwrap();
    if !keep_body {
        state.execute("UPDATE snapshot SET body = NULL", []).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_our_own_extractor_is_no_change_of_theirs() {
    let today = linkdrift::page::EXTRACTOR;
    for (extractor, keep_body, expected) in
        [(1, true, vec![]), (1, false, vec![]), (today, true, vec!["a.md content/changed"])]
    {
        let (help, _) = help(&[("a.md", "# A\n\n[g](/a/guide#guide)\n")], |_| GUIDE.to_owned()).await;
        assert_eq!(content(&help.json(&["check"])), Vec::<String>::new());
        as_an_earlier_extractor_read(&help, extractor, keep_body);
        let found = content(&help.json(&["check", "--fail-on", "never"]));
        assert_eq!(found, expected, "extractor {extractor}, body kept: {keep_body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn since_when_a_page_says_so_survives_a_change_of_our_extractor() {
    let text = |week: usize| GUIDE.replace("Guide", if week == 0 { "Guide" } else { "Handbook" });
    let (help, week) = help(&[("a.md", "# A\n\n[g](/a/guide)\n")], text).await;
    help.json(&["check"]);
    week.store(1, Ordering::SeqCst);
    let before = help.json(&["check", "--fail-on", "never"]);
    let state = Connection::open(help.path().join("state.db")).unwrap();
    // As an extractor would have left it that read the same text and made another hash of it, a day ago.
    state
        .execute("UPDATE snapshot SET extractor = 1, content = ?1, first_seen = first_seen - 86400 WHERE id = (SELECT max(id) FROM snapshot)", [[7_u8; 32]])
        .unwrap();
    drop(state);
    let after = help.json(&["check", "--fail-on", "never"]);
    let since = |report: &Value| {
        let since = report["findings"][0]["evidence"]["since"].as_str().unwrap();
        since.parse::<chrono::DateTime<chrono::Utc>>().unwrap()
    };
    assert_eq!((since(&before) - since(&after)).num_seconds(), 86400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_laid_out_anew_is_read_alike_on_both_sides_and_the_run_says_so() {
    let laid_out = |week: usize| {
        match week {
        0 => "<title>Guide</title><main id=main role=main><div data-main-column><div class=content><h1 id=g>Guide</h1></div>\
              <p>Two readers think this one is useful to them.</p><div class=content><p>Open the Northwind portal and choose Users.</p></div></div></main>"
            .to_owned(),
        _ => "<title>Guide</title><meta name=markdown_url content=/guide.md><main><div><h1 id=g>Guide</h1>\
              <p>Two readers think this one is useful to them.</p><p>Open the Northwind portal and choose Users.</p></div></main>"
            .to_owned(),
    }
    };
    let (help, week) = help(&[("a.md", "# A\n\n[g](/a/guide#g) [h](/b/guide#g)\n")], laid_out).await;
    assert_eq!(help.json(&["check"])["run"]["notes"], serde_json::json!([]));
    week.store(1, Ordering::SeqCst);
    let report = help.json(&["check", "--fail-on", "never"]);
    assert_eq!(content(&report), Vec::<String>::new());
    assert_eq!(
        report["run"]["notes"],
        serde_json::json!([
            "docs.acme.net: pages are laid out in a new way: where one changed, both versions were read by the general extractor; they offer their text as Markdown (<meta name=\"markdown_url\">)"
        ])
    );
}

/// A page with a tip that is another at each visit; the limit changes in week 8.
fn tips(week: usize) -> String {
    let limit = if week < 8 { 20 } else { 30 };
    format!(
        "<title>Tips</title><main><h1 id=tips>Tips</h1><h2 id=tip>Tip of the day</h2><p>Reset {} devices and keep {} minutes.</p>\
         <h2 id=limits>Limits</h2><p>At most {limit} devices.</p></main>",
        week * 7 + 11,
        week * 13 + 40
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_at_each_visit_is_learned() {
    let (help, week) = help(&[("a.md", "# A\n\n[all of it](/a/tips)\n")], tips).await;
    for number in 0..6 {
        week.store(number, Ordering::SeqCst);
        assert_eq!(content(&help.json(&["check"])), Vec::<String>::new(), "week {number}");
    }
    // Entries that were right long ago, so that they are held against the first version.
    help.write("help/b.md", "---\nms.date: 01/02/2020\n---\n# B\n\n[tip](/a/tips#tip)\n");
    help.write("help/c.md", "---\nms.date: 01/02/2020\n---\n# C\n\n[limits](/a/tips#limits)\n");
    let changed = |report: &Value| {
        let mut found = content(report);
        found.retain(|found| found.ends_with("content/changed"));
        found
    };
    week.store(6, Ordering::SeqCst);
    assert_eq!(changed(&help.json(&["check", "--fail-on", "never"])), Vec::<String>::new());
    week.store(8, Ordering::SeqCst);
    assert_eq!(changed(&help.json(&["check", "--fail-on", "never"])), ["c.md content/changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_learned_hides_nothing_that_was_reported() {
    let (help, week) = help(&[("b.md", "# B\n\n[tip](/a/tips#tip)\n")], tips).await;
    let mut report = help.json(&["check"]);
    // One visit a week: a page that stayed the same at one is not another at each.
    for number in 1..8 {
        week.store(number, Ordering::SeqCst);
        report = help.json(&["check", "--fail-on", "never"]);
        assert_eq!(content(&report), ["b.md content/changed"], "week {number}");
    }
    let id = report["findings"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(help.run(&["review", "accept", &id, "--reason", "a tip"]).code, 0);
    // It was looked at: from now on the tip is known for what it is.
    week.store(8, Ordering::SeqCst);
    assert_eq!(content(&help.json(&["check", "--fail-on", "never"])), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_in_another_language_are_no_versions_of_each_other() {
    let (help, week) = help(&[("a.md", "# A\n\n[g](/a/guide#guide)\n")], |week| {
        if week == 0 {
            GUIDE.to_owned()
        } else {
            GUIDE.replace("Guide", "Ghid").replace("20 devices", "20 de aparate")
        }
    })
    .await;
    assert_eq!(content(&help.json(&["check"])), Vec::<String>::new());
    week.store(1, Ordering::SeqCst);
    let configuration = format!("{}accept_language = \"ro\"\n", help.configuration());
    help.write("linkdrift.toml", &configuration);
    assert_eq!(content(&help.json(&["check", "--fail-on", "never"])), Vec::<String>::new());
    // What changes in that language counts again.
    week.store(0, Ordering::SeqCst);
    assert_eq!(content(&help.json(&["check", "--fail-on", "never"])), ["a.md content/changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_the_table_explains_are_for_those_who_use_them() {
    let text = |week: usize| {
        let name = if week == 0 { "Azure AD" } else { "Microsoft Entra ID" };
        format!(
            "<title>Roles in {name}</title><main><h1 id=roles>Roles in {name}</h1><p>Sign in to {name} and open Roles.</p></main>"
        )
    };
    let (help, week) = help(
        &[
            ("plain.md", "# A\n\n[roles](/a/roles#roles)\n"),
            ("names.md", "# A\n\nOpen Azure AD. [roles](/a/roles)\n"),
            ("other.md", "# A\n\nOpen Azure AD B2C. [roles](/a/roles)\n"),
        ],
        text,
    )
    .await;
    assert_eq!(content(&help.json(&["check"])), Vec::<String>::new());
    week.store(1, Ordering::SeqCst);
    let report = help.json(&["check", "--fail-on", "never"]);
    assert_eq!(content(&report), ["names.md content/term-outdated"]);
}
