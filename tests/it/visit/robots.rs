//! robots.txt (RFC 9309) on loopback: whose text is kept, what is requested, and how often the file is asked for.

use std::time::Duration;

use linkdrift::config::{HostLimits, RobotsPolicy};
use linkdrift::visit::facts::Visited;

use super::{Visits, hops, said};
use crate::support::web::{Asked, Reply, Then, Web};

const NOT_PRIVATE: &str = "User-agent: linkdrift\nDisallow: /private\n";

fn text(body: impl Into<Vec<u8>>) -> Reply {
    Reply::ok("text/plain", body.into())
}

fn visits(web: &Web, policy: RobotsPolicy) -> Visits {
    Visits::of(web).with(|settings| settings.robots = policy)
}

/// Whether the text may be kept.
fn kept(visited: &Visited) -> bool {
    let answer = visited.visit.answer.as_ref();
    visited.body.is_some() && answer.is_some_and(|answer| !answer.robots)
}

fn probes(web: &Web) -> Vec<String> {
    let probe = |asked: &Asked| asked.path == "/robots.txt";
    web.requests()
        .iter()
        .filter(|asked| probe(asked))
        .map(|asked| format!("{}://{}", asked.scheme, asked.host))
        .collect()
}

/// Every page is visited; the text is kept where the file allows; each origin is asked once, and only where there is a page to keep.
#[tokio::test]
async fn the_text_is_kept_where_robots_allow() {
    let web = Web::start(|asked| match (asked.name(), asked.path.as_str()) {
        (_, "/robots.txt") => text(NOT_PRIVATE),
        ("short.net", _) => Reply::redirect(301, "http://a.net/private/moved"),
        (_, "/gone") => Reply::status(404),
        _ => Reply::html("x"),
    })
    .await;
    let mut visits = visits(&web, RobotsPolicy::Snapshots);
    for url in [
        "http://a.net/open",
        "http://a.net/private/1",
        "http://a.net/private?q",
        "http://a.net/privat",
        "http://short.net/x",
        "http://gone.net/gone",
        "https://a.net/private",
    ] {
        visits = visits.url(url);
    }
    let all = visits.run().await;
    assert_eq!(
        all.iter().map(said).collect::<Vec<_>>(),
        ["ok", "ok robots", "ok robots", "ok", "redirected robots", "broken http-404", "ok robots"]
    );
    assert_eq!(all.iter().map(kept).collect::<Vec<_>>(), [true, false, false, true, false, false, false]);
    assert_eq!(
        hops(&all[4]),
        ["301 http://short.net/x", "200 http://a.net/private/moved"],
        "a probe is no hop"
    );
    assert!(all.iter().all(|visited| visited.requests <= 2));
    let mut asked = probes(&web);
    asked.sort();
    assert_eq!(asked, ["http://a.net", "https://a.net"]);
}

/// `all`: what is disallowed is never requested, nor is it through a redirect; `off`: the file is never asked for.
#[tokio::test]
async fn what_is_disallowed_is_not_requested_under_all() {
    let handler = |asked: &Asked| match (asked.name(), asked.path.as_str()) {
        ("down.net", "/robots.txt") => Reply::status(503),
        (_, "/robots.txt") => text(NOT_PRIVATE),
        ("short.net", _) => Reply::redirect(301, "http://a.net/private/moved"),
        _ => Reply::html("x"),
    };
    let urls = ["http://a.net/open", "http://a.net/private/1", "http://short.net/x", "http://down.net/x"];
    let web = Web::start(handler).await;
    let all = urls.iter().fold(visits(&web, RobotsPolicy::All), |visits, url| visits.url(url)).run().await;
    assert_eq!(
        all.iter().map(said).collect::<Vec<_>>(),
        ["ok", "excluded robots", "excluded robots", "excluded robots"]
    );
    assert_eq!(hops(&all[2]), ["301 http://short.net/x"]);
    let pages: Vec<_> = web
        .requests()
        .into_iter()
        .filter(|asked| asked.path != "/robots.txt")
        .map(|asked| asked.path)
        .collect();
    assert!(!pages.iter().any(|path| path.starts_with("/private")), "{pages:?}");
    assert_eq!(probes(&web).iter().filter(|origin| *origin == "http://a.net").count(), 1);

    let web = Web::start(handler).await;
    let all = urls.iter().fold(visits(&web, RobotsPolicy::Off), |visits, url| visits.url(url)).run().await;
    assert!(all.iter().all(kept));
    assert!(probes(&web).is_empty());
}

