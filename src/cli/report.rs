//! `linkdrift report`: the drift report, from state alone.

use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate};
use tokio::runtime::Runtime;

use super::check::Format;
use super::flags::StateFlags;
use super::output::{OutputFile, output_file};
use super::reporting::Reporting;
use super::{Exit, Globals, output, session};
use crate::config::Config;
use crate::pipeline::{Ending, RunEnd};
use crate::report::Document;
use crate::store::{RunId, RunRecord, Store};
use crate::time::Timestamp;

/// Runs that are looked through for the one that was asked for.
const RUNS: usize = 10_000;

/// Flags of `report`.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// What counts as new: found after this run (its number) or date (2026-11-22, or with a time)
    #[arg(long, value_name = "RUN|DATE", value_parser = since)]
    since: Option<Since>,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Option<Format>,
    /// Write a report into a file as well (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output_file::<Format>)]
    output: Vec<OutputFile<Format>>,
    #[command(flatten)]
    state: StateFlags,
}

/// `--since`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Since {
    Run(i64),
    Time(Timestamp),
}

/// Runs it.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let (runtime, state, config) = session::open_to_read(globals, &args.state)?;
    output::spare_the_state(&args.output, &config.state.path)?;
    print(&runtime, &state, &config, args, &session::working_directory()?)?;
    Ok(Exit::Success)
}

/// Writes and prints the report on the newest run that came to its end; paths are named from `cwd`.
pub(super) fn print<S: Store>(
    runtime: &Runtime,
    state: &S,
    config: &Config,
    args: &Args,
    cwd: &Path,
) -> anyhow::Result<()> {
    let (newest, before) = newest(runtime, state, args.since)?;
    let reporting = Reporting { runtime, store: state, config, cwd };
    for file in &args.output {
        if let Some(format) = file.format.known() {
            output::to_file(&file.file, |out| {
                reporting.write(Document::Report, &newest, before, format, output::IN_A_FILE, out)
            })?;
        }
    }
    let Some(format) = args.format.unwrap_or(Format::Text).known() else { return Ok(()) };
    output::to_stdout(|out| {
        reporting.write(Document::Report, &newest, before, format, output::on_stdout(), out)
    })
}

/// The newest run that came to its end, and the last run whose findings are not new.
pub(super) fn newest<S: Store>(
    runtime: &Runtime,
    state: &S,
    since: Option<Since>,
) -> anyhow::Result<(RunRecord, RunId)> {
    let runs: Vec<RunRecord> = runtime.block_on(state.runs(RUNS))?;
    let Some(newest) = runs.iter().find(|run| came_to_its_end(run)) else {
        bail!("this state holds no run that came to its end: `linkdrift check --state FILE` makes one");
    };
    Ok((newest.clone(), before(&runs, newest, since)?))
}

/// A run that was stopped, or found its own network down, judged nothing: there is nothing to report of it.
fn came_to_its_end(run: &RunRecord) -> bool {
    let end = run.summary.as_deref().and_then(RunEnd::of);
    run.finished_at.is_some() && end.is_some_and(|end| end.ending == Ending::Complete)
}

/// The last run whose findings are not new.
fn before(runs: &[RunRecord], newest: &RunRecord, since: Option<Since>) -> anyhow::Result<RunId> {
    match since {
        None => Ok(RunId(newest.id.0 - 1)),
        Some(Since::Run(number)) => {
            runs.iter().find(|run| run.id.0 == number).map(|run| run.id).with_context(|| {
                format!("--since {number}: this state has no such run; the newest is {}", newest.id.0)
            })
        }
        Some(Since::Time(time)) => {
            Ok(runs.iter().filter(|run| run.started_at < time).map(|run| run.id).max().unwrap_or(RunId(0)))
        }
    }
}

fn since(text: &str) -> Result<Since, String> {
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Since::Run(number));
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(Since::Time(date.and_time(chrono::NaiveTime::MIN).and_utc()));
    }
    DateTime::parse_from_rfc3339(text).map(|time| Since::Time(time.to_utc())).map_err(|_| {
        "expected the number of a run, a date such as 2026-11-22, or a time such as 2026-11-22T08:00:00Z"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_runs_dates_and_times() {
        assert_eq!(since("12"), Ok(Since::Run(12)));
        assert!(
            matches!(since("2026-11-22"), Ok(Since::Time(time)) if time.to_rfc3339() == "2026-11-22T00:00:00+00:00")
        );
        assert!(
            matches!(since("2026-11-22T08:00:00+02:00"), Ok(Since::Time(time)) if time.to_rfc3339() == "2026-11-22T06:00:00+00:00")
        );
        assert!(since("yesterday").is_err());
    }

    #[test]
    fn a_run_that_judged_nothing_is_not_reported() {
        let run = |ending| RunRecord {
            id: RunId(1),
            name: "check".to_owned(),
            started_at: "2026-11-22T00:00:00Z".parse().unwrap(),
            finished_at: Some("2026-11-22T00:01:00Z".parse().unwrap()),
            summary: serde_json::to_string(&RunEnd {
                summary: Default::default(),
                notes: Vec::new(),
                ending,
                reasons: Default::default(),
            })
            .ok(),
        };
        assert!(came_to_its_end(&run(Ending::Complete)));
        assert!(!came_to_its_end(&run(Ending::Interrupted)));
        assert!(!came_to_its_end(&run(Ending::NetworkDown)));
        assert!(!came_to_its_end(&RunRecord { finished_at: None, ..run(Ending::Complete) }));
    }

    #[test]
    fn new_is_what_came_after() {
        let run = |id, at: &str| RunRecord {
            id: RunId(id),
            name: "check".to_owned(),
            started_at: at.parse().unwrap(),
            finished_at: Some(at.parse().unwrap()),
            summary: None,
        };
        let runs =
            [run(3, "2026-11-22T00:00:00Z"), run(2, "2026-11-20T00:00:00Z"), run(1, "2026-11-10T00:00:00Z")];
        assert_eq!(before(&runs, &runs[0], None).unwrap(), RunId(2));
        assert_eq!(before(&runs, &runs[0], Some(Since::Run(1))).unwrap(), RunId(1));
        assert!(before(&runs, &runs[0], Some(Since::Run(7))).is_err());
        let day = |text: &str| since(text).unwrap();
        assert_eq!(before(&runs, &runs[0], Some(day("2026-11-15"))).unwrap(), RunId(1));
        assert_eq!(before(&runs, &runs[0], Some(day("2026-01-01"))).unwrap(), RunId(0));
    }
}
