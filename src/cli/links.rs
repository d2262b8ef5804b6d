//! `linkdrift links`: every reference, no network.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use anyhow::Context;
use serde::Serialize;

use super::cost::Cost;
use super::select::{self, SelectArgs};
use super::{Exit, Globals, output};
use crate::config::{self, Config};
use crate::reference::{self, Kind, ProblemKind, Reference};
use crate::source::{EntryFile, Selection, Source};
use crate::target::{self, HostKey, Note, Resolution, ResolveBase, Status, TargetKey};

/// Entries that one thread reads before it hands them over.
const CHUNK: usize = 16;

/// Flags of `links`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// How references are written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Not the references but what a first run will cost: targets, hosts, the fullest hosts and their time (text or json)
    #[arg(long)]
    summary: bool,
}

/// Formats of `links`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// By entry, for people
    Text,
    /// One object a line
    Jsonl,
    /// One document, summary last
    Json,
}

/// One reference in JSON (schema `linkdrift/links/1`).
#[derive(Debug, Serialize)]
struct Line<'a> {
    source: &'a str,
    entry: &'a str,
    line: u32,
    column: u32,
    offset: [usize; 2],
    destination: [usize; 2],
    kind: Kind,
    text: &'a str,
    url: &'a str,
    target: Option<&'a str>,
    fragment: Option<&'a str>,
    status: Status,
}

/// What is counted.
#[derive(Debug, Default, Serialize)]
struct Summary {
    entries: u64,
    references: u64,
    targets: u64,
    hosts: u64,
    #[serde(skip)]
    not_links: u64,
    /// Targets by host.
    #[serde(skip)]
    by_host: HashMap<HostKey, u64>,
}

/// What one thread made of one chunk of entries.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    entries: u64,
    references: u64,
    not_links: u64,
    targets: Vec<(TargetKey, HostKey)>,
    warnings: Vec<String>,
}

/// Runs it.
pub fn run(globals: &Globals, args: Args) -> anyhow::Result<Exit> {
    let cwd = std::env::current_dir().context("cannot tell the working directory")?;
    let mut config = config::load(globals.config.as_deref(), &cwd)?;
    let selections = select::select(&args.select, &mut config, &cwd)?;
    if args.summary {
        return cost(globals, &selections, &config, args.format);
    }
    let mut summary = Summary::default();
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout().lock());
    match write_all(globals, &selections, &config, args.format, &mut out, &mut summary) {
        // Whoever read us has seen enough (`| head`).
        Err(error) if output::is_broken_pipe(&error) => return Ok(Exit::Success),
        other => other.map_err(output::on_standard_output)?,
    }
    if !globals.quiet {
        close(&summary);
    }
    Ok(Exit::Success)
}

/// Reads everything, and says what visiting it will cost.
fn cost(
    globals: &Globals,
    selections: &[Selection],
    config: &Config,
    format: Format,
) -> anyhow::Result<Exit> {
    let mut summary = Summary::default();
    write_all(globals, selections, config, Format::Text, &mut io::sink(), &mut summary)?;
    let cost = Cost::of(summary.entries, summary.references, &summary.by_host, config);
    output::to_stdout(|mut out| match format {
        Format::Text => Ok(cost.write_text(&mut out)?),
        Format::Json | Format::Jsonl => {
            serde_json::to_writer(&mut out, &cost)?;
            Ok(writeln!(out)?)
        }
    })?;
    Ok(Exit::Success)
}

fn write_all(
    globals: &Globals,
    selections: &[Selection],
    config: &Config,
    format: Format,
    out: &mut impl Write,
    summary: &mut Summary,
) -> anyhow::Result<()> {
    let mut targets = HashSet::new();
    if format == Format::Json {
        write!(out, "{{\"schema\":\"linkdrift/links/1\",\"references\":[")?;
    }
    for selection in selections {
        let (files, problems) = selection.files()?;
        warn(globals, &problems.iter().map(|problem| selection.say(problem)).collect::<Vec<_>>());
        each_in_order(&selection.source, &files, config, format, |mut written| {
            // The comma before the first reference.
            if format == Format::Json && summary.references == 0 && !written.bytes.is_empty() {
                written.bytes[0] = b' ';
            }
            summary.entries += written.entries;
            summary.references += written.references;
            summary.not_links += written.not_links;
            for (key, host) in written.targets {
                if targets.insert(key) {
                    *summary.by_host.entry(host).or_default() += 1;
                }
            }
            warn(globals, &written.warnings);
            out.write_all(&written.bytes)
        })?;
    }
    summary.targets = targets.len() as u64;
    let names: HashSet<&str> = summary.by_host.keys().map(HostKey::name).collect();
    summary.hosts = names.len() as u64;
    if format == Format::Json {
        writeln!(out, "\n],\"summary\":{}}}", serde_json::to_string(summary)?)?;
    }
    Ok(out.flush()?)
}

fn warn(globals: &Globals, warnings: &[String]) {
    if globals.quiet {
        return;
    }
    for warning in warnings {
        anstream::eprintln!("warning: {}", clean(warning));
    }
}

/// The closing line, on standard error.
fn close(summary: &Summary) {
    let Summary { entries, references, targets, hosts, not_links, by_host: _ } = summary;
    let plural =
        |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut text = format!(
        "{} in {}: {} on {}",
        plural(*references, "reference", "references"),
        plural(*entries, "entry", "entries"),
        plural(*targets, "target", "targets"),
        plural(*hosts, "host", "hosts"),
    );
    if *not_links > 0 {
        text.push_str(&format!(
            "; {} meant to be a link and none (`linkdrift check --offline` shows them)",
            plural(*not_links, "place", "places")
        ));
    }
    anstream::eprintln!("{text}");
}

