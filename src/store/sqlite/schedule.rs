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

pub(super) fn last(connection: &Connection, name: &str) -> Outcome<Option<ScheduleRecord>> {
    let mut statement = connection
        .prepare_cached("SELECT began_at, ended_at, succeeded_at, ending FROM schedule WHERE name = ?1")?;
    let mut rows = statement.query([name])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let ended = row.get_ref(3)? != ValueRef::Null;
    Ok(Some(ScheduleRecord {
        began_at: timestamp(row.get(0)?),
        ended_at: optional_timestamp(row.get(1)?),
        ending: if ended { Some(from_word(row, 3)?) } else { None },
        succeeded_at: optional_timestamp(row.get(2)?),
    }))
}
