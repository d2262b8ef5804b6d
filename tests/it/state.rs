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

/// As the unit has it: the folder is 2770 of the service, whose umask is 0007; a maintainer in its group has the usual umask. Needs root.
#[cfg(target_os = "linux")]
#[test]
fn s05_the_group_of_the_folder_uses_the_state_and_stands_in_nobodys_way() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return eprintln!("not run here: needs root, to become two users");
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    copy_binary(&at("linkdrift"));
    fs::create_dir(at("content")).unwrap();
    fs::write(at("content/a.md"), "# A\n\n[b](b.md)\n").unwrap();
    fs::create_dir(at("var")).unwrap();
    chown(at("var"), Some(3001), Some(3001)).unwrap();
    mode(folder.path(), 0o755);
    mode(&at("linkdrift"), 0o755);
    mode(&at("var"), 0o2770);
    let user = |who: &[&str], umask: &str, arguments: &str| {
        let script = format!("umask {umask}; LINKDRIFT_STATE=var/linkdrift.db exec ./linkdrift {arguments}");
        let mut command = Command::new("setpriv");
        command.args(who).args(["sh", "-c", &script]).current_dir(folder.path()).output()
    };
    let service =
        |arguments: &str| user(&["--reuid", "3001", "--regid", "3001", "--clear-groups"], "0007", arguments);
    let maintainer = |arguments: &str| {
        let (code, out, err) = said(
            &user(&["--reuid", "3002", "--regid", "3002", "--groups", "3001"], "0022", arguments).unwrap(),
        );
        assert_eq!(code, Some(0), "{arguments}: {out}{err}");
        out
    };
    let check = "check --offline --fail-on never --format none content";
    let Ok(checked) = service(check) else { return eprintln!("not run here: needs setpriv") };
    assert_eq!(said(&checked).0, Some(0), "{:?}", said(&checked));

    let report: serde_json::Value = serde_json::from_str(&maintainer("report --format json")).unwrap();
    let id = report["findings"][0]["id"].as_str().unwrap();
    maintainer(&format!("review mute {id} --reason fine"));
    assert_eq!(said(&service(check).unwrap()).0, Some(0), "after a review");

    // A maintainer may make the state, too, and the superuser may restore it: the service goes on with both.
    maintainer(&format!("state backup {}", at("var/copy.db").display()));
    for part in ["", "-wal", "-shm", ".lock", ".turn"] {
        let _ = fs::remove_file(at(&format!("var/linkdrift.db{part}")));
    }
    maintainer(check);
    assert_eq!(said(&service(check).unwrap()).0, Some(0), "{:?}", said(&service(check).unwrap()));
    let owner = |name: &str| {
        let metadata = fs::metadata(at(name)).unwrap();
        (metadata.uid(), metadata.gid(), metadata.mode() & 0o777)
    };
    let before = owner("var/linkdrift.db");
    assert_eq!(before, (3002, 3001, 0o664));
    let _ = fs::remove_file(at("var/linkdrift.db.lock"));
    let restored = user(&["--reuid", "0"], "0022", "state restore var/copy.db").unwrap();
    assert_eq!(said(&restored).0, Some(0), "{:?}", said(&restored));
    assert_eq!(owner("var/linkdrift.db"), before, "as the one that it replaces");
    assert_eq!(owner("var/linkdrift.db.lock").0, 3001, "as the folder");
    assert_eq!(said(&service(check).unwrap()).0, Some(0), "after the restore");

    // What it cannot write to is told at the start, not by every run.
    chown(at("var/linkdrift.db"), Some(0), Some(0)).unwrap();
    mode(&at("var/linkdrift.db"), 0o644);
    let (code, _, err) = said(&service(check).unwrap());
    assert_eq!(code, Some(1));
    assert!(err.contains("cannot open the state for writing") && err.contains("read-only"), "{err}");
}
