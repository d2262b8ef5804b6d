//! The state: one story for every store, and what is particular to SQLite.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

mod story;

use linkdrift::store::sqlite::{Access, SqliteStore};

#[tokio::test]
async fn sqlite_tells_the_story() {
    let folder = tempfile::tempdir().unwrap();
    story::entries_and_their_references(SqliteStore::open(&folder.path().join("a.db"), Access::Run).unwrap())
        .await;
    story::visits_are_intervals(SqliteStore::open(&folder.path().join("b.db"), Access::Run).unwrap()).await;
    story::a_queue_is_read_host_by_host(SqliteStore::open(&folder.path().join("c.db"), Access::Run).unwrap())
        .await;
    story::findings_live_across_runs(SqliteStore::open(&folder.path().join("d.db"), Access::Run).unwrap())
        .await;
    story::visits_are_intervals(SqliteStore::temporary().unwrap()).await;
}
