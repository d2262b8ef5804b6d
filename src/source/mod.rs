//! Stage 1: trees of entries. Walks a source, reads an entry, says in which syntax it is written.

use std::path::PathBuf;

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
