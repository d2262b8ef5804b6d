//! `linkdrift run`: one schedule, now.

use super::schedules::{self, FolderFlag};
use super::{Exit, Globals};
use crate::config::{self, Config, Schedule};

/// Flags of `run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The schedule's name: its file's, without .toml
    #[arg(value_name = "SCHEDULE")]
    pub name: String,
    /// Where schedules are.
    #[command(flatten)]
    pub folder: FolderFlag,
}

/// Finds the schedule, and has it executed at once, whatever its times.
pub fn run(
    globals: &Globals,
    args: &Args,
    execute: impl FnOnce(Config, Schedule) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let cwd = std::env::current_dir()?;
    let config = config::load(globals.config.as_deref(), &cwd)?;
    let (_, schedules) = schedules::load_for(&config, &args.folder, &cwd)?;
    let schedule = schedules::find(&schedules, &args.name)?.clone();
    execute(config, schedule)
}
