//! `entry/encoding`: the file is not UTF-8.

use crate::config::Severity;
use crate::reference::ProblemKind;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule =
    Rule { id: "entry/encoding", severity: Severity::Warning, says: "the file is not UTF-8", check };

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    super::drafts_of(ProblemKind::Encoding, view, drafts);
}
