//! `linkdrift page` on a file.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::process::{Command, Output};

use serde_json::Value;

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
