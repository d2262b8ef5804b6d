//! `linkdrift show`: all that is known of an entry or of a URL, from state.

mod text;

use anyhow::bail;
use clap::ValueEnum;
use serde::Serialize;
use tokio::runtime::Runtime;

use super::flags::StateFlags;
use super::review::{self, ReviewRow};
use super::{Exit, Globals, output, rows, session};
use crate::config::Config;
use crate::drift::{self, Change, TermRemoved};
use crate::finding::Finding;
use crate::pipeline::{self, judgement, target_view};
use crate::report::Place;
use crate::rule::{TargetView, entry_status};
use crate::snapshot::{Snapshot, SnapshotMeta};
use crate::store::{FindingQuery, ReviewSubject, RunId, Store, StoredEntry, TargetRecord};
use crate::target::CanonicalUrl;
use crate::time::Timestamp;
use crate::verdict::{Confirmation, Interval, Verdict};
use crate::visit::facts::Hop;

/// Flags of `show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An entry's path (or its end), or a URL
    #[arg(value_name = "ENTRY|URL")]
    what: String,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    state: StateFlags,
}

/// The formats of `show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// Schema linkdrift/show/1
    Json,
}

/// `linkdrift/show/1`: one of the two is there.
#[derive(Debug, Serialize)]
struct Document {
    schema: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entries: Vec<ShownEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<ShownTarget>,
}

/// An entry, its references and what is said of it.
#[derive(Debug, Serialize)]
struct ShownEntry {
    source: String,
    entry: String,
    title: Option<String>,
    date: Option<chrono::NaiveDate>,
    status: crate::rule::EntryStatus,
    reasons: Vec<String>,
    reviewed_at: Option<Timestamp>,
    first_seen: Timestamp,
    references: Vec<ShownReference>,
    findings: Vec<Finding>,
    /// Of the entry and of its findings, newest first.
    reviews: Vec<ReviewRow>,
}

/// A reference and the state of its target.
#[derive(Debug, Serialize)]
struct ShownReference {
    line: u32,
    column: u32,
    kind: crate::reference::Kind,
    text: String,
    url: String,
    target: Option<String>,
    fragment: Option<String>,
    status: crate::target::Status,
    verdict: Option<Verdict>,
    reason: Option<String>,
    final_url: Option<String>,
}

/// A target, its history and where it is named.
#[derive(Debug, Serialize)]
struct ShownTarget {
    url: String,
    verdict: Option<Verdict>,
    reason: Option<String>,
    /// `well`, `confirmed` or `unconfirmed`.
    confirmation: &'static str,
    history: Vec<ShownInterval>,
    snapshots: Vec<ShownSnapshot>,
    references: Vec<Place>,
    findings: Vec<Finding>,
    /// Of its findings, newest first.
    reviews: Vec<ReviewRow>,
}

/// A stretch of time in which every visit found the same.
#[derive(Debug, Serialize)]
struct ShownInterval {
    first_seen: Timestamp,
    last_seen: Timestamp,
    visits: u32,
    verdict: Verdict,
    reason: Option<String>,
    hops: Vec<Hop>,
    title: Option<String>,
}

/// A stored state of the page.
#[derive(Debug, Serialize)]
struct ShownSnapshot {
    id: i64,
    url: String,
    first_seen: Timestamp,
    last_seen: Timestamp,
    content: String,
    /// Words of readable content, and its bytes; `null` where the text was not kept.
    words: Option<usize>,
    bytes: Option<usize>,
    /// What changed since the snapshot before; `null` for the first, and for those before the newest [`DRIFTS`].
    drift: Option<ShownDrift>,
}

/// What changed from one snapshot to the next.
#[derive(Debug, Serialize)]
struct ShownDrift {
    since: i64,
    change: Change,
    fraction: f64,
    sections: Vec<String>,
    terms_removed: Vec<TermRemoved>,
    terms_added: Vec<String>,
    hash: String,
}

