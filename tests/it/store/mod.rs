//! The state: one story for every store, and what is particular to SQLite.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

mod backup;
mod beside;
#[cfg(target_os = "linux")]
mod disk;
mod file;
mod kill;
mod nth_write;
mod outbox;
mod story;

use linkdrift::store::sqlite::{Access, SqliteStore};

async fn fresh(tell: impl AsyncFnOnce(SqliteStore)) {
    let folder = tempfile::tempdir().unwrap();
    tell(SqliteStore::open(&folder.path().join("state.db"), Access::Run).unwrap()).await;
}

#[tokio::test]
async fn entries_and_their_references() {
    fresh(async |store| story::entries_and_their_references(store).await).await;
}

#[tokio::test]
async fn entries_of_many_references() {
    fresh(async |store| story::entries_of_many_references(store).await).await;
}

#[tokio::test]
async fn visits_are_intervals() {
    fresh(async |store| story::visits_are_intervals(store).await).await;
}

#[tokio::test]
async fn a_queue_is_read_host_by_host() {
    fresh(async |store| story::a_queue_is_read_host_by_host(store).await).await;
}

#[tokio::test]
async fn a_run_visits_what_was_chosen() {
    fresh(async |store| story::a_run_visits_what_was_chosen(store).await).await;
}

#[tokio::test]
async fn findings_live_across_runs() {
    fresh(async |store| story::findings_live_across_runs(store).await).await;
}

#[tokio::test]
async fn reviews_outlive_runs() {
    fresh(async |store| story::reviews_outlive_runs(store).await).await;
}

#[tokio::test]
async fn a_temporary_state_is_a_state_like_any_other() {
    let store = SqliteStore::temporary().unwrap();
    let path = store.path().to_owned();
    story::visits_are_intervals(store.clone()).await;
    assert!(path.exists());
    drop(store);
    assert!(!path.parent().unwrap().exists(), "the folder is removed with the last clone");
}

#[test]
fn s18_any_text_comes_back() {
    use proptest::prelude::*;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = SqliteStore::temporary().unwrap();
    let text = prop_oneof![any::<String>(), Just("\u{0}a\u{0}".to_owned()), "[ -~]{0,40}"];
    let texts = proptest::collection::vec(proptest::array::uniform4(text), 0..20);
    proptest!(ProptestConfig::with_cases(40), |(texts in texts)| {
        runtime.block_on(story::any_text_comes_back(store.clone(), texts));
    });
    let soundness = runtime.block_on(linkdrift::store::Store::check(&store)).unwrap();
    assert_eq!(soundness.problems, Vec::<String>::new());
}
