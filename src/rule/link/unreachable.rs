//! `link/unreachable`: no answer could be had.

use super::{reason, with_verdict};
use crate::config::Severity;
use crate::rule::chain::ended_well;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext, TargetView};
use crate::verdict::{Confirmation, Verdict};

pub(crate) const RULE: Rule =
    Rule { id: "link/unreachable", severity: Severity::Warning, says: "no answer could be had", check };

fn check(ctx: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Unreachable) {
        let reason = target.judgement.reason.as_deref();
        let message = format!("{} {}", brief(&target.url), reason::phrase(reason));
        let mut draft = Draft::at(reference, message, cause(target));
        draft.evidence = target.evidence();
        match target.confirmation {
            _ if ctx.strict_unreachable => draft.severity = Some(Severity::Error),
            Confirmation::Unconfirmed { visits, since } => {
                draft.unconfirmed = true;
                draft.evidence.visits = Some(visits);
                draft.evidence.since = Some(since);
            }
            Confirmation::Confirmed if was_well(target) => draft.severity = Some(Severity::Error),
            Confirmation::Confirmed | Confirmation::Well => {}
        }
        drafts.push(draft);
    }
}

/// A failure of a target that was never well is judged at once, from one visit: that is not enough for an error.
fn was_well(target: &TargetView) -> bool {
    target.history.iter().any(|interval| ended_well(&interval.facts))
}

/// Hosts fail as a whole.
fn cause(target: &TargetView) -> String {
    let failing = target.hops().last().map_or(target.url.as_str(), |hop| hop.url.as_str());
    let host = url::Url::parse(failing).ok().and_then(|url| url.host_str().map(str::to_owned));
    match host {
        Some(host) => format!("{host} {}", target.judgement.reason.as_deref().unwrap_or_default()),
        None => target.url.clone(),
    }
}
