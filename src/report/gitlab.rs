//! `--format gitlab`: a code quality report (docs.gitlab.com, "Code Quality", "Code Quality report format").

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::safe::{printable, write_json};
use super::{FindingRow, Head, Summary, Writer, annotation};
use crate::config::Severity;

/// See the module.
pub(super) struct Gitlab<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
    begun: bool,
}

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

impl<'w> Gitlab<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, roots: BTreeMap::new(), begun: false }
    }
}

impl Writer for Gitlab<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        self.out.write_all(b"[")
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        let finding = &row.finding;
        let Some(description) = annotation(finding) else { return Ok(()) };
        let issue = Issue {
            description: &printable(&description),
            check_name: &finding.rule,
            fingerprint: &finding.id.0,
            severity: match finding.severity {
                Severity::Error => "major",
                Severity::Warning => "minor",
                Severity::Info => "info",
            },
            location: Location {
                path: &super::path_of(&self.roots, &finding.source, &finding.entry),
                lines: Lines { begin: finding.line },
            },
        };
        self.out.write_all(if self.begun { b",\n" } else { b"\n" })?;
        self.begun = true;
        write_json(self.out, &issue)
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.out.write_all(b"\n]\n")?;
        self.out.flush()
    }
}
