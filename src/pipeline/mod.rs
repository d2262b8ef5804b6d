//! One run: wires the stages to the store; the only module that knows them all.
//!
//! A run reads the entries, puts their targets into the store's queue, visits what is due, and lets the rules look at every
//! entry with what is now known of its targets. Everything in between lives in the state, so memory does not grow with the run.

mod drifts;
mod due;
mod entries;
mod judge;
mod look;
mod mend;
mod place;
mod probes;
mod stored;
mod visits;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, HostPattern};
use crate::report::Summary;
use crate::source::Selection;
use crate::store::{NewRun, Plan, RunId, Store, StoreError};
use crate::time::{Clock, Timestamp};
use crate::visit::{Progress, VisitorError};

pub use judge::{judgement, target_view};
pub use look::{Look, look};
pub use mend::{Mended, Wish, mend};
pub use stored::{Compared, comparable, stored_page};

/// What a run needs beside its request.
#[derive(Clone)]
pub struct Pipeline<S> {
    /// The state.
    pub store: S,
    /// Configuration, flags merged in.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// What a run is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// `check`, or the schedule's name.
    pub name: String,
    /// Which entries.
    pub selections: Vec<Selection>,
    /// Only targets on these hosts; all where it is empty.
    pub hosts: Vec<HostPattern>,
    /// Which of their targets.
    pub targets: Targets,
    /// Whether anything is visited at all.
    pub network: Network,
    /// How `link/unreachable` weighs before it is confirmed in state.
    pub unreachable: Unreachable,
    /// Whether receivers are told.
    pub telling: Telling,
}

/// Whether a run tells the receivers of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Messages are queued; somebody else delivers them.
    Receivers,
    /// Whatever is news stays news.
    Nobody,
}

/// Which targets a run visits; what is known of the others is taken from state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// All of them.
    All,
    /// Those that were not well at a visit since then.
    NotWellSince(Timestamp),
    /// Those that are due, as `[recheck]` says, within its budgets.
    Due {
        /// In place of the intervals that are learned.
        max_age: Option<Duration>,
    },
}

/// Whether a run visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// It does.
    Visit,
    /// `--offline`: only what needs no network is judged.
    Offline,
}

/// How `link/unreachable` weighs before it is confirmed in state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// A warning.
    Warning,
    /// `--strict-unreachable`: an error at once.
    Error,
}

/// How a run ended. It is stored with the run, as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunEnd {
    /// Counts.
    pub summary: Summary,
    /// What the run noticed that is no finding.
    pub notes: Vec<String>,
    /// How it ended.
    pub ending: Ending,
    /// Targets that the run visited, by reason; by verdict where there is none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, u64>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It went to its end.
    Complete,
    /// It was asked to stop: what was visited is recorded, nothing was judged.
    Interrupted,
    /// Entries were read, which was all that was asked for: nothing was visited or judged.
    ReadOnly,
    /// No host could be reached, all for the same cause: it is our network, and nothing was judged.
    NetworkDown,
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Certificates, proxies, addresses that cannot be used.
    #[error(transparent)]
    Visitor(#[from] VisitorError),
    /// A source that cannot be walked.
    #[error("{0}")]
    Source(String),
    /// A stage that ended without saying why.
    #[error("a part of the run ended early: {0}")]
    Stage(String),
}

impl<S: Store> Pipeline<S> {
    /// Reads entries into the state, so that what they name is known: a run that neither visits nor judges.
    pub async fn read(&self, name: &str, selections: &[Selection]) -> Result<(RunId, RunEnd), RunError> {
        let run =
            self.store.begin_run(NewRun { name: name.to_owned(), started_at: self.clock.now() }).await?;
        let mut end = RunEnd {
            summary: Summary::default(),
            notes: Vec::new(),
            ending: Ending::ReadOnly,
            reasons: BTreeMap::new(),
        };
        entries::read(self, run, selections, &mut end).await?;
        self.finish(run, &end).await?;
        Ok((run, end))
    }

    /// Makes one run, from the entries to the findings.
    pub async fn run(
        &self,
        request: &Request,
        progress: Arc<Progress>,
        cancel: CancellationToken,
    ) -> Result<(RunId, RunEnd), RunError> {
        let started_at = self.clock.now();
        let run = self.store.begin_run(NewRun { name: request.name.clone(), started_at }).await?;
        let mut end = RunEnd {
            summary: Summary::default(),
            notes: Vec::new(),
            ending: Ending::Complete,
            reasons: BTreeMap::new(),
        };

        entries::read(self, run, &request.selections, &mut end).await?;
        let fresh_since = match request.targets {
            Targets::NotWellSince(since) => Some(since),
            Targets::All | Targets::Due { .. } => None,
        };
        let mut planned = self.store.plan(run, Plan { fresh_since }).await?;
        if !request.hosts.is_empty() {
            planned.hosts.retain(|(host, _)| {
                let name = host.name();
                request.hosts.iter().any(|pattern| pattern.matches(name))
            });
        }
        if let (Targets::Due { max_age }, Network::Visit) = (request.targets, request.network) {
            planned.hosts = due::choose(self, run, planned.hosts, max_age, &mut end).await?;
        }
        planned.hosts.retain(|(_, count)| *count > 0);
        end.summary.targets = planned.targets;
        if request.network == Network::Visit {
            end.ending = visits::visit(self, run, planned.hosts, progress, cancel, &mut end).await?;
        }
        self.store.flush().await?;
        if end.ending == Ending::Complete {
            judge::judge(self, run, request, &mut end).await?;
        }
        self.finish(run, &end).await?;
        Ok((run, end))
    }

    async fn finish(&self, run: RunId, end: &RunEnd) -> Result<(), RunError> {
        let summary = serde_json::to_string(end).map_err(|error| RunError::Stage(error.to_string()))?;
        self.store.finish_run(run, self.clock.now(), summary).await?;
        Ok(self.store.flush().await?)
    }
}

impl RunEnd {
    /// From what the store keeps of a run.
    pub fn of(summary: &str) -> Option<Self> {
        serde_json::from_str(summary).ok()
    }

    /// Adds a remark, once.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// Counts by key, for notes and summaries.
fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    *counts.entry(key).or_default() += 1;
}
