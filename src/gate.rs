//! Stage 12: findings × policy → exit code.

use crate::config::Severity;

/// `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Findings of this severity or worse.
    Severity(Severity),
    /// Nothing.
    Never,
}
