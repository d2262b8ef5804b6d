//! What of a page is not content: navigation, banners, controls, hidden things. Judged by element, role and the words of class and id,
//! which generators and content systems share; never by site.

use scraper::ElementRef;
use scraper::node::Element;

use super::furniture::{Naming, names_furniture, naming, words};

/// How much of what stands inside the content container is believed to be content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The container holds nothing but the article: only scripts, controls and hidden things are left out.
    Container,
    /// The words of classes and ids are looked at too.
    Markup,
}

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
        "button" => return !(unfolds_an_answer(element) || is_named_in_text(element)) || is_hidden(element),
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
    let named = class.split_ascii_whitespace().any(names_furniture)
        || id.split_ascii_whitespace().any(|id| match naming(id) {
            Naming::Nothing => false,
            Naming::Furniture => !names_a_member(id),
            Naming::Subject => !names_a_member(id) && !tells_about_it(element),
        });
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
                        | "is-hidden"
                        | "hide"
                        | "offscreen"
                )
            })
        };
        (hidden || for_screen_readers() || self.is_hidden_at_every_width()) && !self.is_shown_on_demand()
    }

    /// Bootstrap hides an element on small screens and shows it on larger ones: `d-none d-lg-block`.
    fn is_hidden_at_every_width(&self) -> bool {
        let mut classes = self.class.split_ascii_whitespace();
        let shows = |class: &str| {
            class.strip_prefix("d-").and_then(|rest| rest.split_once('-')).is_some_and(|(width, how)| {
                matches!(width, "sm" | "md" | "lg" | "xl" | "xxl") && how != "none"
            })
        };
        classes.clone().any(|class| class == "d-none") && !classes.any(shows)
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

/// A question that unfolds its answer is a heading made a button.
fn unfolds_an_answer(button: ElementRef<'_>) -> bool {
    let value = button.value();
    let Some(parent) = button.parent().and_then(ElementRef::wrap) else { return false };
    if value.attr("aria-expanded").is_none() || value.attr("aria-haspopup").is_some() {
        return false;
    }
    let unfolds = |element: ElementRef<'_>| {
        element.value().classes().any(|class| {
            words(class).any(|word| {
                matches!(word, "accordion" | "faq" | "collapsible" | "disclosure" | "expander" | "question")
            })
        })
    };
    is_heading(parent.value().name())
        || (!is_in_navigation(button)
            && (unfolds(button)
                || unfolds(parent)
                || button.text().collect::<String>().trim_end().ends_with(['?', '？', '؟'])))
}

fn is_in_navigation(element: ElementRef<'_>) -> bool {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .any(|ancestor| matches!(ancestor.value().name(), "nav" | "header" | "footer"))
}

/// A button that stands in a sentence is what the sentence names: "Click Save at the end." Others are there to be clicked.
fn is_named_in_text(button: ElementRef<'_>) -> bool {
    let Some(parent) = button.parent().and_then(ElementRef::wrap) else { return false };
    if !matches!(parent.value().name(), "p" | "li" | "td" | "dd")
        || button.value().attr("aria-expanded").is_some()
    {
        return false;
    }
    let beside = parent.children().filter_map(|child| child.value().as_text());
    let letters = beside.flat_map(|text| text.chars()).filter(|c| c.is_alphabetic()).take(2).count();
    if letters < 2 {
        return false;
    }
    let label = button.text().collect::<String>().trim().to_lowercase();
    let asks = parent.text().any(|text| text.trim_end().ends_with(['?', '？', '؟']));
    label.contains(char::is_alphabetic)
        && !asks
        && !["copy", "copied", "expand", "collapse", "show more", "show less", "share"]
            .iter()
            .any(|start| label.starts_with(start))
        && !button.value().classes().any(|class| {
            words(class).any(|word| {
                matches!(word, "copy" | "clipboard" | "toggle" | "close" | "expand" | "tooltip" | "feedback")
            })
        })
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
                    | "line-numbers"
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

/// Ids of what a reference describes: `Client.login`, `method-i-login`.
fn names_a_member(id: &str) -> bool {
    id.contains('.')
        || id.split_once('-').is_some_and(|(kind, _)| {
            matches!(kind, "method" | "attribute" | "class" | "module" | "constant" | "function" | "property")
        })
}

/// An id is made of a heading's text as often as of what its element is. Text under a heading of its own, or a good deal of text,
/// without anything to fill in or press, is about what the id says.
fn tells_about_it(element: ElementRef<'_>) -> bool {
    const WORDS: usize = 40;
    let is_control = |inner: ElementRef<'_>| {
        matches!(inner.value().name(), "form" | "button" | "input" | "textarea" | "select" | "iframe")
    };
    let mut heading = None;
    for inner in element.descendent_elements().skip(1).take(LOOK) {
        if is_control(inner) {
            return false;
        }
        if heading.is_none() && is_heading(inner.value().name()) {
            heading = Some(inner.text().collect::<String>());
        }
    }
    match heading {
        // "3 comments"
        Some(heading) => !heading.trim_start().starts_with(|c: char| c.is_numeric()),
        None => {
            let unlinked = element.descendants().filter_map(|node| {
                let text = node.value().as_text()?;
                let is_linked = node
                    .ancestors()
                    .filter_map(ElementRef::wrap)
                    .take(4)
                    .any(|outer| outer.value().name() == "a");
                (!is_linked).then_some(text)
            });
            unlinked.map(|text| text.split_whitespace().count()).sum::<usize>() > WORDS
        }
    }
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
