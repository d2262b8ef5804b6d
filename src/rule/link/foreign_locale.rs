//! `link/foreign-locale`: a locale in the path that is not the entry's.

use crate::config::Severity;
use crate::rule::chain::is_locale;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "link/foreign-locale",
    severity: Severity::Warning,
    says: "a locale in the path that is not the entry's",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    let Some(own) = view.locale else { return };
    for reference in &view.references {
        let Some(target) = &reference.resolution.target else { continue };
        // Only in first place: deeper down it may be part of a name.
        let Some(first) = target.url().path_segments().and_then(|mut parts| parts.next()) else { continue };
        if !is_locale(first) || first.eq_ignore_ascii_case(own) {
            continue;
        }
        let message = format!(
            "{} is for readers of {first}, the entry for those of {}",
            brief(target.as_str()),
            brief(own)
        );
        let cause = format!("{} /{}/", target.host_key(), first.to_ascii_lowercase());
        drafts.push(Draft::at(reference, message, cause));
    }
}
