//! `--format jsonl`: one object a line. `type` says which: `run`, `target`, `entry`, `finding`, `resolved`, `summary`; the other keys are those of
//! the JSON document.

use std::io::{self, Write};

use serde::Serialize;

use super::safe::write_json;
use super::{EntryRow, FindingRow, Head, Summary, TargetRow, Writer, wire};

/// See the module.
pub(super) struct Jsonl<'w> {
    out: &'w mut (dyn Write + Send),
}

#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'a str>,
    #[serde(flatten)]
    row: T,
}

impl<'w> Jsonl<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out }
    }

    fn line(&mut self, kind: &'static str, schema: Option<&str>, row: impl Serialize) -> io::Result<()> {
        write_json(self.out, &Line { kind, schema, row })?;
        self.out.write_all(b"\n")
    }
}

impl Writer for Jsonl<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.line("run", Some(wire::schema(head.document)), wire::Run::from(&head.run))
    }

    fn target(&mut self, row: &TargetRow) -> io::Result<()> {
        self.line("target", None, wire::Target::from(row))
    }

    fn entry(&mut self, row: &EntryRow) -> io::Result<()> {
        self.line("entry", None, wire::Entry::from(row))
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        self.line("finding", None, wire::Finding::from(row))
    }

    fn resolved(&mut self, row: &FindingRow) -> io::Result<()> {
        self.line("resolved", None, wire::Finding::from(row))
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        self.line("summary", None, wire::Counts::from(summary))?;
        self.out.flush()
    }
}
