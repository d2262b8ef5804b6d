//! Texts as words, and what changed between two texts word by word.

use std::collections::HashMap;
use std::ops::Range;

use super::align::{self, Work};
use crate::page::volatile;

/// A run of words that are the same, gone or new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordRun {
    /// Which.
    pub op: WordOp,
    /// The words with the white space between them.
    pub text: String,
}

/// What happened to a run of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordOp {
    /// On both sides.
    Equal,
    /// On the old side.
    Deleted,
    /// On the new side.
    Inserted,
}

/// The runs that turn `old` into `new`. The equal and deleted ones together are `old`, the equal and inserted ones `new`, but for
/// white space and the forms of quotes and dashes.
pub fn words(old: &str, new: &str) -> Vec<WordRun> {
    words_within(old, new, &mut Work::default())
}

/// As [`words`], with what is left of the work for two pages.
pub(super) fn words_within(old: &str, new: &str, work: &mut Work) -> Vec<WordRun> {
    let mut words = Words::default();
    let (old, new) = (words.read(old), words.read(new));
    let pairs = align::align(&old.keys, &new.keys, work);
    let mut runs: Vec<WordRun> = Vec::new();
    let mut push = |op: WordOp, text: &str| {
        if text.is_empty() {
            return;
        }
        match runs.last_mut() {
            Some(last) if last.op == op => last.text.push_str(text),
            _ => runs.push(WordRun { op, text: text.to_owned() }),
        }
    };
    let (mut from_old, mut from_new) = (0, 0);
    for &(at_old, at_new) in pairs.iter().chain(std::iter::once(&(old.keys.len(), new.keys.len()))) {
        push(WordOp::Deleted, old.with_space(from_old..at_old));
        push(WordOp::Inserted, new.with_space(from_new..at_new));
        if at_new < new.keys.len() {
            push(WordOp::Equal, new.with_space(at_new..at_new + 1));
        }
        (from_old, from_new) = (at_old + 1, at_new + 1);
    }
    runs
}

/// Gives equal words equal numbers.
#[derive(Debug, Default)]
pub(super) struct Words {
    numbers: HashMap<String, u32>,
    /// Bytes of pages that were looked through for phrases.
    searched: usize,
}

/// A text as words.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    /// As compared: see [`volatile::normalise`].
    pub(super) text: String,
    /// Where the words stand in it.
    pub(super) spans: Vec<Range<usize>>,
    /// Equal words have equal numbers.
    pub(super) keys: Vec<u32>,
}

impl Words {
    /// Splits a text.
    pub(super) fn read(&mut self, text: &str) -> Text {
        let text = volatile::normalise(text).into_owned();
        let spans = split(&text);
        let keys = spans.iter().map(|span| self.number(&without_grouping(&text[span.clone()]))).collect();
        Text { text, spans, keys }
    }

    /// Whether so many bytes may still be looked through: pages of 100 kB are looked through some 20,000 times.
    pub(super) fn may_search(&mut self, bytes: usize) -> bool {
        const MOST: usize = 2 << 30;
        self.searched = self.searched.saturating_add(bytes);
        self.searched <= MOST
    }

    fn number(&mut self, word: &str) -> u32 {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        let number = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        self.numbers.insert(word.to_owned(), number);
        number
    }
}

impl Text {
    /// One word.
    pub(super) fn word(&self, at: usize) -> &str {
        self.spans.get(at).map_or("", |span| &self.text[span.clone()])
    }

    /// Several words with what stands between them.
    pub(super) fn words(&self, range: Range<usize>) -> &str {
        if range.is_empty() || range.end > self.spans.len() {
            return "";
        }
        &self.text[self.spans[range.start].start..self.spans[range.end - 1].end]
    }

    /// Several words, with the white space after the last one.
    fn with_space(&self, range: Range<usize>) -> &str {
        if range.is_empty() || range.end > self.spans.len() {
            return "";
        }
        let end = self.spans.get(range.end).map_or(self.text.len(), |next| next.start);
        &self.text[self.spans[range.start].start..end]
    }

    /// Words that are more than punctuation.
    pub(super) fn count(&self, range: Range<usize>) -> usize {
        range.filter(|&at| is_word(self.word(at))).count()
    }
}

