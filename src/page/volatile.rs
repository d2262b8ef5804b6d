//! Parts of a page that differ from visit to visit and say nothing: they are left out when a page is read, or folded before two texts
//! are compared. The lists name what page furniture says, in the languages help is commonly published in; they are no list of sites.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// A moment ago behind a word that tells that something was touched. In a sentence "created 30 days ago" is a limit, so [`fold_moments`]
/// looks at what stands around it.
static MOMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b((?:last |first |originally |recently )?(?:updated|modified|edited|published|posted|reviewed|asked|answered|created|commented|synced|checked|generated|built|seen)[:,]?(?: on)?) (?:just now|today|yesterday|(?:about |over |almost )?(?:an?|\d+) (?:sec|second|min|minute|hour|day|week|month|year)s? ago)\b").ok()
});

/// The directory that a build puts its files in.
static BUILD_PATH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"/(?:static|assets|_next|_static|build|dist)/[0-9A-Za-z._-]*[0-9][0-9A-Za-z._-]*/").ok()
});

/// Whether a heading announces pointers to other pages, which sites shuffle and refill.
pub(super) fn points_elsewhere(heading: &str) -> bool {
    // The dot that Turkish has on a capital I stays behind as a mark of its own.
    let heading = heading.trim().trim_end_matches([':', '?', '…']).to_lowercase().replace('\u{307}', "");
    [
        "related articles",
        "related content",
        "related posts",
        "related topics",
        "related pages",
        "related links",
        "related",
        "additional resources",
        "recommended content",
        "recommended articles",
        "recommended for you",
        "recommended",
        "popular articles",
        "most popular",
        "trending",
        "recently viewed",
        "recently viewed articles",
        "you may also like",
        "you may also enjoy",
        "people also viewed",
        "more articles",
        "more in this section",
        "more resources",
        "in this section",
        "explore more",
        "keep reading",
        "read next",
        "verwandte artikel",
        "verwandte beiträge",
        "verwandte themen",
        "articles associés",
        "articles connexes",
        "artículos relacionados",
        "artigos relacionados",
        "articoli correlati",
        "articole conexe",
        "articole similare",
        "articole asociate",
        "gerelateerde artikelen",
        "powiązane artykuły",
        "похожие статьи",
        "связанные статьи",
        "関連記事",
        "相关文章",
        "相關文章",
        "관련 문서",
        "ilgili makaleler",
        "مقالات ذات صلة",
        "บทความที่เกี่ยวข้อง",
        "מאמרים קשורים",
        "bài viết liên quan",
        "пов'язані статті",
        "související články",
        "kapcsolódó cikkek",
        "relaterte artikler",
        "relaterede artikler",
        "relaterade artiklar",
    ]
    .contains(&heading.as_str())
}

/// Whether a heading announces the page's own table of contents.
pub(super) fn is_contents(heading: &str) -> bool {
    let heading = heading.trim().trim_end_matches([':', '…']).to_lowercase();
    [
        "in this article",
        "on this page",
        "contents",
        "table of contents",
        "in this topic",
        "in diesem artikel",
        "auf dieser seite",
        "inhalt",
        "dans cet article",
        "sur cette page",
        "sommaire",
        "en este artículo",
        "en esta página",
        "neste artigo",
        "nesta página",
        "in questo articolo",
        "în acest articol",
        "in dit artikel",
        "w tym artykule",
        "в этой статье",
        "содержание",
        "bu sayfada",
        "bu makalede",
        "na tej stronie",
        "i den här artikeln",
        "في هذه المقالة",
        "ในบทความนี้",
        "במאמר זה",
        "이 페이지의 내용",
        "이 문서의 내용",
        "trong bài viết này",
        "このページの内容",
        "この記事の内容",
        "目次",
        "本文内容",
        "本页内容",
        "目录",
    ]
    .contains(&heading.as_str())
}

