//! Parts of a page that differ from visit to visit and say nothing: they are left out when a page is read, or folded before two texts
//! are compared. The lists name what page furniture says, in the languages help is commonly published in; they are no list of sites.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// A block longer than this (in bytes) is never furniture.
const LINE: usize = 180;

/// Whole blocks that are furniture.
static LINES: LazyLock<RegexSet> = LazyLock::new(|| {
    set(&[
        // When the page was last touched.
        r"(?i)^(?:(?:this|the) (?:page|article|document|topic) (?:was|has been) )?(?:page |article |document |doc )?last[ -](?:updated?|modified|modification|edited|edit|reviewed|published|changed?|revised|buil[dt])\b.*$",
        r"(?i)^(?:updated|modified|edited|published|reviewed|posted|generated|rendered|built)(?: on| at|:| date).*\d.*$",
        r"(?i)^(?:zuletzt (?:aktualisiert|geändert|bearbeitet)|letzte (?:aktualisierung|änderung)|dernière (?:mise à jour|modification)|mis à jour le|última (?:actualización|modificación|atualização|modificação|edición)|actualizado (?:el|en)\b|atualizado em|ultima (?:actualizare|modificare|modifica)|ultimul (?:update|modificat)|actualizat (?:la|pe)\b|ultimo aggiornamento|laatst (?:bijgewerkt|gewijzigd)|ostatnia (?:aktualizacja|modyfikacja)|последнее (?:обновление|изменение)|дата обновления|останнє оновлення|最終更新|最后更新|最近更新|最後更新|上次更新|更新日|更新时间|마지막 (?:업데이트|수정)|최종 수정|senast (?:uppdaterad|ändrad)|sist oppdatert|sidst opdateret|viimeksi päivitetty|naposledy (?:upraveno|aktualizováno|změněno)|utolsó frissítés|עודכן לאחרונה|תאריך עדכון|آخر تحديث|son güncelleme).*$",
        // How long it takes to read.
        r"(?i)^\W*(?:about |est(?:imated|\.) )?(?:reading|read) time\b.*$",
        r"(?i)^\W*(?:about |approx\w*\.? )?\d+ ?[-–]? ?\d* ?min(?:ute)?s?\.?(?: to)? read(?:ing)?(?: time)?\W*$",
        r"(?i)^\W*(?:lesezeit|lesedauer|temps de lecture|durée de lecture|tiempo de lectura|tempo de leitura|tempo di lettura|timp de citire|leestijd|czas czytania|время чтения|読み取り時間|阅读时间|閱讀時間).*$",
        r"(?i)^\W*\d+ ?(?:minuten lesedauer|min\.? lesezeit|min\w* de (?:lecture|lectura|leitura|citit)|min\w* (?:di lettura|pentru a citi|om te lezen)|分で読|分钟阅读|minuter att läsa|минут\w* на чтение|мин\.? чтения)\w*\W*$",
        // How often it was read or liked.
        r"(?i)^\W*[\d.,]+ ?[km]?\+? (?:views?|likes?|votes?|comments?|downloads?|shares?|repl(?:y|ies)|reads?|followers?|stars?|visitors?|visits?|users? online|contributors?)\b.*$",
        r"(?i)^\W*(?:views?|likes?|votes?|comments?|downloads?|visits?|visitors?)\W*:?\W*[\d.,]+ ?[km]?\W*$",
        r"(?i)^[\d.,]+ (?:(?:of|out of) [\d.,]+ )?(?:people|users|readers|others|customers)? ?(?:found|find) th(?:is|e \w+) (?:\w+ )?(?:helpful|useful)\W*$",
        r"(?i)^(?:was|is|did|does|were|how) (?:th(?:is|ese|e)|you find) .*(?:helpful|useful|solve your problem|answer your question)\b.*$",
        r"(?i)^(?:war diese|cette page|¿te ha|¿le ha|¿fue útil|esta página|acest articol v-a|a fost util|questa pagina|was deze|czy ta strona).*(?:hilfreich|utile|útil|ayudado|ajutat|nuttig|pomocna)\b.*$",
        // Which machine, build or request made it.
        r"(?i)^(?:request|correlation|trace|session|ray|activity|incident|build|commit|revision|version hash|served by|page generated|generated in|rendered in|cached)\b[^.]*?(?:\b[0-9a-f]{8,}\b|\d+(?:\.\d+)? ?(?:ms|seconds?)\b).*$",
        // Whose it is.
        r"(?i)^(?:©|\(c\)|copyright\b|all rights reserved).*$",
        // What can be done with it.
        r"(?i)^\W*(?:(?:edit|improve|fix) (?:this|the) (?:page|article|document|doc|topic|section)(?: on \w+)?|improve this docview source|(?:edit|view|open|suggest edits?)(?: (?:this page|it|source))? on (?:github|gitlab|bitbucket|codeberg)|suggest (?:an )?edits?|report (?:an? )?(?:issue|problem|bug)(?: with this page)?|(?:view|show) (?:page )?source|back to (?:the )?top|skip to (?:main |the )?content|copy (?:link|page|as markdown)|download (?:as )?pdf|print this page|share (?:this )?(?:page|article)|create (?:an? )?(?:documentation )?issue|give (?:us )?feedback|send (?:us )?feedback)\W*$",
        // Where in the source it is defined, which changes with every line above it.
        r"^Definition at line \d+ of file .*$",
        // A moment ago.
        r"(?i)^\W*(?:\w+ ){0,3}(?:just now|(?:about |over |almost )?(?:an?|\d+) (?:sec|second|min|minute|hour|day|week|month|year)s? ago)\W*$",
        r"(?i)^\W*(?:(?:vor|il y a|hace|há|acum|fa) (?:\w+ )?\d+ \w+|\d+ \w+ (?:geleden|siden|sedan|temu|назад|fa|atrás|sitten)|\d+ ?(?:秒|分|分钟|時間|小时|日|天)前)\W*$",
    ])
});

