//! What the disk and other processes do to a state: full, read-only, moved away, logs that are not its own, locks held by others.
//! The names begin with the row of the fault matrix (docs/faults.md).

#![expect(clippy::print_stderr, reason = "a test that a machine does not allow says so")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{NewRun, Store};
use linkdrift::target::CanonicalUrl;
use rusqlite::Connection;

use super::file::small;
use crate::support::cli::{command, copy_binary};
use crate::support::help::Help;
use crate::support::records::{answered, hour};
use crate::support::web::Reply;

const PAGE: &str = "https://docs.example/page";

/// A page whose text fills some 100 KiB and does not compress.
fn noise(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let word = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:012x} ", state >> 16)
    };
    (0..8000).map(word).collect()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// A command in a mount namespace of its own, where `disk` is a file system of `size`; afterwards a copy of what stands on it is in
/// `left`. `None` where the machine does not allow that.
fn on_a_small_disk(help: &Help, size: &str, script: &str) -> Option<Output> {
    if !is_root() {
        eprintln!("not run here: a file system of its own needs root");
        return None;
    }
    let script = format!(
        "mkdir -p disk left && mount -t tmpfs -o size={size} none disk || exit 99\n{script}\ncode=$?\ncp -a disk/. left/\nexit $code"
    );
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script, env!("CARGO_BIN_EXE_linkdrift")])
        .current_dir(help.path())
        .env_remove("LINKDRIFT_STATE")
        .output();
    match output {
        Ok(output) if output.status.code() != Some(99) => Some(output),
        other => {
            eprintln!("not run here: no mount namespace: {other:?}");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s04_a_full_disk_ends_the_run_and_keeps_what_was_committed() {
    let links: String = (0..24).map(|n| format!("[page](http://h{n}.acme.net/{n})\n\n")).collect();
    let help = Help::new(&[("a.md", &links)], |asked| {
        let number: u64 = asked.path[1..].parse().unwrap_or(0);
        Reply::html(&format!("<title>It</title><main><h1>It</h1><p>{}</main>", noise(number)))
    })
    .await;
    let script = "\"$0\" check --state disk/state.db --format jsonl";
    let Some(output) = on_a_small_disk(&help, "1m", script) else { return };
    let (code, _, err) = said(&output);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("disk/state.db") && err.contains("disk is full"), "{err}");
    let checked = help.run(&["state", "check", "--state", "left/state.db"]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    let with_room = help.run(&["check", "--state", "left/state.db"]);
    assert_eq!(with_room.code, 0, "{}", with_room.stderr);

    // A report that does not fit is not left half written.
    let script = "dd if=/dev/zero of=disk/fill bs=1k count=1020 2>/dev/null; \"$0\" check --state s.db --output json=disk/report.json";
    let Some(output) = on_a_small_disk(&help, "1m", script) else { return };
    let (code, _, err) = said(&output);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("report.json"), "{err}");
    assert!(!help.path().join("left/report.json").exists());

    // Nor is a backup.
    let script = "\"$0\" state backup disk/copy.db --state left/state.db";
    let Some(output) = on_a_small_disk(&help, "300k", script) else { return };
    let (code, _, err) = said(&output);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("copy.db") && err.contains("full"), "{err}");
    assert_eq!(
        fs::read_dir(help.path().join("left"))
            .unwrap()
            .filter(|file| { file.as_ref().unwrap().file_name().to_string_lossy().starts_with("copy.db") })
            .count(),
        0
    );
}

