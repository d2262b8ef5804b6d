//! Where on a page its content stands: known layouts first, landmarks second, the element that holds the bulk of the text last.

use std::sync::LazyLock;

use scraper::{ElementRef, Html, Selector};

use super::Layout;
use super::noise::{self, Trust};

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
    "article.markdown.book-article",
    "div.main-content main",
    "#main-content.main-content",
    "article.post .post-content",
    // Antora; Asciidoctor
    "article.doc",
    "body.article #content",
    "body.book #content",
    // Javadoc; rustdoc; Doxygen; docfx; Microsoft Support
    "body.class-declaration-page main",
    "#main-content.content",
    "section#main-content",
    "#doc-content",
    "div.contents",
    "article#_content",
    "article.content.wrap",
    "#supArticleContent",
    "article.ocpArticleContent",
    ".ocpArticleContent",
    // Zendesk, Intercom, MediaWiki, Confluence, WordPress, MadCap, DITA, GitHub, ReadMe, Mintlify
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
    ".rm-Markdown",
    ".mdx-content",
    ".entry-content",
];

/// Titles that stand in an element of their own, outside the content, and are no h1.
const TITLES: &[&str] = &[
    ".headertitle .title",
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
static ARTICLE: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse("article").ok());
static BODY: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse("body").ok());
static HEADING: LazyLock<Option<Selector>> = LazyLock::new(|| Selector::parse("h1").ok());

/// Finds the content of a page. `title` is the page's `<title>`.
pub(super) fn find<'a>(document: &'a Html, title: Option<&str>) -> Content<'a> {
    if let Some(column) = first(document, &COLUMN) {
        let roots =
            LEARN.as_ref().map(|selector| outermost(column.select(selector).collect())).unwrap_or_default();
        if roots.iter().map(|root| prose(*root)).sum::<usize>() > 0 {
            return Content {
                layout: Layout::Learn,
                trust: Trust::Container,
                heading: heading_outside(document, &roots, title),
                roots,
            };
        }
    }
    let body = first(document, &BODY).unwrap_or_else(|| document.root_element());
    let all = prose(body);
    // A container that holds next to nothing of the page is not its content.
    let holds_enough = |element: &ElementRef<'_>| prose(*element) * 5 >= all;
    for selector in SELECTORS.iter() {
        let found = outermost(
            document.select(selector).filter(|element| !noise::is_hidden(*element)).take(8).collect(),
        );
        if (1..=3).contains(&found.len())
            && found.iter().map(|root| prose(*root)).sum::<usize>() * 5 >= all
            && all > 0
        {
            let heading = heading_outside(document, &found, title);
            return Content { layout: Layout::Generator, trust: Trust::Markup, heading, roots: found };
        }
    }
    let landmarks = outermost(all_of(document, &LANDMARK));
    let articles = outermost(all_of(document, &ARTICLE));
    let landmark = match (landmarks.as_slice(), articles.as_slice()) {
        // One article that holds most of the main part is the content; several are parts of it.
        ([main], [article]) if prose(*article) * 5 >= prose(*main) * 3 => Some(*article),
        ([main, ..], _) => Some(*main),
        ([], [article]) => Some(*article),
        _ => None,
    };
    if let Some(root) = landmark.filter(holds_enough) {
        let heading = heading_outside(document, &[root], title);
        return Content { layout: Layout::Landmark, trust: Trust::Markup, heading, roots: vec![root] };
    }
    let root = bulk(body);
    let heading = heading_outside(document, &[root], title);
    Content { layout: Layout::Body, trust: Trust::Markup, heading, roots: vec![root] }
}

/// Characters of running text: what is neither noise nor a link.
pub(super) fn prose(element: ElementRef<'_>) -> usize {
    fn count(element: ElementRef<'_>, depth: usize) -> usize {
        let mut sum = 0;
        for child in element.children() {
            if let Some(text) = child.value().as_text() {
                sum += text.split_ascii_whitespace().map(str::len).sum::<usize>();
            } else if let Some(inner) = ElementRef::wrap(child)
                && depth < super::bounds::DEPTH
                && inner.value().name() != "a"
                && !noise::is_noise(inner, Trust::Markup)
            {
                sum += count(inner, depth + 1);
            }
        }
        sum
    }
    count(element, 0)
}

/// Goes down from the body as long as one child holds four fifths of the running text.
fn bulk(body: ElementRef<'_>) -> ElementRef<'_> {
    let mut here = body;
    let mut size = prose(here);
    for _ in 0..super::bounds::DEPTH {
        let largest = here
            .child_elements()
            .filter(|child| !noise::is_noise(*child, Trust::Markup))
            .filter(|child| {
                !matches!(child.value().name(), "p" | "table" | "ul" | "ol" | "dl" | "pre" | "blockquote")
            })
            .map(|child| (prose(child), child))
            .max_by_key(|(size, _)| *size);
        match largest {
            Some((inner, child)) if inner * 5 >= size * 4 && inner > 0 => {
                here = child;
                size = inner;
            }
            _ => break,
        }
    }
    here
}

/// The heading of a page whose content container has none: an h1 inside a landmark, or one that repeats the title.
fn heading_outside<'a>(
    document: &'a Html,
    roots: &[ElementRef<'a>],
    title: Option<&str>,
) -> Option<ElementRef<'a>> {
    let selector = HEADING.as_ref()?;
    if roots.iter().any(|root| root.select(selector).next().is_some()) {
        return None;
    }
    let title = title.unwrap_or_default().to_lowercase();
    let repeats_title = |element: &ElementRef<'_>| {
        let text = element
            .text()
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        !text.is_empty() && title.contains(&text) && text.len() * 4 >= title.len()
    };
    let outside = |element: &ElementRef<'_>| {
        !noise::is_hidden(*element) && !inside(*element, &["nav", "footer", "aside", "dialog"])
    };
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
        .filter(|element| {
            !roots.iter().any(|root| element.ancestors().any(|ancestor| ancestor.id() == root.id()))
        })
}

fn inside(element: ElementRef<'_>, names: &[&str]) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|ancestor| names.contains(&ancestor.value().name()))
}

fn first<'a>(document: &'a Html, selector: &Option<Selector>) -> Option<ElementRef<'a>> {
    selector.as_ref().and_then(|selector| document.select(selector).next())
}

fn all_of<'a>(document: &'a Html, selector: &Option<Selector>) -> Vec<ElementRef<'a>> {
    selector
        .as_ref()
        .map(|selector| {
            document.select(selector).filter(|element| !noise::is_hidden(*element)).take(200).collect()
        })
        .unwrap_or_default()
}

/// Drops elements that stand inside others of the list.
fn outermost(elements: Vec<ElementRef<'_>>) -> Vec<ElementRef<'_>> {
    let ids: Vec<_> = elements.iter().map(|element| element.id()).collect();
    elements
        .into_iter()
        .filter(|element| !element.ancestors().any(|ancestor| ids.contains(&ancestor.id())))
        .collect()
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
        for selector in [&COLUMN, &LEARN, &LANDMARK, &ARTICLE, &BODY, &HEADING] {
            assert!(selector.is_some());
        }
    }
}
