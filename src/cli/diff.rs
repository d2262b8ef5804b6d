//! `linkdrift diff`: what changed between two versions of a page.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bytes::Bytes;
use tokio::runtime::Runtime;
use url::Url;

use super::flags::StateFlags;
use super::moment::{Moment, moment};
use super::{Exit, Globals, output, session};
use crate::drift;
use crate::page::{self, Page};
use crate::pipeline;
use crate::report::comparison::{self, Comparison, Label};
use crate::report::shown;
use crate::snapshot::SnapshotMeta;
use crate::store::{Store, TargetRecord};
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
    /// The old version of the URL: a date, a run (run:12), a snapshot by its number or hash in `linkdrift show` (default: the one before)
    #[arg(long, value_name = "DATE|RUN|HASH", conflicts_with = "new", value_parser = moment)]
    from: Option<Moment>,
    /// The new version of the URL, in the same manner (default: the newest)
    #[arg(long, value_name = "DATE|RUN|HASH", conflicts_with = "new", value_parser = moment)]
    to: Option<Moment>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    state: StateFlags,
}

/// How a difference is printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One page for a browser, without scripts
    Html,
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
    let drift = match (&from.url, &to.url, from.snapshot) {
        (Some(before), Some(after), Some(_)) => drift::compare_moved(&old, before, &new, after),
        _ => drift::compare(&old, &new),
    };
    let comparison = Comparison { from: (&from, &old), to: (&to, &new), drift: &drift };
    let format = match args.format {
        Format::Text => comparison::Format::Text,
        Format::Json => comparison::Format::Json,
        Format::Html => comparison::Format::Html,
    };
    output::to_stdout_in_colour(|out| Ok(comparison::write(out, format, &comparison)?))?;
    Ok(Exit::Success)
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
    let new = version(&runtime, &state, &record, args.to.as_ref())?;
    let before = known.iter().rev().find(|snapshot| snapshot.id < new.id).unwrap_or(new);
    let old = match &args.from {
        Some(from) => from.choose(&runtime, &state, known).with_context(|| url.to_string())?,
        None => before,
    };
    let side = |meta| kept(&runtime, &state, &record, meta);
    Ok((side(old)?, side(new)?))
}

/// The version of a target that was asked for: the newest, if none.
pub(super) fn version<'a, S: Store>(
    runtime: &Runtime,
    state: &S,
    record: &'a TargetRecord,
    asked: Option<&Moment>,
) -> anyhow::Result<&'a SnapshotMeta> {
    let url = &record.url;
    let Some(newest) = record.snapshots.last() else {
        bail!("{url}: no text of this page was kept: `linkdrift show {url}` says what its visits found");
    };
    match asked {
        None => Ok(newest),
        Some(moment) => moment.choose(runtime, state, &record.snapshots).with_context(|| url.to_string()),
    }
}

/// A kept version of a target, with where it is from.
pub(super) fn kept<S: Store>(
    runtime: &Runtime,
    state: &S,
    record: &TargetRecord,
    meta: &SnapshotMeta,
) -> anyhow::Result<(Label, Page)> {
    let kept = runtime.block_on(pipeline::stored_page(state, meta.id))?.with_context(|| {
        format!(
            "{}: the text of snapshot {} is not kept (`bodies = \"none\"`, or `prune` removed it)",
            record.url, meta.id.0
        )
    })?;
    let label = Label {
        file: None,
        url: Some(meta.url.clone()),
        snapshot: Some(meta.id.0),
        seen_at: Some(meta.first_seen),
    };
    Ok((label, kept.page))
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
