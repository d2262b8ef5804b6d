//! The end of a run: entries × what is known of their targets → findings.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::drifts::Drifts;
use super::place::Places;
use super::{Pipeline, Request, RunEnd, RunError, Unreachable, count};
use crate::config::Config;
use crate::rule::{self, Baseline, EntryView, ReferenceView, RuleContext, TargetView};
use crate::source::{FileChecker, FileState};
use crate::store::{RunId, SourceId, SourceRecord, Store, StoredEntry, StoredReference, TargetRecord};
use crate::target::{CanonicalUrl, Note, Resolution, Status, TargetId};
use crate::verdict;

/// Entries and targets that are looked at together.
const WINDOW: usize = 200;

/// What is kept from one window of entries to the next.
#[derive(Default)]
struct Known {
    drifts: Drifts,
    sources: HashMap<SourceId, SourceRecord>,
    places: Places,
}

/// Lets every rule look at every entry of the run, and records what they say.
pub(super) async fn judge<S: Store>(
    pipeline: &Pipeline<S>,
    run: RunId,
    request: &Request,
    end: &mut RunEnd,
) -> Result<(), RunError> {
    let config = &pipeline.config;
    let now = pipeline.clock.now();
    let context = RuleContext {
        now,
        host_table: &config.host_table,
        term_table: &config.term_table,
        strict_unreachable: request.unreachable == Unreachable::Error,
        settings: &config.rules,
    };
    let mut known =
        Known { sources: pipeline.store.sources().await?.into_iter().collect(), ..Known::default() };

    let mut after = None;
    loop {
        let entries = pipeline.store.entries(run, after, WINDOW).await?;
        let Some(last) = entries.last() else { break };
        after = Some(last.id);
        let targets = views_of(pipeline, &entries).await?;
        let mut findings = Vec::new();
        for entry in &entries {
            let source = known.sources.get(&entry.source).cloned().ok_or_else(|| {
                RunError::Stage(format!("the source of {} is not in the state", entry.entry))
            })?;
            let baseline = Baseline::of(entry.reviewed_at, entry.read.front_matter.date, entry.first_seen);
            let references =
                references(pipeline, entry, &source, baseline, &targets, &mut known, end).await?;
            let view = EntryView {
                source: &source.name,
                locale: source.locale.as_deref(),
                entry: &entry.entry,
                text: &entry.text,
                read: &entry.read,
                references,
                baseline,
                shown: shown(entry, &targets),
            };
            findings.extend(rule::check_entry(&context, &view, &config.ignores));
        }
        pipeline.store.record_findings(run, findings).await?;
    }
    let counts = pipeline.store.finish_findings(run, now).await?;
    end.summary.new = counts.new;
    end.summary.ongoing = counts.ongoing;
    end.summary.resolved = counts.resolved;
    count_verdicts(pipeline, run, end).await
}

/// What is said of a target, from all that is known of it; `None` where it was never visited.
pub fn target_view(record: &TargetRecord, config: &Config) -> Option<TargetView> {
    let latest = record.history.last()?;
    let judge = |facts: &verdict::Facts| verdict::judge(facts, &config.host_table, &config.visit.accept);
    Some(TargetView {
        id: record.id,
        url: record.url.as_str().to_owned(),
        judgement: judge(&latest.facts),
        confirmation: verdict::confirmation(&record.history, &config.confirm, judge),
        hop_classes: verdict::hop_classes(&latest.facts.visit, &config.host_table),
        history: record.history.clone(),
        known_since: record.snapshots.first().map(|snapshot| snapshot.first_seen),
        flapping: rule::flapping(&record.snapshots),
    })
}

/// The targets that a window of entries names, as rules see them.
async fn views_of<S: Store>(
    pipeline: &Pipeline<S>,
    entries: &[StoredEntry],
) -> Result<HashMap<TargetId, (TargetRecord, Option<Arc<TargetView>>)>, RunError> {
    let mut ids: Vec<TargetId> = entries
        .iter()
        .flat_map(|entry| {
            let named = entry.references.iter().filter_map(|reference| Some(reference.target.as_ref()?.0));
            named.chain(entry.shown.iter().copied())
        })
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let records = pipeline.store.target_records(ids).await?;
    Ok(records
        .into_iter()
        .map(|record| {
            let view = target_view(&record, &pipeline.config).map(Arc::new);
            (record.id, (record, view))
        })
        .collect())
}

/// What is known of the URLs that an entry's link texts show.
fn shown(
    entry: &StoredEntry,
    targets: &HashMap<TargetId, (TargetRecord, Option<Arc<TargetView>>)>,
) -> BTreeMap<CanonicalUrl, Arc<TargetView>> {
    entry
        .shown
        .iter()
        .filter_map(|id| {
            let (record, view) = targets.get(id)?;
            Some((record.url.clone(), view.clone()?))
        })
        .collect()
}

/// An entry's references as rules see them.
async fn references<S: Store>(
    pipeline: &Pipeline<S>,
    entry: &StoredEntry,
    source: &SourceRecord,
    baseline: Baseline,
    targets: &HashMap<TargetId, (TargetRecord, Option<Arc<TargetView>>)>,
    known: &mut Known,
    end: &mut RunEnd,
) -> Result<Vec<ReferenceView>, RunError> {
    let files = FileChecker::new(&source.root);
    let mut views = Vec::with_capacity(entry.references.len());
    for (reference, stored) in entry.read.references.iter().zip(&entry.references) {
        let target = stored.target.as_ref().and_then(|(id, _)| targets.get(id));
        let drift = match target {
            Some((record, _)) => known.drifts.since(pipeline, record, baseline, end).await?,
            None => None,
        };
        let file = file_check(stored, &files);
        let seen = target.map(|(record, view)| (record, view.as_deref()));
        let missing_place =
            known.places.missing(&pipeline.store, (entry, source), stored, file, seen).await?;
        views.push(ReferenceView {
            reference: reference.clone(),
            resolution: resolution(stored),
            file,
            target: target.and_then(|(_, view)| view.clone()),
            drift,
            missing_place,
        });
    }
    Ok(views)
}

/// What became of a reference, as it was resolved.
fn resolution(stored: &StoredReference) -> Resolution {
    Resolution {
        target: stored.target.as_ref().map(|(_, url)| url.clone()),
        fragment: stored.fragment.clone(),
        status: stored.status,
        note: stored.note.clone(),
    }
}

/// Whether the file that a relative link names is there, now.
fn file_check(stored: &StoredReference, files: &FileChecker) -> Option<FileState> {
    match (&stored.status, &stored.note) {
        (Status::File, Some(Note::OutsideSource)) => Some(FileState::Outside),
        (Status::File, Some(Note::Path { path })) => Some(files.check(path)),
        _ => None,
    }
}

/// Counts the run's targets by verdict.
async fn count_verdicts<S: Store>(
    pipeline: &Pipeline<S>,
    run: RunId,
    end: &mut RunEnd,
) -> Result<(), RunError> {
    let mut after = None;
    loop {
        let records = pipeline.store.targets(run, after, WINDOW).await?;
        let Some(last) = records.last() else { return Ok(()) };
        after = Some(last.id);
        for record in &records {
            if let Some(latest) = record.history.last() {
                let judgement =
                    verdict::judge(&latest.facts, &pipeline.config.host_table, &pipeline.config.visit.accept);
                count(&mut end.summary.by_verdict, judgement.verdict);
            }
        }
    }
}
