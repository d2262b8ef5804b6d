//! Targets with what is known of them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::blob;
use super::column::{canonical, hash, timestamp};
use super::fault::Outcome;
use super::{probe, visit};
use crate::page::{Fingerprints, Page};
use crate::snapshot::{SnapshotId, SnapshotMeta, unpack, unpack_page};
use crate::store::{RunId, TargetRecord};
use crate::target::{CanonicalUrl, TargetId};
use crate::visit::facts::Body;

/// Intervals, and snapshots, that a record carries.
const NEWEST: usize = 200;

/// Bytes of the largest body that is read back: more than any configuration lets in.
const LARGEST_BODY: u64 = 256 << 20;

/// The columns of [`meta`]. A snapshot was last seen by the last visit of an observation that names it.
const META: &str = "s.id, s.content, s.extractor, s.url, s.first_seen,
    coalesce((SELECT max(o.last_seen) FROM observation o WHERE o.target = s.target AND o.snapshot = s.id), s.first_seen),
    s.settings, s.layers
    FROM snapshot s";

/// How much of a target's past a record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Past {
    /// [`NEWEST`] intervals and snapshots.
    Whole,
    /// The newest interval, and no snapshots.
    Now,
}

/// The targets of a run's scope as they are now, by host and row: the order of its queue.
pub(super) fn targets(
    connection: &Connection,
    run: RunId,
    after: Option<TargetId>,
    limit: usize,
) -> Outcome<Vec<TargetRecord>> {
    let ids = match after {
        None => connection
            .prepare_cached("SELECT target FROM run_target WHERE run = ?1 ORDER BY host, target LIMIT ?2")?
            .query_map(params![run.0, limit as i64], |row| row.get(0).map(TargetId))?
            .collect::<Result<Vec<_>, _>>()?,
        Some(after) => connection
            .prepare_cached(
                "SELECT q.target FROM run_target q
                 WHERE q.run = ?1 AND (q.host, q.target) > ((SELECT host FROM target WHERE id = ?2), ?2)
                 ORDER BY q.host, q.target LIMIT ?3",
            )?
            .query_map(params![run.0, after.0, limit as i64], |row| row.get(0).map(TargetId))?
            .collect::<Result<Vec<_>, _>>()?,
    };
    collect(connection, &ids, Past::Now)
}

/// These targets, in this order; those that are not there are left out.
pub(super) fn records(connection: &Connection, ids: &[TargetId]) -> Outcome<Vec<TargetRecord>> {
    collect(connection, ids, Past::Whole)
}

fn collect(connection: &Connection, ids: &[TargetId], past: Past) -> Outcome<Vec<TargetRecord>> {
    let mut records = Vec::with_capacity(ids.len());
    let mut hosts = probe::Hosts::default();
    for id in ids {
        records.extend(record(connection, *id, past, &mut hosts)?);
    }
    Ok(records)
}

pub(super) fn find(connection: &Connection, url: &CanonicalUrl) -> Outcome<Option<TargetRecord>> {
    let id = connection
        .prepare_cached("SELECT id FROM target WHERE key = ?1")?
        .query_row([url.key().0], |row| row.get(0).map(TargetId))
        .optional()?;
    id.map_or(Ok(None), |id| record(connection, id, Past::Whole, &mut probe::Hosts::default()))
}

/// A snapshot, with its page where that is kept.
pub(super) fn snapshot(
    connection: &Connection,
    id: SnapshotId,
) -> Outcome<Option<(SnapshotMeta, Option<Page>)>> {
    let sql = format!("SELECT s.page, {META} WHERE s.id = ?1");
    let found: Option<(Option<i64>, SnapshotMeta)> = connection
        .prepare_cached(&sql)?
        .query_row([id.0], |row| Ok((row.get(0)?, meta(row, 1)?)))
        .optional()?;
    let Some((page, meta)) = found else { return Ok(None) };
    let page = match page {
        Some(page) => Some(unpack_page(&blob::get(connection, page)?)?),
        None => None,
    };
    Ok(Some((meta, page)))
}

