//! Which files of a source are its entries.

use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::WalkBuilder;

use super::{EntryFile, Source, Syntax};

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
}

/// One step of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Walked {
    /// An entry.
    Entry(EntryFile),
    /// Something that should have been an entry, or a folder, and cannot be read.
    Problem(WalkProblem),
}

/// Something in a source that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkProblem {
    /// Path relative to the source's root, with `/`.
    pub path: String,
    /// A sentence fragment.
    pub message: String,
}

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
    /// Walks the source in order of paths. Hidden files and what `.gitignore` names are left out; symbolic links are followed
    /// only to files inside the root; what is no regular file (FIFO, device, socket) is a problem, never opened.
    pub fn walk(&self) -> Result<impl Iterator<Item = Walked> + use<>, WalkError> {
        let chooser = Chooser::new(self)?;
        let root = self.root.clone();
        let real_root = root.canonicalize().unwrap_or_else(|_| root.clone());
        let mut builder = WalkBuilder::new(&root);
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
        EntryFile { path: path.to_owned(), file: self.root.join(path), syntax: Syntax::of_path(path) }
    }
}

fn step_of(path: String, file: &Path, real_root: &Path) -> Option<Walked> {
    let problem = |path: String, message: String| Some(Walked::Problem(WalkProblem { path, message }));
    let metadata = match std::fs::symlink_metadata(file) {
        Ok(metadata) => metadata,
        Err(error) => return problem(path, error.to_string()),
    };
    let is_link = metadata.file_type().is_symlink();
    let kind = if is_link {
        match file.canonicalize() {
            Ok(real) if !real.starts_with(real_root) => {
                return problem(path, "a symbolic link to a place outside the source".to_owned());
            }
            Ok(real) => match std::fs::metadata(&real) {
                Ok(metadata) => metadata.file_type(),
                Err(error) => return problem(path, error.to_string()),
            },
            Err(error) => return problem(path, format!("a symbolic link that leads nowhere: {error}")),
        }
    } else {
        metadata.file_type()
    };
    if kind.is_dir() {
        return None;
    }
    if !kind.is_file() {
        return problem(path, "no regular file".to_owned());
    }
    let syntax = Syntax::of_path(&path);
    Some(Walked::Entry(EntryFile { path, file: file.to_path_buf(), syntax }))
}

fn problem_of(error: &ignore::Error, root: &Path) -> WalkProblem {
    let path = path_of(error).map_or_else(String::new, |path| relative(root, &path));
    let message = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    WalkProblem { path, message }
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
