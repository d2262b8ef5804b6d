//! `linkdrift state`: looks after the state file.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde::Serialize;

use super::flags::{StateChoice, StateFlags};
use super::task::{self, backup};
use super::{Exit, Globals, export, output, session};
use crate::config::value;
use crate::daemon::TaskEnd;
use crate::store::sqlite::{self, Access};
use crate::store::{Forget, Forgotten, Soundness, Store};
use crate::target::CanonicalUrl;
use crate::time::{Clock, SystemClock};

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
    /// Put a backup in the place of the state, which is kept beside it (not during a run)
    Restore {
        /// The backup
        from: PathBuf,
    },
    /// Remove what `[retention]` does not keep (not during a run)
    Prune,
    /// Write what is known as JSON, one object a line: sources, targets with their history, findings, reviews, runs
    Export {
        /// The readable text of every snapshot, too: it belongs to those who wrote the pages
        #[arg(long)]
        bodies: bool,
    },
    /// Forget a page, a host or a source: history, texts, findings (not during a run; backups are not touched)
    Forget {
        /// A URL, the name of a source, or a host
        #[arg(value_name = "URL|HOST|SOURCE")]
        what: String,
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
    match &args.action {
        Action::Check { format } => look(globals, &args.state, *format),
        Action::Backup { to } => {
            let (runtime, store, _) = session::open_to_read(globals, &args.state)?;
            runtime.block_on(backup::copy(&store, to))?;
            say(&format!("{}: a copy of {}", to.display(), store.path().display()))
        }
        Action::Restore { from } => restore(globals, &args.state, from),
        Action::Prune => prune(globals, &args.state),
        Action::Export { bodies } => {
            let (runtime, store, _) = session::open_to_read(globals, &args.state)?;
            output::to_stdout(|out| export::write(&runtime, &store, *bodies, out))?;
            Ok(Exit::Success)
        }
        Action::Forget { what } => forget(globals, &args.state, what),
    }
}

fn look(globals: &Globals, state: &StateFlags, format: Format) -> anyhow::Result<Exit> {
    let (runtime, store, _) = session::open_to_read(globals, state)?;
    let path = store.path();
    let soundness = runtime.block_on(store.check())?;
    output::to_stdout(|mut out| match format {
        Format::Text => Ok(write_text(&mut out, path, &soundness)?),
        Format::Json => write_json(&mut out, path, &soundness),
    })?;
    Ok(if soundness.problems.is_empty() { Exit::Success } else { Exit::Failure })
}

fn restore(globals: &Globals, state: &StateFlags, from: &Path) -> anyhow::Result<Exit> {
    let cwd = session::working_directory()?;
    let mut config = session::load_config(globals, &cwd)?;
    let StateChoice::Kept(path) = state.apply(&mut config, &cwd)? else {
        bail!("no state to restore to: name it with --state FILE, or in {}", crate::config::FILE_NAME);
    };
    let stamp = SystemClock.now().format("%Y%m%dT%H%M%SZ").to_string();
    match sqlite::restore(&path, from, &stamp)? {
        Some(before) => say(&format!(
            "{}: restored from {}; the state that was there is {}",
            path.display(),
            from.display(),
            before.display()
        )),
        None => say(&format!("{}: restored from {}", path.display(), from.display())),
    }
}

fn prune(globals: &Globals, state: &StateFlags) -> anyhow::Result<Exit> {
    let (runtime, store, config) = session::open_beside(globals, state, Access::Upkeep)?;
    let cancel = session::cancel_on_signal(&runtime)?;
    match runtime.block_on(task::prune::perform(&store, &config, &cancel))? {
        TaskEnd::Done(what) => say(&format!("{}: {what}", store.path().display())),
        TaskEnd::Cancelled | TaskEnd::Failed(_) => Ok(Exit::Interrupted),
    }
}

fn forget(globals: &Globals, state: &StateFlags, what: &str) -> anyhow::Result<Exit> {
    let (runtime, store, _) = session::open_beside(globals, state, Access::Upkeep)?;
    let is_source = runtime.block_on(store.sources())?.iter().any(|(_, source)| source.name == what);
    let (subject, kind) = match (is_source, what.contains("://"), value::host_name(what)) {
        (true, _, _) => (Forget::Source(what.to_owned()), "source"),
        (false, true, _) => {
            let url =
                CanonicalUrl::parse(what).with_context(|| format!("{what}: no URL that could be visited"))?;
            (Forget::Target(url), "page")
        }
        (false, false, Ok(host)) => (Forget::Host(host), "host"),
        (false, false, Err(_)) => bail!("{what}: no URL, no source of this state, and no host"),
    };
    let mut forgotten = Forgotten::default();
    loop {
        let (more, rest) = runtime.block_on(store.forget(subject.clone()))?;
        forgotten += more;
        if !rest {
            break;
        }
    }
    if forgotten == Forgotten::default() && !is_source {
        bail!("{}: nothing is known of the {kind} {what}", store.path().display());
    }
    let Forgotten { targets, snapshots, entries, findings } = forgotten;
    say(&format!(
        "forgot the {kind} {what}: {}, {}, {}, {}; backups still hold them",
        output::counted(entries, "entry", "entries"),
        output::counted(targets, "target", "targets"),
        output::counted(snapshots, "snapshot", "snapshots"),
        output::counted(findings, "finding", "findings"),
    ))
}

fn say(what: &str) -> anyhow::Result<Exit> {
    output::to_stdout(|out| Ok(writeln!(out, "{what}")?))?;
    Ok(Exit::Success)
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
