//! Content-addressed bytes.

use rusqlite::{Connection, OptionalExtension, params};

use super::fault::{Fault, Outcome};
use crate::snapshot::ContentHash;

/// The row of these bytes; adds them where they are new.
pub(super) fn put(connection: &Connection, bytes: &[u8]) -> Outcome<i64> {
    let hash = ContentHash::of(bytes);
    let known = connection
        .prepare_cached("SELECT id FROM blob WHERE hash = ?1")?
        .query_row([hash.0], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO blob (hash, bytes) VALUES (?1, ?2)")?
        .execute(params![hash.0, bytes])?;
    Ok(connection.last_insert_rowid())
}

/// The bytes of a row, if they are still those that were put there.
pub(super) fn get(connection: &Connection, id: i64) -> Outcome<Vec<u8>> {
    let (hash, bytes): ([u8; 32], Vec<u8>) = connection
        .prepare_cached("SELECT hash, bytes FROM blob WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if ContentHash::of(&bytes).0 != hash {
        return Err(Fault::Damaged(format!("blob {id} is not what was stored")));
    }
    Ok(bytes)
}

/// Removes a row that nothing names any more.
pub(super) fn drop_unused(connection: &Connection, id: i64) -> Outcome<()> {
    connection
        .prepare_cached(
            "DELETE FROM blob WHERE id = ?1
               AND NOT EXISTS (SELECT 1 FROM entry WHERE text = ?1)
               AND NOT EXISTS (SELECT 1 FROM snapshot WHERE page = ?1)
               AND NOT EXISTS (SELECT 1 FROM snapshot WHERE body = ?1)",
        )?
        .execute([id])?;
    Ok(())
}
