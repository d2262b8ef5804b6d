//! `linkdrift check`: visit, judge, report, gate.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::ValueEnum;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::flags::{StateFlags, VisitFlags};
use super::output::{self, OutputFile, output_file};
use super::select::{self, SelectArgs};
use super::{Exit, Globals, load_config, progress, rows, runtime};
use crate::config::Config;
use crate::gate::{self, FailOn};
use crate::pipeline::{Ending, Network, Pipeline, Request, RunEnd, Unreachable};
use crate::report;
use crate::store::sqlite::{Access, SqliteStore};
use crate::store::{FindingQuery, RunId, Store};
use crate::time::{Clock, SystemClock};

/// Flags of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    state: StateFlags,
    #[command(flatten)]
    visit: VisitFlags,
    /// Take targets that were well at a visit not older than this from state, such as 1d or 6h
    #[arg(long, value_name = "TIME", value_parser = super::flags::duration)]
    max_age: Option<std::time::Duration>,
    /// Fail on findings of this severity or worse
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOnFlag,
    /// An answer that cannot be had is an error at once, not only once confirmed in state
    #[arg(long)]
    strict_unreachable: bool,
    /// Format of the report on standard output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Writes a report into a file as well (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output_file::<Format>)]
    output: Vec<OutputFile<Format>>,
}

/// The formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, grouped by cause
    Text,
    /// One document, schema linkdrift/check/1
    Json,
    /// One object per line
    Jsonl,
    /// Workflow commands of GitHub Actions, one per line
    Github,
    /// Nothing
    None,
}

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOnFlag {
    Error,
    Warning,
    Info,
    Never,
}
