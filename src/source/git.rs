//! Sources in git: fetched by the system's git into a working tree beside the state. What a repository holds is hostile: no hook of it,
//! no helper, filter, submodule or link is ever run or followed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::config::GitSource;

/// How long one fetch may take; everything else that git does is local, and gets as long.
pub const TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// The branch as it was fetched last.
const FETCHED: &str = "refs/linkdrift/fetched";

/// What is kept of git's messages, in bytes.
const MESSAGE: u64 = 4 << 10;

/// What is kept of git's output, in bytes: names of changed files.
const OUTPUT: u64 = 64 << 20;

/// What git reads of the environment, beside what is set here.
const ENVIRONMENT: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "GIT_SSL_CAPATH",
    "GIT_CONFIG_GLOBAL",
    "GIT_EXEC_PATH",
    "XDG_CONFIG_HOME",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// What wins over every configuration that git finds.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "core.autocrlf=false",
    "core.askPass=",
    "protocol.ext.allow=never",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "advice.detachedHead=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=60",
];

/// What bringing a source up to date came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synced {
    /// The commit of the working tree now.
    pub commit: String,
    /// Files that were changed, added or removed, relative to the tree, with `/`; `None` where there was no tree before.
    pub changed: Option<Vec<String>>,
}

/// Why a source could not be brought up to date. Its tree is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// There is no git.
    #[error("git cannot be started: {0}; install it")]
    NoGit(std::io::Error),
    /// The folder cannot be made.
    #[error("{path}: {error}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// git refused.
    #[error("git {step}: {said}")]
    Refused {
        /// Its subcommand.
        step: &'static str,
        /// What it said.
        said: String,
    },
    /// It took too long, and was stopped.
    #[error("git {step}: no end after {} s, and was stopped", TIMEOUT.as_secs())]
    TimedOut {
        /// Its subcommand.
        step: &'static str,
    },
    /// The run was told to stop.
    #[error("stopped")]
    Cancelled,
}

