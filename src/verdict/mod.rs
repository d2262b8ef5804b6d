//! Stage 8: visit facts × page facts × host table → verdict and reason. Pure: the same facts under another policy give another
//! verdict without another visit.

mod company;
mod confirmation;
mod door;
mod hops;
mod judge;
mod secure;
mod soft_404;

use serde::{Deserialize, Serialize};

use crate::page::PageFacts;
use crate::time::Timestamp;
use crate::visit::facts::Visit;

pub use company::{Company, Ties, is_honest, sibling, ties, wants_a_sibling};
pub use confirmation::confirmation;
pub use hops::hop_classes;
pub use judge::judge;
pub use secure::{alike_over_https, over_https, wants_https};
pub use soft_404::says_not_found;

/// What is stored of a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The visit.
    pub visit: Visit,
    /// What was read of the page; `None` where none was read, or it was not modified.
    pub page: Option<PageFacts>,
}

/// A stretch of time in which every visit of a target found the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// What was found; times and `elapsed_ms` are those of the last visit.
    pub facts: Facts,
    /// The first visit that found it.
    pub first_seen: Timestamp,
    /// The last visit that found it.
    pub last_seen: Timestamp,
    /// How many visits found it.
    pub visits: u32,
}

/// What is said of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Answers well at its own URL.
    Ok,
    /// Answers well at another URL.
    Redirected,
    /// Is gone.
    Broken,
    /// No answer could be had.
    Unreachable,
    /// Answers, but not to us.
    Blocked,
    /// Answers, but the page is likely not there.
    Suspect,
    /// Was not visited.
    Excluded,
}

impl Verdict {
    /// The word, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Redirected => "redirected",
            Self::Broken => "broken",
            Self::Unreachable => "unreachable",
            Self::Blocked => "blocked",
            Self::Suspect => "suspect",
            Self::Excluded => "excluded",
        }
    }
}

/// A verdict with its stable, machine-readable reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in the words of SPEC §3 (`http-404`, `dns-nxdomain` …).
    pub reason: Option<String>,
}

/// How one hop of a chain leads to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HopClass {
    /// The same URL over TLS.
    Https,
    /// The same path on another host.
    HostMove,
    /// Only a locale was inserted.
    Locale,
    /// Slash or case.
    Spelling,
    /// A short link doing its job.
    Alias,
    /// Another page.
    Moved,
    /// A deep link to the root of the same registrable domain.
    RootSink,
    /// Many pages to one that none of them names.
    HubSink,
    /// A search page.
    SearchSink,
    /// A sign-in page.
    SignIn,
}

/// Whether a failure counts already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmation {
    /// The target is not failing.
    Well,
    /// It counts.
    Confirmed,
    /// The target was well before, and not enough visits agree yet.
    Unconfirmed {
        /// Visits so far that failed in this manner.
        visits: u32,
        /// The first of them.
        since: Timestamp,
    },
}

#[cfg(test)]
mod testing {
    //! Facts for tests.

    use super::Facts;
    use crate::time::Timestamp;
    use crate::visit::facts::{Answer, Hop, Outcome, Visit};

    /// A visit with these hops (URL and status) and this end.
    pub(super) fn facts(hops: &[(&str, u16)], outcome: Outcome) -> Facts {
        let hops = hops
            .iter()
            .map(|(url, status)| Hop {
                url: (*url).to_owned(),
                status: Some(*status),
                location: None,
                elapsed_ms: 1,
            })
            .collect();
        let visit = Visit {
            hops,
            outcome,
            attempts: 1,
            visited_at: Timestamp::UNIX_EPOCH,
            answer: None,
            certificate_ends: None,
        };
        Facts { visit, page: None }
    }

    /// A visit of one hop that was answered so.
    pub(super) fn with_answer(status: u16, answer: Answer) -> Facts {
        let mut facts = facts(&[("https://a.org/x", status)], Outcome::Answered);
        facts.visit.answer = Some(answer);
        facts
    }
}
