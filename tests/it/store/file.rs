//! The state as a file: who may open it, and what is left alone.

use std::fs;
use std::path::Path;

use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{NewRun, Plan, SourceRecord, Store, StoreError};
use linkdrift::target::CanonicalUrl;
use rusqlite::Connection;

use crate::support::records::{answered, broken, entry, hour};

const PAGE: &str = "https://docs.example/page";

/// A state of one run that visited one page.
pub(super) async fn small(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path, Access::Run).unwrap();
    let source =
        SourceRecord { name: "help".into(), root: "/help".into(), base_url: None, locale: None, group: None };
    let source = store.put_source(source).await.unwrap();
    let run = store.begin_run(NewRun { name: "check".into(), started_at: hour(0) }).await.unwrap();
    store.record_entries(run, vec![entry(source, "one.md", &[PAGE, "other.md"])]).await.unwrap();
    store.plan(run, Plan::default()).await.unwrap();
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap().id;
    store.record_visit(run, answered(target, PAGE, "text", hour(0))).await.unwrap();
    store.record_findings(run, vec![broken("help", "one.md", PAGE, hour(0))]).await.unwrap();
    store.finish_run(run, hour(1), "{}".into()).await.unwrap();
    store
}

#[tokio::test]
async fn s14_one_run_at_a_time_and_readers_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/state.db");
    let store = small(&path).await;
    let refused = SqliteStore::open(&path, Access::Run).unwrap_err();
    let StoreError::Locked { holder, .. } = &refused else { panic!("{refused}") };
    assert_eq!(*holder, std::process::id().to_string());

    let reader = SqliteStore::open(&path, Access::Read).unwrap();
    assert_eq!(reader.runs(9).await.unwrap().len(), 1);
    let review = SqliteStore::open(&path, Access::Review).unwrap();
    let run = store.begin_run(NewRun { name: "second".into(), started_at: hour(2) }).await.unwrap();
    assert_eq!(
        reader.runs(9).await.unwrap()[0].id,
        run,
        "a reader sees what is committed after it was opened"
    );
    assert_eq!(review.runs(9).await.unwrap().len(), 2);
    let refused = reader.finish_run(run, hour(3), "{}".into()).await.unwrap_err();
    assert!(refused.to_string().contains("for reading only"), "{refused}");

    drop(store.clone());
    SqliteStore::open(&path, Access::Run).unwrap_err();
    drop((store, reader, review));
    let left: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with("-wal") || name.ends_with(".new"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    SqliteStore::open(&path, Access::Run).unwrap();
}

#[test]
fn a_reader_makes_no_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    for access in [Access::Read, Access::Review] {
        let refused = SqliteStore::open(&path, access).unwrap_err().to_string();
        assert!(refused.contains("none.db") && refused.contains("no state yet"), "{refused}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_empty_file_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(&path, "").unwrap();
    drop(SqliteStore::open(&path, Access::Run).unwrap());
    SqliteStore::open(&path, Access::Read).unwrap();
}

#[tokio::test]
async fn s06_s09_what_is_not_ours_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(small(&path).await);
    let state = fs::read(&path).unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE place (id); PRAGMA application_id = 7")
        .unwrap();
    let unmarked = folder.path().join("unmarked.db");
    Connection::open(&unmarked).unwrap().execute_batch("CREATE TABLE run (id)").unwrap();
    let mut garbled = state.clone();
    garbled[..16].fill(b'x');

    let cases: [(&str, Vec<u8>); 8] = [
        ("text", b"# A help entry, by mistake\n".to_vec()),
        ("zeros", vec![0; 8192]),
        ("noise", (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("header-only", state[..100].to_vec()),
        ("half-a-header", state[..40].to_vec()),
        ("garbled", garbled),
        ("other-program", fs::read(&other).unwrap()),
        ("no-program", fs::read(&unmarked).unwrap()),
    ];
    for (name, bytes) in cases {
        let inside = folder.path().join(name);
        fs::create_dir(&inside).unwrap();
        let path = inside.join("state.db");
        fs::write(&path, &bytes).unwrap();
        for access in [Access::Run, Access::Read, Access::Review] {
            let refused = SqliteStore::open(&path, access).unwrap_err();
            assert!(
                matches!(refused, StoreError::NotAState { .. } | StoreError::Failed { .. }),
                "{name}, {access:?}: {refused}"
            );
            assert!(refused.to_string().contains("state.db"), "{name}: {refused}");
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}");
    }
    let refused = SqliteStore::open(folder.path(), Access::Run).unwrap_err();
    assert!(matches!(refused, StoreError::NotAState { .. }), "{refused}");
}

#[tokio::test]
async fn s08_a_log_without_its_state_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    fs::write(folder.path().join("state.db-wal"), "frames").unwrap();
    SqliteStore::open(&path, Access::Run).unwrap_err();
    fs::write(&path, "").unwrap();
    SqliteStore::open(&path, Access::Run).unwrap_err();
    assert_eq!(fs::read(folder.path().join("state.db-wal")).unwrap(), b"frames");
}

#[tokio::test]
async fn s10_a_newer_schema_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(small(&path).await);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    for access in [Access::Run, Access::Read, Access::Review] {
        let refused = SqliteStore::open(&path, access).unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 99, .. }), "{refused}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// Every schema that was ever written must open for ever. `LINKDRIFT_WRITE_STATE_FIXTURE=FILE` writes one of today's schema.
#[tokio::test]
async fn s11_the_state_of_version_1_still_opens() {
    if let Some(path) = std::env::var_os("LINKDRIFT_WRITE_STATE_FIXTURE") {
        drop(small(Path::new(&path)).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("state.db");
    fs::write(&old, include_bytes!("state-v1.db")).unwrap();
    let store = SqliteStore::open(&old, Access::Run).unwrap();
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap();
    assert_eq!(target.history.len(), 1);
    assert!(store.snapshot_body(target.snapshots[0].id).await.unwrap().is_some());
    assert_eq!(store.find_entries("one.md".into()).await.unwrap()[0].references.len(), 2);
    assert_eq!(store.findings(Default::default(), None, 9).await.unwrap().len(), 1);
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    drop(store);

    // However a state came to be of today's schema, it has the same one.
    let new = folder.path().join("new.db");
    drop(SqliteStore::open(&new, Access::Run).unwrap());
    let schema = |path: &Path| -> Vec<(String, String)> {
        let connection = Connection::open(path).unwrap();
        let mut statement = connection
            .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(schema(&old), schema(&new));
}

/// Root may write anywhere, so the file cannot be made read-only for it; a folder in the file's place can stand for the error.
#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let refused =
        SqliteStore::open(&folder.path().join("file/state.db"), Access::Run).unwrap_err().to_string();
    assert!(refused.contains("file/state.db"), "{refused}");
}
