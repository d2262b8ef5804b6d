//! What is wrong with a configuration or schedule file, pointed at by file, line and column.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// So many problems of one error are shown: nobody mends more at a time, and each shows its part of the file.
const SHOWN: usize = 50;

/// One or more things wrong with what configures linkdrift. It ends the program with exit code 3 (SPEC §6). `Display` gives every
/// problem with its file, line, column and the line itself.
#[derive(Debug, Clone)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

/// One thing wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    origin: Origin,
    span: Option<Range<usize>>,
    message: String,
    help: Option<String>,
    secret: bool,
}

/// Where a text was read from: it is cited in errors.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    file: Option<PathBuf>,
    text: Arc<str>,
}

impl Origin {
    /// A file with its text.
    pub(crate) fn file(file: &Path, text: &str) -> Self {
        Self { file: Some(file.to_owned()), text: text.into() }
    }

    /// A text that comes from the command line.
    pub(crate) fn argument(text: &str) -> Self {
        Self { file: None, text: text.into() }
    }

    /// `file:line:column` of a byte of the text.
    pub(crate) fn place(&self, at: usize) -> String {
        let path = self
            .file
            .as_ref()
            .map_or_else(|| "command line".to_owned(), |file| clean(&file.display().to_string()));
        let (line, column) = self.problem(at..at, "", None).position().unwrap_or((1, 1));
        format!("{path}:{line}:{column}")
    }

    /// Something wrong at `span` (bytes of the text).
    pub(crate) fn problem(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Problem {
        let end = floor_boundary(&self.text, span.end);
        let start = floor_boundary(&self.text, span.start.min(end));
        Problem { origin: self.clone(), span: Some(start..end), message: message.into(), help, secret: false }
    }
}

impl Problem {
    /// Something wrong with a file as a whole.
    pub(crate) fn of_file(file: &Path, message: impl Into<String>, help: Option<String>) -> Self {
        let origin = Origin { file: Some(file.to_owned()), text: "".into() };
        Self { origin, span: None, message: message.into(), help, secret: false }
    }

    /// The line may hold a secret: it is pointed at, not shown.
    pub(crate) fn without_line(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The file, unless it was the command line.
    pub fn file(&self) -> Option<&Path> {
        self.origin.file.as_deref()
    }

    /// Line and column from 1; columns count Unicode scalar values. `None` where the file as a whole is meant.
    pub fn position(&self) -> Option<(usize, usize)> {
        let before = self.origin.text.get(..self.span.as_ref()?.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some((line, column))
    }

    /// What is wrong, without place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The whole message with the line and a caret, beginning with `error: `.
    fn render(&self) -> String {
        let path = self.origin.file.as_ref().map(|file| clean(&file.display().to_string()));
        // Where no line is shown, the file is what the sentence is about.
        let message = match (&self.span, &path) {
            (None, Some(path)) => format!("{path}: {}", clean(&self.message)),
            _ => clean(&self.message),
        };
        let mut group = Group::with_title(Level::ERROR.primary_title(message));
        match (&self.span, path) {
            (Some(_), path) if self.secret => {
                let (line, column) = self.position().unwrap_or((1, 1));
                let path = path.unwrap_or_else(|| "command line".to_owned());
                group = group.element(annotate_snippets::Origin::path(path).line(line).char_column(column));
            }
            (Some(span), path) => {
                let path = path.unwrap_or_else(|| "command line".to_owned());
                let snippet = Snippet::source(without_c1(&self.origin.text))
                    .path(path)
                    .annotation(AnnotationKind::Primary.span(span.clone()));
                group = group.element(snippet);
            }
            (None, _) => {}
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(clean(help)));
        }
        Renderer::plain().decor_style(DecorStyle::Ascii).term_width(140).render(&[group])
    }
}

impl ConfigError {
    /// Of problems; the list is not empty.
    pub(crate) fn of(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty(), "an error says what is wrong");
        Self { problems }
    }

    /// One error of several; `None` where there are none.
    pub fn join(errors: Vec<Self>) -> Option<Self> {
        let problems: Vec<_> = errors.into_iter().flat_map(|error| error.problems).collect();
        (!problems.is_empty()).then_some(Self { problems })
    }

    /// What is wrong, in the order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for ConfigError {
    /// As `error: {…}` wants it: the first problem without its own `error: `, further ones with it, a blank line between.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self.problems.iter().take(SHOWN).map(Problem::render).collect();
        let text = shown.join("\n\n");
        f.write_str(text.strip_prefix("error: ").unwrap_or(&text))?;
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n\nand {more} more"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// Replaces the control characters U+0080 to U+009F, which the renderer leaves, by another of two bytes, so that places stay.
fn without_c1(text: &str) -> String {
    text.replace(|c| ('\u{80}'..='\u{9f}').contains(&c), "¿")
}

/// Strips control characters and bounds the length: messages quote what files say.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(1000).collect()
}

/// The nearest of `known` to `written`, where it is near enough to be what was meant.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_ascii_lowercase().replace('-', "_");
    let known: Vec<&str> = known.into_iter().collect();
    let mut begun = known.iter().filter(|name| written.len() > 2 && name.starts_with(&written));
    if let (Some(name), None) = (begun.next(), begun.next()) {
        return Some(name);
    }
    known
        .into_iter()
        .map(|name| (edits(&written, &name.to_ascii_lowercase().replace('-', "_")), name))
        .filter(|(edits, name)| *edits <= 1 + name.chars().count().min(written.len()) / 4)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours, over at most 64 characters.
fn edits(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let replaced = above[j] + usize::from(l != r);
            let mut least = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[right.len()]
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["concurrency", "rate", "match", "bodies", "accept_language"];
        for (written, meant) in [
            ("concurency", Some("concurrency")),
            ("conucrrency", Some("concurrency")),
            ("accept-language", Some("accept_language")),
            ("mach", Some("match")),
            ("accept", Some("accept_language")),
            ("Rate", Some("rate")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), meant, "{written}");
        }
    }

    #[test]
    fn positions_count_scalar_values_and_never_split_one() {
        let origin = Origin::file(Path::new("a.toml"), "x = 1\nș = \"é\" y");
        assert_eq!(origin.problem(16..17, "m", None).position(), Some((2, 9)));
        assert_eq!(origin.problem(13..14, "m", None).position(), Some((2, 6)));
        assert_eq!(origin.problem(900..901, "m", None).position(), Some((2, 10)));
    }

    #[test]
    fn control_characters_never_reach_the_reader() {
        let origin = Origin::file(Path::new("a\u{1b}[2J.toml"), "x = \"\u{1b}[31m\u{202e}\u{9b}\"\n");
        let error = ConfigError::from(origin.problem(4..8, "bad \u{7}", Some("do \u{1b}c".into())));
        let text = error.to_string();
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{9b}']), "{text:?}");
    }
}
