//! `link/insecure`: `http` although the host answers alike over `https`.

use url::Url;

use super::{redirect_permanent, visited};
use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext, TargetView};
use crate::verdict::{HopClass, Verdict};

pub(crate) const RULE: Rule = Rule {
    id: "link/insecure",
    severity: Severity::Warning,
    says: "http although https answers alike",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in visited(view) {
        if !matches!(target.judgement.verdict, Verdict::Ok | Verdict::Redirected) {
            continue;
        }
        let Some(secure) = Url::parse(&target.url).ok().and_then(|url| crate::verdict::over_https(&url))
        else {
            continue;
        };
        let Some(why) = why(target, &secure) else { continue };
        let host = secure.host_str().unwrap_or_default();
        let mut draft = Draft::at(reference, format!("{} {why}", brief(&target.url)), host.to_owned());
        draft.evidence = target.evidence();
        draft.evidence.reason = Some("insecure".to_owned());
        draft.suggestion = Some(match reference.resolution.fragment.as_deref() {
            Some(fragment) => format!("{secure}#{fragment}"),
            None => secure.into(),
        });
        drafts.push(draft);
    }
}

/// How it is known that the same page is there over `https`.
fn why(target: &TargetView, secure: &Url) -> Option<String> {
    let upgrades = target.hop_classes.first() == Some(&HopClass::Https)
        && target.hops().get(1).is_some_and(|hop| hop.url == secure.as_str());
    if upgrades && !redirect_permanent::asks_for_a_fix(target) {
        return Some("redirects to https".to_owned());
    }
    let probed = target.https_alike.as_deref()?;
    // A chain that goes on from http elsewhere says nothing of the page that it leaves.
    (target.hops().len() == 1).then(|| match probed == secure.as_str() {
        true => "is the same over https".to_owned(),
        false => format!("can be had over https, as its host answers alike there ({})", brief(probed)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::fixture::{World, target};

    const URL: &str = "http://docs.example.org/x";

    fn found(view: TargetView) -> Option<(String, Option<String>)> {
        let world = World::new(&format!("[a]({}#part)", view.url)).with(view);
        world.of(RULE.id).pop().map(|finding| (finding.message, finding.suggestion))
    }

    #[test]
    fn what_redirects_to_https_or_answers_alike_there() {
        let secure = "https://docs.example.org/x";
        let upgraded = |verdict| target(verdict, "", &[(URL, 302), (secure, 200)], &[HopClass::Https]);
        let (message, suggestion) = found(upgraded(Verdict::Redirected)).unwrap();
        assert_eq!(message, "http://docs.example.org/x redirects to https");
        assert_eq!(suggestion.as_deref(), Some("https://docs.example.org/x#part"));
        assert_eq!(found(upgraded(Verdict::Broken)), None);

        let probed = |of: Option<&str>| TargetView {
            https_alike: of.map(str::to_owned),
            ..target(Verdict::Ok, "", &[(URL, 200)], &[])
        };
        assert_eq!(found(probed(None)), None);
        assert!(found(probed(Some(secure))).unwrap().0.ends_with("is the same over https"));
        let (message, suggestion) = found(probed(Some("https://docs.example.org/other"))).unwrap();
        assert!(message.ends_with("answers alike there (https://docs.example.org/other)"), "{message}");
        assert_eq!(suggestion.as_deref(), Some("https://docs.example.org/x#part"));
    }

    #[test]
    fn a_page_that_moved_has_another_fix() {
        let hops = [(URL, 301), ("https://docs.example.org/x", 301), ("https://new.example.org/x", 200)];
        let moved = target(Verdict::Redirected, "", &hops, &[HopClass::Https, HopClass::HostMove]);
        assert_eq!(found(moved), None);
    }

    #[test]
    fn https_and_ports_of_their_own_are_left_alone() {
        for url in ["https://docs.example.org/x", "http://docs.example.org:8080/x"] {
            let view = TargetView {
                https_alike: Some("https://docs.example.org/".to_owned()),
                ..target(Verdict::Ok, "", &[(url, 200)], &[])
            };
            assert_eq!(found(view), None, "{url}");
        }
    }
}
