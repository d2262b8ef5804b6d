//! Stage 6: bytes → readable content. The main content of a page as blocks with their sections, anchors and metadata.

use serde::{Deserialize, Serialize};

/// Counts up with every change of what is read of a page, so that our own change never looks like theirs.
pub const EXTRACTOR: u32 = 1;

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

/// Which extractor found the main content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// learn.microsoft.com: `.content` under `main#main [data-main-column]`.
    Learn,
    /// `<main>`, `<article>`, `role=main`.
    Landmark,
    /// The body without what is plainly not content.
    #[default]
    Body,
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
    /// `is_archived`, `is_retired` and their like, `name=value`.
    pub flags: Vec<String>,
    /// `<meta http-equiv=refresh>`: where to.
    pub refresh: Option<String>,
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
}
