//! Rules on entries as files: `entry/…`.

use super::{Draft, EntryView};
use crate::finding::Evidence;
use crate::reference::{Problem, ProblemKind};
use crate::rule::place::brief;

pub(super) mod age;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Severity;
    use crate::rule::fixture::World;

    #[test]
    fn each_kind_of_problem_has_its_rule() {
        for (kind, expected) in [
            (ProblemKind::FrontMatter, Some(("entry/front-matter", Severity::Warning))),
            (ProblemKind::Encoding, Some(("entry/encoding", Severity::Warning))),
            (ProblemKind::Unreadable, Some(("entry/unreadable", Severity::Error))),
            (ProblemKind::UndefinedLabel, None),
        ] {
            let mut world = World::new("---\ntitle: [\n---\n");
            let message = "a list\u{1b} that never ends".to_owned();
            world.read.problems.push(Problem {
                kind,
                line: 2,
                column: 8,
                offset: 11..12,
                message,
                suggestion: None,
            });
            let found = world.findings().pop();
            let said = found.as_ref().map(|finding| (finding.rule.as_str(), finding.severity));
            assert_eq!(said, expected, "{kind:?}");
            if let Some(finding) = found {
                assert_eq!((finding.line, finding.column, finding.end_column), (2, 8, Some(9)));
                assert_eq!(finding.message, "a list that never ends");
            }
        }
    }

    #[test]
    fn an_entry_without_text_has_a_place_too() {
        let mut world = World::new("");
        let message = "permission denied".to_owned();
        world.read.problems.push(Problem {
            kind: ProblemKind::Unreadable,
            line: 0,
            column: 0,
            offset: 0..0,
            message,
            suggestion: None,
        });
        let finding = world.findings().pop().unwrap();
        assert_eq!((finding.line, finding.column, finding.end_column), (1, 1, None));
    }
}
