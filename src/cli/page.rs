//! `linkdrift page`: what is read of a page: of a file, of a URL as the state has it, or as it is now.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anstyle::Style;
use anyhow::bail;
use serde::Serialize;
use url::Url;

use super::diff::{kept, read_page, version};
use super::flags::{StateChoice, StateFlags, VisitFlags};
use super::moment::{Moment, moment};
use super::{Exit, Globals, output, session};
use crate::config::Config;
use crate::page::{BlockKind, Page};
use crate::pipeline::{Look, Network, look};
use crate::report::comparison::Label;
use crate::report::{shown, word};
use crate::store::Store;
use crate::store::sqlite::{Access, SqliteStore};
use crate::target::CanonicalUrl;
use crate::time::{SystemClock, Timestamp};
use crate::verdict::Verdict;
use crate::visit::facts::Hop;

/// Flags of `page`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A URL: as the state has it, else as one visit finds it; or an HTML, Markdown, JSON or text file
    #[arg(value_name = "URL|FILE")]
    what: PathBuf,
    /// Where a file came from
    #[arg(long)]
    url: Option<Url>,
    /// The version that the state has of then: a date, a run (run:12), a snapshot by its number or hash in `linkdrift show`
    #[arg(long, value_name = "DATE|RUN|HASH", value_parser = moment, conflicts_with = "visit")]
    at: Option<Moment>,
    /// Visit the URL now, whatever the state has; nothing is kept
    #[arg(long)]
    visit: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    visits: VisitFlags,
    #[command(flatten)]
    state: StateFlags,
}

/// How a page is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// Runs it.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let written = args.what.to_string_lossy();
    let (label, visit, page) = match CanonicalUrl::parse(&written) {
        Some(url) if !args.what.exists() => match of_url(globals, args, &url)? {
            Some(found) => found,
            None => return Ok(Exit::Interrupted),
        },
        _ => {
            if args.at.is_some() || args.visit {
                bail!("{}: --at and --visit are for URLs", shown(&written));
            }
            let label = Label {
                file: Some(args.what.display().to_string()),
                url: args.url.as_ref().map(Url::to_string),
                ..Label::default()
            };
            (label, None, read_page(&args.what, args.url.as_ref())?)
        }
    };
    output::to_stdout_in_colour(|out| Ok(print(out, args.format, &label, visit.as_ref(), &page)?))?;
    Ok(Exit::Success)
}

type Found = (Label, Option<Visited>, Page);

/// The page of a URL, from state or from one visit; `None` where that was interrupted.
fn of_url(globals: &Globals, args: &Args, url: &CanonicalUrl) -> anyhow::Result<Option<Found>> {
    let cwd = session::working_directory()?;
    let mut config = session::load_config(globals, &cwd)?;
    args.visits.apply(&mut config, &cwd)?;
    let choice = args.state.apply(&mut config, &cwd)?;
    if !args.visit
        && let StateChoice::Kept(path) = choice
        && (path.exists() || args.at.is_some())
    {
        let state = SqliteStore::open(&path, Access::Read)?;
        let runtime = session::runtime()?;
        let record = runtime.block_on(state.find_target(url.clone()))?;
        match record.filter(|record| !record.snapshots.is_empty()) {
            Some(record) => {
                let meta = version(&runtime, &state, &record, args.at.as_ref())?;
                let (label, page) = kept(&runtime, &state, &record, meta)?;
                return Ok(Some((label, None, page)));
            }
            None if args.at.is_some() => bail!("{url}: the state has no text of it"),
            None => {}
        }
    } else if args.at.is_some() {
        bail!("--at: there is no state to read: name one with --state FILE");
    }
    if args.visits.network() == Network::Offline {
        bail!("{url}: the state has no text of it, and --offline visits nothing");
    }
    visit_now(&config, url)
}

