//! What a target's page cannot say of itself, and others of its host can: that the host answers nonsense alike, that pages which have
//! nothing to do with each other read the same, that many are sent to one place. Pure.

use url::Url;

use super::Facts;
use super::hops::{is_home, is_root, plain_path, same_site};
use crate::page::{PageFacts, Sign};
use crate::visit::facts::{Outcome, Visit};

/// Fewer words than this are no text to compare.
const LEAST_WORDS: u32 = 5;
/// Of a page that runs scripts: a script may well add what is missing.
const LEAST_WORDS_SCRIPTED: u32 = 20;
/// Of a page whose content is likely made by scripts: all pages of such a site begin alike.
const LEAST_WORDS_SHELL: u32 = 100;
/// So many targets that have nothing to do with each other must read the same.
const SHARING: usize = 3;
/// So many targets of one host must be sent to one page for good.
const HUB: usize = 5;
/// How a sibling's name begins.
const SIBLING: &str = "linkdrift-no-such-page-";

/// What is known of others of a target's hosts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Company {
    /// What its hosts (that of its URL, that of its final URL) answered to a [`sibling`]'s URL.
    pub siblings: Vec<Facts>,
    /// Final URLs of other targets with the same [`Ties::text`].
    pub same_text: Vec<String>,
    /// Other targets with the same [`Ties::end`].
    pub same_end: Vec<String>,
    /// Of an `http` URL's host: what one of its pages was by `http`, and by `https`.
    pub https: Option<(Facts, Facts)>,
}

/// What a target's newest visit has in common with others; keys to find them by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ties {
    /// Host and content of its page, where that can be compared and is not named by its URL.
    pub text: Option<[u8; 16]>,
    /// Host of its URL, and where it is sent for good.
    pub end: Option<[u8; 16]>,
}

/// The keys of a visit.
pub fn ties(facts: &Facts) -> Ties {
    let visit = &facts.visit;
    let (Some(first), Some(last)) = (url_of(visit, Which::First), url_of(visit, Which::Last)) else {
        return Ties::default();
    };
    let text = page_to_compare(facts, &last)
        .and_then(|page| Some(key(&[last.host_str()?, page.content.as_deref()?])));
    let for_good = visit.hops.iter().rev().skip(1).all(|hop| matches!(hop.status, Some(301 | 308)));
    let sent = visit.hops.len() > 1 && for_good && plain_path(&first) != plain_path(&last);
    let end = sent.then(|| Some(key(&[first.host_str()?, last.as_str()]))).flatten();
    Ties { text, end }
}

