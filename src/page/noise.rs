//! What of a page is not content: navigation, banners, controls, hidden things. Judged by element, role and the words of class and id,
//! which generators and content systems share; never by site.

use std::collections::HashMap;
use std::sync::LazyLock;

use scraper::ElementRef;
use scraper::node::Element;

/// How much of what stands inside the content container is believed to be content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The container holds nothing but the article: only scripts, controls and hidden things are left out.
    Container,
    /// The words of classes and ids are looked at too.
    Markup,
}

/// Words of a class or id that name furniture wherever they stand in it.
const WORDS: &[&str] = &[
    "ad",
    "ads",
    "advert",
    "advertisement",
    "announcement",
    "msearch",
    "announcebar",
    "avatar",
    "banner",
    "breadcrumb",
    "breadcrumbs",
    "byline",
    "clipboard",
    "comments",
    "consent",
    "contributor",
    "contributors",
    "cookie",
    "cookies",
    "copybtn",
    "disqus",
    "editlink",
    "feedback",
    "footer",
    "gdpr",
    "giscus",
    "helpful",
    "lastupdated",
    "login",
    "menubar",
    "metadata",
    "minitoc",
    "modal",
    "navbar",
    "navigation",
    "newsletter",
    "pager",
    "pagination",
    "paginator",
    "popup",
    "postprofile",
    "promo",
    "rating",
    "ratings",
    "recommendations",
    "recommended",
    "sharing",
    "sidebar",
    "sidenav",
    "signin",
    "skiplink",
    "social",
    "sponsor",
    "sponsors",
    "subscribe",
    "survey",
    "toc",
    "toolbar",
    "tooltip",
    "topbar",
    "upvote",
    "utterances",
    "views",
    "votes",
    "nav",
];

/// Sequences of words that do.
const PHRASES: &[&str] = &[
    "additional resources",
    "article meta",
    "article foot",
    "article info",
    "article votes",
    "back to top",
    "copy button",
    "date modified",
    "doc info",
    "doc meta",
    "doc outline",
    "dont index",
    "edit link",
    "edit page",
    "edit this page",
    "in this article",
    "language selector",
    "language switcher",
    "last modified",
    "last update",
    "last updated",
    "line numbers",
    "line number",
    "next prev",
    "node links",
    "on this page",
    "page actions",
    "page info",
    "page meta",
    "page nav",
    "page toc",
    "post meta",
    "post nav",
    "prev next",
    "read time",
    "reading time",
    "related articles",
    "related content",
    "related links",
    "related pages",
    "related posts",
    "related topics",
    "scroll to top",
    "search bar",
    "search box",
    "search form",
    "search settings",
    "top search",
    "see more",
    "share buttons",
    "share links",
    "side bar",
    "side menu",
    "skip link",
    "skip nav",
    "skip to",
    "source link",
    "table of contents",
    "theme switch",
    "theme toggle",
    "top bar",
    "version picker",
    "version banner",
    "search results window",
    "version selector",
    "version switcher",
    "view count",
    "was this",
    "recently viewed",
    "assistant promo",
    "ask ai",
    "local toc",
    "contents topic",
    "mw editsection",
    "jump to nav",
    "printfooter",
    "catlinks",
    "viewcode link",
    "md source file",
    "tsd sources",
    "post likes",
    "topic category",
    "sharedaddy",
    "relatedposts",
    "hideme",
    "page tags",
];

/// What a word of a class or id can mean.
#[derive(Default)]
struct Meaning {
    /// It is one of [`WORDS`].
    furniture: bool,
    /// The rests of the [`PHRASES`] that begin with it, each between spaces.
    phrases: Vec<String>,
}

static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let mut meanings = HashMap::<&'static str, Meaning>::new();
    for word in WORDS {
        meanings.entry(word).or_default().furniture = true;
    }
    for phrase in PHRASES {
        let (first, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
        let rest = if rest.is_empty() { " ".to_owned() } else { format!(" {rest} ") };
        meanings.entry(first).or_default().phrases.push(rest);
    }
    meanings
});

