//! `linkdrift review`: a maintainer's decisions on findings and entries, also beside a running service.

use std::collections::HashSet;
use std::io::Write;

use anyhow::bail;
use chrono::NaiveDate;
use clap::ValueEnum;
use serde::Serialize;
use tokio::runtime::Runtime;

use super::flags::StateFlags;
use super::{Exit, Globals, output, rows, session};
use crate::finding::{Finding, FindingId, FindingState};
use crate::report::printable;
use crate::store::sqlite::Access;
use crate::store::{Decision, FindingQuery, Review, ReviewSubject, RunId, Store, StoredEntry};
use crate::time::{Clock, SystemClock, Timestamp};

/// Flags of `review`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    state: StateFlags,
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

/// What can be decided.
#[derive(Debug, clap::Subcommand)]
pub enum Action {
    /// It is known: findings are acknowledged; an entry is right as of now, and drift is measured from now on
    Accept {
        /// A finding's id (f_…), a cause's (c_…: all its findings), or an entry's path (or its end)
        #[arg(value_name = "ID|ENTRY", required = true)]
        ids: Vec<String>,
        /// What is said of it.
        #[command(flatten)]
        why: Why,
    },
    /// It is not wanted: findings are muted
    Mute {
        /// A finding's id (f_…), or a cause's (c_…: all its findings)
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// What is said of it.
        #[command(flatten)]
        why: Why,
    },
    /// Take the decision before it back
    Reopen {
        /// A finding's id (f_…), a cause's (c_…: all its findings), or an entry's path (or its end)
        #[arg(value_name = "ID|ENTRY", required = true)]
        ids: Vec<String>,
        /// Why
        #[arg(long, value_name = "TEXT", value_parser = words)]
        reason: Option<String>,
        /// Who decides.
        #[command(flatten)]
        by: By,
    },
    /// What was decided, newest first
    List {
        /// Only on these findings, causes and entries
        #[arg(value_name = "ID|ENTRY")]
        ids: Vec<String>,
        /// Only on findings of this rule
        #[arg(long, value_name = "RULE")]
        rule: Option<String>,
        /// Only what counts now
        #[arg(long)]
        in_force: bool,
        /// Format
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
}

/// What is said of a decision.
#[derive(Debug, clap::Args)]
pub struct Why {
    /// Why; required
    #[arg(long, value_name = "TEXT", value_parser = words)]
    reason: String,
    /// The last day on which it holds, such as 2027-06-30 (findings only)
    #[arg(long, value_name = "DATE", value_parser = end_of_day)]
    until: Option<Timestamp>,
    #[command(flatten)]
    by: By,
}

/// Who decides.
#[derive(Debug, clap::Args)]
pub struct By {
    /// Who decides (default: the user's name, USER)
    #[arg(long, value_name = "NAME", env = "LINKDRIFT_REVIEWER", value_parser = words, hide_env_values = true)]
    by: Option<String>,
}

/// Formats of `review list`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// Schema linkdrift/review/1
    Json,
}

/// Reviews that are looked through.
const REVIEWS: usize = 100_000;
/// The longest reason or name, in characters.
const WORDS: usize = 1000;

/// What an ID stands for.
enum Subject {
    Finding(Box<Finding>),
    Entry { source: String, entry: Box<StoredEntry> },
}

impl Subject {
    /// What a review of it is of.
    fn reviewed(&self) -> ReviewSubject {
        match self {
            Self::Finding(finding) => ReviewSubject::Finding(finding.id.clone()),
            Self::Entry { source, entry } => {
                ReviewSubject::Entry { source: source.clone(), entry: entry.entry.clone() }
            }
        }
    }
}

/// One of `reviews` in `linkdrift/review/1`.
#[derive(Debug, Serialize)]
pub(super) struct ReviewRow {
    /// A finding's id; `null` for an entry.
    finding: Option<String>,
    rule: Option<String>,
    source: Option<String>,
    entry: Option<String>,
    decision: Decision,
    reason: String,
    by: Option<String>,
    at: Timestamp,
    until: Option<Timestamp>,
    /// What it was given for: see `Finding::bound_to`.
    content: Option<String>,
    /// Whether it is what counts now.
    in_force: bool,
}

