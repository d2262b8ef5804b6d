//! `linkdrift fix`: mends what can be mended, from what the last run found.

use std::collections::BTreeMap;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use similar::TextDiff;
use tokio::runtime::Runtime;

use super::flags::StateFlags;
use super::{Exit, Globals, output, rows, session};
use crate::finding::{Finding, FindingState};
use crate::pipeline::{Wish, mend};
use crate::reference::{self, ReadOptions};
use crate::report::{printable, shown};
use crate::snapshot::ContentHash;
use crate::source::Syntax;
use crate::store::{FindingQuery, RunId, Store, StoredEntry};

/// Rules whose suggestion takes the place of the URL.
const URLS: [&str; 3] = ["link/redirect-permanent", "link/insecure", "link/foreign-locale"];
/// The rule whose suggestion takes the place of a term.
const TERMS: &str = "content/term-outdated";

/// Flags of `fix`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files or folders; everything that the state knows, if none is named
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write the files
    #[arg(long, conflicts_with = "patch")]
    write: bool,
    /// Print a unified diff, for `git apply` or `patch -p1` (the default)
    #[arg(long)]
    patch: bool,
    /// Replace outdated terms, too: read the result, for a term may be bent or stand in a name
    #[arg(long)]
    terms: bool,
    #[command(flatten)]
    state: StateFlags,
}

/// An entry and what is to be mended in it.
struct Job {
    file: PathBuf,
    entry: StoredEntry,
    findings: Vec<Finding>,
}

/// Runs it. Entries that changed since they were read are refused, and the others mended.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    let cwd = session::working_directory()?;
    let (runtime, state, _) = session::open_to_read(globals, &args.state)?;
    let named: Vec<PathBuf> = args
        .paths
        .iter()
        .map(|path| path.canonicalize().with_context(|| format!("cannot read {}", path.display())))
        .collect::<anyhow::Result<_>>()?;
    let (mut fixed, mut left, mut refused) = (0, 0, 0);
    let mut patch = String::new();
    for job in jobs(&runtime, &state, args.terms)? {
        let there = job.file.canonicalize().unwrap_or_else(|_| job.file.clone());
        if !named.is_empty() && !named.iter().any(|path| there.starts_with(path)) {
            continue;
        }
        match mended(&job) {
            Ok(None) => {}
            Ok(Some((text, edits, not_done))) => {
                left += not_done;
                fixed += edits;
                if edits == 0 {
                    continue;
                }
                if args.write {
                    write(&there, &text)?;
                } else {
                    let name = there.strip_prefix(&cwd).unwrap_or(&there).to_string_lossy().into_owned();
                    patch.push_str(&unified(&name, &job.entry.text, &text));
                }
            }
            Err(why) => {
                refused += 1;
                anstream::eprintln!("{}: {why}", printable(&job.file.display().to_string()));
            }
        }
    }
    if !patch.is_empty() {
        let terminal = std::io::stdout().is_terminal();
        let patch = if terminal { patch.lines().map(|line| shown(line) + "\n").collect() } else { patch };
        output::to_stdout(|out| Ok(out.write_all(patch.as_bytes())?))?;
    }
    if !globals.quiet {
        let places = output::counted(fixed as u64, "place", "places");
        let done = if args.write { "mended" } else { "can be mended (--write does it)" };
        anstream::eprintln!("{places} {done}");
        if left > 0 {
            anstream::eprintln!("{} must be mended by hand", output::counted(left as u64, "place", "places"));
        }
    }
    Ok(if refused > 0 { Exit::Failure } else { Exit::Success })
}

