//! What was reported as stored is there, whatever moment the process was killed at, and whatever the disk refused. The processes that
//! are killed are this test binary again, told by an environment variable to be one.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use linkdrift::store::sqlite::{Access, SqliteStore};
use linkdrift::store::{NewRun, Plan, SourceRecord, Store};
use linkdrift::target::CanonicalUrl;

use crate::support::records::{answered, entry, hour, reset};

/// The state file of a process that is to write.
const STATE: &str = "LINKDRIFT_TEST_STATE";
/// Which round it is: its URLs are its own.
const ROUND: &str = "LINKDRIFT_TEST_ROUND";
/// How much text each page has.
const SIZE: &str = "LINKDRIFT_TEST_SIZE";

fn url(round: &str, number: usize) -> String {
    format!("https://h{}.example/{round}/{number}", number % 5)
}

/// Not a test: what the processes of the tests below do. Visits pages without end and says after each flush how many are stored.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let (Ok(path), Ok(round)) = (std::env::var(STATE), std::env::var(ROUND)) else { return };
    let size: usize = std::env::var(SIZE).unwrap().parse().unwrap();
    println!("\nbegins");
    if let Err(error) = write(Path::new(&path), &round, size).await {
        println!("refused {error}");
    }
}

#[expect(clippy::print_stdout, reason = "how it tells the test above it")]
async fn write(path: &Path, round: &str, size: usize) -> Result<(), linkdrift::store::StoreError> {
    let store = SqliteStore::open(path, Access::Run)?;
    let source =
        SourceRecord { name: "help".into(), root: "/help".into(), base_url: None, locale: None, group: None };
    let source = store.put_source(source).await?;
    let run = store.begin_run(NewRun { name: round.into(), started_at: hour(0) }).await?;
    for batch in 0_usize.. {
        let urls: Vec<String> = (0..7).map(|number| url(round, batch * 7 + number)).collect();
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        let name = format!("{round}/{}.md", batch % 20);
        store.record_entries(run, vec![entry(source, &name, &urls)]).await?;
        store.plan(run, Plan::default()).await?;
        for url in urls {
            let url = CanonicalUrl::parse(url).unwrap();
            let target = store.find_target(url.clone()).await?.unwrap().id;
            store.record_visit(run, reset(target, url.as_str(), "first", hour(0))).await?;
            let text = url.as_str().repeat(size);
            store.record_visit(run, answered(target, url.as_str(), &text, hour(1))).await?;
        }
        store.flush().await?;
        println!("stored {}", (batch + 1) * 7);
    }
    Ok(())
}

fn writer(program: &str, arguments: &[&str], path: &Path, round: &str, size: usize) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args(["--exact", "store::kill::writes_until_it_is_killed", "--nocapture"])
        .env(STATE, path)
        .env(ROUND, round)
        .env(SIZE, size.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Everything that a round said was stored is there and is what it was.
async fn holds(store: &SqliteStore, round: &str, stored: usize, size: usize) {
    for number in 0..stored {
        let url = url(round, number);
        let target = store.find_target(CanonicalUrl::parse(&url).unwrap()).await.unwrap();
        let target = target.unwrap_or_else(|| panic!("{url} is lost"));
        assert_eq!(target.history.len(), 2, "{url}");
        let body = store.snapshot_body(target.snapshots[0].id).await.unwrap().unwrap();
        assert_eq!(body.bytes, url.repeat(size), "{url}");
    }
    let soundness = store.check().await.unwrap();
    assert_eq!(soundness.problems, Vec::<String>::new(), "after round {round}");
}

/// `LINKDRIFT_KILL_ROUNDS` makes more rounds than 20.
#[tokio::test]
async fn s01_killed_at_any_moment_nothing_reported_is_lost() {
    let rounds =
        std::env::var("LINKDRIFT_KILL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    let program = std::env::current_exe().unwrap();
    let mut reported = Vec::new();
    for round in 0..rounds {
        let name = round.to_string();
        // A state that is not there yet, too: the first rounds are killed while they make it.
        let lines = if round < 4 { round } else { 1 + (round * 7919) % 23 };
        let mut child = writer(program.to_str().unwrap(), &[], &path, &name, 30).spawn().unwrap();
        let mut stored = 0;
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || output.next().map(Result::unwrap);
        while next().is_some_and(|line| line != "begins") {}
        for _ in 0..lines {
            let line = next().unwrap();
            stored = line.strip_prefix("stored ").unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        }
        // The child is at work while this goes on: the moment is as random as the scheduler.
        std::hint::black_box(blake3::hash(&vec![0_u8; (round * 104_729) % 3_000_000]));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in output.map(Result::unwrap) {
            if let Some(number) = line.strip_prefix("stored ").and_then(|number| number.parse().ok()) {
                stored = number;
            }
        }
        reported.push((name, stored));
        if stored > 0 || path.exists() {
            let store = SqliteStore::open(&path, Access::Run).unwrap();
            let (name, stored) = reported.last().unwrap();
            holds(&store, name, *stored, 30).await;
        }
    }
    let store = SqliteStore::open(&path, Access::Read).unwrap();
    for (round, stored) in &reported {
        holds(&store, round, *stored, 30).await;
    }
    assert!(reported.iter().map(|(_, stored)| stored).sum::<usize>() > rounds * 7);
}

/// The system refuses to let any file grow beyond a limit, as a full disk or a quota would.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn s04_a_file_that_may_not_grow_ends_the_run_and_loses_nothing() {
    let program = std::env::current_exe().unwrap();
    for blocks in [1000, 3000] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\"");
        let output =
            writer("sh", &["-c", &script, program.to_str().unwrap()], &path, "0", 400).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let refused =
            said.lines().find_map(|line| line.strip_prefix("refused ")).unwrap_or_else(|| panic!("{said}"));
        assert!(refused.contains("state.db") && refused.contains("committed is safe"), "{refused}");
        let stored = said.lines().filter_map(|line| line.strip_prefix("stored ")).next_back();
        let stored: usize = stored.map_or(0, |number| number.parse().unwrap());
        let store = SqliteStore::open(&path, Access::Run).unwrap();
        holds(&store, "0", stored, 400).await;
        let run = NewRun { name: "with room".into(), started_at: hour(9) };
        store.begin_run(run).await.unwrap();
    }
}
