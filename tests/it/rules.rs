//! Rules through the binary: what `check --offline` says of a small tree of entries, where it is silent, and that ids last.

use std::path::Path;

use serde_json::Value;

use crate::support::cli::run;
use crate::support::help::Help;
use crate::support::web::Reply;

/// An entry with one of each mistake that shows without the network.
const ENTRY: &str = "---\n\
title: Setarea parolei\n\
ms.date: soon\n\
---\n\
# Setarea parolei\n\
\n\
Vedeți [aka.example.net/setup](https://portal.acme.net/info) și [](https://docs.acme.net/empty).\n\
\n\
Un fișier: [aici](lipsă.md), [bun](bun.md), afară: [sus](../../x.md).\n\
\n\
Prost: [gol]() și [două](https://a.acme.net/https://b.acme.net/).\n";

/// A tree of two entries.
fn tree(entry: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a scratch folder");
    std::fs::create_dir(dir.path().join("help")).expect("a folder");
    std::fs::write(dir.path().join("help/parola.md"), entry).expect("an entry");
    std::fs::write(dir.path().join("help/bun.md"), "# Bun\n").expect("an entry");
    dir
}

/// Findings of `check --offline`: rule, line, column, and everything.
fn findings(dir: &Path) -> Vec<Value> {
    let ran = run(dir, &["check", "--no-state", "--offline", "--format", "json", "help"]);
    let document: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    assert_eq!(document["schema"], "linkdrift/check/1");
    document["findings"].as_array().expect("an array").clone()
}

fn place(finding: &Value) -> (&str, u64, u64) {
    (
        finding["rule"].as_str().expect("a string"),
        finding["line"].as_u64().expect("a number"),
        finding["column"].as_u64().expect("a number"),
    )
}

#[test]
fn each_mistake_is_found_at_its_place() {
    let dir = tree(ENTRY);
    let findings = findings(dir.path());
    let mut places: Vec<_> = findings.iter().map(place).collect();
    places.sort_by_key(|(rule, line, column)| (*line, *column, *rule));
    assert_eq!(
        places,
        [
            ("entry/front-matter", 3, 1),
            ("link/text-mismatch", 7, 8),
            ("link/empty-text", 7, 65),
            ("link/missing-file", 9, 12),
            ("link/missing-file", 9, 52),
            ("link/malformed", 11, 8),
            ("link/malformed", 11, 19),
        ]
    );
    for finding in &findings {
        let line = finding["evidence"]["source_line"].as_str().expect("a string");
        let written =
            ENTRY.lines().nth(finding["line"].as_u64().expect("a number") as usize - 1).expect("a line");
        assert_eq!(line, written);
    }
}

#[test]
fn ids_last_when_text_above_grows() {
    let ids = |entry: &str| {
        let dir = tree(entry);
        let mut ids: Vec<String> = findings(dir.path())
            .iter()
            .filter(|finding| finding["rule"].as_str().expect("a string").starts_with("link/"))
            .map(|finding| finding["id"].as_str().expect("a string").to_owned())
            .collect();
        ids.sort();
        ids
    };
    let grown = ENTRY.replace("# Setarea parolei\n", "# Setarea parolei\n\nUn paragraf nou.\n\nAltul.\n");
    assert_eq!(ids(&grown), ids(ENTRY));
}

#[test]
fn an_entry_can_silence_rules() {
    let silent = ENTRY.replace(
        "ms.date: soon\n",
        "linkdrift: { ignore: [link/text-mismatch, link/missing-file], reason: \"reviewed\" }\n",
    );
    let commented = silent.replace("Prost:", "<!-- markdown-link-check-disable-next-line -->\nProst:");
    let rules = |entry: &str| {
        let dir = tree(entry);
        let mut rules: Vec<String> = findings(dir.path())
            .iter()
            .map(|finding| finding["rule"].as_str().expect("a string").to_owned())
            .collect();
        rules.dedup();
        rules
    };
    assert_eq!(rules(&silent), ["link/empty-text", "link/malformed"]);
    assert_eq!(rules(&commented), ["link/empty-text"]);
}