/// Runs it.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let access = if matches!(args.action, Action::List { .. }) { Access::Read } else { Access::Review };
    let (runtime, store, _) = session::open_beside(globals, &args.state, access)?;
    match &args.action {
        Action::Accept { ids, why } => {
            let said = Said::of(&why.reason, &why.by, why.until)?;
            decide(&runtime, &store, ids, Decision::Accept, &said)
        }
        Action::Mute { ids, why } => {
            let said = Said::of(&why.reason, &why.by, why.until)?;
            decide(&runtime, &store, ids, Decision::Mute, &said)
        }
        Action::Reopen { ids, reason, by } => {
            let said = Said::of(reason.as_deref().unwrap_or_default(), by, None)?;
            decide(&runtime, &store, ids, Decision::Reopen, &said)
        }
        Action::List { ids, rule, in_force, format } => {
            let wanted = |row: &ReviewRow| {
                (row.in_force || !in_force) && (rule.is_none() || row.rule.as_ref() == rule.as_ref())
            };
            list(&runtime, &store, ids, wanted, *format)
        }
    }
}

/// What is common to all reviews of one command.
struct Said {
    reason: String,
    by: Option<String>,
    until: Option<Timestamp>,
    at: Timestamp,
}

impl Said {
    fn of(reason: &str, by: &By, until: Option<Timestamp>) -> anyhow::Result<Self> {
        let at = SystemClock.now();
        if let Some(until) = until.filter(|until| *until <= at) {
            bail!("--until {}: is over already", until.date_naive());
        }
        let user = || std::env::var("USER").ok().and_then(|user| words(&user).ok());
        Ok(Self { reason: reason.to_owned(), by: by.by.clone().or_else(user), until, at })
    }
}

/// Records one decision on all subjects, or on none where one of them is not known.
fn decide<S: Store>(
    runtime: &Runtime,
    store: &S,
    ids: &[String],
    decision: Decision,
    said: &Said,
) -> anyhow::Result<Exit> {
    let mut subjects = Vec::with_capacity(ids.len());
    for id in ids {
        for subject in subjects_of(runtime, store, id)? {
            if let Subject::Entry { .. } = subject {
                if decision == Decision::Mute {
                    bail!(
                        "{id}: an entry cannot be muted; mute its findings, or write an [[ignore]] with `entry` into linkdrift.toml"
                    );
                }
                if said.until.is_some() {
                    bail!(
                        "{id}: --until is for findings; the review of an entry is the date that drift is measured from"
                    );
                }
            }
            subjects.push(subject);
        }
    }
    for subject in &subjects {
        let (review, line) = review(subject, decision, said);
        if !runtime.block_on(store.record_review(review))? {
            bail!("{line}: is not in the state any more; nothing was recorded for it");
        }
        output::to_stdout(|out| Ok(writeln!(out, "{line}")?))?;
    }
    Ok(Exit::Success)
}

/// The review of a subject, and what is said of it.
fn review(subject: &Subject, decision: Decision, said: &Said) -> (Review, String) {
    let (content, line) = match subject {
        Subject::Finding(finding) => {
            let state = match decision {
                Decision::Accept => "acknowledged",
                Decision::Mute => "muted",
                Decision::Reopen => "open again",
            };
            let until = said.until.map(|until| format!(" until {}", until.date_naive())).unwrap_or_default();
            let place = format!(
                "{}: {state}{until}: {} at {} · {}:{}:{}",
                finding.id.0,
                finding.rule,
                printable(&finding.source),
                printable(&finding.entry),
                finding.line,
                finding.column
            );
            (finding.bound_to(), place)
        }
        Subject::Entry { source, entry } => {
            let state = match decision {
                Decision::Reopen => "its last review does not count any more".to_owned(),
                Decision::Accept | Decision::Mute => {
                    format!("right as of {}; drift is measured from there", said.at.date_naive())
                }
            };
            let line = format!("{} · {}: {state}", printable(source), printable(&entry.entry));
            (Some(entry.content), line)
        }
    };
    let review = Review {
        subject: subject.reviewed(),
        decision,
        reason: said.reason.clone(),
        by: said.by.clone(),
        until: said.until,
        content,
        at: said.at,
    };
    (review, line)
}

