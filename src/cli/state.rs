//! `linkdrift state`: looks after the state file.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::flags::StateFlags;
use super::{Exit, Globals, output, session};
use crate::store::{Soundness, Store};

/// Flags of `state`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    state: StateFlags,
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

/// What can be done with a state.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// Look for damage: pages, foreign keys, every stored text and body, intervals (ends with 1 where there is any)
    Check {
        /// How to say it
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Write a consistent copy, also while a run goes on
    Backup {
        /// The file to write; there must be none of that name
        to: PathBuf,
    },
}

/// Formats of `state check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// `linkdrift/state-check/1`.
    Json,
}

/// Runs it.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let (runtime, store, _) = session::open_to_read(globals, &args.state)?;
    let path = store.path();
    match &args.action {
        Action::Check { format } => {
            let soundness = runtime.block_on(store.check())?;
            output::to_stdout(|mut out| match format {
                Format::Text => Ok(write_text(&mut out, path, &soundness)?),
                Format::Json => write_json(&mut out, path, &soundness),
            })?;
            Ok(if soundness.problems.is_empty() { Exit::Success } else { Exit::Failure })
        }
        Action::Backup { to } => {
            runtime.block_on(store.backup(to))?;
            output::to_stdout(|out| Ok(writeln!(out, "{}: a copy of {}", to.display(), path.display())?))?;
            Ok(Exit::Success)
        }
    }
}

fn write_text(out: &mut impl Write, path: &Path, soundness: &Soundness) -> std::io::Result<()> {
    let path = path.display();
    if soundness.problems.is_empty() {
        writeln!(out, "{path}: sound (schema {})", soundness.schema)?;
    } else {
        let (count, word) =
            (soundness.problems.len(), if soundness.problems.len() == 1 { "problem" } else { "problems" });
        writeln!(out, "{path}: damaged, {count} {word} (schema {})", soundness.schema)?;
        for problem in &soundness.problems {
            writeln!(out, "  {problem}")?;
        }
        writeln!(
            out,
            "Restore a backup, or start with another file; what is readable can still be reported."
        )?;
    }
    for (table, rows) in &soundness.rows {
        writeln!(out, "  {table:12} {rows:>10}")?;
    }
    Ok(())
}

fn write_json(out: &mut impl Write, path: &Path, soundness: &Soundness) -> anyhow::Result<()> {
    /// The wire format; appended to, never changed.
    #[derive(Serialize)]
    struct Wire<'a> {
        schema: &'static str,
        path: String,
        sound: bool,
        state_schema: u32,
        problems: &'a [String],
        rows: serde_json::Map<String, serde_json::Value>,
    }
    let wire = Wire {
        schema: "linkdrift/state-check/1",
        path: path.to_string_lossy().into_owned(),
        sound: soundness.problems.is_empty(),
        state_schema: soundness.schema,
        problems: &soundness.problems,
        rows: soundness.rows.iter().map(|(table, rows)| (table.clone(), (*rows).into())).collect(),
    };
    serde_json::to_writer(&mut *out, &wire)?;
    writeln!(out)?;
    Ok(())
}
