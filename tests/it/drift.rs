//! `linkdrift diff` on two files.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const OLD: &str = r#"<html><head><title>Share files | Northwind</title></head><body><nav>Home</nav><main><h1 id="share">Share files</h1>
<p>Sign in to the Azure AD portal. A link expires after 30 days.</p><h2 id="off">Turn it off</h2><p>Select <strong>Stop</strong>.</p></main></body></html>"#;
const NEW: &str = r#"<html><head><title>Share files | Northwind</title></head><body><nav>Start</nav><main><h1 id="share">Share files</h1>
<p>Sign in to the Microsoft Entra portal. A link expires after 30 days.</p><h2 id="off">Turn it off</h2><p>Select <strong>Stop</strong>.</p></main></body></html>"#;

fn diff(old: &str, new: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    run(&path("old.html", old), &path("new.html", new), more)
}

fn run(old: &Path, new: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_linkdrift"))
        .arg("diff")
        .arg(old)
        .arg(new)
        .args(more)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn json_has_the_shape_of_schema_1() {
    let found = json(&diff(OLD, NEW, &["--url", "https://docs.example.org/share", "--format", "json"]));
    assert_eq!(found["schema"], "linkdrift/diff/1");
    assert_eq!(found["change"], "minor");
    assert_eq!(found["sections_changed"], serde_json::json!(["share"]));
    assert_eq!(
        found["terms_removed"],
        serde_json::json!([{"term": "Azure AD", "replacement": "Microsoft Entra"}])
    );
    assert_eq!(found["terms_added"], serde_json::json!([{"term": "Microsoft Entra"}]));
    assert_eq!(
        found["blocks"],
        serde_json::json!([{
            "op": "changed",
            "section": "share",
            "old": "Sign in to the Azure AD portal. A link expires after 30 days.",
            "new": "Sign in to the Microsoft Entra portal. A link expires after 30 days."
        }])
    );
    assert_eq!(found["from"]["url"], "https://docs.example.org/share");
    assert!(found["from"]["file"].as_str().unwrap().ends_with("old.html"));
}

#[test]
fn text_shows_what_changed_and_nothing_else() {
    let output = diff(OLD, NEW, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(text.starts_with("minor  "), "{text}");
    assert!(text.contains("Sign in to the [-Azure AD-] {+Microsoft Entra+} portal."), "{text}");
    assert!(text.contains("Share files #share"), "{text}");
    assert!(!text.contains("Turn it off") && !text.contains("Home") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn no_difference_is_said_and_ends_well() {
    let output = diff(OLD, &OLD.replace("Home", "Other navigation"), &["--format", "json"]);
    let found = json(&output);
    assert_eq!((&found["change"], &found["blocks"]), (&Value::from("none"), &serde_json::json!([])));
    let output = diff(OLD, OLD, &[]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("No difference"));
}

#[test]
fn page_text_cannot_write_to_the_terminal() {
    let output = diff(
        "<title>a</title><p>one two three</p>",
        "<title>\u{1b}]0;own\u{7}</title><p>one \u{1b}[2Jtwo \u{202e}three \u{9b}31m four</p>",
        &[],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
}

#[test]
fn files_that_cannot_be_read_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there.html");
    std::fs::write(&there, OLD).unwrap();
    for (old, new) in
        [(folder.path().join("missing.html"), there.clone()), (there.clone(), folder.path().to_owned())]
    {
        let output = run(&old, &new, &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read"), "{output:?}");
    }
}

#[test]
fn a_notice_beside_the_content_retires_the_page_and_other_bars_do_not() {
    let beside = |bar: &str| OLD.replacen("<nav>", &format!("{bar}<nav>"), 1);
    for (bar, change) in [
        (
            "<div class='flash flash-warn'>This repository was archived by the owner on Feb 2, 2026.</div>",
            "retired",
        ),
        ("<div class='flash flash-warn'>The portal was archived by the owner on Feb 2, 2026.</div>", "none"),
        ("<div role=alert>We use cookies on this page.</div>", "none"),
    ] {
        let found = json(&diff(OLD, &beside(bar), &["--format", "json"]));
        assert_eq!(found["change"], change, "{bar}");
        let shown = found["blocks"].as_array().unwrap().len();
        assert_eq!(shown, usize::from(change == "retired"), "{bar}");
    }
}

#[test]
fn a_command_that_was_replaced_in_a_code_block_is_a_term() {
    let with = |code: &str| OLD.replacen("<h2", &format!("<pre><code>{code}</code></pre><h2"), 1);
    let found =
        json(&diff(&with("docker-compose up -d"), &with("docker compose up -d"), &["--format", "json"]));
    assert_eq!(
        found["terms_removed"],
        serde_json::json!([{"term": "docker-compose up", "replacement": "docker compose up"}])
    );
}
