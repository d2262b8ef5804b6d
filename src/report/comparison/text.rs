//! A difference for people on a terminal: changed words in colour and in brackets, what moved with a sign, and of what stayed the same
//! a block beside each change and the number of the rest.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::Comparison;
use super::rows::{Row, rows};
use crate::drift::{BlockChange, BlockOp, WordOp, words};
use crate::report::safe::shown;
use crate::report::wire::word;

const BOLD: Style = Style::new().bold();
const GONE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red))).strikethrough();
const COME: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const DIM: Style = Style::new().dimmed();

/// Characters of an unchanged block that are shown.
const KEPT: usize = 90;

pub(super) fn write(out: &mut dyn Write, comparison: &Comparison<'_>) -> io::Result<()> {
    let drift = comparison.drift;
    let (from, to) = (comparison.from.0, comparison.to.0);
    if let Some(url) = to.url.as_deref().filter(|_| to.file.is_none()) {
        writeln!(out, "{}", shown(url))?;
    }
    writeln!(out, "{BOLD}{}{BOLD:#}  {} → {}", word(&drift.change), shown(&from.name()), shown(&to.name()))?;
    if drift.blocks.is_empty() && drift.title.is_none() {
        return writeln!(out, "No difference in what the page says.");
    }
    if let Some((before, after)) = &drift.title {
        writeln!(out, "title    {} {}", gone(before), come(after))?;
    }
    for removed in &drift.terms_removed {
        let replacement = removed.replacement.as_deref().map(|new| format!(" {}", come(new)));
        writeln!(out, "term     {}{}", gone(&removed.term), replacement.unwrap_or_default())?;
    }
    for term in &drift.terms_added {
        if !drift.terms_removed.iter().any(|removed| removed.replacement.as_deref() == Some(term)) {
            writeln!(out, "term     {}", come(term))?;
        }
    }
    for row in rows(comparison) {
        match row {
            Row::Section { path, name, gone } => {
                let path = if path.is_empty() { "(top)" } else { &path };
                let gone = if gone { " (not there any more)" } else { "" };
                writeln!(out, "\n{BOLD}{}{BOLD:#} {DIM}#{}{gone}{DIM:#}", shown(path), shown(&name))?;
            }
            Row::Change(change) => block(out, change)?,
            Row::Kept(kept) => writeln!(out, "    {DIM}{}{DIM:#}", shown(&cut(&kept.text, KEPT)))?,
            Row::LeftOut(1) => writeln!(out, "    {DIM}… 1 block unchanged …{DIM:#}")?,
            Row::LeftOut(count) => writeln!(out, "    {DIM}… {count} blocks unchanged …{DIM:#}")?,
        }
    }
    Ok(())
}

fn gone(text: &str) -> String {
    format!("{GONE}[-{}-]{GONE:#}", shown(text))
}

fn come(text: &str) -> String {
    format!("{COME}{{+{}+}}{COME:#}", shown(text))
}

fn block(out: &mut dyn Write, change: &BlockChange) -> io::Result<()> {
    match (change.op, change.old.as_deref(), change.new.as_deref()) {
        (BlockOp::Changed, Some(old), Some(new)) => writeln!(out, "  ~ {}", changed(old, new)),
        (BlockOp::Moved, Some(old), Some(new)) if old != new => {
            writeln!(out, "  ↷ moved here: {}", changed(old, new))
        }
        (BlockOp::Moved, _, Some(new)) => {
            writeln!(out, "  ↷ moved here: {DIM}{}{DIM:#}", shown(&cut(new, KEPT)))
        }
        (_, _, Some(new)) => writeln!(out, "  + {}", come(new)),
        (_, Some(old), None) => writeln!(out, "  - {}", gone(old)),
        (_, None, None) => Ok(()),
    }
}

/// Word by word, unchanged words far from a change left out.
fn changed(old: &str, new: &str) -> String {
    let runs = words(old, new);
    let last = runs.len().saturating_sub(1);
    runs.iter()
        .enumerate()
        .map(|(at, run)| {
            let text = run.text.trim_end();
            let mut space = shown(&run.text[text.len()..]);
            let inserted = runs.get(at + 1).is_some_and(|next| next.op == WordOp::Inserted);
            if space.is_empty() && run.op == WordOp::Deleted && inserted {
                space.push(' ');
            }
            match run.op {
                WordOp::Equal => shown(&collapsed(&run.text, at == 0, at == last)),
                WordOp::Deleted => format!("{}{space}", gone(text)),
                WordOp::Inserted => format!("{}{space}", come(text)),
            }
        })
        .collect()
}

/// Unchanged words far from a change are left out.
fn collapsed(text: &str, first: bool, last: bool) -> String {
    const KEEP: usize = 60;
    let count = text.chars().count();
    let head: String = text.chars().take(KEEP).collect();
    let tail: String = text.chars().skip(count.saturating_sub(KEEP)).collect();
    match (first, last) {
        _ if count <= 2 * KEEP + 20 => text.to_owned(),
        (true, true) => format!("{head} …"),
        (true, false) => format!("… {}", tail.trim_start()),
        (false, true) => format!("{}…", head.trim_end()),
        (false, false) => format!("{} … {}", head.trim_end(), tail.trim_start()),
    }
}

fn cut(text: &str, limit: usize) -> String {
    let first = text.lines().next().unwrap_or_default();
    let kept: String = first.chars().take(limit).collect();
    if kept.len() == text.len() { kept } else { format!("{} …", kept.trim_end()) }
}
