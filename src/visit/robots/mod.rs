//! robots.txt (RFC 9309): what each origin allows, asked for when it is first needed and then known for a day.

mod probe;
mod rules;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use url::{Origin, Url};

use super::chain::Chain;
use super::facts::{Answer, Purpose};
use crate::config::RobotsPolicy;

use probe::Access;

pub(super) use probe::{Known, Probe, ProbeStep};
pub use rules::Rules;

/// How long an origin's rules are good (§2.4).
const GOOD_FOR: Duration = Duration::from_secs(86_400);
/// Bytes of rules that are kept for all origins together; beyond it they are asked for anew.
const MAX_KEPT: usize = 32 << 20;

/// What is known of the origins of a run, and the visits that wait for what is not.
#[derive(Debug)]
pub(super) struct Robots {
    known: HashMap<Origin, (Access, Instant)>,
    kept: usize,
    waiting: HashMap<Origin, Vec<Finished>>,
    /// Bytes of the bodies that wait, and the most there may be.
    held: usize,
    most_held: usize,
}

/// A visit that is over but for the question whether its text may be kept.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) chain: Box<Chain>,
    pub(super) answer: Option<Answer>,
    pub(super) body: Bytes,
}

/// What robots.txt says of one URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Say {
    Allowed,
    Disallowed,
    /// The origin must be asked first.
    Unknown,
}

impl Robots {
    /// Nothing known yet. At most `most_held` bytes of bodies wait at a time.
    pub(super) fn new(most_held: u64) -> Self {
        Self {
            known: HashMap::new(),
            kept: 0,
            waiting: HashMap::new(),
            held: 0,
            most_held: usize::try_from(most_held).unwrap_or(usize::MAX),
        }
    }

    /// Whether `url` may be requested. One that no author published may be only where the rules allow it.
    pub(super) fn may_visit(&self, url: &Url, purpose: Purpose, policy: RobotsPolicy, now: Instant) -> Say {
        match (policy, purpose) {
            (RobotsPolicy::All, _) | (RobotsPolicy::Snapshots, Purpose::Probe) => self.say(url, now, true),
            (RobotsPolicy::Snapshots, Purpose::Entry) | (RobotsPolicy::Off, _) => Say::Allowed,
        }
    }

    /// Whether the text of `url` may be kept.
    pub(super) fn may_keep(&self, url: &Url, policy: RobotsPolicy, now: Instant) -> Say {
        match policy {
            RobotsPolicy::All | RobotsPolicy::Snapshots => self.say(url, now, false),
            RobotsPolicy::Off => Say::Allowed,
        }
    }

    /// Takes a visit in until its origin is known. The first that waits for an origin brings the probe that asks it. A visit whose body
    /// would be one too many is given back.
    pub(super) fn wait(&mut self, finished: Finished) -> Result<Option<Probe>, Box<Chain>> {
        let size = finished.body.len();
        if self.held > 0 && self.held + size > self.most_held {
            return Err(finished.chain);
        }
        self.held += size;
        // A copy, so that what waits takes nothing from the memory that bodies in flight share: the probe could wait for it for ever.
        let finished = Finished { body: Bytes::copy_from_slice(&finished.body), ..finished };
        let probe = self.ask(finished.chain.url());
        self.waiting.entry(finished.chain.url().origin()).or_default().push(finished);
        Ok(probe)
    }

    /// The probe for the origin of `url`, unless one is under way.
    pub(super) fn ask(&mut self, url: &Url) -> Option<Probe> {
        let origin = url.origin();
        if self.waiting.contains_key(&origin) {
            return None;
        }
        self.waiting.insert(origin, Vec::new());
        Some(Probe::new(url))
    }

    /// An origin is known; gives the visits that waited for it.
    pub(super) fn learn(&mut self, origin: &Origin, known: Known, now: Instant) -> Vec<Finished> {
        let Known(access) = known;
        self.kept += access.size();
        if self.kept > MAX_KEPT {
            self.known.clear();
            self.kept = access.size();
        }
        if let Some((before, _)) = self.known.insert(origin.clone(), (access, now + GOOD_FOR)) {
            self.kept = self.kept.saturating_sub(before.size());
        }
        let waited = self.waiting.remove(origin).unwrap_or_default();
        self.held = self.held.saturating_sub(waited.iter().map(|finished| finished.body.len()).sum());
        waited
    }

