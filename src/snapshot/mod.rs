//! Stage 7: a page at one visit, content-addressed and compressed.

use serde::{Deserialize, Serialize};

use crate::page::Page;
use crate::time::Timestamp;
use crate::visit::facts::Validators;

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
    /// The page, serialised and compressed.
    pub page: Vec<u8>,
    /// The body, compressed, where it is kept.
    pub body: Option<Vec<u8>>,
    /// [`crate::page::EXTRACTOR`] at that time.
    pub extractor: u32,
    /// The URL that served it.
    pub url: String,
    /// What it was served with.
    pub validators: Option<Validators>,
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
    /// The URL that served it.
    pub url: String,
    /// First visit that found it.
    pub first_seen: Timestamp,
    /// Last visit that found it.
    pub last_seen: Timestamp,
}

/// A stored snapshot with its page.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Everything but the page.
    pub meta: SnapshotMeta,
    /// The page.
    pub page: Page,
}
