//! Where on a page its content stands: known layouts first, landmarks second, the element that holds the bulk of the text last.

use std::collections::HashSet;
use std::sync::LazyLock;

use ego_tree::NodeId;
use scraper::{ElementRef, Html, Selector};

use super::noise::{self, Trust};
use super::{Layout, furniture};

/// Where the content of a page stands.
pub(super) struct Content<'a> {
    /// Which extractor found it.
    pub(super) layout: Layout,
    /// How much of what is inside is believed.
    pub(super) trust: Trust,
    /// A heading of the page that stands outside the roots.
    pub(super) heading: Option<ElementRef<'a>>,
    /// The elements that hold the content, in order.
    pub(super) roots: Vec<ElementRef<'a>>,
}

/// Content containers of generators and content systems, the narrower before the wider.
const CONTAINERS: &[&str] = &[
    // Docusaurus; Starlight; VitePress; VuePress
    ".theme-doc-markdown",
    ".sl-markdown-content",
    ".vp-doc",
    ".theme-default-content",
    // Sphinx: Read the Docs, PyData, Furo, Alabaster, classic
    "[itemprop=articleBody]",
    "article.bd-article",
    "article#furo-main-content",
    "div.body[role=main]",
    "div.documentwrapper div.body",
    // MkDocs: Material, Read the Docs, bootstrap
    "article.md-content__inner",
    "div.rst-content div[role=main]",
    "div.col-md-9[role=main]",
    // GitBook; mdBook
    "section.markdown-section",
    ".page-inner section.normal",
    "#mdbook-content main",
    "#content.content main",
    // Hugo: Docsy, Book; Jekyll: Just the Docs, Minima
    ".td-content",
    "article.book-article",
    "article.gdoc-markdown",
    "section.page__content",
    "div.main-content main",
    "#main-content.main-content",
    "article.post .post-content",
    // Antora; Asciidoctor
    "article.doc",
    "body.article #content",
    "body.book #content",
    // Javadoc (with landmarks, without); rustdoc; Doxygen; docfx; Microsoft Support
    "body.class-declaration-page main",
    "div.contentContainer",
    "#main-content.content",
    "section#main-content",
    "div.contents",
    "#doc-content",
    "article#_content",
    "article.content.wrap",
    "#supArticleContent",
    "article.ocpArticleContent",
    ".ocpArticleContent",
    // Zendesk, Intercom, MediaWiki, Confluence, WordPress, MadCap, DITA, GitHub, GitLab, ReadMe, Mintlify, Notion, Discourse
    ".article-body",
    ".intercom-force-break article",
    "#mw-content-text .mw-parser-output",
    "#mw-content-text",
    "#main-content.wiki-content",
    ".wiki-content",
    "#mc-main-content",
    "article[role=article]",
    "article.markdown-body",
    ".markdown-body",
    ".file-content.md",
    ".rm-Markdown",
    ".mdx-content",
    ".notion-page-content",
    ".ak-renderer-document",
    "#main-outlet",
    ".entry-content",
];

/// Titles that stand in an element of their own, outside the content, and are no h1.
const TITLES: &[&str] = &[
    ".headertitle .title",
    "div.header > .title",
    ".notion-title",
    "h2.heading",
    "h2.topic-title",
    "header .article-title",
    ".page-title",
    "#title-text",
    ".article__title",
    ".entry-title",
];

static SELECTORS: LazyLock<Vec<Selector>> = LazyLock::new(|| parse(CONTAINERS));
static TITLE_SELECTORS: LazyLock<Vec<Selector>> = LazyLock::new(|| parse(TITLES));
static COLUMN: LazyLock<Option<Selector>> =
    LazyLock::new(|| Selector::parse("main [data-main-column], [role=main] [data-main-column]").ok());
static LEARN: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse(".content").ok());
static LANDMARK: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse("main, [role=main]").ok());
static BODY: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse("body").ok());
static HEADING: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse("h1").ok());

/// Classes and ids that the last part of a container's selector names: only elements with one of them are looked at closely.
static TRIGGERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let last = |selector: &'static str| selector.rsplit(' ').next().unwrap_or_default();
    let names = |part: &'static str| {
        part.split(['.', '#', '[']).skip(1).map(|name| name.split('=').next().unwrap_or_default())
    };
    CONTAINERS.iter().flat_map(|selector| names(last(selector))).collect()
});

