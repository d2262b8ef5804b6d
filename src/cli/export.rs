//! `linkdrift state export`: what is known, as JSON lines.

use std::io::Write;

use serde::Serialize;
use tokio::runtime::Runtime;

use crate::finding::Finding;
use crate::pipeline;
use crate::store::{FindingQuery, Review, ReviewSubject, RunRecord, SourceRecord, Store, TargetRecord};
use crate::time::Timestamp;
use crate::verdict::Facts;

/// Rows that are read together.
const PAGE: usize = 200;

/// Reviews and runs that are written, newest first.
const MOST: usize = 1_000_000;

/// One line (`linkdrift/export/1`): the first is the head.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Export {
        schema: &'static str,
        bodies: bool,
    },
    Source {
        name: &'a str,
        root: String,
        base_url: Option<&'a str>,
        locale: Option<&'a str>,
        group: Option<&'a str>,
    },
    Target {
        url: &'a str,
        history: Vec<Stretch<'a>>,
        snapshots: Vec<Snapshot>,
        references: Vec<Place>,
    },
    Finding {
        #[serde(flatten)]
        finding: &'a Finding,
    },
    Review {
        finding: Option<&'a str>,
        source: Option<&'a str>,
        entry: Option<&'a str>,
        decision: crate::store::Decision,
        reason: &'a str,
        by: Option<&'a str>,
        until: Option<Timestamp>,
        content: Option<String>,
        at: Timestamp,
    },
    Run {
        id: i64,
        name: &'a str,
        started_at: Timestamp,
        finished_at: Option<Timestamp>,
    },
}

#[derive(Serialize)]
struct Stretch<'a> {
    first_seen: Timestamp,
    last_seen: Timestamp,
    visits: u32,
    facts: &'a Facts,
}

#[derive(Serialize)]
struct Snapshot {
    id: i64,
    url: String,
    content: String,
    first_seen: Timestamp,
    last_seen: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Serialize)]
struct Place {
    source: String,
    entry: String,
    line: u32,
    column: u32,
}

/// Writes everything; memory goes by a page of rows.
pub(super) fn write<S: Store>(
    runtime: &Runtime,
    store: &S,
    bodies: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    line(out, &Line::Export { schema: "linkdrift/export/1", bodies })?;
    for (_, source) in runtime.block_on(store.sources())? {
        line(out, &of_source(&source))?;
    }
    let mut after = None;
    loop {
        let records = runtime.block_on(store.all_targets(after, PAGE))?;
        let Some(last) = records.last() else { break };
        after = Some(last.id);
        for record in &records {
            target(runtime, store, record, bodies, out)?;
        }
    }
    let mut after = None;
    loop {
        let query = FindingQuery { resolved: true, ..FindingQuery::default() };
        let found = runtime.block_on(store.findings(query, after, PAGE))?;
        let Some(last) = found.last() else { break };
        after = Some(last.finding.id.clone());
        for stored in &found {
            // Evidence quotes pages.
            let finding = match bodies {
                true => stored.finding.clone(),
                false => Finding { evidence: Default::default(), ..stored.finding.clone() },
            };
            line(out, &Line::Finding { finding: &finding })?;
        }
    }
    for review in runtime.block_on(store.reviews(MOST))? {
        line(out, &of_review(&review))?;
    }
    for run in runtime.block_on(store.runs(MOST))? {
        line(out, &of_run(&run))?;
    }
    Ok(())
}

fn of_source(source: &SourceRecord) -> Line<'_> {
    Line::Source {
        name: &source.name,
        root: source.root.to_string_lossy().into_owned(),
        base_url: source.base_url.as_deref(),
        locale: source.locale.as_deref(),
        group: source.group.as_deref(),
    }
}

fn target<S: Store>(
    runtime: &Runtime,
    store: &S,
    record: &TargetRecord,
    bodies: bool,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let mut snapshots = Vec::with_capacity(record.snapshots.len());
    for meta in &record.snapshots {
        let text = match bodies {
            true => {
                runtime.block_on(pipeline::stored_page(store, meta.id))?.map(|snapshot| snapshot.page.text())
            }
            false => None,
        };
        snapshots.push(Snapshot {
            id: meta.id.0,
            url: meta.url.clone(),
            content: meta.content.to_string(),
            first_seen: meta.first_seen,
            last_seen: meta.last_seen,
            text,
        });
    }
    let history = record.history.iter();
    let history = history.map(|interval| Stretch {
        first_seen: interval.first_seen,
        last_seen: interval.last_seen,
        visits: interval.visits,
        facts: &interval.facts,
    });
    let places = runtime.block_on(store.places(vec![record.id]))?;
    let references = places.into_iter().map(|place| Place {
        source: place.source,
        entry: place.entry,
        line: place.reference.line,
        column: place.reference.column,
    });
    line(
        out,
        &Line::Target {
            url: record.url.as_str(),
            history: history.collect(),
            snapshots,
            references: references.collect(),
        },
    )
}

fn of_review(review: &Review) -> Line<'_> {
    let (finding, source, entry) = match &review.subject {
        ReviewSubject::Finding(id) => (Some(id.0.as_str()), None, None),
        ReviewSubject::Entry { source, entry } => (None, Some(source.as_str()), Some(entry.as_str())),
    };
    Line::Review {
        finding,
        source,
        entry,
        decision: review.decision,
        reason: &review.reason,
        by: review.by.as_deref(),
        until: review.until,
        content: review.content.map(|content| content.to_string()),
        at: review.at,
    }
}

fn of_run(run: &RunRecord) -> Line<'_> {
    Line::Run { id: run.id.0, name: &run.name, started_at: run.started_at, finished_at: run.finished_at }
}

fn line(out: &mut (dyn Write + Send), line: &Line<'_>) -> anyhow::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    Ok(out.write_all(b"\n")?)
}
