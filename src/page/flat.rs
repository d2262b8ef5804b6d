//! HTML that no tree is made of, because it is nested too deep or has tags without end: its tokens in order. Blocks end at every tag
//! that usually starts or ends one.

use html5gum::{DefaultEmitter, Token, Tokenizer};

use super::block::{Blocks, clip};
use super::line::{self, Line};
use super::{BlockKind, Layout, Page, bounds, metadata};

/// Reads HTML without a tree.
pub(super) fn read(html: &str) -> Page {
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(true);
    let mut blocks = Blocks::default();
    let mut page = Page { layout: Layout::Tokens, ..Page::default() };
    let mut kind = BlockKind::Paragraph;
    let mut heading: Option<(u8, Option<String>)> = None;
    // The element whose text is not content, and what its text is.
    let mut skipped: Option<Vec<u8>> = None;
    let mut title = String::new();
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name: &[u8] = &tag.name;
                let id = tag
                    .attributes
                    .get(b"id".as_slice())
                    .map(|id| String::from_utf8_lossy(&id.value.0).into_owned());
                if let Some(id) = id.as_ref().filter(|id| !id.is_empty() && id.len() <= bounds::ANCHOR)
                    && page.anchors.len() < bounds::ANCHORS
                {
                    page.anchors.push(id.chars().filter(|character| !character.is_control()).collect());
                }
                if matches!(
                    name,
                    b"script" | b"style" | b"title" | b"noscript" | b"textarea" | b"template" | b"iframe"
                ) {
                    if !tag.self_closing && skipped.is_none() {
                        skipped = Some(name.to_vec());
                    }
                } else if is_block(name) {
                    blocks.end(kind, heading.take());
                    kind = kind_of(name);
                    heading = level(name).map(|level| (level, id.filter(|id| id.len() <= bounds::ANCHOR)));
                } else if name == b"br" {
                    blocks.push("\n", kind);
                }
            }
            Token::EndTag(tag) => {
                let name: &[u8] = &tag.name;
                if skipped.as_deref() == Some(name) {
                    skipped = None;
                } else if is_block(name) {
                    blocks.end(kind, heading.take());
                    kind = BlockKind::Paragraph;
                }
            }
            Token::String(text) => {
                let text = String::from_utf8_lossy(&text);
                match skipped.as_deref() {
                    None => blocks.push(&text, kind),
                    Some(b"title") if title.is_empty() => title.push_str(clip(&text, 8 * bounds::TITLE)),
                    Some(_) => {}
                }
            }
            _ => {}
        }
    }
    blocks.end(kind, heading.take());
    let (sections, mut found, _) = blocks.finish();
    found.retain(|block| {
        !matches!(block.kind, BlockKind::Paragraph | BlockKind::Quote)
            || line::furniture(&block.text, false) != Some(Line::Sure)
    });
    page.title = metadata::fold_title(std::iter::once(title.as_str()));
    page.sections = sections;
    page.blocks = found;
    page
}

fn level(name: &[u8]) -> Option<u8> {
    match name {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

fn kind_of(name: &[u8]) -> BlockKind {
    match name {
        b"li" | b"dt" | b"dd" => BlockKind::ListItem,
        b"pre" => BlockKind::Code,
        b"tr" | b"td" | b"th" => BlockKind::TableRow,
        b"blockquote" => BlockKind::Quote,
        _ if level(name).is_some() => BlockKind::Heading,
        _ => BlockKind::Paragraph,
    }
}

fn is_block(name: &[u8]) -> bool {
    level(name).is_some()
        || matches!(
            name,
            b"address"
                | b"article"
                | b"aside"
                | b"blockquote"
                | b"body"
                | b"dd"
                | b"details"
                | b"div"
                | b"dl"
                | b"dt"
                | b"figure"
                | b"footer"
                | b"form"
                | b"header"
                | b"hr"
                | b"li"
                | b"main"
                | b"nav"
                | b"ol"
                | b"p"
                | b"pre"
                | b"section"
                | b"summary"
                | b"table"
                | b"td"
                | b"th"
                | b"tr"
                | b"ul"
        )
}
