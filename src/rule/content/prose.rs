//! Text as words with their places, and phrases found in it.
//!
//! A word is a run of letters and digits. Every character of a script that is written without blanks is a word of its own, and so is
//! each run of another script beside it: a Latin product name is found between Kana as well as before a hyphenated ending.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

use crate::reference::{DIALECT, EntryRead, Kind, Reference};

/// Text cut into words.
#[derive(Debug)]
pub(super) struct Words<'t> {
    text: &'t str,
    words: Vec<Word>,
    /// Where each word stands, made when it is first asked for.
    index: OnceCell<HashMap<String, Vec<usize>>>,
}

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Its bytes.
    pub(super) range: Range<usize>,
    /// In lower case.
    pub(super) folded: String,
}

/// What a phrase may be looked for as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Letter case tells words apart.
    Exact,
    /// It does not.
    Folded,
}

/// How a character takes part in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    /// No letter and no digit.
    None,
    /// Letters with blanks between words, by block: Latin and digits, Greek, Cyrillic, Hebrew, Arabic …
    Spaced(u32),
    /// A character that is a word: Han, Kana, Hangul, Thai, Lao, Khmer, Burmese.
    Single,
}

impl<'t> Words<'t> {
    /// The words of `text`, but for those inside `masked` (sorted by start).
    pub(super) fn of(text: &'t str, masked: &[Range<usize>]) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut open: Option<(usize, Script)> = None;
        let mut mask = masked.iter().peekable();
        let mut skip_to = 0;
        for (at, c) in text.char_indices() {
            while mask.peek().is_some_and(|range| range.start <= at) {
                skip_to = skip_to.max(mask.next().map_or(0, |range| range.end));
            }
            let script = if at < skip_to { Script::None } else { script(c) };
            if let Some((start, of)) = open
                && (of != script || script == Script::Single)
            {
                words.push(Word::new(text, start..at));
                open = None;
            }
            if open.is_none() && script != Script::None {
                open = Some((at, script));
            }
        }
        if let Some((start, _)) = open {
            words.push(Word::new(text, start..text.len()));
        }
        Self { text, words, index: OnceCell::new() }
    }

    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }

    /// Places where `phrase` stands as whole words: ranges of word indices. Between words, markup and one line break count as a
    /// blank, and so does a hyphen; any other character of the phrase must be there.
    pub(super) fn find(&self, phrase: &Words<'_>, case: Case) -> Vec<Range<usize>> {
        let count = phrase.words.len();
        let Some(first) = phrase.words.first() else { return Vec::new() };
        let index = self.index();
        let mut places: Vec<usize> = index.get(&first.folded).cloned().unwrap_or_default();
        if count == 1 {
            let inflected = CASES.iter().filter_map(|ending| index.get(&format!("{}{ending}", first.folded)));
            places.extend(inflected.flatten());
            places.sort_unstable();
        }
        let mut found: Vec<Range<usize>> = Vec::new();
        for from in places {
            let free = found.last().is_none_or(|last| last.end <= from);
            if free && from + count <= self.words.len() && self.fits(from, phrase, case) {
                found.push(from..from + count);
            }
        }
        found
    }

    fn index(&self) -> &HashMap<String, Vec<usize>> {
        self.index.get_or_init(|| {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, word) in self.words.iter().enumerate() {
                index.entry(word.folded.clone()).or_default().push(at);
            }
            index
        })
    }

    fn fits(&self, from: usize, phrase: &Words<'_>, case: Case) -> bool {
        let last = phrase.words.len() - 1;
        phrase.words.iter().enumerate().all(|(index, wanted)| {
            let word = &self.words[from + index];
            let same = match case {
                Case::Exact => self.text[word.range.clone()] == phrase.text[wanted.range.clone()],
                Case::Folded => word.folded == wanted.folded,
            };
            let inflected = index == last && {
                let ending = match case {
                    Case::Exact => {
                        self.text[word.range.clone()].strip_prefix(&phrase.text[wanted.range.clone()])
                    }
                    Case::Folded => word.folded.strip_prefix(&wanted.folded),
                };
                ending.is_some_and(|ending| is_ending(ending, wanted.folded.chars().count(), last > 0))
            };
            (same || inflected) && (index == last || joins(self.gap(from + index), phrase.gap(index)))
        })
    }

    /// What stands between a word and the next.
    fn gap(&self, index: usize) -> &str {
        match (self.words.get(index), self.words.get(index + 1)) {
            (Some(word), Some(next)) => &self.text[word.range.end..next.range.start],
            _ => "",
        }
    }

    /// Bytes from the first to the last of these words.
    pub(super) fn bytes(&self, words: &Range<usize>) -> Range<usize> {
        self.words[words.start].range.start..self.words[words.end - 1].range.end
    }

    /// The word before these, where only one blank lies between.
    pub(super) fn previous_beside(&self, words: &Range<usize>) -> Option<&Word> {
        let at = words.start.checked_sub(1)?;
        matches!(self.gap(at), " " | "\u{a0}").then(|| &self.words[at])
    }

    /// The word after these, where only one blank lies between.
    pub(super) fn next_beside(&self, words: &Range<usize>) -> Option<&'t str> {
        let next = self.words.get(words.end)?;
        let gap = self.gap(words.end - 1);
        matches!(gap, " " | "\u{a0}").then(|| &self.text[next.range.clone()])
    }
}

