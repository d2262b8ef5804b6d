//! Who is told what, over runs, deliveries, failures and reviews.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use linkdrift::config::{self, NotifySettings};
use linkdrift::finding::Finding;
use linkdrift::report::Digest;
use linkdrift::store::sqlite::SqliteStore;
use linkdrift::store::{
    Decision, Fate, Message, NewRun, Plan, Review, ReviewSubject, RunId, SourceId, SourceRecord, Store,
};
use proptest::prelude::*;

use crate::support::records::{broken, entry, hour};

const URLS: [&str; 3] = ["https://a.example/1", "https://a.example/2", "https://b.example/3"];

fn receivers(text: &str) -> Vec<NotifySettings> {
    config::parse(text, Path::new("linkdrift.toml"), Path::new("/r")).unwrap().notify
}

fn team() -> Vec<NotifySettings> {
    receivers("[[notify]]\nname = \"team\"\nwebhook = \"env:HOOK\"\n")
}

async fn source(store: &SqliteStore) -> SourceId {
    let source =
        SourceRecord { name: "help".into(), root: "/help".into(), base_url: None, locale: None, group: None };
    store.put_source(source).await.unwrap()
}

fn finding(url: &str) -> Finding {
    broken("help", "one.md", url, hour(0))
}

/// A run that finds these broken, up to its findings.
async fn run(
    store: &SqliteStore,
    source: SourceId,
    at: i64,
    found: &[&str],
    to: Vec<NotifySettings>,
) -> RunId {
    let run = store.begin_run(NewRun { name: "daily".into(), started_at: hour(at) }).await.unwrap();
    store.record_entries(run, vec![entry(source, "one.md", &URLS)]).await.unwrap();
    store.finish_source(run, source, HashSet::new()).await.unwrap();
    store.plan(run, Plan::default()).await.unwrap();
    store.record_findings(run, found.iter().map(|url| finding(url)).collect()).await.unwrap();
    store.finish_findings(run, hour(at), to).await.unwrap();
    run
}

/// Targets that a digest tells as open, and as resolved.
fn told(digest: &Digest) -> (Vec<String>, Vec<String>) {
    let targets = |causes: &[linkdrift::report::DigestCause]| {
        let mut targets: Vec<String> = causes.iter().filter_map(|cause| cause.target.clone()).collect();
        targets.sort();
        targets
    };
    (targets(&digest.causes), targets(&digest.resolved_causes))
}

async fn waiting(store: &SqliteStore) -> Vec<Message> {
    store.messages(100).await.unwrap()
}

#[tokio::test]
async fn each_receiver_is_told_what_it_wants_once() {
    let store = SqliteStore::temporary().unwrap();
    let help = source(&store).await;
    let both = || {
        receivers(
            "[[source]]\nname = \"other\"\npath = \"other\"\n\
             [[notify]]\nname = \"team\"\nwebhook = \"env:HOOK\"\n\
             [[notify]]\nname = \"others\"\nwebhook = \"env:HOOK\"\nsources = [\"other\"]\n",
        )
    };
    run(&store, help, 0, &URLS[..2], both()).await;
    let messages = waiting(&store).await;
    assert_eq!(messages.len(), 1, "nobody is told nothing");
    assert_eq!((messages[0].receiver.as_str(), messages[0].digest.new.error), ("team", 2));
    assert_eq!(store.outbox_counts().await.unwrap().waiting, 1);

    // Nothing new: nothing is said, although the first message is still on its way.
    run(&store, help, 1, &URLS[..2], both()).await;
    assert_eq!(waiting(&store).await, messages);

    // A run that tells nobody loses no news.
    run(&store, help, 2, &URLS[1..], Vec::new()).await;
    assert_eq!(waiting(&store).await, messages);
    run(&store, help, 3, &URLS[1..], both()).await;
    store.settle_message(messages[0].id, Fate::Delivered).await.unwrap();
    let second = waiting(&store).await.remove(0);
    assert_eq!(told(&second.digest), (vec![URLS[2].to_owned()], vec![URLS[0].to_owned()]));
    store.settle_message(second.id, Fate::Delivered).await.unwrap();
    assert!(waiting(&store).await.is_empty());

    // A new receiver hears of everything that is open.
    let late = receivers("[[notify]]\nname = \"late\"\nwebhook = \"env:HOOK\"\n");
    run(&store, help, 4, &URLS[1..], late).await;
    assert_eq!(waiting(&store).await[0].digest.new.error, 2);
    assert!(store.check().await.unwrap().problems.is_empty());
}

