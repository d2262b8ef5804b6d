use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn key(name: &str) -> HostKey {
    HostKey::from_stored(name.to_owned())
}

fn limits(concurrency: usize, interval_ms: u64) -> HostLimits {
    HostLimits { concurrency, interval: Duration::from_millis(interval_ms) }
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[expect(clippy::panic, reason = "a test that says what it wanted")]
fn started<T: std::fmt::Debug>(next: Next<T>) -> T {
    match next {
        Next::Start { item, .. } => item,
        other => panic!("wanted a start, got {other:?}"),
    }
}

#[test]
fn an_interval_lies_between_two_starts_of_a_host() {
    let t = Instant::now();
    let mut frontier = Frontier::new(10, t);
    frontier.set_limits(&key("a"), limits(8, 250));
    frontier.push(&key("a"), 1, None);
    frontier.push(&key("a"), 2, None);
    assert_eq!(started(frontier.next(t)), 1);
    assert_eq!(frontier.next(t), Next::Wait(t + ms(250)));
    assert_eq!(frontier.next(t + ms(249)), Next::Wait(t + ms(250)));
    assert_eq!(started(frontier.next(t + ms(250))), 2);
    assert_eq!(frontier.next(t + ms(500)), Next::Idle);
}

#[test]
fn a_full_host_waits_for_an_end() {
    let t = Instant::now();
    let mut frontier = Frontier::new(10, t);
    frontier.set_limits(&key("a"), limits(1, 0));
    frontier.push(&key("a"), 1, None);
    frontier.push(&key("a"), 2, None);
    assert_eq!(started(frontier.next(t)), 1);
    assert_eq!(frontier.next(t), Next::Busy);
    frontier.done(&key("a"));
    assert_eq!(started(frontier.next(t)), 2);
}

#[test]
fn a_host_that_waits_takes_no_slot_from_others() {
    let t = Instant::now();
    let mut frontier = Frontier::new(1, t);
    for host in ["a", "b"] {
        frontier.set_limits(&key(host), limits(8, 0));
    }
    frontier.push(&key("a"), 1, None);
    frontier.push(&key("b"), 2, None);
    frontier.delay_host(&key("a"), t + ms(60_000));
    assert_eq!(started(frontier.next(t)), 2);
    assert_eq!(frontier.next(t), Next::Busy, "the one slot is taken");
    frontier.done(&key("b"));
    assert_eq!(frontier.next(t), Next::Wait(t + ms(60_000)));
    assert_eq!(started(frontier.next(t + ms(60_000))), 1);
}

#[test]
fn an_earlier_delay_changes_nothing() {
    let t = Instant::now();
    let mut frontier = Frontier::new(1, t);
    frontier.set_limits(&key("a"), limits(8, 0));
    frontier.push(&key("a"), 1, None);
    frontier.delay_host(&key("a"), t + ms(100));
    frontier.delay_host(&key("a"), t + ms(50));
    assert_eq!(frontier.next(t + ms(60)), Next::Wait(t + ms(100)));
}

#[test]
fn an_item_that_waits_lets_the_others_of_its_host_pass() {
    let t = Instant::now();
    let mut frontier = Frontier::new(4, t);
    frontier.set_limits(&key("a"), limits(4, 0));
    frontier.push(&key("a"), "retry", Some(t + ms(1000)));
    frontier.push(&key("a"), "fresh", None);
    assert_eq!(started(frontier.next(t)), "fresh");
    assert_eq!(frontier.next(t), Next::Wait(t + ms(1000)));
    frontier.push(&key("a"), "more", None);
    assert_eq!(started(frontier.next(t + ms(1000))), "retry", "whose time has come goes first");
    assert_eq!(started(frontier.next(t + ms(1000))), "more");
}

#[test]
fn hosts_take_turns() {
    let t = Instant::now();
    let mut frontier = Frontier::new(1, t);
    for host in ["a", "b", "c"] {
        frontier.set_limits(&key(host), limits(1, 0));
        for n in 0..3 {
            frontier.push(&key(host), format!("{host}{n}"), None);
        }
    }
    let mut order = Vec::new();
    while let Next::Start { host, item } = frontier.next(t + ms(order.len() as u64)) {
        order.push(item);
        frontier.done(&host);
    }
    assert_eq!(order, ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]);
}

#[test]
fn a_host_can_be_emptied() {
    let t = Instant::now();
    let mut frontier = Frontier::new(4, t);
    frontier.set_limits(&key("a"), limits(4, 0));
    frontier.push(&key("a"), 1, None);
    frontier.push(&key("a"), 3, Some(t + ms(9)));
    frontier.push(&key("a"), 2, Some(t + ms(5)));
    assert_eq!(frontier.take_host(&key("a")), [1, 2, 3]);
    assert_eq!(frontier.next(t), Next::Idle);
    frontier.push(&key("a"), 4, None);
    assert_eq!(started(frontier.next(t)), 4);
}

proptest! {
    /// Whatever is pushed and however requests end: no limit is exceeded, and everything is started once.
    #[test]
    fn limits_hold_and_nothing_is_lost(
        items in prop::collection::vec((0usize..5, 0u64..400, any::<bool>()), 1..120),
        durations in prop::collection::vec(1u64..300, 120),
        total in 1usize..6,
        per_host in 1usize..4,
        interval in 0u64..80,
    ) {
        let t = Instant::now();
        let mut frontier = Frontier::new(total, t);
        let hosts: Vec<HostKey> = (0..5).map(|n| key(&format!("h{n}"))).collect();
        for host in &hosts {
            frontier.set_limits(host, limits(per_host, interval));
        }
        for (n, (host, later, waits)) in items.iter().enumerate() {
            frontier.push(&hosts[*host], n, waits.then(|| t + ms(*later)));
        }
        let mut now = t;
        let mut running: Vec<(Instant, HostKey)> = Vec::new();
        let mut last: HashMap<HostKey, Instant> = HashMap::new();
        let mut seen = vec![false; items.len()];
        loop {
            let wake = match frontier.next(now) {
                Next::Start { host, item } => {
                    prop_assert!(!std::mem::replace(&mut seen[item], true), "started twice");
                    if items[item].2 {
                        prop_assert!(now >= t + ms(items[item].1), "started before its time");
                    }
                    if let Some(before) = last.insert(host.clone(), now) {
                        prop_assert!(now >= before + ms(interval));
                    }
                    running.push((now + ms(durations[item]), host.clone()));
                    prop_assert!(running.len() <= total);
                    prop_assert!(running.iter().filter(|(_, at)| *at == host).count() <= per_host);
                    continue;
                }
                Next::Wait(time) => Some(time),
                Next::Busy => None,
                Next::Idle => break,
            };
            running.sort();
            let end = running.first().map(|(time, _)| *time);
            now = match (wake, end) {
                (Some(a), Some(b)) => a.min(b),
                (Some(a), None) | (None, Some(a)) => a,
                (None, None) => return Err(TestCaseError::fail("stuck")),
            };
            while running.first().is_some_and(|(time, _)| *time <= now) {
                let (_, host) = running.remove(0);
                frontier.done(&host);
            }
        }
        prop_assert!(seen.into_iter().all(|seen| seen));
    }
}
