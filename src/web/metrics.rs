//! What the service counts, as Prometheus reads it (text format 0.0.4). Pure: numbers in, text out. The names are documented in
//! docs/operations.md and are a promise; labels have few values, whatever is visited.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::config::Severity;
use crate::finding::FindingState;
use crate::store::{FindingKind, OutboxCounts};
use crate::time::Timestamp;
use crate::verdict::Verdict;
use crate::visit::ProgressNow;

/// Reasons of visits that are told apart; further ones count as `other`.
const REASONS: usize = 64;

/// What is known at one moment.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// When the service began.
    pub started_at: Timestamp,
    /// The run in progress.
    pub run: Option<RunNow>,
    /// Runs that ended, by schedule and outcome, since the service began.
    pub runs: BTreeMap<(String, RunOutcome), u64>,
    /// When each schedule's last run that went to its end ended.
    pub last_success: BTreeMap<String, Timestamp>,
    /// Visits made since the service began, by reason; by verdict where there is none.
    pub visits: BTreeMap<String, u64>,
    /// Requests made since the service began, by runs that ended.
    pub requests: u64,
    /// Bytes received since the service began, by runs that ended.
    pub received_bytes: u64,
    /// Targets of the last run that went to its end, by verdict.
    pub targets: BTreeMap<Verdict, u64>,
    /// Findings that are not resolved, as of the last run.
    pub findings: Vec<(FindingKind, u64)>,
    /// Messages that are not delivered.
    pub outbox: OutboxCounts,
    /// Attempts to deliver messages since the service began, by receiver and outcome.
    pub messages: BTreeMap<(String, &'static str), u64>,
    /// Bytes of the state file and of its log.
    pub state_bytes: (u64, u64),
    /// For how long the state's writer has been at what it does.
    pub writer_busy: Duration,
    /// Bytes of memory in use, and files that are open, where the system tells.
    pub process: Option<(u64, u64)>,
}

