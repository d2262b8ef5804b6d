use super::super::facts::Validators;
use super::super::secrets::Secrets;
use super::*;
use crate::target::{CanonicalUrl, TargetId};

/// Admits everything but one host and other schemes.
struct Anywhere;

impl Admit for Anywhere {
    fn admit(&self, url: &Url) -> Result<(), (Refusal, String)> {
        match (url.scheme(), url.host_str()) {
            ("http" | "https", Some("10.0.0.1")) => Err((Refusal::RefusedAddress, "private".to_owned())),
            ("http" | "https", _) => Ok(()),
            _ => Err((Refusal::UnsupportedScheme, "scheme".to_owned())),
        }
    }
}

/// A chain with its rules, fed by hand.
struct Played {
    chain: Chain,
    settings: VisitSettings,
    dice: Dice,
}

impl Played {
    fn new(url: &str) -> Self {
        let target = DueTarget {
            id: TargetId(1),
            url: CanonicalUrl::parse(url).unwrap(),
            validators: None,
            known: None,
            purpose: Purpose::Entry,
        };
        Self { chain: Chain::new(target), settings: VisitSettings::default(), dice: Dice::seeded(1) }
    }

    fn with_etag(mut self, url: &str) -> Self {
        let etag = Some("\"1\"".to_owned());
        self.chain.target.validators = Some(Validators { url: url.to_owned(), etag, last_modified: None });
        self
    }

