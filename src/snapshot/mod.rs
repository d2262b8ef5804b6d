//! Stage 7: a page at one visit, content-addressed and compressed.

mod packing;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::config::BodyRetention;
use crate::page::{EXTRACTOR, Fingerprints, Page};
use crate::time::Timestamp;
use crate::visit::facts::Validators;

pub use packing::{Packer, Undecodable, pack, unpack, unpack_page};

/// blake3 of some content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

/// A snapshot's row in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SnapshotId(pub i64);

/// A page as it goes into the state: compressed, with the hashes that tell whether it is new.
#[derive(Debug, Clone)]
pub struct NewSnapshot {
    /// Of the readable content; equal content is the same snapshot.
    pub content: ContentHash,
    /// Of the body as decoded.
    pub raw: ContentHash,
    /// The page, serialised and compressed, where it is kept without its body: what a body says is read of it again.
    pub page: Option<Vec<u8>>,
    /// The body, compressed, where it is kept.
    pub body: Option<Vec<u8>>,
    /// [`crate::page::EXTRACTOR`] at that time.
    pub extractor: u32,
    /// How its layers look.
    pub layers: Fingerprints,
    /// How it came.
    pub served: Served,
}

/// How a page came: what is kept of an answer beside its body.
#[derive(Debug, Clone, Default)]
pub struct Served {
    /// The URL that served it.
    pub url: String,
    /// `Content-Type`, as sent: the body is read with it again.
    pub content_type: Option<String>,
    /// What it was served with.
    pub validators: Option<Validators>,
    /// What the content depends on beside the extractor: what was asked for ([`Served::settings_of`]).
    pub settings: String,
}

/// A stored snapshot without its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotMeta {
    /// Its row.
    pub id: SnapshotId,
    /// Of the readable content.
    pub content: ContentHash,
    /// Which extractor read it.
    pub extractor: u32,
    /// What it depends on beside the extractor; `None` where nobody noted it.
    pub settings: Option<String>,
    /// How its layers look; `None` where nobody noted it.
    pub layers: Option<Fingerprints>,
    /// The URL that served it.
    pub url: String,
    /// First visit that found it.
    pub first_seen: Timestamp,
    /// Last visit that found it.
    pub last_seen: Timestamp,
}

/// A snapshot with its page.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Everything but the page.
    pub meta: SnapshotMeta,
    /// The page.
    pub page: Page,
}

impl ContentHash {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for ContentHash {
    /// 64 hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl NewSnapshot {
    /// Makes one of a page, its [`Page::content_hash`], and the decoded body it was read of. Compresses, so it belongs on a thread that drives no sockets.
    pub fn of(
        page: &Page,
        content: ContentHash,
        body: &[u8],
        served: Served,
        keep: BodyRetention,
        packer: &mut Packer,
    ) -> Self {
        let (packed_page, packed_body) = match keep {
            BodyRetention::Full => (None, packer.pack(body).ok()),
            BodyRetention::Text => (packer.pack_page(page), None),
            BodyRetention::None => (None, None),
        };
        Self {
            content,
            raw: ContentHash::of(body),
            page: packed_page,
            body: packed_body,
            extractor: EXTRACTOR,
            layers: page.fingerprints(),
            served,
        }
    }
}

impl Served {
    /// The settings of a page that was asked for in this language. Pages in different languages are no versions of each other.
    pub fn settings_of(accept_language: Option<&str>) -> String {
        accept_language.map(|language| format!("accept-language={language}")).unwrap_or_default()
    }
}

impl SnapshotMeta {
    /// Whether two snapshots may be versions of each other: what they depend on beside the extractor is the same, as far as it is known.
    pub fn is_comparable(&self, other: &Self) -> bool {
        matches!((&self.settings, &other.settings), (None, _) | (_, None)) || self.settings == other.settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Block, BlockKind, Section};

    fn page(blocks: &[(BlockKind, &str)]) -> Page {
        Page {
            title: Some("Reset".into()),
            sections: vec![Section { path: vec!["Reset".into()], anchor: Some("reset".into()), level: 1 }],
            blocks: blocks
                .iter()
                .map(|(kind, text)| Block {
                    kind: *kind,
                    text: (*text).into(),
                    section: 0,
                    marked: vec![],
                    links: vec![],
                })
                .collect(),
            ..Page::default()
        }
    }

    #[test]
    fn retention_decides_what_is_kept() {
        let page = page(&[(BlockKind::Paragraph, "Text")]);
        let of = |keep| {
            NewSnapshot::of(
                &page,
                ContentHash(page.content_hash()),
                b"<p>Text</p>",
                Served { url: "https://example.org/".into(), ..Served::default() },
                keep,
                &mut Packer::try_new().unwrap(),
            )
        };
        let full = of(BodyRetention::Full);
        assert_eq!(unpack(full.body.as_deref().unwrap(), 1 << 20).unwrap(), b"<p>Text</p>");
        assert!(full.page.is_none());
        let text = of(BodyRetention::Text);
        assert_eq!(unpack_page(text.page.as_deref().unwrap()).unwrap(), page);
        assert!(text.body.is_none());
        let none = of(BodyRetention::None);
        assert!(none.page.is_none() && none.body.is_none());
        assert_eq!((none.content, none.raw), (full.content, full.raw));
    }
}
