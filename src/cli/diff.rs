//! `linkdrift diff`: what changed between two versions of a page.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use anyhow::{Context, bail};
use bytes::Bytes;
use serde::Serialize;
use url::Url;

use super::flags::StateFlags;
use super::{Exit, Globals, output, session};
use crate::drift::{self, BlockChange, BlockOp, Drift, WordOp};
use crate::page::{self, Page};
use crate::pipeline;
use crate::snapshot::SnapshotMeta;
use crate::store::Store;
use crate::target::CanonicalUrl;
use crate::visit::facts::Body;

/// Flags of `diff`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A URL that the state knows; or the old version: an HTML, Markdown, JSON or text file
    #[arg(value_name = "URL|OLD")]
    old: PathBuf,
    /// The new version, a file
    #[arg(value_name = "NEW")]
    new: Option<PathBuf>,
    /// Where both files came from
    #[arg(long)]
    url: Option<Url>,
    /// The old snapshot of the URL, by its number in `linkdrift show` (default: the one before the newest)
    #[arg(long, value_name = "SNAPSHOT", conflicts_with = "new")]
    from: Option<i64>,
    /// The new snapshot of the URL (default: the newest)
    #[arg(long, value_name = "SNAPSHOT", conflicts_with = "new")]
    to: Option<i64>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    state: StateFlags,
}

/// How a page or a difference is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// One side of a difference: where it is from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The file, for a difference of two files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The URL, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The snapshot's number, for a difference over the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<i64>,
    /// When it was first seen so, for a difference over the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<crate::time::Timestamp>,
}

/// Bytes of a file that are read: what is behind is never looked at.
const FILE: u64 = 16 << 20;

/// Runs it. Whatever the difference, it ends well.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let ((from, old), (to, new)) = match &args.new {
        Some(new) => (file(args, &args.old)?, file(args, new)?),
        None => snapshots(globals, args)?,
    };
    let alone = from.snapshot.is_some() && from.snapshot == to.snapshot && args.from.is_none();
    if alone && args.format == Format::Text {
        let seen = to.seen_at.map(|at| format!(", seen since {}", at.format("%Y-%m-%d"))).unwrap_or_default();
        let which =
            if args.to.is_some() { "no version before this one is kept" } else { "only one version is kept" };
        let url = shown(to.url.as_deref().unwrap_or_default());
        let said = format!("{url}: {which}{seen}: there is nothing to compare it with yet\n");
        output::to_stdout(|out| Ok(out.write_all(said.as_bytes())?))?;
        return Ok(Exit::Success);
    }
    let drift = drift::compare(&old, &new);
    match print(&mut anstream::stdout().lock(), args.format, (&from, &old), (&to, &new), &drift) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Success),
        done => done.map(|()| Exit::Success).context("cannot write the report"),
    }
}

/// One side that is a file.
fn file(args: &Args, path: &Path) -> anyhow::Result<(Label, Page)> {
    let label = Label {
        file: Some(path.display().to_string()),
        url: args.url.as_ref().map(Url::to_string),
        ..Label::default()
    };
    Ok((label, read_page(path, args.url.as_ref())?))
}

/// Both sides from the state: two snapshots of one target.
fn snapshots(globals: &Globals, args: &Args) -> anyhow::Result<((Label, Page), (Label, Page))> {
    let written = args.old.to_string_lossy();
    let Some(url) = CanonicalUrl::parse(&written) else {
        bail!(
            "{written}: neither a URL, nor followed by a second file: `linkdrift diff URL` or `linkdrift diff OLD NEW`"
        );
    };
    let (runtime, state, _) = session::open_to_read(globals, &args.state)?;
    let Some(record) = runtime.block_on(state.find_target(url.clone()))? else {
        bail!("{url}: the state knows nothing of it; `linkdrift links` lists what would be visited");
    };
    let known = &record.snapshots;
    let Some(newest) = known.last() else {
        bail!("{url}: no text of this page was kept: `linkdrift show {url}` says what its visits found");
    };
    let numbered = |number: i64| {
        known.iter().find(|snapshot| snapshot.id.0 == number).with_context(|| {
            let numbers: Vec<String> = known.iter().map(|snapshot| snapshot.id.0.to_string()).collect();
            format!("{url}: no snapshot {number}; there are {}", numbers.join(", "))
        })
    };
    let new = args.to.map_or(Ok(newest), numbered)?;
    let before = known.iter().rev().find(|snapshot| snapshot.id < new.id).unwrap_or(new);
    let old = args.from.map_or(Ok(before), numbered)?;
    let side = |meta: &SnapshotMeta| -> anyhow::Result<(Label, Page)> {
        let kept = runtime.block_on(pipeline::stored_page(&state, meta.id))?.with_context(|| {
            format!("{url}: the text of snapshot {} was not kept (`bodies = \"none\"`)", meta.id.0)
        })?;
        let label = Label {
            file: None,
            url: Some(meta.url.clone()),
            snapshot: Some(meta.id.0),
            seen_at: Some(meta.first_seen),
        };
        Ok((label, kept.page))
    };
    Ok((side(old)?, side(new)?))
}

