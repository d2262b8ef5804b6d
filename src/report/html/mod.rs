//! `--format html`: one page that stands by itself. No script, nothing loaded from elsewhere, light and dark, readable without colour
//! and without a pointer.

mod document;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::causes::{Cause, Causes, shown};
use super::safe::{markup, printable_columns};
use super::wire::word;
use super::{Document, EntryRow, FindingRow, Head, RunRow, Summary, Writer};
use crate::finding::Finding;
use crate::rule::EntryStatus;

pub(super) use document::{begin, changed_words, end, link};

/// The longest message, in characters.
const SENTENCE: usize = 600;
/// The longest side of a change that is shown, in characters.
const SIDE: usize = 2000;
/// So many changes of a page are shown with a cause.
const CHANGES: usize = 3;
/// So many rows a list has.
const ROWS: usize = 500;

/// See the module.
pub(super) struct Html<'w> {
    out: &'w mut (dyn Write + Send),
    roots: BTreeMap<String, String>,
    document: Document,
    run: Option<RunRow>,
    causes: Causes,
    resolved: Causes,
    stale: Vec<EntryRow>,
    statuses: BTreeMap<EntryStatus, u64>,
}

impl<'w> Html<'w> {
    pub(super) fn new(out: &'w mut (dyn Write + Send)) -> Self {
        Self {
            out,
            roots: BTreeMap::new(),
            document: Document::Check,
            run: None,
            causes: Causes::default(),
            resolved: Causes::default(),
            stale: Vec::new(),
            statuses: BTreeMap::new(),
        }
    }

    /// A heading with a number, and a cause after the other; nothing where there is none.
    fn section(&mut self, id: &str, title: &str, causes: &[&Cause]) -> io::Result<()> {
        if causes.is_empty() {
            return Ok(());
        }
        writeln!(
            self.out,
            "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title} <span class=\"count\">{}</span></h2>",
            causes.len()
        )?;
        for cause in causes {
            self.cause(cause)?;
        }
        writeln!(self.out, "</section>")
    }

    fn cause(&mut self, cause: &Cause) -> io::Result<()> {
        let first = cause.first();
        let id = markup(&cause.id());
        let severity = word(&cause.severity);
        write!(
            self.out,
            "<article id=\"{id}\" class=\"{severity}\">\n<h3><span class=\"mark\">{severity}</span> {}</h3>\n\
             <p class=\"rule\"><code>{}</code>",
            sentence(&first.message),
            markup(&cause.rule)
        )?;
        if let Some(news) = cause.news() {
            write!(self.out, " · {news}")?;
        }
        writeln!(self.out, " · first found {}</p>", first.first_seen.format("%Y-%m-%d"))?;
        self.places(cause)?;
        self.evidence(first)?;
        if let Some(fix) = &first.suggestion {
            let says = if cause.one_fix { "Use" } else { "Use the new one everywhere; here" };
            writeln!(self.out, "<p>{says} {}</p>", link(fix))?;
        }
        writeln!(self.out, "<p class=\"id\">id <code>{id}</code></p>\n</article>")
    }

    /// The first place with its line, and where else.
    fn places(&mut self, cause: &Cause) -> io::Result<()> {
        let first = cause.first();
        writeln!(self.out, "<p class=\"place\">{}</p>", self.place(first))?;
        if let Some(line) = excerpt(first) {
            writeln!(self.out, "<pre>{line}</pre>")?;
        }
        if cause.count > 1 {
            writeln!(self.out, "<details><summary>{}</summary><ul>", cause.fan_in())?;
            for place in &cause.places {
                writeln!(self.out, "<li class=\"place\">{}</li>", self.place(place))?;
            }
            let more = cause.count - cause.places.len() as u64;
            if more > 0 {
                writeln!(self.out, "<li>and {more} more</li>")?;
            }
            writeln!(self.out, "</ul></details>")?;
        }
        Ok(())
    }