/// Finds the content of a page, by no extractor more special than `least`. `title` is the page's `<title>`.
pub(super) fn find<'a>(document: &'a Html, title: Option<&str>, least: Layout) -> Content<'a> {
    let body = first(document, &BODY).unwrap_or_else(|| document.root_element());
    let weights = Weights::under(body);
    let all = weights.of(&body);
    let found = |layout: Layout, roots: Vec<ElementRef<'a>>| {
        let trust = if layout == Layout::Learn { Trust::Container } else { Trust::Markup };
        Content { layout, trust, heading: heading_outside(document, &roots, title), roots }
    };
    let landmarks = Landmarks::of(body);
    if least <= Layout::Learn
        && let Some(column) = landmarks.column
    {
        let roots =
            LEARN.as_ref().map(|selector| outermost(column.select(selector).collect())).unwrap_or_default();
        if roots.iter().map(|root| weights.of(root)).sum::<usize>() > 0 {
            return found(Layout::Learn, roots);
        }
    }
    // A container that holds next to nothing of the page is not its content.
    let enough = |roots: &[ElementRef<'_>]| {
        all == 0 || roots.iter().map(|root| weights.of(root)).sum::<usize>() * 5 >= all
    };
    let known = if least <= Layout::Generator { SELECTORS.as_slice() } else { &[] };
    for selector in known {
        let matching = landmarks
            .containers
            .iter()
            .filter(|element| selector.matches(element) && !noise::is_hidden(**element))
            .copied();
        let roots = without_sidebars(outermost(matching.take(8).collect()));
        if (1..=3).contains(&roots.len()) && enough(&roots) {
            return found(Layout::Generator, roots);
        }
    }
    let mains = outermost(landmarks.mains);
    let articles = outermost(landmarks.articles);
    let landmark = match (mains.as_slice(), articles.as_slice()) {
        // One article that holds most of the main part is the content; several are parts of it.
        ([main], [article]) if weights.of(article) * 5 >= weights.of(main) * 3 => Some(*article),
        ([main, ..], _) => Some(*main),
        ([], [article]) => Some(*article),
        _ => None,
    };
    match landmark.filter(|root| least <= Layout::Landmark && enough(&[*root])) {
        Some(root) => found(Layout::Landmark, vec![root]),
        None => found(Layout::Body, vec![bulk(body, &weights)]),
    }
}

/// The elements of a body that may hold its content, found on one way through it.
#[derive(Default)]
struct Landmarks<'a> {
    /// The first that [`COLUMN`] names.
    column: Option<ElementRef<'a>>,
    /// The first 500 that a selector of [`CONTAINERS`] may name.
    containers: Vec<ElementRef<'a>>,
    /// The first 200 shown ones of [`LANDMARK`].
    mains: Vec<ElementRef<'a>>,
    /// The first 200 shown `<article>`s.
    articles: Vec<ElementRef<'a>>,
}

impl<'a> Landmarks<'a> {
    fn of(body: ElementRef<'a>) -> Self {
        let mut landmarks = Self::default();
        let is = |element: &ElementRef<'a>, selector: &Option<Selector>| {
            selector.as_ref().is_some_and(|selector| selector.matches(element))
        };
        for element in body.descendent_elements() {
            let name = element.value().name();
            let mut may_be_container = matches!(name, "main" | "article");
            let (mut has_role, mut may_be_column) = (false, false);
            for (name, value) in element.value().attrs() {
                match name {
                    "role" => has_role = true,
                    "data-main-column" => may_be_column = true,
                    "itemprop" => may_be_container = true,
                    "id" => may_be_container |= TRIGGERS.contains(value),
                    "class" => {
                        may_be_container |=
                            value.split_ascii_whitespace().any(|class| TRIGGERS.contains(class));
                    }
                    _ => {}
                }
            }
            if (may_be_container || has_role) && landmarks.containers.len() < 500 {
                landmarks.containers.push(element);
            }
            if may_be_column && landmarks.column.is_none() && is(&element, &COLUMN) {
                landmarks.column = Some(element);
            }
            if (name == "main" || has_role)
                && landmarks.mains.len() < 200
                && is(&element, &LANDMARK)
                && !noise::is_hidden(element)
            {
                landmarks.mains.push(element);
            }
            if name == "article" && landmarks.articles.len() < 200 && !noise::is_hidden(element) {
                landmarks.articles.push(element);
            }
        }
        landmarks
    }
}