#[tokio::test]
async fn what_was_given_up_is_news_again_and_what_is_known_is_not() {
    let store = SqliteStore::temporary().unwrap();
    let help = source(&store).await;
    run(&store, help, 0, &URLS[..2], team()).await;
    let first = waiting(&store).await.remove(0);
    store.settle_message(first.id, Fate::Later { at: hour(1), why: "503".into() }).await.unwrap();
    let again = waiting(&store).await.remove(0);
    assert_eq!((again.id, again.attempts, again.due_at), (first.id, 1, hour(1)));
    store.settle_message(first.id, Fate::GivenUp { why: "404".into() }).await.unwrap();
    let counts = store.outbox_counts().await.unwrap();
    assert_eq!((counts.waiting, counts.given_up), (0, 1));

    let accept = Review {
        subject: ReviewSubject::Finding(finding(URLS[0]).id),
        decision: Decision::Accept,
        reason: "known".into(),
        by: None,
        until: None,
        content: None,
        at: hour(1),
    };
    assert!(store.record_review(accept.clone()).await.unwrap());
    run(&store, help, 2, &URLS[..2], team()).await;
    let second = waiting(&store).await.remove(0);
    assert_eq!(told(&second.digest).0, [URLS[1]], "what is acknowledged is no news");
    store.settle_message(second.id, Fate::Delivered).await.unwrap();

    // Open again: news. Acknowledged before it is resolved: nobody hears that it is.
    store.record_review(Review { decision: Decision::Reopen, ..accept.clone() }).await.unwrap();
    run(&store, help, 3, &URLS[..2], team()).await;
    let third = waiting(&store).await.remove(0);
    assert_eq!(told(&third.digest).0, [URLS[0]]);
    store.settle_message(third.id, Fate::Delivered).await.unwrap();
    store.record_review(accept).await.unwrap();
    run(&store, help, 4, &URLS[..2], team()).await;
    run(&store, help, 5, &[], team()).await;
    let fourth = waiting(&store).await.remove(0);
    assert_eq!(told(&fourth.digest), (Vec::new(), vec![URLS[1].to_owned()]));

    // Given up: that it is resolved is news again, too.
    store.settle_message(fourth.id, Fate::GivenUp { why: "404".into() }).await.unwrap();
    run(&store, help, 6, &[], team()).await;
    let fifth = waiting(&store).await.remove(0);
    assert_eq!(told(&fifth.digest), (Vec::new(), vec![URLS[1].to_owned()]));
}

/// What can happen between two moments.
#[derive(Debug, Clone)]
enum Step {
    /// A run finds these of [`URLS`], and tells or does not.
    Run(Vec<bool>, bool),
    /// A run is cut before its findings are finished.
    Cut(Vec<bool>),
    /// The oldest message is taken, tried again later, or given up.
    Settle(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let found = || proptest::collection::vec(any::<bool>(), URLS.len());
    prop_oneof![
        4 => (found(), proptest::bool::weighted(0.8)).prop_map(|(found, tells)| Step::Run(found, tells)),
        1 => found().prop_map(Step::Cut),
        4 => (0..3_u8).prop_map(Step::Settle),
    ]
}

/// Plays the steps; gives what was delivered of each finding, in order: `true` for open.
async fn play(steps: &[Step]) -> (BTreeMap<String, Vec<bool>>, Vec<bool>) {
    let store = SqliteStore::temporary().unwrap();
    let help = source(&store).await;
    let mut delivered: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    let mut broken = vec![false; URLS.len()];
    let chosen = |found: &[bool]| -> Vec<&str> {
        URLS.iter().zip(found).filter(|(_, found)| **found).map(|(url, _)| *url).collect()
    };
    let mut take = async |store: &SqliteStore, message: Message| {
        let (open, resolved) = told(&message.digest);
        for (targets, state) in [(open, true), (resolved, false)] {
            for target in targets {
                delivered.entry(target).or_default().push(state);
            }
        }
        store.settle_message(message.id, Fate::Delivered).await.unwrap();
    };
    for (at, step) in steps.iter().enumerate() {
        let at = at as i64;
        match step {
            Step::Run(found, tells) => {
                run(&store, help, at, &chosen(found), if *tells { team() } else { Vec::new() }).await;
                broken.clone_from(found);
            }
            Step::Cut(found) => {
                let run = store.begin_run(NewRun { name: "cut".into(), started_at: hour(at) }).await.unwrap();
                let found = chosen(found).into_iter().map(finding).collect();
                store.record_findings(run, found).await.unwrap();
            }
            Step::Settle(how) => {
                let Some(message) = waiting(&store).await.into_iter().next() else { continue };
                match how {
                    0 => take(&store, message).await,
                    1 => {
                        let fate = Fate::Later { at: hour(at), why: "503".into() };
                        store.settle_message(message.id, fate).await.unwrap();
                    }
                    _ => store.settle_message(message.id, Fate::GivenUp { why: "404".into() }).await.unwrap(),
                }
            }
        }
    }
    // In the end all is told.
    run(&store, help, 1000, &chosen(&broken), team()).await;
    while let Some(message) = waiting(&store).await.into_iter().next() {
        take(&store, message).await;
    }
    (delivered, broken)
}

/// Of each finding a receiver hears open, resolved, open, resolved: never the same twice, and in the end what is so.
#[test]
fn never_twice_for_the_same_finding_and_state_and_never_lost() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    proptest!(ProptestConfig::with_cases(48), |(steps in proptest::collection::vec(step(), 0..24))| {
        let (delivered, broken) = runtime.block_on(play(&steps));
        for (url, broken) in URLS.iter().zip(broken) {
            let told = delivered.get(*url).cloned().unwrap_or_default();
            for (number, open) in told.iter().enumerate() {
                prop_assert_eq!(*open, number % 2 == 0, "{} {:?}", url, told);
            }
            prop_assert_eq!(told.last().copied().unwrap_or(false), broken, "{} {:?}", url, told);
        }
    });
}