/// A text as it is compared: white space folded, invisible characters dropped, typographic variants of quotes and dashes made one,
/// moments and build paths replaced by a sign. Idempotent. Most texts are that already, and are given back as they are.
pub fn normalise(text: &str) -> Cow<'_, str> {
    let mut folded = if is_folded(text) { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) };
    if may_tell_a_moment(&folded)
        && let Some(text) = fold_moments(&folded)
    {
        folded = Cow::Owned(text);
    }
    if may_hold_a_build_path(&folded)
        && let Some(path) = BUILD_PATH.as_ref()
        && let Cow::Owned(text) = path.replace_all(&folded, "/⧖/")
    {
        folded = Cow::Owned(text);
    }
    // What was dropped may have stood alone between two spaces.
    if folded.contains("  ") || folded.starts_with(' ') || folded.ends_with(' ') {
        return Cow::Owned(folded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
    }
    folded
}

/// Whether a text is words of printable ASCII with single spaces between them. Looks at every byte, without a branch: that way it is
/// done for sixteen and more at once.
fn is_folded(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_printable = |all, byte: &u8| all & (b' '..=b'~').contains(byte);
    let are_single = |all, (one, next): (&u8, &u8)| all & !((*one == b' ') & (*next == b' '));
    bytes.iter().fold(true, is_printable)
        && bytes.first() != Some(&b' ')
        && bytes.last() != Some(&b' ')
        && bytes.iter().zip(bytes.get(1..).unwrap_or_default()).fold(true, are_single)
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().filter_map(fold_character));
    }
    folded
}

/// Puts a sign for moments that tell when something was touched and nothing else: what stands before is nothing, or what was touched or
/// who did it, and what stands behind is nothing, or who did it. `None` where there is no such moment.
fn fold_moments(text: &str) -> Option<String> {
    let mut folded = String::new();
    let mut from = 0;
    for found in MOMENT.as_ref()?.captures_iter(text) {
        let (whole, touched) = (found.get(0)?, found.get(1)?);
        if stands_before_a_moment(&text[..whole.start()]) && stands_behind_a_moment(&text[whole.end()..]) {
            folded.push_str(&text[from..touched.end()]);
            folded.push_str(" ⧖");
            from = whole.end();
        }
    }
    (from > 0).then(|| folded + &text[from..])
}

/// Signs that part a line into things of their own.
const PARTS: [char; 9] = ['.', '·', '•', '|', '(', ')', ';', '\n', '—'];

fn stands_before_a_moment(before: &str) -> bool {
    const TOUCHED: [&str; 8] =
        ["page", "article", "document", "topic", "question", "answer", "content", "post"];
    let words: Vec<&str> =
        before.rsplit(PARTS).next().unwrap_or_default().split(' ').filter(|word| !word.is_empty()).collect();
    let is_name = |word: &&str| word.starts_with(char::is_uppercase);
    let what = match words.as_slice() {
        [what @ .., "was"] | [what @ .., "has", "been"] => what,
        what => what,
    };
    let is_what = |what: &str| TOUCHED.contains(&what.to_ascii_lowercase().as_str());
    match what {
        [] => true,
        [one] => is_what(one),
        [article, one] if ["this", "the"].contains(&article.to_ascii_lowercase().as_str()) => is_what(one),
        [_, _] => words.len() == 2 && what.iter().all(is_name),
        _ => false,
    }
}

fn stands_behind_a_moment(behind: &str) -> bool {
    let rest = behind.split(PARTS).next().unwrap_or_default().trim();
    let by = rest.strip_prefix(',').unwrap_or(rest).trim();
    by.is_empty()
        || by.strip_prefix("by ").is_some_and(|name| {
            let name: Vec<&str> = name.split(' ').collect();
            name.len() <= 3
                && name.iter().all(|word| !word.starts_with(char::is_lowercase) || name.len() == 1)
        })
}

