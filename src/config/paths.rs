//! Paths as configuration names them: made absolute by text alone, and refused where writing there would be unsafe.

use std::path::{Component, Path, PathBuf};

/// `text` seen from `root`, without `.` and `..`.
pub(super) fn absolute(root: &Path, text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.len() > 4096 || text.chars().any(char::is_control) {
        return Err("a path has 1 to 4096 characters, none of them a control character".to_owned());
    }
    if text.starts_with('~') {
        return Err(format!(
            "`{text}`: `~` is not expanded: write the whole path, or one relative to this file"
        ));
    }
    Ok(normal(&root.join(text)))
}

/// Removes `.` and resolves `..` by text.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// Whether the text can name a state file at all, whatever is on the disk.
pub(super) fn state_path(text: &str) -> Result<(), String> {
    let last = text.rsplit('/').next().unwrap_or_default();
    if matches!(last, "" | "." | "..") {
        return Err(format!(
            "`{text}` is a folder: the state is one file, for example \"state/linkdrift.db\""
        ));
    }
    if Path::new(text).components().any(|part| part.as_os_str() == ".git") {
        return Err(format!("`{text}` lies inside a git directory"));
    }
    Ok(())
}

/// Whether a state may lie at `path`: by its text, and by what is on the disk now.
pub fn check_state_path(path: &Path) -> Result<(), String> {
    state_path(&path.to_string_lossy())?;
    state_place(path)
}

/// Whether a state may be written at `path`, as far as can be told by looking.
pub(super) fn state_place(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err(format!("{} is a folder: the state is one file in it", path.display()));
    }
    let mut above = path.parent();
    while let Some(folder) = above {
        if folder.is_dir() {
            return Ok(());
        }
        if folder.exists() {
            return Err(format!("{} is a file, not a folder: the state cannot lie in it", folder.display()));
        }
        above = folder.parent();
    }
    Ok(())
}