/// Reads a file as a page; its name tells what it is. What is no regular file might never end, or never begin.
pub fn read_page(path: &Path, url: Option<&Url>) -> anyhow::Result<Page> {
    use std::io::Read;
    let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if metadata.is_dir() {
        bail!("cannot read {}: it is a folder", path.display());
    }
    if !metadata.is_file() && !opened_for_us(path) {
        bail!("cannot read {}: it is no regular file", path.display());
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let extension =
        path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    let content_type = match extension.as_str() {
        "html" | "htm" | "xhtml" => Some("text/html"),
        "md" | "markdown" => Some("text/markdown"),
        "json" => Some("application/json"),
        "txt" => Some("text/plain"),
        _ => None,
    };
    let body = Body { bytes: Bytes::from(bytes), content_type: content_type.map(str::to_owned) };
    let unknown = Url::parse("file:///").context("no URL")?;
    Ok(page::read(&body, url.unwrap_or(&unknown)))
}

/// Whether a path names what whoever started us has opened: standard input, or `<(command)` of a shell.
fn opened_for_us(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd")
}

/// Prints a difference.
pub fn print(
    out: &mut impl Write,
    format: Format,
    (from, old): (&Label, &Page),
    (to, new): (&Label, &Page),
    drift: &Drift,
) -> io::Result<()> {
    match format {
        Format::Json => json(out, from, to, drift),
        Format::Text => text(out, (from, old), (to, new), drift),
    }
}

/// `linkdrift/diff/1`: a promise, so it has structs of its own.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    from: &'a Label,
    to: &'a Label,
    change: drift::Change,
    sections_changed: &'a [String],
    terms_removed: Vec<RemovedTerm<'a>>,
    terms_added: Vec<AddedTerm<'a>>,
    title: Option<[&'a str; 2]>,
    fraction: f64,
    anchors_lost: &'a [String],
    links_lost: &'a [String],
    hash: &'a str,
    blocks: Vec<DocumentBlock<'a>>,
}

#[derive(Serialize)]
struct RemovedTerm<'a> {
    term: &'a str,
    replacement: Option<&'a str>,
}

#[derive(Serialize)]
struct AddedTerm<'a> {
    term: &'a str,
}

#[derive(Serialize)]
struct DocumentBlock<'a> {
    op: BlockOp,
    section: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

fn json(out: &mut impl Write, from: &Label, to: &Label, drift: &Drift) -> io::Result<()> {
    let document = Document {
        schema: "linkdrift/diff/1",
        from,
        to,
        change: drift.change,
        sections_changed: &drift.sections_changed,
        terms_removed: drift
            .terms_removed
            .iter()
            .map(|removed| RemovedTerm { term: &removed.term, replacement: removed.replacement.as_deref() })
            .collect(),
        terms_added: drift.terms_added.iter().map(|term| AddedTerm { term }).collect(),
        title: drift.title.as_ref().map(|(old, new)| [old.as_str(), new.as_str()]),
        fraction: (drift.fraction * 10_000.0).round() / 10_000.0,
        anchors_lost: &drift.anchors_lost,
        links_lost: &drift.links_lost,
        hash: &drift.hash,
        blocks: drift
            .blocks
            .iter()
            .map(|block| DocumentBlock {
                op: block.op,
                section: &block.section,
                old: block.old.as_deref(),
                new: block.new.as_deref(),
            })
            .collect(),
    };
    serde_json::to_writer(&mut *out, &document)?;
    writeln!(out)
}

