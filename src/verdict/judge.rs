//! The table of verdicts (SPEC §3) as a function.

use url::Url;

use super::hops::{leads_to_root, leads_to_search};
use super::{Company, Facts, Judgement, Verdict, company, door, soft_404};
use crate::config::HostTable;
use crate::page::Sign;
use crate::visit::facts::{Answer, Failure, Outcome, Refusal, Visit};

/// Says what a visit's facts mean, and those of others that it is seen beside. `accept` are status codes that count as well beside 2xx.
pub fn judge(facts: &Facts, beside: &Company, table: &HostTable, accept: &[u16]) -> Judgement {
    let visit = &facts.visit;
    let chain = Chain::of(visit, table);
    // What is certain about where the chain went comes before how it ended there.
    if chain.certain_sink {
        return say(Verdict::Broken, "sink");
    }
    match &visit.outcome {
        Outcome::Refused { refusal, .. } => say(Verdict::Excluded, refusal_reason(*refusal)),
        // It asks for a sign-in: whether the page for that answers says nothing about the link.
        Outcome::RateLimited { .. } | Outcome::Failed { .. } if chain.sent_to_sign_in => {
            say(Verdict::Blocked, "sign-in")
        }
        Outcome::RateLimited { .. } => say(Verdict::Blocked, "rate-limited"),
        Outcome::RedirectLoop | Outcome::RedirectLimit | Outcome::RedirectInvalid { .. } if chain.sign_in => {
            say(Verdict::Blocked, "sign-in")
        }
        Outcome::RedirectLoop => say(Verdict::Broken, "redirect-loop"),
        Outcome::RedirectLimit => say(Verdict::Broken, "redirect-limit"),
        Outcome::RedirectInvalid { .. } => say(Verdict::Broken, "redirect-invalid"),
        Outcome::Failed { failure: Failure::DnsNxdomain, .. } => say(Verdict::Broken, "dns-nxdomain"),
        Outcome::Failed { failure, .. } => say(Verdict::Unreachable, failure_reason(*failure)),
        Outcome::NotModified => well(facts, beside, &chain),
        Outcome::Answered => answered(facts, beside, &chain, accept),
    }
}

/// What the chain of URLs tells.
struct Chain {
    certain_sink: bool,
    /// It fell where its host sends what it does not know, or where advertisements are.
    sink: bool,
    parked: bool,
    /// It ends, from elsewhere, at a sign-in page, or it is a portal's.
    sign_in: bool,
    /// A redirect names a sign-in page, whatever became of the request for it.
    sent_to_sign_in: bool,
    redirected: bool,
}

impl Chain {
    fn of(visit: &Visit, table: &HostTable) -> Self {
        let urls: Vec<Url> = visit.hops.iter().filter_map(|hop| Url::parse(&hop.url).ok()).collect();
        let mut chain = Self {
            certain_sink: false,
            sink: false,
            parked: false,
            sign_in: false,
            sent_to_sign_in: false,
            redirected: false,
        };
        let Some(first) = urls.first() else { return chain };
        for pair in urls.windows(2) {
            let [from, to] = pair else { continue };
            chain.redirected |= from != to;
            if let Some(sink) = table.sink(from, to) {
                chain.certain_sink |= sink.certain;
                chain.sink |= !sink.certain;
            }
            // A later hop of a short link counts too: a fwlink falls to the root and from there to the root of a locale.
            chain.sign_in |= table.is_sign_in(to) && !table.is_sign_in(first);
        }
        let Some(last) = urls.last() else { return chain };
        let named = visit.hops.last().and_then(|hop| last.join(hop.location.as_deref()?).ok());
        let asks = |to: &Url| table.is_sign_in(to) && !table.is_sign_in(first);
        chain.sent_to_sign_in = urls.iter().skip(1).chain(&named).any(asks);
        let host = last.host_str().unwrap_or_default();
        chain.sign_in |= table.is_portal(host);
        chain.parked = table.is_parking(last);
        let lost = leads_to_root(first, last) || leads_to_search(first, last);
        chain.sink |= chain.redirected && !table.shortens(first) && lost;
        chain
    }
}