/// What came in place of the file decides (RFC 9309 §2.3.1).
#[tokio::test]
async fn what_answers_in_place_of_the_file() {
    let long =
        format!("{NOT_PRIVATE}{}User-agent: *\nDisallow: /\n", "# filler filler filler\n".repeat(30_000));
    let table: Vec<(&str, Reply, bool, bool)> = vec![
        // Name, answer, whether /open and whether /private may be kept.
        ("404", Reply::status(404), true, true),
        ("403", Reply::status(403), true, true),
        ("empty", text(""), true, true),
        ("no content", Reply::status(204), true, true),
        ("html", Reply::html("<p>User-agent and so on"), true, true),
        ("500", Reply::status(500), false, false),
        ("429", Reply::status(429), false, false),
        ("long", text(long), true, false),
        ("no text by its type", Reply::ok("application/octet-stream", NOT_PRIVATE.into()), true, false),
        ("latin 1", text([NOT_PRIVATE.as_bytes(), b"Disallow: /caf\xe9\n"].concat()), true, false),
        ("reset", Reply::Raw(Vec::new(), Then::Reset), false, false),
        ("hang", Reply::Raw(Vec::new(), Then::Hang), false, false),
        ("garbage", Reply::raw(vec![0xfe; 300]), false, false),
        ("redirect to this machine", Reply::redirect(301, "http://127.0.0.1/robots.txt"), false, false),
        ("redirect to another scheme", Reply::redirect(301, "ftp://a.net/robots.txt"), true, true),
        ("redirect to itself", Reply::redirect(301, "/robots.txt"), true, true),
        ("redirect elsewhere", Reply::redirect(301, "http://rules.net/robots.txt"), true, false),
        (
            "endless",
            Reply::Endless(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nUser-agent: *\nDisallow: /private\n"
                    .to_vec(),
                vec![b'#'; 64 << 10],
                Duration::ZERO,
            ),
            true,
            false,
        ),
    ];
    for (name, reply, open, private) in table {
        let web = Web::start(move |asked| match (asked.name(), asked.path.as_str()) {
            ("a.net", "/robots.txt") => reply.clone(),
            (_, "/robots.txt") => text(NOT_PRIVATE),
            _ => Reply::html("x"),
        })
        .await;
        let all = visits(&web, RobotsPolicy::Snapshots)
            .with(|settings| {
                settings.first_byte_timeout = Duration::from_millis(200);
                settings.connect_timeout = Duration::from_millis(100);
                settings.idle_timeout = Duration::from_millis(200);
            })
            .url("http://a.net/open")
            .url("http://a.net/private")
            .run()
            .await;
        assert!(all.iter().all(|visited| said(visited).starts_with("ok")), "{name}");
        assert_eq!(all.iter().map(kept).collect::<Vec<_>>(), [open, private], "{name}");
        assert!(probes(&web).len() <= 6, "{name}: {:?}", probes(&web));
    }
}

