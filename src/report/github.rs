//! `--format github`: workflow commands and nothing else, one a line
//! (docs.github.com, "Workflow commands for GitHub Actions").

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::safe::printable;
use super::{EntryRow, FindingRow, Head, Summary, TargetRow, Writer};
use crate::config::Severity;
use crate::finding::FindingState;

/// The longest message, in characters: an annotation shows 4 KB, and one line of a log should be read at a glance.
const MESSAGE: usize = 1000;

/// See the module.
pub(super) struct Github<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
}

impl<'w> Github<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, roots: BTreeMap::new() }
    }
}

impl Writer for Github<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        Ok(())
    }

    fn target(&mut self, _: &TargetRow) -> io::Result<()> {
        Ok(())
    }

    fn entry(&mut self, _: &EntryRow) -> io::Result<()> {
        Ok(())
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        let finding = &row.finding;
        let unconfirmed = match finding.state {
            FindingState::Open => "",
            FindingState::Unconfirmed => " (not confirmed yet)",
            FindingState::Acknowledged | FindingState::Muted | FindingState::Resolved => return Ok(()),
        };
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let file = super::path_of(&self.roots, &finding.source, &finding.entry);
        write!(
            self.out,
            "::{command} file={},line={},col={}",
            property(&file),
            finding.line,
            finding.column
        )?;
        if let Some(end) = finding.end_column {
            write!(self.out, ",endLine={},endColumn={end}", finding.line)?;
        }
        let mut message: String = finding.message.chars().take(MESSAGE).collect();
        message.push_str(unconfirmed);
        if let Some(suggestion) = &finding.suggestion {
            message.push_str(" - use ");
            message.extend(suggestion.chars().take(MESSAGE));
        }
        writeln!(self.out, ",title={}::{}", property(&finding.rule), data(&message))
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
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
