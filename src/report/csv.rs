//! `--format csv`: one row per finding (RFC 4180), fit for spreadsheets: no cell is a formula.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::safe::printable;
use super::wire::word;
use super::{FindingRow, Head, Summary, Writer};
use crate::time::Timestamp;

/// The columns, in their order; new ones are appended.
const COLUMNS: [&str; 15] = [
    "severity",
    "rule",
    "state",
    "since",
    "source",
    "file",
    "line",
    "column",
    "message",
    "target",
    "suggestion",
    "cause",
    "id",
    "first_seen",
    "last_seen",
];

/// See the module.
pub(super) struct Csv<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
}

impl<'w> Csv<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, roots: BTreeMap::new() }
    }

    fn line(&mut self, cells: &[String]) -> io::Result<()> {
        write!(self.out, "{}\r\n", cells.join(","))
    }
}

impl Writer for Csv<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        self.line(&COLUMNS.map(str::to_owned))
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        let finding = &row.finding;
        let time = |at: Timestamp| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let cells = [
            word(&finding.severity),
            finding.rule.clone(),
            word(&finding.state),
            word(&row.since),
            finding.source.clone(),
            super::path_of(&self.roots, &finding.source, &finding.entry),
            finding.line.to_string(),
            finding.column.to_string(),
            finding.message.clone(),
            finding.target.clone().unwrap_or_default(),
            finding.suggestion.clone().unwrap_or_default(),
            finding.cause_id(),
            finding.id.0.clone(),
            time(finding.first_seen),
            time(finding.last_seen),
        ];
        self.line(&cells.map(|text| cell(&text)))
    }

    fn resolved(&mut self, row: &FindingRow) -> io::Result<()> {
        self.finding(row)
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

/// A cell. A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, "CSV Injection"); so does what
/// follows a semicolon, which separates cells where the comma is the decimal sign.
fn cell(text: &str) -> String {
    let text = printable(&text.replace(['\n', '\r', '\t'], " "));
    let mut safe = String::with_capacity(text.len());
    let mut at_start = true;
    for c in text.chars() {
        if at_start && matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            safe.push('\'');
        }
        at_start = c == ';' || (at_start && (c.is_whitespace() || c == '"'));
        safe.push(c);
    }
    if safe.contains([',', '"', ';', '\'']) || safe.starts_with(' ') || safe.ends_with(' ') {
        safe = format!("\"{}\"", safe.replace('"', "\"\""));
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a reader that follows RFC 4180 makes of a cell.
    fn read(cell: &str) -> String {
        match cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => cell.to_owned(),
        }
    }

    #[test]
    fn x01_no_cell_is_a_formula() {
        for (text, expected) in [
            ("plain", "plain"),
            ("=cmd|'/c calc'!A1", "\"'=cmd|'/c calc'!A1\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@x", "\"'@x\""),
            ("\t=1", "\" '=1\""),
            ("\r=1", "\" '=1\""),
            ("\"=1", "\"\"\"'=1\""),
            ("a,b \"c\"\nd", "\"a,b \"\"c\"\" d\""),
            ("x;=1+1", "\"x;'=1+1\""),
            ("https://a.org/?b=1", "https://a.org/?b=1"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn x01_a_cell_comes_back_but_for_the_apostrophe(text in "([=+@;\"', -]|\\PC|\\s){0,12}") {
            let cell = cell(&text);
            let plain = printable(&text.replace(['\n', '\r', '\t'], " "));
            prop_assert!(!read(&cell).trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']));
            prop_assert_eq!(read(&cell).replace('\'', ""), plain.replace('\'', ""));
            let quoted = cell.starts_with('"') && cell.ends_with('"') && cell.len() > 1;
            prop_assert!(quoted || !cell.contains([',', '"', '\n', '\r']));
        }
    }
}