/// Blocks that are furniture where they are nothing but a link or a button.
static LINKED_LINES: LazyLock<RegexSet> = LazyLock::new(|| {
    set(&[
        r"(?i)^\W*(?:previous|next|prev|back|copy|copied!?|share|print|save|edit|contents|table of contents|on this page|in this article|permalink|expand all|collapse all)\W*$",
    ])
});

/// The way to the page before or after this one, with its title behind, which may stand right at the word.
static PAGER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\W*(?:(?i:previous|prev|next|zurück|weiter|précédent|suivant|anterior|siguiente|înapoi|înainte|следующая|предыдущая)(?i: (?:page|post|chapter|article|topic|section))?(?:\W|\p{Lu}|\d|$)|(?:上一页|下一页|前へ|次へ))").ok()
});

/// A moment ago, inside a sentence that tells when something was last touched. Elsewhere "30 days ago" may be a limit.
static MOMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b((?:updated|modified|edited|published|posted|reviewed|asked|answered|created|commented|synced|checked|generated|built|seen)\b.{0,16}?)(?:just now|today|yesterday|(?:about |over |almost )?(?:an?|\d+) (?:sec|second|min|minute|hour|day|week|month|year)s? ago)\b").ok()
});

/// The directory that a build puts its files in.
static BUILD_PATH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"/(?:static|assets|_next|_static|build|dist)/[0-9A-Za-z._-]*[0-9][0-9A-Za-z._-]*/").ok()
});

/// Whether a block is furniture: it is left out when a page is read.
pub(super) fn is_furniture(text: &str, only_links: bool) -> bool {
    text.len() <= LINE && (LINES.is_match(text) || (only_links && LINKED_LINES.is_match(text)))
}

