//! `--format markdown`: for a pull request's comment or a job's summary. One table row per cause.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::causes::{Cause, Causes};
use super::safe::printable;
use super::{EntryRow, FindingRow, Head, Summary, Writer};
use crate::config::Severity;
use crate::finding::Finding;
use crate::rule::EntryStatus;

/// The longest cell, in characters.
const CELL: usize = 300;
/// So many rows a table has.
const ROWS: usize = 500;
/// So many bytes the rows have in all: GitHub takes a comment of at most 65,536 characters, and refuses a longer one.
const BYTES: usize = 56_000;

/// See the module.
pub(super) struct Markdown<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
    causes: Causes,
    stale: Vec<EntryRow>,
    /// Bytes of rows that may still be written.
    left: usize,
}

impl<'w> Markdown<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, roots: BTreeMap::new(), causes: Causes::default(), stale: Vec::new(), left: BYTES }
    }

    fn table(&mut self, title: &str, causes: &[&Cause]) -> io::Result<()> {
        if causes.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "### {title}\n\n| | rule | what | where | fix | id |\n|---|---|---|---|---|---|")?;
        let mut written = 0;
        for cause in causes.iter().take(ROWS) {
            let first = cause.first();
            let places: Vec<String> = cause.places.iter().map(|place| cell(&self.place(place))).collect();
            let mut places = places.join(" ");
            if cause.count > cause.places.len() as u64 {
                places.push_str(&format!(" ({})", cause.fan_in()));
            }
            let mark = match cause.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "info",
            };
            let row = format!(
                "| {mark} | {} | {} | {places} | {} | {} |\n",
                cell(&cause.rule),
                cell(&first.message),
                first.suggestion.as_deref().map(cell).unwrap_or_default(),
                cell(&cause.id())
            );
            if !self.row(&row)? {
                break;
            }
            written += 1;
        }
        if causes.len() > written {
            writeln!(self.out, "\n{} more rows are left out.", causes.len() - written)?;
        }
        writeln!(self.out)
    }

    fn place(&self, finding: &Finding) -> String {
        let path = super::path_of(&self.roots, &finding.source, &finding.entry);
        format!("{path}:{}:{}", finding.line, finding.column)
    }

    /// Writes a row, if there is room for it; else none that follows is written.
    fn row(&mut self, row: &str) -> io::Result<bool> {
        self.left = self.left.saturating_sub(row.len());
        if self.left > 0 {
            self.out.write_all(row.as_bytes())?;
        }
        Ok(self.left > 0)
    }
}

impl Writer for Markdown<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        writeln!(self.out, "## linkdrift\n")
    }

    fn entry(&mut self, row: &EntryRow) -> io::Result<()> {
        if row.status == EntryStatus::Stale && self.stale.len() < ROWS {
            self.stale.push(row.clone());
        }
        Ok(())
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        self.causes.add(row);
        Ok(())
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let causes = std::mem::take(&mut self.causes);
        let counted = causes.counted(summary);
        let (unconfirmed, open): (Vec<&Cause>, Vec<&Cause>) =
            causes.ordered().into_iter().partition(|cause| cause.unconfirmed);
        writeln!(
            self.out,
            "{counted}. {} entries, {} references, {} targets.\n",
            summary.entries, summary.references, summary.targets
        )?;
        self.table("Findings", &open)?;
        self.table("Not confirmed yet", &unconfirmed)?;
        let stale = std::mem::take(&mut self.stale);
        if !stale.is_empty() {
            writeln!(self.out, "### Stale entries\n")?;
            let mut written = 0;
            for row in &stale {
                let path = super::path_of(&self.roots, &row.source, &row.entry);
                if !self.row(&format!("- {} ({})\n", cell(&path), cell(&row.reasons.join(", "))))? {
                    break;
                }
                written += 1;
            }
            if stale.len() > written {
                writeln!(self.out, "\n{} more entries are left out.", stale.len() - written)?;
            }
            writeln!(self.out)?;
        }
        let verdicts: Vec<String> = summary
            .by_verdict
            .iter()
            .map(|(verdict, count)| format!("{count} {}", verdict.as_str()))
            .collect();
        if !verdicts.is_empty() {
            writeln!(self.out, "Targets: {}.", verdicts.join(", "))?;
        }
        self.out.flush()
    }
}

/// Text from outside as a code span: nothing in it is markup, a mention, an issue number or a link. Its fence is longer than any run of
/// backticks inside (CommonMark 6.1); a pipe would end the cell even there (GFM 4.10).
fn cell(text: &str) -> String {
    let text: String = printable(&text.replace(['\n', '\r', '\t'], " ")).chars().take(CELL).collect();
    let text = text.trim().replace('|', "\\|");
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}
