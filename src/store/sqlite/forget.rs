//! Forgetting what belongs to others, on demand.

use rusqlite::{Connection, params};
use url::Url;

use super::entry;
use super::fault::Outcome;
use super::target;
use crate::store::{Forget, Forgotten};
use crate::target::{HostKey, TargetId};

/// Targets or entries of one slice.
const SLICE: i64 = 100;

/// Forgets one slice; says whether there may be more.
pub(super) fn forget(connection: &Connection, what: &Forget) -> Outcome<(Forgotten, bool)> {
    // What is removed is overwritten: it must not be readable in the file any more.
    connection.pragma_update(None, "secure_delete", true)?;
    let done = match what {
        Forget::Target(url) => target_of(connection, &url.key().0),
        Forget::Host(host) => host_of(connection, host),
        Forget::Source(name) => source_of(connection, name),
    };
    connection.pragma_update(None, "secure_delete", false)?;
    done
}

fn target_of(connection: &Connection, key: &[u8; 16]) -> Outcome<(Forgotten, bool)> {
    let mut forgotten = Forgotten::default();
    let ids: Vec<i64> = connection
        .prepare_cached("SELECT id FROM target WHERE key = ?1")?
        .query_map([key], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in ids {
        one(connection, TargetId(id), &mut forgotten)?;
    }
    Ok((forgotten, false))
}

/// Targets of a host, and those that redirects led there. A target that entries still name keeps its row, which holds nothing but its
/// URL.
fn host_of(connection: &Connection, host: &str) -> Outcome<(Forgotten, bool)> {
    let matches = |url: &str| {
        Url::parse(url).is_ok_and(|url| {
            let key = HostKey::of(&url);
            key.as_str() == host || key.name() == host
        })
    };
    let hosts: Vec<i64> = {
        let mut statement = connection.prepare_cached("SELECT id, name FROM host")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let all: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
        let own = |name: &str| name == host || HostKey::from_stored(name.to_owned()).name() == host;
        all.into_iter().filter(|(_, name)| own(name)).map(|(id, _)| id).collect()
    };
    let mut ids: Vec<i64> = Vec::new();
    for id in hosts {
        let of_host: Vec<i64> = connection
            .prepare_cached(
                "SELECT t.id FROM target t WHERE t.host = ?1 AND (
                   EXISTS (SELECT 1 FROM observation WHERE target = t.id)
                   OR EXISTS (SELECT 1 FROM finding WHERE target_key = t.key)
                   OR NOT EXISTS (SELECT 1 FROM reference WHERE target = t.id UNION ALL SELECT 1 FROM shown WHERE target = t.id))
                 LIMIT ?2",
            )?
            .query_map([id, SLICE], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        ids.extend(of_host);
    }
    if ids.is_empty() {
        // Pages of the host behind short links of others.
        let mut statement = connection
            .prepare_cached("SELECT DISTINCT target, url FROM snapshot WHERE instr(url, ?1) > 0")?;
        let mut rows = statement.query([host])?;
        while let Some(row) = rows.next()? {
            if ids.len() as i64 >= SLICE {
                break;
            }
            if matches(&row.get::<_, String>(1)?) {
                ids.push(row.get(0)?);
            }
        }
        ids.dedup();
    }
    let mut forgotten = Forgotten::default();
    for id in &ids {
        one(connection, TargetId(*id), &mut forgotten)?;
    }
    Ok((forgotten, !ids.is_empty()))
}

/// A source with its entries and all that was found in them; then the targets that nothing names any more.
fn source_of(connection: &Connection, name: &str) -> Outcome<(Forgotten, bool)> {
    let mut forgotten = Forgotten::default();
    let entries: Vec<i64> = connection
        .prepare_cached(
            "SELECT e.id FROM entry e JOIN source s ON s.id = e.source WHERE s.name = ?1 ORDER BY e.id LIMIT ?2",
        )?
        .query_map(params![name, SLICE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if entries.is_empty() {
        forgotten.findings += removed(connection, "source = ?1", name)?;
        connection.execute("DELETE FROM review WHERE source = ?1", [name])?;
        connection.execute("DELETE FROM source WHERE name = ?1", [name])?;
        return Ok((forgotten, false));
    }
    for id in entries {
        let targets: Vec<i64> = connection
            .prepare_cached(
                "SELECT target FROM reference WHERE entry = ?1 AND target IS NOT NULL UNION SELECT target FROM shown WHERE entry = ?1",
            )?
            .query_map([id], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        entry::remove(connection, id)?;
        forgotten.entries += 1;
        for target in targets {
            if target::is_unnamed(connection, TargetId(target))? {
                one(connection, TargetId(target), &mut forgotten)?;
            }
        }
    }
    Ok((forgotten, true))
}

/// Everything known of a target, and its row unless an entry names it.
fn one(connection: &Connection, id: TargetId, forgotten: &mut Forgotten) -> Outcome<()> {
    let key: [u8; 16] = connection
        .prepare_cached("SELECT key FROM target WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?;
    forgotten.findings += removed(connection, "target_key = ?1", key)?;
    forgotten.snapshots += target::forget(connection, id)?;
    if target::is_unnamed(connection, id)? {
        target::remove(connection, id)?;
    }
    forgotten.targets += 1;
    Ok(())
}

/// Removes findings and what was decided of them. `which` is SQL of ours, never a value.
fn removed(connection: &Connection, which: &str, value: impl rusqlite::ToSql) -> Outcome<u64> {
    connection
        .prepare_cached(&format!(
            "DELETE FROM review WHERE finding IN (SELECT id FROM finding WHERE {which})"
        ))?
        .execute([&value])?;
    let count =
        connection.prepare_cached(&format!("DELETE FROM finding WHERE {which}"))?.execute([&value])?;
    Ok(count as u64)
}
