//! `link/same-target`: one target under texts that promise different things, in one entry.

use std::collections::BTreeMap;

use crate::config::Severity;
use crate::reference::Kind;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, ReferenceView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "link/same-target",
    severity: Severity::Info,
    says: "one target under texts that promise different things, in one entry",
    check,
};

/// So many texts are told.
const SHOWN: usize = 10;

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    let mut by_target: BTreeMap<(&str, Option<&str>), Vec<&ReferenceView>> = BTreeMap::new();
    for reference in &view.references {
        let link = matches!(reference.reference.kind, Kind::Inline | Kind::Reference | Kind::Html);
        if let (true, Some(target)) = (link, &reference.resolution.target) {
            by_target
                .entry((target.as_str(), reference.resolution.fragment.as_deref()))
                .or_default()
                .push(reference);
        }
    }
    for ((url, _), references) in by_target {
        let different = promises(&references);
        if different.len() < 2 {
            continue;
        }
        let first = different[0];
        let told: Vec<String> = different
            .iter()
            .take(SHOWN)
            .map(|place| format!("“{}” (line {})", brief(place.reference.text.trim()), place.reference.line))
            .collect();
        let message = format!("{} texts lead to {}: {}", different.len(), brief(url), told.join(", "));
        let mut draft = Draft::at(first, message, url.to_owned());
        draft.evidence.texts =
            different.iter().take(SHOWN).map(|place| brief(place.reference.text.trim())).collect();
        draft.evidence.lines = references.iter().map(|place| place.reference.line).take(100).collect();
        drafts.push(draft);
    }
}

/// The first place of every text that is not part of another one, white space and letter case aside.
fn promises<'r>(references: &[&'r ReferenceView]) -> Vec<&'r ReferenceView> {
    let mut kept: Vec<(String, &ReferenceView)> = Vec::new();
    for reference in references {
        let text = folded(&reference.reference.text);
        if text.is_empty()
            || is_address(&text, reference)
            || kept.iter().any(|(other, _)| other.contains(&text) || text.contains(other))
        {
            continue;
        }
        // Bounded work on an entry that links one page under thousands of texts.
        if kept.len() == 100 {
            break;
        }
        kept.push((text, reference));
    }
    kept.into_iter().map(|(_, reference)| reference).collect()
}

/// Whether a text is the address itself, in full or without what every address begins with: it promises nothing but the target.
fn is_address(text: &str, reference: &ReferenceView) -> bool {
    let target = reference.resolution.target.as_ref().map(|target| target.as_str());
    [Some(reference.reference.url.as_str()), target].into_iter().flatten().any(|url| {
        let bare = url.split_once("://").map_or(url, |(_, bare)| bare);
        [url, bare, bare.strip_prefix("www.").unwrap_or(bare)].iter().any(|url| folded(url) == text)
    })
}

/// Letters and digits alone, in lower case.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(500).collect()
}