/// Reads files on all cores and hands over what was written of them, in the order of the files. Threads stay at most a few chunks
/// ahead, so that memory is flat.
fn each_in_order(
    source: &Source,
    files: &[EntryFile],
    config: &Config,
    format: Format,
    mut take: impl FnMut(Written) -> io::Result<()>,
) -> io::Result<()> {
    let workers =
        thread::available_parallelism().map_or(1, usize::from).min(files.len().div_ceil(CHUNK)).max(1);
    if workers == 1 {
        return files.chunks(CHUNK).try_for_each(|chunk| take(write_chunk(source, chunk, config, format)));
    }
    thread::scope(|scope| {
        let receivers: Vec<Receiver<Written>> = (0..workers)
            .map(|worker| {
                let (sender, receiver) = sync_channel(4);
                scope.spawn(move || {
                    for chunk in files.chunks(CHUNK).skip(worker).step_by(workers) {
                        if sender.send(write_chunk(source, chunk, config, format)).is_err() {
                            return;
                        }
                    }
                });
                receiver
            })
            .collect();
        // Worker k has the chunks k, k + workers, …: asked in turn, they give all in order.
        for number in 0.. {
            match receivers[number % workers].recv() {
                Ok(written) => take(written)?,
                Err(_) => break,
            }
        }
        Ok(())
    })
}

fn write_chunk(source: &Source, files: &[EntryFile], config: &Config, format: Format) -> Written {
    let mut written = Written::default();
    for file in files {
        write_entry(source, file, config, format, &mut written);
    }
    written
}

fn write_entry(source: &Source, file: &EntryFile, config: &Config, format: Format, written: &mut Written) {
    let read = reference::read_file(source, file).read;
    let base = ResolveBase { base_url: source.base_url.as_ref(), entry: &file.path };
    written.entries += 1;
    written.references += read.references.len() as u64;
    for problem in &read.problems {
        match problem.kind {
            ProblemKind::NotALink => written.not_links += 1,
            ProblemKind::Encoding | ProblemKind::Unreadable => {
                written.warnings.push(format!("{}:{}: {}", file.path, problem.line, problem.message));
            }
            ProblemKind::FrontMatter | ProblemKind::UndefinedLabel | ProblemKind::Glued => {}
        }
    }
    if format == Format::Text && !read.references.is_empty() {
        written.bytes.extend_from_slice(clean(&file.path).as_bytes());
        written.bytes.push(b'\n');
    }
    for reference in &read.references {
        let resolution = target::resolve(reference, &base, &config.scope, &config.host_table);
        if let Some(target) = &resolution.target {
            written.targets.push((target.key(), target.host_key()));
        }
        match format {
            Format::Text => text_line(reference, &resolution, &mut written.bytes),
            Format::Jsonl => {
                json_line(source, file, reference, &resolution, &mut written.bytes);
                written.bytes.push(b'\n');
            }
            Format::Json => {
                written.bytes.extend_from_slice(b",\n");
                json_line(source, file, reference, &resolution, &mut written.bytes);
            }
        }
    }
}

fn json_line(
    source: &Source,
    file: &EntryFile,
    reference: &Reference,
    resolution: &Resolution,
    out: &mut Vec<u8>,
) {
    let line = Line {
        source: &source.name,
        entry: &file.path,
        line: reference.line,
        column: reference.column,
        offset: [reference.offset.start, reference.offset.end],
        destination: [reference.destination.start, reference.destination.end],
        kind: reference.kind,
        text: &reference.text,
        url: &reference.url,
        target: resolution.target.as_ref().map(target::CanonicalUrl::as_str),
        fragment: resolution.fragment.as_deref(),
        status: resolution.status,
    };
    // Writing strings and numbers into memory cannot fail.
    let _ = serde_json::to_writer(out, &line);
}

fn text_line(reference: &Reference, resolution: &Resolution, out: &mut Vec<u8>) {
    let place = format!("{}:{}", reference.line, reference.column);
    let shown = match (&resolution.target, &resolution.note) {
        (Some(target), _) => match &resolution.fragment {
            Some(fragment) => format!("{target}#{}", clean(fragment)),
            None => target.to_string(),
        },
        (None, Some(Note::Path { path })) => format!("{} ({})", bounded(&reference.url), clean(path)),
        (None, _) => bounded(&reference.url),
    };
    let _ = write!(out, "  {place:<8} {:<12} {shown}", name_of(&reference.kind));
    if resolution.status != Status::Target {
        let _ = write!(out, "  [{}]", name_of(&resolution.status));
    }
    if let Some(Note::Malformed { message, .. }) = &resolution.note {
        let _ = write!(out, "  {}", clean(message));
    }
    out.push(b'\n');
}

/// The name that JSON has for it.
fn name_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().trim_matches('"').to_owned()
}

fn bounded(url: &str) -> String {
    let mut shown: String = clean(url).chars().take(200).collect();
    if shown.len() < url.len() && url.chars().count() > 200 {
        shown.push('…');
    }
    shown
}

/// Without control characters and marks of writing direction: nothing that a terminal obeys.
fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if c == '\n' { ' ' } else { c }).filter(|c| !steers(*c)).collect()
}
