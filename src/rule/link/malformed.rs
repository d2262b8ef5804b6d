//! `link/malformed`: a URL that cannot be what the author meant, or text that was meant to be a link and is none.

use crate::config::Severity;
use crate::finding::Evidence;
use crate::reference::ProblemKind;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::target::{Note, Status};

pub(crate) const RULE: Rule = Rule {
    id: "link/malformed",
    severity: Severity::Error,
    says: "a URL that cannot be what the author meant",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for reference in &view.references {
        let url = brief(&reference.reference.url);
        let (fragment, suggestion) = match (&reference.resolution.note, reference.resolution.status) {
            (Some(Note::Malformed { message, suggestion }), _) => (message.clone(), suggestion.clone()),
            (Some(Note::Userinfo), _) => {
                ("it carries a user name or password, which was not sent".to_owned(), None)
            }
            (_, Status::Malformed) => ("no URL can be made of it".to_owned(), None),
            (_, Status::Empty) => ("the link leads nowhere: its destination is empty".to_owned(), None),
            _ => continue,
        };
        let message = if url.is_empty() { brief(&fragment) } else { format!("{url}: {}", brief(&fragment)) };
        let mut draft = Draft::at(reference, message.clone(), message);
        draft.suggestion = suggestion;
        drafts.push(draft);
    }
    for problem in &view.read.problems {
        let severity = match problem.kind {
            ProblemKind::NotALink => None,
            ProblemKind::Glued => Some(Severity::Warning),
            _ => continue,
        };
        let text = view.text.get(problem.offset.clone()).unwrap_or_default();
        let message = format!("{}: {}", brief(text), brief(&problem.message));
        drafts.push(Draft {
            subject: text.to_owned(),
            offset: (problem.offset.start, problem.offset.end),
            line: problem.line,
            column: problem.column,
            severity,
            unconfirmed: false,
            cause: message.clone(),
            message,
            target: None,
            evidence: Evidence::default(),
            suggestion: problem.suggestion.clone(),
        });
    }
}