/// Root may write anywhere and becomes nobody first.
#[tokio::test(flavor = "multi_thread")]
async fn s05_a_read_only_state_is_an_error_that_names_it() {
    use std::os::unix::fs::PermissionsExt;
    let help = Help::new(&[("a.md", "[page](http://docs.acme.net/)\n")], |_| Reply::html("<p>It")).await;
    assert_eq!(help.run(&["check"]).code, 0);
    let program = help.path().join("linkdrift");
    copy_binary(&program);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for file in fs::read_dir(help.path()).unwrap() {
        let file = file.unwrap().path();
        if file.file_name().unwrap().to_string_lossy().starts_with("state.db") {
            mode(&file, 0o444);
        }
    }
    mode(&program, 0o555);
    mode(help.path(), 0o555);
    let state = fs::read(help.path().join("state.db")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = if is_root() { Command::new("setpriv") } else { Command::new(&program) };
        if is_root() {
            command.args(["--reuid", "65534", "--clear-groups"]).arg(&program);
        }
        command.args(arguments).current_dir(help.path()).output()
    };
    let Ok(checked) = run(&["check"]) else {
        return eprintln!("not run here: root needs setpriv");
    };
    let (code, out, err) = said(&checked);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
    assert!(err.contains("state.db") && err.contains("ermission denied"), "{err}");
    let (code, out, err) = said(&run(&["report", "--format", "json"]).unwrap());
    assert_eq!(code, Some(0), "what can be read can be reported: {out}{err}");
    mode(help.path(), 0o755);
    assert_eq!(fs::read(help.path().join("state.db")).unwrap(), state);
}

#[tokio::test]
async fn s08_a_log_of_another_database_and_a_garbled_one_are_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    drop(small(&path).await);
    // The log of another state, with commits that were never emptied into it.
    let other = folder.path().join("other.db");
    drop(small(&other).await);
    let writer = Connection::open(&other).unwrap();
    writer
        .execute_batch("PRAGMA wal_autocheckpoint = 0; INSERT INTO host (name) VALUES ('elsewhere')")
        .unwrap();
    let foreign = fs::read(folder.path().join("other.db-wal")).unwrap();
    assert!(foreign.len() > 4096);
    let garbage: Vec<u8> = (0..40_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let cut = foreign[..foreign.len() - 100].to_vec();
    for (name, log) in [("garbage", garbage), ("cut", cut), ("empty", Vec::new())] {
        let copy = folder.path().join(format!("{name}.db"));
        fs::copy(&path, &copy).unwrap();
        fs::write(folder.path().join(format!("{name}.db-wal")), log).unwrap();
        let store = SqliteStore::open(&copy, Access::Run).unwrap();
        assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new(), "{name}");
        let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap();
        assert_eq!(target.unwrap().history.len(), 1, "{name}");
    }
    // Its log deleted: what was emptied into the file is there, sound, and can be written on.
    let copy = folder.path().join("without.db");
    fs::copy(&other, &copy).unwrap();
    let store = SqliteStore::open(&copy, Access::Run).unwrap();
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    store.begin_run(NewRun { name: "again".into(), started_at: hour(9) }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_a_lock_held_by_another_process_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = small(&path).await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; INSERT INTO host (name) VALUES ('theirs')").unwrap();
    let begin = NewRun { name: "waits".into(), started_at: hour(2) };
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.begin_run(begin).await }
    });
    // However long this takes, the run is begun only after it.
    std::hint::black_box(blake3::hash(&vec![0_u8; 3_000_000]));
    assert!(!waiting.is_finished(), "a run is begun while another process writes");
    other.execute_batch("COMMIT").unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(store.runs(9).await.unwrap().len(), 2);
}

