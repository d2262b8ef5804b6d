//! Stored pages as they are compared: read by today's extractor, both sides by the same one, so that a change of ours never looks like
//! a change of theirs. Where no body is kept to read again, there is no comparison.

use url::Url;

use super::RunError;
use crate::page::{self, EXTRACTOR, Layout, Page};
use crate::snapshot::{ContentHash, Snapshot, SnapshotId, SnapshotMeta};
use crate::store::Store;

/// Two snapshots of a target that may be held against each other.
#[derive(Debug)]
pub struct Compared {
    /// The older one.
    pub old: Snapshot,
    /// The newer one.
    pub new: Snapshot,
    /// The extractor that found the content of the older page no longer finds that of the newer one: both were read with a more
    /// general one.
    pub relaid: bool,
}

/// A snapshot with its page as today's extractor reads it; as it was read then where no body is kept. `None` where neither is kept.
pub async fn stored_page<S: Store>(store: &S, id: SnapshotId) -> Result<Option<Snapshot>, RunError> {
    let Some((meta, kept)) = store.snapshot(id).await? else { return Ok(None) };
    let today = meta.extractor == EXTRACTOR;
    let again = match kept {
        Some(_) if today => None,
        _ => read_again(store, &meta, Layout::Learn).await?,
    };
    Ok(match again {
        Some(page) if !today => Some(with_page(meta, page)),
        again => again.or(kept).map(|page| Snapshot { meta, page }),
    })
}

/// Two snapshots, each with its page as the same extractor reads it. `None` where that cannot be had, or where one was asked for in
/// another language than the other.
pub async fn comparable<S: Store>(
    store: &S,
    old: SnapshotId,
    new: SnapshotId,
) -> Result<Option<Compared>, RunError> {
    let (Some(old), Some(new)) = (stored_page(store, old).await?, stored_page(store, new).await?) else {
        return Ok(None);
    };
    if old.meta.extractor != new.meta.extractor || !old.meta.is_comparable(&new.meta) {
        return Ok(None);
    }
    let (was, is) = (old.page.layout, new.page.layout);
    let by_layout = |layout: Layout| layout <= Layout::Body;
    if was == is || !by_layout(was) || !by_layout(is) {
        return Ok(Some(Compared { old, new, relaid: false }));
    }
    let least = was.max(is);
    let (Some(old_page), Some(new_page)) =
        (read_again(store, &old.meta, least).await?, read_again(store, &new.meta, least).await?)
    else {
        return Ok(None);
    };
    let relaid = was <= Layout::Generator && is > was;
    Ok(Some(Compared { old: with_page(old.meta, old_page), new: with_page(new.meta, new_page), relaid }))
}

/// The page of a snapshot's body, by today's extractors down to `least`; `None` where the body is not kept.
async fn read_again<S: Store>(
    store: &S,
    meta: &SnapshotMeta,
    least: Layout,
) -> Result<Option<Page>, RunError> {
    let Ok(url) = Url::parse(&meta.url) else { return Ok(None) };
    let Some(body) = store.snapshot_body(meta.id).await? else { return Ok(None) };
    tokio::task::spawn_blocking(move || page::read_as(&body, &url, least))
        .await
        .map(Some)
        .map_err(|error| RunError::Stage(error.to_string()))
}

fn with_page(mut meta: SnapshotMeta, page: Page) -> Snapshot {
    meta.content = ContentHash(page.content_hash());
    meta.layers = Some(page.fingerprints());
    meta.extractor = EXTRACTOR;
    Snapshot { meta, page }
}
