//! How targets drifted since the baselines of the entries that name them.

use std::collections::HashMap;
use std::sync::Arc;

use url::Url;

use super::judge::in_its_place;
use super::stored::{Compared, comparable, stored_page};
use super::{Pipeline, RunEnd, RunError};
use crate::drift::{self, Change};
use crate::page::{EXTRACTOR, Page};
use crate::rule::{self, Baseline, DriftView, TargetView};
use crate::snapshot::{SnapshotId, SnapshotMeta};
use crate::store::{FindingQuery, Store, TargetRecord};

/// Drifts kept for the entries to come: entries of one source tend to cite the same pages.
const KEPT: usize = 256;

/// Drifts that were looked at already.
#[derive(Default)]
pub(super) struct Drifts {
    known: HashMap<(SnapshotId, SnapshotId), Option<Arc<DriftView>>>,
}

impl Drifts {
    /// Drift from the snapshot at the baseline to the newest, without those of what stood in the page's place; `None` where nothing changed or nothing can be compared.
    pub(super) async fn since<S: Store>(
        &mut self,
        pipeline: &Pipeline<S>,
        record: &TargetRecord,
        view: Option<&TargetView>,
        baseline: Baseline,
        end: &mut RunEnd,
    ) -> Result<Option<Arc<DriftView>>, RunError> {
        // One page is nothing to compare; that is most of them.
        if record.snapshots.len() < 2 {
            return Ok(None);
        }
        let others =
            view.map(|view| in_its_place(&record.company, view, &pipeline.config)).unwrap_or_default();
        let meant: Vec<&SnapshotMeta> =
            record.snapshots.iter().filter(|page| !others.contains(&page.content.to_string())).collect();
        let Some(&newest) = meant.last() else { return Ok(None) };
        let line: Vec<&SnapshotMeta> =
            meant.into_iter().filter(|snapshot| snapshot.is_comparable(newest)).collect();
        let Some(&old) = baseline.choose(&line, |snapshot| (snapshot.first_seen, snapshot.last_seen)) else {
            return Ok(None);
        };
        if old.id == newest.id || old.content == newest.content {
            return Ok(None);
        }
        // A page that goes to and fro between states that were known at the baseline has not drifted from it.
        if rule::flapping(&record.snapshots).is_some_and(|flapping| flapping.states.contains(&old.content)) {
            return Ok(None);
        }
        let key = (old.id, newest.id);
        if let Some(drift) = self.known.get(&key) {
            return Ok(drift.clone());
        }
        let drift = match comparable(&pipeline.store, old.id, newest.id).await? {
            Some(compared) => {
                if compared.relaid {
                    end.note(relaid(&compared));
                }
                let since = first_of(pipeline, &line, newest).await?;
                let history = history(pipeline, record, &line).await?;
                compare(pipeline, compared, baseline, since, history).await?
            }
            None => None,
        };
        if self.known.len() >= KEPT {
            self.known.clear();
        }
        self.known.insert(key, drift.clone());
        Ok(drift)
    }
}

/// Compares two snapshots, without the blocks that `history` shows to be volatile.
async fn compare<S: Store>(
    pipeline: &Pipeline<S>,
    compared: Compared,
    baseline: Baseline,
    since: crate::time::Timestamp,
    history: Vec<Page>,
) -> Result<Option<Arc<DriftView>>, RunError> {
    let config = pipeline.config.clone();
    let compare = move || {
        let Compared { old, new, .. } = compared;
        if old.meta.content == new.meta.content {
            return None;
        }
        let (mut was, mut is) = (old.page, new.page);
        let (in_old, in_new) = drift::volatile_blocks(&history, &was);
        if !in_new.is_empty() {
            was = drift::without_blocks(&was, &in_old);
            is = drift::without_blocks(&is, &in_new);
        }
        let between = |was: &Page| drift::compare_moved(was, &old.meta.url, &is, &new.meta.url);
        let drift = between(&was);
        if drift.change == Change::None {
            return None;
        }
        let beside_renames =
            drift::with_names_of_today(&was, &is, &config.term_table).map(|renamed| between(&renamed));
        Some(Arc::new(DriftView {
            drift,
            beside_renames,
            snapshots: (old.meta.id, new.meta.id),
            content: new.meta.content,
            baseline: baseline.at(),
            since,
            seen_again: new.meta.last_seen > since,
            new_text: is.text().into(),
            new_title: is.heading().map(str::to_owned).or(is.title),
        }))
    };
    tokio::task::spawn_blocking(compare).await.map_err(|error| RunError::Stage(error.to_string()))
}

/// When the newest content was first found: snapshots of an earlier extractor that say the same are the same.
async fn first_of<S: Store>(
    pipeline: &Pipeline<S>,
    line: &[&SnapshotMeta],
    newest: &SnapshotMeta,
) -> Result<crate::time::Timestamp, RunError> {
    let mut since = newest.first_seen;
    for earlier in line.iter().rev().skip(1) {
        if earlier.extractor == newest.extractor {
            break;
        }
        match stored_page(&pipeline.store, earlier.id).await? {
            Some(page) if page.meta.extractor == EXTRACTOR && page.meta.content == newest.content => {
                since = earlier.first_seen;
            }
            _ => break,
        }
    }
    Ok(since)
}

/// The newest pages of a target that was another at each visit, oldest first: volatile blocks are learned of them. Empty where it was not,
/// and while a change of the page is reported that nobody has looked at: what is learned hides nothing of that.
async fn history<S: Store>(
    pipeline: &Pipeline<S>,
    record: &TargetRecord,
    line: &[&SnapshotMeta],
) -> Result<Vec<Page>, RunError> {
    let Some(from) = line.len().checked_sub(drift::CHANGES + 1) else { return Ok(Vec::new()) };
    let window = &line[from..];
    if window[..drift::CHANGES].iter().any(|snapshot| snapshot.last_seen > snapshot.first_seen) {
        return Ok(Vec::new());
    }
    let query = FindingQuery { target: Some(record.url.to_string()), ..FindingQuery::default() };
    let mut after = None;
    loop {
        const WINDOW: usize = 200;
        let findings = pipeline.store.findings(query.clone(), after, WINDOW).await?;
        let told = findings.iter().any(|stored| {
            use crate::finding::FindingState::{Open, Unconfirmed};
            stored.finding.rule.starts_with("content/")
                && stored.finding.rule != "content/unstable"
                && matches!(stored.finding.state, Open | Unconfirmed)
        });
        if told {
            return Ok(Vec::new());
        }
        match findings.last() {
            Some(last) if findings.len() == WINDOW => after = Some(last.finding.id.clone()),
            _ => break,
        }
    }
    let mut pages = Vec::with_capacity(window.len());
    for snapshot in window {
        match stored_page(&pipeline.store, snapshot.id).await? {
            Some(page) if page.meta.extractor == EXTRACTOR => pages.push(page.page),
            _ => return Ok(Vec::new()),
        }
    }
    Ok(pages)
}

/// What a run says, once a host, of pages that are no longer laid out as the extractor for them knows.
fn relaid(compared: &Compared) -> String {
    let url = &compared.new.meta.url;
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let offer = match compared.new.page.metadata.markdown_url {
        Some(_) => "; they offer their text as Markdown (<meta name=\"markdown_url\">)",
        None => "",
    };
    format!(
        "{host}: pages are laid out in a new way: where one changed, both versions were read by the general extractor{offer}"
    )
}
