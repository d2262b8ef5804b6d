//! `linkdrift page`: what is read of a page.

use std::io::{self, Write};
use std::path::PathBuf;

use anstyle::Style;
use anyhow::{Context, bail};
use serde::Serialize;
use url::Url;

use super::diff::{Format, Label, read_page, shown};
use super::{Exit, Globals};
use crate::page::{BlockKind, Page};
use crate::target::CanonicalUrl;

/// Flags of `page`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// An HTML, Markdown, JSON or text file
    pub file: PathBuf,
    /// Where it came from
    #[arg(long)]
    pub url: Option<Url>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Runs it.
pub fn run(_globals: &Globals, args: Args) -> anyhow::Result<Exit> {
    let written = args.file.to_string_lossy();
    if !args.file.exists() && CanonicalUrl::parse(&written).is_some() {
        bail!(
            "{}: a URL cannot be read yet: save the page and name the file, with --url for where it came from",
            shown(&written)
        );
    }
    let page = read_page(&args.file, args.url.as_ref())?;
    let label = Label {
        file: Some(args.file.display().to_string()),
        url: args.url.as_ref().map(Url::to_string),
        ..Label::default()
    };
    match print(&mut anstream::stdout().lock(), args.format, &label, &page) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Success),
        done => done.map(|()| Exit::Success).context("cannot write the page"),
    }
}

/// `linkdrift/page/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    from: &'a Label,
    extractor: u32,
    #[serde(flatten)]
    page: &'a Page,
}

/// Prints a page.
pub fn print(out: &mut impl Write, format: Format, label: &Label, page: &Page) -> io::Result<()> {
    if format == Format::Json {
        let document =
            Document { schema: "linkdrift/page/1", from: label, extractor: crate::page::EXTRACTOR, page };
        serde_json::to_writer(&mut *out, &document)?;
        return writeln!(out);
    }
    const BOLD: Style = Style::new().bold();
    const DIM: Style = Style::new().dimmed();
    let layout = serde_json::to_value(page.layout)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
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
