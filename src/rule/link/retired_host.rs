//! `link/retired-host`: a host known to be shut down.

use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "link/retired-host",
    severity: Severity::Warning,
    says: "a host known to be shut down",
    check,
};

fn check(ctx: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for reference in &view.references {
        let Some(target) = &reference.resolution.target else { continue };
        let Some(retired) = ctx.host_table.retired(target.url()) else { continue };
        let host = target.host_key();
        let note = brief(&retired.note);
        let message = if note.is_empty() {
            format!("{host} was shut down ({})", brief(&retired.since))
        } else {
            format!("{host} was shut down ({}): {note}", brief(&retired.since))
        };
        let mut draft = Draft::at(reference, message, host.to_string());
        draft.evidence.reason = Some("retired-host".to_owned());
        drafts.push(draft);
    }
}
