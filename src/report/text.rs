//! `--format text`: for people, grouped by cause: what is wrong, the first place with its line and a caret, the other places, one fix;
//! then what is not confirmed yet, then the counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::causes::{Cause, Causes, shown};
use super::safe::{printable, printable_columns};
use super::{Document, EntryRow, FindingRow, Head, Look, RunRow, Summary, Writer};
use crate::config::Severity;
use crate::drift::BlockChange;
use crate::finding::Finding;
use crate::rule::EntryStatus;

/// The longest message or note, in characters.
const SENTENCE: usize = 400;
/// The longest side of a diff that is shown, in characters.
const DIFF: usize = 160;
/// So many stale entries are named.
const STALE: usize = 1000;
/// So many resolved causes are named.
const RESOLVED: usize = 50;
/// The most columns that are left out before an excerpt; beyond it the line is not shown.
const WIDEST: usize = 20_000;

/// See the module.
pub(super) struct Text<'w> {
    out: &'w mut (dyn Write + Send),
    renderer: Renderer,
    /// Columns.
    width: usize,
    roots: BTreeMap<String, String>,
    run: Option<RunRow>,
    causes: Causes,
    resolved: Causes,
    statuses: BTreeMap<EntryStatus, u64>,
    document: Document,
    /// Entries that are stale, in a drift report; at most [`STALE`].
    stale: Vec<EntryRow>,
    /// Nothing was known before, as in a first run: what is new need not be told from the rest.
    all_new: bool,
}

impl<'w> Text<'w> {
    pub(super) fn new(look: Look, out: &'w mut (dyn Write + Send)) -> Self {
        let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
        let width = look.width.clamp(40, 400);
        Self {
            out,
            renderer: renderer.term_width(width),
            width,
            roots: BTreeMap::new(),
            run: None,
            causes: Causes::default(),
            resolved: Causes::default(),
            statuses: BTreeMap::new(),
            document: Document::Check,
            stale: Vec::new(),
            all_new: false,
        }
    }

    /// A cause worth mending, with the line of its first place.
    fn shown_with_its_line(&self, cause: &Cause) -> String {
        let first = cause.first();
        let Some(snippet) = snippet(first, self.width - 30) else { return self.shown_shortly(cause) };
        let group = level(cause.severity)
            .primary_title(sentence(&first.message))
            .id(printable(&cause.rule))
            .element(snippet.path(self.path(first)))
            .elements(self.notes(cause).into_iter().map(|note| Level::NOTE.no_name().message(note)));
        self.renderer.render(&[group])
    }

    /// A cause worth knowing, without the line.
    fn shown_shortly(&self, cause: &Cause) -> String {
        let first = cause.first();
        let origin =
            Origin::path(self.path(first)).line(first.line as usize).char_column(first.column as usize);
        let title = level(cause.severity).primary_title(sentence(&first.message)).id(printable(&cause.rule));
        let mut text = self.renderer.render(&[title.element(origin)]).replacen('\n', "\n  ", 1);
        for note in self.notes(cause) {
            let _ = write!(text, "\n   = {note}");
        }
        text
    }

    /// What is said beneath the first place.
    fn notes(&self, cause: &Cause) -> Vec<String> {
        let first = cause.first();
        let mut notes = Vec::new();
        if let Some(diff) = first.evidence.diff.first() {
            notes.extend(difference(diff));
            // What left says half of it where something came.
            let came = first.evidence.diff.iter().find(|diff| diff.new.is_some());
            notes.extend(came.filter(|_| diff.new.is_none()).into_iter().flat_map(difference));
        }
        if first.evidence.chain.len() > 1 {
            notes.push(format!("chain: {}", sentence(&first.evidence.chain.join(" → "))));
        }
        if let Some(visits) = first.evidence.visits {
            let noun = if visits == 1 { "visit" } else { "visits" };
            notes.push(format!("not confirmed yet: {visits} {noun} so far"));
        }
        if cause.count > 1 {
            let others: Vec<String> = cause.places[1..]
                .iter()
                .map(|place| format!("{}:{}:{}", self.path(place), place.line, place.column))
                .collect();
            let more = cause.count - cause.places.len() as u64;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let of = if cause.alike { "" } else { " of the same cause" };
            notes.push(format!("{}{of}; also {}{more}", cause.fan_in(), others.join(", ")));
        }
        if let Some(fix) = &first.suggestion {
            let fix = sentence(fix);
            notes.push(if cause.one_fix {
                format!("fix: use {fix}")
            } else {
                format!("fix: use the new one everywhere; here {fix}")
            });
        }
        notes.extend(cause.news().filter(|_| !self.all_new));
        notes.push(format!("id: {}", printable(&cause.id())));
        notes
    }

