//! `state prune`, `forget`, `restore`, `export`, and the copies of `backup`.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;
use serde_json::Value;

use crate::support::help::Help;
use crate::support::web::Reply;

/// A page that says something else in each of `rounds` checks, and one that never changes; then years pass.
async fn aged(rounds: usize) -> Help {
    let round = Arc::new(AtomicUsize::new(0));
    let now = round.clone();
    let entries = [("a.md", "# A\n\n[x](https://docs.acme.net/changes) [y](https://other.acme.net/stays)\n")];
    let help = Help::new(&entries, move |asked| {
        let version = if asked.path == "/changes" { now.load(Ordering::SeqCst) } else { 0 };
        Reply::html(&format!(
            "<title>Page</title><main><h1>Page</h1><p>It says {version} in words that nobody else has.</main>"
        ))
    })
    .await;
    for number in 0..rounds {
        round.store(number, Ordering::SeqCst);
        let ran = help.run(&["check", "--format", "none"]);
        assert!(matches!(ran.code, 0 | 2), "{}", ran.stderr);
        // Each round is an hour after the one before, and all of it years ago.
        age(&help, 3600);
    }
    age(&help, 5 * 365 * 86_400);
    help
}

/// Moves everything in the state into the past.
fn age(help: &Help, seconds: i64) {
    let state = Connection::open(help.path().join("state.db")).unwrap();
    for (table, columns) in [
        ("run", &["started_at", "finished_at"][..]),
        ("entry", &["first_seen"]),
        ("snapshot", &["first_seen"]),
        ("observation", &["first_seen", "last_seen"]),
        ("finding", &["first_seen", "last_seen", "resolved_at"]),
    ] {
        let sets: Vec<String> =
            columns.iter().map(|column| format!("{column} = {column} - {seconds}")).collect();
        state.execute_batch(&format!("UPDATE {table} SET {}", sets.join(", "))).unwrap();
    }
}

