//! What the words of a class or id say of an element: generators and content systems share them.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Words of a class or id that name furniture wherever they stand in it.
const WORDS: &[&str] = &[
    "msearch",
    "announcebar",
    "breadcrumb",
    "breadcrumbs",
    "byline",
    "copybtn",
    "disqus",
    "editlink",
    "footer",
    "giscus",
    "helpful",
    "lastupdated",
    "menubar",
    "minitoc",
    "navbar",
    "paginator",
    "postprofile",
    "sidenav",
    "skiplink",
    "toc",
    "topbar",
    "utterances",
    "nav",
];

/// Words that do as well, and that a page may be about: where its text is marked with one of them, that may be the text's subject.
const SUBJECTS: &[&str] = &[
    "ad",
    "ads",
    "advert",
    "advertisement",
    "announcement",
    "avatar",
    "banner",
    "clipboard",
    "comments",
    "consent",
    "contributor",
    "contributors",
    "cookie",
    "cookies",
    "feedback",
    "gdpr",
    "linkback",
    "linkbacks",
    "login",
    "metadata",
    "modal",
    "navigation",
    "newsletter",
    "pager",
    "pagination",
    "popup",
    "promo",
    "rating",
    "ratings",
    "recommendations",
    "recommended",
    "sharing",
    "sidebar",
    "signin",
    "social",
    "sponsor",
    "sponsors",
    "subscribe",
    "survey",
    "toolbar",
    "tooltip",
    "upvote",
    "views",
    "votes",
];

/// Words beside one of [`SUBJECTS`] that make it the subject.
const ABOUT: &[&str] = &[
    "description",
    "example",
    "examples",
    "feature",
    "features",
    "guide",
    "limit",
    "limits",
    "method",
    "methods",
    "policies",
    "policy",
    "procedure",
    "quota",
    "quotas",
    "reference",
    "rules",
    "step",
    "steps",
    "tutorial",
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
    "entry meta",
    "in this article",
    "language selector",
    "language switcher",
    "last modified",
    "last update",
    "last updated",
    "next prev",
    "node links",
    "node meta",
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
    /// It is one of [`WORDS`] or [`SUBJECTS`].
    furniture: bool,
    /// It is one of [`SUBJECTS`].
    subject: bool,
    /// The rests of the [`PHRASES`] that begin with it, each between spaces.
    phrases: Vec<String>,
}

static MEANINGS: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let mut meanings = HashMap::<&'static str, Meaning>::new();
    for (words, subject) in [(WORDS, false), (SUBJECTS, true)] {
        for word in words {
            let meaning = meanings.entry(word).or_default();
            (meaning.furniture, meaning.subject) = (true, subject);
        }
    }
    for phrase in PHRASES {
        let (first, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
        let rest = if rest.is_empty() { " ".to_owned() } else { format!(" {rest} ") };
        meanings.entry(first).or_default().phrases.push(rest);
    }
    meanings
});

/// Last words that say the element speaks to the reader of the page's content after all, whatever else it says.
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

/// First words of a class that says how an element behaves or is laid out, not what it is.
const UTILITIES: &[&str] =
    &["has", "with", "no", "is", "js", "not", "without", "show", "hide", "u", "row", "col", "grid", "flex"];

/// Words that save an element wherever they stand.
const NOTICES: &[&str] =
    &["alert", "admonition", "callout", "deprecated", "archived", "retired", "warning", "note"];

/// What a class or id says of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// Nothing.
    Nothing,
    /// That it is furniture, or that it is about what is elsewhere furniture.
    Subject,
    /// That it is furniture.
    Furniture,
}

/// Whether a class or id names furniture.
pub(super) fn names_furniture(token: &str) -> bool {
    naming(token) != Naming::Nothing
}

/// What a class or id names.
pub(super) fn naming(token: &str) -> Naming {
    if token.len() > 80 || token.contains([':', '[', '/']) {
        return Naming::Nothing;
    }
    let words = words(token);
    if words.iter().next().is_some_and(|first| UTILITIES.contains(&first)) {
        return Naming::Nothing;
    }
    let (mut furniture, mut subject, mut rest) = (false, true, words.spaced.as_str());
    for word in words.iter() {
        rest = rest.get(1 + word.len()..).unwrap_or_default();
        let Some(meaning) = MEANINGS.get(word) else { continue };
        if meaning.phrases.iter().any(|phrase| rest.starts_with(phrase.as_str())) {
            return Naming::Furniture;
        }
        furniture |= meaning.furniture;
        subject &= !meaning.furniture || meaning.subject;
    }
    let is_saved = || {
        words.iter().count() > 1 && words.iter().last().is_some_and(|word| SAVING.contains(&word))
            || words.any(|word| NOTICES.contains(&word))
            || subject && words.any(|word| ABOUT.contains(&word))
    };
    match furniture && !is_saved() {
        false => Naming::Nothing,
        true if subject => Naming::Subject,
        true => Naming::Furniture,
    }
}

/// Words in lower case.
pub(super) struct Words {
    /// Each after a space, and one more space at the end.
    spaced: String,
}

impl Words {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
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
    fn what_a_class_or_id_names() {
        for (token, expected) in [
            ("breadcrumb", Naming::Furniture),
            ("site-footer", Naming::Furniture),
            ("footer-policy", Naming::Furniture),
            ("login", Naming::Subject),
            ("cookie-login", Naming::Subject),
            ("login-footer", Naming::Furniture),
            ("last-updated", Naming::Furniture),
            ("cookie-policy", Naming::Nothing),
            ("cookie-warning", Naming::Nothing),
            ("footer-content", Naming::Nothing),
            ("has-footer", Naming::Nothing),
            ("md:footer", Naming::Nothing),
            ("parameters", Naming::Nothing),
        ] {
            assert_eq!(naming(token), expected, "{token}");
        }
    }

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
            "node__meta",
            "crawler-linkback-list",
        ] {
            assert!(names_furniture(token), "{token}");
        }
        for token in [
            "content",
            "is-sidebar",
            "edit-this",
            "toc-content",
            "note-banner",
            "article",
            "notoc",
            "",
            "-",
            "ads-policy",
            "feature-views",
            "modal-step",
            "language-sh line-numbers-mode",
        ] {
            assert!(!names_furniture(token), "{token}");
        }
    }
}
