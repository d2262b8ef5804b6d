//! `link/blocked`: the target answers, but not to us.

use super::{reason, with_verdict};
use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::verdict::Verdict;
use crate::visit::facts::Outcome;

pub(crate) const RULE: Rule = Rule {
    id: "link/blocked",
    severity: Severity::Info,
    says: "sign-in, bot wall, rate limit: could not be judged",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Blocked) {
        let reason = target.judgement.reason.as_deref();
        let mut message = format!("{} {}", brief(&target.url), reason::phrase(reason));
        // A sign-in page that limits its visitors is a sign-in page: trying again would not help.
        if let Some(Outcome::RateLimited { until }) = target.now().map(|now| &now.facts.visit.outcome)
            && reason == Some("rate-limited")
        {
            message.push_str(&format!("; it may be tried again at {}", until.format("%Y-%m-%d %H:%M UTC")));
        }
        let host =
            reference.resolution.target.as_ref().map_or(target.url.clone(), |url| url.host_key().to_string());
        let mut draft = Draft::at(reference, message, format!("{host} {}", reason.unwrap_or_default()));
        draft.evidence = target.evidence();
        drafts.push(draft);
    }
}
