//! The task `sync`: sources in git are brought up to date, and what changed in them is read.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::bail;
use tokio_util::sync::CancellationToken;

use super::super::output::counted;
use crate::config::{Config, GitSource, Schedule, SourceSettings};
use crate::daemon::TaskEnd;
use crate::pipeline::Pipeline;
use crate::source::git::{self, SyncError, Synced};
use crate::source::{Chosen, Selection, Source};
use crate::store::sqlite::SqliteStore;
use crate::time::SystemClock;

/// Brings every source in git that the schedule covers up to date. One that cannot be keeps the tree that it has, and the others are
/// brought up to date all the same.
pub(super) async fn perform(
    store: &SqliteStore,
    config: &Arc<Config>,
    schedule: &Schedule,
    cancel: &CancellationToken,
) -> anyhow::Result<TaskEnd> {
    let sources = in_git(config, schedule);
    if sources.is_empty() {
        bail!("schedule {}: no source in git: a [[source]] with `git = \"https://…\"` is one", schedule.name);
    }
    let (mut done, mut failed, mut selections) = (Vec::new(), Vec::new(), Vec::new());
    for (settings, source) in sources {
        match git::sync(source, git::TIMEOUT, cancel).await {
            Ok(synced) => {
                done.push(format!("{}: {}", settings.name, in_words(&synced)));
                selections.extend(changed(settings, source, &synced)?);
            }
            Err(SyncError::Cancelled) => return Ok(TaskEnd::Cancelled),
            Err(error) => {
                let kept =
                    if git::is_there(source) { "the tree of before stays" } else { "there is no tree yet" };
                failed.push(format!("{}: {error}; {kept}", settings.name));
            }
        }
    }
    if !selections.is_empty() {
        let pipeline =
            Pipeline { store: store.clone(), config: config.clone(), clock: Arc::new(SystemClock) };
        let (_, end) = pipeline.read(&schedule.name, &selections).await?;
        done.push(format!("{} read", counted(end.summary.entries, "entry", "entries")));
    }
    match failed.is_empty() {
        true => Ok(TaskEnd::Done(done.join("; "))),
        false => Ok(TaskEnd::Failed([failed, done].concat().join("; "))),
    }
}

/// Fetches the sources in git of a check that have no tree yet; says whether that was told to stop.
pub(in crate::cli) async fn fetch_missing(
    config: &Config,
    schedule: &Schedule,
    cancel: &CancellationToken,
) -> anyhow::Result<Option<TaskEnd>> {
    for (settings, source) in in_git(config, schedule) {
        if git::is_there(source) {
            continue;
        }
        tracing::info!(source.name = settings.name, "fetched for the first time");
        match git::sync(source, git::TIMEOUT, cancel).await {
            Ok(_) => {}
            Err(SyncError::Cancelled) => return Ok(Some(TaskEnd::Cancelled)),
            Err(error) => bail!("source {}: {error}", settings.name),
        }
    }
    Ok(None)
}

fn in_git<'c>(config: &'c Config, schedule: &Schedule) -> Vec<(&'c SourceSettings, &'c GitSource)> {
    let covered = config.sources.iter().filter(|source| schedule.covers_source(&source.name));
    covered.filter_map(|source| Some((source, source.git.as_ref()?))).collect()
}

/// The entries among the files that changed; all where everything is new.
fn changed(settings: &SourceSettings, git: &GitSource, synced: &Synced) -> anyhow::Result<Option<Selection>> {
    let mut selection = Selection::whole(Source::from(settings));
    let Some(changed) = &synced.changed else { return Ok(Some(selection)) };
    let changed: HashSet<_> = changed.iter().map(|path| git.tree.join(path)).collect();
    let (mut files, _) = selection.files()?;
    files.retain(|file| changed.contains(&file.file));
    selection.whole = false;
    selection.chosen = Chosen::Some { folders: Vec::new(), files };
    Ok((!selection.is_empty()?).then_some(selection))
}

fn in_words(synced: &Synced) -> String {
    let commit = synced.commit.get(..12).unwrap_or(&synced.commit);
    match &synced.changed {
        None => format!("fetched, now at {commit}"),
        Some(changed) if changed.is_empty() => format!("nothing new since {commit}"),
        Some(changed) => {
            format!("{} changed, now at {commit}", counted(changed.len() as u64, "file", "files"))
        }
    }
}
