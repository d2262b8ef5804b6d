//! The end of a run: entries × what is known of their targets → findings.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use url::Url;

use super::drifts::Drifts;
use super::place::Places;
use super::{Network, Pipeline, Request, RunEnd, RunError, Telling, Unreachable, count};
use crate::config::Config;
use crate::finding::Finding;
use crate::rule::{self, Baseline, EntryView, ReferenceView, RuleContext, TargetView};
use crate::source::{FileChecker, FileState};
use crate::store::{RunId, SourceId, SourceRecord, Store, StoredEntry, StoredReference, TargetRecord};
use crate::target::{CanonicalUrl, HostKey, Note, Resolution, Status, TargetId};
use crate::time::Timestamp;
use crate::verdict::{self, Company, Facts, Judgement, Verdict};

/// Entries and targets that are looked at together.
const WINDOW: usize = 200;

/// Findings that go to the store together.
const TOGETHER: usize = 1000;

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

    let mut met = BTreeSet::new();
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
            let references =
                references(pipeline, &entry, &source, baseline, &targets, &mut known, end).await?;
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
            let checked = rule::check_entry(&context, &view, &config.ignores);
            findings.extend(checked.findings);
            met.extend(checked.met);
            end.summary.silenced += checked.silenced;
        }
        drop(targets);
        record_findings(pipeline, run, &mut findings).await?;
    }
    note_ignores(config, request, &met, now, end);
    let receivers = match request.telling {
        Telling::Receivers => config.notify.clone(),
        Telling::Nobody => Vec::new(),
    };
    let counts = pipeline.store.finish_findings(run, now, receivers).await?;
    end.summary.new = counts.new;
    end.summary.ongoing = counts.ongoing;
    end.summary.resolved = counts.resolved;
    count_verdicts(pipeline, run, end).await
}

/// Says which `[[ignore]]` are over and which mute nothing; the latter only of a run over everything.
fn note_ignores(config: &Config, request: &Request, met: &BTreeSet<usize>, now: Timestamp, end: &mut RunEnd) {
    let whole = |name: &str| {
        request.selections.iter().any(|selection| selection.whole && selection.source.name == name)
    };
    let everything = request.network == Network::Visit
        && request.hosts.is_empty()
        && config.sources.iter().all(|source| whole(&source.name));
    for (at, ignore) in config.ignores.iter().enumerate() {
        match (ignore.until, met.contains(&at)) {
            (Some(until), true) if !ignore.in_force(now) => end.note(format!(
                "an [[ignore]] is over since {}, and what it muted is back: {}",
                until.date_naive(),
                ignore.words()
            )),
            (_, false) if everything => end.note(format!("an [[ignore]] mutes nothing: {}", ignore.words())),
            _ => {}
        }
    }
}

/// What is said of facts of a target: its newest are judged beside what is known of others now, older ones by themselves.
pub fn judgement(record: &TargetRecord, facts: &Facts, config: &Config) -> Judgement {
    let newest = record.history.last().is_some_and(|newest| std::ptr::eq(&newest.facts, facts));
    let alone = Company::default();
    judged(facts, if newest { &record.company } else { &alone }, config)
}

/// What a target's visits found in place of the page that was meant, by what is known of its host today. That a host gives a page to
/// everybody shows only when the page is stored already.
pub(super) fn in_its_place(company: &Company, view: &TargetView, config: &Config) -> BTreeSet<String> {
    let others = Company { siblings: company.siblings.clone(), ..Company::default() };
    let is_another = |verdict| matches!(verdict, Verdict::Suspect | Verdict::Blocked);
    let (now, before) = match view.history.split_last() {
        Some((now, before)) => (now, before),
        None => return BTreeSet::new(),
    };
    let earlier = before.iter().filter(|then| is_another(judged(&then.facts, &others, config).verdict));
    let latest = is_another(view.judgement.verdict).then_some(now);
    earlier.chain(latest).filter_map(|then| then.facts.page.as_ref()?.content.clone()).collect()
}

/// What is said of facts beside what is known of others, under the settings of the host that answered last.
pub(super) fn judged(facts: &Facts, company: &Company, config: &Config) -> Judgement {
    let last = facts.visit.final_url().and_then(|url| Url::parse(url).ok());
    let host = last.map(|url| HostKey::of(&url));
    let settings = config.visit_at(host.as_ref().map_or("", HostKey::as_str));
    verdict::judge(facts, company, &config.host_table, &settings.accept)
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
    let judge = |facts: &Facts| judgement(record, facts, config);
    let https = record.company.https.as_ref();
    Some(TargetView {
        id: record.id,
        url: record.url.as_str().to_owned(),
        judgement: judge(&latest.facts),
        confirmation: verdict::confirmation(&record.history, &config.confirm, judge),
        hop_classes: verdict::hop_classes(&latest.facts, &record.company, &config.host_table),
        history: record.history.clone(),
        known_since: record.snapshots.first().map(|snapshot| snapshot.first_seen),
        flapping: rule::flapping(&record.snapshots),
        https_alike: https
            .filter(|(plain, secure)| verdict::alike_over_https(plain, secure))
            .and_then(|(_, secure)| Some(secure.visit.hops.first()?.url.clone())),
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
    end: &mut RunEnd,
) -> Result<Vec<ReferenceView>, RunError> {
    let files = FileChecker::new(&source.root);
    let mut views = Vec::with_capacity(entry.references.len());
    for (reference, stored) in entry.read.references.iter().zip(&entry.references) {
        let target = stored.target.as_ref().and_then(|(id, _)| targets.get(id));
        let drift = match target {
            Some((record, view)) => {
                known.drifts.since(pipeline, record, view.as_deref(), baseline, end).await?
            }
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
                let said = judgement(record, &latest.facts, &pipeline.config);
                count(&mut end.summary.by_verdict, said.verdict);
                if record.last_run == Some(run) {
                    count(&mut end.reasons, said.reason.unwrap_or_else(|| said.verdict.as_str().to_owned()));
                }
            }
        }
    }
}