/// Whether a link says that it leads to the page before or after this one.
pub(super) fn is_pager(text: &str) -> bool {
    text.len() <= LINE && PAGER.as_ref().is_some_and(|pager| pager.is_match(text))
}

/// Whether a heading announces pointers to other pages, which sites shuffle and refill.
pub(super) fn points_elsewhere(heading: &str) -> bool {
    let heading = heading.trim().trim_end_matches([':', '?', '…']).to_lowercase();
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
        "verwandte themen",
        "articles associés",
        "articles connexes",
        "artículos relacionados",
        "artigos relacionados",
        "articoli correlati",
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
        "この記事の内容",
        "目次",
        "本文内容",
        "目录",
    ]
    .contains(&heading.as_str())
}

/// A text as it is compared: white space folded, invisible characters dropped, typographic variants of quotes and dashes made one,
/// moments and build paths replaced by a sign. Idempotent. Most texts are that already, and are given back as they are.
pub fn normalise(text: &str) -> Cow<'_, str> {
    let mut folded = if is_folded(text) { Cow::Borrowed(text) } else { Cow::Owned(fold(text)) };
    if may_tell_a_moment(&folded)
        && let Some(moment) = MOMENT.as_ref()
        && let Cow::Owned(text) = moment.replace_all(&folded, "${1}⧖")
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

/// What [`MOMENT`] matches holds one of these, in whatever case; to look for them costs a fraction of running it.
fn may_tell_a_moment(text: &str) -> bool {
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

/// An expression that does not compile would match nothing; a test compiles them all.
fn set(expressions: &[&str]) -> RegexSet {
    RegexSet::new(expressions).unwrap_or_else(|_| RegexSet::empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_expression_compiles() {
        assert!(LINES.len() > 10);
        assert!(!LINKED_LINES.is_empty());
        assert!(MOMENT.is_some() && BUILD_PATH.is_some() && PAGER.is_some());
    }

    #[test]
    fn furniture_is_known() {
        for line in [
            "Last updated on 11/03/2025",
            "This page was last modified 3 days ago",
            "Last update: May 3, 2024",
            "Updated on: Mar 3, 2024 10:11",
            "Letzte Aktualisierung: 3. Mai 2024",
            "Dernière mise à jour le 3 mai 2024",
            "Ultima actualizare: 3 mai 2024",
            "最終更新日 2024/05/03",
            "12 minutes to read",
            "5 min read",
            "Reading time: 7 minutes",
            "Lesezeit: 3 Minuten",
            "12,345 views",
            "Views: 1.2k",
            "312 people found this helpful",
            "3 out of 7 found this helpful",
            "Was this page helpful? Yes No",
            "Request id: 6f2b91aa00cd",
            "Page generated in 31 ms",
            "© 2026 Example Ltd.",
            "Edit this page on GitHub",
            "✎ Suggest an edit",
            "3 minutes ago",
            "posted 2 hours ago",
            "vor 3 Minuten",
            "3分前",
        ] {
            assert!(is_furniture(line, false), "{line}");
        }
        assert!(is_furniture("Next", true));
    }

    #[test]
    fn content_is_not() {
        for line in [
            "Last, select Save.",
            "Updated policies apply within 24 hours.",
            "Select Edit, and then select Next.",
            "Next",
            "You can view 12 reports.",
            "Items deleted more than 30 days ago can't be restored.",
            "Build the project, and then run it.",
            "Reviewed requests show under Completed.",
            "Copy the key.",
            "5 minutes",
            "Is this feature available in my region?",
            "Share the folder with your team.",
        ] {
            assert!(!is_furniture(line, false), "{line}");
        }
    }

    #[test]
    fn moments_are_folded_where_they_tell_of_a_touch() {
        assert_eq!(normalise("Updated 3 minutes ago by Ann"), normalise("Updated about 2 hours ago by Ann"));
        assert_ne!(normalise("deleted 30 days ago"), normalise("deleted 93 days ago"));
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
