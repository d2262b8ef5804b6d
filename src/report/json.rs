//! `--format json`: one document, written as the pieces come; `summary` is last.

use std::io::{self, Write};

use super::safe::write_json;
use super::{Document, EntryRow, FindingRow, Head, Summary, TargetRow, Writer, wire};

/// See the module.
pub(super) struct Json<'w> {
    out: &'w mut (dyn Write + Send),
    document: Document,
    /// The array that is open, and whether it has an element.
    array: Option<(&'static str, bool)>,
}

impl<'w> Json<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, document: Document::Check, array: None }
    }

    /// The arrays of the document in their order.
    fn arrays(&self) -> &'static [&'static str] {
        match self.document {
            Document::Check => &["targets", "findings"],
            Document::Report => &["entries", "findings", "resolved"],
        }
    }

    /// Opens arrays until `name` is the open one.
    fn open(&mut self, name: &'static str) -> io::Result<()> {
        for &next in self.arrays() {
            match self.array {
                Some((open, _)) if open == name => return Ok(()),
                // Arrays before the open one are closed already.
                Some((open, _)) if self.position(open) >= self.position(next) => continue,
                _ => {}
            }
            self.close()?;
            write!(self.out, ",\n\"{next}\":[")?;
            self.array = Some((next, false));
        }
        Ok(())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.arrays().iter().position(|array| *array == name)
    }

    fn close(&mut self) -> io::Result<()> {
        match self.array.take() {
            Some((_, true)) => self.out.write_all(b"\n]"),
            Some((_, false)) => self.out.write_all(b"]"),
            None => Ok(()),
        }
    }

    fn element(&mut self, array: &'static str, value: &impl serde::Serialize) -> io::Result<()> {
        if self.position(array).is_none() {
            return Ok(());
        }
        self.open(array)?;
        let filled = self.array.is_some_and(|(_, filled)| filled);
        self.out.write_all(if filled { b",\n" } else { b"\n" })?;
        self.array = Some((array, true));
        write_json(self.out, value)
    }
}

impl Writer for Json<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.document = head.document;
        write!(self.out, "{{\"schema\":\"{}\",\n\"run\":", wire::schema(head.document))?;
        write_json(self.out, &wire::Run::from(&head.run))
    }

    fn target(&mut self, row: &TargetRow) -> io::Result<()> {
        self.element("targets", &wire::Target::from(row))
    }

    fn entry(&mut self, row: &EntryRow) -> io::Result<()> {
        self.element("entries", &wire::Entry::from(row))
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        self.element("findings", &wire::Finding::from(row))
    }

    fn resolved(&mut self, row: &FindingRow) -> io::Result<()> {
        self.element("resolved", &wire::Finding::from(row))
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let last = self.arrays().last().copied().unwrap_or_default();
        self.open(last)?;
        self.close()?;
        self.out.write_all(b",\n\"summary\":")?;
        write_json(self.out, &wire::Counts::from(summary))?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}