/// A transaction that reads first and writes later would fail here at once, however long it may wait (SQLITE_BUSY_SNAPSHOT).
#[tokio::test]
async fn s13_a_commit_of_another_between_two_writes_is_no_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = small(&path).await;
    let other = Connection::open(&path).unwrap();
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap().id;
    let run = store.runs(1).await.unwrap()[0].id;
    for number in 0..10 {
        store.record_visit(run, answered(target, PAGE, &number.to_string(), hour(3))).await.unwrap();
        if number % 5 == 0 {
            store.flush().await.unwrap();
        }
        other.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
        other.execute("INSERT INTO host (name) VALUES (?1)", [format!("h{number}")]).unwrap();
    }
    store.flush().await.unwrap();
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn s14_a_second_run_says_who_holds_the_state() {
    let help = Help::new(&[("a.md", "[page](http://docs.acme.net/)\n")], |_| Reply::html("<p>It")).await;
    let path = help.path().join("state.db");
    let store = small(&path).await;
    let refused = help.run(&["check"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    let holder = std::process::id().to_string();
    assert!(refused.stderr.contains("state.db") && refused.stderr.contains(&holder), "{}", refused.stderr);
    drop(store);
    assert!(path.with_extension("db.lock").exists(), "the file of a lock stays; the lock does not");
    assert_eq!(help.run(&["check"]).code, 0);
}

#[tokio::test]
async fn s20_a_state_that_is_moved_away_stops_the_run() {
    type Move = fn(&Path);
    let moves: [(&str, Move); 3] = [
        ("renamed", |path| fs::rename(path, path.with_extension("elsewhere")).unwrap()),
        ("removed", |path| fs::remove_file(path).unwrap()),
        ("replaced", |path| {
            fs::copy(path, path.with_extension("copy")).unwrap();
            fs::rename(path.with_extension("copy"), path).unwrap();
        }),
    ];
    for (name, away) in moves {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let store = small(&path).await;
        away(&path);
        let begin = NewRun { name: "second".into(), started_at: hour(2) };
        let refused = store.begin_run(begin).await.unwrap_err().to_string();
        assert!(
            refused.contains("state.db") && refused.contains("moved, removed or replaced"),
            "{name}: {refused}"
        );
    }
}

#[tokio::test]
async fn s21_a_blob_that_is_not_what_was_stored_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = small(&path).await;
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap();
    let id = target.snapshots[0].id;
    store.snapshot_body(id).await.unwrap();
    drop(store);
    Connection::open(&path).unwrap().execute_batch("UPDATE blob SET bytes = zeroblob(9)").unwrap();
    let store = SqliteStore::open(&path, Access::Read).unwrap();
    let refused = store.snapshot_body(id).await.unwrap_err().to_string();
    assert!(refused.contains("state.db") && refused.contains("is not what was stored"), "{refused}");
    let ran = command(folder.path(), &["state", "check", "--state", "state.db"]).output().unwrap();
    let (code, out, _) = said(&ran);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("its bytes are not those that were stored"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn s22_a_folder_that_everybody_may_write_to_is_mentioned() {
    use std::os::unix::fs::PermissionsExt;
    let help = Help::new(&[("a.md", "[page](http://docs.acme.net/)\n")], |_| Reply::html("<p>It")).await;
    let folder = help.path().join("open");
    fs::create_dir(&folder).unwrap();
    for (mode, mentioned) in [(0o777, true), (0o1777, false), (0o770, false)] {
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        let ran = help.run(&["check", "--state", "open/state.db"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert_eq!(
            ran.stderr.contains("every user may replace the state"),
            mentioned,
            "{mode:o}: {}",
            ran.stderr
        );
    }
    // A link to the state is the state.
    std::os::unix::fs::symlink("open/state.db", help.path().join("link.db")).unwrap();
    assert_eq!(help.run(&["check", "--state", "link.db"]).code, 0);
    assert!(!help.path().join("link.db.lock").exists(), "locks stand beside the file itself");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn s23_a_child_process_inherits_no_file_of_the_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = small(&path).await;
    let open = |output: Output| String::from_utf8_lossy(&output.stdout).contains("state.db");
    let mine = Command::new("ls").args(["-l", &format!("/proc/{}/fd", std::process::id())]).output().unwrap();
    assert!(open(mine), "this process has it open");
    let child = Command::new("sh").args(["-c", "ls -l /proc/$$/fd"]).output().unwrap();
    assert!(!open(child));
    drop(store);
}

#[tokio::test]
async fn s24_a_clock_that_is_set_back_turns_no_history_round() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let store = small(&path).await;
    let run = store.begin_run(NewRun { name: "back".into(), started_at: hour(5) }).await.unwrap();
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap().id;
    for (hours, text) in [(5, "second"), (-40, "third"), (-41, "third"), (-40, "third"), (6, "fourth")] {
        store.record_visit(run, answered(target, PAGE, text, hour(hours))).await.unwrap();
    }
    store.flush().await.unwrap();
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap();
    let last = target.snapshots.len() - 1;
    let newest = store.snapshot_body(target.snapshots[last].id).await.unwrap().unwrap();
    assert_eq!(target.snapshots.len(), 4, "in the order in which they were found, whatever the clock said");
    assert_eq!(&newest.bytes[..], b"fourth");
    assert!(target.history.iter().all(|interval| interval.first_seen <= interval.last_seen));
}
