//! `content/changed`: since the entry's baseline the page's title or first heading changed, or a section substantively; a minor
//! change counts only in the section that the link names, or whose heading the link's text repeats (SPEC §5). A link with a fragment
//! is judged on the section that it names. Names that the term table explains are no change of the page: where the entry uses one of
//! them, that is for `content/term-outdated`.

use super::{drifts, evidence, is_unconfirmed, page_name};
use crate::config::Severity;
use crate::drift::{BlockChange, Change, Drift};
use crate::rule::link::names_a_place;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, ReferenceView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "content/changed",
    severity: Severity::Warning,
    says: "the page changed since the baseline, in what the entry leans on",
    check,
};

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (drift, references) in drifts(view) {
        let change = drift.beside_renames.as_ref().unwrap_or(&drift.drift);
        // An empty diff proves nothing.
        if change.blocks.is_empty() && change.title.is_none() {
            continue;
        }
        let found = match change.change {
            Change::Replaced => Some((references[0], "is another page now".to_owned(), None)),
            Change::Substantive => references
                .iter()
                .find(|reference| leans_on(reference, change))
                .map(|reference| (*reference, substantive(change), None)),
            Change::Cosmetic | Change::Minor => renamed(change)
                .map(|how| (references[0], how, None))
                .or_else(|| named_section(change, &references)),
            // That it stands elsewhere is for `link/redirect-permanent`, a withdrawn page for `content/retired`.
            Change::Moved => renamed(change).map(|how| (references[0], how, None)),
            Change::None | Change::Retired => None,
        };
        let Some((reference, how, section)) = found else { continue };
        let message =
            format!("{} {how}, since {}", page_name(drift, reference), drift.since.format("%Y-%m-%d"));
        // One banner on two thousand pages is one cause.
        let cause =
            if change.hash.is_empty() { reference.reference.url.clone() } else { change.hash.clone() };
        let mut draft = Draft::at(reference, message, cause);
        let concerned = |block: &&BlockChange| section.as_ref().is_none_or(|name| block.section == *name);
        draft.evidence = evidence(drift, change.blocks.iter().filter(concerned));
        if let Some((old, new)) = &change.title {
            draft.evidence.before = Some(old.clone());
            draft.evidence.after = Some(new.clone());
        }
        draft.evidence.lines = lines(&references);
        draft.unconfirmed = is_unconfirmed(drift);
        drafts.push(draft);
    }
}

/// The lines of several references; empty where there is one.
pub(super) fn lines(references: &[&ReferenceView]) -> Vec<u32> {
    if references.len() < 2 {
        return Vec::new();
    }
    let mut lines: Vec<u32> = references.iter().map(|reference| reference.reference.line).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.truncate(100);
    lines
}

/// Whether a change in substance concerns what a reference points at: the whole page, or the section that its fragment names. A title
/// counts for all of it, and so does a fragment that names no section of either page.
fn leans_on(reference: &ReferenceView, change: &Drift) -> bool {
    let named = reference.resolution.fragment.as_deref().filter(|fragment| names_a_place(fragment));
    let Some(fragment) = named.filter(|_| change.title.is_none()) else { return true };
    let is_it = |section: &String| same_section(&decoded(fragment), section);
    change.sections_changed.iter().any(is_it) || !change.sections_kept.iter().any(is_it)
}

fn substantive(drift: &Drift) -> String {
    if let Some(how) = renamed(drift) {
        return format!("{how} and changed in substance");
    }
    let sections: Vec<String> =
        drift.sections_changed.iter().take(3).map(|section| format!("“{}”", brief(section))).collect();
    match (sections.len(), drift.sections_changed.len()) {
        (0, _) => "changed in substance".to_owned(),
        (told, all) if all > told => {
            format!("changed in substance ({} and {} more sections)", sections.join(", "), all - told)
        }
        _ => format!("changed in substance ({})", sections.join(", ")),
    }
}

fn renamed(drift: &Drift) -> Option<String> {
    let (old, _) = drift.title.as_ref()?;
    Some(format!("was called “{}” before", brief(old)))
}

/// The first reference that leans on a section that changed, how it did, and the section.
fn named_section<'r>(
    drift: &Drift,
    references: &[&'r ReferenceView],
) -> Option<(&'r ReferenceView, String, Option<String>)> {
    if drift.change != Change::Minor {
        return None;
    }
    references.iter().find_map(|reference| {
        let section = drift.sections_changed.iter().find(|section| names(reference, section))?;
        let block = drift.blocks.iter().find(|block| same_section(&block.section, section));
        Some((
            *reference,
            format!("changed in “{}”", brief(section)),
            block.map(|block| block.section.clone()),
        ))
    })
}

/// Whether the link's fragment is the section's anchor, or the link's text repeats its heading.
pub(super) fn names(reference: &ReferenceView, section: &str) -> bool {
    let by_fragment = reference
        .resolution
        .fragment
        .as_deref()
        .is_some_and(|fragment| !fragment.is_empty() && same_section(&decoded(fragment), section));
    let (text, heading) = (folded(&reference.reference.text), folded(section));
    // A heading of one short word is repeated by chance.
    by_fragment || (heading.chars().count() >= 6 && text.contains(&heading))
}

/// Percent-decoding; what else this reading of a query drops is dropped by [`folded`] too.
fn decoded(fragment: &str) -> String {
    url::form_urlencoded::parse(fragment.as_bytes()).flat_map(|(key, value)| [key, value]).collect()
}

fn same_section(one: &str, other: &str) -> bool {
    folded(one) == folded(other)
}

/// Letters and digits in lower case: an anchor and the heading that it was made of come to the same.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(500).collect()
}