/// Open findings that a suggestion mends, by entry.
fn jobs<S: Store>(runtime: &Runtime, state: &S, terms: bool) -> anyhow::Result<Vec<Job>> {
    let mut by_entry: BTreeMap<(String, String), Vec<Finding>> = BTreeMap::new();
    for row in rows::findings(runtime, state, RunId(0), FindingQuery::default()) {
        let finding = row?.finding;
        let wanted = URLS.contains(&finding.rule.as_str()) || (terms && finding.rule == TERMS);
        if wanted && finding.state == FindingState::Open && finding.suggestion.is_some() {
            by_entry.entry((finding.source.clone(), finding.entry.clone())).or_default().push(finding);
        }
    }
    let sources = runtime.block_on(state.sources())?;
    let mut jobs = Vec::new();
    for ((name, path), findings) in by_entry {
        let Some((id, source)) = sources.iter().find(|(_, source)| source.name == name) else { continue };
        let entries = runtime.block_on(state.find_entries(path.clone()))?;
        let Some(entry) = entries.into_iter().find(|entry| entry.source == *id && entry.entry == path) else {
            continue;
        };
        jobs.push(Job { file: source.root.join(&path), entry, findings });
    }
    Ok(jobs)
}

/// The mended text, how many places changed and how many are left; `None` where nothing is to be mended any more.
fn mended(job: &Job) -> anyhow::Result<Option<(String, usize, usize)>> {
    let bytes = fs::read(&job.file).context("cannot be read")?;
    if ContentHash::of(&bytes) != job.entry.content {
        if job.findings.iter().any(|finding| still_there(job, finding, &String::from_utf8_lossy(&bytes))) {
            bail!("it changed since it was read: run `linkdrift check`, then fix");
        }
        return Ok(None);
    }
    if bytes != job.entry.text.as_bytes() {
        bail!("it is not UTF-8, and is left alone");
    }
    let wishes: Vec<Wish> = job.findings.iter().filter_map(wish).collect();
    let missing = job.findings.len() - wishes.len();
    let syntax = Syntax::of_path(&job.entry.entry);
    let mended = mend(&job.entry.text, syntax, &job.entry.read.references, &wishes);
    Ok(Some((mended.text, mended.edits.len(), mended.left + missing)))
}

fn wish(finding: &Finding) -> Option<Wish> {
    let (start, end) = finding.offset?;
    let (offset, new) = (start..end, finding.suggestion.clone()?);
    Some(match finding.rule == TERMS {
        true => Wish::Term { offset, old: finding.evidence.term.clone()?, new },
        false => Wish::Destination { offset, url: new },
    })
}

/// Whether a text that is not the one that was read has what a finding would replace.
fn still_there(job: &Job, finding: &Finding, text: &str) -> bool {
    match wish(finding) {
        // The new term may have the old one in it.
        Some(Wish::Term { old, new, .. }) => text.replace(&new, "").contains(&old),
        Some(Wish::Destination { offset, .. }) => {
            let read_then = &job.entry.read.references;
            let place = read_then.iter().find(|reference| reference.offset == offset);
            let old = place.and_then(|reference| job.entry.text.get(reference.destination.clone()));
            let now = reference::read(Syntax::of_path(&job.entry.entry), text, &ReadOptions::default());
            let mut now = now.references.iter();
            old.is_some() && now.any(|reference| text.get(reference.destination.clone()) == old)
        }
        None => false,
    }
}

/// Replaces a file in one step, its permissions kept.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("cannot write {}", file.display());
    let permissions = fs::metadata(file).with_context(failed)?.permissions();
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut beside =
        tempfile::Builder::new().prefix(".linkdrift-").tempfile_in(folder).with_context(failed)?;
    beside.write_all(text.as_bytes()).with_context(failed)?;
    beside.as_file().set_permissions(permissions).with_context(failed)?;
    beside.as_file().sync_all().with_context(failed)?;
    beside.persist(file).with_context(failed)?;
    Ok(())
}

/// A unified diff. Lines end at LF alone, as `patch` reads them.
fn unified(name: &str, old: &str, new: &str) -> String {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let diff = TextDiff::from_slices(&before, &after);
    // Every line has its end already, but for the last one, which may have none.
    let name = printable(name);
    let mut text = format!("--- a/{name}\n+++ b/{name}\n");
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let line = change.value();
            text.push_str(&format!("{}{line}", change.tag()));
            if !line.ends_with('\n') {
                text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    text
}
