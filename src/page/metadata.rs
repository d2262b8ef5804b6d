//! What a page says of itself.

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::block::clip;
use super::noise::Trust;
use super::{Metadata, bounds, notice};

/// Names of `<meta>` that carry a date.
const DATES: &[&str] = &[
    "ms.date",
    "updated_at",
    "article:modified_time",
    "article:published_time",
    "og:updated_time",
    "lastPublishedDate",
    "firstPublishedDate",
    "last-modified",
    "dcterms.modified",
    "date",
];

/// Names of `<meta>` that carry an identity beyond the URL.
const IDS: &[&str] =
    &["document_id", "document_version_independent_id", "platform_id", "awa-articleGuid", "ajs-page-id"];

/// Bytes of a value that is kept.
const VALUE: usize = 512;

/// `<title>`: the first one of the head, white space folded, at most 512 characters.
pub(super) fn title(document: &Html) -> Option<String> {
    let element = document.root_element().descendent_elements().find(|element| {
        element.value().name() == "title"
            && element.parent().and_then(ElementRef::wrap).is_none_or(|parent| parent.value().name() != "svg")
    })?;
    fold_title(element.text())
}

/// Folds the parts of a title.
pub(super) fn fold_title<'a>(parts: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut title = String::new();
    let mut characters = 0;
    'parts: for part in parts {
        for character in part.chars() {
            if characters == bounds::TITLE {
                break 'parts;
            }
            if character.is_whitespace() {
                if title.is_empty() || title.ends_with(' ') {
                    continue;
                }
                title.push(' ');
            } else if super::volatile::is_invisible(character) {
                continue;
            } else {
                title.push(character);
            }
            characters += 1;
        }
    }
    title.truncate(title.trim_end().len());
    (!title.is_empty()).then_some(title)
}

/// Metadata of a page whose content stands in `roots`.
pub(super) fn of(document: &Html, roots: &[ElementRef<'_>], trust: Trust) -> Metadata {
    let mut metadata = Metadata::default();
    let root = document.root_element();
    metadata.language = root.value().attr("lang").or_else(|| root.value().attr("xml:lang")).and_then(value);
    for element in root.descendent_elements() {
        let tag = element.value();
        match tag.name() {
            "meta" => meta(&mut metadata, element),
            "link"
                if tag.attr("rel").is_some_and(|rel| {
                    rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case("canonical"))
                }) =>
            {
                metadata.canonical = metadata
                    .canonical
                    .or_else(|| tag.attr("href").filter(|href| href.len() <= bounds::LINK).and_then(value));
            }
            "script"
                if tag.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) =>
            {
                linked_data(&mut metadata, element);
            }
            _ => {}
        }
    }
    metadata.flags.extend(notice::of(root, roots, trust).map(|notice| format!("banner={notice}")));
    metadata
}

/// Notes what a `<meta>` of this name says; the front matter of Markdown uses the same names.
pub(super) fn named(metadata: &mut Metadata, name: &str, content: &str) {
    let Some(content) = value(content) else { return };
    let push = |list: &mut Vec<(String, String)>, name: &str| {
        if list.len() < 32 && !list.iter().any(|(other, _)| other == name) {
            list.push((name.to_owned(), content.clone()));
        }
    };
    if let Some(known) = DATES.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        push(&mut metadata.dates, known);
    } else if let Some(known) = IDS.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        push(&mut metadata.ids, known);
    } else if name.eq_ignore_ascii_case("markdown_url") {
        metadata.markdown_url = metadata.markdown_url.take().or(Some(content));
    } else {
        let lower = content.to_ascii_lowercase();
        let set = match name.to_ascii_lowercase().as_str() {
            "is_archived" | "is_retired" | "is_deprecated" => lower == "true",
            "ms.topic" | "ms.subservice" => lower == "archived" || lower == "archive",
            "uhfheaderid" => lower.ends_with("archive"),
            _ => false,
        };
        let flag = format!("{}={}", name.to_ascii_lowercase(), lower);
        if set && metadata.flags.len() < 16 && !metadata.flags.contains(&flag) {
            metadata.flags.push(flag);
        }
    }
}

fn meta(metadata: &mut Metadata, element: ElementRef<'_>) {
    let tag = element.value();
    let Some(content) = tag.attr("content") else { return };
    if let Some(name) = tag.attr("name").or_else(|| tag.attr("property")).or_else(|| tag.attr("itemprop")) {
        named(metadata, name.trim(), content);
    } else if tag.attr("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh")) {
        let target = content.split_once([';', ',']).map(|(_, rest)| rest.trim());
        let target = target.and_then(|rest| {
            rest.get(..3).filter(|key| key.eq_ignore_ascii_case("url")).map(|_| rest[3..].trim_start())
        });
        let target =
            target.and_then(|rest| rest.strip_prefix('=')).map(|rest| rest.trim().trim_matches(['\'', '"']));
        metadata.refresh = metadata
            .refresh
            .take()
            .or_else(|| target.filter(|target| target.len() <= bounds::LINK).and_then(value));
    }
}

fn linked_data(metadata: &mut Metadata, element: ElementRef<'_>) {
    let text: String = element.text().collect();
    if text.len() > 256 << 10 {
        return;
    }
    let Ok(data) = serde_json::from_str::<Value>(&text) else { return };
    let mut open = vec![&data];
    let mut looked = 0;
    while let Some(here) = open.pop() {
        looked += 1;
        if looked > 1000 {
            return;
        }
        match here {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => {
                for (name, field) in fields {
                    if matches!(name.as_str(), "dateModified" | "datePublished")
                        && let Some(date) = field.as_str().and_then(value)
                        && !metadata.dates.iter().any(|(other, _)| other == name)
                        && metadata.dates.len() < 32
                    {
                        metadata.dates.push((name.clone(), date));
                    } else if field.is_object() || field.is_array() {
                        open.push(field);
                    }
                }
            }
            _ => {}
        }
    }
}

fn value(text: &str) -> Option<String> {
    let text: String = clip(text.trim(), VALUE.max(bounds::LINK))
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    (!text.is_empty()).then_some(text)
}
