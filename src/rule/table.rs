//! The one table of rules.

use super::{Rule, content, entry, link};

/// Every rule, in the order of SPEC §5.
pub fn all() -> &'static [Rule] {
    ALL
}

static ALL: &[Rule] = &[
    link::broken::RULE,
    link::unreachable::RULE,
    link::blocked::RULE,
    link::soft_404::RULE,
    link::redirect_permanent::RULE,
    link::redirect_changed::RULE,
    link::redirect_chain::RULE,
    link::insecure::RULE,
    link::tls_expiring::RULE,
    link::fragment_missing::RULE,
    link::private_address::RULE,
    link::missing_file::RULE,
    link::undefined_label::RULE,
    link::suspicious_host::RULE,
    link::malformed::RULE,
    link::text_mismatch::RULE,
    link::empty_text::RULE,
    link::same_target::RULE,
    link::foreign_locale::RULE,
    link::retired_host::RULE,
    content::changed::RULE,
    content::term_outdated::RULE,
    content::retired::RULE,
    content::unstable::RULE,
    content::newer::RULE,
    entry::age::RULE,
    entry::front_matter::RULE,
    entry::unreadable::RULE,
    entry::encoding::RULE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_every_rule_has_a_page() {
        let ids: BTreeSet<&str> = all().iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), all().len());
        for rule in all() {
            let page = format!("{}/docs/rules/{}.md", env!("CARGO_MANIFEST_DIR"), rule.id.replace('/', "-"));
            let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page}: {error}"));
            assert!(
                text.starts_with(&format!("# {}\n", rule.id)),
                "{page} does not begin with the rule's id"
            );
        }
    }
}
