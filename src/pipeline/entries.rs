//! The first half of a run: sources → entries → references → targets, into the store.

use std::sync::mpsc;
use std::thread;

use super::{Pipeline, Request, RunEnd, RunError};
use crate::config::Config;
use crate::snapshot::ContentHash;
use crate::source::{self, EntryFile, Selection};
use crate::store::{EntryRecord, RunId, SourceId, SourceRecord, Store};
use crate::target;

/// Entries that go to the store together.
const BATCH: usize = 200;

/// Reads every selected entry and records it with its references and their targets.
pub(super) async fn read<S: Store>(
    pipeline: &Pipeline<S>,
    run: RunId,
    request: &Request,
    end: &mut RunEnd,
) -> Result<(), RunError> {
    for selection in &request.selections {
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
        let (sender, mut batches) = tokio::sync::mpsc::channel(2);
        let (selection_, config) = (selection.clone(), pipeline.config.clone());
        let reader = tokio::task::spawn_blocking(move || parse(&selection_, id, &config, &sender));
        while let Some(batch) = batches.recv().await {
            end.summary.entries += batch.len() as u64;
            end.summary.references +=
                batch.iter().map(|entry: &EntryRecord| entry.read.references.len() as u64).sum::<u64>();
            pipeline.store.record_entries(run, batch).await?;
        }
        for problem in reader.await.map_err(|error| RunError::Stage(error.to_string()))? {
            end.note(problem);
        }
        if selection.whole {
            pipeline.store.finish_source(run, id).await?;
        }
    }
    Ok(())
}

/// Parses the selection's entries on all cores and hands them over in batches; gives what is wrong with the tree itself.
fn parse(
    selection: &Selection,
    id: SourceId,
    config: &Config,
    batches: &tokio::sync::mpsc::Sender<Vec<EntryRecord>>,
) -> Vec<String> {
    let (files, problems) = selection.files();
    let workers = thread::available_parallelism().map_or(2, usize::from).min(files.len().max(1));
    let (sender, parsed) = mpsc::sync_channel::<EntryRecord>(BATCH);
    let next = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next, files) = (sender.clone(), &next, &files);
            scope.spawn(move || {
                while let Some(file) = files.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    if sender.send(entry(selection, id, file, config)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut batch = Vec::with_capacity(BATCH);
        for record in parsed {
            batch.push(record);
            if batch.len() == BATCH && batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                return;
            }
        }
        if !batch.is_empty() {
            let _ = batches.blocking_send(batch);
        }
    });
    problems
}

/// Reads one entry and says what becomes of each of its references.
fn entry(selection: &Selection, id: SourceId, file: &EntryFile, config: &Config) -> EntryRecord {
    let read = source::entry(&selection.source, file);
    let base = target::ResolveBase {
        base_url: selection.source.base_url.as_ref(),
        entry: &file.path,
    };
    let resolutions = read
        .read
        .references
        .iter()
        .map(|reference| target::resolve(reference, &base, &config.scope, &config.host_table))
        .collect();
    EntryRecord {
        source: id,
        entry: file.path.clone(),
        content: ContentHash(read.content),
        text: read.text,
        read: read.read,
        resolutions,
    }
}
