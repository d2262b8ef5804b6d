//! Reasons of verdicts as part of a sentence.

/// What follows the URL: "… answers 404 (not found)".
pub(super) fn phrase(reason: Option<&str>) -> String {
    let Some(reason) = reason else { return "could not be judged".to_owned() };
    if let Some(status) = reason.strip_prefix("http-") {
        return match meaning(status) {
            Some(meaning) => format!("answers {status} ({meaning})"),
            None => format!("answers {status}"),
        };
    }
    let known = match reason {
        "dns-nxdomain" => "names a host that does not exist",
        "dns-failure" => "names a host whose address could not be found",
        "redirect-loop" => "redirects in a circle",
        "redirect-limit" => "redirects more often than is allowed",
        "redirect-invalid" => "redirects to nowhere",
        "sink" => "no longer leads to its page, but to where its host sends everything it does not know",
        "soft-404" => "answers, but with a page that says it is not there",
        "parked" => "answers with a page of a parked domain",
        "connect-refused" => "refuses the connection",
        "connect-timeout" => "could not be connected to in time",
        "read-timeout" => "did not answer in time",
        "reset" => "cut the connection",
        "tls-expired" => "has a certificate that is out of date",
        "tls-hostname" => "has a certificate for another name",
        "tls-untrusted" => "has a certificate of an unknown issuer",
        "tls-other" => "could not be spoken to over TLS",
        "bad-response" => "gives an answer that cannot be read",
        "auth-required" => "asks for credentials",
        "forbidden" => "refuses access (403)",
        "bot-wall" => "answers visitors of our kind with a bot wall",
        "sign-in" => "answers with a sign-in page",
        "rate-limited" => "asked for more time than this run has",
        other => return format!("failed ({other})"),
    };
    known.to_owned()
}

/// RFC 9110 §15, in the words of a reader.
fn meaning(status: &str) -> Option<&'static str> {
    Some(match status {
        "400" => "bad request",
        "404" => "not found",
        "405" => "method not allowed",
        "408" => "request time-out",
        "410" => "gone",
        "451" => "withheld for legal reasons",
        "500" => "server error",
        "502" => "bad gateway",
        "503" => "service unavailable",
        "504" => "gateway time-out",
        _ => return None,
    })
}
