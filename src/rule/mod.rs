//! Stage 10: facts → findings. One file per rule, one table of rules.

mod chain;
mod checking;
mod content;
mod entry;
#[cfg(test)]
pub(crate) mod fixture;
mod link;
mod place;
mod status;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::config::{HostTable, RuleSettings, Severity, TermTable};
use crate::drift::Drift;
use crate::finding::Evidence;
use crate::reference::{EntryRead, Reference};
use crate::snapshot::{ContentHash, SnapshotId};
use crate::source::FileState;
use crate::target::{CanonicalUrl, Resolution, TargetId};
use crate::time::Timestamp;
use crate::verdict::{Confirmation, HopClass, Interval, Judgement};

pub use checking::{Checked, check_entry};
pub use content::{Flapping, flapping};
pub use link::{alike_place, has_place, names_a_place, shown_url};
pub use status::{Standing, entry_status};
pub use table::all;

/// An entry as rules see it.
#[derive(Debug)]
pub struct EntryView<'a> {
    /// The source's name.
    pub source: &'a str,
    /// The source's locale.
    pub locale: Option<&'a str>,
    /// The entry's path in the source.
    pub entry: &'a str,
    /// Its text (decoded; offsets count in it as in the file).
    pub text: &'a str,
    /// What was read of it.
    pub read: &'a EntryRead,
    /// Its references, in order, each with what became of it.
    pub references: Vec<ReferenceView>,
    /// What drift is measured from.
    pub baseline: Baseline,
    /// What is known of the URLs that link texts show ([`shown_url`]); may be empty.
    pub shown: BTreeMap<CanonicalUrl, Arc<TargetView>>,
}

/// What an entry's drift is measured from (SPEC §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// The last accepted review, or the end of the day that the entry bears.
    Given(Timestamp),
    /// Neither is there: when the entry was first seen.
    FirstSight(Timestamp),
}

impl Baseline {
    /// Of an entry.
    pub fn of(reviewed_at: Option<Timestamp>, date: Option<NaiveDate>, first_seen: Timestamp) -> Self {
        let end_of_day = || Some(date?.and_hms_opt(23, 59, 59)?.and_utc());
        reviewed_at.or_else(end_of_day).map_or(Self::FirstSight(first_seen), Self::Given)
    }

    /// The instant.
    pub fn at(self) -> Timestamp {
        match self {
            Self::Given(at) | Self::FirstSight(at) => at,
        }
    }

    /// Which of some stretches of time, oldest first, was the present one then: the newest that began not later, else the first; at
    /// first sight the first that was still found at that time or after it, whatever followed within the same second.
    pub fn choose<T>(self, stretches: &[T], span: impl Fn(&T) -> (Timestamp, Timestamp)) -> Option<&T> {
        let chosen = match self {
            Self::Given(at) => stretches.iter().rev().find(|stretch| span(stretch).0 <= at),
            Self::FirstSight(at) => stretches.iter().find(|stretch| span(stretch).1 >= at),
        };
        chosen.or(stretches.first())
    }
}

/// A reference as rules see it.
#[derive(Debug, Clone)]
pub struct ReferenceView {
    /// The reference.
    pub reference: Reference,
    /// What became of it.
    pub resolution: Resolution,
    /// Whether the file that a relative link names is there; `None` where it names none.
    pub file: Option<FileState>,
    /// What is known of its target; `None` where there is none, or it was not visited yet.
    pub target: Option<Arc<TargetView>>,
    /// Drift of its target since this entry's baseline; `None` where nothing changed or nothing can be compared.
    pub drift: Option<Arc<DriftView>>,
    /// The place that its fragment names, where that is not there; `None` where it is, where it names none, or nobody can tell.
    pub missing_place: Option<MissingPlace>,
}

/// A place that a fragment names, and that is not on the page or in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPlace {
    /// The last visit that found it on the page, if any did.
    pub last_seen: Option<Timestamp>,
    /// The one anchor that differs in letter case or punctuation alone.
    pub alike: Option<String>,
    /// Hash of the page's content; `None` for a file.
    pub content: Option<ContentHash>,
}

