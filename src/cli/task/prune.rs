//! The task `prune`: what `[retention]` does not keep is removed, piece by piece.

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::super::output::counted;
use crate::config::Config;
use crate::daemon::TaskEnd;
use crate::store::{Pruned, Retention, Store};
use crate::time::{Clock, SystemClock, Timestamp};

/// Prunes until there is nothing left to remove. What was removed before a stop stays removed.
pub(in crate::cli) async fn perform(
    store: &impl Store,
    config: &Config,
    cancel: &CancellationToken,
) -> anyhow::Result<TaskEnd> {
    let retention = retention(config, SystemClock.now());
    let (mut pruned, mut next) = (Pruned::default(), None);
    loop {
        if cancel.is_cancelled() {
            return Ok(TaskEnd::Cancelled);
        }
        let (removed, rest) = store.prune(retention, next).await?;
        pruned += removed;
        match rest {
            Some(rest) => next = Some(rest),
            None => return Ok(TaskEnd::Done(in_words(&pruned))),
        }
    }
}

fn retention(config: &Config, now: Timestamp) -> Retention {
    let before = |age: std::time::Duration| {
        let age = TimeDelta::from_std(age).ok();
        age.and_then(|age| now.checked_sub_signed(age)).unwrap_or(Timestamp::MIN_UTC)
    };
    let settings = &config.retention;
    Retention {
        bodies_before: before(settings.bodies),
        snapshots_before: before(settings.snapshots),
        snapshots_per_target: settings.snapshots_per_target,
        history_before: before(settings.history),
    }
}

fn in_words(pruned: &Pruned) -> String {
    let parts: Vec<String> = [
        (pruned.bodies, "body", "bodies"),
        (pruned.pages, "text", "texts"),
        (pruned.intervals, "stretch of history", "stretches of history"),
        (pruned.findings, "resolved finding", "resolved findings"),
        (pruned.entries, "entry that is gone", "entries that are gone"),
        (pruned.targets, "target that nothing names", "targets that nothing names"),
        (pruned.runs, "summary of a run", "summaries of runs"),
    ]
    .into_iter()
    .filter(|(count, _, _)| *count > 0)
    .map(|(count, one, many)| counted(count, one, many))
    .collect();
    match parts.is_empty() {
        true => "nothing to remove".to_owned(),
        false => format!("removed {}", parts.join(", ")),
    }
}
