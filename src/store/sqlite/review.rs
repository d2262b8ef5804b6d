//! What maintainers decided.

use rusqlite::{Connection, Row, params};

use super::column::{from_word, optional_timestamp, seconds, timestamp, word};
use super::fault::{Fault, Outcome};
use crate::finding::FindingId;
use crate::snapshot::ContentHash;
use crate::store::{Decision, Review, ReviewSubject};
use crate::time::Timestamp;

/// Records a review, and what follows of it for the finding. `false`, and nothing recorded, where there is no such subject.
pub(super) fn record(connection: &Connection, review: &Review) -> Outcome<bool> {
    let (finding, source, entry) = match &review.subject {
        ReviewSubject::Finding(id) => {
            let reviewed = match review.decision {
                Decision::Accept => Some("acknowledged"),
                Decision::Mute => Some("muted"),
                Decision::Reopen => None,
            };
            if connection
                .execute("UPDATE finding SET reviewed = ?2 WHERE id = ?1", params![id.0, reviewed])?
                == 0
            {
                return Ok(false);
            }
            (Some(&id.0), None, None)
        }
        ReviewSubject::Entry { source, entry } => {
            let known: bool = connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM entry e JOIN source s ON s.id = e.source WHERE s.name = ?1 AND e.path = ?2)",
                [source, entry],
                |row| row.get(0),
            )?;
            if !known {
                return Ok(false);
            }
            (None, Some(source), Some(entry))
        }
    };
    connection.execute(
        "INSERT INTO review (finding, source, entry, decision, reason, reviewer, until, content, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            finding,
            source,
            entry,
            word(&review.decision)?,
            review.reason,
            review.by,
            review.until.map(seconds),
            review.content.map(|content| content.0),
            seconds(review.at)
        ],
    )?;
    Ok(true)
}

/// Ends what was decided until `now` or earlier.
pub(super) fn expire(connection: &Connection, now: Timestamp) -> Outcome<()> {
    connection.execute(
        "UPDATE finding SET reviewed = NULL
         WHERE reviewed IS NOT NULL
           AND (SELECT r.until FROM review r WHERE r.finding = finding.id ORDER BY r.id DESC LIMIT 1) <= ?1",
        [seconds(now)],
    )?;
    Ok(())
}

/// Ends what was decided of a finding where that was bound to something else than what the finding is bound to now.
pub(super) fn end_if_bound_elsewhere(
    connection: &Connection,
    finding: &FindingId,
    bound_to: ContentHash,
) -> Outcome<()> {
    connection
        .prepare_cached(
            "UPDATE finding SET reviewed = NULL
             WHERE id = ?1 AND reviewed IS NOT NULL
               AND (SELECT r.content FROM review r WHERE r.finding = ?1 ORDER BY r.id DESC LIMIT 1) <> ?2",
        )?
        .execute(params![finding.0, bound_to.0])?;
    Ok(())
}

/// Reviews, newest first.
pub(super) fn reviews(connection: &Connection, limit: usize) -> Outcome<Vec<Review>> {
    let mut statement = connection.prepare_cached(
        "SELECT finding, source, entry, decision, reason, reviewer, until, content, at FROM review ORDER BY id DESC LIMIT ?1",
    )?;
    let mut rows = statement.query([limit as i64])?;
    let mut reviews = Vec::new();
    while let Some(row) = rows.next()? {
        reviews.push(review(row)?);
    }
    Ok(reviews)
}

fn review(row: &Row<'_>) -> Outcome<Review> {
    let subject = match (row.get::<_, Option<String>>(0)?, row.get(1)?, row.get(2)?) {
        (Some(finding), _, _) => ReviewSubject::Finding(FindingId(finding)),
        (None, Some(source), Some(entry)) => ReviewSubject::Entry { source, entry },
        (None, _, _) => return Err(Fault::Damaged("a review of nothing".into())),
    };
    Ok(Review {
        subject,
        decision: from_word(row, 3)?,
        reason: row.get(4)?,
        by: row.get(5)?,
        until: optional_timestamp(row.get(6)?),
        content: row.get::<_, Option<[u8; 32]>>(7)?.map(ContentHash),
        at: timestamp(row.get(8)?),
    })
}
