//! Sources in git: fetched by the system's git into a working tree beside the state. What a repository holds is hostile: no hook of it,
//! no helper, filter, submodule or link is ever run or followed.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
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

/// Commits whose entries are in a state, each under the name of its mark. As refs they keep what a comparison needs.
const READ: &str = "refs/linkdrift/read/";

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
    /// How it got there.
    pub how: How,
}

/// How a working tree came to be that of its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// There was no tree before.
    Cloned,
    /// What was new was fetched into the tree of before.
    Updated,
    /// The tree of before was damaged, for this reason, and a new clone took its place.
    Replaced(String),
}

/// A commit whose entries were read, and the name under which that was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Letters, digits and `-`.
    pub name: String,
    /// The commit.
    pub commit: String,
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
    /// The tree of before is damaged, and no new clone could be made.
    #[error("{damage}, and a new clone in its place failed: {error}")]
    Damaged {
        /// What is wrong with the tree.
        damage: Box<SyncError>,
        /// What became of the clone.
        error: Box<SyncError>,
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

/// Brings a source up to date: fetches the newest commit alone and checks it out; where there is no working tree yet, or one that is
/// damaged, a new clone takes its place. Nobody else works on the tree meanwhile: the caller holds the state.
pub async fn sync(
    source: &GitSource,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Result<Synced, SyncError> {
    if !is_there(source) {
        let commit = clone_anew(source, timeout, cancel).await?;
        return Ok(Synced { commit, how: How::Cloned });
    }
    let git = Git { tree: &source.tree, timeout, cancel };
    let damage = match update(&git, source).await {
        Ok(commit) => return Ok(Synced { commit, how: How::Updated }),
        // Of a fetch that failed the network, the server or the password may be the cause: a new clone would mend nothing.
        Err(SyncError::Refused { step: "fetch", said }) => match git.damage().await? {
            None => return Err(SyncError::Refused { step: "fetch", said }),
            Some(damage) => damage,
        },
        Err(refused @ SyncError::Refused { .. }) => refused,
        Err(error) => return Err(error),
    };
    match clone_anew(source, timeout, cancel).await {
        Ok(commit) => Ok(Synced { commit, how: How::Replaced(damage.to_string()) }),
        Err(SyncError::Cancelled) => Err(SyncError::Cancelled),
        Err(error) => Err(SyncError::Damaged { damage: Box::new(damage), error: Box::new(error) }),
    }
}

/// Fetches into the tree that is there.
async fn update(git: &Git<'_>, source: &GitSource) -> Result<String, SyncError> {
    remove_stale_locks(git.tree);
    git.fetch(source).await?;
    let before = git.commit("HEAD").await?;
    let commit = git.commit(FETCHED).await?;
    // Local and short: to stop here would leave half a tree.
    let to_its_end = CancellationToken::new();
    let local = Git { cancel: &to_its_end, ..*git };
    if let Err(error) = local.check_out(&commit).await {
        // The old tree is better than half a new one.
        let _ = local.check_out(&before).await;
        return Err(error);
    }
    Ok(commit)
}

/// Clones into a folder beside, which then takes the place of the tree. Until then the tree of before is not touched.
async fn clone_anew(
    source: &GitSource,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Result<String, SyncError> {
    let beside = beside(&source.tree);
    let failed = |error| SyncError::Folder { path: beside.clone(), error };
    remove(&beside).map_err(failed)?;
    std::fs::create_dir_all(&beside).map_err(failed)?;
    let git = Git { tree: &beside, timeout, cancel };
    let cloned = async {
        git.run("init", &["init", "--quiet", "--template=", "."]).await?;
        git.fetch(source).await?;
        let commit = git.commit(FETCHED).await?;
        git.check_out(&commit).await?;
        put_in_place(&beside, &source.tree)
            .map_err(|error| SyncError::Folder { path: source.tree.clone(), error })?;
        Ok(commit)
    };
    let cloned = cloned.await;
    // What failed, or the tree of before. Where it cannot be removed it only takes room, and the next clone tries again.
    if let Err(error) = remove(&beside) {
        tracing::warn!(path = %beside.display(), error.message = %error, "cannot be removed");
    }
    cloned
}

/// The folder of a clone that is not in place yet. No tree has such a name: none begins with a dot.
fn beside(tree: &Path) -> PathBuf {
    let mut name = OsStr::new(".").to_owned();
    name.push(tree.file_name().unwrap_or_default());
    name.push(".new");
    tree.with_file_name(name)
}

/// Puts a clone where the tree is, and the tree, if there is one, where the clone was.
fn put_in_place(clone: &Path, tree: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    if tree.symlink_metadata().is_err() {
        return std::fs::rename(clone, tree);
    }
    match renameat_with(CWD, clone, CWD, tree, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // A file system that cannot exchange: killed between the two, the next sync clones again.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            let old = clone.with_extension("old");
            remove(&old)?;
            std::fs::rename(tree, &old)?;
            if let Err(error) = std::fs::rename(clone, tree) {
                let _ = std::fs::rename(&old, tree);
                return Err(error);
            }
            remove(&old)
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes a folder; it need not be there.
fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The commits that were noted as read.
pub async fn marks(source: &GitSource, cancel: &CancellationToken) -> Result<Vec<Mark>, SyncError> {
    let git = Git { tree: &source.tree, timeout: TIMEOUT, cancel };
    let format = "--format=%(objectname) %(refname)";
    let output = git.run("for-each-ref", &["for-each-ref", format, READ]).await?;
    let mark = |line: &str| {
        let (commit, name) = line.split_once(' ')?;
        Some(Mark { commit: commit.to_owned(), name: name.strip_prefix(READ)?.to_owned() })
    };
    Ok(String::from_utf8_lossy(&output).lines().filter_map(mark).collect())
}

/// Notes that the entries of a commit were read, in place of all marks of before, whose commits are let go.
pub async fn mark(source: &GitSource, mark: &Mark, cancel: &CancellationToken) -> Result<(), SyncError> {
    let git = Git { tree: &source.tree, timeout: TIMEOUT, cancel };
    let before = marks(source, cancel).await?;
    git.run("update-ref", &["update-ref", &format!("{READ}{}", mark.name), &mark.commit]).await?;
    for old in before.iter().filter(|old| old.name != mark.name) {
        git.run("update-ref", &["update-ref", "-d", &format!("{READ}{}", old.name)]).await?;
    }
    if !before.is_empty() {
        git.run("gc", &["gc", "--quiet", "--prune=now"]).await?;
    }
    Ok(())
}

/// Files that were changed, added or removed between two commits, relative to the tree, byte for byte as git has their names; `None`
/// where that cannot be told.
pub async fn changed(
    source: &GitSource,
    (before, now): (&str, &str),
    cancel: &CancellationToken,
) -> Result<Option<Vec<PathBuf>>, SyncError> {
    let git = Git { tree: &source.tree, timeout: TIMEOUT, cancel };
    let names = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", before, now];
    match git.run("diff-tree", &names).await {
        Ok(output) if output.len() as u64 == OUTPUT => Ok(None),
        Ok(output) => {
            let names = output.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            Ok(Some(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect()))
        }
        // The commit of before is not there any more.
        Err(SyncError::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
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

    /// Fetches the newest commit alone.
    async fn fetch(&self, source: &GitSource) -> Result<(), SyncError> {
        let from = match &source.branch {
            Some(branch) => format!("+refs/heads/{branch}:{FETCHED}"),
            None => format!("+HEAD:{FETCHED}"),
        };
        let options = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--"];
        self.run("fetch", &[&options[..], &[&source.url, &from]].concat()).await.map(drop)
    }

    /// What is wrong with the repository itself, if anything is: its index, or what the commit of the tree rests on.
    async fn damage(&self) -> Result<Option<SyncError>, SyncError> {
        for (step, args) in [
            ("rev-parse", &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"][..]),
            ("ls-files", &["ls-files", "-z"]),
            ("fsck", &["fsck", "--connectivity-only", "--no-dangling", "--no-progress", "HEAD"]),
        ] {
            match self.run(step, args).await {
                Ok(_) => {}
                Err(refused @ SyncError::Refused { .. }) => return Ok(Some(refused)),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
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
            biased;
            () = self.cancel.cancelled() => SyncError::Cancelled,
            (status, output, said) = ended => {
                let status = status.map_err(SyncError::NoGit)?;
                return if status.success() { Ok(output) } else { Err(refused(step, &said)) };
            }
            () = tokio::time::sleep(self.timeout) => SyncError::TimedOut { step },
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
    async fn what_takes_too_long_ends_with_everything_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut reader = tokio::net::unix::pipe::OpenOptions::new().open_receiver(&pipe).unwrap();
        let endless = format!("alias.wait=!sleep 600 >{}", pipe.display());
        let (timeout, cancel) = (Duration::from_secs(2), CancellationToken::new());
        let git = Git { tree: folder.path(), timeout, cancel: &cancel };
        let slow = git.run("wait", &["-c", &endless, "wait"]).await.unwrap_err();
        assert!(matches!(slow, SyncError::TimedOut { step: "wait" }), "{slow}");
        // The pipe ends when nobody holds it any more.
        let mut said = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(60), reader.read_to_end(&mut said));
        ended.await.expect("what git started goes on after it was stopped").unwrap();
    }

    #[tokio::test]
    async fn a_clone_that_is_told_to_stop_or_fails_leaves_no_tree() {
        let folder = tempfile::tempdir().unwrap();
        let source = GitSource {
            url: format!("file://{}/nothing", folder.path().display()),
            branch: None,
            folder: PathBuf::new(),
            tree: folder.path().join("tree"),
        };
        let cancel = CancellationToken::new();
        cancel.cancel();
        let stopped = sync(&source, TIMEOUT, &cancel).await.unwrap_err();
        assert!(matches!(stopped, SyncError::Cancelled), "{stopped}");
        assert!(!is_there(&source));
        let missing = sync(&source, TIMEOUT, &CancellationToken::new()).await.unwrap_err();
        assert!(matches!(missing, SyncError::Refused { step: "fetch", .. }), "{missing}");
        assert!(!is_there(&source));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the half clone is gone");
    }
}