/// Snapshots that are compared with the one before.
const DRIFTS: usize = 20;

/// Runs it.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let (runtime, state, config) = session::open_to_read(globals, &args.state)?;
    let document = look(&runtime, &state, &config, &args.what)?;
    output::to_stdout(|out| {
        match args.format {
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, &document)?;
                writeln!(out)?;
            }
            Format::Text => {
                document.entries.iter().try_for_each(|entry| text::entry(entry, out))?;
                document.target.iter().try_for_each(|target| text::target(target, out))?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// Finds what was asked for.
fn look<S: Store>(runtime: &Runtime, state: &S, config: &Config, what: &str) -> anyhow::Result<Document> {
    let mut document = Document { schema: "linkdrift/show/1", entries: Vec::new(), target: None };
    if what.contains("://") {
        let Some(url) = CanonicalUrl::parse(what) else { bail!("{what}: not an http(s) URL") };
        let Some(record) = runtime.block_on(state.find_target(url.clone()))? else {
            bail!("{url}: the state knows nothing of it; `linkdrift links` lists what would be visited");
        };
        document.target = Some(shown_target(runtime, state, config, record)?);
        return Ok(document);
    }
    for entry in runtime.block_on(state.find_entries(what.to_owned()))? {
        document.entries.push(shown_entry(runtime, state, config, entry)?);
    }
    if document.entries.is_empty() {
        bail!("{what}: no entry of the state has this path, or a path that ends so");
    }
    Ok(document)
}

fn shown_entry<S: Store>(
    runtime: &Runtime,
    state: &S,
    config: &Config,
    entry: StoredEntry,
) -> anyhow::Result<ShownEntry> {
    let sources = runtime.block_on(state.sources())?;
    let source = sources
        .into_iter()
        .find(|(id, _)| *id == entry.source)
        .map(|(_, source)| source.name)
        .unwrap_or_default();
    let ids = entry.references.iter().filter_map(|reference| Some(reference.target.as_ref()?.0)).collect();
    let views: Vec<TargetView> = runtime
        .block_on(state.target_records(ids))?
        .iter()
        .filter_map(|record| target_view(record, config))
        .collect();
    let references = entry
        .read
        .references
        .iter()
        .zip(&entry.references)
        .map(|(reference, stored)| {
            let view = stored.target.as_ref().and_then(|(id, _)| views.iter().find(|view| view.id == *id));
            let latest = view.and_then(|view| view.history.last());
            ShownReference {
                line: reference.line,
                column: reference.column,
                kind: reference.kind,
                text: reference.text.clone(),
                url: reference.url.clone(),
                target: stored.target.as_ref().map(|(_, url)| url.to_string()),
                fragment: stored.fragment.clone(),
                status: stored.status,
                verdict: view.map(|view| view.judgement.verdict),
                reason: view.and_then(|view| view.judgement.reason.clone()),
                final_url: latest.and_then(|latest| latest.facts.visit.final_url().map(str::to_owned)),
            }
        })
        .collect();
    let query =
        FindingQuery { entry: Some((source.clone(), entry.entry.clone())), ..FindingQuery::default() };
    let findings = findings(runtime, state, query)?;
    let (status, reasons) = entry_status(&findings);
    let the_entry = ReviewSubject::Entry { source: source.clone(), entry: entry.entry.clone() };
    let reviews =
        review::rows_of(runtime, state, |subject| *subject == the_entry || is_of(subject, &findings))?;
    Ok(ShownEntry {
        source,
        title: entry.read.front_matter.title().map(str::to_owned),
        date: entry.read.front_matter.date,
        status,
        reasons,
        reviewed_at: entry.reviewed_at,
        first_seen: entry.first_seen,
        references,
        findings,
        reviews,
        entry: entry.entry,
    })
}

fn shown_target<S: Store>(
    runtime: &Runtime,
    state: &S,
    config: &Config,
    record: TargetRecord,
) -> anyhow::Result<ShownTarget> {
    let view = target_view(&record, config);
    let references = runtime
        .block_on(state.places(vec![record.id]))?
        .into_iter()
        .map(|place| Place {
            source: place.source,
            entry: place.entry,
            line: place.reference.line,
            column: place.reference.column,
        })
        .collect();
    let query = FindingQuery { target: Some(record.url.to_string()), ..FindingQuery::default() };
    let findings = findings(runtime, state, query)?;
    let reviews = review::rows_of(runtime, state, |subject| is_of(subject, &findings))?;
    Ok(ShownTarget {
        url: record.url.to_string(),
        verdict: view.as_ref().map(|view| view.judgement.verdict),
        reason: view.as_ref().and_then(|view| view.judgement.reason.clone()),
        confirmation: match view.as_ref().map(|view| &view.confirmation) {
            None | Some(Confirmation::Well) => "well",
            Some(Confirmation::Confirmed) => "confirmed",
            Some(Confirmation::Unconfirmed { .. }) => "unconfirmed",
        },
        history: record.history.iter().map(|interval| shown_interval(&record, interval, config)).collect(),
        snapshots: shown_snapshots(runtime, state, &record.snapshots)?,
        references,
        findings,
        reviews,
    })
}

/// Snapshots, oldest first, the newest with what changed since the one before.
fn shown_snapshots<S: Store>(
    runtime: &Runtime,
    state: &S,
    known: &[SnapshotMeta],
) -> anyhow::Result<Vec<ShownSnapshot>> {
    let mut shown = Vec::with_capacity(known.len());
    let mut before: Option<Snapshot> = None;
    for (at, meta) in known.iter().enumerate() {
        let newest = at + DRIFTS + 1 >= known.len();
        let kept = if newest { runtime.block_on(pipeline::stored_page(state, meta.id))? } else { None };
        let drift = before.as_ref().zip(kept.as_ref()).map(|(old, new)| {
            let drift = drift::compare_moved(&old.page, &old.meta.url, &new.page, &new.meta.url);
            ShownDrift {
                since: old.meta.id.0,
                change: drift.change,
                fraction: (drift.fraction * 10_000.0).round() / 10_000.0,
                sections: drift.sections_changed,
                terms_removed: drift.terms_removed,
                terms_added: drift.terms_added,
                hash: drift.hash,
            }
        });
        let text = kept.as_ref().map(|kept| kept.page.text());
        shown.push(ShownSnapshot {
            id: meta.id.0,
            url: meta.url.clone(),
            first_seen: meta.first_seen,
            last_seen: meta.last_seen,
            content: meta.content.to_string(),
            words: text.as_ref().map(|text| text.split_whitespace().count()),
            bytes: text.as_ref().map(String::len),
            drift,
        });
        before = kept;
    }
    Ok(shown)
}

fn shown_interval(record: &TargetRecord, interval: &Interval, config: &Config) -> ShownInterval {
    let judgement = judgement(record, &interval.facts, config);
    ShownInterval {
        first_seen: interval.first_seen,
        last_seen: interval.last_seen,
        visits: interval.visits,
        verdict: judgement.verdict,
        reason: judgement.reason,
        hops: interval.facts.visit.hops.clone(),
        title: interval.facts.page.as_ref().and_then(|page| page.title.clone()),
    }
}

fn findings<S: Store>(runtime: &Runtime, state: &S, query: FindingQuery) -> anyhow::Result<Vec<Finding>> {
    let mut found = Vec::new();
    for row in rows::findings(runtime, state, RunId(0), query) {
        found.push(row?.finding);
    }
    found.sort_by(|a, b| {
        (&a.source, &a.entry, a.line, a.column).cmp(&(&b.source, &b.entry, b.line, b.column))
    });
    Ok(found)
}

/// Whether a review is of one of these findings.
fn is_of(subject: &ReviewSubject, findings: &[Finding]) -> bool {
    matches!(subject, ReviewSubject::Finding(id) if findings.iter().any(|finding| finding.id == *id))
}
