//! Bodies that are no HTML: Markdown, JSON, lines of text; and how to tell which a body is.

use pulldown_cmark::{Options, Parser};
use serde_json::Value;
use url::Url;

use super::block::{Blocks, clip};
use super::{BlockKind, Layout, Page, bounds, html, metadata};

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Html,
    Markdown,
    Json,
    Lines,
}

/// Tells what a body is: by `Content-Type`, else by the URL's extension, else by its first character.
pub(super) fn form_of(text: &str, content_type: Option<&str>, url: &Url) -> Form {
    let essence = content_type
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" | "application/xml" | "text/xml" => return Form::Html,
        "text/markdown" | "text/x-markdown" => return Form::Markdown,
        "application/json" | "text/json" => return Form::Json,
        _ if essence.ends_with("+json") => return Form::Json,
        _ if essence.ends_with("+xml") => return Form::Html,
        _ => {}
    }
    let path = url.path().to_ascii_lowercase();
    let start = text.trim_start();
    if path.ends_with(".md") || path.ends_with(".markdown") {
        Form::Markdown
    } else if start.starts_with('<') && essence != "text/plain" {
        Form::Html
    } else if path.ends_with(".json") || (essence.is_empty() && start.starts_with(['{', '['])) {
        Form::Json
    } else {
        Form::Lines
    }
}

/// Markdown, read as the HTML it makes; its front matter gives the title and the dates. Headings get the anchors that renderers make.
pub(super) fn markdown(text: &str) -> Page {
    let (front, body) = front_matter(text);
    let mut rendered = String::with_capacity(body.len() * 3 / 2);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    pulldown_cmark::html::push_html(&mut rendered, Parser::new_ext(body, options));
    let mut page = html::read(&format!("<main>{}</main>", clip(&rendered, bounds::BODY)), Layout::Learn);
    page.layout = Layout::Text;
    page.title = None;
    for line in front.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim().trim_matches(['"', '\'']);
        if name == "title" {
            page.title = metadata::fold_title(std::iter::once(value));
        }
        metadata::named(&mut page.metadata, name.trim(), value);
    }
    let mut seen = std::collections::HashMap::<String, usize>::new();
    for section in &mut page.sections {
        let Some(heading) = section.path.last().filter(|_| section.anchor.is_none()) else { continue };
        let slug = slug(heading);
        let count = seen.entry(slug.clone()).or_insert(0);
        let anchor = if *count == 0 { slug } else { format!("{slug}-{count}") };
        *count += 1;
        if !anchor.is_empty() && anchor.len() <= bounds::ANCHOR && page.anchors.len() < bounds::ANCHORS {
            page.anchors.push(anchor.clone());
            section.anchor = Some(anchor);
        }
    }
    page
}

/// JSON: a line for each leaf, `path: value`, so that the order of keys and the indentation do not matter.
pub(super) fn json(text: &str) -> Page {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return lines(text) };
    let mut blocks = Blocks::default();
    leaves(&value, &mut String::new(), &mut blocks);
    page(blocks)
}

/// Text: paragraphs are what stands between empty lines.
pub(super) fn lines(text: &str) -> Page {
    let mut blocks = Blocks::default();
    for line in text.lines() {
        if line.trim().is_empty() {
            blocks.end(BlockKind::Paragraph, None);
        } else {
            blocks.push(line, BlockKind::Paragraph);
            blocks.push("\n", BlockKind::Paragraph);
        }
    }
    page(blocks)
}

fn page(blocks: Blocks) -> Page {
    let (sections, blocks, _) = blocks.finish();
    Page { layout: Layout::Text, sections, blocks, ..Page::default() }
}

/// `serde_json` gives up at 128 levels, so this recursion is bounded.
fn leaves(value: &Value, path: &mut String, blocks: &mut Blocks) {
    let length = path.len();
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                path.push_str(if length == 0 { "" } else { "." });
                path.push_str(name);
                leaves(field, path, blocks);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for item in items {
                path.push_str("[]");
                leaves(item, path, blocks);
                path.truncate(length);
            }
        }
        leaf => {
            // The names above a leaf stand in each of its blocks: what is long is cut, lest it be written out a million times.
            blocks.push(clip(path, bounds::LINK), BlockKind::Paragraph);
            blocks.push(": ", BlockKind::Paragraph);
            match leaf.as_str() {
                Some(text) => blocks.push(text, BlockKind::Paragraph),
                None => blocks.push(&leaf.to_string(), BlockKind::Paragraph),
            }
            blocks.end(BlockKind::Paragraph, None);
        }
    }
}

fn front_matter(text: &str) -> (&str, &str) {
    let split = || {
        let rest = text.strip_prefix("---")?.trim_start_matches([' ', '\t']);
        let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?;
        let mut at = 0;
        for line in rest.split_inclusive('\n') {
            if matches!(line.trim_end(), "---" | "...") {
                return Some((&rest[..at], &rest[at + line.len()..]));
            }
            at += line.len();
        }
        None
    };
    split().unwrap_or(("", text))
}

/// A heading's anchor as common Markdown renderers make it.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            _ => character.is_alphanumeric().then_some(character),
        })
        .flat_map(char::to_lowercase)
        .collect()
}
