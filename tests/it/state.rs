//! `linkdrift state`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{NewRun, Plan, SourceRecord, Store};
use linkdrift::target::CanonicalUrl;
use rusqlite::Connection;

use crate::support::cli::copy_binary;
use crate::support::records::{answered, entry, hour};

const PAGE: &str = "https://docs.example/page";

async fn state(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path, Access::Run).unwrap();
    let source =
        SourceRecord { name: "help".into(), root: "/help".into(), base_url: None, locale: None, group: None };
    let source = store.put_source(source).await.unwrap();
    let run = store.begin_run(NewRun { name: "check".into(), started_at: hour(0) }).await.unwrap();
    store.record_entries(run, vec![entry(source, "one.md", &[PAGE])]).await.unwrap();
    store.plan(run, Plan::default()).await.unwrap();
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap().id;
    for (hours, text) in [(0, "one"), (1, "two"), (2, "one")] {
        store.record_visit(run, answered(target, PAGE, text, hour(hours))).await.unwrap();
    }
    store.finish_run(run, hour(3), "{}".into()).await.unwrap();
    store
}

fn linkdrift(state: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_linkdrift"))
        .args(["state", "--state"])
        .arg(state)
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn a_sound_state_is_called_sound_and_can_be_copied_beside_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let run = state(&path).await;
    let (code, out, err) = said(&linkdrift(&path, &["check"]));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.starts_with(&format!("{}: sound (schema ", path.display())), "{out}");
    assert!(out.contains("\n  snapshot              3\n"), "{out}");

    let copy = folder.path().join("copy.db");
    let (code, _, err) = said(&linkdrift(&path, &["backup", copy.to_str().unwrap()]));
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let (code, out, _) = said(&linkdrift(&copy, &["check", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, Some(0));
    assert_eq!((&json["schema"], &json["sound"]), (&"linkdrift/state-check/1".into(), &true.into()));
    assert_eq!((&json["rows"]["snapshot"], &json["problems"]), (&3.into(), &serde_json::json!([])));
    drop(run);

    let (code, out, err) = said(&linkdrift(&path, &["backup", copy.to_str().unwrap()]));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("copy.db") && err.contains("never replaces"), "{err}");
}

#[tokio::test]
async fn damage_is_named() {
    let cases: [(&str, &str); 6] = [
        ("UPDATE blob SET bytes = x'00' WHERE id = 1", "blob 1: its bytes are not those that were stored"),
        ("INSERT INTO blob (id, hash, bytes) VALUES (77, zeroblob(32), x'')", "blob that nothing names: 77"),
        (
            "PRAGMA foreign_keys = OFF; DELETE FROM snapshot WHERE id = 2",
            "names a snapshot that is not there",
        ),
        ("PRAGMA foreign_keys = OFF; DELETE FROM target", "names a target that is not there"),
        ("DELETE FROM observation WHERE id = 2", "snapshot that no visit found: 2"),
        ("PRAGMA ignore_check_constraints = ON; UPDATE observation SET visits = 0", "interval"),
    ];
    for (damage, named) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        drop(state(&path).await);
        Connection::open(&path).unwrap().execute_batch(damage).unwrap();
        let (code, out, _) = said(&linkdrift(&path, &["check"]));
        assert_eq!(code, Some(1), "{damage}: {out}");
        assert!(out.contains(": damaged, ") && out.contains(named), "{damage}: {out}");
        let (code, out, _) = said(&linkdrift(&path, &["check", "--format", "json"]));
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, &json["sound"]), (Some(1), &false.into()));
    }
}

#[tokio::test]
async fn s07_torn_pages_and_cut_files_are_damage_not_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(state(&path).await);
    let whole = fs::read(&path).unwrap();
    let mut found = 0;
    for page in 1..whole.len() / 4096 {
        let mut torn = whole.clone();
        torn[page * 4096..page * 4096 + 600].fill(0xa5);
        let path = folder.path().join(format!("torn-{page}.db"));
        fs::write(&path, torn).unwrap();
        let (code, out, err) = said(&linkdrift(&path, &["check"]));
        assert!(matches!(code, Some(0 | 1)), "page {page}: {code:?} {out}{err}");
        found += usize::from(code == Some(1));
    }
    assert!(found > 10, "{found} of {} torn pages were found", whole.len() / 4096);
    for length in [whole.len() / 2, 4096, 5000, 200] {
        let path = folder.path().join(format!("cut-{length}.db"));
        fs::write(&path, &whole[..length]).unwrap();
        let (code, out, err) = said(&linkdrift(&path, &["check"]));
        assert_eq!(code, Some(1), "{length}: {out}{err}");
        assert_eq!(fs::read(&path).unwrap(), &whole[..length]);
    }
}

#[test]
fn no_state_is_an_error_that_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["check"][..], &["backup", "copy.db"]] {
        let (code, out, err) = said(&linkdrift(&folder.path().join("none.db"), arguments));
        assert_eq!((code, out.as_str()), (Some(1), ""));
        assert!(err.starts_with("error: ") && err.contains("none.db: there is no state yet"), "{err}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// What a user may read but not write can be looked at and copied. Root may write anywhere and becomes nobody first.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn s05_a_state_in_a_read_only_folder_can_be_read() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("a?b#%41");
    fs::create_dir(&inside).unwrap();
    let path = inside.join("state.db");
    drop(state(&path).await);
    let program = folder.path().join("linkdrift");
    copy_binary(&program);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&path, 0o444);
    mode(folder.path(), 0o755);
    mode(&inside, 0o555);
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let run = |arguments: &[&str]| {
        let mut command = if root { Command::new("setpriv") } else { Command::new(&program) };
        if root {
            command.args(["--reuid", "65534", "--clear-groups"]).arg(&program);
        }
        command.args(["state", "--state"]).arg(&path).args(arguments).output()
    };
    // A machine without setpriv cannot show this to root.
    let Ok(checked) = run(&["check"]) else { return };
    let (code, out, err) = said(&checked);
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, _, err) = said(&run(&["backup", inside.join("copy.db").to_str().unwrap()]).unwrap());
    assert_eq!(code, Some(1));
    assert!(err.contains("copy.db") && err.contains("ermission denied"), "{err}");
    mode(&inside, 0o755);
}