    fn path(&self, finding: &Finding) -> String {
        printable(&super::path_of(&self.roots, &finding.source, &finding.entry))
    }

    /// Which entries are stale, and by which rules.
    fn stale_entries(&mut self) -> io::Result<()> {
        let stale = std::mem::take(&mut self.stale);
        if stale.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "Stale entries:")?;
        for row in &stale {
            let path = printable(&super::path_of(&self.roots, &row.source, &row.entry));
            writeln!(self.out, "  {path}: {}", printable(&row.reasons.join(", ")))?;
        }
        let all = self.statuses.get(&EntryStatus::Stale).copied().unwrap_or_default();
        if all > stale.len() as u64 {
            writeln!(self.out, "  and {} more", all - stale.len() as u64)?;
        }
        writeln!(self.out)
    }

    /// What is mended.
    fn resolved_causes(&mut self) -> io::Result<()> {
        let resolved = std::mem::take(&mut self.resolved);
        let ordered = resolved.ordered();
        if ordered.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "Resolved:")?;
        for cause in ordered.iter().take(RESOLVED) {
            let first = cause.first();
            let places = if cause.count > 1 { format!(" ({})", cause.fan_in()) } else { String::new() };
            let place = format!("{}:{}:{}{places}", self.path(first), first.line, first.column);
            writeln!(self.out, "  {place} {}: {}", printable(&cause.rule), sentence(&first.message))?;
        }
        if ordered.len() > RESOLVED {
            writeln!(self.out, "  and {} more", ordered.len() - RESOLVED)?;
        }
        writeln!(self.out)
    }

    fn paragraph(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        writeln!(self.out)
    }
}

impl Writer for Text<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        self.run = Some(head.run.clone());
        self.document = head.document;
        Ok(())
    }

    fn entry(&mut self, row: &EntryRow) -> io::Result<()> {
        *self.statuses.entry(row.status).or_default() += 1;
        if self.document == Document::Report && row.status == EntryStatus::Stale && self.stale.len() < STALE {
            self.stale.push(row.clone());
        }
        Ok(())
    }

    fn finding(&mut self, row: &FindingRow) -> io::Result<()> {
        self.causes.add(row);
        Ok(())
    }

    fn resolved(&mut self, row: &FindingRow) -> io::Result<()> {
        self.resolved.group(row);
        Ok(())
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        self.all_new = summary.ongoing == 0 && summary.resolved == 0;
        let causes = std::mem::take(&mut self.causes);
        let (mut ordered, hidden) = shown(causes.ordered());
        if self.document == Document::Report {
            // A drift report is about what came since the last one.
            ordered.sort_by_key(|cause| cause.new == 0);
        }
        for cause in ordered.iter().filter(|cause| !cause.unconfirmed) {
            let text = match cause.severity {
                Severity::Info => self.shown_shortly(cause),
                Severity::Warning | Severity::Error => self.shown_with_its_line(cause),
            };
            self.paragraph(&text)?;
        }
        if ordered.iter().any(|cause| cause.unconfirmed) {
            self.paragraph("Not confirmed yet; shown, and gating nothing:")?;
            for cause in ordered.iter().filter(|cause| cause.unconfirmed) {
                let text = self.shown_shortly(cause);
                self.paragraph(&text)?;
            }
        }
        self.stale_entries()?;
        self.resolved_causes()?;
        let run = self.run.take();
        for note in run.iter().flat_map(|run| &run.notes) {
            writeln!(self.out, "note: {}", sentence(note))?;
        }
        let mut more = causes.beyond.clone();
        for cause in hidden {
            *more.entry(cause.rule.clone()).or_default() += cause.count;
        }
        for (rule, count) in more {
            writeln!(
                self.out,
                "note: {count} more of {} are not shown; --format json has them all",
                printable(&rule)
            )?;
        }
        for line in totals(summary, &self.statuses, &causes) {
            writeln!(self.out, "{line}")?;
        }
        if run.is_some_and(|run| !run.complete) {
            writeln!(self.out, "The run did not come to its end: what is missing was not looked at.")?;
        }
        self.out.flush()
    }
}