/// What an ID stands for: a finding, the findings of a cause, an entry.
fn subjects_of<S: Store>(runtime: &Runtime, store: &S, id: &str) -> anyhow::Result<Vec<Subject>> {
    if is_id("f_", id) {
        let Some(finding) = find(runtime, store, &FindingId(id.to_owned()))? else {
            bail!(
                "{id}: no such finding in this state; nothing was recorded. `linkdrift report --format json` has the ids"
            );
        };
        return Ok(vec![Subject::Finding(Box::new(finding))]);
    }
    if is_id("c_", id) {
        let mut found = Vec::new();
        for row in rows::findings(runtime, store, RunId(0), FindingQuery::default()) {
            let finding = row?.finding;
            if finding.cause_id() == id {
                found.push(Subject::Finding(Box::new(finding)));
            }
        }
        if found.is_empty() {
            bail!(
                "{id}: no finding of this state has this cause; nothing was recorded. `linkdrift report` has the ids"
            );
        }
        return Ok(found);
    }
    Ok(vec![entry_of(runtime, store, id)?])
}

/// The one entry whose path ends so.
fn entry_of<S: Store>(runtime: &Runtime, store: &S, id: &str) -> anyhow::Result<Subject> {
    let mut entries = runtime.block_on(store.find_entries(id.to_owned()))?;
    let sources = runtime.block_on(store.sources())?;
    // As reports and `show` name it: by its source and its path there.
    for (source, row) in &sources {
        let rest = id.strip_prefix(row.name.as_str()).filter(|_| entries.is_empty());
        let Some(path) = rest.and_then(|rest| [" · ", "/"].iter().find_map(|by| rest.strip_prefix(by)))
        else {
            continue;
        };
        entries = runtime.block_on(store.find_entries(path.to_owned()))?;
        entries.retain(|entry| entry.source == *source && entry.entry == path);
    }
    let source =
        |entry: &StoredEntry| sources.iter().find(|(id, _)| *id == entry.source).map(|(_, source)| source);
    if entries.len() > 1 {
        let files: Vec<String> = entries
            .iter()
            .take(5)
            .filter_map(|entry| Some(source(entry)?.root.join(&entry.entry).display().to_string()))
            .collect();
        bail!(
            "{id}: {} entries of the state end so; nothing was recorded. Name more of the path, one of: {}",
            entries.len(),
            printable(&files.join(", "))
        );
    }
    match entries.pop() {
        Some(entry) => {
            let source = source(&entry).map(|source| source.name.clone()).unwrap_or_default();
            Ok(Subject::Entry { source, entry: Box::new(entry) })
        }
        None => bail!(
            "{id}: neither a finding's id (f_ and 16 hex digits) nor a cause's (c_…) nor the path of an entry in this state; nothing was recorded"
        ),
    }
}

/// The prefix and 16 hex digits.
fn is_id(prefix: &str, id: &str) -> bool {
    id.strip_prefix(prefix)
        .is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn find<S: Store>(runtime: &Runtime, store: &S, id: &FindingId) -> anyhow::Result<Option<Finding>> {
    let query = FindingQuery { id: Some(id.clone()), resolved: true, ..FindingQuery::default() };
    Ok(runtime.block_on(store.findings(query, None, 1))?.pop().map(|stored| stored.finding))
}

fn list<S: Store>(
    runtime: &Runtime,
    store: &S,
    ids: &[String],
    wanted: impl Fn(&ReviewRow) -> bool,
    format: Format,
) -> anyhow::Result<Exit> {
    let mut named = Vec::with_capacity(ids.len());
    for id in ids {
        named.extend(subjects_of(runtime, store, id)?.iter().map(Subject::reviewed));
    }
    let mut rows = rows_of(runtime, store, |subject| ids.is_empty() || named.contains(subject))?;
    rows.retain(wanted);
    output::to_stdout(|out| {
        match format {
            Format::Json => {
                /// The wire format; appended to, never changed.
                #[derive(Serialize)]
                struct Document<'a> {
                    schema: &'static str,
                    reviews: &'a [ReviewRow],
                }
                serde_json::to_writer_pretty(
                    &mut *out,
                    &Document { schema: "linkdrift/review/1", reviews: &rows },
                )?;
                writeln!(out)?;
            }
            Format::Text if rows.is_empty() => writeln!(out, "No reviews.")?,
            Format::Text => rows.iter().try_for_each(|row| row.text("", out))?,
        }
        Ok(())
    })?;
    Ok(Exit::Success)
}

