//! Copies made beside a run.

use std::fs;

use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{NewRun, Plan, Store};
use linkdrift::target::CanonicalUrl;

use super::file::small;
use crate::support::records::{answered, entry, hour};

#[tokio::test]
async fn s17_a_copy_made_while_a_run_writes_is_of_one_moment() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = small(&path).await;
    let source = store.sources().await.unwrap()[0].0;
    let run = store.begin_run(NewRun { name: "check".into(), started_at: hour(2) }).await.unwrap();
    let urls: Vec<String> = (0..300).map(|index| format!("https://docs.example/{index}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    store.record_entries(run, vec![entry(source, "many.md", &urls)]).await.unwrap();
    store.plan(run, Plan::default()).await.unwrap();
    let targets = store.targets(run, None, 999).await.unwrap();

    let copier = SqliteStore::open(&path, Access::Read).unwrap();
    let to = folder.path().join("copy.db");
    let write = async {
        for (number, target) in targets.iter().enumerate() {
            let text = format!("text {number} ").repeat(50);
            let visit = answered(target.id, target.url.as_str(), &text, hour(2));
            store.record_visit(run, visit).await.unwrap();
        }
        store.flush().await.unwrap();
    };
    let (copied, ()) = tokio::join!(copier.backup(&to), write);
    copied.unwrap();

    let copy = SqliteStore::open(&to, Access::Run).unwrap();
    assert_eq!(copy.check().await.unwrap().problems, Vec::<String>::new());
    assert_eq!(copy.runs(9).await.unwrap().len(), 2);
    let page = CanonicalUrl::parse("https://docs.example/page").unwrap();
    let target = copy.find_target(page).await.unwrap().unwrap();
    assert!(copy.snapshot_body(target.snapshots[0].id).await.unwrap().is_some());
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    copier.runs(1).await.unwrap();
}

#[tokio::test]
async fn s17_a_copy_replaces_nothing_and_leaves_no_part() {
    let folder = tempfile::tempdir().unwrap();
    let store = small(&folder.path().join("state.db")).await;
    let to = folder.path().join("copy.db");
    fs::write(&to, "precious").unwrap();
    let refused = store.backup(&to).await.unwrap_err().to_string();
    assert!(refused.contains("copy.db") && refused.contains("never replaces"), "{refused}");
    assert_eq!(fs::read(&to).unwrap(), b"precious");
    let refused = store.backup(&folder.path().join("none/copy.db")).await.unwrap_err().to_string();
    assert!(refused.contains("none/copy.db"), "{refused}");
    let dangling = folder.path().join("dangling.db");
    std::os::unix::fs::symlink(folder.path().join("nowhere"), &dangling).unwrap();
    store.backup(&dangling).await.unwrap_err();
    let parts = fs::read_dir(folder.path())
        .unwrap()
        .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains("partial"))
        .count();
    assert_eq!(parts, 0);
}
