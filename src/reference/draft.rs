//! What the readers of the syntaxes collect, before lines and columns are known.

use std::ops::Range;

use super::position::Lines;
use super::{EntryRead, FrontMatter, Kind, Problem, ProblemKind, Reference, Silence};

/// Longest text kept of a link, in bytes.
const LONGEST_TEXT: usize = 4096;

/// Most text kept of all links of one entry, in bytes: one alternative text can be that of a million pictures.
const MOST_TEXT: usize = 32 << 20;

/// Most problems kept of one entry: a file that is no text must not make a report of megabytes.
const MOST_PROBLEMS: usize = 1000;

/// A reference without its place.
#[derive(Debug, Clone)]
pub(super) struct DraftReference {
    pub(super) offset: Range<usize>,
    pub(super) destination: Range<usize>,
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) url: String,
}

/// A problem without its place.
#[derive(Debug, Clone)]
pub(super) struct DraftProblem {
    pub(super) kind: ProblemKind,
    pub(super) offset: Range<usize>,
    pub(super) message: String,
    pub(super) suggestion: Option<String>,
}

/// Everything that was read of one entry.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) front_matter: FrontMatter,
    pub(super) references: Vec<DraftReference>,
    /// Bytes of their texts, as they were when they came.
    text: usize,
    pub(super) problems: Vec<DraftProblem>,
    pub(super) anchors: Vec<String>,
    /// HTML comments: where, and what they say.
    pub(super) comments: Vec<(Range<usize>, String)>,
    /// Silences that do not come from comments.
    pub(super) silenced: Vec<Silence>,
}

impl Collected {
    pub(super) fn problem(
        &mut self,
        kind: ProblemKind,
        offset: Range<usize>,
        message: impl Into<String>,
        suggestion: Option<String>,
    ) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(DraftProblem { kind, offset, message: message.into(), suggestion });
        }
    }

    /// Takes a reference; its text is kept as far as there is room.
    pub(super) fn reference(&mut self, mut draft: DraftReference) {
        let room = MOST_TEXT.saturating_sub(self.text).min(LONGEST_TEXT);
        draft.text.truncate(draft.text.floor_char_boundary(room));
        self.text += draft.text.len();
        self.references.push(draft);
    }

    /// Appends to the text of a reference, up to the longest that is kept.
    pub(super) fn add_text(&mut self, reference: usize, text: &str) {
        if let Some(draft) = self.references.get_mut(reference) {
            push_bounded(&mut draft.text, text);
        }
    }

    /// Sorts by position and finds lines and columns.
    pub(super) fn finish(mut self, lines: &Lines<'_>) -> EntryRead {
        self.references.sort_by_key(|draft| (draft.offset.start, draft.destination.start));
        self.problems.sort_by_key(|draft| draft.offset.start);
        let mut silenced = self.silenced;
        silenced.extend(super::silence::from_comments(&self.comments, lines));
        let mut cursor = lines.cursor();
        let references = self
            .references
            .into_iter()
            .map(|draft| {
                let (line, column) = cursor.at(draft.offset.start);
                Reference {
                    line,
                    column,
                    offset: draft.offset,
                    destination: draft.destination,
                    kind: draft.kind,
                    text: draft.text,
                    url: draft.url,
                }
            })
            .collect();
        let mut cursor = lines.cursor();
        let problems = self
            .problems
            .into_iter()
            .map(|draft| {
                let (line, column) = cursor.at(draft.offset.start);
                Problem {
                    kind: draft.kind,
                    line,
                    column,
                    offset: draft.offset,
                    message: draft.message,
                    suggestion: draft.suggestion,
                }
            })
            .collect();
        EntryRead { front_matter: self.front_matter, references, anchors: self.anchors, problems, silenced }
    }
}

/// The beginning of a text that is kept of a link.
pub(super) fn bounded(text: &str) -> String {
    let mut kept = String::new();
    push_bounded(&mut kept, text);
    kept
}

/// Appends as much of `text` as fits.
pub(super) fn push_bounded(to: &mut String, text: &str) {
    let room = LONGEST_TEXT.saturating_sub(to.len());
    let mut end = room.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    to.push_str(&text[..end]);
}
