//! `link/tls-expiring`: the certificate of the linked host ends soon.

use chrono::TimeDelta;

use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::visit::facts::{Failure, Outcome};

pub(crate) const RULE: Rule = Rule {
    id: "link/tls-expiring",
    severity: Severity::Warning,
    says: "the certificate of the host ends within 14 days",
    check,
};

/// How long before its end a certificate is spoken of, in days, where `days` says nothing else: half of what automatic renewal (a month
/// before the end of ninety days) leaves.
const DAYS: u32 = 14;

fn check(ctx: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    let days = ctx.settings.get(RULE.id).and_then(|settings| settings.days).unwrap_or(DAYS);
    for (reference, target) in super::visited(view) {
        let Some(visit) = target.now().map(|now| &now.facts.visit) else { continue };
        let Some(ends) = visit.certificate_ends else { continue };
        // Where the visit found it out of date, the verdict says so.
        let expired = matches!(&visit.outcome, Outcome::Failed { failure: Failure::TlsExpired, .. });
        if expired || ends - ctx.now > TimeDelta::days(days.into()) {
            continue;
        }
        let Some(host) = reference.resolution.target.as_ref().map(|target| target.host_key()) else {
            continue;
        };
        let left = (ends - ctx.now).num_days();
        let when = match left {
            ..0 => "it has ended since the last visit".to_owned(),
            0 => "that is within a day".to_owned(),
            1 => "1 day is left".to_owned(),
            left => format!("{left} days are left"),
        };
        let host = brief(host.as_str());
        let message = format!("the certificate of {host} ends on {}: {when}", ends.format("%Y-%m-%d"));
        let mut draft = Draft::at(reference, message, host);
        draft.evidence.reason = Some("tls-expiring".to_owned());
        draft.evidence.certificate_ends = Some(ends);
        drafts.push(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RuleSettings;
    use crate::rule::fixture::{World, target};
    use crate::verdict::Verdict;

    const URL: &str = "https://docs.example.org/x";

    /// The world's present is noon of 2026-11-22.
    fn said(ends: &str, days: Option<u32>) -> Option<String> {
        let mut view = target(Verdict::Ok, "", &[(URL, 200)], &[]);
        view.history[0].facts.visit.certificate_ends = Some(ends.parse().unwrap());
        let mut world = World::new(&format!("[a]({URL})")).with(view);
        if let Some(days) = days {
            let settings = RuleSettings { days: Some(days), ..RuleSettings::default() };
            world.settings.insert(RULE.id.to_owned(), settings);
        }
        world.of(RULE.id).pop().map(|finding| finding.message)
    }

    /// T08.
    #[test]
    fn t08_fourteen_days_before_the_end_and_not_earlier() {
        let days = |days| format!("2026-{days}T12:00:00Z");
        assert_eq!(said("2026-12-06T12:00:01Z", None), None);
        let said_at_last = said(&days("12-06"), None).unwrap();
        assert_eq!(said_at_last, "the certificate of docs.example.org ends on 2026-12-06: 14 days are left");
        assert!(said(&days("11-27"), None).unwrap().ends_with("5 days are left"));
        assert!(said(&days("11-23"), None).unwrap().ends_with("1 day is left"));
        assert!(said("2026-11-22T13:00:00Z", None).unwrap().ends_with("within a day"));
        assert!(said("2026-11-20T00:00:00Z", None).unwrap().ends_with("since the last visit"));
        assert!(said(&days("12-20"), Some(30)).is_some());
        assert_eq!(said(&days("11-27"), Some(3)), None);
    }

    #[test]
    fn one_that_has_ended_is_unreachable() {
        let mut view = target(Verdict::Unreachable, "tls-expired", &[(URL, 0)], &[]);
        let visit = &mut view.history[0].facts.visit;
        visit.outcome = Outcome::Failed { failure: Failure::TlsExpired, detail: String::new() };
        visit.certificate_ends = Some("2026-11-20T00:00:00Z".parse().unwrap());
        assert!(World::new(&format!("[a]({URL})")).with(view).of(RULE.id).is_empty());
    }
}
