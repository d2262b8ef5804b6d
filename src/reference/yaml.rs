//! YAML read as events with byte positions: nothing is expanded, so a bomb of aliases is as small as it looks; a mistake
//! costs what follows it, never what was read before.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

/// Most values read of one document.
const MOST_VALUES: usize = 200_000;

/// Deepest nesting that is followed.
const DEEPEST: usize = 64;

/// Longest path of keys that is kept, in bytes.
const LONGEST_PATH: usize = 256;

/// One scalar that is a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    /// The keys above it, joined with dots; items of a list share one.
    pub(super) path: String,
    /// The last key alone.
    pub(super) key: String,
    /// As text.
    pub(super) value: String,
    /// Its bytes, quotes left out.
    pub(super) range: Range<usize>,
    /// The mapping it stands in, counted from the document's start.
    pub(super) mapping: usize,
}

/// A mistake and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) offset: usize,
    pub(super) message: String,
}

/// What a document says.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) scalars: Vec<Scalar>,
    pub(super) mistakes: Vec<Mistake>,
    /// Whether it went to its end.
    pub(super) complete: bool,
}

enum Level {
    Sequence,
    Mapping { number: usize, key: Option<String>, seen: std::collections::HashSet<String> },
}

/// Reads the first document of `text`.
pub(super) fn read(text: &str) -> Document {
    let mut document = Document::default();
    let mut levels: Vec<Level> = Vec::new();
    let mut mappings = 0;
    // Collections that stand where a key is expected, or too deep, are passed over.
    let mut skipped = 0_usize;
    for next in Parser::new_from_str(text) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let marker = error.marker();
                let offset = marker.byte_offset().unwrap_or_else(|| line_start(text, marker.line()));
                document.mistakes.push(Mistake {
                    offset: offset.min(text.len()),
                    message: format!("no valid YAML: {}", error.info()),
                });
                return document;
            }
        };
        match event {
            Event::Scalar(value, style, ..) => {
                if skipped > 0 {
                    continue;
                }
                let range = span.byte_range().unwrap_or(0..0);
                if !is_key(&mut levels) {
                    if document.scalars.len() < MOST_VALUES {
                        document.scalars.push(scalar(text, &levels, &value, style, range));
                    }
                    value_ends(&mut levels);
                } else if let Some(Level::Mapping { key, seen, .. }) = levels.last_mut() {
                    if !seen.insert(value.to_string()) {
                        document.mistakes.push(Mistake {
                            offset: range.start,
                            message: format!("the key `{}` is given twice", shown(&value)),
                        });
                    }
                    *key = Some(value.into_owned());
                }
            }
            Event::Alias(_) => {
                if skipped == 0 {
                    if is_key(&mut levels) {
                        set_key(&mut levels);
                    } else {
                        value_ends(&mut levels);
                    }
                }
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if skipped > 0 => skipped += 1,
            Event::SequenceStart(..) | Event::MappingStart(..)
                if levels.len() >= DEEPEST || is_key(&mut levels) =>
            {
                skipped = 1;
            }
            Event::SequenceStart(..) => levels.push(Level::Sequence),
            Event::MappingStart(..) => {
                mappings += 1;
                levels.push(Level::Mapping {
                    number: mappings,
                    key: None,
                    seen: std::collections::HashSet::new(),
                });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if skipped > 1 {
                    skipped -= 1;
                } else {
                    if skipped == 0 {
                        levels.pop();
                    }
                    skipped = 0;
                    if is_key(&mut levels) {
                        set_key(&mut levels);
                    } else {
                        value_ends(&mut levels);
                    }
                }
            }
            Event::DocumentEnd => break,
            _ => {}
        }
    }
    document.complete = true;
    document
}

/// Whether the next node is a key.
fn is_key(levels: &mut [Level]) -> bool {
    matches!(levels.last(), Some(Level::Mapping { key: None, .. }))
}

/// A key that is no scalar.
fn set_key(levels: &mut [Level]) {
    if let Some(Level::Mapping { key, .. }) = levels.last_mut() {
        *key = Some(String::new());
    }
}

fn value_ends(levels: &mut [Level]) {
    if let Some(Level::Mapping { key, .. }) = levels.last_mut() {
        *key = None;
    }
}

fn scalar(text: &str, levels: &[Level], value: &str, style: ScalarStyle, range: Range<usize>) -> Scalar {
    let keys = levels.iter().filter_map(|level| match level {
        Level::Mapping { key: Some(key), .. } => Some(key.as_str()),
        _ => None,
    });
    let mut path = String::new();
    for key in keys.clone() {
        if path.len() + key.len() > LONGEST_PATH {
            break;
        }
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    }
    let key = keys.last().unwrap_or_default().to_owned();
    let mapping = levels
        .iter()
        .rev()
        .find_map(|level| match level {
            Level::Mapping { number, .. } => Some(*number),
            Level::Sequence => None,
        })
        .unwrap_or(0);
    let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
    let raw = text.get(range.clone()).unwrap_or_default();
    let range = if quoted && raw.len() >= 2 && raw.starts_with(['"', '\'']) {
        range.start + 1..range.end - 1
    } else {
        range.start..range.start + raw.trim_end().len()
    };
    Scalar { path, key, value: value.to_owned(), range, mapping }
}

fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

fn shown(key: &str) -> String {
    key.chars().filter(|c| !c.is_control()).take(60).collect()
}