    fn say(&self, url: &Url, now: Instant, nobody: bool) -> Say {
        let allowed = match self.known.get(&url.origin()) {
            Some((_, until)) if *until <= now => return Say::Unknown,
            Some((Access::Rules(rules), _)) => rules.allow(url),
            Some((Access::Everything, _)) => true,
            Some((Access::Nothing, _)) => false,
            Some((Access::Nobody, _)) => nobody,
            None => return Say::Unknown,
        };
        if allowed { Say::Allowed } else { Say::Disallowed }
    }
}

impl Access {
    fn size(&self) -> usize {
        match self {
            Self::Rules(rules) => rules.size(),
            Self::Everything | Self::Nothing | Self::Nobody => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{CanonicalUrl, TargetId};
    use crate::visit::facts::DueTarget;

    fn finished(url: &str, length: usize) -> Finished {
        let url = CanonicalUrl::parse(url).unwrap();
        let chain = Box::new(Chain::new(DueTarget {
            id: TargetId(1),
            url,
            validators: None,
            known: None,
            purpose: Purpose::Entry,
        }));
        Finished { chain, answer: None, body: Bytes::from(vec![0; length]) }
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn what_waits_is_bounded_and_an_origin_is_asked_once() {
        let (mut robots, now) = (Robots::new(100), Instant::now());
        let probe = robots.wait(finished("https://a.org/1", 200)).unwrap().unwrap();
        assert!(
            robots.wait(finished("https://a.org/2", 1)).is_err(),
            "one page always may wait, no second beyond the bound"
        );
        assert_eq!(robots.learn(probe.origin(), Known(Access::Everything), now).len(), 1);
        let first = robots.wait(finished("https://b.org/1", 50)).unwrap();
        assert!(first.is_some() && robots.wait(finished("https://b.org/2", 50)).unwrap().is_none());
        assert!(robots.wait(finished("https://c.org/", 1)).is_err());
        assert_eq!(robots.learn(first.unwrap().origin(), Known::unreachable(), now).len(), 2);
    }

    #[test]
    fn the_policy_decides_what_rules_are_for() {
        let now = Instant::now();
        let table = [
            (RobotsPolicy::Off, Access::Nothing, Say::Allowed, Say::Allowed),
            (RobotsPolicy::Snapshots, Access::Nothing, Say::Allowed, Say::Disallowed),
            (RobotsPolicy::Snapshots, Access::Nobody, Say::Allowed, Say::Disallowed),
            (RobotsPolicy::All, Access::Nothing, Say::Disallowed, Say::Disallowed),
            (RobotsPolicy::All, Access::Nobody, Say::Allowed, Say::Disallowed),
            (RobotsPolicy::All, Access::Everything, Say::Allowed, Say::Allowed),
        ];
        for (policy, access, visit, keep) in table {
            let mut robots = Robots::new(0);
            let page = url("https://a.org/x");
            robots.learn(&page.origin(), Known(access.clone()), now);
            let asked = |purpose| robots.may_visit(&page, purpose, policy, now);
            let said = (asked(Purpose::Entry), robots.may_keep(&page, policy, now));
            let probed =
                if policy == RobotsPolicy::Off { Say::Allowed } else { robots.say(&page, now, true) };
            assert_eq!(asked(Purpose::Probe), probed, "{policy:?} {access:?}");
            assert_eq!(said, (visit, keep), "{policy:?} {access:?}");
        }
    }

    #[test]
    fn rules_are_good_for_a_day_and_for_one_origin() {
        let (mut robots, now) = (Robots::new(0), Instant::now());
        let page = url("https://a.org/x");
        assert_eq!(robots.may_keep(&page, RobotsPolicy::Snapshots, now), Say::Unknown);
        robots.learn(&page.origin(), Known(Access::Everything), now);
        assert_eq!(
            robots.may_keep(&page, RobotsPolicy::Snapshots, now + GOOD_FOR - Duration::from_secs(1)),
            Say::Allowed
        );
        assert_eq!(robots.may_keep(&page, RobotsPolicy::Snapshots, now + GOOD_FOR), Say::Unknown);
        for other in ["http://a.org/x", "https://a.org:444/x", "https://b.org/x"] {
            assert_eq!(robots.may_keep(&url(other), RobotsPolicy::Snapshots, now), Say::Unknown, "{other}");
        }
    }
}
