//! Whether a place where a term stands is a use of it.

use std::ops::Range;

use super::super::prose::{Case, Words};
use super::{Wanted, is_code, showing};
use crate::rule::EntryView;

/// How far from a term its replacement may stand in "Microsoft Entra ID (formerly Azure Active Directory)", in bytes.
const EXPLAINED: usize = 80;

/// A place where a term stands in an entry.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) view: &'a EntryView<'a>,
    /// The entry's words.
    pub(super) entry: &'a Words<'a>,
    /// Those of the term.
    pub(super) words: &'a Range<usize>,
    pub(super) bytes: &'a Range<usize>,
}

/// Whether the place is a use of the dropped term, not a part of another name and not its explanation.
pub(super) fn is_use(Spot { view, entry, words, bytes }: Spot<'_>, wanted: &Wanted<'_>) -> bool {
    if let Some(next) = entry.next_beside(words) {
        let longer = format!("{} {next}", wanted.text);
        if is_code(next) || !wanted.upstream.find(&Words::of(&longer, &[]), wanted.case).is_empty() {
            return false;
        }
    }
    if words.len() == 1 && (in_an_identifier(view.text, bytes) || begins_a_sentence(view, bytes)) {
        return false;
    }
    let Some(replacement) = wanted.replacement else { return true };
    !part_of(view.text, bytes, replacement) && !explained(view.text, bytes, replacement)
}

/// What stands beside a name of one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// Nothing that makes another name of it.
    None,
    /// A word with a capital that may be there for the sentence that it begins: "Microsoft Search" or "Deschideți Yammer".
    Doubtful,
    /// A word that makes another name of it: the label `Home` in "Windows 11 Home".
    Name,
}

/// What the page said before, where it showed a term.
pub(super) struct OldTexts<'v>(Vec<Words<'v>>);

impl<'v> OldTexts<'v> {
    pub(super) fn of(wanted: &Wanted<'v>) -> Self {
        let texts = showing(wanted.drift, wanted.text).take(20).filter_map(|block| block.old.as_deref());
        Self(texts.map(|text| Words::of(text, &[])).collect())
    }

    fn say(&self, phrase: &str) -> bool {
        self.0.iter().any(|text| !text.find(&Words::of(phrase, &[]), Case::Exact).is_empty())
    }
}

/// Words that German writes with a capital to be polite.
const POLITE: &[&str] = &["Sie", "Ihr", "Ihre", "Ihrem", "Ihren", "Ihrer", "Ihnen"];

/// Whether a dropped name of one word is part of a longer name here, which upstream did not use. One that is set apart is none.
pub(super) fn company(Spot { view, entry, words, bytes }: Spot<'_>, old: &OldTexts<'_>) -> Company {
    if is_set_apart(view.text, bytes) {
        return Company::None;
    }
    let written = &view.text[bytes.clone()];
    let is_name = |word: &str| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    if let Some(next) = entry.next_beside(words)
        && is_name(next)
        && !old.say(&format!("{written} {next}"))
    {
        return Company::Name;
    }
    let Some(previous) = entry.previous_beside(words) else { return Company::None };
    let word = &view.text[previous.range.clone()];
    if !is_name(word) || POLITE.contains(&word) || old.say(&format!("{word} {written}")) {
        Company::None
    } else if is_start(view.text, previous.range.start) && is_plain(word) {
        Company::Doubtful
    } else {
        Company::Name
    }
}

/// Bold, code, a link or in quotation marks, alone.
fn is_set_apart(text: &str, bytes: &Range<usize>) -> bool {
    let opens =
        |c: char| matches!(c, '*' | '_' | '`' | '"' | '“' | '„' | '«' | '‘' | '[' | '「' | '『' | '>');
    let closes =
        |c: char| matches!(c, '*' | '_' | '`' | '"' | '”' | '“' | '»' | '’' | ']' | '」' | '』' | '<');
    text[..bytes.start].chars().next_back().is_some_and(opens)
        && text[bytes.end..].chars().next().is_some_and(closes)
}

