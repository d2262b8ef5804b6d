//! Front matter as it should not be (F), through the binary: a finding at its line, and the entry's links are read all the same.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::fs;

use serde_json::Value;

use crate::support::cli::run;

/// Lines of the findings on front matter, and all messages; the link below the block must be read whatever stands in it.
fn told(block: &str) -> (Vec<u64>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.md"), format!("{block}\n[x](gone.md)\n")).unwrap();
    let ran = run(folder.path(), &["check", "--no-state", "--offline", "--format", "json", "a.md"]);
    let report: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["rule"] == "link/missing-file"), "{block:.80}: {report:#}");
    let of_block: Vec<_> =
        findings.iter().filter(|finding| finding["rule"] == "entry/front-matter").collect();
    let lines = of_block.iter().map(|finding| finding["line"].as_u64().unwrap()).collect();
    (lines, of_block.iter().map(|finding| finding["message"].as_str().unwrap()).collect())
}

/// Blocks that are never closed, and what only looks like one.
#[test]
fn f01_where_a_block_ends() {
    let rows: [(&str, &[u64]); 6] = [
        ("", &[]),
        ("---\n", &[]),
        ("---\ntitle: t\n\nText\n", &[1]),
        ("---\n---\n", &[]),
        ("```\n---\ntitle: t\n---\n```\n", &[]),
        ("---\ntitle: t\n---\n\n---\n\nno: block\n\n---\n", &[]),
    ];
    for (block, lines) in rows {
        assert_eq!(told(block).0, lines, "{block:?}");
    }
}

/// Keys given twice and tabs are told at their line; tags and merge keys mean nothing here, and nothing is made of them.
#[test]
fn f03_what_yaml_can_do() {
    let rows: [(&str, &[u64]); 5] = [
        ("---\ntitle: a\ntitle: b\n---\n", &[3]),
        ("---\ntitle: a\nx:\n\t- b\n---\n", &[4]),
        ("---\ntitle: !!python/object/apply:os.system [\"touch /tmp/linkdrift-was-here\"]\n---\n", &[]),
        ("---\nbase: &b {a: 1}\nother: {<<: *b}\n---\n", &[]),
        ("---\nother: *nowhere\n---\n", &[2]),
    ];
    for (block, lines) in rows {
        let (have, messages) = told(block);
        assert_eq!(have, lines, "{block:?}: {messages}");
    }
    assert!(!std::path::Path::new("/tmp/linkdrift-was-here").exists());
}

/// A date in the future makes no age, and none below zero.
#[test]
fn f05_a_date_in_the_future() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.md"), "---\nms.date: 01/01/2199\n---\n[x](b.md)\n").unwrap();
    fs::write(folder.path().join("b.md"), "---\nms.date: 01/01/1999\n---\n# B\n").unwrap();
    let ran = run(folder.path(), &["check", "--no-state", "--offline", "--format", "json", "."]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let old: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "entry/age")
        .map(|finding| finding["entry"].clone())
        .collect();
    assert_eq!(old, ["b.md"], "{report:#}");
}

/// TOML is said not to be read; braces are no block of ours.
#[test]
fn f07_other_front_matter() {
    let (lines, messages) = told("+++\ntitle = \"t\"\n+++\n");
    assert_eq!(lines, [1]);
    assert!(messages.contains("TOML"), "{messages}");
    assert_eq!(told("{\n  \"title\": \"t\"\n}\n").0, [0; 0]);
}

/// Other keys, and other cases of known ones, are nobody's business; one slip away from a known one is told.
#[test]
fn f08_keys_that_are_not_known() {
    assert_eq!(told("---\ntitle: t\nmy-own: 1\nTitle: other\nMS.DATE: 01/01/2026\n---\n").0, [0; 0]);
    let (lines, messages) = told("---\ntitle: t\nms.dat: 01/01/2026\n---\n");
    assert_eq!(lines, [3]);
    assert!(messages.contains("ms.dat"), "{messages}");
}
