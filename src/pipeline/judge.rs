//! The end of a run: entries × what is known of their targets → findings.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::place::Places;
use super::{Pipeline, Request, RunEnd, RunError, Unreachable, count};
use crate::config::Config;
use crate::drift;
use crate::finding::Finding;
use crate::rule::{self, Baseline, DriftView, EntryView, ReferenceView, RuleContext, TargetView};
use crate::snapshot::SnapshotId;
use crate::source::{FileChecker, FileState};
use crate::store::{RunId, SourceId, SourceRecord, Store, StoredEntry, StoredReference, TargetRecord};
use crate::target::{CanonicalUrl, Note, Resolution, Status, TargetId};
use crate::verdict;

/// Entries and targets that are looked at together.
const WINDOW: usize = 200;

/// Findings that go to the store together.
const TOGETHER: usize = 1000;

/// Drifts kept for the entries to come: entries of one source tend to cite the same pages.
const DRIFTS_KEPT: usize = 256;

/// What is kept from one window of entries to the next.
#[derive(Default)]
struct Known {
    drifts: HashMap<(SnapshotId, SnapshotId), Option<Arc<DriftView>>>,
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
        for entry in entries {
            if findings.len() >= TOGETHER {
                record_findings(pipeline, run, &mut findings).await?;
            }
            let source = known.sources.get(&entry.source).cloned().ok_or_else(|| {
                RunError::Stage(format!("the source of {} is not in the state", entry.entry))
            })?;
            let baseline = Baseline::of(entry.reviewed_at, entry.read.front_matter.date, entry.first_seen);
            let references = references(pipeline, &entry, &source, baseline, &targets, &mut known).await?;
            let view = EntryView {
                source: &source.name,
                locale: source.locale.as_deref(),
                entry: &entry.entry,
                text: &entry.text,
                read: &entry.read,
                references,
                baseline,
                shown: shown(&entry, &targets),
            };
            findings.extend(rule::check_entry(&context, &view, &config.ignores));
        }
        drop(targets);
        record_findings(pipeline, run, &mut findings).await?;
    }
    let counts = pipeline.store.finish_findings(run, now).await?;
    end.summary.new = counts.new;
    end.summary.ongoing = counts.ongoing;
    end.summary.resolved = counts.resolved;
    count_verdicts(pipeline, run, end).await
}

/// Records findings, in pieces: one entry can have as many as it has references, and the queue to the store holds only so much.
async fn record_findings<S: Store>(
    pipeline: &Pipeline<S>,
    run: RunId,
    findings: &mut Vec<Finding>,
) -> Result<(), RunError> {
    while !findings.is_empty() {
        let piece = findings.split_off(findings.len().saturating_sub(TOGETHER));
        pipeline.store.record_findings(run, piece).await?;
    }
    findings.shrink_to(TOGETHER);
    Ok(())
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
        .map(|mut record| {
            let view = target_view(&record, &pipeline.config).map(Arc::new);
            // The view has it now, and an entry can name a great many targets.
            record.history = Vec::new();
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
) -> Result<Vec<ReferenceView>, RunError> {
    let files = FileChecker::new(&source.root);
    let mut views = Vec::with_capacity(entry.references.len());
    for (reference, stored) in entry.read.references.iter().zip(&entry.references) {
        let target = stored.target.as_ref().and_then(|(id, _)| targets.get(id));
        let drift = match target {
            Some((record, _)) => drift_since(pipeline, record, baseline, known).await?,
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

/// Drift from the snapshot at the baseline to the newest.
async fn drift_since<S: Store>(
    pipeline: &Pipeline<S>,
    record: &TargetRecord,
    baseline: Baseline,
    known: &mut Known,
) -> Result<Option<Arc<DriftView>>, RunError> {
    let snapshots = &record.snapshots;
    let old = baseline.choose(snapshots, |snapshot| (snapshot.first_seen, snapshot.last_seen));
    let (Some(old), Some(new)) = (old, snapshots.last()) else { return Ok(None) };
    if old.id == new.id || old.content == new.content {
        return Ok(None);
    }
    // A page that goes to and fro between states that were known at the baseline has not drifted from it.
    if rule::flapping(snapshots).is_some_and(|flapping| flapping.states.contains(&old.content)) {
        return Ok(None);
    }
    let key = (old.id, new.id);
    if let Some(drift) = known.drifts.get(&key) {
        return Ok(drift.clone());
    }
    let (Some(old), Some(new)) =
        (pipeline.store.snapshot(old.id).await?, pipeline.store.snapshot(new.id).await?)
    else {
        return Ok(None);
    };
    let compared = tokio::task::spawn_blocking(move || {
        let drift = drift::compare_moved(&old.page, &old.meta.url, &new.page, &new.meta.url);
        (drift.change != drift::Change::None).then(|| {
            Arc::new(DriftView {
                drift,
                snapshots: key,
                content: new.meta.content,
                baseline: baseline.at(),
                since: new.meta.first_seen,
                seen_again: new.meta.last_seen > new.meta.first_seen,
                new_text: new.page.text().into(),
                new_title: new.page.heading().map(str::to_owned).or(new.page.title),
            })
        })
    })
    .await
    .map_err(|error| RunError::Stage(error.to_string()))?;
    if known.drifts.len() >= DRIFTS_KEPT {
        known.drifts.clear();
    }
    known.drifts.insert(key, compared.clone());
    Ok(compared)
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
        let facts = pipeline.store.latest_facts(run, after, WINDOW).await?;
        let Some((last, _)) = facts.last() else { return Ok(()) };
        after = Some(*last);
        for facts in facts.iter().filter_map(|(_, facts)| facts.as_ref()) {
            let judgement = verdict::judge(facts, &pipeline.config.host_table, &pipeline.config.visit.accept);
            count(&mut end.summary.by_verdict, judgement.verdict);
        }
    }
}
