//! `linkdrift links` through the binary: what it writes, where, and how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

mod bad;
mod written;

use std::path::Path;
use std::process::{Command, Output};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

fn command(cwd: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linkdrift"));
    command.arg("links").args(args).current_dir(cwd).env_clear();
    command
}

fn links(cwd: &Path, args: &[&str]) -> Output {
    command(cwd, args).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Objects of `--format jsonl`.
fn objects(output: &Output) -> Vec<serde_json::Value> {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `entry` and `url` of every reference.
fn urls(output: &Output) -> Vec<(String, String)> {
    let text = |object: &serde_json::Value, key: &str| object[key].as_str().unwrap().to_owned();
    objects(output).iter().map(|object| (text(object, "entry"), text(object, "url"))).collect()
}
