//! The limits of hosts that no `[[host]]` names: ceiling, start and floor of rate and concurrency.

use std::time::Duration;

use super::HostLimits;
use super::check::Checker;
use super::written::{At, Rate, Visit};

/// Takes the limits over. A key that names a ceiling sets the start alike, unless the start has a key of its own.
pub(super) fn read(check: &mut Checker<'_>, written: &Visit, limits: &mut HostLimits) {
    if written.host_concurrency.is_some() {
        let mut concurrency = limits.concurrency;
        check.count(&written.host_concurrency, "host_concurrency", 1, 1024, &mut concurrency);
        *limits = limits.with_concurrency(concurrency);
    }
    if let Some(rate) = &written.host_rate {
        *limits = limits.with_interval(rate.get_ref().0);
    }
    let (key, most) = ("host_start_concurrency", limits.concurrency as u64);
    check.count(&written.host_start_concurrency, key, 1, most, &mut limits.start_concurrency);
    interval(&written.host_start_rate, &mut limits.start_interval);
    interval(&written.host_floor_rate, &mut limits.floor_interval);
    if let Some(at) = written.host_start_rate.as_ref().filter(|_| limits.start_interval < limits.interval) {
        check.wrong(at, "`host_start_rate` is faster than `host_rate`, which is the ceiling".to_owned());
    }
    let slowest = limits.start_interval.max(limits.interval);
    match &written.host_floor_rate {
        Some(at) if limits.floor_interval < slowest => {
            check.wrong(at, "`host_floor_rate` is faster than the rate that a host starts with".to_owned());
        }
        _ => limits.floor_interval = limits.floor_interval.max(slowest),
    }
}

fn interval(at: &At<Rate>, value: &mut Duration) {
    if let Some(at) = at {
        *value = at.get_ref().0;
    }
}