    /// What proves a finding.
    fn evidence(&mut self, finding: &Finding) -> io::Result<()> {
        let evidence = &finding.evidence;
        if let Some(visits) = evidence.visits {
            let noun = if visits == 1 { "visit" } else { "visits" };
            writeln!(self.out, "<p>Not confirmed yet: {visits} {noun} so far.</p>")?;
        }
        if evidence.chain.len() > 1 {
            let hops: Vec<String> = evidence.chain.iter().map(|url| link(url)).collect();
            writeln!(self.out, "<p class=\"chain\">{}</p>", hops.join(" → "))?;
        } else if let Some(target) = &finding.target {
            writeln!(self.out, "<p class=\"chain\">{}</p>", link(target))?;
        }
        for change in evidence.diff.iter().take(CHANGES) {
            let section = markup(&change.section);
            writeln!(self.out, "<blockquote aria-label=\"upstream, section {section}\">")?;
            let (old, new) = (change.old.as_deref().map(side), change.new.as_deref().map(side));
            match (old, new) {
                (Some(old), Some(new)) => writeln!(self.out, "{}", changed_words(&old, &new))?,
                (Some(old), None) => writeln!(self.out, "<del>{}</del>", markup(&old))?,
                (None, Some(new)) => writeln!(self.out, "<ins>{}</ins>", markup(&new))?,
                (None, None) => {}
            }
            writeln!(self.out, "</blockquote>")?;
        }
        Ok(())
    }

    fn place(&self, finding: &Finding) -> String {
        let path = super::path_of(&self.roots, &finding.source, &finding.entry);
        format!("<bdi>{}</bdi>:{}:{}", markup(&path), finding.line, finding.column)
    }

    fn stale_entries(&mut self) -> io::Result<()> {
        let stale = std::mem::take(&mut self.stale);
        if stale.is_empty() {
            return Ok(());
        }
        let all = self.statuses.get(&EntryStatus::Stale).copied().unwrap_or_default();
        writeln!(
            self.out,
            "<section aria-labelledby=\"stale\">\n<h2 id=\"stale\">Stale entries <span class=\"count\">{all}</span></h2>\n<ul>"
        )?;
        for row in &stale {
            let path = super::path_of(&self.roots, &row.source, &row.entry);
            let reasons = markup(&row.reasons.join(", "));
            writeln!(
                self.out,
                "<li><span class=\"place\"><bdi>{}</bdi></span>: {reasons}</li>",
                markup(&path)
            )?;
        }
        if all > stale.len() as u64 {
            writeln!(self.out, "<li>and {} more</li>", all - stale.len() as u64)?;
        }
        writeln!(self.out, "</ul>\n</section>")
    }

    fn resolved_causes(&mut self) -> io::Result<()> {
        let resolved = std::mem::take(&mut self.resolved);
        let ordered = resolved.ordered();
        if ordered.is_empty() {
            return Ok(());
        }
        writeln!(
            self.out,
            "<section aria-labelledby=\"resolved\">\n<h2 id=\"resolved\">Resolved <span class=\"count\">{}</span></h2>\n<ul>",
            ordered.len()
        )?;
        for cause in ordered.iter().take(ROWS) {
            let first = cause.first();
            let (rule, place) = (markup(&cause.rule), self.place(first));
            let message = sentence(&first.message);
            writeln!(
                self.out,
                "<li><code>{rule}</code> {message} <span class=\"place\">{place}</span></li>"
            )?;
        }
        if ordered.len() > ROWS {
            writeln!(self.out, "<li>and {} more</li>", ordered.len() - ROWS)?;
        }
        writeln!(self.out, "</ul>\n</section>")
    }

