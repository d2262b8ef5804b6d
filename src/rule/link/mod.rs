//! Rules on links: `link/…`.

use super::{EntryView, ReferenceView, TargetView};
use crate::verdict::Verdict;

pub(super) mod blocked;
pub(super) mod broken;
pub(super) mod empty_text;
pub(super) mod foreign_locale;
pub(super) mod fragment_missing;
pub(super) mod insecure;
pub(super) mod malformed;
pub(super) mod missing_file;
pub(super) mod private_address;
mod reason;
pub(super) mod redirect_chain;
pub(super) mod redirect_changed;
pub(super) mod redirect_permanent;
pub(super) mod retired_host;
pub(super) mod same_target;
pub(super) mod soft_404;
pub(super) mod suspicious_host;
pub(super) mod text_mismatch;
pub(super) mod tls_expiring;
pub(super) mod undefined_label;
pub(super) mod unreachable;

#[cfg(test)]
mod tests;

pub use fragment_missing::{alike_place, has_place, names_a_place};
pub use text_mismatch::shown_url;

/// References whose target has this verdict.
fn with_verdict<'v>(
    view: &'v EntryView<'_>,
    verdict: Verdict,
) -> impl Iterator<Item = (&'v ReferenceView, &'v TargetView)> {
    visited(view).filter(move |(_, target)| target.judgement.verdict == verdict)
}

/// References whose target is known.
fn visited<'v>(view: &'v EntryView<'_>) -> impl Iterator<Item = (&'v ReferenceView, &'v TargetView)> {
    view.references.iter().filter_map(|reference| Some((reference, reference.target.as_deref()?)))
}
