//! Stage 2: an entry's text → its references with byte ranges, its front matter, its anchors, and what is wrong with it.
//! Parsing gives a value and a list of problems; one bad line never costs the file.

mod anchor;
mod bare;
mod destination;
mod directive;
mod draft;
mod front_matter;
mod html;
mod mapped;
mod markdown;
mod not_a_link;
mod plain;
mod position;
mod silence;
#[cfg(test)]
mod tests;
mod toc;
mod yaml;

use std::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::source::{self, Cause, EntryFile, EntryText, ReadProblem, ReadProblemKind, Source, Syntax};

pub use bare::meant_part;
pub(crate) use markdown::DIALECT;

/// What a reader of entries is told beside the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// The front-matter key of the entry's own date.
    pub date_key: String,
    /// Whether code and comments are read for URLs too.
    pub code: bool,
}

/// An entry as it was read from its file.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// blake3 of the file's bytes.
    pub content: [u8; 32],
    /// Its text.
    pub text: String,
    /// What the text says.
    pub read: EntryRead,
    /// Why the file could not be read, where it could not.
    pub unread: Option<Cause>,
}

impl EntryRead {
    /// Whether the file could not be read, so that this is not what it says.
    pub fn is_unread(&self) -> bool {
        self.problems.iter().any(|problem| problem.kind == ProblemKind::Unreadable)
    }
}

/// One place in an entry that names a URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Line of the construct, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1; a byte order mark counts for none.
    pub column: u32,
    /// Bytes of the whole construct.
    pub offset: Range<usize>,
    /// Bytes of the destination alone: what a fix replaces.
    pub destination: Range<usize>,
    /// The construct.
    pub kind: Kind,
    /// Plain text of the link, or an image's alternative text.
    pub text: String,
    /// The destination after unescaping, not percent-encoded; empty where there is none.
    pub url: String,
}

/// The construct that a reference is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `[text](url)`, CommonMark 6.3.
    Inline,
    /// `[text][label]`, `[label][]`, `[label]`; the destination is that of the definition.
    Reference,
    /// `<https://…>`, CommonMark 6.5.
    Autolink,
    /// A URL in text, GFM 6.9.
    Bare,
    /// `![text](url)`.
    Image,
    /// An attribute of HTML.
    Html,
    /// A value in front matter.
    FrontMatter,
    /// A value in `TOC.yml`.
    Toc,
    /// `[!VIDEO url]`, `:::image source="…":::`.
    Directive,
}

/// What an entry says, apart from its bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EntryRead {
    /// Its metadata.
    pub front_matter: FrontMatter,
    /// Every place that names a URL, by position.
    pub references: Vec<Reference>,
    /// What a fragment can name: heading ids and `<a name>`, `id=`.
    pub anchors: Vec<String>,
    /// What is wrong with the text.
    pub problems: Vec<Problem>,
    /// Byte ranges in which nothing is reported for a rule (or any, where it is `None`): ignore comments.
    pub silenced: Vec<Silence>,
}

/// The YAML block at an entry's start, read leniently.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontMatter {
    /// Lines of the block, delimiters included; `None` where there is no block.
    pub lines: Option<(u32, u32)>,
    /// Scalar values by key, as written, with the line of the key.
    pub values: Vec<FrontMatterValue>,
    /// The entry's own date, from the configured key.
    pub date: Option<NaiveDate>,
}

/// One `key: value` of front matter; a list gives one value per item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontMatterValue {
    /// The key; nested keys are joined with a dot.
    pub key: String,
    /// The scalar as text.
    pub value: String,
    /// Line of the value, from 1, in the file.
    pub line: u32,
}

/// Something wrong with an entry's text; rules make findings of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of wrong.
    pub kind: ProblemKind,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Bytes concerned; empty where it is a place.
    pub offset: Range<usize>,
    /// A sentence fragment for the reader.
    pub message: String,
    /// What to write instead, where that is clear.
    pub suggestion: Option<String>,
}

/// The kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// Front matter that is no YAML, is unclosed, or has a wrong value: `entry/front-matter`.
    FrontMatter,
    /// Bytes that are not UTF-8: `entry/encoding`.
    Encoding,
    /// The file could not be read: `entry/unreadable`.
    Unreadable,
    /// Text that was meant to be a link and is none: `link/malformed`.
    NotALink,
    /// A letter directly behind a bare URL, which renderers take into the link: `link/malformed`, as a warning, for the URL itself
    /// is visited as it was meant.
    Glued,
    /// `[text][label]` without a definition.
    UndefinedLabel,
}

/// A stretch of an entry in which findings are not wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// First and last line, from 1, both included.
    pub lines: (u32, u32),
    /// The rule, or every rule of `link/`.
    pub rule: Option<String>,
    /// Why, where it was said.
    pub reason: Option<String>,
}

impl FrontMatter {
    /// The first value of `key`.
    pub fn get(&self, key: &str) -> Option<&FrontMatterValue> {
        self.values.iter().find(|value| value.key == key)
    }

    /// `title`.
    pub fn title(&self) -> Option<&str> {
        self.get("title").map(|value| value.value.as_str())
    }
}

impl From<&ReadProblem> for Problem {
    fn from(problem: &ReadProblem) -> Self {
        Self {
            kind: match problem.kind {
                ReadProblemKind::Unreadable => ProblemKind::Unreadable,
                ReadProblemKind::Encoding => ProblemKind::Encoding,
            },
            line: problem.line,
            column: problem.column,
            offset: problem.offset..problem.offset,
            message: problem.message.clone(),
            suggestion: None,
        }
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { date_key: "ms.date".to_owned(), code: false }
    }
}

/// Reads an entry: its references in order of their places, its front matter, anchors and ignore comments, and what is wrong
/// with it. Byte ranges count in `text`, a byte order mark included. Never fails, and takes time linear in the text.
pub fn read(syntax: Syntax, text: &str, options: &ReadOptions) -> EntryRead {
    let lines = position::Lines::new(text);
    let mut out = draft::Collected::default();
    match syntax {
        Syntax::Markdown => {
            let body = front_matter::read(text, &lines, options, &mut out);
            markdown::read(text, body, options, &mut out);
        }
        Syntax::Html => {
            let comments = if options.code { html::Comments::Read } else { html::Comments::Skip };
            let mapped = mapped::Mapped::exact(text, 0);
            html::scan(&mapped, comments, &mut html::HtmlState::default(), &mut out);
        }
        Syntax::Toc => toc::read(text, &mut out),
        Syntax::PlainText => plain::read(text, usize::from(text.starts_with('\u{feff}')) * 3, &mut out),
    }
    out.finish(&lines)
}

/// Reads an entry's file: its bytes' hash, its text, and what the text says, with whatever is wrong with either among the
/// problems. Never fails.
pub fn read_file(source: &Source, file: &EntryFile) -> Entry {
    let EntryText { hash, text, problems, unread } = source::read(file, source::LARGEST_ENTRY);
    let options = ReadOptions { date_key: source.date_key.clone(), code: source.code };
    let mut read = read(file.syntax, &text, &options);
    read.problems.splice(0..0, problems.iter().map(Problem::from));
    Entry { content: hash, text, read, unread }
}
