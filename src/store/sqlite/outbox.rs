//! Messages to receivers, and what those were told.

use rusqlite::{Connection, params};

use super::column::{seconds, timestamp};
use super::fault::Outcome;
use crate::config::NotifySettings;
use crate::finding::Finding;
use crate::report::{Digest, DigestBuilder};
use crate::store::{Fate, Message, MessageId, OutboxCounts, RunId};
use crate::time::Timestamp;

/// Messages that were given up and are kept, for whoever asks what became of them.
const GIVEN_UP: i64 = 100;

/// What receiver ?1 believes of finding f once all that waits is delivered: 'open', 'resolved', or nothing.
const BELIEF: &str = "coalesce(
  (SELECT n.state FROM news n JOIN outbox o ON o.id = n.message
   WHERE o.receiver = ?1 AND n.finding = f.id ORDER BY n.message DESC LIMIT 1),
  (SELECT 'open' FROM told t WHERE t.receiver = ?1 AND t.finding = f.id),
  '')";

/// Queues a message for each receiver to whom the run's findings have news: of what is open and was not told, and of what was told
/// and is resolved. Acknowledged and muted findings are forgotten without a word, so that they are news when they are open again.
pub(super) fn queue(
    connection: &Connection,
    run: RunId,
    at: Timestamp,
    receivers: &[NotifySettings],
) -> Outcome<()> {
    if receivers.is_empty() {
        return Ok(());
    }
    let name: String =
        connection.query_row("SELECT name FROM run WHERE id = ?1", [run.0], |row| row.get(0))?;
    connection.execute(
        "DELETE FROM told WHERE finding IN (SELECT id FROM finding WHERE reviewed IS NOT NULL OR state = 'muted')",
        [],
    )?;
    let names: Vec<&str> = receivers.iter().map(|receiver| receiver.name.as_str()).collect();
    connection.execute(
        "DELETE FROM told WHERE receiver NOT IN (SELECT value FROM json_each(?1))",
        [serde_json::to_string(&names)?],
    )?;
    for receiver in receivers {
        let mut digest = DigestBuilder::default();
        let mut news = Vec::new();
        let open = format!(
            "SELECT f.data FROM finding f
             WHERE f.last_run = ?2 AND f.state = 'open' AND f.reviewed IS NULL AND {BELIEF} <> 'open'"
        );
        each(connection, &open, params![receiver.name, run.0], |finding| {
            if receiver.wants(&finding.rule, finding.severity, &finding.source) {
                news.push((finding.id.0.clone(), "open"));
                digest.open(finding);
            }
        })?;
        let resolved = format!(
            "SELECT f.data FROM finding f
             WHERE f.id IN (SELECT finding FROM told WHERE receiver = ?1
                            UNION SELECT n.finding FROM news n JOIN outbox o ON o.id = n.message WHERE o.receiver = ?1)
               AND f.state = 'resolved' AND {BELIEF} = 'open'"
        );
        each(connection, &resolved, params![receiver.name], |finding| {
            news.push((finding.id.0.clone(), "resolved"));
            digest.resolved(finding);
        })?;
        let Some(digest) = digest.build(run.0, &name, at) else { continue };
        connection.execute(
            "INSERT INTO outbox (receiver, digest, created_at, attempts, due_at) VALUES (?1, ?2, ?3, 0, ?3)",
            params![receiver.name, serde_json::to_string(&digest)?, seconds(at)],
        )?;
        let message = connection.last_insert_rowid();
        let mut insert =
            connection.prepare_cached("INSERT INTO news (message, finding, state) VALUES (?1, ?2, ?3)")?;
        for (finding, state) in news {
            insert.execute(params![message, finding, state])?;
        }
    }
    Ok(())
}

/// Messages of a receiver that wait, oldest first.
pub(super) fn messages(connection: &Connection, limit: usize) -> Outcome<Vec<Message>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, receiver, digest, created_at, attempts, due_at FROM outbox o
         WHERE due_at IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM outbox b WHERE b.receiver = o.receiver AND b.due_at IS NOT NULL AND b.id < o.id)
         ORDER BY id LIMIT ?1",
    )?;
    let mut rows = statement.query([limit as i64])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        let digest: Digest = serde_json::from_str(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
        messages.push(Message {
            id: MessageId(row.get(0)?),
            receiver: row.get(1)?,
            digest,
            created_at: timestamp(row.get(3)?),
            attempts: row.get(4)?,
            due_at: timestamp(row.get(5)?),
        });
    }
    Ok(messages)
}

/// Records what became of a message.
pub(super) fn settle(connection: &Connection, id: MessageId, fate: &Fate) -> Outcome<()> {
    match fate {
        Fate::Delivered => {
            connection.execute(
                "DELETE FROM told WHERE (receiver, finding) IN
                   (SELECT o.receiver, n.finding FROM news n JOIN outbox o ON o.id = n.message
                    WHERE o.id = ?1 AND n.state = 'resolved')",
                [id.0],
            )?;
            connection.execute(
                "INSERT OR IGNORE INTO told (receiver, finding)
                 SELECT o.receiver, n.finding FROM news n JOIN outbox o ON o.id = n.message
                 WHERE o.id = ?1 AND n.state = 'open'",
                [id.0],
            )?;
            connection.execute("DELETE FROM outbox WHERE id = ?1", [id.0])?;
        }
        Fate::Later { at, why } => {
            connection.execute(
                "UPDATE outbox SET attempts = attempts + 1, due_at = ?2, why = ?3 WHERE id = ?1",
                params![id.0, seconds(*at), why],
            )?;
        }
        Fate::GivenUp { why } => {
            // What it would have told is news again for the next run, and so is what those after it say, which build on it.
            connection.execute("DELETE FROM news WHERE message = ?1", [id.0])?;
            connection.execute(
                "DELETE FROM outbox WHERE due_at IS NOT NULL AND id > ?1
                   AND receiver = (SELECT receiver FROM outbox WHERE id = ?1)",
                [id.0],
            )?;
            connection.execute(
                "UPDATE outbox SET attempts = attempts + 1, due_at = NULL, why = ?2 WHERE id = ?1",
                params![id.0, why],
            )?;
            connection.execute(
                "DELETE FROM outbox WHERE due_at IS NULL AND id NOT IN
                   (SELECT id FROM outbox WHERE due_at IS NULL ORDER BY id DESC LIMIT ?1)",
                [GIVEN_UP],
            )?;
        }
    }
    Ok(())
}

/// How much waits, since when, and how much was given up.
pub(super) fn counts(connection: &Connection) -> Outcome<OutboxCounts> {
    Ok(connection.query_row(
        "SELECT coalesce(sum(due_at IS NOT NULL), 0), min(created_at) FILTER (WHERE due_at IS NOT NULL),
                coalesce(sum(due_at IS NULL), 0) FROM outbox",
        [],
        |row| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            let oldest: Option<i64> = row.get(1)?;
            Ok(OutboxCounts { waiting: count(0)?, oldest: oldest.map(timestamp), given_up: count(2)? })
        },
    )?)
}

fn each(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    mut take: impl FnMut(Finding),
) -> Outcome<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        take(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(())
}
