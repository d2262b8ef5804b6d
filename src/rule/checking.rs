//! Every rule that is on, over one entry: drafts become findings with an id, a severity and a state.

use std::collections::{BTreeSet, HashMap};

use super::place::Lines;
use super::{Draft, EntryView, Rule, RuleContext};
use crate::config::{Ignore, Severity};
use crate::finding::{Finding, FindingId, FindingState};
use crate::reference::Silence;

/// What the rules say of one entry.
#[derive(Debug, Default)]
pub struct Checked {
    /// By position. `first_seen` and `last_seen` are now: the store knows better for those it has.
    pub findings: Vec<Finding>,
    /// What the entry's own comments and front matter silence.
    pub silenced: u64,
    /// Which of the `[[ignore]]` would mute something, in force or not.
    pub met: BTreeSet<usize>,
}

/// Lets every rule look at one entry.
pub fn check_entry(ctx: &RuleContext<'_>, view: &EntryView<'_>, ignores: &[Ignore]) -> Checked {
    let mut checked = Checked::default();
    let lines = Lines::of(view.text);
    for rule in super::all() {
        let setting = ctx.settings.get(rule.id);
        if setting.is_some_and(|setting| setting.off) {
            continue;
        }
        let all_silenced = ignored_by_front_matter(view, rule);
        let mut drafts = Vec::new();
        (rule.check)(ctx, view, &mut drafts);
        drafts.sort_by(|a, b| {
            (a.offset, a.line, a.column, &a.subject, &a.message)
                .cmp(&(b.offset, b.line, b.column, &b.subject, &b.message))
        });
        let severity = setting.and_then(|setting| setting.severity);
        let silenced = Silenced::of(&view.read.silenced, rule);
        let mut ordinals: HashMap<String, u32> = HashMap::new();
        for draft in drafts {
            let ordinal = ordinals.entry(draft.subject.clone()).or_default();
            let id = FindingId::of(rule.id, view.source, view.entry, &draft.subject, *ordinal);
            *ordinal += 1;
            if all_silenced || silenced.holds(draft.line) {
                checked.silenced += 1;
                continue;
            }
            let mut muted = false;
            for (at, ignore) in ignores.iter().enumerate() {
                if means_draft(ignore, view, rule, &draft) {
                    checked.met.insert(at);
                    muted |= ignore.in_force(ctx.now);
                }
            }
            checked.findings.push(finding(ctx, view, &lines, rule, severity, muted, id, draft));
        }
    }
    checked.findings.sort_by(|a, b| {
        (a.line, a.column, a.offset, &a.rule, &a.id).cmp(&(b.line, b.column, b.offset, &b.rule, &b.id))
    });
    checked
}

/// The lines at which nothing of one rule is reported (ignore comments): first and last, rising, none touching another.
#[derive(Debug)]
pub(super) struct Silenced(Vec<(u32, u32)>);

impl Silenced {
    /// Of the silences of an entry those that are about `rule`; one without a rule is about links.
    pub(super) fn of(silences: &[Silence], rule: &Rule) -> Self {
        let is_about = |silence: &&Silence| match &silence.rule {
            Some(name) => names(name, rule),
            None => rule.id.starts_with("link/"),
        };
        let mut lines: Vec<(u32, u32)> =
            silences.iter().filter(is_about).map(|silence| silence.lines).collect();
        lines.sort_unstable();
        lines.dedup_by(|later, earlier| {
            let touches = later.0 <= earlier.1.saturating_add(1);
            if touches {
                earlier.1 = earlier.1.max(later.1);
            }
            touches
        });
        Self(lines)
    }

    pub(super) fn holds(&self, line: u32) -> bool {
        let after = self.0.partition_point(|lines| lines.0 <= line);
        after > 0 && line <= self.0[after - 1].1
    }
}

#[expect(clippy::too_many_arguments, reason = "the one place where all that a finding is made of meets")]
fn finding(
    ctx: &RuleContext<'_>,
    view: &EntryView<'_>,
    lines: &Lines<'_>,
    rule: &Rule,
    configured: Option<Severity>,
    muted: bool,
    id: FindingId,
    draft: Draft,
) -> Finding {
    let mut severity = configured.or(draft.severity).unwrap_or(rule.severity);
    let state = match (muted, draft.unconfirmed) {
        (true, _) => FindingState::Muted,
        (false, true) => FindingState::Unconfirmed,
        (false, false) => FindingState::Open,
    };
    if draft.unconfirmed {
        severity = severity.min(Severity::Warning);
    }
    let mut evidence = draft.evidence;
    evidence.diff.truncate(20);
    if let Some(excerpt) = lines.excerpt(draft.line, draft.column, draft.offset.0) {
        evidence.source_line = Some(excerpt.text);
        evidence.source_column = (excerpt.column > 1).then_some(excerpt.column);
    }
    Finding {
        id,
        rule: rule.id.to_owned(),
        severity,
        state,
        source: view.source.to_owned(),
        entry: view.entry.to_owned(),
        line: draft.line,
        column: draft.column,
        end_column: lines.end_column(draft.line, draft.column, draft.offset),
        offset: Some(draft.offset),
        target: draft.target,
        message: draft.message,
        evidence,
        suggestion: draft.suggestion,
        cause: draft.cause,
        first_seen: ctx.now,
        last_seen: ctx.now,
    }
}

/// `linkdrift: { ignore: [rule, …] }` in front matter.
fn ignored_by_front_matter(view: &EntryView<'_>, rule: &Rule) -> bool {
    view.read
        .front_matter
        .values
        .iter()
        .any(|value| value.key == "linkdrift.ignore" && names(value.value.trim(), rule))
}

/// Whether a name means the rule: its id, its group (`link`, `link/*`), or `*`.
fn names(name: &str, rule: &Rule) -> bool {
    let group = rule.id.split('/').next().unwrap_or_default();
    name == rule.id || name == "*" || name.strip_suffix("/*").unwrap_or(name) == group
}

/// Every condition that `[[ignore]]` gives must hold; one that gives none silences nothing.
fn means_draft(ignore: &Ignore, view: &EntryView<'_>, rule: &Rule, draft: &Draft) -> bool {
    if ignore.url.is_none() && ignore.entry.is_none() && ignore.rule.is_none() {
        return false;
    }
    let url_matches = |glob: &globset::GlobMatcher| {
        glob.is_match(&draft.subject) || draft.target.as_ref().is_some_and(|target| glob.is_match(target))
    };
    ignore.url.as_ref().is_none_or(url_matches)
        && ignore.entry.as_ref().is_none_or(|glob| glob.is_match(view.entry))
        && ignore.rule.as_ref().is_none_or(|name| names(name, rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silences_of_a_rule_are_its_lines() {
        let silence =
            |lines, rule: Option<&str>| Silence { lines, rule: rule.map(str::to_owned), reason: None };
        let silences = [
            silence((7, u32::MAX), Some("link/*")),
            silence((1, 4), Some("link/broken")),
            silence((2, 3), None),
            silence((5, 5), None),
            silence((6, 6), Some("content/changed")),
        ];
        let [broken, other] = ["link/broken", "content/changed"].map(|id| {
            let rule = super::super::all().iter().find(|rule| rule.id == id).unwrap();
            let silenced = Silenced::of(&silences, rule);
            (0..9).filter(|line| silenced.holds(*line)).collect::<Vec<u32>>()
        });
        assert_eq!(broken, [1, 2, 3, 4, 5, 7, 8]);
        assert_eq!(other, [6]);
    }
}
