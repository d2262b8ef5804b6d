//! The n-th write, sync or truncation of the state fails, once or from then on, in the real binary: a C library of ours stands between
//! it and the system's.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use linkdrift::store::Store;
use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::target::CanonicalUrl;
use serde_json::Value;

use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::web::Reply;

/// Targets of the run.
const TARGETS: usize = 6;
/// Failures that are tried of each kind, spread over all writes; `LINKDRIFT_IO_FAULTS=all` tries each.
const TRIED: usize = 8;

/// `LINKDRIFT_IO_FAULTS=all` makes every write fail in its turn.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn s02_the_nth_write_fails_and_nothing_that_was_printed_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("failing_io.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/store/failing_io.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source)
        .arg("-ldl")
        .status();
    assert!(built.is_ok_and(|status| status.success()), "a C compiler is needed, as for the build");

    let version = Arc::new(AtomicUsize::new(0));
    let now = version.clone();
    let links: String = (0..TARGETS).map(|n| format!("[page](http://h{n}.acme.net/{n})\n\n")).collect();
    let help = Help::new(&[("a.md", &links)], move |asked| {
        let version = now.load(Ordering::SeqCst);
        Reply::html(&format!(
            "<title>{}</title><main><h1>It</h1><p>It says {version} now.</main>",
            asked.path
        ))
    })
    .await;
    let (state, told) = (help.path().join("state.db"), help.path().join("told"));

    let mut ended = BTreeMap::new();
    for (earlier, mode) in [(false, "once"), (false, "forever"), (true, "once"), (true, "forever")] {
        let writes = |at: usize| {
            clear(help.path());
            version.store(0, Ordering::SeqCst);
            if earlier {
                assert_eq!(help.run(&["check"]).code, 0);
            }
            version.store(1, Ordering::SeqCst);
            let mut command = command(help.path(), &["check", "--format", "jsonl"]);
            command
                .env("LD_PRELOAD", &library)
                .env("LINKDRIFT_TEST_IO_PREFIX", &state)
                .env("LINKDRIFT_TEST_IO_AT", at.to_string())
                .env("LINKDRIFT_TEST_IO_TOLD", &told);
            if mode == "forever" {
                command.env("LINKDRIFT_TEST_IO_FOREVER", "1");
            }
            command.output().unwrap()
        };
        let all = std::env::var("LINKDRIFT_IO_FAULTS").is_ok_and(|wish| wish == "all");
        // How many there are is found by looking for one that is never reached.
        let mut count = 64;
        while {
            writes(count);
            told.exists()
        } {
            count *= 2;
        }
        let step = if all { 1 } else { (count / TRIED).max(1) };
        for at in (1..=count).step_by(step) {
            let output = writes(at);
            let what = format!("write {at}, {mode}, earlier state {earlier}");
            if !told.exists() {
                assert!(at > 30, "{what}: so few writes?");
                break;
            }
            let (out, err) =
                (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
            let code = output.status.code().unwrap_or_else(|| panic!("{what}: {:?} {err}", output.status));
            *ended.entry(code).or_insert(0) += 1;
            match code {
                0 => {}
                1 => assert!(err.contains("error: ") && err.contains("state.db"), "{what}: {err}"),
                _ => panic!("{what}: code {code}: {out}{err}"),
            }
            if state.exists() {
                let checked = help.run(&["state", "check"]);
                assert_eq!(checked.code, 0, "{what}: {}{}", checked.stdout, checked.stderr);
                holds(&state, &out, &what).await;
            } else {
                assert!(!earlier, "{what}: the state is gone");
            }
            let again = help.json(&["check"]);
            assert_eq!(again["summary"]["by_verdict"]["ok"], TARGETS, "{what}: {again}");
        }
    }
    assert!(ended.get(&1) > Some(&0), "no failure was reported: {ended:?}");
}

/// Removes what a run left.
fn clear(folder: &Path) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("state.db") || name == "told" {
            fs::remove_file(path).unwrap();
        }
    }
}

/// Every target that was printed has a visit in the state.
async fn holds(state: &Path, printed: &str, what: &str) {
    let store = SqliteStore::open(state, Access::Read).unwrap();
    for line in printed.lines() {
        let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
        if line["type"] == "target" {
            let url = CanonicalUrl::parse(line["url"].as_str().unwrap()).unwrap();
            let target = store.find_target(url.clone()).await.unwrap();
            let visited: linkdrift::time::Timestamp = line["visited_at"].as_str().unwrap().parse().unwrap();
            let history = target.unwrap_or_else(|| panic!("{what}: {url} is lost")).history;
            assert!(
                history.iter().any(|interval| (interval.first_seen..=interval.last_seen).contains(&visited)),
                "{what}: the visit of {url} is lost"
            );
        }
    }
}
