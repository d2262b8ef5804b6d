//! The command line: clap types, and one file per subcommand.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

pub mod check;
mod clock;
mod cost;
pub mod daemon;
pub mod demo;
mod descriptors;
pub mod diff;
mod execute;
pub mod exit;
mod export;
pub mod fix;
pub mod flags;
mod generate;
pub mod init;
pub mod links;
pub mod logging;
mod moment;
pub mod notify;
mod output;
pub mod page;
mod progress;
mod renewal;
pub mod report;
mod reporting;
pub mod review;
mod rows;
pub mod run;
pub mod schedules;
pub mod select;
mod session;
pub mod show;
pub mod state;
mod task;
mod vitals;

pub use descriptors::take_descriptors;
pub use exit::Exit;
pub use output::heed_colour_force;

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
    /// How logs are written (default: journald where standard error goes to the journal, else text)
    #[arg(long, global = true, value_name = "FORMAT", env = "LINKDRIFT_LOG_FORMAT")]
    pub log_format: Option<logging::Format>,
    /// Log errors only, and no hints
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// The subcommands, in the order in which a user meets them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write linkdrift.toml and schedules/ for this repository
    Init(init::Args),
    /// What would be visited: every reference, no network
    Links(links::Args),
    /// Visit, judge, report, gate
    Check(Box<check::Args>),
    /// The service: runs schedules until it is told to stop
    Daemon(Box<daemon::Args>),
    /// One schedule, now
    Run(Box<run::Args>),
    /// List, validate, show next times
    Schedules(schedules::Args),
    /// The drift report, from state
    Report(report::Args),
    /// All that is known of an entry or a URL, from state
    Show(show::Args),
    /// What changed between two versions of a page
    Diff(diff::Args),
    /// What is read of a page: content by section, anchors, metadata
    Page(Box<page::Args>),
    /// Decide on findings and entries: accept, mute, reopen; list what was decided
    Review(review::Args),
    /// Mend what can be mended: moved URLs, and outdated terms on request
    Fix(fix::Args),
    /// Try the receivers of `[[notify]]`
    Notify(notify::Args),
    /// Look after the state file: check, backup, restore, prune, export, forget
    State(state::Args),
    /// The whole loop on a loopback web, no internet needed
    Demo(demo::Args),
    /// Print a completion script for a shell
    Completions(generate::CompletionArgs),
    /// Print the manual page
    Man,
}

impl Cli {
    /// How logs are written.
    pub fn log_format(&self) -> logging::Format {
        logging::format(&self.globals)
    }
}

/// Says why the program ends: the last line of its log, written as the others where a machine reads them.
pub fn say_why(format: logging::Format, error: &anyhow::Error) {
    match format {
        logging::Format::Text => anstream::eprintln!("error: {error:#}"),
        logging::Format::Journald | logging::Format::Json => tracing::error!("{error:#}"),
    }
}

/// Runs a subcommand. An error that is a configuration error ends with [`Exit::Configuration`], any other with [`Exit::Failure`].
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    let usual = if matches!(cli.command, Command::Daemon(_)) { LevelFilter::INFO } else { LevelFilter::WARN };
    logging::start(&cli.globals, usual);
    match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Links(args) => links::run(&cli.globals, args),
        Command::Check(args) => check::run(&cli.globals, &args),
        Command::Daemon(args) => daemon::run(&cli.globals, &args),
        Command::Run(args) => run::run(&cli.globals, &args),
        Command::Schedules(args) => schedules::run(&cli.globals, args),
        Command::Report(args) => report::run(&cli.globals, &args),
        Command::Show(args) => show::run(&cli.globals, &args),
        Command::Diff(args) => diff::run(&cli.globals, &args),
        Command::Page(args) => page::run(&cli.globals, &args),
        Command::Review(args) => review::run(&cli.globals, &args),
        Command::Notify(args) => notify::run(&cli.globals, &args),
        Command::Fix(args) => fix::run(&cli.globals, &args),
        Command::State(args) => state::run(&cli.globals, &args),
        Command::Demo(args) => demo::run(&cli.globals, args),
        Command::Completions(args) => generate::completions(&args),
        Command::Man => generate::man(),
    }
}