/// Words that say the element speaks to the reader of the page's content after all, whatever else they say.
const SAVING: &[&str] = &[
    "admonition",
    "alert",
    "article",
    "archived",
    "attention",
    "body",
    "callout",
    "caution",
    "content",
    "danger",
    "deprecated",
    "deprecation",
    "important",
    "main",
    "markdown",
    "note",
    "notice",
    "prerequisites",
    "prose",
    "retired",
    "tip",
    "toctree",
    "warning",
    "wrapper",
    "container",
    "page",
    "layout",
    "theme",
    "root",
];

/// The attributes that say what an element is, found in one look at all of them: to look up each by its name costs more.
#[derive(Default)]
struct Told<'a> {
    class: &'a str,
    id: &'a str,
    role: Option<&'a str>,
    hidden: Option<&'a str>,
    aria_hidden: Option<&'a str>,
    style: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(element: &'a Element) -> Self {
        let mut told = Self::default();
        for (name, value) in element.attrs() {
            match name {
                "class" => told.class = value,
                "id" => told.id = value,
                "role" => told.role = Some(value),
                "hidden" => told.hidden = Some(value),
                "aria-hidden" => told.aria_hidden = Some(value),
                "style" => told.style = Some(value),
                _ => {}
            }
        }
        told
    }
}

/// Whether an element and all inside it is left out.
pub(super) fn is_noise(element: ElementRef<'_>, trust: Trust) -> bool {
    let value = element.value();
    let name = value.name();
    match name {
        "script" | "style" | "template" | "noscript" | "iframe" | "object" | "embed" | "canvas" | "video"
        | "audio" | "map" | "svg" | "input" | "select" | "textarea" | "progress" | "meter" | "datalist"
        | "dialog" | "nav" | "search" | "link" | "meta" | "title" | "head" | "frameset" => {
            return true;
        }
        "html" | "body" | "main" | "article" | "code" | "table" | "tbody" | "thead" | "tr" => {
            return is_hidden(element);
        }
        // A question that unfolds its answer is a heading made a button.
        "button" => {
            let unfolds = value.attr("aria-expanded").is_some()
                && element
                    .parent()
                    .and_then(ElementRef::wrap)
                    .is_some_and(|parent| is_heading(parent.value().name()));
            return !unfolds || is_hidden(element);
        }
        // A heading's id and classes say what it is about; `__comments` is what a generator puts over its readers' remarks.
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
            return is_hidden(element) || value.id() == Some("__comments");
        }
        "pre" => return is_hidden(element) || is_line_number(element),
        _ => {}
    }
    let told = Told::of(value);
    if told.is_hidden() || is_line_number(element) {
        return true;
    }
    if let Some(role) = told.role {
        match role.trim().to_ascii_lowercase().as_str() {
            "navigation" | "search" | "contentinfo" | "dialog" | "alertdialog" | "menu" | "menubar"
            | "toolbar" | "doc-toc" => return true,
            "banner" if name != "header" => return true,
            "main" | "article" | "tabpanel" | "note" | "alert" => return false,
            _ => {}
        }
    }
    if name == "a" && (is_permalink(element) || is_note_number(element)) {
        return true;
    }
    if trust == Trust::Container {
        return false;
    }
    if name == "footer" {
        return !in_quotation(element);
    }
    let class = told.class;
    if is_left_out_of_print(class) && !holds_main_content(element) {
        return true;
    }
    if name == "a" && value.classes().any(|class| class == "src") {
        // rustdoc: the way to the source.
        return true;
    }
    // What stands inside a heading belongs to it, but for the way to edit it.
    if matches!(name, "a" | "span")
        && element.parent().and_then(ElementRef::wrap).is_some_and(|parent| is_heading(parent.value().name()))
    {
        return words(class).iter().any(|word| matches!(word, "edit" | "editsection" | "viewcode"));
    }
    // A section's id is its heading's, so it says what the section is about, not what it is.
    let is_section = name == "section"
        || class.split_ascii_whitespace().any(|token| token == "section" || token.starts_with("sect"));
    let id = if is_section
        || matches!(name, "p" | "li" | "dt" | "dd" | "td" | "th" | "a" | "span" | "strong" | "em" | "b" | "i")
    {
        ""
    } else {
        told.id
    };
    if matches!(
        name,
        "li" | "dt" | "dd" | "td" | "th" | "strong" | "em" | "b" | "i" | "kbd" | "samp" | "figure"
    ) {
        return false;
    }
    // Docutils calls a page's own table of contents so.
    if ["contents", "topic"].iter().all(|word| class.split_ascii_whitespace().any(|token| token == *word)) {
        return true;
    }
    let named = class.split_ascii_whitespace().chain(id.split_ascii_whitespace()).any(names_furniture);
    named && !holds_main_content(element)
}

