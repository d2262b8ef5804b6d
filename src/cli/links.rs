//! `linkdrift links`.

use super::{Exit, Globals};

/// Flags of `links`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_globals: &Globals, _args: Args) -> anyhow::Result<Exit> {
    Ok(Exit::Success)
}
