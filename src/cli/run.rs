//! `linkdrift run`: one schedule, now.

use std::sync::Arc;

use super::check::{self, OutcomeFlags};
use super::execute::{self, Backups};
use super::flags::{StateChoice, StateFlags, VisitFlags};
use super::progress::Wanted;
use super::schedules::{self, FolderFlag};
use super::{Exit, Globals, output, session};
use crate::config::Task;
use crate::pipeline::{Pipeline, Request, Telling};
use crate::store::sqlite::{Access, SqliteStore};
use crate::time::SystemClock;

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
    match schedule.task {
        Task::Check => {
            let request =
                execute::request(&schedule, &config, args.visit.network(), args.outcome.unreachable())?;
            let request = Request { telling, ..request };
            let pipeline = Pipeline { store: state, config: Arc::new(config), clock: Arc::new(SystemClock) };
            let bar = Wanted::unless(args.visit.no_progress || globals.quiet);
            check::once(&runtime, &pipeline, &request, &args.outcome, bar)
        }
        Task::Backup => {
            let file = runtime.block_on(Backups::beside(state.path()).make(&state, &SystemClock))?;
            output::to_stdout(|out| Ok(writeln!(out, "{}", file.display())?))?;
            Ok(Exit::Success)
        }
        task => anyhow::bail!(
            "schedule {}: the task `{}` is not available in this version",
            schedule.name,
            task.as_str()
        ),
    }
}
