//! Load: limits of hosts, repeats, `Retry-After`, hosts that do not hinder each other, and ends before the end.

use std::sync::Arc;
use std::time::Duration;

use linkdrift::config::{HostPattern, HostSettings};
use linkdrift::visit::facts::Outcome;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Visits, said};
use crate::support::web::{Reply, Then, Web};

fn many(mut visits: Visits, host: &str, count: usize) -> Visits {
    for n in 0..count {
        visits = visits.url(&format!("http://{host}/{n}"));
    }
    visits
}

/// H37, H38: concurrency and interval hold for every host, counted by the server; redirects count where they lead.
#[tokio::test]
async fn h38_limits_of_hosts_hold() {
    let web = Web::start(|asked| match asked.name() {
        "from.net" => Reply::redirect(302, &format!("http://few.net{}?moved", asked.path)),
        _ => Reply::html("x"),
    })
    .await;
    let mut visits = many(many(Visits::of(&web), "few.net", 20), "from.net", 20);
    visits.hosts = vec![HostSettings {
        pattern: HostPattern::parse("few.net").unwrap(),
        concurrency: Some(2),
        interval: Some(Duration::from_millis(10)),
        accept_language: None,
        bodies: None,
    }];
    let all = visits.run().await;
    assert_eq!(all.len(), 40);
    assert!(web.max_in_flight("few.net") <= 2, "{}", web.max_in_flight("few.net"));
    let mut starts: Vec<_> =
        web.requests().into_iter().filter(|asked| asked.host == "few.net").map(|asked| asked.at).collect();
    starts.sort();
    assert_eq!(starts.len(), 40);
    // Arrivals may bunch by what the machine delays one of them; forty starts take their time in all.
    assert!(*starts.last().unwrap() - starts[0] >= Duration::from_millis(10 * 39 - 20), "{starts:?}");
}

