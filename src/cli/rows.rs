//! The store's pages as plain iterators, for the report writers, which know neither the store nor a runtime.

use std::collections::HashMap;
use std::vec;

use tokio::runtime::Runtime;

use crate::config::Config;
use crate::pipeline;
use crate::report::{FindingRow, Place, Since, TargetRow};
use crate::store::{FindingQuery, RunId, Store, StoreError, TargetRecord};

/// Rows that are read together.
const PAGE: usize = 500;

/// Targets in a run's scope, in the order of their rows.
pub(super) fn targets<'a, S: Store>(
    runtime: &'a Runtime,
    store: &'a S,
    config: &'a Config,
    run: RunId,
) -> impl Iterator<Item = Result<TargetRow, StoreError>> + 'a {
    let mut after = None;
    pages(move || {
        let records = runtime.block_on(store.targets(run, after, PAGE))?;
        after = records.last().map(|record| record.id).or(after);
        let ids = records.iter().map(|record| record.id).collect();
        let mut places: HashMap<_, Vec<Place>> = HashMap::new();
        for place in runtime.block_on(store.places(ids))? {
            places.entry(place.target).or_default().push(Place {
                source: place.source,
                entry: place.entry,
                line: place.reference.line,
                column: place.reference.column,
            });
        }
        let known = records.len();
        let rows: Vec<TargetRow> = records
            .into_iter()
            .filter_map(|record| {
                let places = places.remove(&record.id).unwrap_or_default();
                target_row(record, config, run, places)
            })
            .collect();
        Ok((known > 0).then_some(rows))
    })
}

/// Findings, by id. Those that no run up to `before` had found are new.
pub(super) fn findings<'a, S: Store>(
    runtime: &'a Runtime,
    store: &'a S,
    before: RunId,
    query: FindingQuery,
) -> impl Iterator<Item = Result<FindingRow, StoreError>> + 'a {
    let mut after = None;
    pages(move || {
        let found = runtime.block_on(store.findings(query.clone(), after.clone(), PAGE))?;
        after = found.last().map(|found| found.finding.id.clone()).or(after.take());
        let known = found.len();
        let rows: Vec<FindingRow> = found
            .into_iter()
            .map(|found| FindingRow {
                since: if found.first_run > before { Since::New } else { Since::Ongoing },
                finding: found.finding,
            })
            .collect();
        Ok((known > 0).then_some(rows))
    })
}

/// A target as a report shows it; `None` where it was never visited.
fn target_row(
    record: TargetRecord,
    config: &Config,
    run: RunId,
    references: Vec<Place>,
) -> Option<TargetRow> {
    let judgement = pipeline::judgement(&record, &record.history.last()?.facts, config);
    let latest = record.history.into_iter().last()?;
    let visit = latest.facts.visit;
    Some(TargetRow {
        url: record.url.as_str().to_owned(),
        judgement,
        status: visit.status(),
        final_url: visit.final_url().map(str::to_owned),
        attempts: visit.attempts,
        visited_at: visit.visited_at,
        hops: visit.hops,
        from_state: record.last_run != Some(run),
        references,
    })
}

/// Flattens pages into rows; ends after the first page that is `None`, or the first error.
fn pages<T>(
    mut next: impl FnMut() -> Result<Option<Vec<T>>, StoreError>,
) -> impl Iterator<Item = Result<T, StoreError>> {
    let mut page: vec::IntoIter<T> = Vec::new().into_iter();
    let mut ended = false;
    std::iter::from_fn(move || {
        loop {
            if let Some(row) = page.next() {
                return Some(Ok(row));
            }
            if ended {
                return None;
            }
            match next() {
                Ok(Some(rows)) => page = rows.into_iter(),
                Ok(None) => ended = true,
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            }
        }
    })
}
