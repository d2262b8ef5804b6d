//! `linkdrift run`: one schedule, now.

use std::sync::Arc;

use super::check::{self, OutcomeFlags};
use super::execute;
use super::flags::{StateChoice, StateFlags, VisitFlags};
use super::progress::Wanted;
use super::schedules::{self, FolderFlag};
use super::task;
use super::{Exit, Globals, output, session};
use crate::config::Task;
use crate::daemon::TaskEnd;
use crate::pipeline::{Network, Pipeline, Request, Telling};
use crate::store::sqlite::{Access, SqliteStore};
use crate::store::{ScheduleEnding, Store};
use crate::time::{Clock, SystemClock};

/// Flags of `run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The schedule's name: its file's, without .toml
    #[arg(value_name = "SCHEDULE")]
    pub name: String,
    /// Where schedules are.
    #[command(flatten)]
    pub folder: FolderFlag,
    /// How targets are visited.
    #[command(flatten)]
    pub visit: VisitFlags,
    /// Where state is kept.
    #[command(flatten)]
    pub state: StateFlags,
    /// What is reported, and what fails.
    #[command(flatten)]
    pub outcome: OutcomeFlags,
}

/// Runs the schedule at once, whatever its times.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let cwd = session::working_directory()?;
    let mut config = session::load_config(globals, &cwd)?;
    let schedule = schedules::load_named(&config, &args.folder, &cwd, &args.name)?;
    args.visit.apply(&mut config, &cwd)?;
    // Without a memory everything would be told each time.
    let (state, telling) = match args.state.apply(&mut config, &cwd)? {
        StateChoice::Kept(path) => {
            output::spare_the_state(&args.outcome.output, &path)?;
            (SqliteStore::open(&path, Access::Run)?, Telling::Receivers)
        }
        StateChoice::Temporary => (SqliteStore::temporary()?, Telling::Nobody),
    };
    let runtime = session::runtime()?;
    let cancel = session::cancel_on_signal(&runtime)?;
    if schedule.task == Task::Check {
        if args.visit.network() == Network::Visit
            && runtime.block_on(task::sync::fetch_missing(&config, &schedule, &cancel))?.is_some()
        {
            return Ok(Exit::Interrupted);
        }
        let request = execute::request(&schedule, &config, args.visit.network(), args.outcome.unreachable())?;
        let request = Request { telling, ..request };
        let pipeline =
            Pipeline { store: state.clone(), config: Arc::new(config), clock: Arc::new(SystemClock) };
        let bar = Wanted::unless(args.visit.no_progress || globals.quiet);
        runtime.block_on(state.begin_schedule(schedule.name.clone(), SystemClock.now()))?;
        let exit = check::once(&runtime, &pipeline, &request, &args.outcome, bar, cancel);
        let ending = match &exit {
            Ok(Exit::Success | Exit::Findings) => ScheduleEnding::Done,
            Ok(Exit::Interrupted) => ScheduleEnding::Stopped,
            _ => ScheduleEnding::Failed,
        };
        let written = runtime.block_on(state.end_schedule(schedule.name, SystemClock.now(), ending));
        let exit = exit?;
        written?;
        return Ok(exit);
    }
    let config = Arc::new(config);
    let performed = task::perform(&state, &config, &schedule, &cancel);
    match runtime.block_on(execute::recorded(&state, &schedule, performed))? {
        TaskEnd::Done(what) => {
            output::to_stdout(|out| Ok(writeln!(out, "{what}")?))?;
            Ok(Exit::Success)
        }
        TaskEnd::Cancelled => Ok(Exit::Interrupted),
        TaskEnd::Failed(why) => anyhow::bail!("{why}"),
    }
}
