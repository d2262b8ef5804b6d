//! How fast one host is asked: additive growth while it answers as fast as ever, a halving when it has too much to do.

use std::time::{Duration, Instant};

use crate::config::HostLimits;

/// Well-answered requests that lead from nothing to the ceiling, as long as a host never had too much.
const STEPS_FRESH: u32 = 80;
/// And once it had.
const STEPS_AFTER: u32 = 200;
/// No host is taken to bear more requests a second than this, however high its ceiling.
const FASTEST: f64 = 1000.0;
/// A host without any pause between its requests gets this one at its first halving.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// Times grow no longer than this beyond twice the host's best before it counts as slow.
const TOLERANCE: Duration = Duration::from_millis(250);

/// What came of one request, as far as a host's load goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It answered, and took so long to the end of the headers.
    Well(Duration),
    /// It said that it has too much to do: 429 or 503.
    Overloaded,
    /// It said nothing in time.
    Silent,
    /// Nothing that tells of load.
    Other,
}

/// One host's pace.
#[derive(Debug)]
pub(super) struct Pace {
    limits: HostLimits,
    interval: Duration,
    concurrency: usize,
    /// Well-answered requests since the concurrency grew.
    well: usize,
    /// When it was last halved; what began earlier says nothing about the pace since.
    halved: Option<Instant>,
    /// The shortest time to an answer, and the smoothed one.
    times: Option<(Duration, Duration)>,
}

impl Pace {
    pub(super) fn new(limits: HostLimits) -> Self {
        Self {
            interval: limits.start_interval.max(limits.interval),
            concurrency: limits.start_concurrency.min(limits.concurrency).max(1),
            limits,
            well: 0,
            halved: None,
            times: None,
        }
    }

    /// The time between the starts of two requests.
    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// Requests at once.
    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Takes note of a request that began at `began`. Whether the pace was halved by it.
    pub(super) fn heard(&mut self, manner: Manner, began: Instant, now: Instant) -> bool {
        match manner {
            Manner::Well(elapsed) => {
                let fast = self.is_fast(elapsed);
                if fast && self.halved.is_none_or(|halved| began >= halved) {
                    self.grow();
                }
                false
            }
            Manner::Overloaded => self.halve(began, now),
            // Who never answered at all bears no load: there the time-outs themselves bound it.
            Manner::Silent if self.times.is_some() => self.halve(began, now),
            Manner::Silent | Manner::Other => false,
        }
    }

    /// Whether the host answers about as fast as at its best.
    fn is_fast(&mut self, elapsed: Duration) -> bool {
        let (best, smoothed) = self.times.unwrap_or((elapsed, elapsed));
        let (best, smoothed) = (best.min(elapsed), (smoothed * 7 + elapsed) / 8);
        self.times = Some((best, smoothed));
        smoothed <= best * 2 + TOLERANCE
    }

    fn grow(&mut self) {
        let steps = if self.halved.is_some() { STEPS_AFTER } else { STEPS_FRESH };
        let ceiling = rate(self.limits.interval);
        let grown = rate(self.interval) + ceiling / f64::from(steps);
        if grown >= ceiling {
            self.interval = self.interval.min(self.limits.interval);
        } else {
            self.interval = self.interval.min(Duration::from_secs_f64(grown.recip()));
        }
        self.well += 1;
        if self.well >= self.concurrency {
            self.well = 0;
            self.concurrency = (self.concurrency + 1).min(self.limits.concurrency.max(1));
        }
    }

    fn halve(&mut self, began: Instant, now: Instant) -> bool {
        // Requests that were under way together are one sign, not many.
        if self.halved.is_some_and(|halved| began < halved) {
            return false;
        }
        self.halved = Some(now);
        let floor = self.limits.floor_interval.max(self.limits.interval);
        self.interval = self.interval.saturating_mul(2).max(FIRST_PAUSE).min(floor).max(self.interval);
        self.concurrency = (self.concurrency / 2).max(1);
        self.well = 0;
        true
    }
}

