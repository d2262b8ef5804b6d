//! Which files of a source are its entries.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;

use super::{Cause, EntryFile, Source, Syntax};

/// Why a source cannot be walked.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// A glob that is none.
    #[error("the glob `{glob}` of source `{source_name}` is wrong: {why}")]
    Glob {
        /// As configured.
        glob: String,
        /// The source's name.
        source_name: String,
        /// What globset says.
        why: String,
    },
    /// A folder that cannot be read, where nothing else is known of the source.
    #[error("source {source_name}: {folder}: {why}")]
    Unread {
        /// The source's name.
        source_name: String,
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        why: String,
    },
}

/// One step of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walked {
    /// An entry.
    Entry(EntryFile),
    /// A folder that cannot be read, or a file that vanished.
    Problem(WalkProblem),
}

/// A folder of a source that cannot be read, or a file of it that vanished while its folder was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkProblem {
    /// Path relative to the source's root, with `/`.
    pub path: String,
    /// A sentence fragment.
    pub message: String,
    /// Why.
    pub cause: Cause,
}

/// Why a FIFO, a device or a socket is not read.
pub(super) const NO_FILE: &str = "no regular file";

/// Which paths of a source are entries.
#[derive(Debug, Clone)]
pub struct Chooser {
    files: GlobSet,
    exclude: GlobSet,
}

impl Chooser {
    /// Compiles the globs of a source.
    pub fn new(source: &Source) -> Result<Self, WalkError> {
        Ok(Self { files: globs(source, &source.files)?, exclude: globs(source, &source.exclude_paths)? })
    }

    /// Whether a path (relative to the root, with `/`) is an entry's.
    pub fn chooses(&self, path: &str) -> bool {
        self.files.is_match(path) && !self.excludes(path)
    }

    /// Whether a path, or a folder above it, is excluded.
    pub fn excludes(&self, path: &str) -> bool {
        !self.exclude.is_empty()
            && (self.exclude.is_match(path)
                || path.match_indices('/').any(|(at, _)| self.exclude.is_match(&path[..at])))
    }
}

fn globs(source: &Source, patterns: &[String]) -> Result<GlobSet, WalkError> {
    let wrong = |glob: &str, error: &globset::Error| WalkError::Glob {
        glob: glob.to_owned(),
        source_name: source.name.clone(),
        why: error.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let plain = pattern.trim_start_matches("./").trim_end_matches('/');
        let glob = GlobBuilder::new(plain)
            .literal_separator(true)
            .build()
            .map_err(|error| wrong(pattern, &error))?;
        set.add(glob);
    }
    set.build().map_err(|error| wrong(&patterns.join(", "), &error))
}

impl Source {
    /// Walks the whole source; see [`Source::walk_below`].
    pub fn walk(&self) -> Result<impl Iterator<Item = Walked> + use<>, WalkError> {
        self.walk_below(None)
    }

    /// Walks the source, or one folder of it, in order of paths. Hidden files and what `.gitignore` names are left out; symbolic links are followed
    /// only to files inside the root. An entry that must not be opened (a link that leaves the source, a FIFO, a device, a
    /// socket) comes with the reason in `refused`.
    pub fn walk_below(
        &self,
        folder: Option<&str>,
    ) -> Result<impl Iterator<Item = Walked> + use<>, WalkError> {
        let chooser = Chooser::new(self)?;
        let root = self.root.clone();
        let start = folder
            .filter(|folder| !folder.is_empty())
            .map_or_else(|| root.clone(), |folder| root.join(folder));
        let real_root = root.canonicalize().unwrap_or_else(|_| root.clone());
        let mut builder = WalkBuilder::new(start);
        builder
            .follow_links(false)
            .require_git(false)
            .git_global(false)
            .git_exclude(true)
            .parents(true)
            .ignore(true)
            .sort_by_file_path(Path::cmp);
        let folders = chooser.clone();
        let folder_root = root.clone();
        builder.filter_entry(move |entry| {
            entry.depth() == 0
                || !entry.file_type().is_some_and(|kind| kind.is_dir())
                || !folders.excludes(&relative(&folder_root, entry.path()))
        });
        Ok(builder.build().filter_map(move |step| match step {
            Ok(entry) => {
                if entry.depth() == 0 && entry.file_type().is_some_and(|kind| kind.is_dir()) {
                    return None;
                }
                let path = relative(&root, entry.path());
                if !chooser.chooses(&path) {
                    return None;
                }
                step_of(path, entry.path(), &real_root)
            }
            Err(error) => Some(Walked::Problem(problem_of(&error, &root))),
        }))
    }

    /// The entry at a path of this source, whatever the globs say.
    pub fn entry(&self, path: &str) -> EntryFile {
        EntryFile {
            path: path.to_owned(),
            file: self.root.join(path),
            syntax: Syntax::of_path(path),
            refused: None,
        }
    }
}

