//! `link/soft-404`: answers 200, but the page is likely not there.

use super::{reason, with_verdict};
use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::verdict::{Confirmation, Verdict};

pub(crate) const RULE: Rule = Rule {
    id: "link/soft-404",
    severity: Severity::Warning,
    says: "answers 200 but the page is not there",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Suspect) {
        let reason = target.judgement.reason.as_deref();
        let message = format!("{} {}", brief(&target.url), reason::phrase(reason));
        let mut draft = Draft::at(reference, message, target.url.clone());
        draft.evidence = target.evidence();
        if let Confirmation::Unconfirmed { visits, since } = target.confirmation {
            draft.unconfirmed = true;
            draft.evidence.visits = Some(visits);
            draft.evidence.since = Some(since);
        }
        drafts.push(draft);
    }
}
