//! What is due: a schedule visits what its targets' histories ask for, within its budgets, and goes on where it was cut short.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use linkdrift::store::Store;
use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::target::CanonicalUrl;
use serde_json::Value;

use crate::support::cli::command;
use crate::support::help::Help;
use crate::support::web::Reply;

const ALL: &str = "cron = \"0 3 1 1 *\"\ntask = \"check\"\nmissed = \"skip\"\n";

fn url(number: usize) -> String {
    format!("http://h{}.acme.net/{number}", number % 5)
}

/// A repository of so many targets on five hosts, all well, and a channel that tells of each request.
async fn help(targets: usize) -> (Help, mpsc::Receiver<()>) {
    let (told, requests) = mpsc::channel();
    let told = Mutex::new(told);
    let text: String = (0..targets).map(|number| format!("[page]({})\n\n", url(number))).collect();
    let help = Help::new(&[("a.md", text.as_str())], move |asked| {
        let _ = told.lock().unwrap().send(());
        Reply::html(&format!("<title>{0}</title><main><h1>{0}</h1><p>Words.</main>", asked.path))
    })
    .await;
    help.write("schedules/all.toml", ALL);
    (help, requests)
}

/// Pages that were asked for since so many requests, robots.txt left out.
fn pages_since(help: &Help, before: usize) -> Vec<String> {
    help.asked().split_off(before).into_iter().filter(|url| !url.ends_with("/robots.txt")).collect()
}

