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
    apply(connection, MIGRATIONS)
}

fn apply(connection: &mut Connection, steps: &[&str]) -> Outcome<()> {
    let from = schema_of(connection)?;
    for (step, sql) in steps.iter().enumerate().skip(from as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", step as u32 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s11_a_step_is_done_whole_or_not_at_all() {
        let mut connection = Connection::open_in_memory().unwrap();
        let good = "CREATE TABLE a (id INTEGER) STRICT";
        let bad = "CREATE TABLE b (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1)";
        apply(&mut connection, &[good, bad]).unwrap_err();
        assert_eq!(schema_of(&connection).unwrap(), 1);
        let tables = |connection: &Connection| -> i64 {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap()
        };
        assert_eq!(tables(&connection), 1);
        apply(&mut connection, &[good, "CREATE TABLE b (id INTEGER) STRICT"]).unwrap();
        apply(&mut connection, &["never again", "never again"]).unwrap();
        assert_eq!((schema_of(&connection).unwrap(), tables(&connection)), (2, 2));
    }

    #[test]
    fn s18_every_table_is_strict() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let lax: i64 = connection
            .query_row(
                "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
                 AND name NOT LIKE 'sqlite_%'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(lax, 0);
    }
}