/// `1,000` is `1000`: the signs that group digits by three are no part of a number.
pub(super) fn without_grouping(word: &str) -> std::borrow::Cow<'_, str> {
    let groups = || {
        let mut groups = word.split(',');
        let first = groups.next().unwrap_or_default();
        (1..=3).contains(&first.len())
            && first.bytes().all(|byte| byte.is_ascii_digit())
            && groups.all(|group| {
                let whole = group.split_once('.').map_or(group, |(whole, _)| whole);
                whole.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
            })
    };
    if word.contains(',') && groups() { word.replace(',', "").into() } else { word.into() }
}

/// Whether a word is more than punctuation.
pub(super) fn is_word(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric)
}

/// Words are runs of letters and digits with the signs that join them (`Get-Mailbox`, `can't`, `1.5`, `aka.ms`, `-Identity`); in scripts
/// written without spaces every character is one; every other sign is one too.
fn split(text: &str) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut characters = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((start, character)) = characters.next() {
        let end = start + character.len_utf8();
        if character.is_whitespace() {
            before = character;
            continue;
        }
        let next = characters.peek().map(|&(_, next)| next);
        let joins = |sign: char, next: Option<char>| {
            matches!(sign, '-' | '_' | '\'' | '.' | '@' | ',')
                && next.is_some_and(|next| next.is_alphanumeric() && !stands_alone(next))
        };
        let starts_parameter =
            character == '-' && before.is_whitespace() && next.is_some_and(char::is_alphabetic);
        let starts_dotted =
            character == '.' && before.is_whitespace() && next.is_some_and(char::is_alphabetic);
        if (character.is_alphanumeric() && !stands_alone(character))
            || starts_parameter
            || starts_dotted
            || character == '_'
        {
            let mut end = end;
            let mut last = character;
            while let Some(&(at, inner)) = characters.peek() {
                let mut ahead = characters.clone();
                ahead.next();
                let following = ahead.peek().map(|&(_, following)| following);
                let is_mark = !inner.is_alphanumeric() && is_combining(inner);
                let joined = joins(inner, following)
                    && (inner != ','
                        || (last.is_ascii_digit() && following.is_some_and(|next| next.is_ascii_digit())));
                if !((inner.is_alphanumeric() && !stands_alone(inner)) || is_mark || inner == '_' || joined) {
                    break;
                }
                end = at + inner.len_utf8();
                last = inner;
                characters.next();
            }
            spans.push(start..end);
            before = last;
        } else if is_combining(character) && spans.last().is_some_and(|last| last.end == start) {
            if let Some(last) = spans.last_mut() {
                last.end = end;
            }
        } else {
            spans.push(start..end);
            before = character;
        }
    }
    spans
}

/// Characters of scripts that put no spaces between words.
fn stands_alone(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0xFF66..=0xFF9F | 0x20000..=0x3FFFF)
}

fn is_combining(character: char) -> bool {
    matches!(u32::from(character), 0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05C7 | 0x0610..=0x061A | 0x064B..=0x065F | 0x0900..=0x0903 | 0x093A..=0x094F | 0x200C..=0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn what_a_word_is() {
        assert_eq!(
            list("Run Get-Mailbox -Identity \"a.b\"."),
            ["Run", "Get-Mailbox", "-Identity", "\"", "a.b", "\"", "."]
        );
        assert_eq!(
            list("can't, 1,000 (10 GB); iOS/iPadOS"),
            ["can't", ",", "1,000", "(", "10", "GB", ")", ";", "iOS", "/", "iPadOS"]
        );
        assert_eq!(list("設定を Microsoft 365 で"), ["設", "定", "を", "Microsoft", "365", "で"]);
        assert_eq!(list(""), Vec::<&str>::new());
    }

    #[test]
    fn runs_tell_what_changed() {
        let runs = words("Select the Azure AD role.", "Select the Microsoft Entra role.");
        let shown: Vec<(WordOp, &str)> = runs.iter().map(|run| (run.op, run.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                (WordOp::Equal, "Select the "),
                (WordOp::Deleted, "Azure AD "),
                (WordOp::Inserted, "Microsoft Entra "),
                (WordOp::Equal, "role.")
            ]
        );
    }

    proptest! {
        #[test]
        fn runs_restore_both_sides(old in "[a-c .,]{0,40}", new in "[a-c .,]{0,40}") {
            let runs = words(&old, &new);
            let side = |without: WordOp| {
                let text: String = runs.iter().filter(|run| run.op != without).map(|run| run.text.as_str()).collect();
                text.chars().filter(|character| !character.is_whitespace()).collect::<String>()
            };
            let bare = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
            prop_assert_eq!(side(WordOp::Inserted), bare(&old));
            prop_assert_eq!(side(WordOp::Deleted), bare(&new));
        }
    }
}