/// `Teams.exe`, `x@Contoso`: part of a longer token.
fn in_an_identifier(text: &str, bytes: &Range<usize>) -> bool {
    let glue = |c: char| matches!(c, '.' | '\\' | '/' | '@' | '=' | '$' | ':');
    let mut before = text[..bytes.start].chars().rev();
    let mut after = text[bytes.end..].chars();
    (before.next().is_some_and(glue) && before.next().is_some_and(char::is_alphanumeric))
        || (after.next().is_some_and(glue) && after.next().is_some_and(char::is_alphanumeric))
}

/// A capital at the start of a sentence, and in a language that writes every noun with one, makes no name. Names with further
/// capitals or digits are names wherever they stand, and so is what is set apart as a label.
fn begins_a_sentence(view: &EntryView<'_>, bytes: &Range<usize>) -> bool {
    if !is_plain(&view.text[bytes.clone()]) {
        return false;
    }
    let language = view.locale.map(|locale| locale.to_ascii_lowercase());
    let language = language.as_deref().and_then(|locale| locale.split(['-', '_']).next());
    if language.is_some_and(|language| CASELESS.contains(&language)) {
        // But in a sentence that was left in English.
        let after =
            view.text[bytes.end..].trim_start_matches(['*', '_', '"', '”', ']']).trim_start_matches(' ');
        return after.starts_with(char::is_lowercase) && is_start(view.text, bytes.start);
    }
    if language == Some("de") {
        return !view.text[..bytes.start].ends_with("**") && !is_set_apart(view.text, bytes);
    }
    is_start(view.text, bytes.start)
}

/// Whether a name has no further capitals or digits.
pub(super) fn is_plain(word: &str) -> bool {
    !word.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Languages whose script has no capitals: a Latin word in it has its own for its own sake.
const CASELESS: &[&str] = &[
    "am", "ar", "bn", "fa", "gu", "he", "hi", "ja", "ka", "km", "kn", "ko", "lo", "ml", "mr", "my", "ne",
    "pa", "si", "ta", "te", "th", "ur", "zh",
];

/// Whether a sentence, an item or a cell starts here.
fn is_start(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\t', '*', '_', '"', '“', '„', '[', '(']);
    before.is_empty() || before.ends_with(['.', '!', '?', ':', '\n', '\r', '-', '#', '>', '|', '。'])
}

/// Whether the place lies inside a longer name that upstream uses now: `Teams` in `Microsoft Teams`.
fn part_of(text: &str, bytes: &Range<usize>, replacement: &str) -> bool {
    let term = &text[bytes.clone()];
    let folded = replacement.to_lowercase();
    let Some(at) = folded.find(&term.to_lowercase()) else { return false };
    let Some(start) = bytes.start.checked_sub(at) else { return false };
    text.get(start..start + replacement.len()).is_some_and(|around| around.to_lowercase() == folded)
}

/// "Microsoft Entra ID (formerly Azure Active Directory)" knows the new name already.
fn explained(text: &str, bytes: &Range<usize>, replacement: &str) -> bool {
    let back =
        text[..bytes.start].char_indices().rev().map(|(at, _)| at).find(|at| bytes.start - at >= EXPLAINED);
    let before = &text[back.unwrap_or(0)..bytes.start];
    let before = before.rsplit('\n').next().unwrap_or(before);
    let ahead = text[bytes.end..].char_indices().map(|(at, _)| at).find(|at| *at >= EXPLAINED);
    let after = &text[bytes.end..ahead.map_or(text.len(), |at| bytes.end + at)];
    let after = after.split('\n').next().unwrap_or(after);
    let new = replacement.to_lowercase();
    let opens = |between: &str| between.contains(['(', '（', '[']) && !between.contains(". ");
    let known_before =
        before.to_lowercase().rfind(&new).is_some_and(|at| opens(&before.to_lowercase()[at..]));
    let known_after = after.to_lowercase().find(&new).is_some_and(|at| opens(&after.to_lowercase()[..at]));
    known_before || known_after
}