/// Whether an element is not shown. Panels of tabs and of things that unfold are shown on demand: they belong to the content.
pub(super) fn is_hidden(element: ElementRef<'_>) -> bool {
    Told::of(element.value()).is_hidden()
}

impl Told<'_> {
    fn is_hidden(&self) -> bool {
        let hidden = self.hidden.is_some_and(|state| !state.eq_ignore_ascii_case("until-found"))
            || self.aria_hidden.is_some_and(|state| state.eq_ignore_ascii_case("true"))
            || self.style.is_some_and(|style| {
                let style: String = style
                    .chars()
                    .filter(|character| !character.is_whitespace())
                    .collect::<String>()
                    .to_ascii_lowercase();
                style.contains("display:none") || style.contains("visibility:hidden")
            });
        let for_screen_readers = || {
            self.class.split_ascii_whitespace().any(|token| {
                matches!(
                    token,
                    "visually-hidden"
                        | "visuallyhidden"
                        | "sr-only"
                        | "screen-reader-text"
                        | "d-none"
                        | "is-hidden"
                        | "hide"
                        | "offscreen"
                )
            })
        };
        (hidden || for_screen_readers()) && !self.is_shown_on_demand()
    }

    fn is_shown_on_demand(&self) -> bool {
        self.role.is_some_and(|role| role.eq_ignore_ascii_case("tabpanel"))
            || self.class.split_ascii_whitespace().chain(self.id.split_ascii_whitespace()).any(|token| {
                words(token).any(|word| {
                    matches!(
                        word,
                        "tab"
                            | "tabs"
                            | "tabpanel"
                            | "tabbed"
                            | "pane"
                            | "accordion"
                            | "collapse"
                            | "collapsed"
                            | "collapsible"
                            | "expandable"
                            | "expander"
                            | "details"
                            | "faq"
                            | "toggle"
                    )
                })
            })
    }
}

/// A line's number beside code: generators put it into the text or leave it to the style, and change between the two.
fn is_line_number(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let names_one = match value.name() {
        "pre" => value.classes().any(|class| matches!(class, "lineno" | "linenos" | "lines")),
        "td" | "th" | "div" | "span" | "a" => value.classes().any(|class| {
            matches!(
                class,
                "linenos"
                    | "linenodiv"
                    | "lineno"
                    | "linenumber"
                    | "line-number"
                    | "line-numbers-rows"
                    | "line-numbers-wrapper"
                    | "react-syntax-highlighter-line-number"
                    | "ln"
                    | "lnt"
                    | "gutter"
                    | "rouge-gutter"
                    | "hljs-ln-numbers"
                    | "blob-num"
            )
        }),
        _ => false,
    };
    names_one && !element.text().any(|text| text.chars().any(char::is_alphabetic))
}

/// The number of a note, which changes when another note comes before it.
fn is_note_number(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let refers = value.attr("role").is_some_and(|role| role == "doc-noteref")
        || value.classes().any(|class| matches!(class, "footnote-reference" | "footnote-ref" | "footnote"))
        || element.parent().and_then(ElementRef::wrap).is_some_and(|parent| parent.value().name() == "sup");
    refers
        && value.attr("href").is_some_and(|href| href.starts_with('#'))
        && !element.text().any(|text| text.chars().any(char::is_alphabetic))
}