    /// What the run was, and what it came to.
    fn head(&mut self, run: &RunRow, summary: &Summary, causes: &Causes) -> io::Result<()> {
        let title = match self.document {
            Document::Check => "Check",
            Document::Report => "Drift report",
        };
        let at = run.started_at.format("%Y-%m-%d %H:%M UTC");
        begin(self.out, &format!("linkdrift · {title} · {at}"))?;
        writeln!(self.out, "<h1>{title}</h1>\n<p>Run {} ({}), {at}</p>", run.id, markup(&run.name))?;
        if !run.complete {
            writeln!(
                self.out,
                "<p><strong>The run did not come to its end: what is missing was not looked at.</strong></p>"
            )?;
        }
        let count = |status| self.statuses.get(&status).copied().unwrap_or_default();
        let (stale, review) = (count(EntryStatus::Stale), count(EntryStatus::Review));
        let fresh = summary.entries.saturating_sub(stale + review);
        let verdicts: Vec<String> = summary
            .by_verdict
            .iter()
            .map(|(verdict, count)| format!("{count} {}", verdict.as_str()))
            .collect();
        let mut quiet = match causes.quiet {
            0 => String::new(),
            quiet => format!(", {quiet} acknowledged or muted"),
        };
        if summary.silenced > 0 {
            let _ = write!(quiet, ", {} silenced in entries", summary.silenced);
        }
        writeln!(
            self.out,
            "<dl>\n<dt>Findings</dt><dd>{}{quiet}</dd>\n\
             <dt>Entries</dt><dd>{}: {stale} stale, {review} to review, {fresh} fresh</dd>\n\
             <dt>Targets</dt><dd>{}: {}</dd>\n</dl>",
            causes.counted(summary),
            summary.entries,
            summary.targets,
            verdicts.join(", ")
        )?;
        for note in &run.notes {
            writeln!(self.out, "<p class=\"note\">{}</p>", sentence(note))?;
        }
        Ok(())
    }
}

impl Writer for Html<'_> {
    fn begin(&mut self, head: &Head) -> io::Result<()> {
        self.roots = head.roots.clone();
        self.document = head.document;
        self.run = Some(head.run.clone());
        Ok(())
    }

    fn entry(&mut self, row: &EntryRow) -> io::Result<()> {
        *self.statuses.entry(row.status).or_default() += 1;
        if row.status == EntryStatus::Stale && self.stale.len() < ROWS {
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
        let causes = std::mem::take(&mut self.causes);
        if let Some(run) = self.run.take() {
            self.head(&run, summary, &causes)?;
        }
        let (ordered, hidden) = shown(causes.ordered());
        let (unconfirmed, open): (Vec<&Cause>, Vec<&Cause>) =
            ordered.into_iter().partition(|cause| cause.unconfirmed);
        let (new, ongoing): (Vec<&Cause>, Vec<&Cause>) = open.into_iter().partition(|cause| cause.new > 0);
        if new.is_empty() && ongoing.is_empty() && unconfirmed.is_empty() {
            writeln!(self.out, "<p>Nothing was found.</p>")?;
        }
        self.section("new", "New", &new)?;
        self.section("ongoing", "Ongoing", &ongoing)?;
        self.section("unconfirmed", "Not confirmed yet", &unconfirmed)?;
        let mut more = causes.beyond.clone();
        for cause in hidden {
            *more.entry(cause.rule.clone()).or_default() += cause.count;
        }
        for (rule, count) in more {
            let rule = markup(&rule);
            writeln!(self.out, "<p class=\"note\">{count} more of <code>{rule}</code> are not shown.</p>")?;
        }
        self.stale_entries()?;
        self.resolved_causes()?;
        end(self.out)?;
        self.out.flush()
    }
}

/// The entry's line with the place marked; `None` where it is not known.
fn excerpt(finding: &Finding) -> Option<String> {
    let line = printable_columns(finding.evidence.source_line.as_deref()?);
    let starts_at = finding.evidence.source_column.unwrap_or(1);
    let from = finding.column.checked_sub(starts_at)? as usize;
    let width = finding.end_column.map_or(1, |end| end.saturating_sub(finding.column)).max(1) as usize;
    let part = |skip: usize, take: usize| markup(&line.chars().skip(skip).take(take).collect::<String>());
    let (before, after) = (part(0, from), part(from + width, usize::MAX));
    let ellipsis = if starts_at > 1 { "…" } else { "" };
    Some(format!("{ellipsis}{before}<mark>{}</mark>{after}", part(from, width)))
}

fn sentence(text: &str) -> String {
    markup(&text.chars().take(SENTENCE).collect::<String>())
}

fn side(text: &str) -> String {
    text.chars().take(SIDE).collect()
}