fn step_of(path: String, file: &Path, real_root: &Path) -> Option<Walked> {
    let refused = match std::fs::symlink_metadata(file) {
        Ok(metadata) if metadata.is_dir() => return None,
        Ok(metadata) if metadata.is_file() => None,
        Ok(metadata) if metadata.is_symlink() => match file.canonicalize() {
            Ok(real) if real.is_dir() => return None,
            Ok(real) if !real.starts_with(real_root) => {
                Some("a symbolic link to a place outside the source".to_owned())
            }
            Ok(real) if real.is_file() => None,
            Ok(_) => Some(NO_FILE.to_owned()),
            Err(error) => Some(format!("a symbolic link that leads nowhere: {error}")),
        },
        Ok(_) => Some(NO_FILE.to_owned()),
        Err(error) if Cause::of(&error) == Cause::Itself => Some(error.to_string()),
        Err(error) => return Some(Walked::Problem(WalkProblem::of(path, &error))),
    };
    let syntax = Syntax::of_path(&path);
    Some(Walked::Entry(EntryFile { path, file: file.to_path_buf(), syntax, refused }))
}

fn problem_of(error: &ignore::Error, root: &Path) -> WalkProblem {
    let path = path_of(error).map_or_else(String::new, |path| relative(root, &path));
    match error.io_error() {
        Some(error) => WalkProblem::of(path, error),
        None => WalkProblem { path, message: error.to_string(), cause: Cause::Itself },
    }
}

impl WalkProblem {
    fn of(path: String, error: &std::io::Error) -> Self {
        Self { path, message: error.to_string(), cause: Cause::of(error) }
    }
}

fn path_of(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child.clone()),
        _ => None,
    }
}

/// `path` below `root`, with `/`; bytes that are no UTF-8 become U+FFFD.
pub(super) fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut text = String::new();
    for part in below.components() {
        if let std::path::Component::CurDir = part {
            continue;
        }
        if !text.is_empty() && !text.ends_with('/') {
            text.push('/');
        }
        text.push_str(&part.as_os_str().to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Selection;

    fn source(root: &Path, files: &[&str], exclude_paths: &[&str]) -> Source {
        Source {
            name: "t".to_owned(),
            root: root.to_owned(),
            base_url: None,
            locale: None,
            group: None,
            files: files.iter().map(ToString::to_string).collect(),
            exclude_paths: exclude_paths.iter().map(ToString::to_string).collect(),
            date_key: "ms.date".to_owned(),
            code: false,
        }
    }

    fn write(root: &Path, path: &str) {
        let file = root.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "x").unwrap();
    }

    #[test]
    fn globs_exclusions_hidden_and_ignored_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in [
            "b.md",
            "a/z.md",
            "a.md",
            "a/TOC.yml",
            ".hidden/h.md",
            "node_modules/n.md",
            "drafts/d.md",
            "x.png",
        ] {
            write(root, path);
        }
        std::fs::write(root.join(".gitignore"), "node_modules/\n").unwrap();
        let paths = |files: &[&str], exclude: &[&str]| -> Vec<String> {
            let (files, problems) = Selection::whole(source(root, files, exclude)).files().unwrap();
            assert!(problems.is_empty());
            files.into_iter().map(|file| file.path).collect()
        };
        assert_eq!(paths(&["**/*.md"], &[]), ["a/z.md", "a.md", "b.md", "drafts/d.md"]);
        assert_eq!(paths(&["**/*.md", "**/TOC.yml"], &["drafts/"]), ["a/TOC.yml", "a/z.md", "a.md", "b.md"]);
        assert_eq!(paths(&["*.md"], &["b.md"]), ["a.md"]);
        assert!(matches!(source(root, &["[a"], &[]).walk().err(), Some(WalkError::Glob { .. })));
    }

    #[test]
    fn m13_links_that_leave_loop_or_are_no_files_are_refused_and_nothing_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        write(&root, "real.md");
        write(folder.path(), "outside.md");
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, root.join(name)).unwrap();
        link("real.md", "inside.md");
        link("../outside.md", "leaves.md");
        link("loop-b.md", "loop-a.md");
        link("loop-a.md", "loop-b.md");
        link(".", "folder-loop");
        let fifo = std::process::Command::new("mkfifo").arg(root.join("pipe.md")).status().unwrap();
        assert!(fifo.success());
        let (files, _) = Selection::whole(source(&root, &["**/*.md"], &[])).files().unwrap();
        let refused: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.refused.is_some())).collect();
        assert_eq!(
            refused,
            [
                ("inside.md", false),
                ("leaves.md", true),
                ("loop-a.md", true),
                ("loop-b.md", true),
                ("pipe.md", true),
                ("real.md", false)
            ]
        );
        for file in &files {
            assert_eq!(
                crate::source::read(file, 100).problems.is_empty(),
                file.refused.is_none(),
                "{}",
                file.path
            );
        }
    }
}
