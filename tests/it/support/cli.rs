//! The binary, run in a folder of its own with nothing of the environment but what a test gives.

use std::path::Path;
use std::process::{Command, Output};

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Exit code; -1 after a signal.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// A command of the binary in `folder`, with an empty environment.
pub(crate) fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_linkdrift"));
    command.args(args).current_dir(folder).env_clear();
    command
}

/// Runs the binary to its end.
pub(crate) fn run(folder: &Path, args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = command(folder, args).output().expect("the binary starts");
    Ran {
        code: status.code().unwrap_or(-1),
        stdout: String::from_utf8(stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(stderr).expect("standard error is UTF-8"),
    }
}

/// Puts the binary elsewhere, for a user who may not look where it is built. A process of its own copies it: a file that this one has
/// open for writing, if only in a child that another test just forked, cannot be executed.
pub(crate) fn copy_binary(to: &Path) {
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_linkdrift")).arg(to).status().expect("cp starts");
    assert!(copied.success());
}
