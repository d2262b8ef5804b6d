//! The progress bar: on a terminal only, and on standard error.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::visit::{Progress, ProgressNow};

/// How often the bar is looked at.
const TICK: Duration = Duration::from_millis(200);

/// A bar that follows a run until it is finished.
pub(super) struct Bar {
    progress: Arc<Progress>,
    drawing: Option<(ProgressBar, JoinHandle<()>)>,
}

impl Bar {
    /// Starts drawing, unless it is not wanted or nobody would see it.
    pub(super) fn start(runtime: &Runtime, wanted: Wanted) -> Self {
        let progress = Arc::new(Progress::default());
        if wanted == Wanted::No || !std::io::stderr().is_terminal() {
            return Self { progress, drawing: None };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} targets  {wide_msg}") {
            bar.set_style(style);
        }
        let (followed, shown) = (progress.clone(), bar.clone());
        let task = runtime.spawn(async move {
            let mut tick = tokio::time::interval(TICK);
            loop {
                tick.tick().await;
                let now = followed.now();
                shown.set_length(now.total);
                shown.set_position(now.done);
                shown.set_message(message(&now));
            }
        });
        Self { progress, drawing: Some((bar, task)) }
    }

    /// What the run reports to.
    pub(super) fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        if let Some((bar, task)) = self.drawing {
            task.abort();
            bar.finish_and_clear();
        }
    }
}

/// Whether a bar is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// On a terminal.
    Yes,
    /// `--no-progress`, `--quiet`.
    No,
}

impl Wanted {
    /// Wanted, unless silence was asked for.
    pub(super) fn unless(silent: bool) -> Self {
        if silent { Self::No } else { Self::Yes }
    }
}

/// What bounds the run, and for how long.
fn message(now: &ProgressNow) -> String {
    match &now.slowest {
        Some((host, left)) if left.as_secs() > 0 => {
            format!("{} in flight, at least {} for {host}", now.in_flight, in_words(*left))
        }
        _ => format!("{} in flight", now.in_flight),
    }
}

/// `45 s`, `12 min`, `3 h 20 min`.
fn in_words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_words() {
        let words = [0, 119, 120, 7199, 7200, 12_000].map(|seconds| in_words(Duration::from_secs(seconds)));
        assert_eq!(words, ["0 s", "119 s", "2 min", "120 min", "2 h 0 min", "3 h 20 min"]);
    }
}
