//! Sources, entries and references.

use std::collections::HashSet;
use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::blob;
use super::column::{canonical, from_word, hash, optional_timestamp, timestamp, word};
use super::fault::{Fault, Outcome};
use crate::reference::{EntryRead, ProblemKind, Reference};
use crate::rule::Baseline;
use crate::snapshot::{ContentHash, pack, unpack};
use crate::store::{
    EntryId, EntryRecord, RunId, SourceId, SourceRecord, StoredEntry, StoredReference, TargetPlace,
};
use crate::target::{CanonicalUrl, Resolution, TargetId};

/// The most that an entry's text, or what was read of it, may unpack to; an entry is at most 10 MiB by default.
const MAX_ENTRY: u64 = 256 << 20;

/// The columns of [`Head`].
const HEAD: &str = "e.id, e.source, e.path, e.content, e.text, e.read, e.first_seen,
    (SELECT CASE r.decision WHEN 'accept' THEN r.at END FROM review r
     WHERE r.source = s.name AND r.entry = e.path AND r.decision IN ('accept', 'reopen') ORDER BY r.id DESC LIMIT 1)
    FROM entry e JOIN source s ON s.id = e.source";

/// An entry that was recorded before.
struct Known {
    id: i64,
    content: ContentHash,
    fingerprint: [u8; 32],
    text: i64,
    read: Vec<u8>,
    gone: bool,
}

/// What [`HEAD`] gives: an entry without its text and references.
struct Head {
    entry: StoredEntry,
    text: i64,
    read: Vec<u8>,
}

pub(super) fn put_source(connection: &Connection, source: &SourceRecord) -> Outcome<SourceId> {
    connection
        .prepare_cached(
            "INSERT INTO source (name, root, base_url, locale, family) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO UPDATE SET root = ?2, base_url = ?3, locale = ?4, family = ?5",
        )?
        .execute(params![
            source.name,
            source.root.to_string_lossy(),
            source.base_url,
            source.locale,
            source.group
        ])?;
    let id = connection
        .prepare_cached("SELECT id FROM source WHERE name = ?1")?
        .query_row([&source.name], |row| row.get(0))?;
    Ok(SourceId(id))
}

