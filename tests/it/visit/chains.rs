//! Redirects, cookies, validators, the guard: what a chain does.

use linkdrift::config::{AllowPrivate, ResolveRule};
use linkdrift::visit::facts::{Outcome, Validators};

use super::{Visits, hops, said};
use crate::support::web::{Reply, Web};

fn number(path: &str) -> usize {
    path.trim_start_matches('/').parse().unwrap_or_default()
}

/// H06: ten redirects are followed, the eleventh is not.
#[tokio::test]
async fn h06_a_chain_ends_at_the_limit() {
    let web = Web::start(|asked| match number(&asked.path) {
        0 => Reply::html("the end"),
        n => Reply::redirect(302, &format!("/{}", n - 1)),
    })
    .await;
    let ten = Visits::of(&web).url("http://a.net/10").one().await;
    assert_eq!(said(&ten), "redirected");
    assert_eq!(ten.visit.hops.len(), 11);
    assert_eq!(ten.visit.final_url(), Some("http://a.net/0"));
    let eleven = Visits::of(&web).url("http://a.net/11").one().await;
    assert_eq!(said(&eleven), "broken redirect-limit");
    assert_eq!(eleven.requests, 11);
}

/// H05.
#[tokio::test]
async fn h05_loops_are_found() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/a" => Reply::redirect(301, "/b"),
        "/b" => Reply::redirect(301, "/a#again"),
        "/self" => Reply::redirect(302, "/self"),
        path => Reply::redirect(302, &format!("{}1", path)),
    })
    .await;
    let two = Visits::of(&web).url("http://a.net/a").one().await;
    assert_eq!(said(&two), "broken redirect-loop");
    assert_eq!(hops(&two), ["301 http://a.net/a", "301 http://a.net/b"]);
    assert_eq!(said(&Visits::of(&web).url("http://a.net/self").one().await), "broken redirect-loop");
    assert_eq!(said(&Visits::of(&web).url("http://a.net/grow?n=").one().await), "broken redirect-limit");
}

/// H08: behind a cookie wall is the page; a wall that never opens is a loop.
#[tokio::test]
async fn h08_cookies_live_for_one_chain() {
    let web = Web::start(|asked| match (asked.path.as_str(), asked.header("cookie")) {
        ("/wall", Some("seen=1")) => Reply::html("inside"),
        ("/wall", None) => Reply::redirect(302, "/wall").with("Set-Cookie", "seen=1"),
        ("/never", _) => Reply::redirect(302, "/never").with("Set-Cookie", "seen=1; Path=/elsewhere"),
        ("/other", None) => Reply::html("no cookie came"),
        _ => Reply::status(400),
    })
    .await;
    let all = Visits::of(&web)
        .with(|settings| settings.host.concurrency = 1)
        .url("http://a.net/wall")
        .url("http://a.net/never")
        .url("http://a.net/other")
        .run()
        .await;
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), ["ok", "broken redirect-loop", "ok"]);
    assert_eq!(hops(&all[0]), ["302 http://a.net/wall", "200 http://a.net/wall"]);
}

/// H08, U32: bytes of an old character set go back to their server as they came.
#[tokio::test]
async fn h08_u32_bytes_that_are_no_utf_8_arrive() {
    let web = Web::start(|asked| {
        let head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n".as_bytes();
        match (asked.path.as_str(), asked.header("cookie")) {
            ("/menu", _) => Reply::raw([head, b"Location: /caf\xe9\r\n\r\n"].concat()),
            ("/caf%E9", _) | ("/city", Some(_)) => Reply::html("here"),
            ("/city", None) => {
                Reply::raw([head, b"Location: /city\r\nSet-Cookie: city=Z\xfcrich\r\n\r\n"].concat())
            }
            _ => Reply::status(404),
        }
    })
    .await;
    let all = Visits::of(&web).url("http://a.net/menu").url("http://a.net/city").run().await;
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), ["redirected", "ok"]);
    assert_eq!(hops(&all[0]), ["302 http://a.net/menu", "200 http://a.net/caf%E9"]);
}

/// H09, H10, H39: what goes to whom.
#[tokio::test]
async fn h09_h10_h39_u43_own_headers_stay_with_their_origin() {
    let web = Web::start(|asked| match asked.name() {
        "a.net" if asked.path == "/" => Reply::redirect(302, "http://b.net/").with("Set-Cookie", "c=1"),
        "b.net" => Reply::redirect(302, "http://a.net/end"),
        _ => Reply::html("end"),
    })
    .await;
    let visits = Visits::of(&web).url("http://a.net/").with(|settings| {
        settings.headers = vec![("X-Team".to_owned(), "docs".to_owned())];
        settings.accept_language = Some("ro-RO".to_owned());
        settings.user_agent_contact = Some("docs@a.net".to_owned());
    });
    assert_eq!(said(&visits.one().await), "redirected");
    let asked = web.requests();
    let header = |name| asked.iter().map(|asked| asked.header(name)).collect::<Vec<_>>();
    assert_eq!(header("x-team"), [Some("docs"), None, Some("docs")]);
    assert_eq!(header("cookie"), [None, None, Some("c=1")]);
    assert_eq!(header("referer"), [None, None, None]);
    assert_eq!(header("accept-language"), [Some("ro-RO"); 3]);
    assert_eq!(header("accept-encoding"), [Some("gzip, br, zstd"); 3]);
    let agent = header("user-agent")[0].unwrap();
    assert!(agent.starts_with("linkdrift/") && agent.ends_with(" (+docs@a.net)"), "{agent}");
}

