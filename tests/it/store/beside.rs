//! What goes on beside a run.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{Decision, FindingQuery, Review, ReviewSubject, Store};
use linkdrift::target::CanonicalUrl;

use super::file::small;
use crate::support::records::{hour, reset, status};

/// A run that writes without a pause gives way to a maintainer, and goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reviews_get_their_turn_while_a_run_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = small(&path).await;
    let run = store.runs(1).await.unwrap()[0].id;
    let url = "https://docs.example/page";
    let target = store.find_target(CanonicalUrl::parse(url).unwrap()).await.unwrap().unwrap().id;
    static DONE: AtomicBool = AtomicBool::new(false);
    static VISITS: AtomicUsize = AtomicUsize::new(0);
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        while !DONE.load(Ordering::Relaxed) {
            let number = VISITS.fetch_add(1, Ordering::Relaxed);
            let visit = match number % 2 {
                0 => status(target, url, 404, hour(2)),
                _ => reset(target, url, "", hour(2)),
            };
            writer.record_visit(run, visit).await.unwrap();
        }
    });
    let reviewer = SqliteStore::open(&path, Access::Review).unwrap();
    let finding = reviewer.findings(FindingQuery::default(), None, 1).await.unwrap().remove(0).finding.id;
    for number in 0..20 {
        let before = VISITS.load(Ordering::Relaxed);
        let review = Review {
            subject: ReviewSubject::Finding(finding.clone()),
            decision: Decision::Mute,
            reason: number.to_string(),
            by: None,
            until: None,
            content: None,
            at: hour(2),
        };
        assert!(reviewer.record_review(review).await.unwrap());
        let meanwhile = VISITS.load(Ordering::Relaxed) - before;
        assert!(meanwhile < 40_000, "review {number} waited for {meanwhile} visits");
        // The run goes on before the next one asks.
        while VISITS.load(Ordering::Relaxed) < before + meanwhile + 200 {
            tokio::task::yield_now().await;
        }
    }
    DONE.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(store.reviews(99).await.unwrap().len(), 20);
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}