fn answered(facts: &Facts, beside: &Company, chain: &Chain, accept: &[u16]) -> Judgement {
    let visit = &facts.visit;
    let Some(status) = visit.status() else { return say(Verdict::Unreachable, "bad-response") };
    if accept.contains(&status) {
        return fine(chain, None);
    }
    if visit.answer.as_ref().is_some_and(|answer| is_wall(status, answer)) || status == 999 {
        return say(Verdict::Blocked, "bot-wall");
    }
    if chain.sign_in && status < 500 && !matches!(status, 408 | 429) {
        return say(Verdict::Blocked, "sign-in");
    }
    let status_reason = |verdict| say(verdict, &format!("http-{status}"));
    match status {
        200..=300 => well(facts, beside, chain),
        401 | 407 => say(Verdict::Blocked, "auth-required"),
        403 => say(Verdict::Blocked, "forbidden"),
        // 420 was Twitter's 429.
        420 | 429 => say(Verdict::Blocked, "rate-limited"),
        // The session that the page needs is over: Laravel's, IIS's.
        419 | 440 => say(Verdict::Blocked, "sign-in"),
        // Shopify's refusal of machines.
        430 => say(Verdict::Blocked, "bot-wall"),
        // 499 is nginx's for a visitor who left before there was an answer.
        408 | 425 | 499 | 500..=599 => status_reason(Verdict::Unreachable),
        400..=499 => status_reason(Verdict::Broken),
        // An informational answer, a redirect that is none, a number that HTTP does not know (RFC 9110 §15).
        _ => say(Verdict::Unreachable, "bad-response"),
    }
}

/// A page came, or is as it was.
fn well(facts: &Facts, beside: &Company, chain: &Chain) -> Judgement {
    let visit = &facts.visit;
    let page = facts.page.as_ref();
    if soft_404::is_wall(facts) {
        return say(Verdict::Blocked, "bot-wall");
    }
    if chain.sign_in || door::is_sent_to_the_door(facts) {
        return say(Verdict::Blocked, "sign-in");
    }
    if chain.parked || page.is_some_and(soft_404::is_parked) {
        return say(Verdict::Suspect, "parked");
    }
    if soft_404::says_not_found(facts) {
        return say(Verdict::Suspect, "soft-404");
    }
    if company::is_everybodys(facts, beside) {
        // A page that everybody gets and that asks for a password is the door, not a page that is gone.
        return match page.is_some_and(|page| page.signs.contains(&Sign::Password)) {
            true => say(Verdict::Blocked, "sign-in"),
            false => say(Verdict::Suspect, "soft-404"),
        };
    }
    if chain.sink || company::falls_with_others(facts, beside) {
        return say(Verdict::Suspect, "sink");
    }
    fine(chain, visit.answer.as_ref().and_then(|answer| no_snapshot(visit, answer)))
}

fn fine(chain: &Chain, reason: Option<&str>) -> Judgement {
    Judgement {
        verdict: if chain.redirected { Verdict::Redirected } else { Verdict::Ok },
        reason: reason.map(str::to_owned),
    }
}

/// Why no snapshot was taken of a page that is there.
fn no_snapshot(visit: &Visit, answer: &Answer) -> Option<&'static str> {
    if answer.body_too_large {
        return Some("body-too-large");
    }
    if answer.robots {
        return Some("robots");
    }
    let unread = answer.body_length.is_none() && answer.content_type.is_some();
    let has_body = visit.outcome == Outcome::Answered && !matches!(visit.status(), Some(204 | 205));
    (unread && has_body).then_some("content-type")
}

/// Whether headers say that we were stopped for being a machine.
fn is_wall(status: u16, answer: &Answer) -> bool {
    let says = |name: &str| answer.wall.iter().any(|line| line.split(':').next() == Some(name));
    says("cf-mitigated")
        || says("x-amzn-waf-action")
        || says("x-sucuri-block")
        || (says("x-datadome") && matches!(status, 403 | 405 | 429))
        || (status == 202 && answer.body_length == Some(0))
}

