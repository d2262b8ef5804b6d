//! `link/missing-file`: a relative link to a file that is not there, or outside the source.

use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::source::FileState;
use crate::target::Note;

pub(crate) const RULE: Rule = Rule {
    id: "link/missing-file",
    severity: Severity::Error,
    says: "a relative link to a file that is not there, or outside the source",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for reference in &view.references {
        let path = match &reference.resolution.note {
            Some(Note::Path { path }) => brief(path),
            _ => brief(&reference.reference.url),
        };
        let message = match reference.file {
            Some(FileState::Missing) => format!("no file {path} in this source"),
            Some(FileState::Outside) => format!("{path} leads outside this source"),
            Some(FileState::Found | FileState::Hidden) | None => continue,
        };
        drafts.push(Draft::at(reference, message.clone(), message));
    }
}