/// How much running text each element holds: characters that are neither noise nor link.
struct Weights {
    /// In order of the nodes.
    weights: Vec<(NodeId, usize)>,
}

impl Weights {
    /// Of an element and all inside it.
    fn under(element: ElementRef<'_>) -> Self {
        let mut weights = Self { weights: Vec::new() };
        weights.weigh(element, 0);
        weights.weights.sort_unstable();
        weights
    }

    fn of(&self, element: &ElementRef<'_>) -> usize {
        let found = self.weights.binary_search_by_key(&element.id(), |(id, _)| *id);
        found.ok().and_then(|at| self.weights.get(at)).map_or(0, |(_, weight)| *weight)
    }

    fn weigh(&mut self, element: ElementRef<'_>, depth: usize) -> usize {
        let mut sum = 0;
        for child in element.children() {
            if let Some(text) = child.value().as_text() {
                sum += shown(text);
            } else if let Some(inner) = ElementRef::wrap(child)
                && depth < super::bounds::DEPTH + 64
            {
                let weight = self.weigh(inner, depth + 1);
                if weight > 0 && inner.value().name() != "a" && !noise::is_noise(inner, Trust::Markup) {
                    sum += weight;
                }
            }
        }
        if sum > 0 {
            self.weights.push((element.id(), sum));
        }
        sum
    }
}

/// Bytes that are no white space, counted in stretches whose count fits a byte: that is done for many bytes at once.
fn shown(text: &str) -> usize {
    let count = |bytes: &[u8]| -> u8 {
        bytes.iter().map(|byte| u8::from(!byte.is_ascii_whitespace())).fold(0, u8::wrapping_add)
    };
    text.as_bytes().chunks(128).map(|bytes| usize::from(count(bytes))).sum()
}

/// Goes down from the body as long as one child holds four fifths of the running text.
fn bulk<'a>(body: ElementRef<'a>, weights: &Weights) -> ElementRef<'a> {
    let mut here = body;
    for _ in 0..super::bounds::DEPTH {
        // A table that holds headings or paragraphs is there for the layout.
        let is_content = |child: &ElementRef<'_>| match child.value().name() {
            "p" | "ul" | "ol" | "dl" | "pre" | "blockquote" | "h1" | "h2" | "h3" => true,
            "table" => !child
                .descendent_elements()
                .take(500)
                .any(|inner| matches!(inner.value().name(), "h1" | "h2" | "h3" | "p")),
            _ => false,
        };
        let largest = here
            .child_elements()
            .filter(|child| !noise::is_noise(*child, Trust::Markup) && !is_content(child))
            .max_by_key(|child| weights.of(child));
        match largest {
            Some(child) if weights.of(&child) * 5 >= weights.of(&here) * 4 && weights.of(&child) > 0 => {
                here = child
            }
            _ => break,
        }
    }
    here
}