const BOLD: Style = Style::new().bold();
const GONE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red))).strikethrough();
const COME: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const DIM: Style = Style::new().dimmed();

fn text(
    out: &mut impl Write,
    (from, old): (&Label, &Page),
    (to, new): (&Label, &Page),
    drift: &Drift,
) -> io::Result<()> {
    let change = serde_json::to_value(drift.change)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    writeln!(out, "{BOLD}{change}{BOLD:#}  {} → {}", shown(&name(from)), shown(&name(to)))?;
    if drift.blocks.is_empty() && drift.title.is_none() {
        return writeln!(out, "No difference in what the page says.");
    }
    if let Some((before, after)) = &drift.title {
        writeln!(out, "title    {GONE}[-{}-]{GONE:#} {COME}{{+{}+}}{COME:#}", shown(before), shown(after))?;
    }
    for removed in &drift.terms_removed {
        match &removed.replacement {
            Some(replacement) => writeln!(
                out,
                "term     {GONE}[-{}-]{GONE:#} {COME}{{+{}+}}{COME:#}",
                shown(&removed.term),
                shown(replacement)
            )?,
            None => writeln!(out, "term     {GONE}[-{}-]{GONE:#}", shown(&removed.term))?,
        }
    }
    for term in &drift.terms_added {
        if !drift.terms_removed.iter().any(|removed| removed.replacement.as_deref() == Some(term)) {
            writeln!(out, "term     {COME}{{+{}+}}{COME:#}", shown(term))?;
        }
    }
    let mut section: Option<(bool, usize)> = None;
    for block in &drift.blocks {
        let here = (block.new.is_none(), block.section_index);
        if section != Some(here) {
            section = Some(here);
            let page = if block.new.is_some() { new } else { old };
            let path = page
                .sections
                .get(block.section_index)
                .map(|section| section.path.join(" › "))
                .filter(|path| !path.is_empty());
            writeln!(
                out,
                "\n{BOLD}{}{BOLD:#} {DIM}#{}{DIM:#}",
                shown(path.as_deref().unwrap_or("(top)")),
                shown(&block.section)
            )?;
        }
        block_text(out, block)?;
    }
    Ok(())
}

fn block_text(out: &mut impl Write, block: &BlockChange) -> io::Result<()> {
    match (block.op, block.old.as_deref(), block.new.as_deref()) {
        (BlockOp::Changed, Some(old), Some(new)) => {
            write!(out, "  ~ ")?;
            let runs = drift::words(old, new);
            for (at, run) in runs.iter().enumerate() {
                let text = run.text.trim_end();
                let space = &run.text[text.len()..];
                match run.op {
                    WordOp::Equal => {
                        write!(out, "{}", shown(&collapsed(&run.text, at == 0, at + 1 == runs.len())))?
                    }
                    WordOp::Deleted => write!(out, "{GONE}[-{}-]{GONE:#}{}", shown(text), shown(space))?,
                    WordOp::Inserted => write!(out, "{COME}{{+{}+}}{COME:#}{}", shown(text), shown(space))?,
                }
            }
            writeln!(out)
        }
        (BlockOp::Moved, _, Some(new)) => {
            writeln!(out, "  {DIM}↷ {}{DIM:#}", shown(&collapsed(new, false, true)))
        }
        (_, _, Some(new)) => writeln!(out, "  + {COME}{{+{}+}}{COME:#}", shown(new)),
        (_, Some(old), None) => writeln!(out, "  - {GONE}[-{}-]{GONE:#}", shown(old)),
        (_, None, None) => Ok(()),
    }
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

/// A text from outside as a terminal may see it: controls, also those of direction, become a sign.
pub fn shown(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => ' ',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            _ if character.is_control() => '\u{fffd}',
            _ => character,
        })
        .collect()
}

fn name(label: &Label) -> String {
    let at = label.seen_at.map(|at| at.format("%Y-%m-%d").to_string());
    label.file.clone().or(at).or_else(|| label.url.clone()).unwrap_or_default()
}