/// All snapshots of a target, oldest first.
pub(super) fn snapshots(connection: &Connection, id: TargetId) -> Outcome<Vec<SnapshotMeta>> {
    let sql = format!("SELECT {META} WHERE s.target = ?1 ORDER BY s.id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([id.0], |row| meta(row, 0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Targets by row, in whatever run's scope.
pub(super) fn all(
    connection: &Connection,
    after: Option<TargetId>,
    limit: usize,
) -> Outcome<Vec<TargetRecord>> {
    let ids = connection
        .prepare_cached("SELECT id FROM target WHERE id > ?1 ORDER BY id LIMIT ?2")?
        .query_map(params![after.map_or(i64::MIN, |id| id.0), limit as i64], |row| row.get(0).map(TargetId))?
        .collect::<Result<Vec<_>, _>>()?;
    records(connection, &ids)
}

/// Whether no entry names a target, in a link or in a link's text.
pub(super) fn is_unnamed(connection: &Connection, id: TargetId) -> Outcome<bool> {
    Ok(connection
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM reference WHERE target = ?1) AND NOT EXISTS (SELECT 1 FROM shown WHERE target = ?1)",
        )?
        .query_row([id.0], |row| row.get(0))?)
}

/// Removes all that visits learned of a target; gives how many snapshots. Its row stays, as that of a target never visited.
pub(super) fn forget(connection: &Connection, id: TargetId) -> Outcome<u64> {
    let blobs: Vec<i64> = connection
        .prepare_cached(
            "SELECT page FROM snapshot WHERE target = ?1 AND page IS NOT NULL
             UNION SELECT body FROM snapshot WHERE target = ?1 AND body IS NOT NULL",
        )?
        .query_map([id.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    connection.prepare_cached("DELETE FROM observation WHERE target = ?1")?.execute([id.0])?;
    let snapshots = connection.prepare_cached("DELETE FROM snapshot WHERE target = ?1")?.execute([id.0])?;
    for blob in blobs {
        blob::drop_unused(connection, blob)?;
    }
    connection
        .prepare_cached(
            "UPDATE target SET validator_url = NULL, etag = NULL, last_modified = NULL WHERE id = ?1",
        )?
        .execute([id.0])?;
    Ok(snapshots as u64)
}

/// Removes the row of a target that nothing names and nothing is known of. The scope of the last run is emptied: it names targets, and
/// only the report made at the run's end reads it.
pub(super) fn remove(connection: &Connection, id: TargetId) -> Outcome<()> {
    connection.prepare_cached("DELETE FROM run_target")?.execute([])?;
    connection.prepare_cached("DELETE FROM target WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// The body that a snapshot was read of.
pub(super) fn snapshot_body(connection: &Connection, id: SnapshotId) -> Outcome<Option<Body>> {
    let found: Option<(i64, Option<String>)> = connection
        .prepare_cached("SELECT body, content_type FROM snapshot WHERE id = ?1 AND body IS NOT NULL")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((body, content_type)) = found else { return Ok(None) };
    let bytes = unpack(&blob::get(connection, body)?, LARGEST_BODY)?;
    Ok(Some(Body { bytes: bytes.into(), content_type }))
}

fn record(
    connection: &Connection,
    id: TargetId,
    past: Past,
    hosts: &mut probe::Hosts,
) -> Outcome<Option<TargetRecord>> {
    let url: Option<String> = connection
        .prepare_cached("SELECT url FROM target WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(url) = url else { return Ok(None) };
    let (history, snapshots) = match past {
        Past::Whole => (visit::history(connection, id, NEWEST)?, newest_snapshots(connection, id)?),
        Past::Now => (visit::history(connection, id, 1)?, Vec::new()),
    };
    let company = probe::company(connection, id, &url, &history, hosts)?;
    let visit::History { intervals: history, last_run, .. } = history;
    Ok(Some(TargetRecord { id, url: canonical(&url)?, history, snapshots, last_run, company }))
}

fn newest_snapshots(connection: &Connection, id: TargetId) -> Outcome<Vec<SnapshotMeta>> {
    let sql = format!("SELECT {META} WHERE s.target = ?1 ORDER BY s.id DESC LIMIT ?2");
    let mut snapshots = connection
        .prepare_cached(&sql)?
        .query_map(params![id.0, NEWEST as i64], |row| meta(row, 0))?
        .collect::<Result<Vec<_>, _>>()?;
    snapshots.reverse();
    Ok(snapshots)
}

/// [`META`] from column `first` on.
fn meta(row: &Row<'_>, first: usize) -> rusqlite::Result<SnapshotMeta> {
    Ok(SnapshotMeta {
        id: SnapshotId(row.get(first)?),
        content: hash(row, first + 1)?,
        extractor: row.get(first + 2)?,
        url: row.get(first + 3)?,
        first_seen: timestamp(row.get(first + 4)?),
        last_seen: timestamp(row.get(first + 5)?),
        settings: row.get(first + 6)?,
        layers: row.get::<_, Option<Vec<u8>>>(first + 7)?.and_then(|bytes| Fingerprints::of_bytes(&bytes)),
    })
}
