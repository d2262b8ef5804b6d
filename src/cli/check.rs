//! `linkdrift check`: visit, judge, report, gate.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ValueEnum;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::flags::{StateChoice, StateFlags, VisitFlags};
use super::output::{self, OutputFile, output_file};
use super::reporting::Reporting;
use super::select::{self, SelectArgs};
use super::{Exit, Globals, progress, rows, session};
use crate::config::{Severity, value};
use crate::gate::{self, FailOn};
use crate::notify::Courier;
use crate::pipeline::{Ending, Network, Pipeline, Request, Targets, Telling, Unreachable};
use crate::report::{self, Document};
use crate::store::sqlite::{Access, SqliteStore};
use crate::store::{FindingQuery, RunId, Store};
use crate::time::{Clock, SystemClock};

/// How long a run's end waits for receivers.
const TELLING: Duration = Duration::from_secs(120);

/// Flags of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take targets that were well at a visit not older than this from state, such as 1d or 6h
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    max_age: Option<Duration>,
    /// Tell the receivers of `[[notify]]` what is new and what is resolved
    #[arg(long)]
    notify: bool,
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    visit: VisitFlags,
    #[command(flatten)]
    state: StateFlags,
    #[command(flatten)]
    outcome: OutcomeFlags,
}

/// What is reported, and what fails: shared by `check` and `run`.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Report and gate")]
pub struct OutcomeFlags {
    /// Fail (exit code 2) on findings of this severity or worse
    #[arg(long, value_name = "SEVERITY", default_value = "error", env = "LINKDRIFT_FAIL_ON")]
    fail_on: FailOnFlag,
    /// An answer that cannot be had is an error at once, not only once it is confirmed in state
    #[arg(long)]
    strict_unreachable: bool,
    /// Format of the report on standard output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Write a report into a file as well (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output_file::<Format>)]
    pub(super) output: Vec<OutputFile<Format>>,
}

/// The formats of a check's report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, grouped by cause
    Text,
    /// One document, schema linkdrift/check/1
    Json,
    /// One object per line
    Jsonl,
    /// Workflow commands of GitHub Actions, one per line
    Github,
    /// For a pull request's comment or a job's summary
    Markdown,
    /// One page for a browser
    Html,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Test results, errors as failures
    Junit,
    /// GitLab's code quality report
    Gitlab,
    /// A table for spreadsheets
    Csv,
    /// A feed
    Atom,
    /// Nothing
    None,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOnFlag {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Any finding
    Info,
    /// Nothing
    Never,
}

/// Runs it.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let cwd = session::working_directory()?;
    let mut config = session::load_config(globals, &cwd)?;
    args.visit.apply(&mut config, &cwd)?;
    let choice = args.state.apply(&mut config, &cwd)?;
    let selections = select::select(&args.select, &mut config, &cwd)?;
    if selections.is_empty() && !globals.quiet {
        anstream::eprintln!("nothing to check: the list names no entry");
    }
    let state = match &choice {
        StateChoice::Kept(path) => {
            output::spare_the_state(&args.outcome.output, path)?;
            SqliteStore::open(path, Access::Run)?
        }
        StateChoice::Temporary if args.notify => {
            bail!(
                "--notify needs a state that lasts, or everything would be told each time: name one with --state FILE"
            )
        }
        StateChoice::Temporary => SqliteStore::temporary()?,
    };
    let now = SystemClock.now();
    let request = Request {
        name: "check".to_owned(),
        selections,
        hosts: Vec::new(),
        targets: args
            .max_age
            .and_then(|age| now.checked_sub_signed(chrono::Duration::from_std(age).ok()?))
            .map_or(Targets::All, Targets::NotWellSince),
        network: args.visit.network(),
        unreachable: args.outcome.unreachable(),
        telling: if args.notify { Telling::Receivers } else { Telling::Nobody },
    };
    let runtime = session::runtime()?;
    let pipeline = Pipeline { store: state, config: Arc::new(config), clock: Arc::new(SystemClock) };
    let bar = progress::Wanted::unless(args.visit.no_progress || globals.quiet);
    let cancel = session::cancel_on_signal(&runtime)?;
    once(&runtime, &pipeline, &request, &args.outcome, bar, cancel)
}

