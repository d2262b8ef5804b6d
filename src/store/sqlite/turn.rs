//! Turns between a run, which writes without a pause, and maintainers, who write once. SQLite lets a waiting writer only poll, and a
//! run leaves it no gap to find: measured, a review waited five seconds. So who waits says so by a file lock, and the run waits a little
//! after each commit.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::file::beside;
use crate::store::StoreError;

/// How long a run waits for others after a commit, at most: a process that was stopped in its turn must not stop the run.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(1);

/// Who goes first.
#[derive(Debug)]
pub(super) enum Turn {
    /// Gives way to others.
    Run(File),
    /// Asks to be let in.
    Review(File),
    /// Is alone.
    Alone,
}

impl Turn {
    /// The file that stands for whose turn it is.
    pub(super) fn file(path: &Path) -> Result<File, StoreError> {
        let turn = beside(path, ".turn");
        File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&turn)
            .map_err(|error| StoreError::Failed { path: turn, why: format!("cannot open: {error}") })
    }

    /// Before a transaction. What is said cannot be heard on a file system without locks; then chance decides, as without turns.
    pub(super) fn ask(&self) {
        if let Self::Review(file) = self {
            let _ = file.lock();
        }
    }

    /// After a transaction.
    pub(super) fn end(&self) {
        match self {
            Self::Review(file) => {
                let _ = file.unlock();
            }
            Self::Run(file) => {
                for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
                    match file.try_lock_shared() {
                        Err(TryLockError::WouldBlock) => thread::park_timeout(LOOK),
                        _ => break,
                    }
                }
                let _ = file.unlock();
            }
            Self::Alone => {}
        }
    }
}
