//! The schema's history: an append-only list, one transaction a step.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::Outcome;

/// Step `n` makes schema `n + 1` of schema `n`. Steps are never changed: state files that they made are out there.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// The schema that this program writes.
pub(super) const SCHEMA: u32 = MIGRATIONS.len() as u32;

/// The schema of a database.
pub(super) fn schema_of(connection: &Connection) -> Outcome<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings a database to [`SCHEMA`]. A step that fails leaves the database as the step before made it.
pub(super) fn migrate(connection: &mut Connection) -> Outcome<()> {
    let from = schema_of(connection)?;
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(from as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", step as u32 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}