fn check(help: &Help) -> Value {
    let ran = help.run(&["run", "all", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_just_visited_is_not_due_and_what_is_new_is() {
    let (help, _requests) = help(10).await;
    assert_eq!(check(&help)["summary"]["visited"], 10);
    let before = help.asked().len();
    let again = check(&help);
    assert_eq!((&again["summary"]["visited"], &again["summary"]["targets"]), (&0.into(), &10.into()));
    assert_eq!(again["summary"]["by_verdict"]["ok"], 10, "what is known is told all the same");
    assert_eq!(pages_since(&help, before), Vec::<String>::new());

    help.write("help/b.md", &format!("[new]({})\n", url(77)));
    assert_eq!(check(&help)["summary"]["visited"], 1);
    assert_eq!(pages_since(&help, before), [url(77)]);
    // A check that nobody scheduled visits everything.
    assert_eq!(help.json(&["check"])["summary"]["visited"], 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn budgets_hold_and_the_rest_comes_next_time() {
    let (help, _requests) = help(40).await;
    let budgets = "\n[recheck]\nmax_visits = 12\nmax_visits_per_host = 3\n";
    help.write("linkdrift.toml", &(help.configuration() + budgets));
    let mut seen = BTreeSet::new();
    for round in 0..3 {
        let before = help.asked().len();
        let ran = help.run(&["run", "all", "--format", "none"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let pages = pages_since(&help, before);
        assert_eq!(pages.len(), 12, "round {round}: {pages:?}");
        for host in 0..5 {
            let of_host = pages.iter().filter(|url| url.contains(&format!("//h{host}."))).count();
            assert!(of_host <= 3, "round {round}: {of_host} of h{host}");
        }
        assert!(
            ran.stderr.contains(&format!("{} more targets are due", 40 - 12 * (round + 1))),
            "{}",
            ran.stderr
        );
        assert!(pages.into_iter().all(|url| seen.insert(url)), "round {round} visited something again");
    }
    assert_eq!(check(&help)["summary"]["visited"], 4);
    assert_eq!(check(&help)["summary"]["visited"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_with_an_age_takes_what_is_younger_from_state() {
    let (help, _requests) = help(5).await;
    help.write("schedules/all.toml", &format!("{ALL}max_age = \"1h\"\n"));
    assert_eq!(check(&help)["summary"]["visited"], 5);
    assert_eq!(check(&help)["summary"]["visited"], 0);
}

/// C11: a run that is killed goes on with what it had not visited, at the next run or at once when the service starts; what was
/// committed is not visited again.
#[tokio::test(flavor = "multi_thread")]
async fn c11_a_killed_run_goes_on_where_it_was() {
    const TARGETS: usize = 300;
    let (help, requests) = help(TARGETS).await;
    let slow = help.configuration().replace("1000/s", "20/s");
    help.write("linkdrift.toml", &slow);
    let mut run =
        command(help.path(), &["run", "all", "--format", "none"]).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..TARGETS {
        // Only so that a failure ends; nothing is waited for by the clock.
        requests.recv_timeout(Duration::from_secs(60)).expect("a request");
        if any_visit(&help) {
            break;
        }
    }
    run.kill().unwrap();
    run.wait().unwrap();
    let committed = visited(&help, TARGETS).await;
    assert!(!committed.is_empty() && committed.len() < TARGETS, "{} of {TARGETS}", committed.len());

    let before = help.asked().len();
    let socket = UnixDatagram::bind(help.path().join("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let service = command(help.path(), &["daemon"])
        .env("NOTIFY_SOCKET", help.path().join("notify"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    for part in ["STATUS=running all", "STATUS=next all"] {
        let mut buffer = [0; 4096];
        loop {
            let length = socket.recv(&mut buffer).expect("the service says something");
            if String::from_utf8_lossy(&buffer[..length]).contains(part) {
                break;
            }
        }
    }
    let stopped = Command::new("kill").args(["-TERM", &service.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let output = service.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("its last run was cut short: the rest is done now"), "{said}");

    let again: BTreeSet<String> = pages_since(&help, before).into_iter().collect();
    let expected: BTreeSet<String> = (0..TARGETS).map(url).filter(|url| !committed.contains(url)).collect();
    assert_eq!(again, expected);
    assert_eq!(visited(&help, TARGETS).await.len(), TARGETS);
    // It came to its end: nothing is left for the next start.
    let before = help.asked().len();
    assert_eq!(check(&help)["summary"]["visited"], 0);
    assert_eq!(pages_since(&help, before), Vec::<String>::new());
}

/// Whether any visit is in the state yet.
fn any_visit(help: &Help) -> bool {
    let state = rusqlite::Connection::open(help.path().join("state.db")).unwrap();
    state.query_row("SELECT EXISTS (SELECT 1 FROM observation)", [], |row| row.get(0)).unwrap_or(false)
}

/// Targets of which a visit is in the state.
async fn visited(help: &Help, targets: usize) -> BTreeSet<String> {
    let store = SqliteStore::open(&help.path().join("state.db"), Access::Read).unwrap();
    let mut visited = BTreeSet::new();
    for url in (0..targets).map(url) {
        let target = store.find_target(CanonicalUrl::parse(&url).unwrap()).await.unwrap();
        if target.is_some_and(|target| !target.history.is_empty()) {
            visited.insert(url);
        }
    }
    visited
}

#[test]
fn the_cost_of_a_first_run_is_told_without_network() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..41).map(|number| format!("[a](https://docs.acme.net/{number})\n\n")).collect();
    fs::write(
        folder.path().join("a.md"),
        text + "[b](https://go.acme.net/b) [again](https://docs.acme.net/1#x)\n",
    )
    .unwrap();
    let ran = crate::support::cli::run(folder.path(), &["links", "--summary", "a.md"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    insta::assert_snapshot!(ran.stdout, @r#"
    43 references in 1 entry name 42 targets on 2 hosts

      fullest hosts    targets  at limits  at their start
      docs.acme.net         41         2s             10s
      go.acme.net            1         0s              0s

    A first run takes 2s where hosts answer fast, and up to 10s at the pace that they begin with; redirects, robots.txt and repeats come on top.
    "#);
    let ran = crate::support::cli::run(folder.path(), &["links", "--summary", "--format", "json", "a.md"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["schema"], "linkdrift/links-summary/1");
    assert_eq!((&json["targets"], &json["hosts"]), (&42.into(), &2.into()));
    assert_eq!(
        json["fullest"][0],
        serde_json::json!({
            "host": "docs.acme.net", "targets": 41, "at_limits_ms": 2000, "at_start_ms": 10_000
        })
    );
}
