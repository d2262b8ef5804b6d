//! Notices that stand beside the content of a page and say that it is archived or withdrawn: GitHub's "This repository was archived by
//! the owner", the banners that generators put over the documentation of versions that are no longer maintained.

use scraper::ElementRef;

use super::noise::{self, Trust};
use super::{furniture, volatile, withdrawn};

/// What the classes and ids of such notices have among their words. They say little: cookie bars and outages have them too.
const NAMES: &[&str] = &[
    "admonition",
    "alert",
    "announcement",
    "archived",
    "banner",
    "callout",
    "deprecated",
    "deprecation",
    "eol",
    "flash",
    "notice",
    "obsolete",
    "outdated",
    "retired",
    "unmaintained",
    "unsupported",
    "warning",
];

/// What those of passing messages have, and of what is there for the visitor.
const PASSING: &[&str] = &[
    "consent",
    "cookie",
    "cookies",
    "dialog",
    "gdpr",
    "modal",
    "newsletter",
    "popup",
    "snackbar",
    "survey",
    "toast",
    "toasts",
    "tooltip",
];

/// Words of a message about the visit: what is out of date is what the browser has of the page.
const ABOUT_THE_VISIT: &[&str] = &[
    "refresh",
    "reload",
    "try again",
    "sign in",
    "signed in",
    " log in",
    "logged in",
    "your browser",
    "neu laden",
    "neu geladen",
    "anmelden",
    "recharge",
    "actualisez",
    "connectez",
    "recarg",
    "inicia sesi",
    "ricarica",
    "reîncărc",
    "conectați",
    "odśwież",
    "обновите",
    "再読み込み",
    "刷新",
    "重新加载",
    "새로 고침",
];

/// Bytes of the longest that is looked at: what is longer is no notice.
const LONGEST: usize = 1200;
/// So many of a page are looked at.
const MOST: usize = 64;

/// The first notice beside `roots`: of its text the part that says so, since versions and dates may stand beside it.
pub(super) fn of(document: ElementRef<'_>, roots: &[ElementRef<'_>], trust: Trust) -> Option<String> {
    let says = |element: ElementRef<'_>| {
        let parts = parts(element)?;
        let at = parts.iter().position(|part| withdrawn::says_withdrawn(part))?;
        let text = parts.join(" ").to_lowercase();
        let is_about_the_visit = ABOUT_THE_VISIT.iter().any(|words| text.contains(words));
        parts.into_iter().nth(at).filter(|_| !is_about_the_visit)
    };
    document
        .descendent_elements()
        .filter(|element| is_named(*element))
        .take(MOST)
        .filter_map(|element| Some((element, says(element)?)))
        .find(|(element, _)| stands_beside(*element, roots, trust) && !passes(*element))
        .map(|(_, says)| says)
}

fn is_named(element: ElementRef<'_>) -> bool {
    let tag = element.value();
    let is_box = || matches!(tag.name(), "div" | "aside" | "section" | "p" | "header");
    tag.attrs().any(|(name, value)| match name {
        "role" => value.eq_ignore_ascii_case("alert"),
        "class" | "id" => is_box() && tokens(value).any(|token| has_one_of(token, NAMES)),
        _ => false,
    })
}

fn tokens(value: &str) -> impl Iterator<Item = &str> {
    value.split_ascii_whitespace().filter(|token| token.len() <= 80)
}

fn has_one_of(token: &str, words: &[&str]) -> bool {
    furniture::words(token).any(|word| words.contains(&word))
}

/// Whether an element neither holds the content nor is read as a part of it.
fn stands_beside(element: ElementRef<'_>, roots: &[ElementRef<'_>], trust: Trust) -> bool {
    let is_root = |element: &ElementRef<'_>| roots.iter().any(|root| root.id() == element.id());
    let around = || std::iter::once(element).chain(element.ancestors().filter_map(ElementRef::wrap));
    if around().any(|outer| is_root(&outer)) {
        return around().take_while(|outer| !is_root(outer)).any(|outer| noise::is_noise(outer, trust));
    }
    !roots.iter().any(|root| root.ancestors().any(|outer| outer.id() == element.id()))
}

/// Whether it is not shown, or shown for a while, or speaks of the visitor's choices.
fn passes(element: ElementRef<'_>) -> bool {
    /// Elements from the notice outwards whose names tell of it, not of the page.
    const NEAR: usize = 4;
    let around = || std::iter::once(element).chain(element.ancestors().filter_map(ElementRef::wrap));
    let is_out_of_sight = |outer: ElementRef<'_>| {
        let tag = outer.value();
        matches!(tag.name(), "nav" | "footer" | "dialog" | "template" | "noscript" | "form" | "svg")
            || tag.attr("role").is_some_and(|role| {
                matches!(role, "dialog" | "alertdialog" | "navigation" | "contentinfo" | "menu" | "tooltip")
            })
            || noise::is_hidden(outer)
    };
    let is_passing = |outer: ElementRef<'_>| {
        let names = outer.value().attrs().filter(|(name, _)| matches!(*name, "class" | "id"));
        names.flat_map(|(_, value)| tokens(value)).any(|token| has_one_of(token, PASSING))
    };
    around().any(is_out_of_sight)
        || around()
            .take_while(|outer| !matches!(outer.value().name(), "body" | "main"))
            .take(NEAR)
            .any(is_passing)
}

/// The text of an element as its blocks part it; `None` where it has none, or more than a notice.
fn parts(element: ElementRef<'_>) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut length = 0;
    gather(element, &mut parts, &mut length, 0);
    let parts: Vec<String> = parts
        .iter()
        .map(|part| volatile::normalise(part).into_owned())
        .filter(|part| !part.is_empty())
        .collect();
    (length <= LONGEST && !parts.is_empty()).then_some(parts)
}

fn gather(element: ElementRef<'_>, parts: &mut Vec<String>, length: &mut usize, depth: usize) {
    /// Elements inside one another that a notice has at most.
    const DEPTH: usize = 12;
    for child in element.children() {
        if *length > LONGEST {
            return;
        }
        if let Some(text) = child.value().as_text() {
            *length += text.trim().len();
            if let Some(part) = parts.last_mut().filter(|_| *length <= LONGEST) {
                part.push_str(text);
            }
        } else if let Some(inner) = ElementRef::wrap(child)
            && depth < DEPTH
            && !matches!(inner.value().name(), "script" | "style" | "template" | "svg" | "noscript")
            && !noise::is_hidden(inner)
        {
            let is_inline = matches!(
                inner.value().name(),
                "a" | "b"
                    | "strong"
                    | "em"
                    | "i"
                    | "span"
                    | "code"
                    | "time"
                    | "small"
                    | "abbr"
                    | "u"
                    | "mark"
            );
            if !is_inline {
                parts.push(String::new());
            }
            gather(inner, parts, length, depth + 1);
            if !is_inline {
                parts.push(String::new());
            }
        }
    }
}
