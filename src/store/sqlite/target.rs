//! Targets with what is known of them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::blob;
use super::column::{canonical, hash, timestamp};
use super::fault::Outcome;
use super::visit;
use crate::snapshot::{Snapshot, SnapshotId, SnapshotMeta, unpack_page};
use crate::store::{RunId, TargetRecord};
use crate::target::{CanonicalUrl, TargetId};
use crate::verdict::Facts;

/// Intervals, and snapshots, that a record carries.
const NEWEST: usize = 200;

/// The columns of [`meta`]. A snapshot was last seen by the last visit of an observation that names it.
const META: &str = "s.id, s.content, s.extractor, s.url, s.first_seen,
    coalesce((SELECT max(o.last_seen) FROM observation o WHERE o.target = s.target AND o.snapshot = s.id), s.first_seen)
    FROM snapshot s";

/// The targets of a run's scope, by host and row: the order of its queue.
pub(super) fn targets(
    connection: &Connection,
    run: RunId,
    after: Option<TargetId>,
    limit: usize,
) -> Outcome<Vec<TargetRecord>> {
    records(connection, &in_scope(connection, run, after, limit)?)
}

/// The newest facts of those targets.
pub(super) fn latest_facts(
    connection: &Connection,
    run: RunId,
    after: Option<TargetId>,
    limit: usize,
) -> Outcome<Vec<(TargetId, Option<Facts>)>> {
    let latest = |id: TargetId| {
        let (history, _) = visit::history(connection, id, 1)?;
        Ok((id, history.into_iter().next().map(|interval| interval.facts)))
    };
    in_scope(connection, run, after, limit)?.into_iter().map(latest).collect()
}

fn in_scope(
    connection: &Connection,
    run: RunId,
    after: Option<TargetId>,
    limit: usize,
) -> Outcome<Vec<TargetId>> {
    Ok(match after {
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
    })
}

/// These targets, in this order; those that are not there are left out.
pub(super) fn records(connection: &Connection, ids: &[TargetId]) -> Outcome<Vec<TargetRecord>> {
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        records.extend(record(connection, *id)?);
    }
    Ok(records)
}

pub(super) fn find(connection: &Connection, url: &CanonicalUrl) -> Outcome<Option<TargetRecord>> {
    let id = connection
        .prepare_cached("SELECT id FROM target WHERE key = ?1")?
        .query_row([url.key().0], |row| row.get(0).map(TargetId))
        .optional()?;
    id.map_or(Ok(None), |id| record(connection, id))
}

/// A snapshot whose page is kept.
pub(super) fn snapshot(connection: &Connection, id: SnapshotId) -> Outcome<Option<Snapshot>> {
    let sql = format!("SELECT s.page, {META} WHERE s.id = ?1 AND s.page IS NOT NULL");
    let found: Option<(i64, SnapshotMeta)> = connection
        .prepare_cached(&sql)?
        .query_row([id.0], |row| Ok((row.get(0)?, meta(row, 1)?)))
        .optional()?;
    let Some((page, meta)) = found else { return Ok(None) };
    Ok(Some(Snapshot { meta, page: unpack_page(&blob::get(connection, page)?)? }))
}

fn record(connection: &Connection, id: TargetId) -> Outcome<Option<TargetRecord>> {
    let url: Option<String> = connection
        .prepare_cached("SELECT url FROM target WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))
        .optional()?;
    let Some(url) = url else { return Ok(None) };
    let (history, last_run) = visit::history(connection, id, NEWEST)?;
    let sql = format!("SELECT {META} WHERE s.target = ?1 ORDER BY s.id DESC LIMIT ?2");
    let mut snapshots = connection
        .prepare_cached(&sql)?
        .query_map(params![id.0, NEWEST as i64], |row| meta(row, 0))?
        .collect::<Result<Vec<_>, _>>()?;
    snapshots.reverse();
    Ok(Some(TargetRecord { id, url: canonical(&url)?, history, snapshots, last_run }))
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
    })
}
