//! `link/private-address`: an address that must not be visited (IANA special-purpose registries).

use url::{Host, Url};

use super::with_verdict;
use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext, TargetView};
use crate::verdict::Verdict;
use crate::visit::facts::{Outcome, Refusal};
use crate::visit::guard::refused_port;

pub(crate) const RULE: Rule = Rule {
    id: "link/private-address",
    severity: Severity::Info,
    says: "an address that must not be visited",
    check,
};

/// How a link comes to a refused address.
enum Way {
    /// The entry itself names it.
    Named,
    /// A public name resolves to it.
    Resolved,
    /// A public URL redirects to it.
    Redirected(String),
    /// The address may be public, but the port that the entry names is not the web's.
    Port(String),
    /// A public URL redirects to such a port.
    RedirectedToPort { to: String, detail: String },
}

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Excluded) {
        if target.judgement.reason.as_deref() != Some("refused-address") {
            continue;
        }
        let url = brief(&target.url);
        let (severity, message) = match way(target) {
            Way::Named => (Severity::Info, format!("{url} names a private address: it is never visited")),
            Way::Resolved => {
                (Severity::Error, format!("{url} has a public name that resolves to a private address"))
            }
            Way::Redirected(to) => {
                (Severity::Error, format!("{url} redirects to a private address: {}", brief(&to)))
            }
            Way::Port(detail) => {
                (Severity::Info, format!("{url} is never visited, as browsers do not: {}", brief(&detail)))
            }
            Way::RedirectedToPort { to, detail } => {
                (Severity::Error, format!("{url} redirects to {}: {}", brief(&to), brief(&detail)))
            }
        };
        let host = Url::parse(&target.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        let mut draft = Draft::at(reference, message, host.unwrap_or_else(|| target.url.clone()));
        draft.severity = Some(severity);
        draft.evidence = target.evidence();
        drafts.push(draft);
    }
}

fn way(target: &TargetView) -> Way {
    let written = Url::parse(&target.url).ok();
    let refused = match target.now().map(|now| &now.facts.visit.outcome) {
        Some(Outcome::Refused { refusal: Refusal::RefusedAddress, url, detail }) => {
            Url::parse(url).ok().map(|url| (url, detail))
        }
        _ => None,
    };
    // The guard looks at the port first: where it is refused, nothing is known of the address.
    if let Some((url, detail)) = refused.as_ref().filter(|(url, _)| refused_port(url).is_some()) {
        let detail = (*detail).clone();
        return if written.as_ref() == Some(url) {
            Way::Port(detail)
        } else {
            Way::RedirectedToPort { to: url.to_string(), detail }
        };
    }
    if !written.as_ref().is_some_and(is_public_name) {
        return Way::Named;
    }
    match refused {
        Some((url, _)) if url.host_str() != written.as_ref().and_then(Url::host_str) => {
            Way::Redirected(url.into())
        }
        _ => Way::Resolved,
    }
}

/// Whether the host is a name of the public DNS: no address, no single label, none of the special-use names of RFC 6761, 6762, 8375
/// and 9476, and `internal`, which ICANN reserved in 2024.
fn is_public_name(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    let host = host.trim_end_matches('.');
    let Some((_, last)) = host.rsplit_once('.') else { return false };
    !matches!(
        last,
        "localhost" | "local" | "internal" | "test" | "invalid" | "example" | "onion" | "alt" | "lan"
    ) && !host.ends_with(".home.arpa")
}