/// U29: the guard looks at a probe's redirects as at any other request: nothing is connected to that is closed to visits.
#[tokio::test]
async fn u29_a_probe_passes_the_guard() {
    let inside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let to = format!("http://{}/robots.txt", inside.local_addr().unwrap());
    let web = Web::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => Reply::redirect(302, &to),
        _ => Reply::html("x"),
    })
    .await;
    let all = visits(&web, RobotsPolicy::Snapshots).url("http://a.net/x").run().await;
    assert_eq!(said(&all[0]), "ok robots");
    assert_eq!(inside.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

/// Probes count in their host's limit, at the place where redirects lead, too.
#[tokio::test]
async fn probes_count_in_the_limit() {
    let web = Web::start(|asked| match (asked.name(), asked.path.as_str()) {
        ("rules.net", "/robots.txt") => text(NOT_PRIVATE),
        (_, "/robots.txt") => Reply::redirect(301, "http://rules.net/robots.txt"),
        _ => Reply::html("x"),
    })
    .await;
    let mut visits = visits(&web, RobotsPolicy::Snapshots).with(|settings| {
        settings.host = HostLimits::default().with_concurrency(1).with_interval(Duration::from_millis(20));
    });
    for n in 0..10 {
        visits = visits.url(&format!("http://h{n}.net/a")).url(&format!("http://h{n}.net/private"));
    }
    let all = visits.run().await;
    assert_eq!(all.iter().filter(|visited| kept(visited)).count(), 10);
    assert_eq!(web.max_in_flight("rules.net"), 1);
    let mut starts: Vec<_> =
        web.requests().iter().filter(|asked| asked.name() == "rules.net").map(|asked| asked.at).collect();
    starts.sort();
    assert_eq!(starts.len(), 10);
    assert!(starts[9] - starts[0] >= Duration::from_millis(9 * 20 - 20), "{starts:?}");
}

/// A host that closes while its file is asked for: what waits for it ends, and nothing hangs.
#[tokio::test]
async fn a_host_that_closes_under_a_probe_leaves_nothing_waiting() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" => Reply::status(429).with("Retry-After", "3600").with("RateLimit", "\"d\";r=0;t=3600"),
        _ => Reply::html("x"),
    })
    .await;
    let mut visits = visits(&web, RobotsPolicy::Snapshots).with(|settings| settings.host.concurrency = 1);
    for n in 0..20 {
        visits = visits.url(&format!("http://a.net/{n}"));
    }
    let all = visits.run().await;
    assert_eq!(said(&all[0]), "ok robots");
    assert!(all[1..].iter().all(|visited| said(visited) == "blocked rate-limited"));
    assert_eq!(web.requests().len(), 2);
}

/// More pages than may wait at once: those beyond it are asked for again, and each is handed out once, whole.
#[tokio::test]
async fn pages_that_wait_are_bounded() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" => text(NOT_PRIVATE),
        _ => Reply::html(&"x".repeat(60 << 10)),
    })
    .await;
    let mut visits = visits(&web, RobotsPolicy::Snapshots).with(|settings| {
        settings.host = settings.host.with_concurrency(30);
        settings.max_body_in_flight = 3 << 20;
        settings.max_body_decoded = 1 << 20;
    });
    for n in 0..30 {
        visits = visits.url(&format!("http://a.net/{n}"));
    }
    let all = visits.run().await;
    assert_eq!(all.len(), 30);
    assert!(all.iter().all(|visited| kept(visited) && visited.visit.hops.len() == 1));
    assert!(probes(&web).len() == 1 && web.requests().len() >= 31);
}

/// Through the program: what is disallowed leaves no snapshot in the state, and the target says why.
#[tokio::test]
async fn a_disallowed_page_leaves_no_snapshot() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/robots.txt" => text(NOT_PRIVATE),
        path if path.contains("no-such-page") => Reply::status(404),
        _ => Reply::html("<title>T</title><h1>T</h1><p>Some text that can be read."),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("entries")).unwrap();
    let entry = "[a](http://a.net/open) and [b](http://a.net/private/x)\n";
    std::fs::write(folder.path().join("entries/e.md"), entry).unwrap();
    let state = folder.path().join("state.db");
    let run = async |arguments: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_linkdrift"));
        command.current_dir(folder.path()).args(arguments).arg("--state").arg(&state);
        String::from_utf8(command.output().await.unwrap().stdout).unwrap()
    };
    let resolve = format!("*:80:{}", web.http);
    let report = run(&["check", "--format", "json", "--resolve", &resolve, "entries"]).await;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let targets = report["targets"].as_array().unwrap();
    let reason = |url: &str| targets.iter().find(|target| target["url"] == url).unwrap()["reason"].clone();
    assert!(reason("http://a.net/open").is_null());
    assert_eq!(reason("http://a.net/private/x"), "robots");
    let counts = run(&["state", "check"]).await;
    assert!(counts.lines().any(|line| line.split_whitespace().eq(["snapshot", "1"])), "{counts}");
}
