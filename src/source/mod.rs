//! Stage 1: trees of entries. Walks a source, reads an entry, says in which syntax it is written.

mod cause;
mod check;
pub mod git;
mod read;
mod selection;
mod walk;

use std::path::PathBuf;

use crate::config::SourceSettings;

pub use cause::Cause;
pub use check::{FileChecker, FileState};
pub use read::{EntryText, LARGEST_ENTRY, ReadProblem, ReadProblemKind, decode, read};
pub use selection::{Chosen, Selection};
pub use walk::{Chooser, WalkError, WalkProblem, Walked};

/// A tree of help entries, ready to be walked.
#[derive(Debug, Clone)]
pub struct Source {
    /// Unique name.
    pub name: String,
    /// The folder.
    pub root: PathBuf,
    /// What root-relative links resolve against.
    pub base_url: Option<url::Url>,
    /// BCP 47 tag.
    pub locale: Option<String>,
    /// Translations of each other share it.
    pub group: Option<String>,
    /// Where the source begins below `root` is chosen by these globs.
    pub files: Vec<String>,
    /// Globs that take entries away again.
    pub exclude_paths: Vec<String>,
    /// The front-matter key of the entry's own date.
    pub date_key: String,
    /// Whether code and comments are read for URLs too.
    pub code: bool,
}

/// One help file of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFile {
    /// Path relative to the source's root, with `/`; what `entry` is in every report.
    pub path: String,
    /// Where it is read from.
    pub file: PathBuf,
    /// How it is written.
    pub syntax: Syntax,
    /// Why it must not be opened: it leaves the source, or is no regular file.
    pub refused: Option<String>,
}

/// How an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// CommonMark, GFM and Microsoft's extensions.
    Markdown,
    /// HTML.
    Html,
    /// `TOC.yml` and its like.
    Toc,
    /// Anything else: bare URLs only.
    PlainText,
}

impl From<&SourceSettings> for Source {
    fn from(settings: &SourceSettings) -> Self {
        Self {
            name: settings.name.clone(),
            root: settings.path.clone(),
            base_url: settings.base_url.clone(),
            locale: settings.locale.clone(),
            group: settings.group.clone(),
            files: settings.files.clone(),
            exclude_paths: settings.exclude_paths.clone(),
            date_key: settings.date_key.clone(),
            code: settings.code,
        }
    }
}

impl EntryFile {
    /// Standard input, as Markdown.
    pub fn standard_input() -> Self {
        Self { path: "-".to_owned(), file: PathBuf::from("-"), syntax: Syntax::Markdown, refused: None }
    }

    /// Whether it is read from standard input.
    pub fn is_standard_input(&self) -> bool {
        self.path == "-" && self.file.as_os_str() == "-"
    }
}

impl Syntax {
    /// How a file of this name is written.
    pub fn of_path(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
        match extension.as_str() {
            "md" | "markdown" | "mdx" | "mkd" | "mdown" | "qmd" | "rmd" => Self::Markdown,
            "html" | "htm" | "xhtml" => Self::Html,
            "yml" | "yaml" => Self::Toc,
            _ => Self::PlainText,
        }
    }
}
