//! `[recheck]`: how soon a target is visited again by schedules, and how much one run of a schedule visits.

use std::time::Duration;

use super::check::Checker;
use super::in_words;
use super::written;

const DAY: Duration = Duration::from_secs(86_400);

/// How soon a target is visited again (SPEC §3), and how much one run visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecheckSettings {
    /// No target that is not failing is visited sooner after its last visit.
    pub min: Duration,
    /// Every target is visited at least that often, as far as schedules and budgets allow.
    pub max: Duration,
    /// Targets that one run visits.
    pub max_visits: usize,
    /// Targets of one host that one run visits.
    pub max_visits_per_host: usize,
}

impl Default for RecheckSettings {
    fn default() -> Self {
        Self { min: DAY, max: 14 * DAY, max_visits: 100_000, max_visits_per_host: 20_000 }
    }
}

/// Takes the settings over.
pub(super) fn read(check: &mut Checker<'_>, written: &written::Recheck, settings: &mut RecheckSettings) {
    let minute = Duration::from_secs(60);
    check.span(&written.min, "min", minute, 365 * DAY, &mut settings.min);
    check.span(&written.max, "max", minute, 3650 * DAY, &mut settings.max);
    check.count(&written.max_visits, "max_visits", 1, 100_000_000, &mut settings.max_visits);
    let key = "max_visits_per_host";
    check.count(&written.max_visits_per_host, key, 1, 100_000_000, &mut settings.max_visits_per_host);
    if settings.min > settings.max {
        match (&written.min, &written.max) {
            // What is not said gives way to what is.
            (Some(_), None) => settings.max = settings.min,
            (None, Some(_)) => settings.min = settings.max,
            (Some(at), Some(_)) => {
                check.wrong(at, format!("`min` is longer than `max`, which is {}", in_words(settings.max)));
            }
            (None, None) => {}
        }
    }
}