/// Makes one run, reports it and says whether it gates.
pub(super) fn once<S: Store>(
    runtime: &Runtime,
    pipeline: &Pipeline<S>,
    request: &Request,
    outcome: &OutcomeFlags,
    bar: progress::Wanted,
    cancel: CancellationToken,
) -> anyhow::Result<Exit> {
    for file in outcome.output.iter().filter(|file| file.format.known().is_some()) {
        output::check_writable(&file.file)?;
    }
    if request.network == Network::Visit {
        session::mention_unused_proxies(&pipeline.config);
    }
    let bar = progress::Bar::start(runtime, bar);
    let made = runtime.block_on(pipeline.run(request, bar.progress(), cancel));
    bar.finish();
    let (run, end) = made?;
    for note in &end.notes {
        tracing::warn!("{note}");
    }
    let cwd = session::working_directory()?;
    let reporting = Reporting { runtime, store: &pipeline.store, config: &pipeline.config, cwd: &cwd };
    let record = runtime
        .block_on(pipeline.store.runs(1))?
        .into_iter()
        .find(|record| record.id == run)
        .context("the run is not in the state")?;
    let before = RunId(run.0 - 1);
    for file in &outcome.output {
        if let Some(format) = file.format.known() {
            output::to_file(&file.file, |out| {
                reporting.write(Document::Check, &record, before, format, output::IN_A_FILE, out)
            })?;
        }
    }
    if let Some(format) = outcome.format.known() {
        output::to_stdout(|out| {
            reporting.write(Document::Check, &record, before, format, output::on_stdout(), out)
        })?;
    }
    let tells = request.telling == Telling::Receivers && !pipeline.config.notify.is_empty();
    // Whoever asked to stop is not kept waiting.
    if tells && end.ending != Ending::Interrupted {
        deliver(runtime, pipeline)?;
    }
    match end.ending {
        Ending::Interrupted | Ending::ReadOnly => Ok(Exit::Interrupted),
        Ending::NetworkDown => Ok(Exit::Failure),
        Ending::Complete => {
            let query = FindingQuery { run: Some(run), ..FindingQuery::default() };
            for row in rows::findings(runtime, &pipeline.store, before, query) {
                if gate::gates(&row?.finding, outcome.fail_on()) {
                    return Ok(Exit::Findings);
                }
            }
            Ok(Exit::Success)
        }
    }
}

/// Delivers what the outbox holds, also of runs before. What is not taken in time stays there for the next run.
fn deliver<S: Store>(runtime: &Runtime, pipeline: &Pipeline<S>) -> anyhow::Result<()> {
    let Pipeline { store, config, clock } = pipeline.clone();
    let courier = Courier { store, config, clock };
    match runtime.block_on(async { tokio::time::timeout(TELLING, courier.deliver()).await }) {
        Ok(delivered) => drop(delivered?),
        Err(_) => tracing::warn!("receivers take longer than {} s: the next run goes on", TELLING.as_secs()),
    }
    Ok(())
}

impl Format {
    /// The report's own format; `None` for `none`.
    pub(super) fn known(self) -> Option<report::Format> {
        match self {
            Self::Text => Some(report::Format::Text),
            Self::Json => Some(report::Format::Json),
            Self::Jsonl => Some(report::Format::Jsonl),
            Self::Github => Some(report::Format::Github),
            Self::Markdown => Some(report::Format::Markdown),
            Self::Html => Some(report::Format::Html),
            Self::Sarif => Some(report::Format::Sarif),
            Self::Junit => Some(report::Format::Junit),
            Self::Gitlab => Some(report::Format::Gitlab),
            Self::Csv => Some(report::Format::Csv),
            Self::Atom => Some(report::Format::Atom),
            Self::None => None,
        }
    }
}

impl OutcomeFlags {
    /// How `link/unreachable` weighs.
    pub(super) fn unreachable(&self) -> Unreachable {
        if self.strict_unreachable { Unreachable::Error } else { Unreachable::Warning }
    }

    fn fail_on(&self) -> FailOn {
        match self.fail_on {
            FailOnFlag::Error => FailOn::Severity(Severity::Error),
            FailOnFlag::Warning => FailOn::Severity(Severity::Warning),
            FailOnFlag::Info => FailOn::Severity(Severity::Info),
            FailOnFlag::Never => FailOn::Never,
        }
    }
}
