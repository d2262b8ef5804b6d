//! `link/soft-404`: answers 200, but the page is likely not there.

use super::{reason, with_verdict};
use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext, TargetView};
use crate::verdict::{Confirmation, HopClass, Verdict, says_not_found};

pub(crate) const RULE: Rule = Rule {
    id: "link/soft-404",
    severity: Severity::Warning,
    says: "answers 200 but the page is not there",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Suspect) {
        let reason = target.judgement.reason.as_deref();
        let message = format!("{} {}", brief(&target.url), phrase(reason, target));
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

/// What is known, and no more: a page need not say that it is not there to be one that everybody gets.
fn phrase(reason: Option<&str>, target: &TargetView) -> String {
    let led = |class| target.hop_classes.contains(&class);
    let known = match reason {
        Some("soft-404") if !target.now().is_some_and(|now| says_not_found(&now.facts)) => {
            "answers, but with a page that its host gives for other addresses, too"
        }
        Some("sink") if led(HopClass::HubSink) => {
            "no longer leads to its page, but to where its host sends what has nothing to do with it, too"
        }
        Some("sink") if led(HopClass::RootSink) => {
            "no longer leads to its page, but to the start page of its site"
        }
        Some("sink") if led(HopClass::SearchSink) => "no longer leads to its page, but to a search",
        _ => return reason::phrase(reason),
    };
    known.to_owned()
}
