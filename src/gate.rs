//! Stage 12: findings × policy → exit code.

use crate::config::Severity;
use crate::finding::{Finding, FindingState};

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Findings of this severity or worse.
    Severity(Severity),
    /// Nothing.
    Never,
}

/// What a run's findings come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Nothing that gates.
    Pass,
    /// At least one finding gates.
    Fail,
}

/// Decides over findings in any order.
pub fn decide<'f>(findings: impl IntoIterator<Item = &'f Finding>, fail_on: FailOn) -> Gate {
    if findings.into_iter().any(|finding| gates(finding, fail_on)) { Gate::Fail } else { Gate::Pass }
}

/// Whether one finding gates: it is open, of the severity or worse, and says something about the target. One that could not be
/// judged (sign-in, bot wall, rate limit) says something about the visit, and never gates.
pub fn gates(finding: &Finding, fail_on: FailOn) -> bool {
    match fail_on {
        FailOn::Never => false,
        FailOn::Severity(least) => {
            finding.state == FindingState::Open && finding.severity >= least && finding.rule != "link/blocked"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::fixture::finding;

    #[test]
    fn the_whole_table() {
        use FindingState::{Acknowledged, Muted, Open, Resolved, Unconfirmed};
        use Severity::{Error, Info, Warning};
        let all = [Info, Warning, Error];
        let policies =
            [FailOn::Never, FailOn::Severity(Error), FailOn::Severity(Warning), FailOn::Severity(Info)];
        for policy in policies {
            for severity in all {
                for state in [Open, Unconfirmed, Acknowledged, Muted, Resolved] {
                    let expected = match policy {
                        FailOn::Never => false,
                        FailOn::Severity(least) => state == Open && severity >= least,
                    };
                    let found = finding("link/broken", severity, state);
                    assert_eq!(gates(&found, policy), expected, "{policy:?} {severity:?} {state:?}");
                    assert!(!gates(&finding("link/blocked", severity, state), policy));
                }
            }
        }
    }

    #[test]
    fn one_that_gates_is_enough() {
        let list = [
            finding("link/broken", Severity::Error, FindingState::Unconfirmed),
            finding("link/broken", Severity::Error, FindingState::Open),
        ];
        assert_eq!(decide(&list, FailOn::Severity(Severity::Error)), Gate::Fail);
        assert_eq!(decide(&list[..1], FailOn::Severity(Severity::Info)), Gate::Pass);
        assert_eq!(decide(&[], FailOn::Severity(Severity::Info)), Gate::Pass);
    }
}