/// A host that never answers delays nobody: all others are done before it is let go.
#[tokio::test]
async fn h37_a_silent_host_delays_no_other() {
    let release = Arc::new(Notify::new());
    let held = release.clone();
    let web = Web::start(move |asked| match asked.name() {
        "silent.net" => Reply::When(held.clone(), Box::new(Reply::html("at last"))),
        _ => Reply::html("x"),
    })
    .await;
    let mut visits = many(Visits::of(&web), "silent.net", 30).with(|settings| settings.max_concurrency = 10);
    for host in 0..20 {
        visits = many(visits, &format!("h{host}.net"), 5);
    }
    let (_, ending) = {
        let cancel = CancellationToken::new();
        let run = visits.run_until(cancel.clone());
        let watch = async {
            // Done when everybody else was served; the silent host holds at most its own limit of slots.
            while web.requests().iter().filter(|asked| asked.name() != "silent.net").count() < 100 {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        };
        let (result, ()) = tokio::join!(run, watch);
        result
    };
    assert!(ending.cancelled);
    assert!(ending.left >= 30, "the silent ones are left: {ending:?}");
    release.notify_waiters();
}

/// H13: a passing fault passes; only the deciding attempt's requests are hops.
#[tokio::test]
async fn h13_repeats() {
    let web = Web::start(|asked| match asked.path.as_str() {
        "/start" => Reply::redirect(302, "/flaky"),
        "/flaky" if asked.before < 2 => Reply::status(503),
        "/reset" if asked.before < 1 => Reply::Raw(Vec::new(), Then::Reset),
        "/late" if asked.before < 4 => Reply::status(500),
        "/dead" => Reply::status(502),
        "/gone" => Reply::status(404),
        _ => Reply::html("here"),
    })
    .await;
    let mut visits = Visits::of(&web);
    for path in ["start", "reset", "late", "dead", "gone"] {
        visits = visits.url(&format!("http://a.net/{path}"));
    }
    let all = visits.run().await;
    assert_eq!(
        all.iter().map(said).collect::<Vec<_>>(),
        ["redirected", "ok", "ok", "unreachable http-502", "broken http-404"]
    );
    let attempts: Vec<_> = all
        .iter()
        .map(|visited| (visited.visit.attempts, visited.visit.hops.len(), visited.requests))
        .collect();
    assert_eq!(attempts, [(3, 2, 6), (2, 1, 2), (5, 1, 5), (6, 1, 6), (1, 1, 1)]);
}

/// H11, H12: what a host asks for moves all of it, and only it.
#[tokio::test]
async fn h11_retry_after_is_kept_by_the_whole_host() {
    let web = Web::start(|asked| match (asked.name(), asked.before) {
        ("busy.net", 0) if asked.path == "/0" => Reply::status(429).with("Retry-After", "1"),
        _ => Reply::html("x"),
    })
    .await;
    let visits = many(many(Visits::of(&web), "busy.net", 4), "free.net", 4)
        .with(|settings| settings.host.concurrency = 1);
    let all = visits.run().await;
    assert!(all.iter().all(|visited| said(visited) == "ok"));
    let requests = web.requests();
    let refused = requests.iter().position(|asked| asked.path == "/0" && asked.name() == "busy.net").unwrap();
    let next = requests.iter().skip(refused + 1).find(|asked| asked.name() == "busy.net").unwrap();
    assert!(
        next.at - requests[refused].at >= Duration::from_millis(990),
        "nothing of the host before its time"
    );
    let free_done =
        requests.iter().filter(|asked| asked.name() == "free.net").map(|asked| asked.at).max().unwrap();
    assert!(free_done < next.at, "the other host did not wait");
}

/// A host that asks for more than `max_wait` gets nothing more in this run, and what is left of it gates nothing.
#[tokio::test]
async fn h11_a_longer_retry_after_ends_the_hosts_turn() {
    let web = Web::start(|asked| match asked.name() {
        "busy.net" => Reply::status(429).with("Retry-After", "3600"),
        "way.net" => Reply::redirect(302, "http://busy.net/x"),
        _ => Reply::html("x"),
    })
    .await;
    let visits = many(many(many(Visits::of(&web), "busy.net", 200), "way.net", 1), "free.net", 3)
        .with(|settings| settings.host.concurrency = 1);
    let all = visits.run().await;
    assert_eq!(all.len(), 204);
    let limited: Vec<_> = all.iter().filter(|visited| said(visited) == "blocked rate-limited").collect();
    assert_eq!(limited.len(), 201);
    assert!(limited.iter().all(|visited| matches!(visited.visit.outcome, Outcome::RateLimited { .. })));
    let asked = web.requests().iter().filter(|asked| asked.name() == "busy.net").count();
    assert!(asked <= 2, "{asked} requests");
    assert!(
        limited
            .iter()
            .filter(|visited| visited.url.url().host_str() == Some("busy.net") && visited.requests == 0)
            .count()
            >= 198
    );
}

/// More targets than one window holds, each visited once.
#[tokio::test]
async fn every_target_is_visited_once() {
    let web = Web::start(|_| Reply::html("x")).await;
    let all = many(many(Visits::of(&web), "a.net", 300), "b.net", 65).run().await;
    let mut ids: Vec<_> = all.iter().map(|visited| visited.id.0).collect();
    ids.dedup();
    assert_eq!(ids, (1..=365).collect::<Vec<_>>());
    assert_eq!(web.requests().len(), 365);
}

/// A cancelled run ends, says what is left, and asks for nothing more.
#[tokio::test]
async fn a_cancelled_run_says_what_is_left() {
    let web = Web::start(|_| Reply::Raw(Vec::new(), Then::Hang)).await;
    let cancel = CancellationToken::new();
    let visits = many(Visits::of(&web), "a.net", 50);
    let watch = async {
        while web.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let ((visited, ending), ()) = tokio::join!(visits.run_until(cancel.clone()), watch);
    assert!(visited.is_empty());
    assert!(ending.cancelled);
    assert_eq!((ending.visited, ending.left), (0, 50));
}

/// D05: where no connection can be made anywhere, it is our network, and nothing is judged.
#[tokio::test]
async fn d05_our_own_network_is_no_verdict() {
    let web = Web::start(|_| Reply::html("x")).await;
    // Listens and never accepts: no handshake of TLS is ever completed.
    let dead = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let run = async |hosts: std::ops::Range<u32>, alive: &[&str]| {
        let mut visits = Visits::of(&web).with(|settings| {
            settings.max_retries = 0;
            settings.connect_timeout = Duration::from_millis(200);
            settings.resolve[1].to = dead.local_addr().unwrap();
        });
        for n in hosts {
            visits = visits.url(&format!("https://h{n}.net/"));
        }
        for url in alive {
            visits = visits.url(url);
        }
        visits.run_until(CancellationToken::new()).await
    };
    let (visited, ending) = run(0..12, &[]).await;
    assert!(ending.network_down.is_some(), "{ending:?} {:?}", visited.iter().map(said).collect::<Vec<_>>());
    assert!(visited.is_empty());
    let (visited, ending) = run(0..12, &["http://alive.net/"]).await;
    assert!(ending.network_down.is_none());
    assert_eq!(visited.iter().filter(|visited| said(visited) == "unreachable connect-timeout").count(), 12);
}
