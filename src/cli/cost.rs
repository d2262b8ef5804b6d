//! `linkdrift links --summary`: what a first run will cost.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use serde::Serialize;

use super::output::counted;
use crate::config::Config;
use crate::target::HostKey;

/// Hosts that are shown.
const FULLEST: usize = 10;

/// What visiting every target once comes to (schema `linkdrift/links-summary/1`). One request for each: redirects, robots.txt and
/// repeats come on top.
#[derive(Debug, Serialize)]
pub(super) struct Cost {
    schema: &'static str,
    entries: u64,
    references: u64,
    targets: u64,
    hosts: u64,
    /// At the rates that hosts allow at most: that of the host that takes longest.
    at_limits_ms: u64,
    /// At the rates that hosts begin with: that of the host that takes longest.
    at_start_ms: u64,
    /// Hosts with the most targets, the fullest first.
    fullest: Vec<HostCost>,
}

#[derive(Debug, Serialize)]
struct HostCost {
    host: String,
    targets: u64,
    at_limits_ms: u64,
    at_start_ms: u64,
}

impl Cost {
    /// Of so many targets by host.
    pub(super) fn of(
        entries: u64,
        references: u64,
        by_host: &HashMap<HostKey, u64>,
        config: &Config,
    ) -> Self {
        let mut all: Vec<HostCost> = by_host
            .iter()
            .map(|(host, targets)| {
                let limits = config.visit_at(host.as_str()).host;
                HostCost {
                    host: host.to_string(),
                    targets: *targets,
                    at_limits_ms: time(*targets, limits.interval),
                    at_start_ms: time(*targets, limits.start_interval),
                }
            })
            .collect();
        all.sort_by(|a, b| (b.targets, &a.host).cmp(&(a.targets, &b.host)));
        let longest = |of: fn(&HostCost) -> u64| all.iter().map(of).max().unwrap_or_default();
        let cost = Self {
            schema: "linkdrift/links-summary/1",
            entries,
            references,
            targets: all.iter().map(|host| host.targets).sum(),
            hosts: all.len() as u64,
            at_limits_ms: longest(|host| host.at_limits_ms),
            at_start_ms: longest(|host| host.at_start_ms),
            fullest: Vec::new(),
        };
        all.truncate(FULLEST);
        Self { fullest: all, ..cost }
    }

    /// For people.
    pub(super) fn write_text(&self, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(
            out,
            "{} in {} name {} on {}",
            counted(self.references, "reference", "references"),
            counted(self.entries, "entry", "entries"),
            counted(self.targets, "target", "targets"),
            counted(self.hosts, "host", "hosts"),
        )?;
        if self.targets == 0 {
            return Ok(());
        }
        let width = self.fullest.iter().map(|host| host.host.len()).max().unwrap_or_default().max(13);
        writeln!(
            out,
            "\n  {:width$}  {:>9}  {:>9}  {:>13}",
            "fullest hosts", "targets", "at limits", "at their start"
        )?;
        for host in &self.fullest {
            let (limits, start) = (in_words(host.at_limits_ms), in_words(host.at_start_ms));
            writeln!(out, "  {:width$}  {:>9}  {limits:>9}  {start:>14}", host.host, host.targets)?;
        }
        writeln!(
            out,
            "\nA first run takes {} where hosts answer fast, and up to {} at the pace that they begin with; redirects, robots.txt and repeats \
             come on top.",
            in_words(self.at_limits_ms),
            in_words(self.at_start_ms)
        )
    }
}

/// What so many requests need, one every `interval`; the first needs not wait.
fn time(requests: u64, interval: Duration) -> u64 {
    let interval = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
    requests.saturating_sub(1).saturating_mul(interval)
}

/// `2d 3h`, `4h 5m`, `6m 7s`, `8s`: two units at most.
fn in_words(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let largest = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(3);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (unit, name) in units.iter().skip(largest).take(2) {
        if rest >= *unit || words.is_empty() {
            words.push(format!("{}{name}", rest / unit));
        }
        rest %= unit;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_slowest_host_says_how_long_it_takes() {
        let text = "[[host]]\nmatch = \"slow.example.org\"\nrate = \"1/10s\"\n";
        let config = crate::config::parse(text, Path::new("linkdrift.toml"), Path::new("/r")).unwrap();
        let host = |name: &str| HostKey::from_stored(name.to_owned());
        let by_host =
            [(host("full.example.org"), 2001), (host("slow.example.org"), 361), (host("one.example.org"), 1)];
        let cost = Cost::of(7, 3000, &by_host.into_iter().collect(), &config);
        assert_eq!((cost.targets, cost.hosts), (2363, 3));
        // 2,000 intervals of 50 ms at most, of 250 ms in the beginning; 360 of 10 s either way.
        assert_eq!((cost.fullest[0].at_limits_ms, cost.fullest[0].at_start_ms), (100_000, 500_000));
        assert_eq!((cost.at_limits_ms, cost.at_start_ms), (3_600_000, 3_600_000));
        assert_eq!(cost.fullest[1].host, "slow.example.org");
        assert_eq!(cost.fullest[2].at_start_ms, 0);
    }

    #[test]
    fn spans_in_words() {
        for (ms, words) in [(0, "0s"), (1, "1s"), (61_000, "1m 1s"), (3_600_000, "1h"), (93_784_000, "1d 2h")]
        {
            assert_eq!(in_words(ms), words);
        }
    }
}
