//! `linkdrift notify`: tries the receivers of `[[notify]]`.

use std::sync::Arc;

use anyhow::bail;

use super::{Exit, Globals, output, session};
use crate::config::NotifySettings;
use crate::notify::{self, Attempt, Courier, Letter};
use crate::store::sqlite::SqliteStore;
use crate::time::{Clock, SystemClock};

/// Flags of `notify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

/// What can be done with receivers.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Send each receiver, or the one that is named, a message that says that it is a test (ends with 1 where one does not take it)
    Test {
        /// A receiver's name
        name: Option<String>,
        /// Print what would be sent, and send nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs it.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let Action::Test { name, dry_run } = &args.action;
    let cwd = session::working_directory()?;
    let config = Arc::new(session::load_config(globals, &cwd)?);
    let receivers: Vec<&NotifySettings> = config
        .notify
        .iter()
        .filter(|receiver| name.as_ref().is_none_or(|name| *name == receiver.name))
        .collect();
    match (receivers.is_empty(), name) {
        (false, _) => {}
        (true, None) => bail!("the configuration names no receiver: add a [[notify]] to linkdrift.toml"),
        (true, Some(name)) => {
            let known: Vec<&str> = config.notify.iter().map(|receiver| receiver.name.as_str()).collect();
            bail!("no receiver is named `{name}`; there are: {}", known.join(", "));
        }
    }
    let digest = notify::test_digest(SystemClock.now());
    if *dry_run {
        for receiver in receivers {
            let letter = Letter { receiver: &receiver.name, digest: &digest };
            let text = notify::preview(receiver, &letter).map_err(anyhow::Error::msg)?;
            output::to_stdout(|out| Ok(writeln!(out, "{}: {text}", receiver.name)?))?;
        }
        return Ok(Exit::Success);
    }
    let runtime = session::runtime()?;
    let courier = Courier {
        store: SqliteStore::temporary()?,
        config: Arc::clone(&config),
        clock: Arc::new(SystemClock),
    };
    let mut exit = Exit::Success;
    for receiver in receivers {
        let letter = Letter { receiver: &receiver.name, digest: &digest };
        let said = match runtime.block_on(courier.send(receiver, &letter)) {
            Attempt::Taken => "taken".to_owned(),
            Attempt::Refused(why) | Attempt::Failed { why, .. } => {
                exit = Exit::Failure;
                format!("not taken: {why}")
            }
        };
        output::to_stdout(|out| Ok(writeln!(out, "{}: {said}", receiver.name)?))?;
    }
    Ok(exit)
}