/// Whether a source in git has a working tree: one was checked out to its end.
pub fn is_there(source: &GitSource) -> bool {
    std::fs::read_to_string(source.tree.join(".git/HEAD")).is_ok_and(|head| {
        head.trim_end().len() >= 40 && head.trim_end().bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Brings a source up to date: clones it where there is no working tree yet, else fetches the newest commit alone and checks it out.
/// Nobody else works on the tree meanwhile: the caller holds the state.
pub async fn sync(
    source: &GitSource,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Result<Synced, SyncError> {
    let tree = source.tree.as_path();
    std::fs::create_dir_all(tree).map_err(|error| SyncError::Folder { path: tree.to_owned(), error })?;
    let git = Git { tree, timeout, cancel };
    let known = is_there(source);
    if !known {
        // Also where a part of a repository is there: it is made whole.
        git.run("init", &["init", "--quiet", "--template=", "."]).await?;
    }
    remove_stale_locks(tree);
    let from = match &source.branch {
        Some(branch) => format!("+refs/heads/{branch}:{FETCHED}"),
        None => format!("+HEAD:{FETCHED}"),
    };
    let fetch =
        ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", &source.url, &from];
    git.run("fetch", &fetch).await?;
    let before = match known {
        true => Some(git.commit("HEAD").await?),
        false => None,
    };
    let commit = git.commit(FETCHED).await?;
    let changed = match &before {
        Some(before) => Some(git.changed(before, &commit).await?),
        None => None,
    };
    // Local and short: to stop here would leave half a tree.
    let to_its_end = CancellationToken::new();
    let local = Git { cancel: &to_its_end, ..git };
    if let Err(error) = local.check_out(&commit).await {
        // The old tree is better than half a new one.
        if let Some(before) = &before {
            let _ = local.check_out(before).await;
        }
        return Err(error);
    }
    if before.is_some_and(|before| before != commit) {
        // Commits of before are not needed any more; where they cannot be removed they only take room.
        if let Err(error) = git.run("gc", &["gc", "--quiet", "--prune=now"]).await {
            tracing::debug!(%error, "old commits were not removed");
        }
    }
    Ok(Synced { commit, changed })
}

/// One working tree.
#[derive(Clone, Copy)]
struct Git<'a> {
    tree: &'a Path,
    timeout: Duration,
    cancel: &'a CancellationToken,
}

impl Git<'_> {
    async fn commit(&self, name: &str) -> Result<String, SyncError> {
        let output = self
            .run("rev-parse", &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])
            .await?;
        Ok(String::from_utf8_lossy(&output).trim_end().to_owned())
    }

    async fn changed(&self, before: &str, now: &str) -> Result<Vec<String>, SyncError> {
        let names = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", before, now];
        let output = self.run("diff-tree", &names).await?;
        let name = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        Ok(output.split(|byte| *byte == 0).filter(|part| !part.is_empty()).map(name).collect())
    }

    /// Makes the working tree that of a commit, whatever it was.
    async fn check_out(&self, commit: &str) -> Result<(), SyncError> {
        self.run("checkout", &["checkout", "--quiet", "--force", "--detach", commit]).await?;
        self.run("clean", &["clean", "--quiet", "-ffdx"]).await?;
        Ok(())
    }

    /// Runs git to its end, or stops it with everything it started.
    async fn run(&self, step: &'static str, args: &[&str]) -> Result<Vec<u8>, SyncError> {
        let mut command = Command::new("git");
        command.env_clear();
        for name in ENVIRONMENT {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", "https:ssh:file")
            .env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
            .env("GIT_LFS_SKIP_SMUDGE", "1")
            // A folder that is no repository of its own must not be taken for a part of one above it.
            .env("GIT_CEILING_DIRECTORIES", self.tree.parent().unwrap_or(self.tree));
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
            .args(args)
            .current_dir(self.tree)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .process_group(0);
        let mut child = command.spawn().map_err(SyncError::NoGit)?;
        let group = child.id().and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let ended = async {
            let (output, said) = tokio::join!(bounded(stdout, OUTPUT), bounded(stderr, MESSAGE));
            (child.wait().await, output, said)
        };
        let stopped = tokio::select! {
            (status, output, said) = ended => {
                let status = status.map_err(SyncError::NoGit)?;
                return if status.success() { Ok(output) } else { Err(refused(step, &said)) };
            }
            () = tokio::time::sleep(self.timeout) => SyncError::TimedOut { step },
            () = self.cancel.cancelled() => SyncError::Cancelled,
        };
        // git starts helpers, which hold the connection: all of them end.
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = child.wait().await;
        Err(stopped)
    }
}

fn refused(step: &'static str, said: &[u8]) -> SyncError {
    let text = String::from_utf8_lossy(said);
    let lines = text.lines().map(|line| line.chars().filter(|c| !c.is_control()).collect::<String>());
    let lines: Vec<String> = lines.filter(|line| !line.trim().is_empty()).collect();
    let said = if lines.is_empty() { "failed and did not say why".to_owned() } else { lines.join("; ") };
    SyncError::Refused { step, said }
}

/// Reads to the end, keeps the first `limit` bytes.
async fn bounded(from: Option<impl AsyncRead + Unpin>, limit: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut from) = from {
        let _ = (&mut from).take(limit).read_to_end(&mut kept).await;
        let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    }
    kept
}

/// Removes locks that a git that was killed left behind; no other works on the tree.
fn remove_stale_locks(tree: &Path) {
    for lock in [
        "index.lock",
        "shallow.lock",
        "HEAD.lock",
        "config.lock",
        "packed-refs.lock",
        "refs/linkdrift/fetched.lock",
    ] {
        let _ = std::fs::remove_file(tree.join(".git").join(lock));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_fetch_that_takes_too_long_or_is_told_to_stop_ends_and_leaves_no_tree() {
        let folder = tempfile::tempdir().unwrap();
        let source = GitSource {
            url: format!("file://{}/nothing", folder.path().display()),
            branch: None,
            folder: PathBuf::new(),
            tree: folder.path().join("tree"),
        };
        let cancel = CancellationToken::new();
        let slow = sync(&source, Duration::ZERO, &cancel).await.unwrap_err();
        assert!(matches!(slow, SyncError::TimedOut { step: "init" }), "{slow}");
        cancel.cancel();
        let stopped = sync(&source, TIMEOUT, &cancel).await.unwrap_err();
        assert!(matches!(stopped, SyncError::Cancelled), "{stopped}");
        assert!(!is_there(&source));
        let missing = sync(&source, TIMEOUT, &CancellationToken::new()).await.unwrap_err();
        assert!(matches!(missing, SyncError::Refused { step: "fetch", .. }), "{missing}");
        assert!(!is_there(&source));
    }
}
