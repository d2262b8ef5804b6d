//! Standard output that takes no more: a reader that went away is no error, a full disk is one, for every command that prints.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use crate::support::cli::{command, run};

const PAGE: &str = "https://learn.microsoft.com/azure/active-directory/sspr-setup";

/// The demo's repository and its state, and what prints about them; more than a buffer's worth in one case.
fn commands(folder: &Path) -> Vec<Vec<&'static str>> {
    let kept = run(folder, &["demo", "--keep", "kept"]);
    assert_eq!(kept.code, 0, "{}", kept.stderr);
    std::fs::write(folder.join("many.md"), "[a](nowhere.md)\n\n".repeat(3000)).unwrap();
    let state = "kept/state.db";
    vec![
        vec!["links", "many.md"],
        vec!["links", "many.md", "--format", "json"],
        vec!["check", "--offline", "--no-state", "--fail-on", "never", "many.md"],
        vec!["check", "--offline", "--no-state", "--fail-on", "never", "--format", "json", "many.md"],
        vec!["report", "--state", state],
        vec!["report", "--state", state, "--format", "json"],
        vec!["show", "--state", state, PAGE],
        vec!["show", "--state", state, "resetare-parola.md", "--format", "json"],
        vec!["diff", "--state", state, PAGE],
        vec!["diff", "--state", state, PAGE, "--format", "json"],
        vec!["state", "check", "--state", state],
        vec!["state", "check", "--state", state, "--format", "json"],
        vec!["page", "many.md"],
        vec!["schedules", "next", "--cron", "* * * * *"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["demo"],
    ]
}

#[test]
fn p09_a_reader_that_went_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    for args in commands(folder.path()) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(folder.path(), &args).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {err}");
        assert!(!err.contains("error") && !err.contains("panicked"), "{args:?}: {err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn p09_a_full_disk_behind_standard_output_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for args in commands(folder.path()) {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(folder.path(), &args).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {err}");
        assert!(err.contains("error: cannot write"), "{args:?}: {err}");
        assert!(!err.contains("panicked"), "{args:?}: {err}");
    }
}
