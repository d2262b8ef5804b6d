//! Runs, their scope and their queue.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::column::{canonical, optional_timestamp, seconds, timestamp};
use super::fault::Outcome;
use super::{review, visit};
use crate::store::{Candidate, NewRun, Plan, Planned, RunId, RunRecord};
use crate::target::{HostKey, TargetId};
use crate::time::Timestamp;
use crate::visit::facts::{DueTarget, KnownContent, Purpose, Validators};

/// Begins a run. Scopes are kept for the run that finished last, which reports read while this one goes on, and for no other.
pub(super) fn begin(connection: &Connection, run: &NewRun) -> Outcome<RunId> {
    keep_scope_of(connection, "SELECT max(id) FROM run WHERE finished_at IS NOT NULL")?;
    review::expire(connection, run.started_at)?;
    connection.execute(
        "INSERT INTO run (name, started_at) VALUES (?1, ?2)",
        params![run.name, seconds(run.started_at)],
    )?;
    Ok(RunId(connection.last_insert_rowid()))
}

pub(super) fn finish(connection: &Connection, run: RunId, at: Timestamp, summary: &str) -> Outcome<()> {
    connection.execute(
        "UPDATE run SET finished_at = ?2, summary = ?3 WHERE id = ?1",
        params![run.0, seconds(at), summary],
    )?;
    keep_scope_of(connection, &run.0.to_string())
}

