//! What is asked of hosts that no entry asks for, and what is known of a target's company by it.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};
use url::Url;

use super::fault::Outcome;
use super::visit::History;
use super::{entry, target, visit};
use crate::store::{ProbeKind, TargetRecord};
use crate::target::{CanonicalUrl, HostKey, TargetId};
use crate::verdict::{Company, Facts, Ties, over_https};

/// Others of a target's kind that are read.
const OTHERS: usize = 50;

/// What was read of hosts while records are put together.
#[derive(Default)]
pub(super) struct Hosts {
    siblings: HashMap<String, Option<Facts>>,
    secure: HashMap<String, Option<(Facts, Facts)>>,
}

/// Makes `url` the probe of its host, and gives its row.
pub(super) fn put(connection: &Connection, kind: ProbeKind, url: &CanonicalUrl) -> Outcome<TargetId> {
    let target = entry::put_target(connection, url)?;
    connection
        .prepare_cached(
            "INSERT INTO probe (host, kind, target) SELECT host, ?2, id FROM target WHERE id = ?1
             ON CONFLICT (host, kind) DO UPDATE SET target = excluded.target",
        )?
        .execute(params![target, word(kind)])?;
    Ok(TargetId(target))
}

/// The probe of a host, with what is known of it.
pub(super) fn find(
    connection: &Connection,
    kind: ProbeKind,
    host: &HostKey,
) -> Outcome<Option<TargetRecord>> {
    match probed(connection, kind, host.as_str())? {
        Some(id) => Ok(target::records(connection, &[id])?.pop()),
        None => Ok(None),
    }
}

/// What is known of others beside a target: of those that its newest visit has something in common with, and of its hosts' probes.
pub(super) fn company(
    connection: &Connection,
    id: TargetId,
    url: &str,
    past: &History,
    hosts: &mut Hosts,
) -> Outcome<Company> {
    let Some(newest) = past.intervals.last() else { return Ok(Company::default()) };
    let Ties { text, end } = past.ties;
    let mut company = Company::default();
    if let Some(tie) = &text {
        company.same_text = others(
            connection,
            "SELECT json_extract(o.facts, '$.visit.hops[#-1].url') FROM observation o WHERE o.text_tie = ?1",
            tie,
            id,
        )?;
    }
    if let Some(tie) = &end {
        company.same_end = others(
            connection,
            "SELECT (SELECT url FROM target WHERE id = o.target) FROM observation o WHERE o.end_tie = ?1",
            tie,
            id,
        )?;
    }
    let visit = &newest.facts.visit;
    let mut names: Vec<HostKey> = Vec::new();
    // What earlier visits found may be what the host gave to everybody, though the newest is not.
    if text.is_some() || visit.hops.len() > 1 || past.intervals.len() > 1 {
        let ends = [visit.hops.first(), visit.hops.last()].into_iter().flatten();
        names.extend(ends.filter_map(|hop| Some(HostKey::of(&Url::parse(&hop.url).ok()?))));
        names.dedup();
    }
    for name in names {
        company.siblings.extend(hosts.sibling(connection, name.as_str())?);
    }
    if url.starts_with("http://") && visit.hops.len() == 1 {
        company.https = hosts.secure(connection, url)?;
    }
    Ok(company)
}

impl Hosts {
    fn sibling(&mut self, connection: &Connection, host: &str) -> Outcome<Option<Facts>> {
        if let Some(known) = self.siblings.get(host) {
            return Ok(known.clone());
        }
        let found = match probed(connection, ProbeKind::Sibling, host)? {
            Some(id) => newest_facts(connection, id)?,
            None => None,
        };
        self.siblings.insert(host.to_owned(), found.clone());
        Ok(found)
    }

    /// What the host of an `http` URL answered by `http` and by `https`, at the URL that was probed.
    fn secure(&mut self, connection: &Connection, url: &str) -> Outcome<Option<(Facts, Facts)>> {
        let Some(url) = Url::parse(url).ok().filter(|url| over_https(url).is_some()) else { return Ok(None) };
        let host = HostKey::of(&url);
        if let Some(known) = self.secure.get(host.as_str()) {
            return Ok(known.clone());
        }
        let found = secure(connection, &host)?;
        self.secure.insert(host.as_str().to_owned(), found.clone());
        Ok(found)
    }
}

fn secure(connection: &Connection, host: &HostKey) -> Outcome<Option<(Facts, Facts)>> {
    let Some(id) = probed(connection, ProbeKind::Https, host.as_str())? else { return Ok(None) };
    let url: String = connection
        .prepare_cached("SELECT url FROM target WHERE id = ?1")?
        .query_row([id.0], |row| row.get(0))?;
    let plain = url.strip_prefix("https://").and_then(|rest| CanonicalUrl::parse(&format!("http://{rest}")));
    let Some(plain) = plain else { return Ok(None) };
    let plain: Option<i64> = connection
        .prepare_cached("SELECT id FROM target WHERE key = ?1")?
        .query_row([plain.key().0], |row| row.get(0))
        .optional()?;
    let Some(plain) = plain else { return Ok(None) };
    Ok(newest_facts(connection, TargetId(plain))?.zip(newest_facts(connection, id)?))
}

fn newest_facts(connection: &Connection, id: TargetId) -> Outcome<Option<Facts>> {
    Ok(visit::history(connection, id, 1)?.intervals.pop().map(|interval| interval.facts))
}

fn probed(connection: &Connection, kind: ProbeKind, host: &str) -> Outcome<Option<TargetId>> {
    let found = connection
        .prepare_cached(
            "SELECT target FROM probe WHERE kind = ?2 AND host = (SELECT id FROM host WHERE name = ?1)",
        )?
        .query_row(params![host, word(kind)], |row| row.get(0).map(TargetId))
        .optional()?;
    Ok(found)
}

/// One text of each of the newest observations of other targets that have a tie; `select` is SQL of ours that names it, never a value.
fn others(connection: &Connection, select: &str, tie: &[u8], id: TargetId) -> Outcome<Vec<String>> {
    let sql = format!(
        "{select} AND o.target <> ?2 AND o.id = (SELECT max(id) FROM observation WHERE target = o.target)
         AND NOT EXISTS (SELECT 1 FROM probe WHERE target = o.target) ORDER BY o.target LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found =
        statement.query_map(params![tie, id.0, OTHERS as i64], |row| row.get::<_, Option<String>>(0))?;
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn word(kind: ProbeKind) -> &'static str {
    match kind {
        ProbeKind::Sibling => "sibling",
        ProbeKind::Https => "https",
    }
}
