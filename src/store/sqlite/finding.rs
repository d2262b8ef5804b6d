//! Findings over runs.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params, params_from_iter};

use super::column::{from_word, seconds, timestamp, word};
use super::fault::Outcome;
use super::review;
use crate::finding::{Finding, FindingId, FindingState};
use crate::store::{FindingCounts, FindingKind, FindingQuery, RunId, StoredFinding};
use crate::time::Timestamp;

/// Records a finding. One that was known keeps its first sight, unless it was resolved since: then it is new. What a maintainer
/// decided stays, as long as what it was decided on is the same.
pub(super) fn record(connection: &Connection, run: RunId, finding: &Finding) -> Outcome<()> {
    let state = match finding.state {
        FindingState::Open | FindingState::Acknowledged | FindingState::Resolved => FindingState::Open,
        state @ (FindingState::Unconfirmed | FindingState::Muted) => state,
    };
    // State and times stand in columns; in the JSON they would make every run rewrite it.
    let stored = Finding {
        state: FindingState::Open,
        first_seen: Timestamp::default(),
        last_seen: Timestamp::default(),
        ..finding.clone()
    };
    connection
        .prepare_cached(
            "INSERT INTO finding (id, source, entry, target_key, state, data, first_run, last_run, first_seen, last_seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET
               source = ?2, entry = ?3, target_key = ?4, data = ?6, last_run = ?7, last_seen = ?9, resolved_at = NULL, resolved_run = NULL,
               first_run = CASE finding.state WHEN 'resolved' THEN ?7 ELSE finding.first_run END,
               first_seen = CASE finding.state WHEN 'resolved' THEN ?8 ELSE finding.first_seen END,
               state = ?5",
        )?
        .execute(params![
            finding.id.0,
            finding.source,
            finding.entry,
            finding.target.as_deref().map(key),
            word(&state)?,
            serde_json::to_string(&stored)?,
            run.0,
            seconds(finding.first_seen),
            seconds(finding.last_seen)
        ])?;
    if let Some(bound_to) = finding.bound_to() {
        review::end_if_bound_elsewhere(connection, &finding.id, bound_to)?;
    }
    Ok(())
}

/// Resolves what the run could have found and did not: findings of entries in its scope whose target was in its scope too, or is not
/// named by the entry any more, and findings of entries that are gone. An entry that could not be read (it has no fingerprint) keeps its
/// findings: what lies beside it may be as hidden as it is.
pub(super) fn finish(connection: &Connection, run: RunId, at: Timestamp) -> Outcome<FindingCounts> {
    let resolved = connection.execute(
        "UPDATE finding SET state = 'resolved', resolved_at = ?2, resolved_run = ?1
         WHERE state <> 'resolved' AND last_run <> ?1
           AND EXISTS (
             SELECT 1 FROM entry e JOIN source s ON s.id = e.source
             WHERE s.name = finding.source AND e.path = finding.entry AND (
               e.gone_run IS NOT NULL
               OR e.fingerprint <> zeroblob(32) AND EXISTS (SELECT 1 FROM run_entry q WHERE q.run = ?1 AND q.entry = e.id) AND (
                 finding.target_key IS NULL
                 OR NOT EXISTS (
                   SELECT 1 FROM target t WHERE t.key = finding.target_key
                     AND EXISTS (SELECT 1 FROM reference r WHERE r.target = t.id AND r.entry = e.id)
                     AND NOT EXISTS (SELECT 1 FROM run_target q WHERE q.run = ?1 AND q.host = t.host AND q.target = t.id)))))",
        params![run.0, seconds(at)],
    )?;
    let (new, ongoing): (i64, i64) = connection.query_row(
        "SELECT coalesce(sum(first_run = ?1), 0), coalesce(sum(first_run <> ?1), 0) FROM finding
         WHERE last_run = ?1 AND state <> 'resolved'",
        [run.0],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(FindingCounts { new: new.unsigned_abs(), ongoing: ongoing.unsigned_abs(), resolved: resolved as u64 })
}

/// Findings that are not resolved, by rule, severity and state.
pub(super) fn counts(connection: &Connection) -> Outcome<Vec<(FindingKind, u64)>> {
    let mut statement = connection.prepare_cached(
        "SELECT json_extract(data, '$.rule') AS rule, json_extract(data, '$.severity') AS severity,
                coalesce(reviewed, state) AS standing, count(*)
         FROM finding WHERE state <> 'resolved' GROUP BY rule, severity, standing ORDER BY rule, severity, standing",
    )?;
    let mut rows = statement.query([])?;
    let mut counts = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = FindingKind { rule: row.get(0)?, severity: from_word(row, 1)?, state: from_word(row, 2)? };
        counts.push((kind, row.get::<_, i64>(3)?.unsigned_abs()));
    }
    Ok(counts)
}

/// Findings by id, after `after`.
pub(super) fn findings(
    connection: &Connection,
    query: &FindingQuery,
    after: Option<FindingId>,
    limit: usize,
) -> Outcome<Vec<StoredFinding>> {
    let mut sql = String::from(
        "SELECT data, state, reviewed, first_seen, last_seen, first_run, last_run FROM finding WHERE id > ?",
    );
    let mut values = vec![Value::Text(after.map(|id| id.0).unwrap_or_default())];
    if let Some(id) = &query.id {
        sql.push_str(" AND id = ?");
        values.push(Value::Text(id.0.clone()));
    }
    if let Some(run) = query.run {
        sql.push_str(" AND last_run = ?");
        values.push(Value::Integer(run.0));
    }
    if let Some((source, entry)) = &query.entry {
        sql.push_str(" AND source = ? AND entry = ?");
        values.push(Value::Text(source.clone()));
        values.push(Value::Text(entry.clone()));
    }
    if let Some(target) = &query.target {
        sql.push_str(" AND target_key = ?");
        values.push(Value::Blob(key(target).to_vec()));
    }
    if let Some(run) = query.resolved_after {
        sql.push_str(" AND state = 'resolved' AND resolved_run > ?");
        values.push(Value::Integer(run.0));
    } else if !query.resolved {
        sql.push_str(" AND state <> 'resolved'");
    }
    sql.push_str(" ORDER BY id LIMIT ?");
    values.push(Value::Integer(limit as i64));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut findings = Vec::new();
    while let Some(row) = rows.next()? {
        findings.push(stored(row)?);
    }
    Ok(findings)
}

/// What a target is looked up under: the key of its row, where it has one.
fn key(target: &str) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(&blake3::hash(target.as_bytes()).as_bytes()[..16]);
    key
}

fn stored(row: &Row<'_>) -> Outcome<StoredFinding> {
    let mut finding: Finding =
        serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
    let state: FindingState = from_word(row, 1)?;
    let reviewed = row.get_ref(2)? != ValueRef::Null;
    finding.state = if reviewed && state != FindingState::Resolved { from_word(row, 2)? } else { state };
    finding.first_seen = timestamp(row.get(3)?);
    finding.last_seen = timestamp(row.get(4)?);
    Ok(StoredFinding { finding, first_run: RunId(row.get(5)?), last_run: RunId(row.get(6)?) })
}