fn count(help: &Help, sql: &str) -> i64 {
    let state = Connection::open(help.path().join("state.db")).unwrap();
    state.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn sound(help: &Help) {
    let ran = help.run(&["state", "check"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn s16_pruning_keeps_the_newest_the_baseline_and_what_findings_rest_on() {
    let help = aged(8).await;
    let texts = "SELECT count(*) FROM snapshot WHERE coalesce(page, body) IS NOT NULL";
    assert_eq!(count(&help, texts), 9);
    let size = fs::metadata(help.path().join("state.db")).unwrap().len();
    let ran = help.run(&["state", "prune"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("removed 5 bodies, 5 texts, "), "{}", ran.stdout);
    sound(&help);
    // The first, which is the baseline of the entry, and the newest two; and the page that never changed.
    assert_eq!(count(&help, texts), 4);
    assert_eq!(count(&help, "SELECT count(*) FROM observation"), 4);
    assert!(fs::metadata(help.path().join("state.db")).unwrap().len() <= size);
    let again = help.run(&["state", "prune"]);
    assert!(again.stdout.contains("nothing to remove"), "{}", again.stdout);
    // Drift is measured as before.
    let ran = help.run(&["diff", "https://docs.acme.net/changes"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(help.json(&["check"])["summary"]["by_verdict"]["ok"], 2);
    sound(&help);
}

#[tokio::test(flavor = "multi_thread")]
async fn young_bodies_and_texts_stay_and_a_count_bounds_them() {
    let help = aged(6).await;
    age(&help, -5 * 365 * 86_400);
    let ran = help.run(&["state", "prune"]);
    assert!(ran.stdout.contains("nothing to remove"), "{}", ran.stdout);
    help.write("linkdrift.toml", &(help.configuration() + "\n[retention]\nsnapshots_per_target = 3\n"));
    help.write("schedules/prune.toml", "cron = \"0 5 * * *\"\ntask = \"prune\"\n");
    let ran = help.run(&["run", "prune"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("removed 2 bodies, 2 texts"), "{}", ran.stdout);
    sound(&help);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_body_that_goes_its_text_stays() {
    let help = aged(6).await;
    let retention = "\n[retention]\nbodies = \"90d\"\nsnapshots = \"3650d\"\n";
    help.write("linkdrift.toml", &(help.configuration() + retention));
    // The second of six versions.
    let drift = || help.run(&["diff", "https://docs.acme.net/changes", "--from", "3"]).stdout;
    let before = drift();
    assert!(before.contains("It says"), "{before}");
    let ran = help.run(&["state", "prune"]);
    assert!(ran.stdout.contains("removed 3 bodies") && !ran.stdout.contains("text"), "{}", ran.stdout);
    sound(&help);
    assert_eq!(count(&help, "SELECT count(*) FROM snapshot WHERE page IS NOT NULL AND body IS NULL"), 3);
    assert_eq!(drift(), before);
    let again = help.run(&["state", "prune"]);
    assert!(again.stdout.contains("nothing to remove"), "{}", again.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_and_targets_that_are_gone_go_after_their_time() {
    let help = aged(1).await;
    help.write("help/a.md", "# A\n\nNothing.\n");
    help.write("help/b.md", "[b](https://other.acme.net/stays)\n");
    assert_eq!(help.run(&["check", "--format", "none"]).code, 0);
    fs::remove_file(help.path().join("help/a.md")).unwrap();
    assert_eq!(help.run(&["check", "--format", "none"]).code, 0);
    let ran = help.run(&["state", "prune"]);
    assert!(!ran.stdout.contains("gone"), "gone since a moment: {}", ran.stdout);
    age(&help, 3 * 365 * 86_400);
    let ran = help.run(&["state", "prune"]);
    assert!(ran.stdout.contains("1 entry that is gone"), "{}", ran.stdout);
    sound(&help);
    assert_eq!(count(&help, "SELECT count(*) FROM entry"), 1);
    assert_eq!(count(&help, "SELECT count(*) FROM target"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn s19_what_is_forgotten_is_not_in_the_file_any_more() {
    let help = aged(2).await;
    let held = |text: &str| {
        let state = Connection::open(help.path().join("state.db")).unwrap();
        state.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        drop(state);
        let bytes = fs::read(help.path().join("state.db")).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    assert!(held("https://docs.acme.net/changes"));
    let ran = help.run(&["state", "forget", "docs.acme.net"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("1 target, 2 snapshots"), "{}", ran.stdout);
    sound(&help);
    assert_eq!(count(&help, "SELECT count(*) FROM observation"), 1);
    // The entry names it still: the next check finds it anew.
    assert_eq!(help.json(&["check"])["summary"]["by_verdict"]["ok"], 2);

    let ran = help.run(&["state", "forget", "https://other.acme.net/stays"]);
    assert!(ran.stdout.contains("1 target, 1 snapshot,"), "{}", ran.stdout);
    let ran = help.run(&["state", "forget", "help"]);
    assert!(ran.stdout.starts_with("forgot the source help: 1 entry"), "{}", ran.stdout);
    sound(&help);
    for table in ["entry", "target", "observation", "snapshot", "blob", "finding", "source"] {
        assert_eq!(count(&help, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert!(!held("https://docs.acme.net/changes") && !held("acme.net/stays"));
    let ran = help.run(&["state", "forget", "nobody.example.org"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("nothing is known of the host nobody.example.org"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_no_text_of_others_unless_asked() {
    let help = aged(2).await;
    let lines = |args: &[&str]| -> Vec<Value> {
        let ran = help.run(args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let bare = lines(&["state", "export"]);
    assert_eq!(
        bare[0],
        serde_json::json!({"type": "export", "schema": "linkdrift/export/1", "bodies": false})
    );
    let of = |kind: &str| bare.iter().filter(|line| line["type"] == kind).count();
    assert_eq!((of("source"), of("target"), of("run")), (1, 2, 2));
    let text =
        |lines: &[Value]| serde_json::to_string(lines).unwrap().contains("in words that nobody else has");
    assert!(!text(&bare));
    let whole = lines(&["state", "export", "--bodies"]);
    assert!(text(&whole));
    assert_eq!(whole.len(), bare.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_and_the_state_that_was_there_is_kept() {
    let help = aged(1).await;
    assert_eq!(help.run(&["state", "backup", "copy.db"]).code, 0);
    assert_eq!(help.run(&["state", "forget", "help"]).code, 0);
    let ran = help.run(&["state", "restore", "copy.db"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let kept = ran.stdout.trim_end().rsplit_once("the state that was there is ").unwrap().1.to_owned();
    sound(&help);
    assert_eq!(count(&help, "SELECT count(*) FROM target"), 2);
    assert_eq!(help.run(&["state", "check", "--state", &kept]).code, 0);

    // A damaged state is replaced too; a damaged or foreign backup replaces nothing.
    fs::write(help.path().join("state.db"), "rubbish").unwrap();
    let before: Vec<_> = fs::read_dir(help.path()).unwrap().map(|item| item.unwrap().file_name()).collect();
    let mut torn = fs::read(help.path().join("copy.db")).unwrap();
    let middle = torn.len() / 2;
    torn[middle..].fill(0xa5);
    fs::write(help.path().join("torn.db"), torn).unwrap();
    fs::write(help.path().join("note.txt"), "not a database").unwrap();
    for wrong in ["torn.db", "note.txt", "missing.db"] {
        let ran = help.run(&["state", "restore", wrong]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{wrong}");
        assert!(ran.stderr.contains(wrong), "{}", ran.stderr);
        assert_eq!(fs::read(help.path().join("state.db")).unwrap(), b"rubbish", "{wrong}");
    }
    let extra: Vec<_> = fs::read_dir(help.path())
        .unwrap()
        .map(|item| item.unwrap().file_name())
        .filter(|name| !before.contains(name) && !["torn.db", "note.txt"].iter().any(|known| name == known))
        .filter(|name| !name.to_string_lossy().starts_with("torn.db-"))
        .collect();
    assert!(extra.is_empty(), "{extra:?}");
    assert_eq!(help.run(&["state", "restore", "copy.db"]).code, 0);
    sound(&help);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_copies_go_and_a_copy_that_is_not_sound_is_not_kept() {
    let help = aged(1).await;
    help.write("linkdrift.toml", &(help.configuration() + "\n[retention]\nbackups = 2\n"));
    help.write("schedules/copy.toml", "cron = \"0 4 * * *\"\ntask = \"backup\"\n");
    for stamp in ["20200101T000000Z", "20200102T000000Z", "20200103T000000Z"] {
        help.write(&format!("backups/state-{stamp}.db"), "old");
    }
    help.write("backups/notes.txt", "mine");
    assert_eq!(help.run(&["run", "copy"]).code, 0);
    let mut names: Vec<String> = fs::read_dir(help.path().join("backups"))
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(
        names.contains(&"notes.txt".to_owned()) && names.contains(&"state-20200103T000000Z.db".to_owned())
    );

    let state = Connection::open(help.path().join("state.db")).unwrap();
    state.execute_batch("UPDATE blob SET bytes = x'00' WHERE id = 1").unwrap();
    drop(state);
    let ran = help.run(&["state", "backup", "unsound.db"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("was not sound"), "{}", ran.stderr);
    assert!(!help.path().join("unsound.db").exists());
}
