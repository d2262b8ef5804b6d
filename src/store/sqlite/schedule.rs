//! What became of each schedule's last run.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};

use super::column::{from_word, optional_timestamp, seconds, timestamp, word};
use super::fault::Outcome;
use crate::store::{ScheduleEnding, ScheduleRecord};
use crate::time::Timestamp;

pub(super) fn begin(connection: &Connection, name: &str, at: Timestamp) -> Outcome<()> {
    connection.execute(
        "INSERT INTO schedule (name, began_at) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET began_at = ?2, ended_at = NULL, ending = NULL",
        params![name, seconds(at)],
    )?;
    Ok(())
}

pub(super) fn end(connection: &Connection, name: &str, at: Timestamp, ending: ScheduleEnding) -> Outcome<()> {
    connection.execute(
        "UPDATE schedule SET ended_at = ?2, ending = ?3,
           succeeded_at = CASE ?3 WHEN 'done' THEN ?2 ELSE succeeded_at END
         WHERE name = ?1",
        params![name, seconds(at), word(&ending)?],
    )?;
    Ok(())
}

pub(super) fn all(connection: &Connection) -> Outcome<Vec<ScheduleRecord>> {
    let mut statement = connection.prepare_cached(
        "SELECT name, began_at, ended_at, succeeded_at, ending FROM schedule ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let ended = row.get_ref(4)? != ValueRef::Null;
        all.push(ScheduleRecord {
            name: row.get(0)?,
            began_at: timestamp(row.get(1)?),
            ended_at: optional_timestamp(row.get(2)?),
            succeeded_at: optional_timestamp(row.get(3)?),
            ending: if ended { Some(from_word(row, 4)?) } else { None },
        });
    }
    Ok(all)
}
