//! The first part of a run: sources → entries → references → targets, into the store.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{Pipeline, RunEnd, RunError};
use crate::config::Config;
use crate::reference;
use crate::rule;
use crate::snapshot::ContentHash;
use crate::source::{Cause, EntryFile, Selection, Source};
use crate::store::{EntryRecord, RunId, SourceId, SourceRecord, Store};
use crate::target::{self, ResolveBase};

/// Entries that go to the store together.
const BATCH: usize = 200;

/// What came of a file.
enum Taken {
    /// It was read, or is there and could not be: then the state keeps what it knows of it.
    Entry(Box<EntryRecord>),
    /// It vanished since its folder was read.
    Vanished(String),
    /// The machine has run out of something: what is read next may fail alike, and says nothing of the files.
    Starved(String),
}

/// Reads every selected entry and records it with its references and their targets. Only what is seen to be gone is taken for gone: what
/// lies in a folder that could not be read, or vanished meanwhile, stays what it was until a run can tell.
pub(super) async fn read<S: Store>(
    pipeline: &Pipeline<S>,
    run: RunId,
    selections: &[Selection],
    end: &mut RunEnd,
) -> Result<(), RunError> {
    for selection in selections {
        let of = &selection.source;
        let id = pipeline
            .store
            .put_source(SourceRecord {
                name: of.name.clone(),
                root: of.root.clone(),
                base_url: of.base_url.as_ref().map(ToString::to_string),
                locale: of.locale.clone(),
                group: of.group.clone(),
            })
            .await?;
        let (files, problems) = selection.files().map_err(|error| RunError::Source(error.to_string()))?;
        let mut kept = HashSet::new();
        for problem in problems {
            if problem.cause == Cause::Machine {
                return Err(starved(&selection.say(&problem)));
            }
            end.note(selection.say(&problem));
            kept.insert(problem.path);
        }
        // Asked for again here, for a mount can go between the look at the sources and now.
        if selection.whole && files.is_empty() && kept.is_empty() {
            let root = of.root.display();
            return Err(RunError::Source(format!("source {}: no entry in {root}", of.name)));
        }
        let (sender, mut batches) = tokio::sync::mpsc::channel(2);
        let (source, config) = (of.clone(), pipeline.config.clone());
        let reader = tokio::task::spawn_blocking(move || parse(&source, &files, id, &config, &sender));
        while let Some(taken) = batches.recv().await {
            let mut batch = Vec::with_capacity(taken.len());
            for taken in taken {
                match taken {
                    Taken::Entry(entry) => batch.push(*entry),
                    Taken::Vanished(path) => {
                        end.note(format!("{}: {path}: vanished while the entries were read", of.name));
                        kept.insert(path);
                    }
                    Taken::Starved(why) => return Err(starved(&format!("{}: {why}", of.name))),
                }
            }
            end.summary.entries += batch.len() as u64;
            end.summary.references +=
                batch.iter().map(|entry| entry.read.references.len() as u64).sum::<u64>();
            pipeline.store.record_entries(run, batch).await?;
        }
        reader.await.map_err(|error| RunError::Stage(error.to_string()))?;
        if selection.whole {
            pipeline.store.finish_source(run, id, kept).await?;
        }
    }
    Ok(())
}

fn starved(what: &str) -> RunError {
    RunError::Source(format!(
        "{what}: nothing is judged by what could be read so; raise the limits of this machine"
    ))
}

/// Parses entries on all cores and hands them over in batches, in the order of the files: what a run comes to is the same each time.
fn parse(
    source: &Source,
    files: &[EntryFile],
    id: SourceId,
    config: &Config,
    batches: &tokio::sync::mpsc::Sender<Vec<Taken>>,
) {
    let workers = thread::available_parallelism().map_or(2, usize::from);
    for files in files.chunks(BATCH) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut taken = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(file) = files.get(at) else { return taken };
                taken.push((at, entry(source, file, id, config)));
            }
        };
        let mut taken = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers.min(files.len())).map(|_| scope.spawn(work)).collect();
            let joined =
                workers.into_iter().map(|worker| worker.join().unwrap_or_else(|bug| resume_unwind(bug)));
            joined.flatten().collect::<Vec<_>>()
        });
        taken.sort_unstable_by_key(|(at, _)| *at);
        // Nobody listens only where the run has failed already.
        if batches.blocking_send(taken.into_iter().map(|(_, taken)| taken).collect()).is_err() {
            return;
        }
    }
}

/// Reads one entry and says what becomes of each of its references.
fn entry(source: &Source, file: &EntryFile, id: SourceId, config: &Config) -> Taken {
    let reference::Entry { content, text, read, unread } = reference::read_file(source, file);
    match unread {
        Some(Cause::Vanished) => return Taken::Vanished(file.path.clone()),
        Some(Cause::Machine) => {
            let why = read.problems.first().map_or("cannot be read", |problem| problem.message.as_str());
            return Taken::Starved(format!("{}: {why}", file.path));
        }
        Some(Cause::Itself) | None => {}
    }
    let base = ResolveBase { base_url: source.base_url.as_ref(), entry: &file.path };
    let resolutions = read
        .references
        .iter()
        .map(|reference| target::resolve(reference, &base, &config.scope, &config.host_table))
        .collect();
    let mut shown: Vec<_> = read
        .references
        .iter()
        .filter_map(rule::shown_url)
        .filter(|url| target::in_scope(url, &config.scope))
        .filter(|url| !config.host_table.is_placeholder(url.url().host_str().unwrap_or_default()))
        .collect();
    shown.sort_unstable();
    shown.dedup();
    Taken::Entry(Box::new(EntryRecord {
        source: id,
        entry: file.path.clone(),
        content: ContentHash(content),
        text,
        read,
        resolutions,
        shown,
    }))
}
