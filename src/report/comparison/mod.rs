//! A difference of two pages, for people and programs: one file per format.

mod html;
mod json;
mod rows;
mod text;

use std::io::{self, Write};

use serde::Serialize;

use crate::drift::Drift;
use crate::page::Page;
use crate::time::Timestamp;

/// The formats of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, on a terminal.
    Text,
    /// `linkdrift/diff/1`.
    Json,
    /// One page, without scripts.
    Html,
}

/// What changed from one page to another.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// The old page and where it is from.
    pub from: (&'a Label, &'a Page),
    /// The new page and where it is from.
    pub to: (&'a Label, &'a Page),
    /// The difference.
    pub drift: &'a Drift,
}

/// One side of a difference: where it is from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The file, for a difference of two files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The URL, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The snapshot's number, for a difference over the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<i64>,
    /// When it was first seen so, for a difference over the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

/// Writes a difference; styles are escape sequences, which the caller's stream takes out where they are not wanted.
pub fn write(out: &mut dyn Write, format: Format, comparison: &Comparison<'_>) -> io::Result<()> {
    match format {
        Format::Text => text::write(out, comparison),
        Format::Json => json::write(out, comparison),
        Format::Html => html::write(out, comparison),
    }
}

impl Label {
    /// What a heading calls it: the file, else when it was seen, else the URL.
    fn name(&self) -> String {
        let number = self.snapshot.map(|number| format!(" (snapshot {number})")).unwrap_or_default();
        let at = self.seen_at.map(|at| format!("{}{number}", at.format("%Y-%m-%d %H:%M")));
        self.file.clone().or(at).or_else(|| self.url.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
