//! Stage 6: bytes → readable content. The main content of a page as blocks with their sections, anchors and metadata.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::visit::facts::Body;

mod block;
mod bounds;
mod charset;
mod date;
mod fingerprint;
mod flat;
mod furniture;
mod html;
mod layout;
mod left_out;
mod line;
mod metadata;
mod noise;
mod notice;
mod plain;
mod signs;
#[cfg(test)]
mod tests;
pub mod volatile;
mod withdrawn;

pub use date::date_of;
pub use fingerprint::Fingerprints;
pub use signs::{SHORT, Sign};
pub use withdrawn::says_withdrawn;

/// Counts up with every change of what is read of a page, so that our own change never looks like theirs.
/// The words of `withdrawn` and of furniture are part of it.
pub const EXTRACTOR: u32 = 4;

/// So many anchors are read of a page; where there are so many, there may be more.
pub const MOST_ANCHORS: usize = bounds::ANCHORS;

/// What is read of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Which extractor found the content.
    pub layout: Layout,
    /// `<title>`, at most 512 characters.
    pub title: Option<String>,
    /// Metadata.
    pub metadata: Metadata,
    /// Sections in order; the first is the lead (what comes before any heading, or the h1's).
    pub sections: Vec<Section>,
    /// Blocks in order.
    pub blocks: Vec<Block>,
    /// Every id and name that a fragment can point at.
    pub anchors: Vec<String>,
}

/// Which extractor found the main content. In order from the most special to the most general.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// learn.microsoft.com: `.content` under `main#main [data-main-column]`.
    Learn,
    /// The content container of a known generator (Sphinx, MkDocs, Docusaurus …).
    Generator,
    /// `<main>`, `<article>`, `role=main`.
    Landmark,
    /// The element that holds the bulk of the running text, without what is plainly not content.
    #[default]
    Body,
    /// HTML too deep or too wide for a tree: its tokens in order.
    Tokens,
    /// Not HTML: lines of text.
    Text,
}

/// What a page says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// `<link rel=canonical>`.
    pub canonical: Option<String>,
    /// `<html lang>`.
    pub language: Option<String>,
    /// Dates by the name of where they stand: `ms.date`, `updated_at`, `article:modified_time`, `dateModified`.
    pub dates: Vec<(String, String)>,
    /// Identities beyond the URL: `document_id`, `platform_id`, `awa-articleGuid`.
    pub ids: Vec<(String, String)>,
    /// What says that it is withdrawn: `is_archived=true` and its like; `banner=` and the words of a notice beside the content.
    pub flags: Vec<String>,
    /// `<meta http-equiv=refresh>`: where to.
    pub refresh: Option<String>,
    /// `<meta name="markdown_url">`: where the page offers its text as Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub markdown_url: Option<String>,
}

/// A stretch of a page under one heading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Headings from the outermost to its own.
    pub path: Vec<String>,
    /// The heading's id.
    pub anchor: Option<String>,
    /// 1 to 6; 0 for what comes before any heading.
    pub level: u8,
}

/// The smallest unit that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text, white space folded.
    pub text: String,
    /// Index in [`Page::sections`].
    pub section: usize,
    /// Text that stood out as an interface label, product name, command or code inside it: `<strong>`, `<code>`, `<kbd>`.
    pub marked: Vec<String>,
    /// Where its links lead, as written.
    pub links: Vec<String>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// h1 to h6.
    Heading,
    /// Running text.
    Paragraph,
    /// An item of a list.
    ListItem,
    /// An item of a numbered list: what is done in order.
    Step,
    /// A row of a table, cells joined with ` | `.
    TableRow,
    /// Code, white space kept.
    Code,
    /// A quotation or an alert.
    Quote,
    /// An image: its alternative text.
    Image,
}

/// What the verdict needs of a page; stored with the visit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFacts {
    /// `<title>`.
    pub title: Option<String>,
    /// The first h1.
    pub heading: Option<String>,
    /// Words of readable content.
    pub words: u32,
    /// blake3 of the readable content.
    pub content: Option<String>,
    /// `<link rel=canonical>`.
    pub canonical: Option<String>,
    /// The newest day on which the page says that it was changed; a hint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<NaiveDate>,
    /// What it shows of its kind beside its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<Sign>,
}

/// Reads a body as a page. It never fails: what cannot be read is an empty page. Costs are bounded: at most 8 MiB of
/// body are looked at, a tree is only made of HTML that is at most 512 elements deep.
///
/// The character set is that of the byte-order mark, else of `Content-Type`, else of the document (WHATWG Encoding, HTML 13.2.3).
pub fn read(body: &Body, url: &Url) -> Page {
    read_as(body, url, Layout::Learn)
}