    fn rules(settings: &VisitSettings) -> Rules<'_> {
        Rules { settings, admit: &Anywhere, retries: settings.max_retries, now: Timestamp::UNIX_EPOCH }
    }

    fn request(&mut self) -> Request {
        let at = Arc::new(AtHost::new(self.settings.clone(), &Secrets::default()));
        self.chain.request(&Self::rules(&self.settings), &at)
    }

    /// Makes the next request and takes this as its end.
    fn play(&mut self, head: Option<(u16, &[(&'static str, &str)])>, end: End) -> Step {
        self.request();
        let head = head.map(|(status, lines)| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, HeaderValue::from_str(value).unwrap());
            }
            Box::new(Head { status, headers, certificate_ends: None })
        });
        let second = Duration::from_secs(1);
        let exchange = Exchange { elapsed: second, spent: second, received: 10, head, end };
        self.chain.took(exchange, &Self::rules(&self.settings), &mut self.dice)
    }

    fn answer(&mut self, status: u16, lines: &[(&'static str, &str)]) -> Step {
        self.play(Some((status, lines)), End::Answer(Reading::NotRead))
    }

    fn fail(&mut self, failure: Failure) -> Step {
        self.play(None, End::Failed(failure, "x".to_owned()))
    }
}

/// A step in a word, so that a table can say what is expected.
fn word(step: &Step) -> String {
    match step {
        Step::Request => "request".to_owned(),
        Step::Repeat { host: false, .. } => "repeat".to_owned(),
        Step::Repeat { host: true, wait } => format!("repeat, host after {} s", wait.as_secs()),
        Step::RateLimited { wait } => format!("limited for {} s", wait.as_secs()),
        Step::Done { outcome, passing, .. } => {
            let end = match outcome {
                Outcome::Answered => "answered".to_owned(),
                Outcome::NotModified => "not modified".to_owned(),
                Outcome::Failed { failure, .. } => format!("{failure:?}"),
                Outcome::Refused { refusal, .. } => format!("{refusal:?}"),
                other => format!("{other:?}"),
            };
            if *passing { format!("{end}, may pass") } else { end }
        }
    }
}

/// The whole table of what one answer to a fresh visit leads to.
#[test]
fn what_an_answer_leads_to() {
    let slow: &[(&str, &str)] = &[("retry-after", "7")];
    let hour: &[(&str, &str)] = &[("retry-after", "3600")];
    let to: &[(&str, &str)] = &[("location", "/next")];
    type Lines<'a> = &'a [(&'static str, &'static str)];
    let table: &[(u16, Lines<'_>, &str)] = &[
        (200, &[], "answered"),
        (200, hour, "answered"),
        (300, to, "answered"),
        (301, to, "request"),
        (302, to, "request"),
        (303, to, "request"),
        (307, to, "request"),
        (308, to, "request"),
        (302, &[("location", "http://10.0.0.1/")], "RefusedAddress"),
        (302, &[("location", "ftp://a.org/")], "UnsupportedScheme"),
        (304, &[], "repeat"),
        (404, &[], "answered"),
        (404, slow, "answered"),
        (408, &[], "repeat"),
        (425, &[], "repeat"),
        (429, slow, "repeat, host after 7 s"),
        (429, hour, "limited for 3600 s"),
        (429, &[("retry-after", "soon")], "repeat, host after 0 s"),
        (500, &[], "repeat"),
        (500, hour, "repeat"),
        (503, slow, "repeat, host after 7 s"),
        (503, hour, "limited for 3600 s"),
    ];
    for (status, lines, want) in table {
        assert_eq!(word(&Played::new("https://a.org/x").answer(*status, lines)), *want, "{status} {lines:?}");
    }
}

#[test]
fn what_a_failure_leads_to() {
    use Failure::*;
    let table = [
        (DnsNxdomain, "DnsNxdomain"),
        (DnsFailure, "repeat"),
        (ConnectRefused, "repeat"),
        (ConnectTimeout, "repeat"),
        (ReadTimeout, "repeat"),
        (Reset, "repeat"),
        (TlsExpired, "TlsExpired"),
        (TlsHostname, "TlsHostname"),
        (TlsUntrusted, "TlsUntrusted"),
        (TlsOther, "repeat"),
        (BadResponse, "BadResponse"),
    ];
    for (failure, want) in table {
        assert_eq!(word(&Played::new("https://a.org/x").fail(failure)), want);
    }
}

/// HTTP/2 that fails is no fault that passes: the attempt over HTTP/1.1 is made even where there are no repeats, but not for ever.
#[test]
fn h32_http2_that_fails_is_tried_over_http1_as_long_as_there_is_time() {
    let mut played = Played::new("https://a.org/x");
    played.settings.max_retries = 0;
    played.settings.target_timeout = Duration::from_secs(3);
    let mut fail = || word(&played.play(None, End::Http2Failed(Failure::BadResponse, "x".to_owned())));
    assert_eq!([fail(), fail(), fail()], ["repeat", "repeat", "BadResponse"]);
}

#[test]
fn repeats_end_and_only_the_last_attempt_counts() {
    let mut played = Played::new("https://a.org/x");
    for _ in 0..3 {
        assert_eq!(word(&played.answer(301, &[("location", "/y")])), "request");
        assert_eq!(word(&played.answer(502, &[])), "repeat");
    }
    assert_eq!(word(&played.answer(301, &[("location", "/y")])), "request");
    assert_eq!(word(&played.answer(502, &[])), "answered, may pass");
    let visited = played.chain.finish(Outcome::Answered, None, None, Timestamp::UNIX_EPOCH);
    assert_eq!((visited.visit.attempts, visited.requests, visited.received), (4, 8, 80));
    assert_eq!(visited.visit.hops.len(), 2);
    assert_eq!(visited.visit.hops[0].location.as_deref(), Some("/y"));
}

#[test]
fn another_pass_adds_up() {
    let mut played = Played::new("https://a.org/x");
    for _ in 0..4 {
        played.fail(Failure::Reset);
    }
    played.chain = played.chain.again(Pass::Second);
    played.answer(200, &[]);
    let visited = played.chain.finish(Outcome::Answered, None, None, Timestamp::UNIX_EPOCH);
    assert_eq!((visited.visit.attempts, visited.requests, visited.visit.hops.len()), (5, 5, 1));
}

#[test]
fn a_target_has_only_so_much_time() {
    let mut played = Played::new("https://a.org/x");
    played.settings.target_timeout = Duration::from_millis(2500);
    assert_eq!(played.request().budget, Duration::from_millis(2500));
    assert_eq!(word(&played.fail(Failure::Reset)), "repeat");
    assert_eq!(played.request().budget, Duration::from_millis(1500));
    assert_eq!(word(&played.fail(Failure::Reset)), "repeat");
    assert_eq!(word(&played.fail(Failure::Reset)), "Reset, may pass", "no time for another");
    let mut played = Played::new("https://a.org/0");
    played.settings.target_timeout = Duration::from_secs(2);
    assert_eq!(word(&played.answer(302, &[("location", "/1")])), "request");
    assert_eq!(word(&played.answer(302, &[("location", "/2")])), "ReadTimeout");
}

#[test]
fn validators_go_to_their_url_only() {
    let sent =
        |played: &mut Played| played.request().headers.iter().any(|(name, _)| *name == header::IF_NONE_MATCH);
    assert!(sent(&mut Played::new("https://a.org/x").with_etag("https://a.org/x")));
    assert!(!sent(&mut Played::new("https://a.org/x").with_etag("https://a.org/y")));
    let mut played = Played::new("https://a.org/x").with_etag("https://a.org/y");
    assert_eq!(word(&played.answer(301, &[("location", "/y")])), "request");
    assert_eq!(word(&played.answer(304, &[])), "not modified");
}

/// GHSA-cw9j-q3vf-hrrv, GHSA-4qqq-9vqf-3h3f: nothing of one origin reaches another, be it host, scheme or port.
#[test]
fn h10_ghsa_cw9j_q3vf_hrrv_own_headers_never_cross_an_origin() {
    for (location, goes) in [
        ("/y", true),
        ("https://a.org:443/y", true),
        ("https://a.org:8443/y", false),
        ("http://a.org/y", false),
        ("https://www.a.org/y", false),
        ("https://b.org/y", false),
    ] {
        let mut played = Played::new("https://a.org/x");
        played.settings.headers = vec![("X-Team".to_owned(), "docs".to_owned())];
        assert_eq!(word(&played.answer(302, &[("location", location)])), "request");
        let sent = played.request().headers.iter().any(|(name, _)| name == "x-team");
        assert_eq!(sent, goes, "{location}");
    }
}

/// H30, M20: what is kept of headers is bounded and holds no control characters.
#[test]
fn h30_what_is_kept_of_headers_is_bounded() {
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, HeaderValue::from_str(&format!("\"{}\"", "e".repeat(64 << 10))).unwrap());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_bytes(b"text/html\t\xff").unwrap());
    headers.insert("cf-mitigated", HeaderValue::from_static("challenge"));
    headers.insert("x-other", HeaderValue::from_static("y"));
    let kept = answer(&headers, &Reading::TooLarge);
    assert_eq!(kept.etag, None, "a tag of 64 KiB is not sent back");
    assert_eq!(kept.content_type.as_deref(), Some("text/html\u{fffd}"));
    assert_eq!(kept.wall, ["cf-mitigated: challenge"]);
    assert!(kept.body_too_large);
}
