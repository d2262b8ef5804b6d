//! An entry's status follows from its findings (SPEC §5).

use std::collections::BTreeSet;

use super::EntryStatus;
use crate::config::Severity;
use crate::finding::{Finding, FindingState};

/// How an entry stands, finding by finding: of those only the ids of rules are kept. `stale`: an error on its content, or a link to a
/// page or file that is not there; `review`: a warning on its content. Only open findings count.
#[derive(Debug, Default)]
pub struct Standing {
    stale: BTreeSet<String>,
    review: BTreeSet<String>,
}

impl Standing {
    /// Takes a finding of the entry in.
    pub fn add(&mut self, finding: &Finding) {
        if finding.state != FindingState::Open {
            return;
        }
        let rules = match calls_for(finding) {
            EntryStatus::Stale => &mut self.stale,
            EntryStatus::Review => &mut self.review,
            EntryStatus::Fresh => return,
        };
        if !rules.contains(&finding.rule) {
            rules.insert(finding.rule.clone());
        }
    }

    /// The entry's status, and the ids of the rules that made it so, in order.
    pub fn status(self) -> (EntryStatus, Vec<String>) {
        let (status, rules) = match (self.stale.is_empty(), self.review.is_empty()) {
            (false, _) => (EntryStatus::Stale, self.stale),
            (true, false) => (EntryStatus::Review, self.review),
            (true, true) => (EntryStatus::Fresh, BTreeSet::new()),
        };
        (status, rules.into_iter().collect())
    }
}

/// The status of the entry that these findings are of, and the ids of the rules that made it so ([`Standing`]).
pub fn entry_status(findings: &[Finding]) -> (EntryStatus, Vec<String>) {
    let mut standing = Standing::default();
    for finding in findings {
        standing.add(finding);
    }
    standing.status()
}

fn calls_for(finding: &Finding) -> EntryStatus {
    let content = finding.rule.starts_with("content/");
    let broken = matches!(finding.rule.as_str(), "link/broken" | "link/missing-file");
    match finding.severity {
        Severity::Error if content || broken => EntryStatus::Stale,
        Severity::Warning if content => EntryStatus::Review,
        _ => EntryStatus::Fresh,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::fixture::finding;

    #[test]
    fn only_open_findings_on_content_and_broken_links_count() {
        use FindingState::{Acknowledged, Muted, Open, Resolved, Unconfirmed};
        use Severity::{Error, Info, Warning};
        let status = |list: &[(&str, Severity, FindingState)]| {
            let findings: Vec<_> =
                list.iter().map(|(rule, severity, state)| finding(rule, *severity, *state)).collect();
            entry_status(&findings)
        };
        assert_eq!(status(&[]), (EntryStatus::Fresh, vec![]));
        for state in [Unconfirmed, Acknowledged, Muted, Resolved] {
            assert_eq!(status(&[("link/broken", Error, state)]).0, EntryStatus::Fresh, "{state:?}");
        }
        assert_eq!(status(&[("link/redirect-permanent", Warning, Open)]).0, EntryStatus::Fresh);
        assert_eq!(status(&[("content/newer", Info, Open)]).0, EntryStatus::Fresh);
        assert_eq!(status(&[("link/missing-file", Error, Open)]).0, EntryStatus::Stale);
        assert_eq!(
            status(&[("content/changed", Warning, Open), ("link/malformed", Error, Open)]),
            (EntryStatus::Review, vec!["content/changed".to_owned()])
        );
        assert_eq!(
            status(&[
                ("link/broken", Error, Open),
                ("content/changed", Warning, Open),
                ("content/term-outdated", Error, Open),
                ("link/broken", Error, Open)
            ]),
            (EntryStatus::Stale, vec!["content/term-outdated".to_owned(), "link/broken".to_owned()])
        );
    }
}