/// Classes that leave an element out of what is printed: sites use them for what is no part of the text.
fn is_left_out_of_print(class: &str) -> bool {
    class.split_ascii_whitespace().any(|token| {
        matches!(
            token,
            "d-print-none" | "noprint" | "no-print" | "hidden-print" | "hide-print" | "md-noprint"
        ) || token.strip_prefix("print:").is_some_and(|rest| rest.contains("hidden"))
    })
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// A sign beside a heading that links to it: `¶`, `#`, a zero-width space.
pub(super) fn is_permalink(element: ElementRef<'_>) -> bool {
    element.value().attr("href").is_some_and(|href| href.contains('#'))
        && element.child_elements().all(|child| child.value().name() != "img")
        && !element.text().any(|text| text.chars().any(char::is_alphanumeric))
}

fn in_quotation(element: ElementRef<'_>) -> bool {
    element
        .parent()
        .and_then(ElementRef::wrap)
        .is_some_and(|parent| matches!(parent.value().name(), "blockquote" | "figure"))
}

/// Elements inside one that are looked at before it is judged by its name alone.
const LOOK: usize = 2000;

/// An element that holds the page's heading, or a landmark, is a wrapper, whatever it is called.
fn holds_main_content(element: ElementRef<'_>) -> bool {
    element
        .descendent_elements()
        .skip(1)
        .take(LOOK)
        .any(|inner| matches!(inner.value().name(), "h1" | "main" | "article"))
}

/// Whether a class or id names furniture.
fn names_furniture(token: &str) -> bool {
    if token.len() > 80 || token.contains([':', '[', '/']) {
        return false;
    }
    let words = words(token);
    if matches!(
        words.iter().next(),
        Some(
            "has"
                | "with"
                | "no"
                | "is"
                | "js"
                | "not"
                | "without"
                | "show"
                | "hide"
                | "u"
                | "row"
                | "col"
                | "grid"
                | "flex"
        )
    ) {
        return false;
    }
    let (mut furniture, mut rest) = (false, words.spaced.as_str());
    for word in words.iter() {
        rest = rest.get(1 + word.len()..).unwrap_or_default();
        let Some(meaning) = MEANINGS.get(word) else { continue };
        if meaning.phrases.iter().any(|phrase| rest.starts_with(phrase.as_str())) {
            return true;
        }
        furniture |= meaning.furniture;
    }
    furniture
        && (words.iter().count() == 1 || !words.iter().last().is_some_and(|word| SAVING.contains(&word)))
        && !words.any(|word| {
            matches!(
                word,
                "alert"
                    | "admonition"
                    | "callout"
                    | "deprecated"
                    | "archived"
                    | "retired"
                    | "warning"
                    | "note"
            )
        })
}

/// Words in lower case.
pub(super) struct Words {
    /// Each after a space, and one more space at the end.
    spaced: String,
}

impl Words {
    fn iter(&self) -> impl Iterator<Item = &str> {
        self.spaced.split(' ').filter(|word| !word.is_empty())
    }

    /// Whether one of them is such.
    pub(super) fn any(&self, is_such: impl Fn(&str) -> bool) -> bool {
        self.iter().any(is_such)
    }
}

/// The words of a class or id: `articleMeta_x1`, `article-meta`, `ArticleMeta` are alike.
pub(super) fn words(token: &str) -> Words {
    let mut spaced = String::with_capacity(token.len() + 8);
    spaced.push(' ');
    let mut after_lower = false;
    for character in token.chars() {
        let ends = !character.is_alphanumeric() || (character.is_uppercase() && after_lower);
        if ends && !spaced.ends_with(' ') {
            spaced.push(' ');
        }
        if character.is_alphanumeric() {
            spaced.extend(character.to_lowercase());
        }
        after_lower = character.is_lowercase() || character.is_numeric();
    }
    if !spaced.ends_with(' ') {
        spaced.push(' ');
    }
    Words { spaced }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_class() {
        for token in ["articleMeta_x1", "article-meta_X1", "ArticleMeta--x1-"] {
            assert_eq!(words(token).iter().collect::<Vec<_>>(), ["article", "meta", "x1"], "{token}");
        }
        assert_eq!(words("--").iter().count(), 0);
    }

    #[test]
    fn furniture_by_word_and_by_phrase() {
        for token in [
            "navbar",
            "site-nav",
            "doc-in-this-article",
            "EditThisPage",
            "catlinks",
            "last-updated-x",
            "toc_1",
        ] {
            assert!(names_furniture(token), "{token}");
        }
        for token in
            ["content", "is-sidebar", "edit-this", "toc-content", "note-banner", "article", "notoc", "", "-"]
        {
            assert!(!names_furniture(token), "{token}");
        }
    }
}
