//! Pages that answer 200 and are not there, as far as the page itself tells.

use url::Url;

use super::Facts;
use super::company::named;
use super::hops::{plain_path, same_but_locale};
use crate::page::{PageFacts, SHORT, Sign};
use crate::visit::facts::{Hop, Visit};

/// A title is split at these; only a whole part counts, since help pages are about errors.
const SEPARATORS: [char; 4] = ['|', '–', ':', '·'];

/// A title is split at these, too, where a part speaks of the page: nothing else would be called so.
const MORE_SEPARATORS: [char; 4] = ['—', '•', '«', '»'];

/// A page with more words than this has something to say, whatever its title.
const MAX_WORDS: u32 = SHORT;

/// Whole parts of titles of pages that are not there, in lower case.
const NOT_FOUND: &[&str] = &[
    "404",
    "404 error",
    "404 not found",
    "404 - not found",
    "404 - content not found",
    "404 - file or directory not found",
    "error 404",
    "error 404 (not found)",
    "error 404 (not found)!!1",
    "fehler 404",
    "erreur 404",
    "errore 404",
    "erro 404",
    "eroare 404",
    "ошибка 404",
    "http 404",
    "not found",
    "not found (404)",
    "content not found",
    "file not found",
    "resource not found",
];

/// The same, where they speak of the page.
const PAGE_NOT_FOUND: &[&str] = &[
    "404 page not found",
    "404 - page not found",
    "error 404 - page not found",
    "page not found",
    "page not found - 404",
    "page not found (404)",
    "the page could not be found",
    "the page cannot be found",
    "page can't be found",
    "page cannot be found",
    "that page can't be found",
    "oops! that page can't be found",
    "this page could not be found",
    "page does not exist",
    "this page doesn't exist",
    "this page isn't available",
    "page no longer available",
    "page unavailable",
    "we can't find that page",
    "we couldn't find that page",
    "we couldn't find the page",
    "sorry, page not found",
    "oops! page not found",
    "oops, page not found",
    "seite nicht gefunden",
    "404 seite nicht gefunden",
    "404 - seite nicht gefunden",
    "die seite wurde nicht gefunden",
    "diese seite existiert nicht",
    "diese seite gibt es nicht",
    "pagina nu a fost găsită",
    "pagina nu a fost gasita",
    "pagina nu există",
    "pagină negăsită",
    "page introuvable",
    "page non trouvée",
    "página no encontrada",
    "pàgina no trobada",
    "pagina non trovata",
    "página não encontrada",
    "pagina niet gevonden",
    "sidan hittades inte",
    "sidan kunde inte hittas",
    "siden blev ikke fundet",
    "siden findes ikke",
    "siden ble ikke funnet",
    "sivua ei löydy",
    "sivua ei löytynyt",
    "nie znaleziono strony",
    "strona nie została znaleziona",
    "strona nie istnieje",
    "stránka nenalezena",
    "stránka nebyla nalezena",
    "stránka nebola nájdená",
    "strana nebola nájdená",
    "stránka sa nenašla",
    "stranica nije pronađena",
    "страница није пронађена",
    "stran ni bila najdena",
    "az oldal nem található",
    "a keresett oldal nem található",
    "lehte ei leitud",
    "lehekülge ei leitud",
    "puslapis nerastas",
    "lapa nav atrasta",
    "sayfa bulunamadı",
    "η σελίδα δεν βρέθηκε",
    "страница не найдена",
    "сторінку не знайдено",
    "страницата не е намерена",
    "không tìm thấy trang",
    "halaman tidak ditemukan",
    "ไม่พบหน้า",
    "ไม่พบหน้าเว็บ",
    "पृष्ठ नहीं मिला",
    "ページが見つかりません",
    "ページが見つかりませんでした",
    "お探しのページは見つかりませんでした",
    "페이지를 찾을 수 없습니다",
    "找不到页面",
    "页面未找到",
    "页面不存在",
    "找不到網頁",
    "找不到頁面",
    "頁面不存在",
    "הדף לא נמצא",
    "העמוד לא נמצא",
    "الصفحة غير موجودة",
    "لم يتم العثور على الصفحة",
    "صفحه یافت نشد",
    "صفحه پیدا نشد",
];