#[test]
fn errors_gate_and_warnings_do_not() {
    let code = |entry: &str, fail_on: &str| {
        let dir = tree(entry);
        run(dir.path(), &["check", "--no-state", "--offline", "--fail-on", fail_on, "help"]).code
    };
    let warning = "# T\n\n[](https://docs.acme.net/empty)\n";
    assert_eq!(code(ENTRY, "error"), 2);
    assert_eq!(code(ENTRY, "never"), 0);
    assert_eq!(code(warning, "error"), 0);
    assert_eq!(code(warning, "warning"), 2);
}

#[test]
fn formats_for_people_and_for_ci() {
    let dir = tree("# T\n\nSee [a\u{1b}[31m](mis\u{202e}sing.md) ::error::x\n");
    let text = |format: &str| {
        run(dir.path(), &["check", "--no-state", "--offline", "--format", format, "help"]).stdout
    };
    let github = text("github");
    let lines: Vec<&str> = github.lines().collect();
    assert_eq!(lines.len(), 1, "{github}");
    assert!(lines[0].starts_with("::error file=help/parola.md,line=3,col=8,"), "{github}");
    assert!(lines[0].contains("title=link/missing-file::no file help/missing.md"), "{github}");

    let shown = text("text");
    assert!(
        shown.starts_with("error[link/missing-file]: no file help/missing.md in this source\n"),
        "{shown}"
    );
    assert!(shown.contains("--> help/parola.md:3:8\n"), "{shown}");
    for format in ["text", "github", "json", "jsonl"] {
        let text = text(format);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format}: {text:?}");
        assert!(text.lines().all(|line| !line.starts_with("::error::")), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ignores_mute_end_and_are_noted_when_they_mute_nothing() {
    let help = Help::new(
        &[
            ("a.md", "# A\n\n[one](/one), [two](/two)\n\n[three](/three) <!-- linkdrift-ignore known -->\n"),
            (
                "b.md",
                "---\nlinkdrift: { ignore: [link/broken], reason: \"a draft\" }\n---\n# B\n\n[four](/four)\n",
            ),
        ],
        |_| Reply::status(404),
    )
    .await;
    let ignore = |url: &str, more: &str| {
        format!("\n[[ignore]]\nurl = \"https://docs.acme.net/{url}\"\nreason = \"known\"\n{more}")
    };
    help.write(
        "linkdrift.toml",
        &format!(
            "{}{}{}{}",
            help.configuration(),
            ignore("one", "until = 2999-01-01\n"),
            ignore("two", "until = 2020-01-01\n"),
            ignore("nowhere", "rule = \"link/broken\"\n"),
        ),
    );
    let check = help.json(&["check"]);
    let states: Vec<(&str, &str)> = check["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["target"].as_str().unwrap(), finding["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states.len(), 2, "{states:?}");
    assert!(states.contains(&("https://docs.acme.net/one", "muted")), "{states:?}");
    assert!(states.contains(&("https://docs.acme.net/two", "open")), "{states:?}");
    assert_eq!(check["summary"]["silenced"], 2);
    let notes = check["run"]["notes"].to_string();
    assert!(notes.contains("is over since 2020-01-01") && notes.contains("/two"), "{notes}");
    assert!(notes.contains("mutes nothing") && notes.contains("/nowhere"), "{notes}");
    assert!(!notes.contains("/one"), "{notes}");
    let text = help.run(&["report"]).stdout;
    assert!(text.contains("(1 acknowledged or muted, not shown; 2 silenced in entries)"), "{text}");
    // A run over a part cannot tell what mutes nothing.
    let notes = help.json(&["check", "help/b.md"])["run"]["notes"].to_string();
    assert!(!notes.contains("mutes nothing"), "{notes}");
}