/// Endings of one or two letters, which make another word of a short one.
const PLURALS: &[&str] =
    &["s", "es", "n", "en", "e", "er", "et", "a", "u", "y", "i", "ie", "em", "om", "ns", "ens"];

/// Articles and cases: Romanian, Hungarian, Finnish, Polish and Czech, Turkish.
const CASES: &[&str] = &[
    "ul", "ului", "uri", "urile", "urilor", "lui", "ban", "ben", "nak", "nek", "hoz", "hez", "val", "vel",
    "ból", "ből", "ról", "ről", "ssa", "ssä", "sta", "stä", "issa", "ista", "lla", "llä", "iin", "owi",
    "owie", "ach", "ami", "ech", "dan", "daki", "deki", "nın",
];

/// Whether a name of so many letters may end so in a sentence: plural, case and article, which many languages write onto the name.
/// Of names of one word only endings that make no other name of it.
fn is_ending(ending: &str, letters: usize, of_several: bool) -> bool {
    let is_name = letters > 2;
    (of_several && is_name && (PLURALS.contains(&ending) || CASES.contains(&ending)))
        || (letters >= 5 && CASES.contains(&ending))
}

impl Word {
    fn new(text: &str, range: Range<usize>) -> Self {
        let folded = text[range.clone()].chars().flat_map(char::to_lowercase).collect();
        Self { range, folded }
    }
}

/// Whether what lies between two words of a text is what lies between the two words of the phrase.
fn joins(gap: &str, wanted: &str) -> bool {
    let bare = |text: &str| -> String { text.chars().filter(|c| !is_blank(*c)).collect() };
    let breaks = gap.matches('\n').count();
    let (gap_bare, wanted_bare) = (bare(gap), bare(wanted));
    breaks <= 1 && gap.len() <= 40 && (gap_bare == wanted_bare || (gap_bare == "-" && wanted_bare.is_empty()))
        // What is written apart in the phrase is not written together in the text.
        && (!gap.is_empty() || wanted.is_empty())
}

/// White space, and the markup that may stand inside a name.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '`' | '\u{200b}' | '\u{ad}' | '\u{2060}')
}

/// Of a character. Marks (U+0300…) belong to the letter before them, and so does the underscore of an identifier.
fn script(c: char) -> Script {
    match c as u32 {
        0x0300..=0x036f => Script::Spaced(0),
        _ if c == '_' => Script::Spaced(0),
        _ if !c.is_alphanumeric() => Script::None,
        0..=0x02af | 0x1e00..=0x1eff | 0x2c60..=0x2c7f | 0xff10..=0xff5a => Script::Spaced(0),
        0x0e00..=0x0eff | 0x1000..=0x109f | 0x1100..=0x11ff | 0x1780..=0x17ff => Script::Single,
        0x2e80..=0xa4cf | 0xac00..=0xd7af | 0xf900..=0xfaff | 0xff66..=0xff9f | 0x20000..=0x3ffff => {
            Script::Single
        }
        other => Script::Spaced(other >> 8),
    }
}

/// The bytes of an entry that no reader sees as text: URLs, tags, comments, and front matter but for title and description. Sorted.
pub(super) fn masked(text: &str, read: &EntryRead) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = read.references.iter().filter_map(unread).collect();
    ranges.extend(front_matter(text, read));
    ranges.extend(tags(text));
    ranges.extend(urls(text));
    ranges.sort_by_key(|range| range.start);
    ranges
}

