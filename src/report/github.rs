//! `--format github`: workflow commands and nothing else, one a line
//! (docs.github.com, "Workflow commands for GitHub Actions"). What is only worth knowing is one notice per cause.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::causes::Causes;
use super::safe::printable;
use super::{FindingRow, Head, Summary, Writer, annotation};
use crate::config::Severity;
use crate::finding::Finding;

/// See the module.
pub(super) struct Github<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
    notices: Causes,
}

impl<'w> Github<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, roots: BTreeMap::new(), notices: Causes::default() }
    }

    fn command(&mut self, finding: &Finding, also: &str) -> io::Result<()> {
        let Some(message) = annotation(finding) else { return Ok(()) };
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let file = super::path_of(&self.roots, &finding.source, &finding.entry);
        let (line, column) = (finding.line, finding.column);
        write!(self.out, "::{command} file={},line={line},col={column}", property(&file))?;
        if let Some(end) = finding.end_column {
            write!(self.out, ",endLine={line},endColumn={end}")?;
        }
        writeln!(self.out, ",title={}::{}{also}", property(&finding.rule), data(&message))
    }
}

impl Writer for Github<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        Ok(())
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        if row.finding.severity == Severity::Info {
            self.notices.add(row);
            return Ok(());
        }
        self.command(&row.finding, "")
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        for cause in std::mem::take(&mut self.notices).ordered() {
            let also = if cause.count > 1 { format!(" (one of {})", cause.fan_in()) } else { String::new() };
            self.command(cause.first(), &also)?;
        }
        self.out.flush()
    }
}

/// A message: `%` is escaped; line ends are blanks. `##[` is a command too, anywhere in a line.
fn data(text: &str) -> String {
    printable(&text.replace(['\n', '\r'], " ")).replace("##[", "# [").replace('%', "%25")
}

/// A property's value: `:` and `,` end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unescape(text: &str) -> String {
        text.replace("%2C", ",").replace("%3A", ":").replace("%25", "%")
    }

    proptest! {
        #[test]
        fn nothing_ends_a_property_or_a_line(text in any::<String>()) {
            let escaped = property(&text);
            let ends = [',', ':', '\n', '\r', '\u{1b}', '\u{85}', '\u{2028}'];
            prop_assert!(!escaped.contains(ends));
            let plain = printable(&text.replace(['\n', '\r'], " ")).replace("##[", "# [");
            prop_assert_eq!(unescape(&escaped), plain);
        }
    }
}
