//! `entry/front-matter`: missing or invalid metadata, at its line.

use crate::config::Severity;
use crate::reference::ProblemKind;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "entry/front-matter",
    severity: Severity::Warning,
    says: "missing or invalid metadata, at its line",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    super::drafts_of(ProblemKind::FrontMatter, view, drafts);
}
