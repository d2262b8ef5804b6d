//! `[retention]`: what `prune` leaves in the state.

use std::time::Duration;

use super::check::Checker;
use super::written;

const DAY: Duration = Duration::from_secs(86_400);

/// What is kept, by age and by count. What an open finding, a baseline or a review needs is kept whatever these say, and so is the newest
/// of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionSettings {
    /// How long the body of a page is kept once a newer one is there.
    pub bodies: Duration,
    /// How long the readable text of a page is kept once a newer one is there.
    pub snapshots: Duration,
    /// Texts that are kept of one target, at most; the newest two always are.
    pub snapshots_per_target: usize,
    /// How long history is kept: stretches of time in which nothing changed, resolved findings, entries that are gone, what runs said.
    pub history: Duration,
    /// Copies of the state that the task `backup` leaves.
    pub backups: usize,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self {
            bodies: 90 * DAY,
            snapshots: 730 * DAY,
            snapshots_per_target: 50,
            history: 730 * DAY,
            backups: 7,
        }
    }
}

/// Takes the settings over.
pub(super) fn read(check: &mut Checker<'_>, written: &written::Retention, settings: &mut RetentionSettings) {
    let long = 36_500 * DAY;
    check.span(&written.bodies, "bodies", Duration::ZERO, long, &mut settings.bodies);
    check.span(&written.snapshots, "snapshots", DAY, long, &mut settings.snapshots);
    let key = "snapshots_per_target";
    check.count(&written.snapshots_per_target, key, 2, 1_000_000, &mut settings.snapshots_per_target);
    check.span(&written.history, "history", DAY, long, &mut settings.history);
    check.count(&written.backups, "backups", 1, 10_000, &mut settings.backups);
}