fn visit_now(config: &Config, url: &CanonicalUrl) -> anyhow::Result<Option<Found>> {
    if config.host_table.is_placeholder(url.url().host_str().unwrap_or_default()) {
        bail!("{url}: a placeholder of documentation: it is never visited");
    }
    session::mention_unused_proxies(config);
    let runtime = session::runtime()?;
    let cancel = session::cancel_on_signal(&runtime)?;
    let found = runtime.block_on(look(config, Arc::new(SystemClock), url, cancel))?;
    let Some(Look { visit, judgement, page }) = found else { return Ok(None) };
    let visited = Visited {
        visited_at: visit.visited_at,
        verdict: judgement.verdict,
        reason: judgement.reason,
        status: visit.status(),
        hops: visit.hops.clone(),
    };
    let Some(page) = page else {
        let why = visited.reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        bail!("{url}: {}{why}: there is no page to read", word(&visited.verdict));
    };
    let label = Label { url: visit.final_url().map(str::to_owned), ..Label::default() };
    Ok(Some((label, Some(visited), page)))
}

/// What a visit that was made for this found.
#[derive(Debug, Serialize)]
struct Visited {
    visited_at: Timestamp,
    verdict: Verdict,
    reason: Option<String>,
    status: Option<u16>,
    hops: Vec<Hop>,
}

/// `linkdrift/page/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    from: &'a Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<&'a Visited>,
    extractor: u32,
    #[serde(flatten)]
    page: &'a Page,
}

/// Prints a page.
fn print(
    out: &mut dyn Write,
    format: Format,
    label: &Label,
    visit: Option<&Visited>,
    page: &Page,
) -> io::Result<()> {
    if format == Format::Json {
        let extractor = crate::page::EXTRACTOR;
        let document = Document { schema: "linkdrift/page/1", from: label, visit, extractor, page };
        serde_json::to_writer(&mut *out, &document)?;
        return writeln!(out);
    }
    const BOLD: Style = Style::new().bold();
    const DIM: Style = Style::new().dimmed();
    if let Some(url) = &label.url {
        writeln!(out, "{DIM}url{DIM:#}       {}", shown(url))?;
    }
    if let (Some(number), Some(at)) = (label.snapshot, label.seen_at) {
        let at = at.format("%Y-%m-%d %H:%M UTC");
        writeln!(out, "{DIM}snapshot{DIM:#}  {number}, seen since {at}")?;
    }
    if let Some(visit) = visit {
        let why = visit.reason.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        writeln!(out, "{DIM}verdict{DIM:#}   {}{}, just now", word(&visit.verdict), shown(&why))?;
        for hop in &visit.hops {
            let status = hop.status.map_or_else(|| "—".to_owned(), |status| status.to_string());
            writeln!(out, "{DIM}hop{DIM:#}       {status} {} ({} ms)", shown(&hop.url), hop.elapsed_ms)?;
        }
    }
    let layout = word(&page.layout);
    writeln!(out, "{DIM}layout{DIM:#}    {layout}")?;
    let metadata = &page.metadata;
    for (name, value) in [
        ("title", &page.title),
        ("canonical", &metadata.canonical),
        ("language", &metadata.language),
        ("refresh", &metadata.refresh),
    ] {
        if let Some(value) = value {
            writeln!(out, "{DIM}{name:<9}{DIM:#} {}", shown(value))?;
        }
    }
    for (name, value) in metadata.dates.iter().chain(&metadata.ids) {
        writeln!(out, "{DIM}{name:<9}{DIM:#} {}", shown(value))?;
    }
    for flag in &metadata.flags {
        writeln!(out, "{DIM}flag{DIM:#}      {}", shown(flag))?;
    }
    for block in &page.blocks {
        let text = shown(&block.text);
        match block.kind {
            BlockKind::Heading => {
                let section = page.sections.get(block.section);
                let level = usize::from(section.map_or(1, |section| section.level.clamp(1, 6)));
                let anchor = section
                    .and_then(|section| section.anchor.as_deref())
                    .map(|anchor| format!(" #{}", shown(anchor)))
                    .unwrap_or_default();
                writeln!(out, "\n{BOLD}{} {text}{BOLD:#}{DIM}{anchor}{DIM:#}", "#".repeat(level))?;
            }
            BlockKind::ListItem => writeln!(out, "- {text}")?,
            BlockKind::Step => writeln!(out, "1. {text}")?,
            BlockKind::TableRow => writeln!(out, "| {text}")?,
            BlockKind::Quote => writeln!(out, "> {text}")?,
            BlockKind::Image => writeln!(out, "[image: {text}]")?,
            BlockKind::Code => {
                for line in block.text.lines() {
                    writeln!(out, "    {}", shown(line))?;
                }
            }
            BlockKind::Paragraph => writeln!(out, "{text}")?,
        }
    }
    Ok(())
}