fn say(verdict: Verdict, reason: &str) -> Judgement {
    Judgement { verdict, reason: Some(reason.to_owned()) }
}

fn refusal_reason(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::RefusedAddress => "refused-address",
        Refusal::ExcludedRule => "excluded-rule",
        Refusal::UnsupportedScheme => "unsupported-scheme",
        Refusal::Robots => "robots",
    }
}

fn failure_reason(failure: Failure) -> &'static str {
    match failure {
        Failure::DnsNxdomain => "dns-nxdomain",
        Failure::DnsFailure => "dns-failure",
        Failure::ConnectRefused => "connect-refused",
        Failure::ConnectTimeout => "connect-timeout",
        Failure::ReadTimeout => "read-timeout",
        Failure::Reset => "reset",
        Failure::TlsExpired => "tls-expired",
        Failure::TlsHostname => "tls-hostname",
        Failure::TlsUntrusted => "tls-untrusted",
        Failure::TlsOther => "tls-other",
        Failure::BadResponse => "bad-response",
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{facts, with_answer};
    use super::*;

    fn judged(facts: &Facts) -> (Verdict, Option<String>) {
        let judgement = judge(facts, &Company::default(), &HostTable::shipped(), &[]);
        (judgement.verdict, judgement.reason)
    }

    #[test]
    fn h01_statuses() {
        use Verdict::{Blocked, Broken, Ok, Unreachable};
        let table = [
            (200, Ok, None),
            (204, Ok, None),
            (206, Ok, None),
            (300, Ok, None),
            (304, Unreachable, Some("bad-response")),
            (101, Unreachable, Some("bad-response")),
            (400, Broken, Some("http-400")),
            (401, Blocked, Some("auth-required")),
            (402, Broken, Some("http-402")),
            (403, Blocked, Some("forbidden")),
            (404, Broken, Some("http-404")),
            (405, Broken, Some("http-405")),
            (407, Blocked, Some("auth-required")),
            (408, Unreachable, Some("http-408")),
            (410, Broken, Some("http-410")),
            (418, Broken, Some("http-418")),
            (419, Blocked, Some("sign-in")),
            (420, Blocked, Some("rate-limited")),
            (421, Broken, Some("http-421")),
            (425, Unreachable, Some("http-425")),
            (429, Blocked, Some("rate-limited")),
            (430, Blocked, Some("bot-wall")),
            (440, Blocked, Some("sign-in")),
            (451, Broken, Some("http-451")),
            (499, Unreachable, Some("http-499")),
            (500, Unreachable, Some("http-500")),
            (503, Unreachable, Some("http-503")),
            (599, Unreachable, Some("http-599")),
            (600, Unreachable, Some("bad-response")),
            (999, Blocked, Some("bot-wall")),
        ];
        for (status, verdict, reason) in table {
            let have = judged(&facts(&[("https://a.org/x/y", status)], Outcome::Answered));
            assert_eq!(have, (verdict, reason.map(str::to_owned)), "{status}");
        }
    }

    #[test]
    fn accepted_statuses_are_well() {
        let facts = facts(&[("https://a.org/x", 403)], Outcome::Answered);
        assert_eq!(judge(&facts, &Company::default(), &HostTable::shipped(), &[403]).verdict, Verdict::Ok);
    }

    #[test]
    fn ends_without_an_answer() {
        use Verdict::{Blocked, Broken, Excluded, Unreachable};
        let failed = |failure| Outcome::Failed { failure, detail: String::new() };
        let refused = |refusal| Outcome::Refused { refusal, url: String::new(), detail: String::new() };
        let table = [
            (Outcome::RedirectLoop, Broken, "redirect-loop"),
            (Outcome::RedirectLimit, Broken, "redirect-limit"),
            (Outcome::RedirectInvalid { detail: String::new() }, Broken, "redirect-invalid"),
            (Outcome::RateLimited { until: crate::time::Timestamp::UNIX_EPOCH }, Blocked, "rate-limited"),
            (failed(Failure::DnsNxdomain), Broken, "dns-nxdomain"),
            (failed(Failure::DnsFailure), Unreachable, "dns-failure"),
            (failed(Failure::ConnectRefused), Unreachable, "connect-refused"),
            (failed(Failure::ConnectTimeout), Unreachable, "connect-timeout"),
            (failed(Failure::ReadTimeout), Unreachable, "read-timeout"),
            (failed(Failure::Reset), Unreachable, "reset"),
            (failed(Failure::TlsExpired), Unreachable, "tls-expired"),
            (failed(Failure::TlsHostname), Unreachable, "tls-hostname"),
            (failed(Failure::TlsUntrusted), Unreachable, "tls-untrusted"),
            (failed(Failure::TlsOther), Unreachable, "tls-other"),
            (failed(Failure::BadResponse), Unreachable, "bad-response"),
            (refused(Refusal::RefusedAddress), Excluded, "refused-address"),
            (refused(Refusal::ExcludedRule), Excluded, "excluded-rule"),
            (refused(Refusal::UnsupportedScheme), Excluded, "unsupported-scheme"),
            (refused(Refusal::Robots), Excluded, "robots"),
        ];
        for (outcome, verdict, reason) in table {
            let have = judged(&facts(&[("https://a.org/x", 200)], outcome));
            assert_eq!(have, (verdict, Some(reason.to_owned())), "{reason}");
        }
    }

    #[test]
    fn a_redirect_to_a_sign_in_page_needs_no_answer_from_there() {
        let until = crate::time::Timestamp::UNIX_EPOCH;
        let failed = Outcome::Failed { failure: Failure::ConnectTimeout, detail: String::new() };
        for outcome in [Outcome::RateLimited { until }, failed] {
            let mut sent = facts(&[("https://mysignins.microsoft.com/security-info", 302)], outcome.clone());
            sent.visit.hops[0].location = Some("https://login.microsoftonline.com/common".to_owned());
            assert_eq!(judged(&sent), (Verdict::Blocked, Some("sign-in".to_owned())), "{outcome:?}");
            let elsewhere = facts(&[("https://a.org/x", 302)], outcome.clone());
            assert_ne!(judged(&elsewhere).1.as_deref(), Some("sign-in"), "{outcome:?}");
        }
    }

    #[test]
    fn where_a_chain_leads() {
        use Verdict::{Blocked, Broken, Ok, Redirected, Suspect};
        let table: &[(&[&str], Verdict, Option<&str>)] = &[
            (&["https://a.org/x", "https://a.org/y"], Redirected, None),
            (&["https://a.org/x", "https://a.org/x"], Ok, None),
            (&["https://aka.ms/x", "https://www.bing.com/?ref=aka&shorturl=x"], Broken, Some("sink")),
            (
                &["https://a.org/x", "https://aka.ms/x", "https://www.bing.com/?ref=aka&shorturl=x"],
                Broken,
                Some("sink"),
            ),
            (&["https://aka.ms/x", "https://learn.microsoft.com/en-us/x"], Redirected, None),
            (
                &[
                    "https://go.microsoft.com/fwlink/?LinkID=1",
                    "https://www.microsoft.com/",
                    "https://www.microsoft.com/ro-ro/",
                ],
                Broken,
                Some("sink"),
            ),
            (
                &["https://go.microsoft.com/fwlink/?LinkID=1", "https://www.microsoft.com/en-us/p"],
                Redirected,
                None,
            ),
            (
                &["https://portal.azure.com/", "https://login.microsoftonline.com/common/oauth2/authorize"],
                Blocked,
                Some("sign-in"),
            ),
            (&["https://portal.azure.com/"], Blocked, Some("sign-in")),
            (
                &["https://x.sharepoint.com/y", "https://login.microsoftonline.com/z"],
                Blocked,
                Some("sign-in"),
            ),
            (&["https://login.microsoftonline.com/"], Ok, None),
            (&["https://a.org/deep/page", "https://www.a.org/"], Suspect, Some("sink")),
            (&["https://a.org/deep/page", "https://www.a.org/en-us/"], Suspect, Some("sink")),
            (&["https://a.org/deep/page", "https://b.org/"], Redirected, None),
            (&["https://a.org/", "https://www.a.org/"], Redirected, None),
            (&["https://a.org/en-us/", "https://www.a.org/"], Redirected, None),
            (
                &["https://a.org/x", "https://www.hugedomains.com/domain_profile.cfm?d=a.org"],
                Suspect,
                Some("parked"),
            ),
        ];
        for (urls, verdict, reason) in table {
            let last = urls.len() - 1;
            let hops: Vec<_> =
                urls.iter().enumerate().map(|(n, url)| (*url, if n == last { 200 } else { 302 })).collect();
            let have = judged(&facts(&hops, Outcome::Answered));
            assert_eq!(have, (*verdict, reason.map(str::to_owned)), "{urls:?}");
        }
    }

    #[test]
    fn not_modified_is_well() {
        assert_eq!(judged(&facts(&[("https://a.org/x", 304)], Outcome::NotModified)), (Verdict::Ok, None));
        let moved = facts(&[("https://a.org/x", 301), ("https://a.org/y", 304)], Outcome::NotModified);
        assert_eq!(judged(&moved), (Verdict::Redirected, None));
    }

    /// H29, H35: a wall is no verdict on the page.
    #[test]
    fn h29_walls() {
        let wall = |status, line: &str| {
            judged(&with_answer(status, Answer { wall: vec![line.to_owned()], ..Answer::default() }))
        };
        let blocked = (Verdict::Blocked, Some("bot-wall".to_owned()));
        assert_eq!(wall(403, "cf-mitigated: challenge"), blocked);
        assert_eq!(wall(503, "cf-mitigated: challenge"), blocked);
        assert_eq!(wall(202, "x-amzn-waf-action: challenge"), blocked);
        assert_eq!(wall(403, "x-datadome: protected"), blocked);
        assert_eq!(wall(200, "x-datadome: protected").0, Verdict::Ok);
        let empty = with_answer(202, Answer { body_length: Some(0), ..Answer::default() });
        assert_eq!(judged(&empty), blocked);
        let some = with_answer(202, Answer { body_length: Some(9), ..Answer::default() });
        assert_eq!(judged(&some).0, Verdict::Ok);
    }

    /// A wall by its body comes before whatever its text and the way to it could mean.
    #[test]
    fn h29_walls_by_body() {
        let mut walled = facts(&[("https://a.org/x/y", 302), ("https://a.org/", 200)], Outcome::Answered);
        let page = crate::page::PageFacts {
            title: Some("404".to_owned()),
            signs: vec![crate::page::Sign::Wall],
            ..crate::page::PageFacts::default()
        };
        walled.page = Some(page);
        assert_eq!(judged(&walled), (Verdict::Blocked, Some("bot-wall".to_owned())));
    }

    #[test]
    fn why_no_snapshot_was_taken() {
        let answer = |body_too_large, body_length, kind: &str| Answer {
            body_too_large,
            body_length,
            content_type: Some(kind.to_owned()),
            ..Answer::default()
        };
        let reason = |answer| judged(&with_answer(200, answer));
        assert_eq!(reason(answer(true, None, "text/html")), (Verdict::Ok, Some("body-too-large".to_owned())));
        assert_eq!(reason(answer(false, None, "image/png")), (Verdict::Ok, Some("content-type".to_owned())));
        assert_eq!(reason(answer(false, Some(5), "text/html")), (Verdict::Ok, None));
        let robots = Answer { robots: true, ..answer(false, Some(5), "text/html") };
        assert_eq!(reason(robots), (Verdict::Ok, Some("robots".to_owned())));
    }
}
