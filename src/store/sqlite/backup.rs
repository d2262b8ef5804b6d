//! A consistent copy, made while others write.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::Connection;

use super::file::{beside, sync_folder};
use crate::store::StoreError;

/// Copies the state of this moment to `to`, which must not exist: under another name first, then moved to its place, so that what
/// stands there is whole.
pub(super) fn backup(connection: &Connection, from: &Path, to: &Path) -> Result<(), StoreError> {
    if to.symlink_metadata().is_ok() {
        return Err(exists(to));
    }
    let partial = beside(to, &format!(".partial-{}", std::process::id()));
    let done = copy(connection, from, &partial).and_then(|()| place(&partial, to));
    // After a hard link the other name is not needed; after a failure neither is the part that was written.
    let _ = fs::remove_file(&partial);
    let _ = fs::remove_file(beside(&partial, "-journal"));
    done
}

fn copy(connection: &Connection, from: &Path, partial: &Path) -> Result<(), StoreError> {
    // VACUUM INTO takes an empty file; creating it here shows a missing or read-only folder in the system's words.
    OpenOptions::new().write(true).create_new(true).open(partial).map_err(|error| failed(partial, &error))?;
    let name = partial.to_str().ok_or_else(|| StoreError::Failed {
        path: partial.to_owned(),
        why: "cannot write a backup to a name that is no UTF-8".into(),
    })?;
    // A reader's connection refuses all writing, even to another file.
    let copied = connection
        .pragma_update(None, "query_only", false)
        .and_then(|()| connection.execute("VACUUM INTO ?1", [name]));
    let _ = connection.pragma_update(None, "query_only", true);
    copied.map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            super::fault::Fault::from(error).told(from, "copy the state")
        }
        _ => super::fault::Fault::from(error).told(partial, "write the backup"),
    })?;
    File::open(partial).and_then(|file| file.sync_all()).map_err(|error| failed(partial, &error))
}

/// A hard link refuses to replace what came to stand there meanwhile; where the file system has none, a rename must do.
fn place(partial: &Path, to: &Path) -> Result<(), StoreError> {
    match fs::hard_link(partial, to) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(exists(to)),
        Err(_) => fs::rename(partial, to).map_err(|error| failed(to, &error))?,
    }
    sync_folder(to);
    Ok(())
}

fn exists(to: &Path) -> StoreError {
    StoreError::Failed {
        path: to.to_owned(),
        why: "there is a file already; a backup never replaces one: name another".into(),
    }
}

fn failed(path: &Path, error: &std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { path: path.to_owned() },
        _ => StoreError::Failed { path: path.to_owned(), why: format!("cannot write the backup: {error}") },
    }
}
