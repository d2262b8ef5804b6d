//! `link/redirect-chain`: more than three hops.

use super::with_verdict;
use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::verdict::Verdict;

pub(crate) const RULE: Rule =
    Rule { id: "link/redirect-chain", severity: Severity::Info, says: "more than three hops", check };

/// As many requests are nothing to speak of.
const HOPS: usize = 3;

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Redirected) {
        let hops = target.hops().len();
        // Where a permanent redirect asks for the new URL, that fix shortens the chain.
        if hops <= HOPS || super::redirect_permanent::asks_for_a_fix(target) {
            continue;
        }
        let message = format!("{} takes {hops} requests to arrive", brief(&target.url));
        let mut draft = Draft::at(reference, message, target.url.clone());
        draft.evidence = target.evidence();
        drafts.push(draft);
    }
}