fn unread(reference: &Reference) -> Option<Range<usize>> {
    let whole = matches!(reference.kind, Kind::Autolink | Kind::Bare);
    let range = if whole { &reference.offset } else { &reference.destination };
    (range.start < range.end).then(|| range.clone())
}

/// Lines of the block but those of what a reader sees.
fn front_matter(text: &str, read: &EntryRead) -> Vec<Range<usize>> {
    let Some((first, last)) = read.front_matter.lines else { return Vec::new() };
    let seen = |line: u32| {
        read.front_matter
            .values
            .iter()
            .any(|value| value.line == line && matches!(value.key.as_str(), "title" | "description"))
    };
    let mut ranges = Vec::new();
    let mut start = 0;
    for (line, content) in (1..=last).zip(text.split_inclusive('\n')) {
        let end = start + content.len();
        if line >= first && !seen(line) {
            ranges.push(start..end);
        } else if let Some(colon) = content.find(':')
            && line >= first
        {
            ranges.push(start..start + colon + 1);
        }
        start = end;
    }
    ranges
}

/// Tags and comments of HTML, tags of at most 2,000 bytes so that a lone `<` hides little. Takes time linear in the text: each end is
/// looked for once.
fn tags(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut tag_ends, mut comment_ends) = (Ends::of(text, ">"), Ends::of(text, "-->"));
    let mut from = 0;
    while let Some(at) = text[from..].find('<').map(|at| at + from) {
        let rest = &text[at..];
        let begins = rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        let end = if rest.starts_with("<!--") {
            comment_ends.after(at + 4)
        } else {
            tag_ends.after(at).filter(|end| end - at <= 2000)
        };
        match end {
            Some(end) if begins => {
                ranges.push(at..end);
                from = end;
            }
            _ => from = at + 1,
        }
    }
    ranges
}

/// Where a mark ends next, asked for ever later places.
struct Ends<'t> {
    text: &'t str,
    mark: &'static str,
    next: Option<usize>,
}

impl<'t> Ends<'t> {
    fn of(text: &'t str, mark: &'static str) -> Self {
        Self { text, mark, next: text.find(mark) }
    }

    /// The end of the first mark that begins at `from` or later.
    fn after(&mut self, from: usize) -> Option<usize> {
        if self.next.is_some_and(|next| next < from) {
            self.next = self.text[from..].find(self.mark).map(|at| at + from);
        }
        Some(self.next? + self.mark.len())
    }
}

/// What looks like a URL wherever it stands, in code too.
fn urls(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("://").map(|at| at + from) {
        let scheme = text[from..at].bytes().rev().take_while(u8::is_ascii_alphanumeric).take(12).count();
        let rest = &text[at..];
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | ')' | ']'))
            .unwrap_or(rest.len());
        ranges.push(at - scheme..at + end);
        from = at + end;
    }
    ranges
}

/// The bytes of an entry that are code: spans and blocks of Markdown, and what `<code>` and `<pre>` hold. Sorted, none overlaps another.
pub(super) fn code(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Parser::new_ext(text, DIALECT)
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_))))
        .map(|(_, range)| range)
        .collect();
    let markdown = ranges.clone();
    // A tag that the text speaks of as code is none.
    let spoken_of = |at: usize| {
        let next = markdown.partition_point(|range| range.end <= at);
        markdown.get(next).filter(|range| range.start <= at)
    };
    for tag in ["code", "pre"] {
        let (opening, closing) = (format!("<{tag}"), format!("</{tag}"));
        let mut from = 0;
        while let Some(at) = find_folded(text, &opening, from) {
            if let Some(range) = spoken_of(at) {
                from = range.end;
                continue;
            }
            let end = find_folded(text, &closing, at).unwrap_or(text.len());
            let begin = text[at..end].find('>').map_or(end, |length| at + length + 1);
            ranges.push(begin..end);
            from = end;
        }
    }
    ranges.sort_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Where ASCII text stands from a byte on, in whichever letter case.
