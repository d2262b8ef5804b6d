//! The task `sync`: sources in git are brought up to date, and what changed in them is read.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use tokio_util::sync::CancellationToken;

use super::super::output::counted;
use crate::config::{Config, GitSource, Schedule, SourceSettings};
use crate::daemon::TaskEnd;
use crate::pipeline::Pipeline;
use crate::source::git::{self, How, Mark, SyncError, Synced};
use crate::source::{Chosen, Selection, Source};
use crate::store::sqlite::SqliteStore;
use crate::store::{RunRecord, Store};
use crate::time::SystemClock;

/// The runs among which that of a mark is looked for; behind an older one everything is read again.
const RUNS: usize = 1000;

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
        // One that names none is there for sources to come.
        if schedule.sources.is_empty() {
            return Ok(TaskEnd::Done("no source is in git: nothing to do".to_owned()));
        }
        bail!("schedule {}: no source in git: a [[source]] with `git = \"https://…\"` is one", schedule.name);
    }
    let runs = store.runs(RUNS).await?;
    let (mut done, mut failed, mut selections, mut unread) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (settings, source) in sources {
        let synced = match git::sync(source, git::TIMEOUT, cancel).await {
            Ok(synced) => synced,
            // What was synced so far is not marked as read: the next sync reads it.
            Err(SyncError::Cancelled) => return Ok(TaskEnd::Cancelled),
            Err(error) => {
                let kept =
                    if git::is_there(source) { "the tree of before stays" } else { "there is no tree yet" };
                failed.push(format!("{}: {error}; {kept}", settings.name));
                continue;
            }
        };
        let (known, changed) = match since_read(source, &synced, &runs, cancel).await {
            Ok(known) => known,
            Err(SyncError::Cancelled) => return Ok(TaskEnd::Cancelled),
            Err(error) => {
                failed.push(format!("{}: {error}", settings.name));
                continue;
            }
        };
        done.push(format!("{}: {}", settings.name, in_words(&synced, changed.as_deref())));
        match (selected(settings, source, changed)?, known) {
            (Some(selection), _) => {
                selections.push(selection);
                unread.push((source, synced.commit));
            }
            // Nothing of it is an entry: what was read of the commit of before is that of this one.
            (None, Some(read)) if read.commit != synced.commit => {
                mark(source, read.name, synced.commit, cancel).await;
            }
            (None, _) => {}
        }
    }
    if !selections.is_empty() {
        let pipeline =
            Pipeline { store: store.clone(), config: config.clone(), clock: Arc::new(SystemClock) };
        let (run, end) = pipeline.read(&schedule.name, &selections).await?;
        done.push(format!("{} read", counted(end.summary.entries, "entry", "entries")));
        let ran = store.runs(RUNS).await?.into_iter().find(|ran| ran.id == run);
        for (source, commit) in unread {
            let Some(name) = ran.as_ref().map(name_of_mark) else { break };
            mark(source, name, commit, cancel).await;
        }
    }
    match failed.is_empty() {
        true => Ok(TaskEnd::Done(done.join("; "))),
        false => Ok(TaskEnd::Failed([failed, done].concat().join("; "))),
    }
}

/// Notes what was read. Without that the next sync reads more than it must.
async fn mark(source: &GitSource, name: String, commit: String, cancel: &CancellationToken) {
    if let Err(error) = git::mark(source, &Mark { name, commit }, cancel).await {
        tracing::debug!(error.message = %error, "what was read could not be marked");
    }
}

/// The commit that this very state has read, if there is one, and the files that changed since; `None` where that cannot be told.
async fn since_read(
    source: &GitSource,
    synced: &Synced,
    runs: &[RunRecord],
    cancel: &CancellationToken,
) -> Result<(Option<Mark>, Option<Vec<PathBuf>>), SyncError> {
    let marks = git::marks(source, cancel).await?;
    // A state that was restored, or is another one, does not know the run.
    let read = runs.iter().filter(|run| run.finished_at.is_some()).map(name_of_mark);
    let mut read = read.filter_map(|name| marks.iter().find(|mark| mark.name == name).cloned());
    let Some(mark) = read.next() else { return Ok((None, None)) };
    let changed = git::changed(source, (&mark.commit, &synced.commit), cancel).await?;
    Ok((Some(mark), changed))
}

/// A run by its number and its beginning: states that come from one backup number theirs alike.
fn name_of_mark(run: &RunRecord) -> String {
    format!("{}-{}", run.id.0, run.started_at.timestamp())
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

/// The entries among the files that changed; all where that is not known. `None` where there are none.
fn selected(
    settings: &SourceSettings,
    git: &GitSource,
    changed: Option<Vec<PathBuf>>,
) -> anyhow::Result<Option<Selection>> {
    let mut selection = Selection::whole(Source::from(settings));
    let Some(changed) = changed else { return Ok(Some(selection)) };
    let changed: HashSet<_> = changed.iter().map(|path| git.tree.join(path)).collect();
    let (mut files, _) = selection.files()?;
    files.retain(|file| changed.contains(&file.file));
    selection.whole = false;
    selection.chosen = Chosen::Some { folders: Vec::new(), files };
    Ok((!selection.is_empty()?).then_some(selection))
}

/// What was done, and what of it is new to the state.
fn in_words(synced: &Synced, changed: Option<&[PathBuf]>) -> String {
    let commit = synced.commit.get(..12).unwrap_or(&synced.commit);
    match (&synced.how, changed) {
        (How::Replaced(why), _) => format!("was damaged ({why}): cloned anew, now at {commit}"),
        (How::Cloned, _) => format!("fetched, now at {commit}"),
        (How::Updated, None) => format!("read anew, now at {commit}"),
        (How::Updated, Some([])) => format!("nothing new since {commit}"),
        (How::Updated, Some(changed)) => {
            format!("{} changed, now at {commit}", counted(changed.len() as u64, "file", "files"))
        }
    }
}
