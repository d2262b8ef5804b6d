//! Load: limits of hosts, repeats, `Retry-After`, hosts that do not hinder each other, and ends before the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use linkdrift::config::{HostLimits, HostPattern, HostSettings, VisitSettings};
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
async fn h38_m10_limits_of_hosts_hold() {
    let web = Web::start(|asked| match asked.name() {
        "from.net" => Reply::redirect(302, &format!("http://few.net{}?moved", asked.path)),
        _ => Reply::html("x"),
    })
    .await;
    let mut visits = many(many(Visits::of(&web), "few.net", 20), "from.net", 20);
    visits.hosts = vec![HostSettings {
        concurrency: Some(2),
        interval: Some(Duration::from_millis(10)),
        ..HostSettings::new(HostPattern::parse("few.net").unwrap())
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

/// What became of thirty targets of a host that serves nothing but `down` for so many requests, and how many requests that took.
async fn down_at_first(
    down: fn() -> Reply,
    requests: usize,
    change: fn(&mut VisitSettings),
) -> (BTreeMap<String, usize>, usize) {
    let served = AtomicUsize::new(0);
    let web = Web::start(move |_| match served.fetch_add(1, Ordering::SeqCst) {
        n if n < requests => down(),
        _ => Reply::html("x"),
    })
    .await;
    let visits = many(Visits::of(&web), "down.net", 30).with(|settings| {
        settings.host.floor_interval = Duration::from_millis(5);
        settings.host.concurrency = 1;
        change(settings);
    });
    let mut verdicts = BTreeMap::new();
    for visited in visits.run().await {
        *verdicts.entry(said(&visited).to_string()).or_default() += 1;
    }
    (verdicts, web.requests().len())
}

/// H37: a host that is down is not repeated target by target, and three targets find out in the second pass whether it is back. One that says
/// that it has too much to do, for longer than the run waits, is not even asked for all of them. Where it is back, nothing is lost.
#[tokio::test]
async fn h37_a_host_that_is_down_holds_nobody_up_and_may_come_back() {
    let unavailable = || Reply::status(503);
    let limited = || Reply::status(429);
    let error = || Reply::status(500);
    let reset = || Reply::Raw(Vec::new(), Then::Reset);
    let patient: fn(&mut VisitSettings) = |_| {};
    let hasty: fn(&mut VisitSettings) = |settings| settings.max_wait = Duration::ZERO;
    let never = usize::MAX;
    // Eight in a row, of two targets; then one request for each target, and three to find out.
    let (once, few) = (8 + 28 + 3, 8 + 1 + 3);
    type Row<'r> = (fn() -> Reply, usize, fn(&mut VisitSettings), &'r [(&'r str, usize)], usize);
    let table: [Row<'_>; 9] = [
        (unavailable, never, patient, &[("unreachable http-503", 30)], once),
        (error, never, patient, &[("unreachable http-500", 30)], once),
        (error, never, hasty, &[("unreachable http-500", 30)], once),
        (reset, never, patient, &[("unreachable reset", 30)], once),
        (limited, never, patient, &[("blocked rate-limited", 30)], once),
        (unavailable, 36, patient, &[("ok", 30)], 36 + 30),
        (reset, 36, patient, &[("ok", 30)], 36 + 30),
        (unavailable, 9, hasty, &[("ok", 30)], 9 + 30),
        (unavailable, never, hasty, &[("blocked rate-limited", 26), ("unreachable http-503", 4)], few),
    ];
    for (row, (down, requests, change, verdicts, at_most)) in table.into_iter().enumerate() {
        let (said, asked) = down_at_first(down, requests, change).await;
        let want = verdicts.iter().map(|(said, count)| ((*said).to_owned(), *count)).collect();
        assert_eq!(said, want, "row {row}, {asked} requests");
        assert!(asked <= at_most + 8, "row {row}: {asked} requests");
    }
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

fn at_of(web: &Web, host: &str) -> Vec<Duration> {
    let mut starts: Vec<_> =
        web.requests().into_iter().filter(|asked| asked.name() == host).map(|asked| asked.at).collect();
    starts.sort();
    starts
}

/// The pace of a host is its own: it grows while answers come, and a host that has too much to do is asked half as fast.
#[tokio::test]
async fn a_pace_grows_and_halves() {
    // On a machine that is busy with other things every host seems slow: it has to be seen once.
    for attempt in 1.. {
        let (first, last, busy) = spans_at_two_hosts().await;
        if last * 2 < first && busy > last {
            return;
        }
        assert!(attempt < 5, "a fast host is asked faster, a busy one slower: {first:?}, {last:?}, {busy:?}");
    }
}

/// What ten requests took, at first and at last, of a host that answers fast, and at last of one that has too much in between.
async fn spans_at_two_hosts() -> (Duration, Duration, Duration) {
    let web = Web::start(|asked| match (asked.name(), asked.path.as_str(), asked.before) {
        ("busy.net", "/10" | "/20", 0) => Reply::status(429),
        _ => Reply::html("x"),
    })
    .await;
    let visits = many(many(Visits::of(&web), "fast.net", 60), "busy.net", 60).with(|settings| {
        settings.host = HostLimits {
            start_interval: Duration::from_millis(40),
            interval: Duration::from_millis(5),
            ..HostLimits::default()
        };
    });
    let all = visits.run().await;
    assert!(all.iter().all(|visited| said(visited) == "ok"));
    let spans = |host| {
        let starts = at_of(&web, host);
        let span = |from: usize, to: usize| starts[to] - starts[from];
        (span(0, 9), span(starts.len() - 10, starts.len() - 1))
    };
    let ((first, last), (_, busy)) = (spans("fast.net"), spans("busy.net"));
    assert!(last >= Duration::from_millis(9 * 5 - 5), "never beyond the ceiling: {last:?}");
    assert!(web.max_in_flight("fast.net") <= 8);
    (first, last, busy)
}

/// A quota that is used up is waited for, to the second, by its host alone.
#[tokio::test]
async fn a_quota_moves_the_ready_time_of_its_host() {
    let web = Web::start(|asked| match (asked.name(), asked.path.as_str()) {
        ("quota.net", "/1") => Reply::html("x").with("RateLimit", "\"default\";r=0;t=1"),
        ("common.net", "/1") => {
            Reply::html("x").with("X-RateLimit-Remaining", "0").with("X-RateLimit-Reset", "1")
        }
        _ => Reply::html("x").with("RateLimit", "\"default\";r=100;t=1"),
    })
    .await;
    let mut visits = Visits::of(&web).with(|settings| settings.host.concurrency = 1);
    for host in ["quota.net", "common.net", "free.net"] {
        visits = many(visits, host, 4);
    }
    let all = visits.run().await;
    assert!(all.iter().all(|visited| said(visited) == "ok" && visited.requests == 1));
    for host in ["quota.net", "common.net"] {
        let starts = at_of(&web, host);
        assert!(starts[2] - starts[1] >= Duration::from_millis(990), "{host} {starts:?}");
    }
    let free = at_of(&web, "free.net");
    assert!(free[3] < at_of(&web, "quota.net")[2], "the other host did not wait");
}

/// A quota that comes back later than the run waits ends the host's turn; what was answered well stays well.
#[tokio::test]
async fn a_quota_beyond_the_wait_ends_the_turn() {
    let web = Web::start(|asked| match asked.name() {
        "quota.net" => Reply::html("x").with("RateLimit-Remaining", "0").with("RateLimit-Reset", "3600"),
        _ => Reply::html("x"),
    })
    .await;
    let visits = many(many(Visits::of(&web), "quota.net", 100), "free.net", 3)
        .with(|settings| settings.host.concurrency = 1);
    let all = visits.run().await;
    assert_eq!(said(&all[0]), "ok");
    assert!(all[1..100].iter().all(|visited| said(visited) == "blocked rate-limited"));
    assert!(all[100..].iter().all(|visited| said(visited) == "ok"));
    assert_eq!(at_of(&web, "quota.net").len(), 1);
}

/// Five hosts that limit and two that hang: everybody else is served at full speed, and nobody is asked more than the ceiling allows.
#[tokio::test]
async fn hosts_that_limit_or_hang_hinder_nobody() {
    let web = Web::start(|asked| {
        if asked.name().starts_with("hang") {
            return Reply::Raw(Vec::new(), Then::Hang);
        }
        if asked.name().starts_with("limit") {
            return Reply::status(429).with("Retry-After", "30");
        }
        Reply::html("x")
    })
    .await;
    let mut visits = Visits::of(&web).with(|settings| {
        settings.max_concurrency = 16;
        settings.host = HostLimits {
            concurrency: 3,
            start_concurrency: 2,
            interval: Duration::from_millis(10),
            start_interval: Duration::from_millis(20),
            ..HostLimits::default()
        };
    });
    for n in 0..5 {
        visits = many(visits, &format!("limit{n}.net"), 20);
    }
    for n in 0..2 {
        visits = many(visits, &format!("hang{n}.net"), 20);
    }
    for n in 0..10 {
        visits = many(visits, &format!("free{n}.net"), 20);
    }
    let cancel = CancellationToken::new();
    let run = visits.run_until(cancel.clone());
    let watch = async {
        while web.requests().iter().filter(|asked| asked.name().starts_with("free")).count() < 200 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let ((_, ending), ()) = tokio::join!(run, watch);
    assert!(ending.cancelled && ending.left >= 120, "{ending:?}");
    for n in 0..5 {
        let host = format!("limit{n}.net");
        assert!(
            at_of(&web, &host).len() <= 2,
            "asked only as much as was under way: {:?}",
            at_of(&web, &host)
        );
    }
    for n in 0..10 {
        let host = format!("free{n}.net");
        assert!(web.max_in_flight(&host) <= 3);
        let starts = at_of(&web, &host);
        assert!(starts[19] - starts[0] >= Duration::from_millis(19 * 10 - 20), "{starts:?}");
    }
}
