//! Looking for damage.

use rusqlite::Connection;

use super::fault::Outcome;
use super::migration::{SCHEMA, schema_of};
use crate::snapshot::ContentHash;
use crate::store::Soundness;

/// What must give no row, and what it means where it does. The first column says which.
const RULES: &[(&str, &str)] = &[
    (
        "SELECT id FROM blob b WHERE NOT EXISTS (SELECT 1 FROM entry WHERE text = b.id)
           AND NOT EXISTS (SELECT 1 FROM snapshot WHERE page = b.id) AND NOT EXISTS (SELECT 1 FROM snapshot WHERE body = b.id)",
        "blob that nothing names",
    ),
    ("SELECT id FROM observation WHERE first_seen > last_seen OR visits < 1", "interval that ends before it begins"),
    (
        "SELECT o.id FROM observation o JOIN snapshot s ON s.id = o.snapshot WHERE s.target <> o.target",
        "interval with a snapshot of another target",
    ),
    (
        "SELECT s.id FROM snapshot s WHERE NOT EXISTS (SELECT 1 FROM observation o WHERE o.target = s.target AND o.snapshot = s.id)",
        "snapshot that no visit found",
    ),
    (
        "SELECT a.id FROM observation a JOIN observation b ON b.target = a.target
         AND b.id = (SELECT min(id) FROM observation WHERE target = a.target AND id > a.id)
         WHERE a.identity = b.identity AND a.snapshot IS b.snapshot",
        "interval that should be one with the next",
    ),
];

/// Looks at one thing and adds what is wrong.
type Step = fn(&Connection, &mut Soundness) -> Outcome<()>;

/// Problems named in full; the others are counted.
const NAMED: usize = 20;

const TABLES: &[&str] = &[
    "source",
    "run",
    "entry",
    "reference",
    "host",
    "target",
    "run_entry",
    "run_target",
    "observation",
    "snapshot",
    "blob",
    "finding",
    "review",
    "told",
    "outbox",
    "news",
    "probe",
];

/// Looks at the pages, the foreign keys, every blob and the intervals. What SQLite itself refuses is a problem too, not an error.
pub(super) fn check(connection: &Connection) -> Soundness {
    let mut soundness =
        Soundness { schema: schema_of(connection).unwrap_or_default(), ..Soundness::default() };
    let steps: [(&str, Step); 4] =
        [("pages", pages), ("foreign keys", keys), ("contents", contents), ("rules", rules)];
    for (what, step) in steps {
        if let Err(fault) = step(connection, &mut soundness) {
            soundness.problems.push(format!("{what} could not be read: {fault}"));
        }
    }
    soundness
}

fn pages(connection: &Connection, soundness: &mut Soundness) -> Outcome<()> {
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    let said = statement.query_map([], |row| row.get::<_, String>(0))?;
    for line in said {
        let line = line?;
        if line != "ok" {
            soundness.problems.push(line.replace(char::is_control, " "));
        }
    }
    if soundness.schema != SCHEMA {
        soundness.problems.push(format!("schema {} where {SCHEMA} is expected", soundness.schema));
    }
    Ok(())
}

fn keys(connection: &Connection, soundness: &mut Soundness) -> Outcome<()> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let rows = statement.query_map([], |row| {
        Ok(format!(
            "{} row {:?} names a {} that is not there",
            row.get::<_, String>(0)?,
            row.get::<_, Option<i64>>(1)?,
            row.get::<_, String>(2)?
        ))
    })?;
    put(&mut soundness.problems, rows.collect::<Result<Vec<_>, _>>()?);
    Ok(())
}

fn contents(connection: &Connection, soundness: &mut Soundness) -> Outcome<()> {
    let mut statement = connection.prepare("SELECT id, hash, bytes FROM blob")?;
    let mut rows = statement.query([])?;
    let mut damaged = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
        if ContentHash::of(bytes).0 != row.get::<_, [u8; 32]>(1)? {
            damaged.push(format!("blob {}: its bytes are not those that were stored", row.get::<_, i64>(0)?));
        }
    }
    put(&mut soundness.problems, damaged);
    Ok(())
}

fn rules(connection: &Connection, soundness: &mut Soundness) -> Outcome<()> {
    for table in TABLES {
        let rows: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        soundness.rows.push(((*table).to_owned(), rows.unsigned_abs()));
    }
    for (sql, meaning) in RULES {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok(format!("{meaning}: {}", row.get::<_, i64>(0)?)))?;
        put(&mut soundness.problems, rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(())
}

fn put(problems: &mut Vec<String>, mut found: Vec<String>) {
    let more = found.len().saturating_sub(NAMED);
    found.truncate(NAMED);
    problems.append(&mut found);
    if more > 0 {
        problems.push(format!("… and {more} more of the same kind"));
    }
}