/// Reviews of some subjects, newest first, each with what it was given for and whether it counts now.
pub(super) fn rows_of<S: Store>(
    runtime: &Runtime,
    store: &S,
    wanted: impl Fn(&ReviewSubject) -> bool,
) -> anyhow::Result<Vec<ReviewRow>> {
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    let now = SystemClock.now();
    for review in runtime.block_on(store.reviews(REVIEWS))? {
        if !wanted(&review.subject) {
            continue;
        }
        let newest = seen.insert(match &review.subject {
            ReviewSubject::Finding(id) => (String::new(), id.0.clone()),
            ReviewSubject::Entry { source, entry } => (source.clone(), entry.clone()),
        });
        let (id, finding, source, entry) = match review.subject {
            ReviewSubject::Finding(id) => {
                let finding = find(runtime, store, &id)?;
                let place = finding.as_ref().map(|finding| (finding.source.clone(), finding.entry.clone()));
                let (source, entry) = place.unzip();
                (Some(id.0), finding, source, entry)
            }
            ReviewSubject::Entry { source, entry } => (None, None, Some(source), Some(entry)),
        };
        let counts = match (&id, review.decision) {
            (_, Decision::Reopen) => false,
            (None, _) => true,
            (Some(_), _) => finding.as_ref().is_some_and(|finding| {
                matches!(finding.state, FindingState::Acknowledged | FindingState::Muted)
            }),
        };
        rows.push(ReviewRow {
            finding: id,
            rule: finding.map(|finding| finding.rule),
            source,
            entry,
            decision: review.decision,
            reason: review.reason,
            by: review.by,
            at: review.at,
            until: review.until,
            content: review.content.map(|content| content.to_string()),
            in_force: newest && counts && review.until.is_none_or(|until| until > now),
        });
    }
    Ok(rows)
}

impl ReviewRow {
    /// Two lines for people.
    pub(super) fn text(&self, indent: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        let decision = match self.decision {
            Decision::Accept => "accept",
            Decision::Mute => "mute",
            Decision::Reopen => "reopen",
        };
        let place = [self.source.as_deref(), self.entry.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let of: Vec<&str> = [self.finding.as_deref(), self.rule.as_deref()].into_iter().flatten().collect();
        let until = self.until.map(|until| format!(" until {}", until.date_naive())).unwrap_or_default();
        let by = self.by.as_ref().map(|by| format!(" by {}", printable(by))).unwrap_or_default();
        let over = if self.in_force || self.decision == Decision::Reopen { "" } else { ", not in force" };
        writeln!(
            out,
            "{indent}{} {decision:<6} {} {}{until}{by}{over}",
            self.at.format("%Y-%m-%d %H:%M"),
            printable(&of.join(" ")),
            printable(&place.join(" · ")),
        )?;
        if !self.reason.is_empty() {
            writeln!(out, "{indent}  {}", printable(&self.reason))?;
        }
        Ok(())
    }
}

/// Words of a person: something must be said, in one line.
fn words(text: &str) -> Result<String, String> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = printable(&words);
    if words.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if words.chars().nth(WORDS).is_some() {
        return Err(format!("it is longer than {WORDS} characters"));
    }
    Ok(words)
}

/// The end of a day, in UTC, as `until` in [[ignore]] means it.
fn end_of_day(text: &str) -> Result<Timestamp, String> {
    let expected = || "expected a date such as 2027-06-30".to_owned();
    let date: NaiveDate = text.parse().map_err(|_| expected())?;
    date.and_hms_opt(23, 59, 59).map(|end| end.and_utc()).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_paths() {
        assert!(is_id("f_", "f_0123456789abcdef") && is_id("c_", "c_0123456789abcdef"));
        for path in ["f_0123", "f_0123456789abcdef.md", "help/f_0123456789abcdef", "a.md", ""] {
            assert!(!is_id("f_", path), "{path}");
        }
    }

    #[test]
    fn reasons_are_one_line_of_words() {
        assert_eq!(words(" known\n to\tus\u{1b}[31m ").as_deref(), Ok("known to us[31m"));
        assert!(words(" \n\u{202e} ").is_err());
        assert!(words(&"x".repeat(1001)).is_err());
    }

    #[test]
    fn a_day_ends_at_its_end() {
        assert_eq!(
            end_of_day("2027-06-30").map(|end| end.to_rfc3339()).as_deref(),
            Ok("2027-06-30T23:59:59+00:00")
        );
        assert!(end_of_day("tomorrow").is_err());
    }
}
