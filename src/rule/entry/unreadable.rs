//! `entry/unreadable`: the file cannot be read.

use crate::config::Severity;
use crate::reference::ProblemKind;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule =
    Rule { id: "entry/unreadable", severity: Severity::Error, says: "the file cannot be read", check };

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    super::drafts_of(ProblemKind::Unreadable, view, drafts);
}
