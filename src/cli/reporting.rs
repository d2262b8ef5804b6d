//! From the store to a report: feeds the read model's rows to a writer of whatever format.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use tokio::runtime::Runtime;

use super::rows;
use crate::config::{Config, Severity};
use crate::pipeline::{Ending, RunEnd};
use crate::report::{Document, EntryRow, Format, Head, Look, RunRow, Since, Summary, writer};
use crate::rule::Standing;
use crate::store::{FindingQuery, RunId, RunRecord, Store};

/// A finished run, and where to read the rest of it.
pub(super) struct Reporting<'a, S> {
    /// The runtime that the store's futures run on.
    pub(super) runtime: &'a Runtime,
    /// The state.
    pub(super) store: &'a S,
    /// Configuration: how facts are judged.
    pub(super) config: &'a Config,
    /// The folder that paths in the report are named from.
    pub(super) cwd: &'a Path,
}

impl<S: Store> Reporting<'_, S> {
    /// Writes one document about a run. Findings that no run up to `before` had found are new.
    pub(super) fn write(
        &self,
        document: Document,
        run: &RunRecord,
        before: RunId,
        format: Format,
        look: Look,
        out: &mut (dyn Write + Send),
    ) -> anyhow::Result<()> {
        let end = run
            .summary
            .as_deref()
            .and_then(RunEnd::of)
            .with_context(|| format!("run {} left no summary: it did not end", run.id.0))?;
        let mut writer = writer(format, look, out);
        writer.begin(&Head { document, run: run_row(run, &end), roots: self.roots()? })?;
        if document == Document::Check && format.lists_targets() {
            for row in rows::targets(self.runtime, self.store, self.config, run.id) {
                writer.target(&row?)?;
            }
        }
        for row in self.entries(run.id)? {
            writer.entry(&row)?;
        }
        // What is new depends on what it is compared with, so it is counted here.
        let mut summary = Summary { new: 0, ongoing: 0, ..end.summary };
        let severities = match format.worst_first() {
            true => &[Some(Severity::Error), Some(Severity::Warning), Some(Severity::Info)][..],
            false => &[None],
        };
        for severity in severities {
            for row in rows::findings(self.runtime, self.store, before, self.query(run.id)) {
                let row = row?;
                if severity.is_none_or(|severity| severity == row.finding.severity) {
                    match row.since {
                        Since::New => summary.new += 1,
                        Since::Ongoing => summary.ongoing += 1,
                    }
                    writer.finding(&row)?;
                }
            }
        }
        if document == Document::Report {
            summary.resolved = 0;
            let query = FindingQuery { resolved_after: Some(before), ..FindingQuery::default() };
            for row in rows::findings(self.runtime, self.store, before, query) {
                summary.resolved += 1;
                writer.resolved(&row?)?;
            }
        }
        writer.end(&summary)?;
        Ok(())
    }

    /// Findings that the run found.
    fn query(&self, run: RunId) -> FindingQuery {
        FindingQuery { run: Some(run), ..FindingQuery::default() }
    }

    /// Entries with something to say, by source and path. Memory goes by entries with findings, not by findings.
    fn entries(&self, run: RunId) -> anyhow::Result<Vec<EntryRow>> {
        let mut by_entry: BTreeMap<(String, String), Standing> = BTreeMap::new();
        for row in rows::findings(self.runtime, self.store, run, self.query(run)) {
            let finding = row?.finding;
            by_entry.entry((finding.source.clone(), finding.entry.clone())).or_default().add(&finding);
        }
        Ok(by_entry
            .into_iter()
            .map(|((source, entry), standing)| {
                let (status, reasons) = standing.status();
                EntryRow { entry, source, status, reasons }
            })
            .collect())
    }

    /// Each source's folder as seen from the working directory.
    fn roots(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let sources = self.runtime.block_on(self.store.sources())?;
        Ok(sources
            .into_iter()
            .map(|(_, source)| {
                let root = source.root.strip_prefix(self.cwd).unwrap_or(&source.root);
                (source.name, root.to_string_lossy().into_owned())
            })
            .collect())
    }
}

fn run_row(run: &RunRecord, end: &RunEnd) -> RunRow {
    RunRow {
        id: run.id.0,
        name: run.name.clone(),
        started_at: run.started_at,
        finished_at: run.finished_at.unwrap_or(run.started_at),
        complete: end.ending == Ending::Complete,
        notes: end.notes.clone(),
    }
}
