//! `--format junit`: test results, one case per finding. Errors are failures; what is acknowledged, muted or not confirmed yet is
//! skipped; everything else passes with a word in its output.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::safe::markup;
use super::wire::word;
use super::{FindingRow, Head, Summary, Writer, annotation};
use crate::config::Severity;
use crate::finding::{Finding, FindingState};

/// So many cases are written: the counts stand before them, so they are kept until the end.
const CASES: u64 = 20_000;

/// See the module.
pub(super) struct Junit<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
    began: String,
    seconds: i64,
    cases: String,
    tests: u64,
    failures: u64,
    skipped: u64,
    beyond: u64,
}

impl<'w> Junit<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self {
            out,
            roots: BTreeMap::new(),
            began: String::new(),
            seconds: 0,
            cases: String::new(),
            tests: 0,
            failures: 0,
            skipped: 0,
            beyond: 0,
        }
    }

    fn case(&mut self, finding: &Finding) {
        let path = markup(&super::path_of(&self.roots, &finding.source, &finding.entry));
        let (line, column) = (finding.line, finding.column);
        let message = markup(&annotation(finding).unwrap_or_else(|| finding.message.clone()));
        let (rule, id) = (markup(&finding.rule), markup(&finding.id.0));
        let place = format!("{path}:{line}:{column}");
        let inside = match (finding.state, finding.severity) {
            (FindingState::Open, Severity::Error) => {
                self.failures += 1;
                format!("<failure type=\"{rule}\" message=\"{message}\">{place}: {message}</failure>")
            }
            (FindingState::Open, severity) => {
                format!("<system-out>{place}: {}: {message}</system-out>", word(&severity))
            }
            (state, _) => {
                self.skipped += 1;
                format!("<skipped message=\"{}: {message}\"/>", word(&state))
            }
        };
        self.tests += 1;
        let _ = writeln!(
            self.cases,
            "<testcase classname=\"{path}\" name=\"{rule} {line}:{column} {id}\" file=\"{path}\" line=\"{line}\">{inside}</testcase>"
        );
    }
}

impl Writer for Junit<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        self.began = head.run.started_at.format("%Y-%m-%dT%H:%M:%S").to_string();
        self.seconds = (head.run.finished_at - head.run.started_at).num_seconds().max(0);
        Ok(())
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        if self.tests < CASES {
            self.case(&row.finding);
        } else {
            self.beyond += 1;
        }
        Ok(())
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let Self { out, began, seconds, cases, failures, skipped, .. } = self;
        // One case stands for the run: some readers take a file without cases for a job that failed.
        let tests = self.tests + 1;
        let said = format!(
            "{} entries, {} references, {} targets",
            summary.entries, summary.references, summary.targets
        );
        let left_out = match self.beyond {
            0 => String::new(),
            beyond => format!("; {beyond} more findings are left out, --format json has them all"),
        };
        let totals = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"{seconds}\"");
        write!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"linkdrift\" {totals}>\n\
             <testsuite name=\"linkdrift\" {totals} skipped=\"{skipped}\" timestamp=\"{began}\">\n\
             <testcase classname=\"linkdrift\" name=\"run\"><system-out>{said}{left_out}</system-out></testcase>\n\
             {cases}</testsuite>\n</testsuites>\n"
        )?;
        out.flush()
    }
}