/// What [`MOMENT`] matches holds one of these, in whatever case; to look for them costs a fraction of running it.
pub(super) fn may_tell_a_moment(text: &str) -> bool {
    let bytes = text.as_bytes();
    let [two, three, four] = [1, 2, 3].map(|from| bytes.get(from..).unwrap_or_default());
    let lower = |byte: &u8| byte | 0x20;
    let is_one = |any, (((one, two), three), four): (((&u8, &u8), &u8), &u8)| {
        let is = |end: &[u8; 4]| {
            (lower(one) == end[0])
                & (lower(two) == end[1])
                & (lower(three) == end[2])
                & (lower(four) == end[3])
        };
        any | is(b" ago") | is(b" now") | is(b"oday") | is(b"rday")
    };
    bytes.iter().zip(two).zip(three).zip(four).fold(false, is_one)
}

/// What [`BUILD_PATH`] matches holds a slash before one of its names and one after it.
fn may_hold_a_build_path(text: &str) -> bool {
    text.split('/')
        .skip(1)
        .any(|part| matches!(part, "static" | "assets" | "_next" | "_static" | "build" | "dist"))
}

/// A title without the number of unread messages in front of it.
pub fn without_count(title: &str) -> &str {
    title
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .filter(|(count, _)| !count.is_empty() && count.chars().all(|c| c.is_ascii_digit()))
        .map_or(title, |(_, rest)| rest.trim_start())
}

/// Whether a character shows nothing: zero-width spaces, soft hyphens, marks of direction, controls.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{e0000}'..='\u{e007f}')
        || (character.is_control() && !character.is_whitespace())
}

fn fold_character(character: char) -> Option<char> {
    Some(match character {
        '‘' | '’' | '‛' | '′' | 'ʼ' => '\'',
        '“' | '”' | '‟' | '″' => '"',
        '‐' | '‑' | '‒' | '–' | '−' => '-',
        _ if is_invisible(character) => return None,
        _ => character,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_expression_compiles() {
        assert!(MOMENT.is_some() && BUILD_PATH.is_some());
    }

    #[test]
    fn moments_are_folded_where_they_tell_of_a_touch() {
        assert_eq!(normalise("Updated 3 minutes ago by Ann"), normalise("Updated about 2 hours ago by Ann"));
        assert_ne!(normalise("deleted 30 days ago"), normalise("deleted 93 days ago"));
        for (before, after) in [
            ("Messages created more than 30 days ago are deleted.", "more than 90 days ago"),
            ("You can only refund orders posted 14 days ago or later.", "60 days ago"),
            ("Only files created more than 93 days ago are removed.", "30 days ago"),
            ("Files modified 30 days ago by members are removed.", "60 days ago"),
            ("Delete everything that was created 30 days ago.", "60 days ago"),
        ] {
            assert_eq!(normalise(before), before);
            assert_eq!(normalise(after), after);
        }
        for text in [
            "This page was last updated 3 days ago.",
            "Ann Lee commented just now",
            "Asked 2 days ago · 12 answers",
        ] {
            assert!(normalise(text).contains('⧖'), "{text}");
        }
        assert_eq!(
            normalise("see /static/assets/0.4.03427/x.js"),
            normalise("see /static/assets/0.4.99/x.js")
        );
        assert_eq!(normalise("it’s  “so”\u{200b} –\u{ad}"), "it's \"so\" -");
    }

    #[test]
    fn what_is_looked_for_first_misses_nothing() {
        for text in
            ["Updated an hour AGO", "checked juſt now", "Seen Today", "posted yeſterday", "built YESTERDAY"]
        {
            assert!(normalise(text).ends_with('⧖'), "{text}");
        }
        for text in ["a/dist/v2/b", "/_next/1/", "x/build/9z/"] {
            assert!(normalise(text).contains("/⧖/"), "{text}");
        }
    }

    proptest! {
        /// The short way and the long way say the same.
        #[test]
        fn what_is_folded_stays_as_it_is(text in "[ -~]{0,40}") {
            if is_folded(&text) {
                prop_assert_eq!(fold(&text), text);
            }
        }

        #[test]
        fn normalising_is_idempotent(text in "\\PC{0,80}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once.as_ref());
        }
    }
}
