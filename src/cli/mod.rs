//! The command line: clap types, and one file per subcommand.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub mod daemon;
pub mod exit;
pub mod flags;
pub mod init;
pub mod links;
pub mod run;
pub mod schedules;

pub use exit::Exit;

/// Keeps help content honest: link health, upstream drift and stale entries, with the line that proves it.
#[derive(Debug, Parser)]
#[command(name = "linkdrift", version, max_term_width = 110)]
pub struct Cli {
    /// What every subcommand takes.
    #[command(flatten)]
    pub globals: Globals,
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
}

/// What every subcommand takes.
#[derive(Debug, clap::Args)]
pub struct Globals {
    /// Configuration file (default: linkdrift.toml, found upwards from the working directory)
    #[arg(long, global = true, value_name = "FILE", env = "LINKDRIFT_CONFIG")]
    pub config: Option<PathBuf>,
    /// Log more (-v: debug, -vv: trace); LINKDRIFT_LOG takes filters
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Log errors only, and no hints
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// The subcommands, in the order in which a user meets them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What would be visited: every reference, no network
    Links(links::Args),
    /// List and validate schedules, show their next times
    Schedules(schedules::Args),
    /// Write linkdrift.toml and schedules/ for this repository
    Init(init::Args),
}

/// Runs a subcommand. An error that is a configuration error ends with [`Exit::Configuration`], any other with [`Exit::Failure`].
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    match cli.command {
        Command::Links(args) => links::run(&cli.globals, args),
        Command::Schedules(args) => schedules::run(&cli.globals, args),
        Command::Init(args) => init::run(&args),
    }
}