pub(super) fn runs(connection: &Connection, limit: usize) -> Outcome<Vec<RunRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, started_at, finished_at, summary FROM run ORDER BY id DESC LIMIT ?1",
    )?;
    let rows = statement.query_map([limit as i64], |row| {
        Ok(RunRecord {
            id: RunId(row.get(0)?),
            name: row.get(1)?,
            started_at: timestamp(row.get(2)?),
            finished_at: optional_timestamp(row.get(3)?),
            summary: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Fills the run's queue. Calling it again adds what is new in the scope and decides anew what is taken from state.
pub(super) fn plan(connection: &Connection, run: RunId, plan: &Plan) -> Outcome<Planned> {
    connection.execute(
        "INSERT INTO run_target (run, host, target, from_state)
         SELECT ?1, t.host, t.id, coalesce((
             SELECT o.well = 1 AND o.last_seen >= ?2 FROM observation o WHERE o.target = t.id ORDER BY o.id DESC LIMIT 1
           ), 0)
         FROM target t
         WHERE t.id IN (SELECT r.target FROM run_entry re JOIN reference r ON r.entry = re.entry
                        WHERE re.run = ?1 AND r.target IS NOT NULL
                        UNION ALL
                        SELECT w.target FROM run_entry re JOIN shown w ON w.entry = re.entry WHERE re.run = ?1)
         ORDER BY t.host, t.id
         ON CONFLICT (run, host, target) DO UPDATE SET from_state = excluded.from_state",
        params![run.0, plan.fresh_since.map_or(i64::MAX, seconds)],
    )?;
    let mut planned = Planned { hosts: Vec::new(), targets: 0, from_state: 0 };
    let mut statement = connection.prepare_cached(
        "SELECT h.name, count(*), sum(q.from_state),
                sum(q.from_state = 0 AND NOT EXISTS (SELECT 1 FROM observation o WHERE o.target = q.target AND o.last_run = ?1))
         FROM run_target q JOIN host h ON h.id = q.host WHERE q.run = ?1 GROUP BY q.host ORDER BY q.host",
    )?;
    let mut rows = statement.query([run.0])?;
    while let Some(row) = rows.next()? {
        planned.targets += count(row, 1)?;
        planned.from_state += count(row, 2)?;
        planned.hosts.push((HostKey::from_stored(row.get(0)?), count(row, 3)?));
    }
    Ok(planned)
}

/// Intervals that a candidate carries: enough to tell how often its page changes.
const NEWEST: usize = 20;

pub(super) fn candidates(
    connection: &Connection,
    run: RunId,
    host: &HostKey,
    after: Option<TargetId>,
    limit: usize,
) -> Outcome<Vec<Candidate>> {
    let rows: Vec<(TargetId, [u8; 16])> = connection
        .prepare_cached(
            "SELECT t.id, t.key FROM run_target q JOIN target t ON t.id = q.target
             WHERE q.run = ?1 AND q.host = (SELECT id FROM host WHERE name = ?2) AND q.target > ?3
             ORDER BY q.target LIMIT ?4",
        )?
        .query_map(params![run.0, host.as_str(), after.map_or(i64::MIN, |id| id.0), limit as i64], |row| {
            Ok((TargetId(row.get(0)?), row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    let candidate = |(id, key): (TargetId, [u8; 16])| {
        let history = visit::history(connection, id, NEWEST)?.intervals;
        let phase = key.first_chunk().copied().map(u64::from_le_bytes).unwrap_or_default();
        Ok(Candidate { id, phase, history })
    };
    rows.into_iter().map(candidate).collect()
}

pub(super) fn visit_only(
    connection: &Connection,
    run: RunId,
    host: &HostKey,
    targets: &[TargetId],
) -> Outcome<()> {
    let host: i64 = connection
        .prepare_cached("SELECT id FROM host WHERE name = ?1")?
        .query_row([host.as_str()], |row| row.get(0))?;
    connection
        .prepare_cached(
            "UPDATE run_target SET from_state = 1 WHERE run = ?1 AND host = ?2 AND from_state = 0",
        )?
        .execute([run.0, host])?;
    let mut visit = connection.prepare_cached(
        "UPDATE run_target SET from_state = 0 WHERE run = ?1 AND host = ?2 AND target = ?3",
    )?;
    for target in targets {
        visit.execute([run.0, host, target.0])?;
    }
    Ok(())
}

pub(super) fn next_targets(
    connection: &Connection,
    run: RunId,
    host: &HostKey,
    after: Option<TargetId>,
    limit: usize,
) -> Outcome<Vec<DueTarget>> {
    let mut statement = connection.prepare_cached(
        "SELECT t.id, t.url, t.validator_url, t.etag, t.last_modified
         FROM run_target q JOIN target t ON t.id = q.target
         WHERE q.run = ?1 AND q.host = (SELECT id FROM host WHERE name = ?2) AND q.target > ?3 AND q.from_state = 0
           AND NOT EXISTS (SELECT 1 FROM observation o WHERE o.target = q.target AND o.last_run = ?1)
         ORDER BY q.target LIMIT ?4",
    )?;
    let mut rows =
        statement.query(params![run.0, host.as_str(), after.map_or(i64::MIN, |id| id.0), limit as i64])?;
    let mut newest = connection.prepare_cached(
        "SELECT content, settings FROM snapshot WHERE target = ?1 ORDER BY id DESC LIMIT 1",
    )?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        let validators = match row.get::<_, Option<String>>(2)? {
            Some(url) => Some(Validators { url, etag: row.get(3)?, last_modified: row.get(4)? }),
            None => None,
        };
        let id = TargetId(row.get(0)?);
        let known = newest
            .query_row([id.0], |row| Ok(KnownContent { content: row.get(0)?, settings: row.get(1)? }))
            .optional()?;
        due.push(DueTarget {
            id,
            url: canonical(&row.get::<_, String>(1)?)?,
            validators,
            known,
            purpose: Purpose::Entry,
        });
    }
    Ok(due)
}

/// Empties the scopes of all runs but one, so that the state does not grow with runs. `which` is SQL of ours, never a value.
fn keep_scope_of(connection: &Connection, which: &str) -> Outcome<()> {
    for table in ["run_entry", "run_target"] {
        connection.execute_batch(&format!("DELETE FROM {table} WHERE run IS NOT ({which})"))?;
    }
    Ok(())
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}
