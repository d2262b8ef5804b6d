//! `content/retired`: upstream says the page is retired or archived.

use super::{drifts, evidence, page_name};
use crate::config::Severity;
use crate::drift::Change;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "content/retired",
    severity: Severity::Error,
    says: "upstream says the page is retired or archived",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (drift, references) in drifts(view) {
        if drift.drift.change != Change::Retired {
            continue;
        }
        let reference = references[0];
        let message = format!(
            "upstream says that {} is retired or archived, since {}",
            page_name(drift, reference),
            drift.since.format("%Y-%m-%d")
        );
        let cause = reference.resolution.target.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut draft = Draft::at(reference, message, cause);
        draft.evidence = evidence(drift, drift.drift.blocks.iter());
        draft.evidence.lines = super::changed::lines(&references);
        drafts.push(draft);
    }
}
