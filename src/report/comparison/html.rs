//! A difference as one HTML file that stands by itself: readable without colour (`<ins>`, `<del>`, signs with a name), without a
//! pointer, and without trust in either page.

use std::io::{self, Write};

use super::rows::{Row, rows};
use super::{Comparison, Label};
use crate::drift::{BlockChange, BlockOp, Change};
use crate::page::{Block, BlockKind};
use crate::report::html::{begin, changed_words, end, link};
use crate::report::safe::markup;
use crate::report::wire::word;

/// So many links and anchors are listed.
const LISTED: usize = 100;

pub(super) fn write(out: &mut dyn Write, comparison: &Comparison<'_>) -> io::Result<()> {
    let (drift, (from, _), (to, new)) = (comparison.drift, comparison.from, comparison.to);
    let title = new.heading().or(new.title.as_deref()).unwrap_or("Page");
    begin(out, &format!("{title} · {} · linkdrift", word(&drift.change)))?;
    writeln!(out, "<h1><bdi>{}</bdi></h1>", markup(title))?;
    writeln!(
        out,
        "<dl>\n<dt>Change</dt><dd><strong>{}</strong>, {}</dd>",
        word(&drift.change),
        says(drift.change)
    )?;
    side(out, "From", from)?;
    side(out, "To", to)?;
    if !drift.blocks.is_empty() {
        writeln!(out, "<dt>Words</dt><dd>{:.1} % changed</dd>", drift.fraction * 100.0)?;
    }
    if let Some((before, after)) = &drift.title {
        writeln!(out, "<dt>Title</dt><dd>{}</dd>", changed_words(before, after))?;
    }
    terms(out, comparison)?;
    writeln!(out, "</dl>")?;
    if drift.blocks.is_empty() && drift.title.is_none() {
        writeln!(out, "<p>No difference in what the page says.</p>")?;
    }
    let mut open = false;
    for row in rows(comparison) {
        match row {
            Row::Section { path, name, gone } => {
                if std::mem::replace(&mut open, true) {
                    writeln!(out, "</section>")?;
                }
                let path = if path.is_empty() { "Before any heading" } else { &path };
                let gone = if gone { ", not there any more" } else { "" };
                writeln!(
                    out,
                    "<section>\n<h2><bdi>{}</bdi> <span class=\"count\">#<bdi>{}</bdi>{gone}</span></h2>",
                    markup(path),
                    markup(&name)
                )?;
            }
            Row::Change(change) => block(out, change)?,
            Row::Kept(kept) => row_of(out, "", "", &kept_text(kept), "kept")?,
            Row::LeftOut(count) => {
                let noun = if count == 1 { "block" } else { "blocks" };
                row_of(out, "…", "", &format!("{count} {noun} unchanged"), "kept")?;
            }
        }
    }
    if open {
        writeln!(out, "</section>")?;
    }
    list(out, "Anchors that are gone", &drift.anchors_lost, |anchor| format!("#{}", markup(anchor)))?;
    list(out, "Links that are gone", &drift.links_lost, link)?;
    end(out)
}

fn says(change: Change) -> &'static str {
    match change {
        Change::None => "white space, markup, metadata or link targets at most",
        Change::Cosmetic => "wording, typos, alternative texts",
        Change::Minor => "a name, a role, a label, a single fact",
        Change::Substantive => "steps, requirements, limits or sections",
        Change::Moved => "the same page at another address",
        Change::Replaced => "another page at this address",
        Change::Retired => "archived or withdrawn",
    }
}

fn side(out: &mut dyn Write, name: &str, label: &Label) -> io::Result<()> {
    let url = label.url.as_deref().map(|url| format!(" · {}", link(url))).unwrap_or_default();
    writeln!(out, "<dt>{name}</dt><dd>{}{url}</dd>", markup(&label.name()))
}

fn terms(out: &mut dyn Write, comparison: &Comparison<'_>) -> io::Result<()> {
    let drift = comparison.drift;
    let mut terms: Vec<String> = drift
        .terms_removed
        .iter()
        .map(|removed| {
            let new = removed.replacement.as_deref().map(|new| format!(" → <ins>{}</ins>", markup(new)));
            format!("<del>{}</del>{}", markup(&removed.term), new.unwrap_or_default())
        })
        .collect();
    let replaced =
        |term: &str| drift.terms_removed.iter().any(|removed| removed.replacement.as_deref() == Some(term));
    let added = drift.terms_added.iter().filter(|term| !replaced(term));
    terms.extend(added.map(|term| format!("<ins>{}</ins>", markup(term))));
    if terms.is_empty() {
        return Ok(());
    }
    writeln!(out, "<dt>Terms</dt><dd>{}</dd>", terms.join(" · "))
}

fn block(out: &mut dyn Write, change: &BlockChange) -> io::Result<()> {
    match (change.op, change.old.as_deref(), change.new.as_deref()) {
        (BlockOp::Changed, Some(old), Some(new)) => {
            row_of(out, "~", "changed", &changed_words(old, new), "change")
        }
        (BlockOp::Moved, old, Some(new)) => {
            let text = match old {
                Some(old) if old != new => changed_words(old, new),
                _ => markup(new),
            };
            row_of(out, "↷", "moved here", &format!("<em>moved here:</em> {text}"), "change")
        }
        (_, _, Some(new)) => row_of(out, "+", "added", &format!("<ins>{}</ins>", lines(new)), "change"),
        (_, Some(old), None) => row_of(out, "−", "removed", &format!("<del>{}</del>", lines(old)), "change"),
        (_, None, None) => Ok(()),
    }
}

/// A row: a sign with a name for whoever hears the page, and content that is HTML already.
fn row_of(out: &mut dyn Write, sign: &str, name: &str, content: &str, class: &str) -> io::Result<()> {
    let label = match name {
        "" => " aria-hidden=\"true\"".to_owned(),
        name => format!(" role=\"img\" aria-label=\"{name}\""),
    };
    writeln!(
        out,
        "<div class=\"row {class}\" dir=\"auto\"><span class=\"sign\"{label}>{sign}</span>{content}</div>"
    )
}

/// Line ends are kept: code has them.
fn lines(text: &str) -> String {
    text.split('\n').map(markup).collect::<Vec<_>>().join("\n")
}

fn kept_text(block: &Block) -> String {
    match block.kind {
        BlockKind::Code => lines(&block.text),
        _ => markup(&block.text),
    }
}

fn list(out: &mut dyn Write, title: &str, items: &[String], item: impl Fn(&str) -> String) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section>\n<h2>{title} <span class=\"count\">{}</span></h2>\n<ul>", items.len())?;
    for text in items.iter().take(LISTED) {
        writeln!(out, "<li>{}</li>", item(text))?;
    }
    if items.len() > LISTED {
        writeln!(out, "<li>and {} more</li>", items.len() - LISTED)?;
    }
    writeln!(out, "</ul>\n</section>")
}