/// Whole titles of the pages that bot walls put in place of what was asked for, in lower case. All of them run scripts.
const WALLS: &[&str] = &[
    "just a moment",
    "attention required! | cloudflare",
    "making sure you're not a bot",
    "pardon our interruption",
    "access to this page has been denied",
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

/// Whether the title says that the page is not there. One that is about what its own URL is about, be it a number or an error, does not:
/// `/status/404` is the page "404: Not Found".
pub fn says_not_found(facts: &Facts) -> bool {
    let Some(page) = facts.page.as_ref().filter(|page| page.words <= MAX_WORDS) else { return false };
    let Some(title) = page.title.as_deref().map(plain) else { return false };
    title_says_not_found(&title) && !is_what_the_url_names(&facts.visit, &title)
}

fn title_says_not_found(title: &str) -> bool {
    let (any, of_page) = (NOT_FOUND, PAGE_NOT_FOUND);
    let says = |part: &str, phrases: &[&str]| phrases.contains(&trimmed(part));
    if title.split(SEPARATORS).any(|part| says(part, any) || says(part, of_page)) {
        return true;
    }
    // "Page not found - Acme": the hyphen parts words, too, so the phrase must come first, before a name.
    let before_name =
        title.split_once(" - ").is_some_and(|(phrase, name)| says(phrase, of_page) && !name.contains(" - "));
    before_name || title.split(MORE_SEPARATORS).any(|part| says(part, of_page))
}

/// Whether the last part of the URL, where nothing was redirected but its spelling, names what the title speaks of: the number 404,
/// "not found", or the identifier that the title explains ("ENOENT: file not found").
fn is_what_the_url_names(visit: &Visit, title: &str) -> bool {
    let url = |hop: Option<&Hop>| hop.and_then(|hop| Url::parse(&hop.url).ok());
    let (Some(first), Some(last)) = (url(visit.hops.first()), url(visit.hops.last())) else { return false };
    if !same_but_locale(&first, &last) {
        return false;
    }
    let Some(name) = plain_path(&last).pop() else { return false };
    let words: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let number = words.contains(&"404") && title.contains("404");
    let phrase = words.contains(&"notfound") || words.windows(2).any(|pair| pair == ["not", "found"]);
    let explained = title.split_once(':').is_some_and(|(what, _)| what.trim() == name);
    number || phrase || explained
}

/// Whether it is a bot wall by its markup, or by a title that only a wall has and that its URL does not name.
pub(super) fn is_wall(facts: &Facts) -> bool {
    let Some(page) = facts.page.as_ref().filter(|page| page.words <= MAX_WORDS) else { return false };
    let url = || facts.visit.final_url().and_then(|url| Url::parse(url).ok());
    let titled = || {
        let title = page.title.as_deref().map(plain).unwrap_or_default();
        WALLS.contains(&trimmed(&title)) && !url().is_some_and(|url| named(page, &url, &url))
    };
    page.signs.contains(&Sign::Wall) || (page.signs.contains(&Sign::Script) && titled())
}

/// Whether the title or the first heading says that the domain is for sale, or the page is one of a parking company.
pub(super) fn is_parked(page: &PageFacts) -> bool {
    let heading = page.heading.as_deref().map(plain);
    let offers = has_part(page, PARKED) || heading.is_some_and(|heading| PARKED.contains(&trimmed(&heading)));
    page.words <= MAX_WORDS && (offers || page.signs.contains(&Sign::Parking))
}

fn has_part(page: &PageFacts, phrases: &[&str]) -> bool {
    let Some(title) = &page.title else { return false };
    plain(title).split(SEPARATORS).any(|part| phrases.contains(&trimmed(part)))
}

fn trimmed(part: &str) -> &str {
    part.trim().trim_end_matches(['.', '!', '…'])
}

fn plain(text: &str) -> String {
    text.trim().chars().take(512).collect::<String>().to_lowercase().replace('’', "'")
}

#[cfg(test)]
mod tests {
    use super::super::testing::facts;
    use super::*;
    use crate::visit::facts::Outcome;

    fn page(title: &str, words: u32) -> PageFacts {
        PageFacts { title: Some(title.to_owned()), words, ..PageFacts::default() }
    }

    fn at(url: &str, title: &str, words: u32) -> Facts {
        Facts { page: Some(page(title, words)), ..facts(&[(url, 200)], Outcome::Answered) }
    }

    #[test]
    fn h29_only_a_whole_part_of_the_title_counts() {
        let said = |title: &str, words| says_not_found(&at("https://a.org/docs/setup", title, words));
        for title in [
            "Page not found",
            "Page Not Found | Acme",
            "Acme – 404",
            "404 - Content Not Found | Docs",
            "Acme: Page not found.",
            "This page isn’t available · X",
            "Page not found - Acme Docs",
            "Page Not Found — Acme",
            "Page not found « Acme",
            "Acme » Page not found",
            "Page not found • Docs",
            "Oops! That page can’t be found. - My Blog",
            "Error 404 (Not Found)!!1",
            "Sayfa Bulunamadı | Acme",
            "Η σελίδα δεν βρέθηκε",
        ] {
            assert!(said(title, 20), "{title}");
        }
        for title in [
            "Troubleshoot page not found errors",
            "HTTP 404 in IIS | Learn",
            "Fix: page not found after an update",
            "",
            "Not found words",
            "DNS error 404 - not found - how to fix it",
            "Not found - how to fix it",
            "404 - a history",
            "Acme - page not found",
            "Page not found - causes - remedies",
            "404 — the history of a number",
        ] {
            assert!(!said(title, 20), "{title}");
        }
        assert!(!said("Page not found | Troubleshooting", 900), "a long page is a page");
        assert!(!says_not_found(&facts(&[("https://a.org/x", 200)], Outcome::Answered)));
    }

    #[test]
    fn a_page_may_be_about_what_is_not_found() {
        for (url, title) in [
            ("/status/404", "404: Not Found"),
            ("/errors/page-not-found", "Error: Page not found | Help"),
            ("/api/errors/not_found", "Not found | API errors | Acme"),
            ("/errors/NotFound.html", "Not found | Errors"),
            ("/codes/enoent", "ENOENT: file not found"),
            ("/area-codes/404", "404 | Area codes"),
            ("/models/peugeot-404/", "404 | Peugeot"),
            ("/pull/404", "Fix login · Pull request · 404"),
        ] {
            assert!(!says_not_found(&at(&format!("https://a.org{url}"), title, 30)), "{url}");
        }
        for (url, title) in [
            ("/docs/setup", "404: Not Found"),
            ("/file-upload", "Upload: file not found"),
            ("/kb/4041", "404"),
            ("/kb/404", "Page not found"),
            ("/lost-and-found", "Not found | Acme"),
            ("/", "404"),
        ] {
            assert!(says_not_found(&at(&format!("https://a.org{url}"), title, 30)), "{url}");
        }
        // Where a link is sent to a page of errors it is not about them.
        let sent = facts(&[("https://a.org/docs/setup", 302), ("https://a.org/404", 200)], Outcome::Answered);
        assert!(says_not_found(&Facts { page: Some(page("404", 30)), ..sent }));
    }

    #[test]
    fn walls_by_markup_or_title() {
        let with = |title: &str, words, signs: &[Sign]| {
            let mut facts = at("https://a.org/docs/setup", title, words);
            facts.page.as_mut().unwrap().signs = signs.to_vec();
            is_wall(&facts)
        };
        assert!(with("Acme", 20, &[Sign::Wall]) && with("Just a moment...", 20, &[Sign::Script]));
        assert!(with("Making sure you’re not a bot!", 60, &[Sign::Script, Sign::Shell]));
        for (title, words, signs) in [
            ("Just a moment...", 20, &[][..]),
            ("Just a moment, please: a memoir", 20, &[Sign::Script]),
            ("Just a moment...", 301, &[Sign::Script]),
            ("Page not found", 20, &[Sign::Script]),
        ] {
            assert!(!with(title, words, signs), "{title}");
        }
        let mut novel = at("https://a.org/novels/just-a-moment", "Just a Moment", 200);
        novel.page.as_mut().unwrap().signs = vec![Sign::Script];
        assert!(!is_wall(&novel), "its URL names it");
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