/// Reads a body as [`read`] does, but with no extractor that is more special than the one of `least`: two pages of one address are
/// compared as the same extractor reads both.
pub fn read_as(body: &Body, url: &Url, least: Layout) -> Page {
    let mut page = read_body(body, url, least);
    // Where withdrawn pages of learn.microsoft.com go to.
    let is_previous = |segment: &str| segment.eq_ignore_ascii_case("previous-versions");
    if url.path_segments().is_some_and(|mut segments| segments.any(is_previous)) {
        page.metadata.flags.push("previous-versions".to_owned());
    }
    page
}

fn read_body(body: &Body, url: &Url, least: Layout) -> Page {
    let bytes = &body.bytes[..body.bytes.len().min(bounds::BODY)];
    let text = charset::decode(bytes, body.content_type.as_deref());
    match plain::form_of(&text, body.content_type.as_deref(), url) {
        plain::Form::Html => html::read(&text, least),
        plain::Form::Markdown => plain::markdown(&text),
        plain::Form::Json => plain::json(&text),
        plain::Form::Lines => plain::lines(&text),
    }
}

impl Page {
    /// The first h1, else the first heading.
    pub fn heading(&self) -> Option<&str> {
        let headings = || self.blocks.iter().filter(|block| block.kind == BlockKind::Heading);
        headings()
            .find(|block| self.sections.get(block.section).is_some_and(|section| section.level == 1))
            .or_else(|| headings().next())
            .map(|block| block.text.as_str())
    }

    /// All words of the readable content, a line per block.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            text.push_str(&block.text);
            text.push('\n');
        }
        text
    }

    /// How a section is called: its anchor, else its heading's text. What comes before any heading belongs to the first h1.
    pub fn section_name(&self, index: usize) -> String {
        let Some(mut section) = self.sections.get(index) else { return String::new() };
        if section.level == 0 {
            section = self.sections.iter().find(|section| section.level == 1).unwrap_or(section);
        }
        section.anchor.clone().or_else(|| section.path.last().cloned()).unwrap_or_default()
    }

    /// blake3 of what is compared: the words in order, their sections, and what says that the page is another or withdrawn. White
    /// space, markup, link targets, dates and volatile parts are not in it.
    pub fn content_hash(&self) -> [u8; 32] {
        // Hashed in one go: blake3 is several times slower on small pieces.
        let mut hashed = Vec::with_capacity(self.blocks.iter().map(|block| block.text.len() + 32).sum());
        let mut field = |text: &str| {
            hashed.extend_from_slice(&(text.len() as u64).to_le_bytes());
            hashed.extend_from_slice(text.as_bytes());
        };
        field(&volatile::normalise(volatile::without_count(self.title.as_deref().unwrap_or_default())));
        for (name, value) in &self.metadata.ids {
            field(name);
            field(value);
        }
        for flag in &self.metadata.flags {
            field(flag);
        }
        for block in &self.blocks {
            field(&volatile::normalise(&block.text));
            field(
                self.sections
                    .get(block.section)
                    .and_then(|section| section.anchor.as_deref())
                    .unwrap_or_default(),
            );
        }
        *blake3::hash(&hashed).as_bytes()
    }
}

impl PageFacts {
    /// Of a page, its [`Page::content_hash`], and the body that it was read from.
    pub fn of(page: &Page, content: [u8; 32], body: &Body) -> Self {
        let words: usize = page.blocks.iter().map(|block| words(&block.text)).sum();
        let words = u32::try_from(words).unwrap_or(u32::MAX);
        Self {
            title: page.title.clone(),
            heading: page.heading().map(str::to_owned),
            words,
            signs: signs::of(page, words, body),
            content: Some(blake3::Hash::from_bytes(content).to_hex().to_string()),
            canonical: page.metadata.canonical.clone(),
            modified: page.metadata.modified(),
        }
    }
}

/// Words as white space parts them.
fn words(text: &str) -> usize {
    if !text.is_ascii() {
        return text.split_whitespace().count();
    }
    // White space in ASCII, as Unicode has it. Counted in stretches whose count fits a byte: that is done for many bytes at once.
    let is_space = |byte: u8| (byte == b' ') | (b'\t'..=b'\r').contains(&byte);
    let (bytes, next) = (text.as_bytes(), text.as_bytes().get(1..).unwrap_or_default());
    let starts: usize = bytes
        .chunks(128)
        .zip(next.chunks(128))
        .map(|(bytes, next)| {
            let starts = bytes.iter().zip(next).map(|(one, two)| u8::from(is_space(*one) & !is_space(*two)));
            usize::from(starts.fold(0u8, u8::wrapping_add))
        })
        .sum();
    starts + usize::from(bytes.first().is_some_and(|first| !is_space(*first)))
}
