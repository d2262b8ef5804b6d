//! Whether a file that a relative link names is there.

use std::path::{Component, Path, PathBuf};

/// What a path below a source's root comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileState {
    /// A file or folder of the source.
    Found,
    /// Nothing.
    Missing,
    /// Something outside the source's root.
    Outside,
    /// Nobody can tell: a folder on the way to it cannot be read.
    Hidden,
}

/// Asks the disk about paths of one source; nothing is opened.
#[derive(Debug, Clone)]
pub struct FileChecker {
    root: PathBuf,
    real_root: PathBuf,
}

impl FileChecker {
    /// For the source at `root`.
    pub fn new(root: &Path) -> Self {
        let real_root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        Self { root: root.to_path_buf(), real_root }
    }

    /// The state of `path`, relative to the root, with `/`. A path without an extension also names `path.md`, as published
    /// pages have none.
    pub fn check(&self, path: &str) -> FileState {
        let below = Path::new(path);
        if path.contains('\0')
            || !below.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return FileState::Outside;
        }
        match self.real(path) {
            FileState::Missing if below.extension().is_none() && !path.is_empty() => {
                self.real(&format!("{}.md", path.trim_end_matches('/')))
            }
            state => state,
        }
    }

    fn real(&self, path: &str) -> FileState {
        match self.root.join(path).canonicalize() {
            Ok(real) if real.starts_with(&self.real_root) => FileState::Found,
            Ok(_) => FileState::Outside,
            Err(error) if tells_that_nothing_is_there(&error) => FileState::Missing,
            Err(_) => FileState::Hidden,
        }
    }
}

/// Whether an error says that a path names nothing: every other says that it could not be looked at.
fn tells_that_nothing_is_there(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    let says = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(says, Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG | Errno::INVAL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_inside_the_root_only() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("root");
        std::fs::create_dir_all(root.join("media")).unwrap();
        std::fs::write(outer.path().join("secret.md"), "").unwrap();
        std::fs::write(root.join("a.md"), "").unwrap();
        std::os::unix::fs::symlink("../secret.md", root.join("out.md")).unwrap();
        std::os::unix::fs::symlink("loop.md", root.join("loop.md")).unwrap();
        let checker = FileChecker::new(&root);
        for (path, expected) in [
            ("a.md", FileState::Found),
            ("a", FileState::Found),
            ("media", FileState::Found),
            ("media/", FileState::Found),
            ("b.md", FileState::Missing),
            ("A.md", FileState::Missing),
            ("loop.md", FileState::Missing),
            ("out.md", FileState::Outside),
            ("../secret.md", FileState::Outside),
            ("/etc/passwd", FileState::Outside),
            ("a\0.md", FileState::Outside),
        ] {
            assert_eq!(checker.check(path), expected, "{path:?}");
        }
    }
}
