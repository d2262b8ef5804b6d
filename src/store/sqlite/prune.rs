//! Removing what need not be kept, a slice at a time: between two slices others write, and nothing is in memory but one slice.

use rusqlite::{Connection, params};
use url::Url;

use super::blob;
use super::column::{seconds, timestamp};
use super::entry;
use super::fault::{Fault, Outcome};
use super::target;
use crate::page::{self, EXTRACTOR};
use crate::snapshot::{Packer, SnapshotMeta};
use crate::store::{PruneRest, PruneStage, Pruned, Retention};
use crate::target::TargetId;
use crate::time::Timestamp;

/// Targets, entries or findings of one slice.
const SLICE: i64 = 100;

/// Pages that one slice gives back to the file system: 4 MiB.
const FREED_PAGES: i64 = 1024;

/// Texts of one target that are kept, however old: what changed last can be shown.
const KEPT_TEXTS: usize = 2;

/// Stretches of history of one target that are kept, however old.
const KEPT_INTERVALS: usize = 2;

/// Removes one slice; says where to go on, or that there is nothing left.
pub(super) fn prune(
    connection: &Connection,
    keep: Retention,
    rest: Option<PruneRest>,
) -> Outcome<(Pruned, Option<PruneRest>)> {
    let rest = rest.unwrap_or(PruneRest { stage: PruneStage::Targets, after: i64::MIN });
    let mut pruned = Pruned::default();
    let last = match rest.stage {
        PruneStage::Targets => targets(connection, keep, rest.after, &mut pruned)?,
        PruneStage::Findings => findings(connection, keep, &mut pruned)?,
        PruneStage::Entries => entries(connection, keep, rest.after, &mut pruned)?,
        PruneStage::Unnamed => unnamed(connection, keep, rest.after, &mut pruned)?,
        PruneStage::Runs => runs(connection, keep, &mut pruned)?,
        PruneStage::Space => space(connection)?,
    };
    let next = match (last, rest.stage) {
        (Some(after), stage) => Some(PruneRest { stage, after }),
        (None, PruneStage::Targets) => Some(PruneStage::Findings.beginning()),
        (None, PruneStage::Findings) => Some(PruneStage::Entries.beginning()),
        (None, PruneStage::Entries) => Some(PruneStage::Unnamed.beginning()),
        (None, PruneStage::Unnamed) => Some(PruneStage::Runs.beginning()),
        (None, PruneStage::Runs) => Some(PruneStage::Space.beginning()),
        (None, PruneStage::Space) => None,
    };
    Ok((pruned, next))
}