/// A target as rules see it.
#[derive(Debug, Clone)]
pub struct TargetView {
    /// Its row.
    pub id: TargetId,
    /// Its URL.
    pub url: String,
    /// What is said of it now.
    pub judgement: Judgement,
    /// Whether a failure counts already.
    pub confirmation: Confirmation,
    /// Classes of its redirects, first to last.
    pub hop_classes: Vec<HopClass>,
    /// Its history, oldest first; the last is now.
    pub history: Vec<Interval>,
    /// The first visit that found the oldest content that is kept; `None` where none is.
    pub known_since: Option<Timestamp>,
    /// Whether its content goes to and fro.
    pub flapping: Option<Flapping>,
    /// For an `http` URL: the URL at which its host was found to answer alike over `https`.
    pub https_alike: Option<String>,
}

/// Drift between two stored snapshots of a target.
#[derive(Debug, Clone)]
pub struct DriftView {
    /// The comparison.
    pub drift: Drift,
    /// The comparison with the old page under the names of today; `None` where it used none of those that the term table renames.
    pub beside_renames: Option<Drift>,
    /// The old and the new snapshot.
    pub snapshots: (SnapshotId, SnapshotId),
    /// Hash of the new content.
    pub content: ContentHash,
    /// The baseline asked for.
    pub baseline: Timestamp,
    /// First visit that found the new content.
    pub since: Timestamp,
    /// Whether any later visit found it too.
    pub seen_again: bool,
    /// All words of the new page's readable content, to tell whether a term is still used there.
    pub new_text: Arc<str>,
    /// Title or first heading of the new page.
    pub new_title: Option<String>,
}

/// What every rule is told beside the entry.
#[derive(Debug)]
pub struct RuleContext<'a> {
    /// When the run looks.
    pub now: Timestamp,
    /// What is known of some hosts.
    pub host_table: &'a HostTable,
    /// What products were called.
    pub term_table: &'a TermTable,
    /// `--strict-unreachable`: no answer is an error at once.
    pub strict_unreachable: bool,
    /// What differs for some rules, by rule id.
    pub settings: &'a BTreeMap<String, RuleSettings>,
}

/// A rule: one unit with an id, a default severity, and a function from an entry to drafts.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// `link/broken`.
    pub id: &'static str,
    /// By default.
    pub severity: Severity,
    /// One sentence: what it says.
    pub says: &'static str,
    /// Looks at one entry.
    pub check: fn(&RuleContext<'_>, &EntryView<'_>, &mut Vec<Draft>),
}

/// A finding before it has an id, a severity from configuration and a place in time.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Target, or URL as written, or term: what the id is made of.
    pub subject: String,
    /// Bytes of the place in the entry.
    pub offset: (usize, usize),
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// In place of the rule's severity (`moved` against `host-move`).
    pub severity: Option<Severity>,
    /// Not confirmed yet.
    pub unconfirmed: bool,
    /// One sentence.
    pub message: String,
    /// What findings of one cause have in common.
    pub cause: String,
    /// The canonical target.
    pub target: Option<String>,
    /// What proves it.
    pub evidence: Evidence,
    /// What to write instead.
    pub suggestion: Option<String>,
}

/// An entry's status (SPEC §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryStatus {
    /// Nothing to do.
    Fresh,
    /// A warning on its content.
    Review,
    /// An error on its content, or a broken link.
    Stale,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn what_was_there_at_the_baseline() {
        let stretches = [(10, 20), (20, 20), (30, 40)];
        let choose = |baseline: Baseline| {
            let span = |stretch: &(i64, i64)| (at(stretch.0), at(stretch.1));
            *baseline.choose(&stretches, span).unwrap()
        };
        // Given: the newest that began not later; before all of them the first.
        for (given, chosen) in [(5, 10), (10, 10), (19, 10), (20, 20), (29, 20), (35, 30), (99, 30)] {
            assert_eq!(choose(Baseline::Given(at(given))).0, chosen, "{given}");
        }
        // First sight: the first that was there then or came after; what followed in the same second is drift.
        for (sight, chosen) in [(10, (10, 20)), (20, (10, 20)), (21, (30, 40)), (99, (10, 20))] {
            assert_eq!(choose(Baseline::FirstSight(at(sight))), chosen, "{sight}");
        }
    }

    #[test]
    fn a_review_comes_before_a_date_and_a_date_before_first_sight() {
        let date = NaiveDate::from_ymd_opt(1970, 1, 2);
        assert_eq!(Baseline::of(Some(at(5)), date, at(1)), Baseline::Given(at(5)));
        assert_eq!(Baseline::of(None, date, at(1)), Baseline::Given(at(2 * 86_400 - 1)));
        assert_eq!(Baseline::of(None, None, at(1)), Baseline::FirstSight(at(1)));
    }
}
