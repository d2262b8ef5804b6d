//! Visits as intervals: what every visit found the same is one row.

use rusqlite::{Connection, OptionalExtension, params};

use super::blob;
use super::column::{hash, seconds, timestamp};
use super::fault::Outcome;
use crate::snapshot::{ContentHash, NewSnapshot};
use crate::store::{RunId, VisitRecord};
use crate::target::{Beside, TargetId, without_session};
use crate::time::Timestamp;
use crate::verdict::{Facts, Interval, Ties, ties};
use crate::visit::facts::{Outcome as End, Visit};

/// The newest observation of a target.
struct Newest {
    id: i64,
    identity: [u8; 16],
    snapshot: Option<i64>,
    first_seen: Timestamp,
}

/// Records a visit: one row is updated where it found what the visit before found, else one is added.
pub(super) fn record(connection: &Connection, run: RunId, record: VisitRecord) -> Outcome<()> {
    let VisitRecord { target, mut facts, snapshot } = record;
    let newest = connection
        .prepare_cached(
            "SELECT id, identity, snapshot, first_seen FROM observation WHERE target = ?1 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([target.0], |row| {
            Ok(Newest {
                id: row.get(0)?,
                identity: row.get(1)?,
                snapshot: row.get(2)?,
                first_seen: timestamp(row.get(3)?),
            })
        })
        .optional()?;
    let mut current = match &snapshot {
        Some(snapshot) => Some(put_snapshot(connection, target, snapshot, facts.visit.visited_at)?),
        None => None,
    };
    if facts.visit.outcome == End::NotModified
        && let Some((confirmed, its_snapshot)) = last_with_snapshot(connection, target)?
    {
        confirm(&mut facts, confirmed);
        current = Some(its_snapshot);
    }
    let at = facts.visit.visited_at;
    let identity = identity(&facts);
    let timing = timing(&facts.visit);
    let Ties { text, end } = ties(&facts);
    if let Some(newest) = newest.filter(|newest| newest.identity == identity && newest.snapshot == current) {
        // A clock that was set back must not turn the interval round.
        let first_seen = newest.first_seen.min(at);
        connection
            .prepare_cached(
                "UPDATE observation SET last_seen = ?2, visits = visits + 1, last_run = ?3, timing = ?4, first_seen = ?5,
                        text_tie = coalesce(text_tie, ?6), end_tie = coalesce(end_tie, ?7)
                 WHERE id = ?1",
            )?
            .execute(params![newest.id, seconds(at), run.0, timing, seconds(first_seen), text, end])?;
        return Ok(());
    }
    let well = well(&facts.visit);
    without_times(&mut facts.visit);
    connection
        .prepare_cached(
            "INSERT INTO observation (target, identity, facts, timing, well, snapshot, first_seen, last_seen, visits, last_run,
                                      text_tie, end_tie)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1, ?8, ?9, ?10)",
        )?
        .execute(params![
            target.0,
            identity,
            serde_json::to_string(&facts)?,
            timing,
            well,
            current,
            seconds(at),
            run.0,
            text,
            end
        ])?;
    Ok(())
}

/// A target's intervals, oldest first; the run of its newest visit, and what that has in common with others.
#[derive(Default)]
pub(super) struct History {
    pub(super) intervals: Vec<Interval>,
    pub(super) last_run: Option<RunId>,
    pub(super) ties: Ties,
}