/// Texts, bodies and history of the targets after `after`.
fn targets(
    connection: &Connection,
    keep: Retention,
    after: i64,
    pruned: &mut Pruned,
) -> Outcome<Option<i64>> {
    let ids: Vec<i64> = connection
        .prepare_cached("SELECT id FROM target WHERE id > ?1 ORDER BY id LIMIT ?2")?
        .query_map([after, SLICE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &ids {
        contents(connection, keep, TargetId(*id), pruned)?;
        intervals(connection, keep, TargetId(*id), pruned)?;
    }
    Ok(ids.last().copied())
}

/// What a snapshot keeps beside its hashes.
struct Kept {
    page: Option<i64>,
    body: Option<i64>,
}

fn contents(connection: &Connection, keep: Retention, target: TargetId, pruned: &mut Pruned) -> Outcome<()> {
    let snapshots = target::snapshots(connection, target)?;
    // Most targets have one or two: there is nothing older to remove.
    let Some(count) = snapshots.len().checked_sub(KEPT_TEXTS).filter(|count| *count > 0) else {
        return Ok(());
    };
    let older = &snapshots[..count];
    let wanted = |index: usize, snapshot: &SnapshotMeta| {
        let text =
            snapshot.last_seen < keep.snapshots_before || snapshots.len() - index > keep.snapshots_per_target;
        (text, text || snapshot.last_seen < keep.bodies_before)
    };
    if !older.iter().enumerate().any(|(index, snapshot)| wanted(index, snapshot).1) {
        return Ok(());
    }
    let needed = needed(connection, target, &snapshots)?;
    for (index, snapshot) in older.iter().enumerate() {
        let (text, body) = wanted(index, snapshot);
        if !body || needed.contains(&snapshot.id.0) {
            continue;
        }
        let kept = connection
            .prepare_cached("SELECT page, body FROM snapshot WHERE id = ?1")?
            .query_row([snapshot.id.0], |row| Ok(Kept { page: row.get(0)?, body: row.get(1)? }))?;
        if let Some(blob) = kept.body {
            if !text && kept.page.is_none() {
                keep_text(connection, snapshot)?;
            }
            connection
                .prepare_cached("UPDATE snapshot SET body = NULL WHERE id = ?1")?
                .execute([snapshot.id.0])?;
            blob::drop_unused(connection, blob)?;
            pruned.bodies += 1;
        }
        if let Some(blob) = kept.page.filter(|_| text) {
            connection
                .prepare_cached("UPDATE snapshot SET page = NULL WHERE id = ?1")?
                .execute([snapshot.id.0])?;
            blob::drop_unused(connection, blob)?;
        }
        pruned.pages += u64::from(text && (kept.body.is_some() || kept.page.is_some()));
    }
    Ok(())
}

/// Keeps what today's extractor reads of a snapshot's body, which is about to go.
fn keep_text(connection: &Connection, snapshot: &SnapshotMeta) -> Outcome<()> {
    let body = target::snapshot_body(connection, snapshot.id)?;
    let Some((body, url)) = body.zip(Url::parse(&snapshot.url).ok()) else { return Ok(()) };
    let packer = Packer::try_new().ok();
    let packed = packer.and_then(|mut packer| packer.pack_page(&page::read(&body, &url)));
    let packed = packed.ok_or_else(|| Fault::Damaged("no memory to compress a page".into()))?;
    let page = blob::put(connection, &packed)?;
    connection
        .prepare_cached("UPDATE snapshot SET page = ?2, extractor = ?3 WHERE id = ?1")?
        .execute(params![snapshot.id.0, page, EXTRACTOR])?;
    Ok(())
}

/// Snapshots of a target that something still rests on: the baselines of the entries that name it, findings that are not resolved, what
/// reviews were given for.
fn needed(connection: &Connection, target: TargetId, snapshots: &[SnapshotMeta]) -> Outcome<Vec<i64>> {
    let mut needed = Vec::new();
    let naming: Vec<i64> = connection
        .prepare_cached(
            "SELECT r.entry FROM reference r JOIN entry e ON e.id = r.entry WHERE r.target = ?1 AND e.gone_run IS NULL
             UNION SELECT w.entry FROM shown w JOIN entry e ON e.id = w.entry WHERE w.target = ?1 AND e.gone_run IS NULL",
        )?
        .query_map([target.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in naming {
        let chosen = entry::baseline(connection, id)?
            .choose(snapshots, |snapshot| (snapshot.first_seen, snapshot.last_seen));
        needed.extend(chosen.map(|snapshot| snapshot.id.0));
    }
    let evidence: Vec<String> = connection
        .prepare_cached(
            "SELECT s.value FROM finding f, json_each(f.data, '$.evidence.snapshots') s
             WHERE f.target_key = (SELECT key FROM target WHERE id = ?1) AND f.state <> 'resolved'",
        )?
        .query_map([target.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    needed.extend(evidence.iter().filter_map(|id| id.parse::<i64>().ok()));
    let reviewed: Vec<i64> = connection
        .prepare_cached(
            "SELECT s.id FROM snapshot s WHERE s.target = ?1 AND s.content IN (
               SELECT r.content FROM finding f JOIN review r ON r.finding = f.id
               WHERE f.target_key = (SELECT key FROM target WHERE id = ?1) AND f.state <> 'resolved')",
        )?
        .query_map([target.0], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    needed.extend(reviewed);
    Ok(needed)
}

/// One row of a target's history.
struct Stretch {
    id: i64,
    identity: [u8; 16],
    snapshot: Option<i64>,
    last_seen: Timestamp,
    holds_text: bool,
}

impl Stretch {
    fn same_as(&self, other: &Self) -> bool {
        self.identity == other.identity && self.snapshot == other.snapshot
    }
}

/// Removes old stretches of history whose text is not kept any more. Neighbours that would be left side by side never say the same: of
/// those one between them stays.
fn intervals(connection: &Connection, keep: Retention, target: TargetId, pruned: &mut Pruned) -> Outcome<()> {
    let stretches: Vec<Stretch> = connection
        .prepare_cached(
            "SELECT o.id, o.identity, o.snapshot, o.last_seen, coalesce(s.page, s.body) IS NOT NULL
             FROM observation o LEFT JOIN snapshot s ON s.id = o.snapshot WHERE o.target = ?1 ORDER BY o.id",
        )?
        .query_map([target.0], |row| {
            Ok(Stretch {
                id: row.get(0)?,
                identity: row.get(1)?,
                snapshot: row.get(2)?,
                last_seen: timestamp(row.get(3)?),
                holds_text: row.get(4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    let Some(removable) = stretches.len().checked_sub(KEPT_INTERVALS) else { return Ok(()) };
    let mut before: Option<&Stretch> = None;
    for (index, stretch) in stretches.iter().enumerate() {
        let next = stretches.get(index + 1);
        let joins = before.zip(next).is_some_and(|(before, next)| before.same_as(next));
        if index >= removable || stretch.last_seen >= keep.history_before || stretch.holds_text || joins {
            before = Some(stretch);
            continue;
        }
        connection.prepare_cached("DELETE FROM observation WHERE id = ?1")?.execute([stretch.id])?;
        if let Some(snapshot) = stretch.snapshot {
            connection
                .prepare_cached(
                    "DELETE FROM snapshot WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM observation WHERE snapshot = ?1)",
                )?
                .execute([snapshot])?;
        }
        pruned.intervals += 1;
    }
    Ok(())
}

/// Findings that were resolved long ago, with what was decided of them.
fn findings(connection: &Connection, keep: Retention, pruned: &mut Pruned) -> Outcome<Option<i64>> {
    let old: Vec<String> = connection
        .prepare_cached("SELECT id FROM finding WHERE state = 'resolved' AND resolved_at < ?1 LIMIT ?2")?
        .query_map([seconds(keep.history_before), SLICE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &old {
        connection.prepare_cached("DELETE FROM review WHERE finding = ?1")?.execute([id])?;
        connection.prepare_cached("DELETE FROM finding WHERE id = ?1")?.execute([id])?;
    }
    pruned.findings += old.len() as u64;
    Ok((old.len() as i64 == SLICE).then_some(0))
}

/// Entries that are gone since long ago, unless a finding of them is still open.
fn entries(
    connection: &Connection,
    keep: Retention,
    after: i64,
    pruned: &mut Pruned,
) -> Outcome<Option<i64>> {
    let gone: Vec<i64> = connection
        .prepare_cached(
            "SELECT e.id FROM entry e JOIN run r ON r.id = e.gone_run JOIN source s ON s.id = e.source
             WHERE e.id > ?1 AND r.started_at < ?2 AND NOT EXISTS (
               SELECT 1 FROM finding f WHERE f.source = s.name AND f.entry = e.path AND f.state <> 'resolved')
             ORDER BY e.id LIMIT ?3",
        )?
        .query_map(params![after, seconds(keep.history_before), SLICE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &gone {
        entry::remove(connection, *id)?;
    }
    pruned.entries += gone.len() as u64;
    Ok(gone.last().copied())
}

/// Targets that no entry names any more, and that were visited last long ago.
fn unnamed(
    connection: &Connection,
    keep: Retention,
    after: i64,
    pruned: &mut Pruned,
) -> Outcome<Option<i64>> {
    let ids: Vec<i64> = connection
        .prepare_cached("SELECT id FROM target WHERE id > ?1 ORDER BY id LIMIT ?2")?
        .query_map([after, 10 * SLICE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &ids {
        let lately: bool = connection
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM observation WHERE target = ?1 AND last_seen >= ?2)",
            )?
            .query_row([*id, seconds(keep.history_before)], |row| row.get(0))?;
        if !lately && target::is_unnamed(connection, TargetId(*id))? {
            target::forget(connection, TargetId(*id))?;
            target::remove(connection, TargetId(*id))?;
            pruned.targets += 1;
        }
    }
    Ok(ids.last().copied())
}

/// What old runs said of themselves. Their rows stay: findings and visits name them.
fn runs(connection: &Connection, keep: Retention, pruned: &mut Pruned) -> Outcome<Option<i64>> {
    let emptied = connection.execute(
        "UPDATE run SET summary = NULL WHERE started_at < ?1 AND summary IS NOT NULL
           AND id <> (SELECT max(id) FROM run WHERE finished_at IS NOT NULL)",
        [seconds(keep.history_before)],
    )?;
    pruned.runs += emptied as u64;
    Ok(None)
}

/// Gives pages that are not used any more back to the file system.
fn space(connection: &Connection) -> Outcome<Option<i64>> {
    let free = |connection: &Connection| -> rusqlite::Result<i64> {
        connection.pragma_query_value(None, "freelist_count", |row| row.get(0))
    };
    let before = free(connection)?;
    // A row for each page: all must be stepped through, or nothing is given back.
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({FREED_PAGES})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    let after = free(connection)?;
    Ok((after > 0 && after < before).then_some(after))
}
