//! What cannot be read for a moment is not gone: everything that is known of it stays.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::cli::{copy_binary, run};

/// Somebody who is not root, for whom a mode means something.
const NOBODY: u32 = 65534;

/// Two entries with a finding each, and one without.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("help/sub")).unwrap();
    let write = |path: &str, text: &str| fs::write(folder.path().join(path), text).unwrap();
    write("linkdrift.toml", "[state]\npath = \"state.db\"\n\n[[source]]\nname = \"help\"\npath = \"help\"\n");
    write("help/well.md", "[x](x.md) [y](sub/y.md)\n");
    write("help/x.md", "[no](no.md)\n");
    write("help/sub/y.md", "[no](no.md)\n");
    folder
}

/// Every finding by entry and rule, with its `since`.
fn findings(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["state"] != "resolved")
        .map(|finding| (text(&finding["entry"]), text(&finding["rule"])))
        .collect();
    found.sort();
    found
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(entry, rule)| ((*entry).to_owned(), (*rule).to_owned())).collect()
}

/// Checks, and gives what the run said and the counts of findings: new, ongoing, resolved.
fn check(folder: &Path) -> (Value, [u64; 3]) {
    let ran = run(folder, &["check", "--offline", "--format", "json"]);
    assert!(matches!(ran.code, 0 | 2), "{}", ran.stderr);
    counted(&ran.stdout)
}

fn counted(json: &str) -> (Value, [u64; 3]) {
    let report: Value = serde_json::from_str(json).unwrap();
    let counts =
        ["new", "ongoing", "resolved"].map(|count| report["summary"][count].as_u64().unwrap_or_default());
    (report, counts)
}

const BOTH: &[(&str, &str)] = &[("sub/y.md", "link/missing-file"), ("x.md", "link/missing-file")];

#[test]
fn an_entry_that_cannot_be_read_keeps_its_findings_beside_why() {
    let folder = repository();
    let (report, counts) = check(folder.path());
    assert_eq!((findings(&report), counts), (pairs(BOTH), [2, 0, 0]));

    let file = folder.path().join("help/x.md");
    fs::remove_file(&file).unwrap();
    // A FIFO is no file for root either.
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    for counts in [[1, 2, 0], [0, 3, 0]] {
        let (report, now) = check(folder.path());
        let unread = pairs(&[BOTH[0], ("x.md", "entry/unreadable"), BOTH[1]]);
        let mut expected = unread;
        expected.sort();
        assert_eq!((findings(&report), now), (expected, counts));
    }
    fs::remove_file(&file).unwrap();
    fs::write(&file, "[no](no.md)\n").unwrap();
    let (report, counts) = check(folder.path());
    assert_eq!((findings(&report), counts), (pairs(BOTH), [0, 2, 1]));
    fs::remove_file(&file).unwrap();
    fs::write(folder.path().join("help/well.md"), "[y](sub/y.md)\n").unwrap();
    let (report, counts) = check(folder.path());
    assert_eq!((findings(&report), counts), (pairs(&BOTH[..1]), [0, 1, 1]), "what is gone is gone");
}

/// Its address is none of the entry's, and what was known of the entry stays.
#[test]
fn a_git_lfs_pointer_stands_for_an_entry_that_cannot_be_read() {
    let folder = repository();
    check(folder.path());
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n";
    fs::write(folder.path().join("help/x.md"), pointer).unwrap();
    let (report, counts) = check(folder.path());
    let mut expected = pairs(&[BOTH[0], ("x.md", "entry/unreadable"), BOTH[1]]);
    expected.sort();
    assert_eq!((findings(&report), counts), (expected, [1, 2, 0]));
    let told = report["findings"].as_array().unwrap().iter().find(|told| told["rule"] == "entry/unreadable");
    assert!(told.unwrap()["message"].as_str().unwrap().contains("git lfs pull"), "{told:?}");
    assert!(!report["targets"].to_string().contains("git-lfs"), "{}", report["targets"]);
}

#[test]
fn a_folder_that_cannot_be_read_keeps_its_entries() {
    let folder = repository();
    let open = |path: &str, mode| {
        fs::set_permissions(folder.path().join(path), Permissions::from_mode(mode)).unwrap();
    };
    open("", 0o777);
    let root = is_roots(folder.path());
    let program = folder.path().join("linkdrift");
    copy_binary(&program);
    let unprivileged = || {
        let mut command = Command::new(&program);
        command.args(["check", "--offline", "--format", "json"]).current_dir(folder.path()).env_clear();
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output().unwrap()
    };
    let check = || {
        let output = unprivileged();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 2)), "{stderr}");
        let (report, counts) = counted(&String::from_utf8_lossy(&output.stdout));
        (report, counts, stderr)
    };
    assert_eq!(check().1, [2, 0, 0]);
    for mode in [0o700, 0o744] {
        open("help/sub", if root { mode } else { mode & 0o044 });
        let (report, counts, stderr) = check();
        assert_eq!(counts[2], 0, "{mode:o}: nothing is resolved");
        assert!(!findings(&report).contains(&("well.md".to_owned(), "link/missing-file".to_owned())));
        assert!(stderr.contains("sub") || mode == 0o744, "{stderr}");
        let shown = run(folder.path(), &["show", "sub/y.md"]);
        assert!(
            shown.code == 0 && shown.stdout.contains("link/missing-file"),
            "{}{}",
            shown.stdout,
            shown.stderr
        );
        open("help/sub", 0o755);
        let (report, counts, _) = check();
        assert_eq!((findings(&report), counts[0]), (pairs(BOTH), 0), "{mode:o}: nothing is new");
    }
    open("help", if root { 0o700 } else { 0 });
    assert_eq!(unprivileged().status.code(), Some(1));
    open("help", 0o755);
    let (report, counts, _) = check();
    assert_eq!((findings(&report), counts), (pairs(BOTH), [0, 2, 0]));
}

/// Files that a test writes are its user's.
fn is_roots(path: &Path) -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata(path).unwrap()) == 0
}

#[test]
fn a_root_that_is_not_there_or_empty_resolves_nothing() {
    let folder = repository();
    assert_eq!(check(folder.path()).1, [2, 0, 0]);
    let (help, aside) = (folder.path().join("help"), folder.path().join("aside"));
    fs::rename(&help, &aside).unwrap();
    for there in [false, true] {
        if there {
            fs::create_dir(&help).unwrap();
        }
        let ran = run(folder.path(), &["check", "--offline"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains("help"), "{}", ran.stderr);
    }
    fs::remove_dir(&help).unwrap();
    fs::rename(&aside, &help).unwrap();
    let (report, counts) = check(folder.path());
    assert_eq!((findings(&report), counts), (pairs(BOTH), [0, 2, 0]));
}
