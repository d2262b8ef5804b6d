//! Putting a copy in the place of a state.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::file::{self, Durability, Found, RunLock, beside, sync_folder};
use super::{backup, check};
use crate::store::StoreError;

/// Puts a copy of the state `from` in the place of the state at `path`, which is kept beside it under a name that ends in `stamp`. Nothing
/// is replaced unless the copy is sound and of a schema that this program knows. Refused while a run holds the state. Gives where the
/// state that was there is now; `None` where there was none.
pub fn restore(path: &Path, from: &Path, stamp: &str) -> Result<Option<PathBuf>, StoreError> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |why: String| StoreError::Failed { path: path.clone(), why };
    match file::look(from)? {
        Found::State => {}
        Found::Nothing => {
            return Err(StoreError::Failed { path: from.to_owned(), why: "there is no such file".into() });
        }
        Found::Foreign(why) => return Err(StoreError::NotAState { path: from.to_owned(), why }),
    }
    if fs::canonicalize(from).is_ok_and(|from| from == path) {
        return Err(failed("that is the state itself: name a backup of it".into()));
    }
    file::refuse_newer(from)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .map_err(|error| failed(format!("cannot make the folder of the state: {error}")))?;
    }
    let _lock = RunLock::take(&path)?;
    let fresh = beside(&path, &format!(".restored-{stamp}"));
    let before = fs::metadata(&path).ok();
    let made = make(from, &fresh).and_then(|()| {
        // The service must be able to write to it, whoever restores it.
        if let Some(before) = &before {
            file::like(&fresh, before);
        }
        swap(&path, &fresh, stamp)
    });
    file::share(&path);
    if made.is_err() {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(&fresh, suffix));
        }
    }
    made
}

/// Copies, brings the copy to this program's schema, and looks whether it is sound.
fn make(from: &Path, fresh: &Path) -> Result<(), StoreError> {
    let reading = file::open_reading(from).map_err(|fault| fault.told(from, "open the backup"))?;
    backup::backup(&reading, from, fresh)?;
    let connection =
        file::open_writing(fresh, Durability::Full).map_err(|fault| fault.told(from, "open the copy"))?;
    let soundness = check::check(&connection);
    if let Some(problem) = soundness.problems.first() {
        return Err(StoreError::Failed {
            path: from.to_owned(),
            why: format!("it is damaged, and nothing was replaced: {problem}"),
        });
    }
    connection
        .close()
        .map_err(|(_, error)| StoreError::Failed { path: from.to_owned(), why: error.to_string() })
}

/// The logs of the state that was there go with it: they must not stand beside another.
fn swap(path: &Path, fresh: &Path, stamp: &str) -> Result<Option<PathBuf>, StoreError> {
    let failed = |error: std::io::Error| StoreError::Failed {
        path: path.to_owned(),
        why: format!("cannot be replaced: {error}"),
    };
    let kept = (1..100)
        .map(|number| beside(path, &format!(".replaced-{stamp}-{number}")))
        .find(|name| name.symlink_metadata().is_err())
        .ok_or_else(|| failed(ErrorKind::AlreadyExists.into()))?;
    let mut there = false;
    for suffix in ["-wal", "-shm", "-journal", ""] {
        match fs::rename(beside(path, suffix), beside(&kept, suffix)) {
            Ok(()) => there |= suffix.is_empty(),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    fs::rename(fresh, path).map_err(failed)?;
    sync_folder(path);
    Ok(there.then_some(kept))
}
