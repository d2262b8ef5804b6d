//! Bad input: each costs no more than it must, and says what to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use linkdrift::store::sqlite::{Access, SqliteStore};
use rusqlite::Connection;

use super::{help, texts};
use crate::support::cli::{copy_binary, run};
use crate::support::help::Help;
use crate::support::web::Reply;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_run_ends_before_anything_is_asked() {
    let help = help().await;
    help.write("bad.toml", "[visit]\nmax_retrys = 3\n");
    help.write("not-pem.txt", "no certificate\n");
    help.write("none/x.png", "");
    fs::File::create(help.path().join("huge.pem")).unwrap().set_len(100 << 30).unwrap();
    assert!(Command::new("mkfifo").arg(help.path().join("pipe")).status().unwrap().success());
    for (args, code, said) in [
        (&["missing.md"][..], 1, "cannot read missing.md"),
        (&["help/*.adoc"], 1, "matches nothing"),
        (&["none"], 1, "no entry here"),
        (&["--resolve", "docs.acme.net"], 1, "--resolve"),
        (&["--resolve", "*:443:nowhere:1"], 1, "--resolve"),
        (&["--ca-file", "missing.pem"], 1, "missing.pem"),
        (&["--ca-file", "not-pem.txt"], 1, "not-pem.txt"),
        (&["--ca-file", "huge.pem"], 1, "huge.pem"),
        (&["--state", "pipe"], 1, "a device or a pipe"),
        (&["--allow-private", "10.0.0.1/8"], 1, "--allow-private"),
        (&["--fail-on", "sometimes"], 1, "--fail-on"),
        (&["--max-age", "soon"], 1, "--max-age"),
        (&["--state", "."], 1, "folder"),
        (&["--config", "bad.toml"], 3, "bad.toml:2:1"),
        (&["--config", "missing.toml"], 3, "missing.toml"),
    ] {
        let ran = help.run(&[&["check"], args].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("panicked"), "{args:?}: {}", ran.stderr);
    }
    assert_eq!(help.asked(), Vec::<String>::new());
}

#[test]
fn without_anything_to_read_it_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(folder.path(), &["check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("linkdrift init"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_of_links_and_a_file_that_leads_out_cost_only_themselves() {
    let help = help().await;
    for (target, link) in
        [("loop.md", "loop.md"), (".", "round"), ("/etc/hostname", "out.md"), ("gone", "gone.md")]
    {
        std::os::unix::fs::symlink(target, help.path().join("help").join(link)).unwrap();
    }
    let report = help.json(&["check"]);
    assert_eq!(report["summary"]["by_verdict"]["ok"], 2, "{report:#}");
    let told = |rule: &str| {
        let of_rule = |finding: &&serde_json::Value| finding["rule"] == rule;
        let mut entries: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of_rule)
            .map(|finding| finding["entry"].clone())
            .collect();
        entries.sort_by_key(ToString::to_string);
        entries
    };
    assert_eq!(told("entry/unreadable"), ["gone.md", "loop.md", "out.md"], "{report:#}");
    assert_eq!(told("link/broken"), ["setup.md"]);
}

/// Root may read everything and becomes nobody first.
#[cfg(target_os = "linux")]
#[test]
fn m13_a_file_that_may_not_be_read_is_a_finding() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    fs::create_dir(path("help")).unwrap();
    fs::write(path("help/secret.md"), "[a](b.md)\n").unwrap();
    fs::write(path("help/open.md"), "[a](nowhere.md)\n").unwrap();
    copy_binary(&path("linkdrift"));
    for name in ["", "help"] {
        mode(&path(name), 0o755);
    }
    mode(&path("help/secret.md"), 0);
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    let mut command = Command::new(if root { Path::new("setpriv").to_owned() } else { path("linkdrift") });
    if root {
        command.args(["--reuid", "65534", "--clear-groups"]).arg(path("linkdrift"));
    }
    let ran = command
        .args(["check", "--no-state", "--offline", "--format", "json", "help"])
        .current_dir(folder.path())
        .output();
    // A machine without setpriv cannot show this to root.
    let Ok(ran) = ran else { return };
    let report: serde_json::Value = serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&ran.stderr)));
    let mut rules = texts(&report["findings"], "rule");
    rules.sort();
    assert_eq!(rules, ["entry/unreadable", "link/missing-file"]);
    assert_eq!(ran.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_state_of_ours_is_left_as_it_is() {
    let help = help().await;
    let path = help.path().join("state.db");
    let newer = {
        assert_eq!(help.run(&["check"]).code, 2);
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        fs::read(&path).unwrap()
    };
    let asked = help.asked().len();
    for (bytes, said) in [
        (newer, "newer"),
        (b"# A help entry, by mistake\n".to_vec(), "not a database"),
        (b"SQLite format 3\0 and then nothing".to_vec(), "cut off"),
    ] {
        fs::write(&path, &bytes).unwrap();
        for args in [&["check"][..], &["report"], &["show", "setup.md"], &["state", "check"]] {
            let ran = help.run(args);
            assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{args:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("state.db") && ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
            assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        }
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    assert_eq!(help.asked().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_in_use_by_another_run_is_refused_and_can_be_read() {
    let help = help().await;
    assert_eq!(help.run(&["check"]).code, 2);
    let asked = help.asked().len();
    let held = SqliteStore::open(&help.path().join("state.db"), Access::Run).unwrap();
    let ran = help.run(&["check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains(&format!("{}", std::process::id())), "names the holder: {}", ran.stderr);
    assert_eq!(help.asked().len(), asked);
    for args in [&["report"][..], &["show", "setup.md"], &["state", "check"], &["state", "backup", "copy.db"]]
    {
        assert_eq!(help.run(args).code, 0, "{args:?}");
    }
    drop(held);
    assert_eq!(help.run(&["check"]).code, 2);
}

/// The system refuses to let any file grow beyond a limit, as a full disk or a quota would.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_takes_no_more_ends_the_run_and_loses_nothing() {
    let entry: String = (0..60).map(|number| format!("[page](/page/{number})\n\n")).collect();
    let help = Help::new(&[("a.md", &entry), ("small.md", "[page](/page/0)\n")], |asked| {
        // Text that does not compress.
        let mut hash = blake3::Hasher::new().update(asked.path.as_bytes()).finalize_xof();
        let mut noise = vec![0; 20_000];
        hash.fill(&mut noise);
        let words: String = noise.chunks(4).map(|four| format!("{:02x?} ", four)).collect();
        Reply::html(&format!("<title>T</title><main><h1>T</h1><p>{words}</main>"))
    })
    .await;
    assert_eq!(help.run(&["check", "help/small.md"]).code, 0);
    let script = "ulimit -f 1500; trap '' XFSZ; exec \"$0\" check --format json";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_linkdrift")])
        .current_dir(help.path())
        .env_clear()
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{err}");
    assert!(err.contains("state.db") && err.contains("committed is safe"), "{err}");
    assert!(!err.contains("panicked"), "{err}");

    assert_eq!(help.run(&["state", "check"]).code, 0);
    assert_eq!(help.json(&["show", "https://docs.acme.net/page/0"])["target"]["verdict"], "ok");
    let report = help.json(&["check"]);
    assert_eq!(report["summary"]["by_verdict"]["ok"], 60, "{}", report["summary"]);
}