fn find_folded(text: &str, what: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes().get(from..)?;
    bytes
        .windows(what.len())
        .position(|window| window.eq_ignore_ascii_case(what.as_bytes()))
        .map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(text: &str, phrase: &str, case: Case) -> Vec<String> {
        let words = Words::of(text, &[]);
        let phrase = Words::of(phrase, &[]);
        words.find(&phrase, case).iter().map(|range| text[words.bytes(range)].to_owned()).collect()
    }

    #[test]
    fn names_are_found_in_any_script() {
        let name = "Azure Active Directory";
        for text in [
            "în Azure Active Directory-ul dvs.",
            "pentru SSPR și Mae-Azure Active Directory](x)",
            "im Azure Active Directory-Mandanten",
            "Azure Active Directoryの管理",
            "管理はAzure Active Directoryで",
            "ל-Azure Active Directory שלך",
            "**Azure** Active\nDirectory.",
            "azure active directory",
            "Azure\u{a0}Active Directory's",
            "the Azure-Active-Directory",
        ] {
            assert_eq!(places(text, name, Case::Folded).len(), 1, "{text}");
        }
        for text in [
            "Azure Active DirectoryX",
            "Azure, Active Directory",
            "Azure Active\n\nDirectory",
            "AzureActive Directory",
        ] {
            assert_eq!(places(text, name, Case::Folded), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn words_of_scripts_without_blanks_are_found_inside_runs() {
        assert_eq!(places("この管理センターで", "管理センター", Case::Exact), ["管理センター"]);
        assert_eq!(places("OneDrive 管理センターを開く", "OneDrive 管理センター", Case::Folded).len(), 1);
    }

    #[test]
    fn only_names_of_several_words_take_an_ending() {
        assert_eq!(places("die Admin Centers", "Admin Center", Case::Folded), ["Admin Centers"]);
        assert_eq!(places("in Teams", "Team", Case::Exact), Vec::<String>::new());
    }

    #[test]
    fn names_take_the_endings_of_their_language() {
        for (text, name) in [
            ("în Yammerul firmei", "Yammer"),
            ("portalul Azure Active Directoryului", "Azure Active Directory"),
            ("az Outlookban", "Outlook"),
            ("Exchangeowi", "Exchange"),
            ("die Azure-Active-Directorys", "Azure Active Directory"),
            ("Teamsissa", "Teams"),
            ("Teams'te", "Teams"),
        ] {
            assert_eq!(places(text, name, Case::Exact).len(), 1, "{text}");
        }
        for (text, name) in [("Windowspace", "Windows"), ("Exchangeable", "Exchange"), ("Accesses", "Access")]
        {
            assert_eq!(places(text, name, Case::Exact), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_stands_between_words_counts() {
        assert_eq!(places("Settings > Users", "Settings > Users", Case::Folded).len(), 1);
        assert_eq!(places("**Settings** > **Users**", "Settings > Users", Case::Folded).len(), 1);
        assert_eq!(places("Settings Users", "Settings > Users", Case::Folded).len(), 0);
        assert_eq!(places("Get-MgUser", "Get-MgUser", Case::Exact).len(), 1);
    }

    #[test]
    fn tags_urls_and_comments_are_masked() {
        let text = "<a name=\"office\">x</a> <!-- office --> https://office.example/office `http://office` 3 < 4 office";
        let words = Words::of(text, &masked(text, &EntryRead::default()));
        assert_eq!(words.find(&Words::of("office", &[]), Case::Exact).len(), 1);
    }

    proptest! {
        #[test]
        fn words_never_overlap_and_stay_in_the_text(text in "\\PC{0,80}", cut in 0usize..80) {
            let mask = [cut..cut + 3, cut + 5..cut + 9];
            let words = Words::of(&text, &mask);
            let mut end = 0;
            for word in words.words() {
                prop_assert!(word.range.start >= end && word.range.start < word.range.end);
                prop_assert!(text.get(word.range.clone()).is_some());
                end = word.range.end;
            }
        }

        #[test]
        fn a_phrase_of_words_is_found_in_itself(phrase in "[A-Z][a-z]{1,6}( [A-Z][a-z]{1,6}){0,3}") {
            prop_assert_eq!(places(&format!("x {phrase}."), &phrase, Case::Exact).len(), 1);
        }

        #[test]
        fn masks_are_in_order_and_cut_no_character(text in "[<>!/a-zé:\\- \n\"]{0,60}") {
            let ranges = masked(&text, &EntryRead::default());
            prop_assert!(ranges.is_sorted_by_key(|range| range.start));
            prop_assert!(ranges.iter().all(|range| text.get(range.clone()).is_some()));
        }
    }
}
