//! Pages that answer 200 and are not there, as far as the page itself tells.

use crate::page::{PageFacts, SHORT, Sign};

/// A title is split at these; only a whole part counts, since help pages are about errors.
const SEPARATORS: [char; 4] = ['|', '–', ':', '·'];

/// A page with more words than this has something to say, whatever its title.
const MAX_WORDS: u32 = SHORT;

/// Whole parts of titles of pages that are not there, in lower case.
const NOT_FOUND: &[&str] = &[
    "404",
    "404 error",
    "404 not found",
    "404 page not found",
    "404 - page not found",
    "404 - not found",
    "404 - content not found",
    "404 - file or directory not found",
    "error 404",
    "error 404 - page not found",
    "error 404 (not found)",
    "http 404",
    "not found",
    "page not found",
    "page not found - 404",
    "page not found (404)",
    "the page could not be found",
    "the page cannot be found",
    "page can't be found",
    "page cannot be found",
    "this page could not be found",
    "page does not exist",
    "this page doesn't exist",
    "this page isn't available",
    "page no longer available",
    "page unavailable",
    "content not found",
    "file not found",
    "resource not found",
    "we can't find that page",
    "we couldn't find that page",
    "sorry, page not found",
    "oops! page not found",
    "oops, page not found",
    "seite nicht gefunden",
    "pagina nu a fost găsită",
    "pagina nu a fost gasita",
    "pagină negăsită",
    "page introuvable",
    "página no encontrada",
    "pagina non trovata",
    "página não encontrada",
    "pagina niet gevonden",
    "sidan hittades inte",
    "siden blev ikke fundet",
    "nie znaleziono strony",
    "stránka nenalezena",
    "страница не найдена",
    "ページが見つかりません",
    "페이지를 찾을 수 없습니다",
    "找不到页面",
    "页面未找到",
    "找不到網頁",
    "הדף לא נמצא",
    "الصفحة غير موجودة",
];

/// Whole parts of titles of domains that nobody uses, in lower case.
const PARKED: &[&str] = &[
    "domain for sale",
    "this domain is for sale",
    "this domain may be for sale",
    "domain name for sale",
    "buy this domain",
    "domain parked",
    "parked domain",
    "this domain is parked",
    "parked domain name",
    "domain is for sale",
];

/// Whether the title says that the page is not there.
pub(super) fn says_not_found(page: &PageFacts) -> bool {
    page.words <= MAX_WORDS && has_part(page, NOT_FOUND)
}

/// Whether the title or the first heading says that the domain is for sale, or the page is one of a parking company.
pub(super) fn is_parked(page: &PageFacts) -> bool {
    let heading = page.heading.as_deref().map(plain);
    let offers = has_part(page, PARKED)
        || heading.is_some_and(|heading| PARKED.contains(&heading.trim_end_matches(['.', '!'])));
    page.words <= MAX_WORDS && (offers || page.signs.contains(&Sign::Parking))
}

fn has_part(page: &PageFacts, phrases: &[&str]) -> bool {
    let Some(title) = &page.title else { return false };
    plain(title).split(SEPARATORS).any(|part| phrases.contains(&part.trim().trim_end_matches(['.', '!'])))
}

fn plain(text: &str) -> String {
    text.trim().chars().take(512).collect::<String>().to_lowercase().replace('’', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(title: &str, words: u32) -> PageFacts {
        PageFacts { title: Some(title.to_owned()), words, ..PageFacts::default() }
    }

    #[test]
    fn h29_only_a_whole_part_of_the_title_counts() {
        for title in [
            "Page not found",
            "Page Not Found | Acme",
            "Acme – 404",
            "404 - Content Not Found | Docs",
            "Acme: Page not found.",
            "This page isn’t available · X",
        ] {
            assert!(says_not_found(&page(title, 20)), "{title}");
        }
        for title in [
            "Troubleshoot page not found errors",
            "HTTP 404 in IIS | Learn",
            "Fix: page not found after an update",
            "",
            "Not found words",
        ] {
            assert!(!says_not_found(&page(title, 20)), "{title}");
        }
        assert!(!says_not_found(&page("Page not found | Troubleshooting", 900)), "a long page is a page");
        assert!(!says_not_found(&PageFacts::default()));
    }

    #[test]
    fn h29_domains_for_sale() {
        assert!(is_parked(&page("This domain is for sale!", 10)));
        let headed =
            |heading: &str, words| PageFacts { heading: Some(heading.to_owned()), ..page("acme.net", words) };
        assert!(is_parked(&headed("This domain is for sale!", 300)));
        assert!(!is_parked(&headed("This domain is for sale!", 301)));
        assert!(!is_parked(&headed("Why this domain is for sale", 10)));
        let signed =
            |words| PageFacts { signs: vec![Sign::Script, Sign::Parking], ..page("acme.net", words) };
        assert!(is_parked(&signed(300)) && !is_parked(&signed(301)));
        assert!(!is_parked(&page("How to see whether a domain is for sale | Help", 10)));
    }
}
