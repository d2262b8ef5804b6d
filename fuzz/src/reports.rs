//! Any text in any field → every format: nothing that steers a terminal, ends a cell or a command, and JSON that says the same.
//! Input: texts with a line `=====` between them; they are dealt to the fields in turn.

use linkdrift::config::Severity;
use linkdrift::drift::{BlockChange, BlockOp};
use linkdrift::finding::{Evidence, Finding, FindingId, FindingState};
use linkdrift::report::{
    Document, EntryRow, FindingRow, Format, Head, Look, Place, RunRow, Since, Summary, TargetRow, printable,
    writer,
};
use linkdrift::rule::EntryStatus;
use linkdrift::time::Timestamp;
use linkdrift::verdict::{Judgement, Verdict};
use linkdrift::visit::facts::Hop;

/// Findings in the report.
const FINDINGS: usize = 3;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let texts: Vec<&str> = text.split("\n=====\n").collect();
    let model = Model::of(&texts);
    for document in [Document::Check, Document::Report] {
        let written = |format| {
            let out = model.written(format, document);
            // A text goes into some fifty fields, and JSON makes six bytes of a control character.
            assert!(out.len() <= 512 * text.len() + (64 << 10), "{} bytes", out.len());
            assert!(out.lines().all(|line| printable(line) == line), "{out:?}");
            out
        };
        written(Format::Text);
        markdown_holds(&written(Format::Markdown));
        github_holds(&written(Format::Github));
        let json = written(Format::Json);
        let json: serde_json::Value =
            serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
        for (row, finding) in json["findings"].as_array().expect("a list").iter().zip(&model.findings) {
            let finding = &finding.finding;
            assert_eq!(row["message"].as_str(), Some(finding.message.as_str()));
            assert_eq!(row["entry"].as_str(), Some(finding.entry.as_str()));
            assert_eq!(row["suggestion"].as_str(), finding.suggestion.as_deref());
        }
        for line in written(Format::Jsonl).lines() {
            let _: serde_json::Value =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        }
    }
}

/// Each command is one line, and nothing else is a command.
fn github_holds(out: &str) {
    assert_eq!(out.lines().count(), FINDINGS);
    for line in out.lines() {
        assert!(
            ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start)),
            "{line:?}"
        );
        assert!(!line.contains("##["), "{line:?}");
        let properties = &line[2..line[2..].find("::").expect("the message") + 2];
        assert!((4..=6).contains(&properties.split(',').count()), "{line:?}");
    }
}

/// A row of a table has six cells, whatever stands in them.
fn markdown_holds(out: &str) {
    for line in out.lines().filter(|line| line.starts_with('|')) {
        let pipes = line.match_indices('|').filter(|(at, _)| !line[..*at].ends_with('\\')).count();
        assert_eq!(pipes, 7, "{line:?}");
    }
}

struct Model {
    head: Head,
    target: TargetRow,
    entry: EntryRow,
    findings: Vec<FindingRow>,
}

impl Model {
    fn of(texts: &[&str]) -> Self {
        let at = Timestamp::from_timestamp(1_795_300_000, 0).expect("a day in 2026");
        let mut dealt = texts.iter().cycle();
        let mut text = || dealt.next().copied().unwrap_or_default().to_owned();
        let run = RunRow {
            id: 1,
            name: text(),
            started_at: at,
            finished_at: at,
            complete: false,
            notes: vec![text(), text()],
        };
        let head = Head { document: Document::Check, run, roots: [(text(), text())].into() };
        let hop = Hop { url: text(), status: Some(301), location: Some(text()), elapsed_ms: 1 };
        let target = TargetRow {
            url: text(),
            judgement: Judgement { verdict: Verdict::Broken, reason: Some(text()) },
            status: Some(404),
            final_url: Some(text()),
            hops: vec![hop],
            attempts: 1,
            visited_at: at,
            from_state: false,
            references: vec![Place { source: text(), entry: text(), line: 1, column: 1 }],
        };
        let entry = EntryRow {
            entry: text(),
            source: text(),
            status: EntryStatus::Stale,
            reasons: vec![text(), text()],
        };
        let findings = (0..FINDINGS)
            .map(|number| FindingRow { finding: finding(number, at, &mut text), since: Since::New });
        let findings = findings.collect();
        Self { head, target, entry, findings }
    }

    fn written(&self, format: Format, document: Document) -> String {
        let mut out = Vec::new();
        let mut writer = writer(format, Look { color: false, width: 100 }, &mut out);
        let wrote = (|| {
            writer.begin(&Head { document, ..self.head.clone() })?;
            writer.target(&self.target)?;
            writer.entry(&self.entry)?;
            self.findings.iter().try_for_each(|row| writer.finding(row))?;
            writer.end(&Summary { by_verdict: [(Verdict::Broken, 1)].into(), ..Summary::default() })
        })();
        drop(writer);
        wrote.expect("memory takes it all");
        String::from_utf8(out).expect("a report is UTF-8")
    }
}

fn finding(number: usize, at: Timestamp, text: &mut impl FnMut() -> String) -> Finding {
    let message = text();
    // Places of which no line or no column is known, and some beyond the line that is shown.
    let column = [1, 7, u32::MAX][number % 3];
    Finding {
        id: FindingId::of("r", "s", "e", &message, number as u32),
        rule: text(),
        severity: [Severity::Error, Severity::Warning, Severity::Info][number % 3],
        state: [FindingState::Open, FindingState::Unconfirmed][number % 2],
        source: text(),
        entry: text(),
        line: [1, u32::MAX, 3][number % 3],
        column,
        end_column: [Some(3), None, Some(1)][number % 3],
        offset: None,
        target: Some(text()),
        message,
        evidence: Evidence {
            reason: Some(text()),
            chain: vec![text(), text()],
            diff: vec![BlockChange {
                op: BlockOp::Changed,
                section: text(),
                section_index: 0,
                old: Some(text()),
                new: Some(text()),
            }],
            source_line: Some(text()),
            source_column: [None, Some(5), Some(u32::MAX)][number % 3],
            visits: Some(1),
            ..Evidence::default()
        },
        suggestion: Some(text()),
        cause: text(),
        first_seen: at,
        last_seen: at,
    }
}
