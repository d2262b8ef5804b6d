//! `--format sarif`: SARIF 2.1.0 (OASIS), for code scanning. What is acknowledged or muted is a suppressed result. Columns count
//! Unicode scalar values.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::safe::{printable, uri_of_path, write_json};
use super::{FindingRow, Head, RunRow, Since, Summary, Writer, annotation};
use crate::config::Severity;
use crate::finding::FindingState;
use crate::rule::{self, Rule};
use crate::time::Timestamp;

/// See the module.
pub(super) struct Sarif<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
    run: Option<RunRow>,
    begun: bool,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    start_time_utc: String,
    end_time_utc: String,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    message: Message,
    level: &'static str,
}

/// `result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints<'a>,
    baseline_state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "linkdrift/1")]
    id: &'a str,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
}

impl<'w> Sarif<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self { out, roots: BTreeMap::new(), run: None, begun: false }
    }
}

impl Writer for Sarif<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        self.run = Some(head.run.clone());
        let descriptor = |rule: &Rule| Descriptor {
            id: rule.id,
            short_description: Message::of(rule.says),
            default_configuration: Configuration { level: level(rule.severity) },
        };
        let rules = rule::all().iter().map(descriptor).collect();
        let driver = Driver { name: "linkdrift", version: env!("CARGO_PKG_VERSION"), rules };
        self.out.write_all(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"tool\":",
        )?;
        write_json(self.out, &Tool { driver })?;
        self.out.write_all(b",\n\"columnKind\":\"unicodeCodePoints\",\n\"results\":[")
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        let finding = &row.finding;
        let path = super::path_of(&self.roots, &finding.source, &finding.entry);
        let quiet = matches!(finding.state, FindingState::Acknowledged | FindingState::Muted);
        let outcome = Outcome {
            rule_id: &finding.rule,
            rule_index: rule::all().iter().position(|rule| rule.id == finding.rule),
            level: level(finding.severity),
            message: Message::of(&annotation(finding).unwrap_or_else(|| finding.message.clone())),
            locations: [Location {
                physical_location: PhysicalLocation {
                    artifact_location: ArtifactLocation { uri: uri_of_path(&path) },
                    region: Region {
                        start_line: finding.line.max(1),
                        start_column: finding.column.max(1),
                        end_column: finding.end_column,
                    },
                },
            }],
            partial_fingerprints: Fingerprints { id: &finding.id.0 },
            baseline_state: match row.since {
                Since::New => "new",
                Since::Ongoing => "unchanged",
            },
            suppressions: quiet.then_some([Suppression { kind: "external", status: "accepted" }]),
        };
        self.out.write_all(if self.begun { b",\n" } else { b"\n" })?;
        self.begun = true;
        write_json(self.out, &outcome)
    }

    fn end(&mut self, _: &Summary) -> io::Result<()> {
        self.out.write_all(b"\n],\n\"invocations\":[")?;
        if let Some(run) = self.run.take() {
            let time = |at: Timestamp| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            let note = |note: &String| Notification { message: Message::of(note), level: "note" };
            let invocation = Invocation {
                execution_successful: run.complete,
                start_time_utc: time(run.started_at),
                end_time_utc: time(run.finished_at),
                tool_execution_notifications: run.notes.iter().map(note).collect(),
            };
            write_json(self.out, &invocation)?;
        }
        self.out.write_all(b"]}]}\n")?;
        self.out.flush()
    }
}

impl Message {
    fn of(text: &str) -> Self {
        Self { text: printable(&text.replace(['\n', '\r', '\t'], " ")) }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