/// The newest `limit` intervals of a target.
pub(super) fn history(connection: &Connection, target: TargetId, limit: usize) -> Outcome<History> {
    let mut statement = connection.prepare_cached(
        "SELECT facts, timing, first_seen, last_seen, visits, last_run, text_tie, end_tie FROM observation
         WHERE target = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query(params![target.0, limit as i64])?;
    let mut history = History::default();
    while let Some(row) = rows.next()? {
        let mut facts: Facts =
            serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?;
        let last_seen = timestamp(row.get(3)?);
        with_times(&mut facts.visit, row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?, last_seen);
        if history.intervals.is_empty() {
            history.last_run = Some(RunId(row.get(5)?));
            history.ties = Ties { text: row.get(6)?, end: row.get(7)? };
        }
        history.intervals.push(Interval {
            facts,
            first_seen: timestamp(row.get(2)?),
            last_seen,
            visits: row.get(4)?,
        });
    }
    history.intervals.reverse();
    // Nearly every history is one interval, and a list that grew has room for four.
    history.intervals.shrink_to_fit();
    Ok(history)
}

/// The row of a target's content: the newest one where it is the same ([`KnownContent::covers`](crate::visit::facts::KnownContent)
/// says so too, and its bytes do not come then), else a new one, which shares its bytes with an earlier one of the same content. Validators are those of the newest answer.
fn put_snapshot(
    connection: &Connection,
    target: TargetId,
    snapshot: &NewSnapshot,
    at: Timestamp,
) -> Outcome<i64> {
    let served = &snapshot.served;
    let validators = served.validators.as_ref();
    connection
        .prepare_cached(
            "UPDATE target SET validator_url = ?2, etag = ?3, last_modified = ?4
             WHERE id = ?1 AND (validator_url IS NOT ?2 OR etag IS NOT ?3 OR last_modified IS NOT ?4)",
        )?
        .execute(params![
            target.0,
            validators.map(|validators| &validators.url),
            validators.and_then(|validators| validators.etag.as_ref()),
            validators.and_then(|validators| validators.last_modified.as_ref()),
        ])?;
    let newest: Option<(i64, ContentHash, Option<String>)> = connection
        .prepare_cached(
            "SELECT id, content, settings FROM snapshot WHERE target = ?1 ORDER BY id DESC LIMIT 1",
        )?
        .query_row([target.0], |row| Ok((row.get(0)?, hash(row, 1)?, row.get(2)?)))
        .optional()?;
    let earlier: Option<(Option<i64>, Option<i64>)> = match newest {
        None => None,
        Some((id, content, settings))
            if content == snapshot.content
                && settings.as_ref().is_none_or(|known| *known == served.settings) =>
        {
            return Ok(id);
        }
        Some(_) => connection
            .prepare_cached(
                "SELECT page, body FROM snapshot WHERE target = ?1 AND content = ?2 AND extractor = ?3
                 ORDER BY id DESC LIMIT 1",
            )?
            .query_row(params![target.0, snapshot.content.0, snapshot.extractor], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?,
    };
    let put = |known: Option<i64>, bytes: &Option<Vec<u8>>| match (known, bytes) {
        (Some(id), Some(_)) => Ok(Some(id)),
        (_, Some(bytes)) => blob::put(connection, bytes).map(Some),
        (_, None) => Ok(None),
    };
    let (page, body) = earlier.unwrap_or_default();
    let (page, body) = (put(page, &snapshot.page)?, put(body, &snapshot.body)?);
    connection
        .prepare_cached(
            "INSERT INTO snapshot (target, content, raw, extractor, url, page, body, first_seen, content_type, settings, layers)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            target.0,
            snapshot.content.0,
            snapshot.raw.0,
            snapshot.extractor,
            served.url,
            page,
            body,
            seconds(at),
            served.content_type,
            served.settings,
            snapshot.layers.to_bytes()
        ])?;
    Ok(connection.last_insert_rowid())
}

/// The newest observation that had a page: what a 304 confirms.
fn last_with_snapshot(connection: &Connection, target: TargetId) -> Outcome<Option<(Facts, i64)>> {
    let found: Option<(String, i64)> = connection
        .prepare_cached(
            "SELECT facts, snapshot FROM observation WHERE target = ?1 AND snapshot IS NOT NULL ORDER BY id DESC LIMIT 1",
        )?
        .query_row([target.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(facts, snapshot)| Ok((serde_json::from_str(&facts)?, snapshot))).transpose()
}

/// Says of a 304 what the answer that it confirms said (RFC 9110 §15.4.5): its status, its headers and its page.
fn confirm(facts: &mut Facts, confirmed: Facts) {
    let status = confirmed.visit.status();
    facts.visit.outcome = confirmed.visit.outcome;
    facts.visit.answer = confirmed.visit.answer;
    facts.page = confirmed.page;
    if let Some(last) = facts.visit.hops.last_mut() {
        last.status = status;
    }
}

/// Whether the target answered 2xx.
fn well(visit: &Visit) -> bool {
    match visit.outcome {
        End::Answered => visit.status().is_some_and(|status| (200..300).contains(&status)),
        End::NotModified => true,
        _ => false,
    }
}

/// What makes two visits the same: the hops without their times, how it ended without the free text, what kind of answer came, and
/// what the page says. Not: times, attempts, validators, lengths, and what in a URL is of one session only, which else would be a row a visit.
fn identity(facts: &Facts) -> [u8; 16] {
    let visit = &facts.visit;
    let mut hasher = blake3::Hasher::new();
    let mut put = |field: &str| {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field.as_bytes());
    };
    let content = facts.page.as_ref().and_then(|page| page.content.as_ref());
    let beside = if content.is_some() { Beside::SamePage } else { Beside::Nothing };
    put(&visit.hops.len().to_string());
    for hop in &visit.hops {
        put(&without_session(&hop.url, beside));
        put(&hop.status.map(|status| status.to_string()).unwrap_or_default());
        put(&without_session(hop.location.as_deref().unwrap_or("-"), beside));
    }
    match &visit.outcome {
        End::Answered => put("answered"),
        End::NotModified => put("not-modified"),
        End::Failed { failure, .. } => put(&format!("failed {failure:?}")),
        End::Refused { refusal, url, .. } => put(&format!("refused {refusal:?} {url}")),
        End::RedirectLimit => put("redirect-limit"),
        End::RedirectLoop => put("redirect-loop"),
        End::RedirectInvalid { .. } => put("redirect-invalid"),
        End::RateLimited { .. } => put("rate-limited"),
    }
    if let Some(answer) = &visit.answer {
        put(answer.content_type.as_deref().unwrap_or("-"));
        put(if answer.body_too_large { "too-large" } else { "" });
        // Header values carry request ids; that there is a wall is told by which headers came.
        for wall in &answer.wall {
            put(wall.split_once(':').map_or(wall.as_str(), |(name, _)| name));
        }
    }
    if let Some(page) = &facts.page {
        put("page");
        for field in [&page.title, &page.heading, &page.content] {
            put(field.as_deref().unwrap_or("-"));
        }
    }
    let mut identity = [0; 16];
    identity.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    identity
}

/// Attempts, the elapsed milliseconds of each hop, and the second since 1970 in which the certificate ends (0: none), four bytes each: a
/// width that does not change with the values, so that a row that is extended stays where it is.
fn timing(visit: &Visit) -> Vec<u8> {
    let elapsed = visit.hops.iter().map(|hop| u32::try_from(hop.elapsed_ms).unwrap_or(u32::MAX));
    let ends =
        visit.certificate_ends.map_or(0, |ends| u32::try_from(ends.timestamp().max(1)).unwrap_or(u32::MAX));
    std::iter::once(visit.attempts).chain(elapsed).chain([ends]).flat_map(u32::to_le_bytes).collect()
}

fn without_times(visit: &mut Visit) {
    visit.visited_at = Timestamp::default();
    visit.attempts = 0;
    visit.certificate_ends = None;
    for hop in &mut visit.hops {
        hop.elapsed_ms = 0;
    }
}

fn with_times(visit: &mut Visit, timing: &[u8], at: Timestamp) {
    let (words, _) = timing.as_chunks::<4>();
    let mut words = words.iter().map(|word| u32::from_le_bytes(*word));
    visit.visited_at = at;
    visit.attempts = words.next().unwrap_or(1);
    for hop in &mut visit.hops {
        hop.elapsed_ms = words.next().unwrap_or(0).into();
    }
    // Rows that were written before certificates were looked at end here.
    let ends = words.next().filter(|ends| *ends > 0);
    visit.certificate_ends = ends.and_then(|ends| Timestamp::from_timestamp(ends.into(), 0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PageFacts;
    use crate::visit::facts::{Answer, Failure, Hop, Refusal};

    fn facts() -> Facts {
        Facts {
            visit: Visit {
                hops: vec![
                    Hop {
                        url: "https://aka.example/x".into(),
                        status: Some(301),
                        location: Some("https://docs.example/x".into()),
                        elapsed_ms: 12,
                    },
                    Hop {
                        url: "https://docs.example/x".into(),
                        status: Some(200),
                        location: None,
                        elapsed_ms: 80,
                    },
                ],
                outcome: End::Answered,
                attempts: 1,
                visited_at: Timestamp::from_timestamp(1_790_000_000, 0).unwrap(),
                answer: Some(Answer {
                    content_type: Some("text/html".into()),
                    etag: Some("\"a\"".into()),
                    wall: vec!["cf-ray: 1".into()],
                    body_length: Some(100),
                    ..Answer::default()
                }),
                certificate_ends: Timestamp::from_timestamp(1_800_000_000, 0),
            },
            page: Some(PageFacts {
                title: Some("Title".into()),
                content: Some("00".into()),
                ..PageFacts::default()
            }),
        }
    }

    #[test]
    fn times_validators_and_lengths_make_no_difference() {
        let same: [fn(&mut Facts); 12] = [
            |facts| facts.visit.certificate_ends = None,
            |facts| facts.visit.attempts = 3,
            |facts| facts.visit.visited_at += chrono::TimeDelta::days(1),
            |facts| facts.visit.hops[1].elapsed_ms = 9000,
            |facts| facts.visit.answer.as_mut().unwrap().etag = None,
            |facts| facts.visit.answer.as_mut().unwrap().last_modified = Some("now".into()),
            |facts| facts.visit.answer.as_mut().unwrap().body_length = Some(7),
            |facts| facts.visit.answer.as_mut().unwrap().wall = vec!["cf-ray: 2".into()],
            |facts| facts.visit.hops[1].url.push_str("?sid=8f14e45fceea167a&t=1790000000123"),
            |facts| facts.visit.hops[0].location = Some("https://docs.example/x;jsessionid=8F14E45F".into()),
            |facts| facts.page.as_mut().unwrap().words = 9,
            |facts| facts.page.as_mut().unwrap().canonical = Some("https://docs.example/".into()),
        ];
        for (index, change) in same.iter().enumerate() {
            let mut other = facts();
            change(&mut other);
            assert_eq!(identity(&other), identity(&facts()), "change {index}");
        }
    }

    #[test]
    fn what_was_found_makes_the_difference() {
        let other: [fn(&mut Facts); 16] = [
            |facts| facts.visit.hops[0].status = Some(302),
            |facts| facts.visit.hops[0].location = None,
            |facts| facts.visit.hops[1].url.push('/'),
            |facts| facts.visit.hops[1].url.push_str("?sid=103"),
            |facts| facts.visit.hops[1].url.push_str("?id=8f14e45fceea167a5a36dedd4bea2543"),
            |facts| facts.visit.hops.truncate(1),
            |facts| facts.visit.outcome = End::RedirectLoop,
            |facts| {
                facts.visit.outcome = End::Failed { failure: Failure::Reset, detail: "x".into() };
            },
            |facts| {
                facts.visit.outcome = End::Failed { failure: Failure::DnsNxdomain, detail: "x".into() };
            },
            |facts| {
                let url = "https://docs.example/x".into();
                facts.visit.outcome = End::Refused { refusal: Refusal::Robots, url, detail: "x".into() };
            },
            |facts| facts.visit.answer.as_mut().unwrap().content_type = Some("application/pdf".into()),
            |facts| facts.visit.answer.as_mut().unwrap().body_too_large = true,
            |facts| facts.visit.answer.as_mut().unwrap().wall.push("cf-mitigated: challenge".into()),
            |facts| facts.page.as_mut().unwrap().title = None,
            |facts| facts.page.as_mut().unwrap().content = Some("01".into()),
            |facts| facts.page = None,
        ];
        let mut seen = vec![identity(&facts())];
        for (index, change) in other.iter().enumerate() {
            let mut other = facts();
            change(&mut other);
            let identity = identity(&other);
            assert!(!seen.contains(&identity), "change {index}");
            seen.push(identity);
        }
        let failed = |detail: &str| {
            let mut other = facts();
            other.visit.outcome = End::Failed { failure: Failure::Reset, detail: detail.into() };
            identity(&other)
        };
        assert_eq!(failed("by peer"), failed("os error 104"));
    }

    #[test]
    fn times_come_back_as_they_were_put() {
        let mut visit = facts().visit;
        visit.attempts = 4;
        let whole = visit.clone();
        let packed = timing(&visit);
        without_times(&mut visit);
        assert_eq!(visit.hops[1].elapsed_ms, 0);
        with_times(&mut visit, &packed, whole.visited_at);
        assert_eq!(visit, whole);
        with_times(&mut visit, &packed[..packed.len() - 4], whole.visited_at);
        assert_eq!((visit.hops[1].elapsed_ms, visit.certificate_ends), (80, None));
        with_times(&mut visit, &packed[..3], whole.visited_at);
        assert_eq!(visit.attempts, 1);
    }
}
