//! Lines that say nothing of what a page is about: when it was touched, by whom, how often it was read, what can be done with it. A
//! line is only such if it is so from its first word to its last: an opening like "Last updated" is followed by a date, a moment or a
//! name and then by nothing, since "Last updated files are kept for 30 days" is a fact.
//!
//! Nearly all lines of a page are none. So a [rule](rules) looks for what its lines have for certain (an opening, a digit, a last word),
//! and its expression is built and run only where that is there: to build them all takes as long as to read six pages of 50 kB.

mod rules;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::OnceLock;

use regex::Regex;

use super::volatile;

/// A line longer than this (in bytes) is never furniture.
const LONGEST: usize = 180;

/// What a line is, if it is furniture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Nobody writes it into a text.
    Sure,
    /// A text may say it too ("100 views", "Print this page"): its place decides.
    Perhaps,
}

/// Whether a line is furniture; `only_links` says that it is nothing but links.
pub(super) fn furniture(text: &str, only_links: bool) -> Option<Line> {
    if text.len() > LONGEST {
        return None;
    }
    if let Some(whole) = part(&Seen::of(text), only_links) {
        return Some(whole);
    }
    // "Last updated 3 May 2026 · 5 min read": each part is furniture, or a day.
    const BETWEEN: [char; 4] = ['·', '•', '|', '\n'];
    if !text.contains(BETWEEN) {
        return None;
    }
    let mut all = None;
    for text in text.split(BETWEEN).map(str::trim).filter(|text| !text.is_empty()) {
        let seen = Seen::of(text);
        match part(&seen, only_links) {
            Some(line) => all = all.filter(|all| *all == Line::Sure).or(Some(line)),
            None if rules::DAY.is_said_by(&seen) => {}
            None => return None,
        }
    }
    all
}

fn part(seen: &Seen<'_>, only_links: bool) -> Option<Line> {
    let is_one_of = |rules: &[Rule]| rules.iter().any(|rule| rule.is_said_by(seen));
    if is_one_of(&rules::SURE) || (only_links && rules::LINKED.contains(&seen.lower.as_ref())) {
        return Some(Line::Sure);
    }
    if rules::ACTION.is_said_by(seen) {
        return Some(if only_links { Line::Sure } else { Line::Perhaps });
    }
    is_one_of(&rules::PERHAPS).then_some(Line::Perhaps)
}

/// Whether a link says that it leads to the page before or after this one. Its title may stand right at the word.
pub(super) fn is_pager(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let seen = Seen::of(text);
    let next = |way: &str| seen.bare.chars().nth(way.chars().count());
    let ends = |way: &str| {
        next(way).is_none_or(|next| next.is_uppercase() || !(next.is_alphabetic() || next == '_'))
    };
    seen.starts_with(&rules::WAYS_UNSPACED)
        || rules::WAYS.iter().any(|way| begins(&seen.lower, way) && ends(way))
}

/// What is seen of a line at a glance.
struct Seen<'t> {
    /// As it stands.
    text: &'t str,
    /// Without signs around it.
    bare: &'t str,
    /// That in lower case.
    lower: Cow<'t, str>,
    has_digit: bool,
}

impl<'t> Seen<'t> {
    fn of(text: &'t str) -> Self {
        let bare = text.trim_matches(is_sign);
        let lower = match bare.is_ascii() {
            true if !bare.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Borrowed(bare),
            true => Cow::Owned(bare.to_ascii_lowercase()),
            false => Cow::Owned(bare.to_lowercase()),
        };
        let has_digit = if bare.is_ascii() {
            bare.bytes().any(|byte| byte.is_ascii_digit())
        } else {
            bare.contains(is_digit)
        };
        Self { text, bare, lower, has_digit }
    }

    fn starts_with(&self, starts: &[&str]) -> bool {
        starts.iter().any(|start| begins(&self.lower, start))
    }

    fn ends_with(&self, ends: &[&str]) -> bool {
        ends.iter().any(|end| self.lower.ends_with(end))
    }

    fn holds(&self, parts: &[&str]) -> bool {
        parts.iter().any(|part| self.lower.contains(part))
    }

    fn starts_with_digit(&self) -> bool {
        self.has_digit && self.lower.starts_with(is_digit)
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.lower.split([' ', '\n', ':'])
    }

    fn has_at_most(&self, words: usize) -> bool {
        self.words().nth(words).is_none()
    }

    /// Whether it may hold a moment like "3 minutes ago", or a day.
    fn may_tell_when(&self) -> bool {
        self.has_digit || volatile::may_tell_a_moment(self.text)
    }
}

/// No letter, no digit and no mark on one.
fn is_sign(c: char) -> bool {
    // The scripts of India and their neighbours write vowels and tones as marks: they stand here whole.
    let is_mark = matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{eff}');
    !(c.is_alphanumeric() || c == '_' || is_mark)
}

/// The digits of scripts that dates are written in, each a range.
const DIGITS: [(char, char); 7] =
    [('0', '9'), ('٠', '٩'), ('۰', '۹'), ('०', '९'), ('০', '৯'), ('๐', '๙'), ('０', '９')];

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && DIGITS.iter().any(|(first, last)| (*first..=*last).contains(&c)))
}

/// Whether a text starts with another; most differ in the first byte.
fn begins(text: &str, start: &str) -> bool {
    text.as_bytes().first() == start.as_bytes().first() && text.starts_with(start)
}

/// Words, written with bars between them.
struct List {
    written: &'static str,
    words: OnceLock<Vec<&'static str>>,
}

impl List {
    const fn new(written: &'static str) -> Self {
        Self { written, words: OnceLock::new() }
    }
}

impl Deref for List {
    type Target = [&'static str];

    fn deref(&self) -> &Self::Target {
        self.words.get_or_init(|| self.written.split('|').collect())
    }
}

/// One kind of furniture.
struct Rule {
    /// What its lines have for certain, cheaply told.
    may_say: fn(&Seen<'_>) -> bool,
    /// Writes the expression that a line in lower case, without the signs around it, matches from end to end; where there is none, what
    /// is cheaply told is all there is to tell.
    written: Option<fn() -> String>,
    built: OnceLock<Option<Regex>>,
}

impl Rule {
    const fn new(may_say: fn(&Seen<'_>) -> bool, written: fn() -> String) -> Self {
        Self { may_say, written: Some(written), built: OnceLock::new() }
    }

    const fn told(says: fn(&Seen<'_>) -> bool) -> Self {
        Self { may_say: says, written: None, built: OnceLock::new() }
    }

    fn is_said_by(&self, seen: &Seen<'_>) -> bool {
        (self.may_say)(seen)
            && self.written.is_none_or(|written| {
                let expression = self.built.get_or_init(|| build(&written()));
                expression.as_ref().is_some_and(|expression| expression.is_match(&seen.lower))
            })
    }
}

/// An expression that does not compile would match nothing; a test compiles them all.
fn build(written: &str) -> Option<Regex> {
    // All that Unicode has as digits makes an expression thirty times as dear.
    let digits: String = DIGITS.iter().map(|(first, last)| format!("{first}-{last}")).collect();
    Regex::new(&format!("^(?:{})$", written.replace(r"\d", &format!("[{digits}]")))).ok()
}