/// Requests a second.
fn rate(interval: Duration) -> f64 {
    interval.as_secs_f64().recip().min(FASTEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WELL: Manner = Manner::Well(Duration::from_millis(80));

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn hear(pace: &mut Pace, manner: Manner, times: usize, from: Instant) -> Instant {
        let mut now = from;
        for _ in 0..times {
            now += ms(100);
            pace.heard(manner, now - ms(80), now);
        }
        now
    }

    #[test]
    fn a_fast_host_grows_to_its_ceiling_and_not_beyond() {
        let mut pace = Pace::new(HostLimits::default());
        assert_eq!((pace.interval(), pace.concurrency()), (ms(250), 4));
        let now = hear(&mut pace, WELL, 16, Instant::now());
        assert!(pace.interval() > ms(100) && pace.interval() < ms(130), "additive: {:?}", pace.interval());
        hear(&mut pace, WELL, 500, now);
        assert_eq!((pace.interval(), pace.concurrency()), (ms(50), 8));
    }

    #[test]
    fn too_much_halves_down_to_the_floor() {
        let mut pace = Pace::new(HostLimits::default());
        let mut now = Instant::now();
        let mut seen = Vec::new();
        for _ in 0..8 {
            now = hear(&mut pace, Manner::Overloaded, 1, now);
            seen.push((pace.interval().as_millis(), pace.concurrency()));
        }
        let intervals = [500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000];
        assert_eq!(seen.iter().map(|(interval, _)| *interval).collect::<Vec<_>>(), intervals);
        assert_eq!(seen.iter().map(|(_, at_once)| *at_once).collect::<Vec<_>>(), [2, 1, 1, 1, 1, 1, 1, 1]);
        hear(&mut pace, WELL, 20, now);
        assert!(pace.interval() < ms(600), "it comes back: {:?}", pace.interval());
    }

    #[test]
    fn requests_that_were_under_way_together_are_one_sign() {
        let mut pace = Pace::new(HostLimits::default());
        let (began, now) = (Instant::now(), Instant::now() + ms(100));
        assert!(pace.heard(Manner::Overloaded, began, now));
        assert!(!pace.heard(Manner::Overloaded, began, now + ms(10)));
        assert!(!pace.heard(WELL, began, now + ms(10)));
        assert_eq!(pace.interval(), ms(500));
        assert!(pace.heard(Manner::Overloaded, now + ms(20), now + ms(50)));
    }

    #[test]
    fn a_host_that_slows_down_grows_no_more() {
        let mut pace = Pace::new(HostLimits::default());
        let now = hear(&mut pace, WELL, 4, Instant::now());
        let now = hear(&mut pace, Manner::Well(ms(5000)), 10, now);
        let before = pace.interval();
        hear(&mut pace, Manner::Well(ms(5000)), 10, now);
        assert_eq!(pace.interval(), before);
    }

    #[test]
    fn silence_counts_only_from_a_host_that_answered_before() {
        let mut pace = Pace::new(HostLimits::default());
        let now = hear(&mut pace, Manner::Silent, 5, Instant::now());
        assert_eq!((pace.interval(), pace.concurrency()), (ms(250), 4));
        let now = hear(&mut pace, WELL, 1, now);
        hear(&mut pace, Manner::Silent, 1, now);
        assert!(pace.interval() > ms(400) && pace.concurrency() == 2);
    }

    #[test]
    fn a_named_limit_is_ceiling_and_start() {
        let limits = HostLimits::default().with_concurrency(2).with_interval(Duration::from_secs(20));
        let mut pace = Pace::new(limits);
        hear(&mut pace, WELL, 100, Instant::now());
        assert_eq!((pace.interval(), pace.concurrency()), (Duration::from_secs(20), 2));
        hear(&mut pace, Manner::Overloaded, 3, Instant::now());
        assert_eq!(pace.interval(), Duration::from_secs(20), "the floor is never above the ceiling");
        let mut pace = Pace::new(HostLimits::default().with_interval(Duration::ZERO));
        assert_eq!(pace.interval(), Duration::ZERO);
        let now = hear(&mut pace, Manner::Overloaded, 1, Instant::now());
        assert_eq!(pace.interval(), FIRST_PAUSE);
        hear(&mut pace, WELL, 2 * STEPS_AFTER as usize, now);
        assert_eq!(pace.interval(), Duration::ZERO);
    }

    proptest! {
        /// Whatever is heard, the pace lies between ceiling and floor.
        #[test]
        fn a_pace_stays_within_its_limits(
            heard in prop::collection::vec((0u8..4, 0u64..30_000, 0u64..5_000), 0..400),
            concurrency in 1usize..20,
            start_concurrency in 0usize..30,
            interval in 0u64..12_000,
            start in 0u64..12_000,
            floor in 0u64..12_000,
        ) {
            let limits = HostLimits {
                concurrency,
                start_concurrency,
                interval: ms(interval),
                start_interval: ms(start),
                floor_interval: ms(floor),
            };
            let mut pace = Pace::new(limits);
            let mut now = Instant::now();
            let longest = ms(interval).max(ms(start)).max(ms(floor));
            for (manner, elapsed, later) in heard {
                now += ms(later);
                let manner = match manner {
                    0 => Manner::Well(ms(elapsed)),
                    1 => Manner::Overloaded,
                    2 => Manner::Silent,
                    _ => Manner::Other,
                };
                pace.heard(manner, now.checked_sub(ms(elapsed)).unwrap_or(now), now);
                prop_assert!(pace.interval() >= ms(interval) && pace.interval() <= longest);
                prop_assert!((1..=concurrency).contains(&pace.concurrency()));
            }
        }
    }
}
