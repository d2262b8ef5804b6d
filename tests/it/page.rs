//! `linkdrift page` on a file and on a URL.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::support::help::Help;
use crate::support::web::Reply;

fn page(name: &str, content: &[u8], more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    Command::new(env!("CARGO_BIN_EXE_linkdrift"))
        .arg("page")
        .arg(path)
        .args(more)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

#[test]
fn shows_content_by_section_and_anchors() {
    let html = br#"<html lang="en"><head><title>Guide</title><meta name="ms.date" content="01/02/2024"></head><body><nav>Menu</nav><main><h1 id="a">Guide</h1>
        <p>Text.</p><h2 id="b">Steps</h2><ol><li>One</li></ol></main></body></html>"#;
    let text = String::from_utf8(page("p.html", html, &[]).stdout).unwrap();
    for line in [
        "layout    landmark",
        "title     Guide",
        "ms.date   01/02/2024",
        "# Guide #a",
        "Text.",
        "## Steps #b",
        "1. One",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in:\n{text}");
    }
    assert!(!text.contains("Menu"));
    let output = page("p.html", html, &["--format", "json", "--url", "https://docs.example.org/guide"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["schema"], "linkdrift/page/1");
    assert_eq!(found["sections"][1]["path"], serde_json::json!(["Guide", "Steps"]));
    assert_eq!(found["blocks"][3]["text"], "One");
    assert_eq!(found["anchors"], serde_json::json!(["a", "b"]));
}

#[test]
fn a_file_that_is_no_text_is_read_without_harm() {
    let output = page("p.html", &[0, 159, 146, 150, 27, 91, 50, 74, 10], &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(!output.stdout.contains(&27));
    let output = page("p.html", b"", &["--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_is_read_from_state_or_visited() {
    const URL: &str = "https://docs.acme.net/page";
    let edition = Arc::new(AtomicUsize::new(1));
    let now = edition.clone();
    let help = Help::new(&[("a.md", "# A\n\n[page](/page)\n")], move |asked| match asked.path.as_str() {
        "/page" => Reply::html(&format!(
            "<title>Page</title><main><h1>Page</h1><p>Edition number {} of this page.</main>",
            now.load(Ordering::SeqCst)
        )),
        "/old" => Reply::redirect(301, "/page"),
        _ => Reply::status(404),
    })
    .await;
    let visits = || help.asked().iter().filter(|url| !url.ends_with("/robots.txt")).count();
    let says = |page: &Value, number: usize| {
        page["blocks"][1]["text"] == format!("Edition number {number} of this page.")
    };
    // Without a state it is visited, and nothing is kept.
    let page = help.json(&["page", URL]);
    assert!(says(&page, 1) && page["visit"]["verdict"] == "ok", "{page:#}");
    assert!(!help.path().join("state.db").exists());

    assert_eq!(help.run(&["check"]).code, 0);
    edition.store(2, Ordering::SeqCst);
    assert_eq!(help.run(&["check"]).code, 0);
    let before = visits();
    let page = help.json(&["page", URL]);
    assert!(says(&page, 2) && page["visit"].is_null(), "{page:#}");
    let snapshot = page["from"]["snapshot"].as_i64().unwrap();
    assert!(says(&help.json(&["page", URL, "--at", &(snapshot - 1).to_string()]), 1));
    assert!(says(&help.json(&["page", URL, "--at", "run:2"]), 2));
    assert_eq!(visits(), before, "the state is enough");
    edition.store(3, Ordering::SeqCst);
    assert!(says(&help.json(&["page", URL, "--visit"]), 3));
    assert!(says(&help.json(&["page", URL]), 2), "a look is not kept");

    let page = help.json(&["page", "https://docs.acme.net/old"]);
    assert_eq!((&page["visit"]["verdict"], &page["from"]["url"]), (&"redirected".into(), &URL.into()));
    assert_eq!(page["visit"]["hops"].as_array().unwrap().len(), 2);
    let text = help.run(&["page", "https://docs.acme.net/old"]).stdout;
    assert!(text.contains("hop       301 https://docs.acme.net/old"), "{text}");

    for (args, says) in [
        (&["page", "https://docs.acme.net/gone"][..], "broken (http-404)"),
        (&["page", "https://docs.acme.net/new", "--offline"], "--offline"),
        (&["page", "https://docs.acme.net/new", "--at", "run:1"], "no text of it"),
        (&["page", URL, "--at", "2001-01-01"], "no version from before"),
        (&["page", URL, "--at", "run:9"], "no run 9"),
        (&["page", "https://10.0.0.1/"], "refused-address"),
        (&["page", "https://www.contoso.com/"], "placeholder"),
        (&["page", "help/a.md", "--visit"], "for URLs"),
    ] {
        let ran = help.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{args:?}");
        assert!(ran.stderr.contains(says), "{args:?}: {}", ran.stderr);
    }
}