/// U31, U32.
#[tokio::test]
async fn u31_u32_locations_that_lead_nowhere() {
    let web = Web::start(|asked| {
        let head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n".as_bytes();
        let location: &[u8] = match asked.path.as_str() {
            "/missing" => b"",
            "/empty" => b"Location:\r\n",
            "/two" => b"Location: /x\r\nLocation: /y\r\n",
            "/backslash" => b"Location: http://127.0.0.1\\@b.net/\r\n",
            "/file" => b"Location: file:///etc/passwd\r\n",
            "/script" => b"Location: javascript:alert(1)\r\n",
            _ => b"Location: http://\r\n",
        };
        Reply::raw([head, location, b"\r\n"].concat())
    })
    .await;
    for (path, want) in [
        ("missing", "broken redirect-invalid"),
        ("empty", "broken redirect-invalid"),
        ("two", "broken redirect-invalid"),
        ("backslash", "broken redirect-invalid"),
        ("nohost", "broken redirect-invalid"),
        ("file", "excluded unsupported-scheme"),
        ("script", "excluded unsupported-scheme"),
    ] {
        let visited = Visits::of(&web).url(&format!("http://a.net/{path}")).one().await;
        assert_eq!(said(&visited), want, "{path}");
        assert_eq!(visited.visit.hops.len(), 1, "{path}");
    }
}

/// U37: the operator opens what is to be opened, and the request goes there.
#[tokio::test]
async fn u37_what_is_opened_is_visited() {
    let web = Web::start(|_| Reply::html("inside")).await;
    let url = format!("http://127.0.0.1:{}/", web.http.port());
    let open =
        |rule: AllowPrivate| Visits::of(&web).url(&url).with(|settings| settings.allow_private = vec![rule]);
    assert_eq!(said(&open(AllowPrivate::Range("127.0.0.0/8".parse().unwrap())).one().await), "ok");
    assert_eq!(
        said(&open(AllowPrivate::Range("10.0.0.0/8".parse().unwrap())).one().await),
        "excluded refused-address"
    );
    let local = format!("http://localhost:{}/", web.http.port());
    let visits = Visits::of(&web)
        .url(&local)
        .with(|settings| settings.allow_private = vec![AllowPrivate::Host("localhost".to_owned())]);
    assert_eq!(said(&visits.one().await), "ok", "through the hosts file");
}

/// `--resolve` for a port that stands in the URL: the server sees the URL's own authority.
#[tokio::test]
async fn a_mapping_keeps_the_urls_own_name_and_port() {
    let web = Web::start(|_| Reply::html("mapped")).await;
    let rule = |host: Option<&str>, port, to| ResolveRule { host: host.map(str::to_owned), port, to };
    let all = Visits::of(&web)
        .with(|settings| {
            settings.resolve = vec![
                rule(Some("a.net"), 8080, web.http),
                rule(Some("a.net"), 8443, web.https),
                rule(None, 80, web.http),
            ];
        })
        .url("http://a.net:8080/x")
        .url("https://a.net:8443/x")
        .url("http://intranet/x")
        .run()
        .await;
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), ["ok"; 3]);
    let mut hosts: Vec<_> = web.requests().into_iter().map(|asked| (asked.scheme, asked.host)).collect();
    hosts.sort();
    let want = [("http", "a.net:8080"), ("http", "intranet"), ("https", "a.net:8443")];
    assert_eq!(hosts, want.map(|(scheme, host)| (scheme, host.to_owned())));
}

/// An excluded URL is not requested, even by redirect.
#[tokio::test]
async fn a_redirect_to_an_excluded_url_ends_there() {
    let web = Web::start(|_| Reply::redirect(302, "http://b.net/private/x")).await;
    let mut visits = Visits::of(&web).url("http://a.net/");
    visits.scope.exclude = vec![regex::Regex::new("/private/").unwrap()];
    let visited = visits.one().await;
    assert_eq!(said(&visited), "excluded excluded-rule");
    assert_eq!(hops(&visited), ["302 http://a.net/"]);
}

/// H30: validators go to the URL that gave them, and a 304 that nobody asked for is no answer.
#[tokio::test]
async fn h30_conditional_requests() {
    let web = Web::start(|asked| {
        let known = asked.header("if-none-match") == Some("\"1\"");
        match asked.path.as_str() {
            "/old" => Reply::redirect(301, "/page"),
            "/page" if known => Reply::status(304),
            "/page" => Reply::html("new").with("ETag", "\"1\""),
            "/odd" if asked.before == 0 => Reply::status(304),
            "/odd" => Reply::html("asked again"),
            "/stubborn" => Reply::status(304),
            _ => Reply::status(400),
        }
    })
    .await;
    let validators = |url: &str| {
        let etag = Some("\"1\"".to_owned());
        Some(Validators { url: url.to_owned(), etag, last_modified: None })
    };
    let mut visits = Visits::of(&web);
    visits.add("http://a.net/old", validators("http://a.net/page"));
    visits.add("http://a.net/page", validators("http://a.net/page"));
    visits.add("http://a.net/page?2", None);
    let all = visits.run().await;
    assert_eq!(all[0].visit.outcome, Outcome::NotModified);
    assert_eq!(said(&all[0]), "redirected");
    assert_eq!(all[1].visit.outcome, Outcome::NotModified);
    assert!(all[1].body.is_none());
    let old = web.requests().into_iter().find(|asked| asked.path == "/old").unwrap();
    assert_eq!(old.header("if-none-match"), None);

    let mut visits = Visits::of(&web);
    visits.add("http://a.net/odd", None);
    visits.add("http://a.net/stubborn", None);
    let all = visits.run().await;
    assert_eq!(said(&all[0]), "ok");
    assert_eq!(said(&all[1]), "unreachable bad-response");
}