pub(super) fn sources(connection: &Connection) -> Outcome<Vec<(SourceId, SourceRecord)>> {
    let mut statement = connection
        .prepare_cached("SELECT id, name, root, base_url, locale, family FROM source ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        let source = SourceRecord {
            name: row.get(1)?,
            root: PathBuf::from(row.get::<_, String>(2)?),
            base_url: row.get(3)?,
            locale: row.get(4)?,
            group: row.get(5)?,
        };
        Ok((SourceId(row.get(0)?), source))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Records an entry. One that is what it was costs a look and its row in the run's scope.
pub(super) fn record(connection: &Connection, run: RunId, entry: &EntryRecord) -> Outcome<()> {
    let fingerprint = fingerprint(entry)?;
    let known = connection
        .prepare_cached(
            "SELECT id, content, fingerprint, text, read, gone_run IS NOT NULL FROM entry WHERE source = ?1 AND path = ?2",
        )?
        .query_row(params![entry.source.0, entry.entry], |row| {
            Ok(Known {
                id: row.get(0)?,
                content: hash(row, 1)?,
                fingerprint: row.get(2)?,
                text: row.get(3)?,
                read: row.get(4)?,
                gone: row.get(5)?,
            })
        })
        .optional()?;
    let id = match known {
        Some(Known { id, read, gone: false, .. }) if entry.read.is_unread() => {
            note_unread(connection, id, &read, entry)?;
            id
        }
        Some(Known { id, content, fingerprint: same, gone, .. })
            if content == entry.content && same == fingerprint =>
        {
            if gone {
                connection.execute("UPDATE entry SET gone_run = NULL WHERE id = ?1", [id])?;
            }
            id
        }
        Some(Known { id, text: old_text, .. }) => {
            let (text, read) = pack_entry(connection, entry)?;
            connection
                .prepare_cached(
                    "UPDATE entry SET content = ?2, fingerprint = ?3, text = ?4, read = ?5, gone_run = NULL WHERE id = ?1",
                )?
                .execute(params![id, entry.content.0, fingerprint, text, read])?;
            if text != old_text {
                blob::drop_unused(connection, old_text)?;
            }
            for table in ["reference", "shown"] {
                connection.prepare_cached(&format!("DELETE FROM {table} WHERE entry = ?1"))?.execute([id])?;
            }
            put_references(connection, id, entry)?;
            id
        }
        None => {
            let (text, read) = pack_entry(connection, entry)?;
            connection
                .prepare_cached(
                    "INSERT INTO entry (source, path, content, fingerprint, text, read, first_seen)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT started_at FROM run WHERE id = ?7))",
                )?
                .execute(params![
                    entry.source.0,
                    entry.entry,
                    entry.content.0,
                    fingerprint,
                    text,
                    read,
                    run.0
                ])?;
            let id = connection.last_insert_rowid();
            put_references(connection, id, entry)?;
            id
        }
    };
    connection
        .prepare_cached("INSERT OR IGNORE INTO run_entry (run, entry) VALUES (?1, ?2)")?
        .execute([run.0, id])?;
    Ok(())
}

/// An entry that is there and could not be read is what it was, and that it could not be read is said beside it.
fn note_unread(connection: &Connection, id: i64, known: &[u8], entry: &EntryRecord) -> Outcome<()> {
    let mut read: EntryRead = serde_json::from_slice(&unpack(known, MAX_ENTRY)?)?;
    read.problems.retain(|problem| problem.kind != ProblemKind::Unreadable);
    read.problems.splice(0..0, entry.read.problems.iter().cloned());
    let read = pack_read(&read)?;
    if read != known {
        // No reading has this fingerprint: the next that succeeds is recorded, whatever it reads.
        connection
            .prepare_cached("UPDATE entry SET read = ?2, fingerprint = zeroblob(32) WHERE id = ?1")?
            .execute(params![id, read])?;
    }
    Ok(())
}

/// Entries of a source that the run did not see are gone, but for those at or below a path that it could not look at.
pub(super) fn finish_source(
    connection: &Connection,
    run: RunId,
    source: SourceId,
    kept: &HashSet<String>,
) -> Outcome<()> {
    if !kept.is_empty() {
        let mut unseen = connection.prepare_cached(
            "SELECT id, path FROM entry WHERE source = ?2 AND gone_run IS NULL
               AND NOT EXISTS (SELECT 1 FROM run_entry WHERE run = ?1 AND entry = entry.id)",
        )?;
        let mut gone = connection.prepare_cached("UPDATE entry SET gone_run = ?2 WHERE id = ?1")?;
        let unseen = unseen
            .query_map([run.0, source.0], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<Vec<(i64, String)>, _>>()?;
        for (id, path) in unseen {
            if !is_at_or_below(&path, kept) {
                gone.execute([id, run.0])?;
            }
        }
        return Ok(());
    }
    connection
        .prepare_cached(
            "UPDATE entry SET gone_run = ?1 WHERE source = ?2 AND gone_run IS NULL
               AND NOT EXISTS (SELECT 1 FROM run_entry WHERE run = ?1 AND entry = entry.id)",
        )?
        .execute([run.0, source.0])?;
    Ok(())
}

/// Removes an entry with its references and its text. The scope of the last run is emptied: it names entries, and only the report made
/// at the run's end reads it.
pub(super) fn remove(connection: &Connection, id: i64) -> Outcome<()> {
    connection.prepare_cached("DELETE FROM run_entry")?.execute([])?;
    let text = connection
        .prepare_cached("DELETE FROM entry WHERE id = ?1 RETURNING text")?
        .query_row([id], |row| row.get(0))?;
    blob::drop_unused(connection, text)
}

/// The baseline of an entry.
pub(super) fn baseline(connection: &Connection, id: i64) -> Outcome<Baseline> {
    let sql = format!("SELECT {HEAD} WHERE e.id = ?1");
    let head = connection.prepare_cached(&sql)?.query_row([id], head)?;
    let read: EntryRead = serde_json::from_slice(&unpack(&head.read, MAX_ENTRY)?)?;
    Ok(Baseline::of(head.entry.reviewed_at, read.front_matter.date, head.entry.first_seen))
}

/// References that are read together, those of the last entry not counted.
const REFERENCES: usize = 2000;

pub(super) fn entries(
    connection: &Connection,
    run: RunId,
    after: Option<EntryId>,
    limit: usize,
) -> Outcome<Vec<StoredEntry>> {
    let sql = format!(
        "SELECT {HEAD} JOIN run_entry re ON re.entry = e.id WHERE re.run = ?1 AND re.entry > ?2 ORDER BY re.entry LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let heads = statement
        .query_map(params![run.0, after.map_or(i64::MIN, |id| id.0), limit as i64], head)?
        .collect::<Result<Vec<_>, _>>()?;
    let (mut found, mut references) = (Vec::new(), 0);
    for head in heads {
        let entry = whole(connection, head)?;
        references += entry.references.len();
        found.push(entry);
        if references >= REFERENCES {
            break;
        }
    }
    Ok(found)
}

/// Entries whose path is `path` or ends with it, or whose file's path is what `path` ends with.
pub(super) fn find_entries(connection: &Connection, path: &str) -> Outcome<Vec<StoredEntry>> {
    let path = path.trim_start_matches("./");
    let ends = |whole: &str, end: &str| {
        whole.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    // The places are looked through first: an entry's text is only unpacked where it is wanted.
    let mut places = connection.prepare_cached(
        "SELECT e.id, e.path, s.root FROM entry e JOIN source s ON s.id = e.source WHERE e.gone_run IS NULL
         ORDER BY e.source, e.path",
    )?;
    let mut found = Vec::new();
    let mut rows = places.query([])?;
    while let Some(row) = rows.next()? {
        let (id, entry, root): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let file = format!("{}/{entry}", root.trim_end_matches('/'));
        if !path.is_empty() && (ends(&entry, path) || ends(&file, path)) {
            found.push(id);
        }
    }
    let sql = format!("SELECT {HEAD} WHERE e.id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    found.into_iter().map(|id| whole(connection, statement.query_row([id], head)?)).collect()
}

pub(super) fn places(connection: &Connection, targets: &[TargetId]) -> Outcome<Vec<TargetPlace>> {
    let mut statement = connection.prepare_cached(
        "SELECT r.line, r.column, r.start, r.length, r.destination_start, r.destination_length, r.kind, r.text, r.url,
                s.name, e.path
         FROM reference r JOIN entry e ON e.id = r.entry JOIN source s ON s.id = e.source
         WHERE r.target = ?1 AND e.gone_run IS NULL ORDER BY r.entry, r.ordinal",
    )?;
    let mut places = Vec::new();
    for target in targets {
        let mut rows = statement.query([target.0])?;
        while let Some(row) = rows.next()? {
            places.push(TargetPlace {
                target: *target,
                source: row.get(9)?,
                entry: row.get(10)?,
                reference: reference(row)?,
            });
        }
    }
    Ok(places)
}

/// The row of a target; adds it, and its host, where it is new.
pub(super) fn put_target(connection: &Connection, url: &CanonicalUrl) -> Outcome<i64> {
    let key = url.key().0;
    let known = connection
        .prepare_cached("SELECT id FROM target WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let host = url.host_key();
    connection
        .prepare_cached("INSERT INTO host (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")?
        .execute([host.as_str()])?;
    connection
        .prepare_cached(
            "INSERT INTO target (key, url, host) VALUES (?1, ?2, (SELECT id FROM host WHERE name = ?3))",
        )?
        .execute(params![key, url.as_str(), host.as_str()])?;
    Ok(connection.last_insert_rowid())
}

fn put_references(connection: &Connection, entry: i64, record: &EntryRecord) -> Outcome<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO reference (entry, ordinal, line, column, start, length, destination_start, destination_length, kind, text,
                                url, target, fragment, status, note)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    if record.read.references.len() != record.resolutions.len() {
        return Err(Fault::Damaged(format!("{}: references and resolutions differ in number", record.entry)));
    }
    for (ordinal, (reference, resolution)) in
        record.read.references.iter().zip(&record.resolutions).enumerate()
    {
        let target = resolution.target.as_ref().map(|url| put_target(connection, url)).transpose()?;
        let note = resolution.note.as_ref().map(serde_json::to_string).transpose()?;
        insert.execute(params![
            entry,
            ordinal as i64,
            reference.line,
            reference.column,
            reference.offset.start as i64,
            reference.offset.len() as i64,
            reference.destination.start as i64,
            reference.destination.len() as i64,
            word(&reference.kind)?,
            reference.text,
            reference.url,
            target,
            resolution.fragment,
            word(&resolution.status)?,
            note,
        ])?;
    }
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO shown (entry, target) VALUES (?1, ?2)")?;
    for url in &record.shown {
        insert.execute([entry, put_target(connection, url)?])?;
    }
    Ok(())
}

/// Whether a path, a folder above it, or the root is among `kept`.
fn is_at_or_below(path: &str, kept: &HashSet<String>) -> bool {
    kept.contains("")
        || kept.contains(path)
        || path.match_indices('/').any(|(at, _)| kept.contains(&path[..at]))
}

/// The text's blob, and what was read beside the references.
fn pack_entry(connection: &Connection, entry: &EntryRecord) -> Outcome<(i64, Vec<u8>)> {
    let text = blob::put(connection, &packed(entry.text.as_bytes())?)?;
    Ok((text, pack_read(&entry.read)?))
}

/// What was read beside the references.
fn pack_read(read: &EntryRead) -> Outcome<Vec<u8>> {
    let rest = StoredRead {
        front_matter: &read.front_matter,
        references: [],
        anchors: &read.anchors,
        problems: &read.problems,
        silenced: &read.silenced,
    };
    packed(&serde_json::to_vec(&rest)?)
}

fn packed(bytes: &[u8]) -> Outcome<Vec<u8>> {
    pack(bytes).map_err(|error| Fault::Damaged(error.to_string()))
}

/// An [`EntryRead`] whose references stand in a table of their own.
#[derive(Serialize)]
struct StoredRead<'a> {
    front_matter: &'a crate::reference::FrontMatter,
    references: [Reference; 0],
    anchors: &'a [String],
    problems: &'a [crate::reference::Problem],
    silenced: &'a [crate::reference::Silence],
}

/// Tells whether anything of what was read, or of what became of it, is new.
fn fingerprint(entry: &EntryRecord) -> Outcome<[u8; 32]> {
    // Hashed in one go: fed with the pieces that a serialiser writes, blake3 takes several times as long.
    let mut json = Vec::new();
    serde_json::to_writer(&mut json, &entry.read)?;
    for Resolution { target, fragment, status, note } in &entry.resolutions {
        serde_json::to_writer(&mut json, &(target, fragment, status, note))?;
    }
    serde_json::to_writer(&mut json, &entry.shown)?;
    Ok(*blake3::hash(&json).as_bytes())
}

fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        entry: StoredEntry {
            id: EntryId(row.get(0)?),
            source: SourceId(row.get(1)?),
            entry: row.get(2)?,
            content: hash(row, 3)?,
            text: String::new(),
            read: EntryRead::default(),
            references: Vec::new(),
            shown: Vec::new(),
            first_seen: timestamp(row.get(6)?),
            reviewed_at: optional_timestamp(row.get(7)?),
        },
        text: row.get(4)?,
        read: row.get(5)?,
    })
}

/// Adds text, what was read, and references.
fn whole(connection: &Connection, head: Head) -> Outcome<StoredEntry> {
    let mut entry = head.entry;
    let text = unpack(&blob::get(connection, head.text)?, MAX_ENTRY)?;
    entry.text = String::from_utf8(text)
        .map_err(|_| Fault::Damaged(format!("{}: the text is no UTF-8", entry.entry)))?;
    entry.read = serde_json::from_slice(&unpack(&head.read, MAX_ENTRY)?)?;
    let mut statement = connection.prepare_cached(
        "SELECT r.line, r.column, r.start, r.length, r.destination_start, r.destination_length, r.kind, r.text, r.url,
                r.target, t.url, r.fragment, r.status, r.note
         FROM reference r LEFT JOIN target t ON t.id = r.target WHERE r.entry = ?1 ORDER BY r.ordinal",
    )?;
    let mut rows = statement.query([entry.id.0])?;
    while let Some(row) = rows.next()? {
        entry.read.references.push(reference(row)?);
        let target = match (row.get::<_, Option<i64>>(9)?, row.get::<_, Option<String>>(10)?) {
            (Some(id), Some(url)) => Some((TargetId(id), canonical(&url)?)),
            _ => None,
        };
        let note: Option<String> = row.get(13)?;
        entry.references.push(StoredReference {
            target,
            fragment: row.get(11)?,
            status: from_word(row, 12)?,
            note: note.as_deref().map(serde_json::from_str).transpose()?,
        });
    }
    entry.shown = connection
        .prepare_cached("SELECT target FROM shown WHERE entry = ?1 ORDER BY target")?
        .query_map([entry.id.0], |row| row.get(0).map(TargetId))?
        .collect::<Result<_, _>>()?;
    Ok(entry)
}

/// A reference from its first nine columns.
fn reference(row: &Row<'_>) -> Outcome<Reference> {
    let range = |column: usize| -> rusqlite::Result<std::ops::Range<usize>> {
        let (start, length): (i64, i64) = (row.get(column)?, row.get(column + 1)?);
        let start = usize::try_from(start).unwrap_or_default();
        Ok(start..start.saturating_add(usize::try_from(length).unwrap_or_default()))
    };
    Ok(Reference {
        line: row.get(0)?,
        column: row.get(1)?,
        offset: range(2)?,
        destination: range(4)?,
        kind: from_word(row, 6)?,
        text: row.get(7)?,
        url: row.get(8)?,
    })
}
