//! `--from`, `--to`, `--at`: which of the kept versions of a page is meant.

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate};
use tokio::runtime::Runtime;

use crate::report::printable;
use crate::snapshot::SnapshotMeta;
use crate::store::Store;
use crate::time::Timestamp;

/// Runs that are looked through.
const RUNS: usize = 10_000;
/// Hex digits that name a content.
const DIGITS: usize = 6;

/// Names a version of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moment {
    /// A number: the snapshot's, as `show` lists it; else the beginning of a hash.
    Number(i64, String),
    /// `run:12`: what was there when the run ended.
    Run(i64),
    /// What was there then; a date means the end of that day.
    Time(Timestamp),
    /// The beginning of the content's hash, as `show` and findings have it.
    Hash(String),
}

/// Reads a moment.
pub(super) fn moment(text: &str) -> Result<Moment, String> {
    if let Some(run) = text.strip_prefix("run:") {
        return run
            .parse()
            .map(Moment::Run)
            .map_err(|_| "expected the number of a run, such as run:12".into());
    }
    if let Ok(number) = text.parse() {
        return Ok(Moment::Number(number, text.to_owned()));
    }
    if let Some(end) = text.parse::<NaiveDate>().ok().and_then(|date| date.and_hms_opt(23, 59, 59)) {
        return Ok(Moment::Time(end.and_utc()));
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Moment::Time(time.to_utc()));
    }
    if text.len() >= DIGITS && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Moment::Hash(text.to_ascii_lowercase()));
    }
    Err("expected a date such as 2026-11-22, a run such as run:12, the number of a snapshot, or the beginning of its hash".into())
}

impl Moment {
    /// The version that was there then, of those that are kept (oldest first).
    pub(super) fn choose<'a, S: Store>(
        &self,
        runtime: &Runtime,
        state: &S,
        known: &'a [SnapshotMeta],
    ) -> anyhow::Result<&'a SnapshotMeta> {
        match self {
            Self::Number(number, digits) => match known.iter().find(|snapshot| snapshot.id.0 == *number) {
                Some(snapshot) => Ok(snapshot),
                None if digits.len() >= DIGITS => by_hash(known, digits),
                None => bail!("no snapshot {number}; {}", there_are(known)),
            },
            Self::Hash(digits) => by_hash(known, digits),
            Self::Time(time) => at(known, *time),
            Self::Run(number) => {
                let runs = runtime.block_on(state.runs(RUNS))?;
                let run = runs
                    .iter()
                    .find(|run| run.id.0 == *number)
                    .with_context(|| format!("this state has no run {number}"))?;
                at(known, run.finished_at.unwrap_or(run.started_at))
            }
        }
    }
}

fn by_hash<'a>(known: &'a [SnapshotMeta], digits: &str) -> anyhow::Result<&'a SnapshotMeta> {
    let begins = |snapshot: &&SnapshotMeta| snapshot.content.to_string().starts_with(digits);
    let mut found = known.iter().rev().filter(begins);
    let first = found
        .next()
        .with_context(|| format!("no snapshot's hash begins with {digits}; {}", there_are(known)))?;
    // The same content can come back; it is one version then.
    if found.any(|other| other.content != first.content) {
        bail!("the hashes of several snapshots begin with {digits}; {}", there_are(known));
    }
    Ok(first)
}

fn at(known: &[SnapshotMeta], time: Timestamp) -> anyhow::Result<&SnapshotMeta> {
    let there = known.iter().rev().find(|snapshot| snapshot.first_seen <= time);
    there.with_context(|| {
        format!("no version from before {} is kept; {}", time.format("%Y-%m-%d %H:%M UTC"), there_are(known))
    })
}

fn there_are(known: &[SnapshotMeta]) -> String {
    let newest: Vec<String> = known
        .iter()
        .rev()
        .take(10)
        .map(|snapshot| {
            let hash = snapshot.content.to_string();
            let short = &hash[..DIGITS.min(hash.len())];
            format!("{} ({}, {short})", snapshot.id.0, snapshot.first_seen.format("%Y-%m-%d"))
        })
        .collect();
    printable(&format!("there are, newest first, {}", newest.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_apart() {
        assert_eq!(moment("12"), Ok(Moment::Number(12, "12".into())));
        assert_eq!(moment("run:12"), Ok(Moment::Run(12)));
        assert_eq!(moment("00FFab"), Ok(Moment::Hash("00ffab".into())));
        let time = |text: &str| match moment(text) {
            Ok(Moment::Time(time)) => time.to_rfc3339(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(time("2026-11-22"), "2026-11-22T23:59:59+00:00");
        assert_eq!(time("2026-11-22T08:00:00+02:00"), "2026-11-22T06:00:00+00:00");
        for wrong in ["", "yesterday", "run:", "run:x", "abc", "2026-13-01", "-"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