/// The URL that is asked for to see how a host answers what it cannot know: beside `url`, with a name that nobody gave. `None` where
/// there is nothing beside it.
pub fn sibling(url: &Url) -> Option<Url> {
    if is_root(url) || url.cannot_be_a_base() {
        return None;
    }
    let hash = key(&[url.host_str()?, url.path()]);
    let name: String = hash[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    // "." is the folder of the last part; of a folder itself ("/a/b/") that is the folder, so its slash is taken off first.
    let mut beside = url.clone();
    beside.set_query(None);
    beside.set_fragment(None);
    let path = beside.path().trim_end_matches('/').to_owned();
    beside.set_path(&path);
    beside.join(&format!("{SIBLING}{name}")).ok()
}

/// Whether a visit leaves a question that a [`sibling`] of its URL can answer: its page could be what its host says to everything. Gives
/// the URL that the sibling is of.
pub fn wants_a_sibling(facts: &Facts) -> Option<Url> {
    let (first, last) = (url_of(&facts.visit, Which::First)?, url_of(&facts.visit, Which::Last)?);
    if first == last {
        return page_to_compare(facts, &last).map(|_| last);
    }
    // Sent elsewhere: the question is whether everything of the first host is.
    let page = facts.page.as_ref().filter(|page| !page.signs.contains(&Sign::Locales))?;
    let another = same_site(&first, &last) && plain_path(&first) != plain_path(&last);
    (another && is_well(&facts.visit) && !is_home(&first) && !named(page, &first, &last)).then_some(first)
}

/// Whether a host is known to answer honestly that something is not there (RFC 9110 §15.5.5, §15.5.11).
pub fn is_honest(visit: &Visit) -> bool {
    visit.outcome == Outcome::Answered && visit.hops.len() == 1 && matches!(visit.status(), Some(404 | 410))
}

/// Whether the page is what its host answers to what it cannot know, or what unrelated targets read, too.
pub(super) fn is_everybodys(facts: &Facts, company: &Company) -> bool {
    let Some(last) = url_of(&facts.visit, Which::Last) else { return false };
    let Some(page) = page_to_compare(facts, &last) else { return false };
    let as_nonsense = company.siblings.iter().any(|sibling| {
        let there =
            is_well(&sibling.visit) && sibling.visit.final_url().is_some_and(|url| url.contains(SIBLING));
        there && sibling.page.as_ref().is_some_and(|other| other.content == page.content)
    });
    as_nonsense || unrelated_read_the_same(page, &last, &company.same_text)
}

/// Whether the chain ends where its host sends what it cannot know: where a sibling was sent, too, or many others of the host.
pub(super) fn falls_with_others(facts: &Facts, company: &Company) -> bool {
    let visit = &facts.visit;
    let (Some(first), Some(last)) = (url_of(visit, Which::First), url_of(visit, Which::Last)) else {
        return false;
    };
    if visit.hops.len() < 2 || is_home(&first) || plain_path(&first) == plain_path(&last) {
        return false;
    }
    let page = facts.page.as_ref();
    if page.is_some_and(|page| named(page, &first, &last) || page.signs.contains(&Sign::Locales)) {
        return false;
    }
    let with_nonsense = company.siblings.iter().any(|sibling| {
        let from = url_of(&sibling.visit, Which::First);
        from.is_some_and(|from| from.host_str() == first.host_str())
            && sibling.visit.hops.len() > 1
            && sibling.visit.final_url() == Some(last.as_str())
    });
    with_nonsense || is_hub(page, &first, &last, &company.same_end)
}

/// Whether at least [`HUB`] targets that say what they are about are sent to a page that none of them names.
fn is_hub(page: Option<&PageFacts>, first: &Url, last: &Url, others: &[String]) -> bool {
    if !describes(first) {
        return false;
    }
    let names = |url: &Url| page.is_some_and(|page| named(page, url, last)) || akin(&slug(url), &slug(last));
    if names(first) {
        return false;
    }
    let mut sources = 1;
    for other in others.iter().filter_map(|url| Url::parse(url).ok()) {
        if names(&other) {
            return false;
        }
        sources += usize::from(describes(&other));
    }
    sources >= HUB
}

/// Whether a URL's path tells what its page is about, so that one can say that another page is about something else. A number does not,
/// and neither does a short link: one part, or one behind `/go/`, `/link/` and their like.
fn describes(url: &Url) -> bool {
    const SHORTENING: &[&str] = &[
        "go", "to", "r", "l", "s", "u", "x", "link", "links", "short", "redirect", "redir", "out", "fwlink",
        "goto",
    ];
    let path = plain_path(url);
    let short = match path.as_slice() {
        [] => return false,
        [_] => true,
        [.., before, _] => SHORTENING.contains(&before.as_str()),
    };
    slug(url).len() >= if short { 2 } else { 1 }
}

fn unrelated_read_the_same(page: &PageFacts, last: &Url, others: &[String]) -> bool {
    // The page itself says of which other page it is a copy.
    let copy = page.canonical.as_deref().and_then(|canonical| last.join(canonical).ok());
    if copy.is_some_and(|canonical| !is_root(&canonical) && plain_path(&canonical) != plain_path(last)) {
        return false;
    }
    let mut apart = vec![last.clone()];
    for other in others.iter().filter_map(|url| Url::parse(url).ok()) {
        let related = |known: &Url| {
            let (one, two) = (slug(known), slug(&other));
            plain_path(known) == plain_path(&other) || one.is_empty() || two.is_empty() || akin(&one, &two)
        };
        if is_root(&other) {
            continue;
        }
        if !apart.iter().any(related) {
            apart.push(other);
        }
        if apart.len() >= SHARING {
            return true;
        }
    }
    false
}

/// The page at `last`, if its text can tell whether it is the one that was meant: it has some, is not made by scripts, is no choice of
/// languages, and neither is the site's root nor is named by its own URL.
fn page_to_compare<'f>(facts: &'f Facts, last: &Url) -> Option<&'f PageFacts> {
    let page = facts.page.as_ref().filter(|page| page.content.is_some())?;
    let has = |sign: Sign| page.signs.contains(&sign);
    let least = match () {
        () if has(Sign::Shell) => LEAST_WORDS_SHELL,
        // What is sent has no heading: one comes with what a script adds.
        () if has(Sign::Script) && page.heading.is_none() => LEAST_WORDS_SHELL,
        () if has(Sign::Script) => LEAST_WORDS_SCRIPTED,
        () => LEAST_WORDS,
    };
    let comparable = is_well(&facts.visit) && page.words >= least && !has(Sign::Locales) && !is_root(last);
    (comparable && !named(page, last, last)).then_some(page)
}

/// Whether a page's title or heading names what the last part of `url` is about, or its number. What is in the name of the host counts
/// for nothing.
pub(super) fn named(page: &PageFacts, url: &Url, at: &Url) -> bool {
    let texts = || [&page.title, &page.heading].into_iter().flatten();
    let said: Vec<String> = texts().flat_map(|text| words(text)).collect();
    let host = at.host_str().unwrap_or_default();
    let about: Vec<String> = slug(url).into_iter().filter(|word| !host.contains(word.as_str())).collect();
    let last = plain_path(url).pop().unwrap_or_default();
    akin(&about, &said)
        || numbers(&last).any(|number| texts().any(|text| numbers(text).any(|said| said == number)))
}

/// The whole numbers of a text.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty())
}

/// What the last part of a URL's path is about; empty where that is only a number.
fn slug(url: &Url) -> Vec<String> {
    plain_path(url).last().map(|last| words(last)).unwrap_or_default()
}

/// The words of a text that tell something, in lower case: four letters or more, or two of a script without an alphabet of Latin's kind.
fn words(text: &str) -> Vec<String> {
    const EMPTY: &[&str] = &[
        "html", "aspx", "index", "page", "default", "with", "from", "this", "that", "your", "what", "when",
        "http", "https",
    ];
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.chars().all(|c| c.is_ascii_digit()))
        .filter(|word| word.chars().count() >= if word.is_ascii() { 4 } else { 2 } && !EMPTY.contains(word))
        .take(40)
        .map(str::to_owned)
        .collect()
}

/// Whether two lists share a word, but for its ending.
fn akin(one: &[String], two: &[String]) -> bool {
    one.iter().any(|a| two.iter().any(|b| a.starts_with(b.as_str()) || b.starts_with(a.as_str())))
}

fn is_well(visit: &Visit) -> bool {
    visit.outcome == Outcome::Answered && visit.status().is_some_and(|status| (200..300).contains(&status))
}

enum Which {
    First,
    Last,
}

fn url_of(visit: &Visit, which: Which) -> Option<Url> {
    let hop = match which {
        Which::First => visit.hops.first(),
        Which::Last => visit.hops.last(),
    };
    Url::parse(&hop?.url).ok()
}

fn key(parts: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut key = [0; 16];
    key.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    key
}

#[cfg(test)]
mod tests;