/// The last lines of a report.
fn totals(summary: &Summary, statuses: &BTreeMap<EntryStatus, u64>, causes: &Causes) -> Vec<String> {
    let mut lines = Vec::new();
    let mut findings = format!("Findings: {}", causes.counted(summary));
    let mut quiet = Vec::new();
    if causes.quiet > 0 {
        quiet.push(format!("{} acknowledged or muted, not shown", causes.quiet));
    }
    if summary.silenced > 0 {
        quiet.push(format!("{} silenced in entries", summary.silenced));
    }
    if !quiet.is_empty() {
        let _ = write!(findings, " ({})", quiet.join("; "));
    }
    lines.push(findings);
    let verdicts: Vec<String> =
        summary.by_verdict.iter().map(|(verdict, count)| format!("{count} {}", verdict.as_str())).collect();
    let verdicts = if verdicts.is_empty() { String::new() } else { format!(": {}", verdicts.join(", ")) };
    lines.push(format!("Targets:  {}{verdicts}", summary.targets));
    let count = |status| statuses.get(&status).copied().unwrap_or_default();
    let (stale, review) = (count(EntryStatus::Stale), count(EntryStatus::Review));
    // Entries that nothing was found in are not handed over one by one.
    let fresh = summary.entries.saturating_sub(stale + review);
    let status = format!(": {stale} stale, {review} to review, {fresh} fresh");
    lines.push(format!("Entries:  {}{status}; {} references", summary.entries, summary.references));
    lines
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// The line with a caret under the place; `None` where the entry gave no line. Of a long line the excerpt is shown: blanks stand for what
/// is left out before it, so that the column is told right, and the renderer takes them away again. The caret is at most `widest` columns long.
fn snippet(
    finding: &Finding,
    widest: usize,
) -> Option<Snippet<'static, annotate_snippets::Annotation<'static>>> {
    let skipped = finding.evidence.source_column.unwrap_or(1).checked_sub(1)? as usize;
    if skipped > WIDEST {
        return None;
    }
    let line = printable_columns(finding.evidence.source_line.as_deref()?).replace("##[", "# [");
    let line = format!("{}{}", " ".repeat(skipped), line.trim_end());
    let from = (finding.column as usize).checked_sub(1)?;
    let width = finding.end_column.map_or(1, |end| end.saturating_sub(finding.column)) as usize;
    let width = width.clamp(1, widest);
    let mut bounds = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    let start = bounds.nth(from).unwrap_or(line.len());
    let end = bounds.nth(width - 1).unwrap_or(line.len());
    let annotation = AnnotationKind::Primary.span(start..end);
    Some(Snippet::source(line).line_start(finding.line as usize).annotation(annotation))
}

/// One change of upstream, old and new.
fn difference(change: &BlockChange) -> Vec<String> {
    let side = |mark: char, text: &Option<String>| {
        text.as_ref().map(|text| format!("upstream {mark} {}", cut(&sentence(text), DIFF)))
    };
    [side('-', &change.old), side('+', &change.new)].into_iter().flatten().collect()
}

/// One sentence from outside. `##[` anywhere in a line is a command to the runners of GitHub and Azure.
fn sentence(text: &str) -> String {
    cut(&printable(&text.replace(['\n', '\r', '\t'], " ")).replace("##[", "# ["), SENTENCE)
}

fn cut(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(limit - 1).collect();
    kept.push('…');
    kept
}
