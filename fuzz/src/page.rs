//! A body → a page: bounded, without control characters, the same each time.
//! Input: a line with `Content-Type` (or an empty one), then the body.

use linkdrift::drift::{Change, compare};
use linkdrift::page::{Block, BlockKind, Page, PageFacts, read};
use linkdrift::visit::facts::Body;
use url::Url;

pub fn check(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let content_type = String::from_utf8_lossy(&data[..end]).trim().to_owned();
    let page = page_of(data.get(end + 1..).unwrap_or_default(), &content_type);
    let again = page_of(data.get(end + 1..).unwrap_or_default(), &content_type);
    assert_eq!(page, again);
    holds(&page);
    let drift = compare(&page, &again);
    assert_eq!((drift.change, drift.blocks.len(), drift.fraction), (Change::None, 0, 0.0));
}

/// Reads a body as the pipeline does.
pub fn page_of(bytes: &[u8], content_type: &str) -> Page {
    let url = Url::parse("https://a.example/guide").expect("our own");
    let content_type = (!content_type.is_empty()).then(|| content_type.to_owned());
    read(&Body { bytes: bytes.to_vec().into(), content_type }, &url)
}

/// What is true of every page, whatever its bytes.
pub fn holds(page: &Page) {
    let is_clean = |text: &str| !text.contains(char::is_control);
    assert!(page.title.as_ref().is_none_or(|title| is_clean(title) && title.chars().count() <= 512));
    assert!(page.anchors.len() <= 10_000 && page.blocks.len() <= 20_000);
    assert!(page.anchors.iter().all(|anchor| is_clean(anchor) && anchor.len() <= 256));
    assert!(page.blocks.iter().map(|block| block.text.len()).sum::<usize>() <= 4 << 20);
    let mut used = vec![false; page.sections.len()];
    for block in &page.blocks {
        used[block.section] = true;
        block_holds(block);
    }
    assert!(!used.contains(&false), "a section without blocks");
    for section in &page.sections {
        assert!(section.level <= 6 && section.path.iter().all(|heading| is_clean(heading)), "{section:?}");
        assert!(section.path.len() <= 6, "{section:?}");
        assert!(section.anchor.as_ref().is_none_or(|anchor| is_clean(anchor)), "{section:?}");
    }
    let metadata = &page.metadata;
    let pairs = metadata.dates.iter().chain(&metadata.ids).flat_map(|(name, value)| [name, value]);
    let singles = metadata.canonical.iter().chain(&metadata.language).chain(&metadata.refresh);
    assert!(pairs.chain(singles).chain(&metadata.flags).all(|value| is_clean(value) && value.len() <= 4096));
    assert!(metadata.dates.len() + metadata.ids.len() + metadata.flags.len() <= 100);
    let body = Body { bytes: Default::default(), content_type: None };
    let facts = PageFacts::of(page, page.content_hash(), &body);
    assert!(facts.heading.as_ref().is_none_or(|heading| is_clean(heading)));
    // It is kept in the state and must come back as it was.
    let kept = serde_json::to_string(page).expect("a page is data");
    let back: Page = serde_json::from_str(&kept).expect("it comes back");
    assert_eq!((&back, back.content_hash()), (page, page.content_hash()));
}

fn block_holds(block: &Block) {
    let is_code = block.kind == BlockKind::Code;
    let is_clean = |c: char| !c.is_control() || (is_code && matches!(c, '\n' | '\t'));
    assert!(!block.text.is_empty() && block.text.chars().all(is_clean), "{block:?}");
    assert!(block.text.len() <= 64 << 10);
    assert!(is_code || block.text.trim() == block.text && !block.text.contains("  "), "{block:?}");
    assert!(block.marked.len() <= 64 && block.marked.iter().all(|term| term.len() <= 120), "{block:?}");
    assert!(
        block.links.iter().all(|link| link.len() <= 2048 && !link.contains(char::is_control)),
        "{block:?}"
    );
}
