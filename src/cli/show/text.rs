//! What is shown, for people.

use std::io::Write;

use super::super::review::ReviewRow;
use super::{ShownDrift, ShownEntry, ShownReference, ShownTarget};
use crate::finding::Finding;
use crate::report::{printable, word};

/// Terms of a drift that are named.
const TERMS: usize = 3;

/// An entry.
pub(super) fn entry(entry: &ShownEntry, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{} · {}", printable(&entry.source), printable(&entry.entry))?;
    if let Some(title) = &entry.title {
        writeln!(out, "  title     {}", printable(title))?;
    }
    let because =
        if entry.reasons.is_empty() { String::new() } else { format!(": {}", entry.reasons.join(", ")) };
    writeln!(out, "  status    {}{because}", word(&entry.status))?;
    if let Some(date) = entry.date {
        writeln!(out, "  dated     {date}")?;
    }
    match entry.reviewed_at {
        Some(at) => writeln!(out, "  reviewed  {}", at.date_naive())?,
        None => writeln!(out, "  reviewed  never; first seen {}", entry.first_seen.date_naive())?,
    }
    writeln!(out, "\n  references")?;
    for reference in &entry.references {
        let place = format!("{}:{}", reference.line, reference.column);
        let url = reference.target.as_deref().unwrap_or(&reference.url);
        writeln!(out, "    {place:<8} {:<12} {}", said(reference), printable(url))?;
        if let Some(end) =
            reference.final_url.as_deref().filter(|end| Some(*end) != reference.target.as_deref())
        {
            writeln!(out, "    {:<8} {:<12} → {}", "", "", printable(end))?;
        }
    }
    findings_text(&entry.findings, out)?;
    reviews_text(&entry.reviews, out)
}

/// A target.
pub(super) fn target(target: &ShownTarget, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}", printable(&target.url))?;
    match target.verdict {
        Some(verdict) => writeln!(
            out,
            "  verdict   {}{}{}",
            word(&verdict),
            target.reason.as_ref().map(|reason| format!(" ({})", printable(reason))).unwrap_or_default(),
            if target.confirmation == "unconfirmed" { ", not confirmed yet" } else { "" }
        )?,
        None => writeln!(out, "  verdict   none: it was never visited")?,
    }
    writeln!(out, "\n  history, newest first")?;
    for interval in target.history.iter().rev() {
        writeln!(
            out,
            "    {} to {}  {} visit{}  {}{}",
            interval.first_seen.format("%Y-%m-%d %H:%M"),
            interval.last_seen.format("%Y-%m-%d %H:%M"),
            interval.visits,
            if interval.visits == 1 { "" } else { "s" },
            word(&interval.verdict),
            interval.reason.as_ref().map(|reason| format!(" ({})", printable(reason))).unwrap_or_default(),
        )?;
        for hop in &interval.hops {
            let status = hop.status.map_or_else(|| "—".to_owned(), |status| status.to_string());
            writeln!(out, "      {status:<4} {} ({} ms)", printable(&hop.url), hop.elapsed_ms)?;
        }
        if let Some(title) = &interval.title {
            writeln!(out, "      “{}”", printable(title))?;
        }
    }
    if !target.snapshots.is_empty() {
        writeln!(out, "\n  snapshots, newest first")?;
        for snapshot in target.snapshots.iter().rev() {
            writeln!(
                out,
                "    #{:<6} {} to {}  {}{}",
                snapshot.id,
                snapshot.first_seen.format("%Y-%m-%d %H:%M"),
                snapshot.last_seen.format("%Y-%m-%d %H:%M"),
                &snapshot.content[..12.min(snapshot.content.len())],
                snapshot.words.map(|words| format!("  {words} words")).unwrap_or_default(),
            )?;
            if let Some(drift) = &snapshot.drift {
                drift_text(drift, out)?;
            }
        }
    }
    writeln!(out, "\n  named in")?;
    for place in &target.references {
        writeln!(
            out,
            "    {} · {}:{}:{}",
            printable(&place.source),
            printable(&place.entry),
            place.line,
            place.column
        )?;
    }
    findings_text(&target.findings, out)?;
    reviews_text(&target.reviews, out)
}

/// One line: how much a change matters, how much of the page it is, and the terms that left and came.
fn drift_text(drift: &ShownDrift, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut terms: Vec<String> = drift
        .terms_removed
        .iter()
        .map(|removed| match &removed.replacement {
            Some(new) => format!("“{}” → “{}”", printable(&removed.term), printable(new)),
            None => format!("−“{}”", printable(&removed.term)),
        })
        .collect();
    let replaces =
        |term: &String| drift.terms_removed.iter().any(|removed| removed.replacement.as_ref() == Some(term));
    terms.extend(
        drift.terms_added.iter().filter(|term| !replaces(term)).map(|term| format!("+“{}”", printable(term))),
    );
    let more = terms.len().saturating_sub(TERMS);
    terms.truncate(TERMS);
    let terms = if terms.is_empty() { String::new() } else { format!(": {}", terms.join(", ")) };
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let share = drift.fraction * 100.0;
    writeln!(
        out,
        "            {} since #{}, {share:.0} % of words{terms}{more}",
        word(&drift.change),
        drift.since
    )?;
    Ok(())
}

fn findings_text(findings: &[Finding], out: &mut dyn Write) -> anyhow::Result<()> {
    if findings.is_empty() {
        writeln!(out, "\n  no findings")?;
        return Ok(());
    }
    writeln!(out, "\n  findings")?;
    for finding in findings {
        writeln!(
            out,
            "    {}:{}:{}  {} {} ({}) {}",
            printable(&finding.entry),
            finding.line,
            finding.column,
            word(&finding.severity),
            finding.rule,
            word(&finding.state),
            finding.id.0,
        )?;
        writeln!(out, "      {}", printable(&finding.message))?;
    }
    Ok(())
}

fn reviews_text(reviews: &[ReviewRow], out: &mut dyn Write) -> anyhow::Result<()> {
    if reviews.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  reviews, newest first")?;
    reviews.iter().try_for_each(|review| review.text("    ", out))
}

/// What is said of a reference's target, or why it has none.
fn said(reference: &ShownReference) -> String {
    match (&reference.verdict, &reference.target) {
        (Some(verdict), _) => word(verdict),
        (None, Some(_)) => "not visited".to_owned(),
        (None, None) => word(&reference.status),
    }
}
