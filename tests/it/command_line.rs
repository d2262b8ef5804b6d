//! What every command owes its caller: a word on standard error where nothing is done, a refusal before any work where it cannot end
//! well, and no waiting for what never comes.

use std::fs;
use std::path::Path;
use std::process::Command;

use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{NewRun, Plan, SourceRecord, Store};
use linkdrift::target::CanonicalUrl;

use crate::support::cli::{command, run};
use crate::support::records::{answered, entry, hour};

fn scratch(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = dir.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    dir
}

/// Standard error of a command with some of the environment set.
fn said(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> String {
    let output = command(folder, args).envs(variables.iter().copied()).output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn one_version_is_not_compared_with_itself() {
    const PAGE: &str = "https://docs.example/page";
    let dir = scratch(&[]);
    let path = dir.path().join("state.db");
    let store = SqliteStore::open(&path, Access::Run).unwrap();
    let source =
        SourceRecord { name: "help".into(), root: "/help".into(), base_url: None, locale: None, group: None };
    let source = store.put_source(source).await.unwrap();
    let id = store.begin_run(NewRun { name: "check".into(), started_at: hour(0) }).await.unwrap();
    store.record_entries(id, vec![entry(source, "one.md", &[PAGE])]).await.unwrap();
    store.plan(id, Plan::default()).await.unwrap();
    let target = store.find_target(CanonicalUrl::parse(PAGE).unwrap()).await.unwrap().unwrap().id;
    store.record_visit(id, answered(target, PAGE, "one", hour(0))).await.unwrap();
    store.finish_run(id, hour(0), "{}".into()).await.unwrap();
    let ran = run(dir.path(), &["diff", PAGE, "--state", "state.db"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with(&format!("{PAGE}: only one version is kept")), "{}", ran.stdout);
    let ran = run(dir.path(), &["diff", PAGE, "--state", "state.db", "--format", "json"]);
    assert!(ran.code == 0 && ran.stdout.contains("\"change\":\"none\""), "{}{}", ran.stdout, ran.stderr);

    let id = store.begin_run(NewRun { name: "check".into(), started_at: hour(1) }).await.unwrap();
    store.record_visit(id, answered(target, PAGE, "two", hour(1))).await.unwrap();
    store.finish_run(id, hour(3), "{}".into()).await.unwrap();
    let ran = run(dir.path(), &["diff", PAGE, "--state", "state.db"]);
    assert!(!ran.stdout.contains("only one version"), "{}", ran.stdout);
}

#[test]
fn a_report_that_cannot_be_written_is_known_before_the_run() {
    let dir = scratch(&[("a.md", "[a](b.md)\n"), ("folder/x", "")]);
    for file in ["nope/x.json", "folder"] {
        let output = format!("json={file}");
        let args = ["check", "--offline", "--state", "state.db", "--output", &output, "a.md"];
        let ran = run(dir.path(), &args);
        assert_eq!(ran.code, 1, "{file}");
        assert!(ran.stdout.is_empty() && ran.stderr.contains(file), "{file}: {}", ran.stderr);
        let runs = run(dir.path(), &["report", "--state", "state.db"]);
        assert!(!runs.stdout.contains("b.md"), "no run was made: {}", runs.stdout);
    }
}

#[test]
fn what_is_no_regular_file_is_refused_and_not_waited_for() {
    let dir = scratch(&[("folder/x", "")]);
    assert!(Command::new("mkfifo").arg(dir.path().join("pipe")).status().unwrap().success());
    for args in [&["page", "pipe"][..], &["diff", "pipe", "pipe"], &["page", "folder"]] {
        let ran = run(dir.path(), args);
        assert_eq!(ran.code, 1, "{args:?}");
        assert!(ran.stderr.starts_with("error: cannot read "), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn a_list_that_names_nothing_is_mentioned() {
    let dir = scratch(&[("a.md", "x\n"), ("gone", "gone.md\n"), ("empty", "")]);
    for list in ["gone", "empty"] {
        let ran = run(dir.path(), &["check", "--no-state", "--offline", "--files-from", list]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("{list}: the list names no entry")), "{}", ran.stderr);
    }
}

#[test]
fn u35_proxies_that_are_not_used_are_mentioned_once_without_their_values() {
    let dir = scratch(&[("a.md", "[a](http://127.0.0.1/)\n")]);
    let check = ["check", "--no-state", "a.md"];
    let set = [("https_proxy", "http://me:secret@p.example:1/"), ("ALL_PROXY", "x"), ("HTTP_PROXY", "")];
    let text = said(dir.path(), &check, &set);
    assert_eq!(text.matches("ALL_PROXY, https_proxy").count(), 1, "{text}");
    assert!(!text.contains("secret") && !text.contains("HTTP_PROXY"), "{text}");
    assert!(!said(dir.path(), &check, &[]).contains("not used"));
    let offline = ["check", "--no-state", "--offline", "a.md"];
    assert!(!said(dir.path(), &offline, &set).contains("not used"));
}

const SCHEDULE: &str = "cron = \"0 0 * * *\"\ntask = \"check\"\n";

#[test]
fn a_schedule_runs_although_another_is_wrong() {
    let wrong = SCHEDULE.replace("check", "nothing");
    let dir = scratch(&[
        ("linkdrift.toml", "[[source]]\nname = \"help\"\npath = \"help\"\n"),
        ("help/a.md", "x\n"),
        ("schedules/good.toml", SCHEDULE),
        ("schedules/bad.toml", &wrong),
    ]);
    let good = run(dir.path(), &["run", "good", "--no-state", "--offline"]);
    assert_eq!(good.code, 0, "{}", good.stderr);
    assert!(good.stderr.contains("bad.toml:2:8: unknown value `nothing`"), "{}", good.stderr);
    assert_eq!(run(dir.path(), &["run", "bad", "--no-state", "--offline"]).code, 3);
    let check = run(dir.path(), &["schedules", "check"]);
    assert_eq!(check.code, 3);
    assert!(check.stderr.contains("known here: check, sync, report, prune, backup"), "{}", check.stderr);
}

#[test]
fn an_empty_configuration_is_not_called_missing() {
    let dir = scratch(&[("linkdrift.toml", "")]);
    let ran = run(dir.path(), &["check", "--no-state", "--offline"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("linkdrift.toml defines no [[source]]"), "{}", ran.stderr);
    fs::remove_file(dir.path().join("linkdrift.toml")).unwrap();
    let ran = run(dir.path(), &["check", "--no-state", "--offline"]);
    assert!(ran.stderr.contains("no linkdrift.toml here or above"), "{}", ran.stderr);
}

/// A literal address is refused, not visited: its line in the report says that it was in scope.
#[test]
fn a_url_that_only_a_text_shows_obeys_the_scope() {
    let dir = scratch(&[("a.md", "[http://127.0.0.1:9/shown](http://127.0.0.2:9/good)\n")]);
    let visited = |scope: &[&str]| {
        let mut args = vec!["check", "--no-state", "--format", "json", "a.md"];
        args.extend(scope);
        let ran = run(dir.path(), &args);
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        json["summary"]["visited"].as_u64().unwrap()
    };
    assert_eq!(visited(&[]), 2);
    assert_eq!(visited(&["--include", "good"]), 1);
    assert_eq!(visited(&["--exclude", "shown"]), 1);
}

#[test]
fn errors_name_what_they_are_about() {
    let dir = scratch(&[("a.md", "[x](%00) [y](http://a.example.net/AAAA)\n"), ("folder/x", "")]);
    let ran = run(dir.path(), &["links", "--config", "folder", "a.md"]);
    assert_eq!(ran.code, 3);
    let first = ran.stderr.lines().next().unwrap();
    assert!(first.ends_with("/folder: is a folder, not a file"), "{}", ran.stderr);
    let long = fs::read_to_string(dir.path().join("a.md")).unwrap().replace("AAAA", &"a".repeat(9000));
    fs::write(dir.path().join("a.md"), long).unwrap();
    let ran = run(dir.path(), &["check", "--no-state", "--offline", "--format", "json", "a.md"]);
    assert!(ran.stdout.contains("no file has a NUL"), "{}", ran.stdout);
    assert!(ran.stdout.contains("a URL of 9021 bytes: the limit is 8192"), "{}", ran.stdout);
}

#[test]
fn colour_is_forced_only_where_it_is_wanted() {
    let dir = scratch(&[("a.html", "<main><h1>Title</h1><p>Text</p></main>")]);
    let colours = |value: &str| {
        let output = command(dir.path(), &["page", "a.html"]).env("CLICOLOR_FORCE", value).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert_eq!((colours("1"), colours("0")), (true, false));
}