/// A run in progress.
#[derive(Debug, Clone)]
pub struct RunNow {
    /// The schedule's name.
    pub schedule: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How far it is.
    pub progress: ProgressNow,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunOutcome {
    /// To its end.
    Done,
    /// It was told to stop.
    Cancelled,
    /// With an error.
    Failed,
    /// By a fault in linkdrift itself.
    Panicked,
}

impl Numbers {
    /// Adds visits by reason.
    pub fn count_visits(&mut self, reasons: &BTreeMap<String, u64>) {
        for (reason, count) in reasons {
            let told = self.visits.len() < REASONS || self.visits.contains_key(reason);
            *self.visits.entry(if told { reason.clone() } else { "other".to_owned() }).or_default() += count;
        }
    }
}

/// The text.
pub fn text(numbers: &Numbers) -> String {
    let mut out = Text(String::new());
    out.one(
        "linkdrift_build_info",
        "gauge",
        "Which linkdrift this is",
        &[("version", env!("CARGO_PKG_VERSION"))],
        1,
    );
    out.one(
        "linkdrift_start_time_seconds",
        "gauge",
        "When the service began",
        &[],
        numbers.started_at.timestamp(),
    );

    out.family("linkdrift_run_in_progress", "gauge", "1 while a run goes on");
    out.sample("linkdrift_run_in_progress", &[], i64::from(numbers.run.is_some()));
    if let Some(run) = &numbers.run {
        let (now, of) = (&run.progress, [("schedule", run.schedule.as_str())]);
        let slowest = now.slowest.as_ref().map_or(0, |(_, time)| time.as_secs());
        let rows: [(&str, &str, u64); 6] = [
            ("linkdrift_run_targets", "Targets that the run in progress visits", now.total),
            ("linkdrift_run_targets_done", "Targets that it visited", now.done),
            ("linkdrift_run_requests_in_flight", "Requests in flight", now.in_flight),
            ("linkdrift_run_hosts", "Hosts with targets left to visit", now.hosts),
            (
                "linkdrift_run_longest_queue_targets",
                "Targets left at the host with the most of them",
                now.longest,
            ),
            ("linkdrift_run_slowest_host_seconds", "What the slowest host still needs at its limit", slowest),
        ];
        let begun = run.started_at.timestamp();
        out.one("linkdrift_run_start_time_seconds", "gauge", "When the run in progress began", &of, begun);
        for (name, help, value) in rows {
            out.one(name, "gauge", help, &of, value);
        }
    }

    out.family("linkdrift_runs_total", "counter", "Runs that ended, since the service began");
    for ((schedule, outcome), count) in &numbers.runs {
        out.sample("linkdrift_runs_total", &[("schedule", schedule), ("outcome", outcome.as_str())], count);
    }
    let panics: u64 = numbers
        .runs
        .iter()
        .filter(|((_, outcome), _)| *outcome == RunOutcome::Panicked)
        .map(|(_, n)| n)
        .sum();
    out.one(
        "linkdrift_panics_total",
        "counter",
        "Runs that ended by a fault in linkdrift itself",
        &[],
        panics,
    );
    let name = "linkdrift_schedule_last_success_time_seconds";
    out.family(name, "gauge", "When the last run that went to its end ended");
    for (schedule, at) in &numbers.last_success {
        out.sample(name, &[("schedule", schedule)], at.timestamp());
    }

    out.family(
        "linkdrift_visits_total",
        "counter",
        "Visits by reason, by verdict where there is none; of runs that ended",
    );
    for (reason, count) in &numbers.visits {
        out.sample("linkdrift_visits_total", &[("reason", reason)], count);
    }
    out.one("linkdrift_requests_total", "counter", "Requests of runs that ended", &[], numbers.requests);
    out.one(
        "linkdrift_received_bytes_total",
        "counter",
        "Bytes received by runs that ended",
        &[],
        numbers.received_bytes,
    );
    out.family("linkdrift_targets", "gauge", "Targets of the last run that went to its end");
    for (verdict, count) in &numbers.targets {
        out.sample("linkdrift_targets", &[("verdict", verdict.as_str())], count);
    }
    out.family("linkdrift_findings", "gauge", "Findings that are not resolved, as of the last run");
    for (kind, count) in &numbers.findings {
        let labels = [
            ("rule", kind.rule.as_str()),
            ("severity", severity(kind.severity)),
            ("state", state(kind.state)),
        ];
        out.sample("linkdrift_findings", &labels, count);
    }

    out.family("linkdrift_outbox_messages", "gauge", "Messages that are not delivered");
    out.sample("linkdrift_outbox_messages", &[("state", "waiting")], numbers.outbox.waiting);
    out.sample("linkdrift_outbox_messages", &[("state", "given-up")], numbers.outbox.given_up);
    if let Some(oldest) = numbers.outbox.oldest {
        let help = "When the oldest message that waits was queued";
        out.one("linkdrift_outbox_oldest_time_seconds", "gauge", help, &[], oldest.timestamp());
    }
    out.family(
        "linkdrift_messages_total",
        "counter",
        "Attempts to deliver messages, since the service began",
    );
    for ((receiver, outcome), count) in &numbers.messages {
        out.sample("linkdrift_messages_total", &[("receiver", receiver), ("outcome", outcome)], count);
    }

    out.family("linkdrift_state_bytes", "gauge", "Size of the state");
    out.sample("linkdrift_state_bytes", &[("file", "database")], numbers.state_bytes.0);
    out.sample("linkdrift_state_bytes", &[("file", "log")], numbers.state_bytes.1);
    let help = "For how long the state's writer has been at the piece of work in hand";
    out.one("linkdrift_writer_busy_seconds", "gauge", help, &[], numbers.writer_busy.as_secs_f64());
    if let Some((memory, files)) = numbers.process {
        out.one("process_resident_memory_bytes", "gauge", "Memory in use", &[], memory);
        out.one("process_open_fds", "gauge", "Open file descriptors", &[], files);
    }
    out.0
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (number, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if number == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn one(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        labels: &[(&str, &str)],
        value: impl std::fmt::Display,
    ) {
        self.family(name, kind, help);
        self.sample(name, labels, value);
    }
}

impl RunOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn state(state: FindingState) -> &'static str {
    match state {
        FindingState::Open => "open",
        FindingState::Unconfirmed => "unconfirmed",
        FindingState::Acknowledged => "acknowledged",
        FindingState::Muted => "muted",
        FindingState::Resolved => "resolved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_has_its_family_and_labels_cannot_break_out() {
        let mut numbers = Numbers {
            run: Some(RunNow {
                schedule: "a".into(),
                started_at: Timestamp::UNIX_EPOCH,
                progress: crate::visit::Progress::default().now(),
            }),
            process: Some((1, 2)),
            outbox: OutboxCounts { waiting: 1, oldest: Some(Timestamp::UNIX_EPOCH), given_up: 0 },
            ..Numbers::default()
        };
        numbers.runs.insert(("a\"} 1\nevil".into(), RunOutcome::Panicked), 3);
        numbers.messages.insert(("team\\".into(), "delivered"), 2);
        let text = text(&numbers);
        let mut families = Vec::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                families.push(rest.split(' ').next().unwrap());
            } else if !line.starts_with('#') {
                let name = line.split(['{', ' ']).next().unwrap();
                assert_eq!(families.last(), Some(&name), "{line}");
                assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
            }
        }
        let mut once = families.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), families.len(), "a family twice");
        assert!(
            text.contains("linkdrift_runs_total{schedule=\"a\\\"} 1\\nevil\",outcome=\"panicked\"} 3\n"),
            "{text}"
        );
        assert!(text.contains("linkdrift_panics_total 3\n"));
    }

    #[test]
    fn however_many_reasons_there_are_few_are_told_apart() {
        let mut numbers = Numbers::default();
        for status in 0..900 {
            numbers.count_visits(&BTreeMap::from([(format!("http-{status}"), 2)]));
        }
        assert!(numbers.visits.len() <= REASONS + 1);
        assert_eq!(numbers.visits.values().sum::<u64>(), 1800);
        assert_eq!(numbers.visits["http-7"], 2);
    }
}
