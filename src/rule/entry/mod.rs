//! Rules on entries as files: `entry/…`.

use super::{Draft, EntryView};
use crate::finding::Evidence;
use crate::reference::{Problem, ProblemKind};
use crate::rule::place::brief;

pub(super) mod encoding;
pub(super) mod front_matter;
pub(super) mod unreadable;

/// A draft for every problem of a kind; the subject is what is wrong, not where.
fn drafts_of(kind: ProblemKind, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    drafts.extend(view.read.problems.iter().filter(|problem| problem.kind == kind).map(draft));
}

fn draft(problem: &Problem) -> Draft {
    let message = brief(&problem.message);
    Draft {
        subject: problem.message.clone(),
        offset: (problem.offset.start, problem.offset.end),
        line: problem.line.max(1),
        column: problem.column.max(1),
        severity: None,
        unconfirmed: false,
        cause: message.clone(),
        message,
        target: None,
        evidence: Evidence::default(),
        suggestion: problem.suggestion.clone(),
    }
}
