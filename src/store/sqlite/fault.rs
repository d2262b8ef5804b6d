//! What goes wrong inside the database, and what the caller is told.

use std::path::Path;

use rusqlite::{ErrorCode, ffi};

use crate::snapshot::Undecodable;
use crate::store::StoreError;

/// What goes wrong between the database and the domain.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// SQLite said no.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// A stored value is not what it should be.
    #[error("{0}")]
    Damaged(String),
    /// The file is not at its place any more.
    #[error("the file was moved, removed or replaced while it was in use")]
    Moved,
}

pub(super) type Outcome<T> = Result<T, Fault>;

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(format!("a stored value could not be read: {error}"))
    }
}

impl From<Undecodable> for Fault {
    fn from(error: Undecodable) -> Self {
        Self::Damaged(format!("a stored blob is damaged: {error}"))
    }
}

impl Fault {
    /// In the words of the trait. `doing` says what was tried ("record a visit").
    pub(super) fn told(self, path: &Path, doing: &str) -> StoreError {
        let path = path.to_owned();
        match &self {
            Self::Sqlite(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => StoreError::Full { path },
                Some(ErrorCode::NotADatabase) => {
                    StoreError::NotAState { path, why: "not a database, or a damaged one".into() }
                }
                Some(ErrorCode::DatabaseCorrupt) => StoreError::Failed {
                    path,
                    why: format!(
                        "cannot {doing}: the file is damaged ({error}); `linkdrift state check` says more, a backup made by \
                         `linkdrift state backup` replaces it"
                    ),
                },
                Some(ErrorCode::ReadOnly) if interrupted(error) => StoreError::Failed {
                    path,
                    why: format!(
                        "cannot {doing}: a write was interrupted and must be taken back first; the next `linkdrift check` or the \
                         daemon does that"
                    ),
                },
                Some(ErrorCode::ReadOnly) => StoreError::Failed {
                    path,
                    why: format!(
                        "cannot {doing}: the file or its folder is read-only; make it writable for this user"
                    ),
                },
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Failed {
                    path,
                    why: format!("cannot {doing}: another process kept the database locked; try again"),
                },
                Some(ErrorCode::SystemIoFailure) => StoreError::Failed {
                    path,
                    why: format!(
                        "cannot {doing}: {error}; what was committed is safe; look at the disk, its free space and quotas"
                    ),
                },
                _ => StoreError::Failed { path, why: format!("cannot {doing}: {error}") },
            },
            Self::Moved => StoreError::Failed {
                path,
                why: format!(
                    "cannot {doing}: {self}; nothing more is written to it: put the file back, or a backup in its place, and start \
                     again"
                ),
            },
            Self::Damaged(why) => StoreError::Failed {
                path,
                why: format!("cannot {doing}: {why}; `linkdrift state check` says more"),
            },
        }
    }
}

/// Whether a reader met what only a writer can mend (<https://www.sqlite.org/rescode.html#readonly_rollback>).
fn interrupted(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_extended_error_code(),
        Some(ffi::SQLITE_READONLY_ROLLBACK | ffi::SQLITE_READONLY_RECOVERY)
    )
}