/// The heading of a page whose content container has none: an h1 inside a landmark, one that
/// repeats the title, or the only one there is.
fn heading_outside<'a>(
    document: &'a Html,
    roots: &[ElementRef<'a>],
    title: Option<&str>,
) -> Option<ElementRef<'a>> {
    let selector = HEADING.as_ref()?;
    let title = title.unwrap_or_default().to_lowercase();
    let text = |element: &ElementRef<'_>| {
        element.text().flat_map(str::split_whitespace).take(100).collect::<Vec<_>>().join(" ").to_lowercase()
    };
    let repeats_title = |element: &ElementRef<'_>| {
        let text = text(element);
        // Reference pages say what it is before they name it: "Class Window" under the title "Window (API)".
        let name = text.split_once(' ').map_or(text.as_str(), |(_, name)| name);
        let in_title = |text: &str| {
            let is_part = || title.split(['|', '-', '–', '—', '·', ':']).any(|part| part.trim() == text);
            !text.is_empty() && title.contains(text) && (text.len() * 4 >= title.len() || is_part())
        };
        in_title(&text) || (text.split(' ').count() <= 4 && in_title(name))
    };
    let outside = |element: &ElementRef<'_>| {
        !noise::is_hidden(*element)
            && !inside(*element, &["nav", "footer", "aside", "dialog"])
            && !names_the_site(*element)
    };
    let mut inner = roots
        .iter()
        .flat_map(|root| root.select(selector))
        .filter(|heading| !noise::is_hidden(*heading))
        .peekable();
    if inner.peek().is_some() {
        // Wikis let authors write an h1 for each section: then the page's name stands above the content.
        if inner.any(|heading| repeats_title(&heading)) {
            return None;
        }
        let titles = TITLE_SELECTORS.iter().flat_map(|selector| document.select(selector));
        return document
            .select(selector)
            .chain(titles)
            .find(|element| !is_in(roots, *element) && outside(element) && repeats_title(element));
    }
    // Books whose chapters start with a heading of a lower level.
    let is_heading =
        |element: &ElementRef<'_>| matches!(element.value().name(), "h2" | "h3" | "h4" | "h5" | "h6");
    let first = roots.iter().flat_map(|root| root.descendent_elements()).find(is_heading);
    if first.is_some_and(|heading| !text(&heading).is_empty() && title.contains(&text(&heading))) {
        return None;
    }
    document
        .select(selector)
        .filter(outside)
        .find(|element| inside(*element, &["main", "article"]) || repeats_title(element))
        .or_else(|| {
            TITLE_SELECTORS
                .iter()
                .flat_map(|selector| document.select(selector))
                .filter(outside)
                .find(repeats_title)
        })
        .or_else(|| {
            let mut others =
                document.select(selector).filter(outside).filter(|element| !inside(*element, &["header"]));
            others.next().filter(|_| others.next().is_none())
        })
        .filter(|element| !is_in(roots, *element))
}

fn is_in(roots: &[ElementRef<'_>], element: ElementRef<'_>) -> bool {
    roots.iter().any(|root| element.ancestors().any(|ancestor| ancestor.id() == root.id()))
}

/// Headings that carry the site's or the book's name. A heading's id is made of its text, so only whole ids count.
fn names_the_site(element: ElementRef<'_>) -> bool {
    const WORDS: &[&str] = &["menu", "site", "logo", "brand", "navbar", "masthead", "sidebar", "project"];
    let value = element.value();
    value.id().is_some_and(|id| {
        matches!(id, "logo" | "brand" | "masthead" | "site-title" | "site-name" | "sitename" | "projectname")
    }) || value.classes().any(|class| furniture::words(class).any(|word| WORDS.contains(&word)))
}

fn inside(element: ElementRef<'_>, names: &[&str]) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|ancestor| names.contains(&ancestor.value().name()))
}

fn first<'a>(document: &'a Html, selector: &Option<Selector>) -> Option<ElementRef<'a>> {
    selector.as_ref().and_then(|selector| document.select(selector).next())
}

/// Drops elements that stand inside others of the list.
fn outermost(elements: Vec<ElementRef<'_>>) -> Vec<ElementRef<'_>> {
    let ids: Vec<_> = elements.iter().map(|element| element.id()).collect();
    elements
        .into_iter()
        .filter(|element| !element.ancestors().any(|ancestor| ids.contains(&ancestor.id())))
        .collect()
}

/// A wiki's sidebar is rendered as its pages are. Where some of several elements stand in what is called furniture and some do not, those
/// that do not are the content.
fn without_sidebars(elements: Vec<ElementRef<'_>>) -> Vec<ElementRef<'_>> {
    let is_furniture = |element: &ElementRef<'_>| {
        let outer = element.ancestors().filter_map(ElementRef::wrap);
        std::iter::once(*element)
            .chain(outer)
            .any(|outer| outer.value().classes().any(furniture::names_furniture))
    };
    if elements.len() < 2 {
        return elements;
    }
    let content: Vec<_> = elements.iter().filter(|element| !is_furniture(element)).copied().collect();
    if content.is_empty() { elements } else { content }
}

/// A selector that does not parse would match nothing; a test parses them all.
fn parse(selectors: &[&str]) -> Vec<Selector> {
    selectors.iter().filter_map(|selector| Selector::parse(selector).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_selector_parses() {
        assert_eq!(SELECTORS.len(), CONTAINERS.len());
        assert_eq!(TITLE_SELECTORS.len(), TITLES.len());
        for selector in [&COLUMN, &LEARN, &LANDMARK, &BODY, &HEADING] {
            assert!(selector.is_some());
        }
    }
}
