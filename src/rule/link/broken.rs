//! `link/broken`: the target is gone.

use super::{reason, with_verdict};
use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext, TargetView};
use crate::verdict::{Confirmation, Verdict};

pub(crate) const RULE: Rule =
    Rule { id: "link/broken", severity: Severity::Error, says: "the target is gone", check };

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Broken) {
        let reason = target.judgement.reason.as_deref();
        let message = format!("{} {}", brief(&target.url), reason::phrase(reason));
        let mut draft = Draft::at(reference, message, cause(target));
        draft.evidence = target.evidence();
        if let Confirmation::Unconfirmed { visits, since } = target.confirmation {
            draft.unconfirmed = true;
            draft.evidence.visits = Some(visits);
            draft.evidence.since = Some(since);
        }
        drafts.push(draft);
    }
}

/// A host that is gone takes all its pages with it; any other failure is one page's own.
fn cause(target: &TargetView) -> String {
    let failing = target.hops().last().map_or(target.url.as_str(), |hop| hop.url.as_str());
    match (target.judgement.reason.as_deref(), url::Url::parse(failing)) {
        (Some("dns-nxdomain"), Ok(url)) => format!("no host {}", url.host_str().unwrap_or_default()),
        _ => target.url.clone(),
    }
}
