//! Rules on what upstream pages say: `content/…`.

use std::sync::Arc;

use super::{DriftView, EntryView, ReferenceView};
use crate::drift::BlockChange;
use crate::finding::Evidence;

pub(super) mod changed;
mod prose;
pub(super) mod retired;
pub(super) mod term_outdated;

/// Every drift that an entry's references bring, once per target, with all the references that name it.
fn drifts<'v>(view: &'v EntryView<'_>) -> Vec<(&'v DriftView, Vec<&'v ReferenceView>)> {
    let mut found: Vec<(&Arc<DriftView>, &str, Vec<&ReferenceView>)> = Vec::new();
    let mut index = std::collections::HashMap::new();
    for reference in &view.references {
        let (Some(drift), Some(target)) = (&reference.drift, &reference.resolution.target) else { continue };
        let at = *index.entry(target.as_str()).or_insert_with(|| {
            found.push((drift, target.as_str(), Vec::new()));
            found.len() - 1
        });
        found[at].2.push(reference);
    }
    found.into_iter().map(|(drift, _, references)| (drift.as_ref(), references)).collect()
}

/// What proves a drift; `diff` is what of it concerns the finding.
fn evidence<'b>(drift: &DriftView, diff: impl Iterator<Item = &'b BlockChange>) -> Evidence {
    Evidence {
        since: Some(drift.since),
        baseline: Some(drift.baseline),
        snapshots: vec![drift.snapshots.0.0.to_string(), drift.snapshots.1.0.to_string()],
        change: Some(class(drift).to_owned()),
        sections: drift.drift.sections_changed.iter().take(20).cloned().collect(),
        diff: diff.take(20).cloned().collect(),
        ..Evidence::default()
    }
}

/// From this fraction of changed words on, a page is as good as another one.
const NEARLY_ALL: f64 = 0.9;

/// Whether to wait for another visit before this counts: where nearly all of a page went at once, it may be down for maintenance.
fn is_unconfirmed(drift: &DriftView) -> bool {
    !drift.seen_again && drift.drift.fraction >= NEARLY_ALL
}

/// The class as every document writes it.
fn class(drift: &DriftView) -> &'static str {
    use crate::drift::Change;
    match drift.drift.change {
        Change::None => "none",
        Change::Cosmetic => "cosmetic",
        Change::Minor => "minor",
        Change::Substantive => "substantive",
        Change::Moved => "moved",
        Change::Replaced => "replaced",
        Change::Retired => "retired",
    }
}

/// The page's name for a reader: what its title or first heading is now, and its URL.
fn page_name(drift: &DriftView, reference: &ReferenceView) -> String {
    let url = reference.resolution.target.as_ref().map(|target| super::place::brief(target.as_str()));
    let title = drift.drift.title.as_ref().map(|(_, new)| new).or(drift.new_title.as_ref());
    match (title, url) {
        (Some(title), Some(url)) => format!("“{}” ({url})", super::place::brief(title)),
        (Some(title), None) => format!("“{}”", super::place::brief(title)),
        (None, url) => url.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
