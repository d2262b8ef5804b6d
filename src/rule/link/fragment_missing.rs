//! `link/fragment-missing`: the place that a link names by its fragment is not on the page, or not in the file.
//!
//! What a fragment names is told by the HTML Living Standard (7.4.6.3, "find a potential indicated element"): an id as written, else
//! percent-decoded; nothing and `top` are the top of the page. Fragments that scripts read are none of ours.

use std::collections::HashSet;
use std::hash::BuildHasher;

use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::target::percent_decoded;

pub(crate) const RULE: Rule = Rule {
    id: "link/fragment-missing",
    severity: Severity::Warning,
    says: "the place that the fragment names is not on the page",
    check,
};

/// What begins so names something that a code host's script shows: a comment, a change, a line.
const SHOWN_BY_SCRIPTS: &[&str] =
    &["issuecomment-", "issue-", "discussion_", "discussioncomment-", "pullrequestreview-", "diff-", "note_"];

/// Whether a fragment may be judged at all: it names a place in a document, not a view, a state or a stretch of text.
pub fn names_a_place(fragment: &str) -> bool {
    let place = place_of(fragment);
    let decoded = percent_decoded(place);
    !(place.is_empty()
        || decoded.eq_ignore_ascii_case("top")
        || decoded.contains(['/', '=', '?', '&', '!', '\u{fffd}'])
        || SHOWN_BY_SCRIPTS.iter().any(|prefix| decoded.starts_with(prefix))
        || is_line(&decoded))
}

/// Whether one of these anchors is what a fragment names.
pub fn has_place<S: BuildHasher>(anchors: &HashSet<String, S>, fragment: &str) -> bool {
    let place = place_of(fragment);
    let decoded = percent_decoded(place);
    let bare = decoded.strip_prefix("user-content-").unwrap_or(&decoded);
    anchors.contains(place) || anchors.contains(&decoded) || anchors.contains(bare)
}

/// The anchor that a fragment comes to when letter case and punctuation are left out, where exactly one does.
pub fn alike_place<'a>(anchors: impl IntoIterator<Item = &'a String>, fragment: &str) -> Option<&'a String> {
    let wanted = folded(&percent_decoded(place_of(fragment)));
    let mut alike = anchors.into_iter().filter(|anchor| !wanted.is_empty() && folded(anchor) == wanted);
    let found = alike.next()?;
    alike.next().is_none().then_some(found)
}

/// A fragment without its directives (`:~:text=…`, WICG Text Fragments).
fn place_of(fragment: &str) -> &str {
    fragment.split(":~:").next().unwrap_or_default()
}

/// `L10`, `L10-L20`, `L10C3`, `10`, `lines-5`: lines of a source file.
fn is_line(fragment: &str) -> bool {
    let rest = fragment.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
    let word = &fragment[..fragment.len() - rest.len()];
    matches!(word, "L" | "l" | "line-" | "lines-" | "n" | "")
        && rest.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'L' | b'C'))
}

fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(300).collect()
}

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for reference in &view.references {
        let (Some(missing), Some(fragment)) = (&reference.missing_place, &reference.resolution.fragment)
        else {
            continue;
        };
        let target = reference.resolution.target.as_ref().map(ToString::to_string);
        let named = percent_decoded(place_of(fragment));
        let page = match (&target, reference.reference.url.split_once('#')) {
            (Some(target), _) => brief(target),
            (None, Some((file, _))) if !file.is_empty() => brief(file),
            (None, _) => "this entry".to_owned(),
        };
        let last = missing
            .last_seen
            .map(|at| format!("; it was there until {}", at.format("%Y-%m-%d")))
            .unwrap_or_default();
        let message = format!("no place “{}” in {page}{last}", brief(&named));
        // Two places of one page are two findings.
        let subject = match &target {
            Some(target) => format!("{target}#{fragment}"),
            None => reference.reference.url.clone(),
        };
        let mut draft = Draft::at(reference, message, subject.clone());
        draft.subject = subject;
        draft.evidence.last_found = missing.last_seen;
        draft.evidence.content = missing.content.map(|content| content.to_string());
        draft.suggestion = missing.alike.as_ref().and_then(|anchor| {
            // A password that stands in the URL is not repeated.
            let written = &reference.reference.url;
            let (page, _) = written.split_once('#').filter(|_| !written.contains('@'))?;
            Some(format!("{page}#{anchor}"))
        });
        drafts.push(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::MissingPlace;
    use crate::rule::fixture::{World, day};
    use crate::snapshot::ContentHash;

    #[test]
    fn fragments_that_name_places() {
        for yes in
            ["steps", "set-up", "%C3%BCber", "日本語", "steps:~:text=x", "Line", "l10n", "1-introduction"]
        {
            assert!(names_a_place(yes), "{yes}");
        }
        for no in [
            "",
            "top",
            "TOP",
            "/users/1",
            "view/Microsoft_AAD",
            "!page",
            ":~:text=some%20words",
            "page=3",
            "L10",
            "L10-L20",
            "L3C1-L4C2",
            "42",
            "lines-7",
            "issuecomment-123",
            "diff-0abc",
            "tab/linux",
            "%ff",
        ] {
            assert!(!names_a_place(no), "{no}");
        }
    }

    #[test]
    fn places_are_found_as_browsers_find_them() {
        let anchors: HashSet<String> = ["steps", "über", "a%20b", "Set-Up"].map(str::to_owned).into();
        for yes in ["steps", "%C3%BCber", "über", "a%20b", "user-content-steps", "steps:~:text=x"] {
            assert!(has_place(&anchors, yes), "{yes}");
        }
        for no in ["Steps", "set-up", "step"] {
            assert!(!has_place(&anchors, no), "{no}");
        }
        assert_eq!(alike_place(&anchors, "set_up").map(String::as_str), Some("Set-Up"));
        assert_eq!(alike_place(&anchors, "setup2"), None);
        let two: HashSet<String> = ["set-up", "setUp"].map(str::to_owned).into();
        assert_eq!(alike_place(&two, "SetUp"), None);
        assert_eq!(alike_place(&two, "---"), None);
    }

    #[test]
    fn a_missing_place_is_told_with_its_last_day_and_a_fix() {
        let mut world = World::new(
            "[a](https://docs.example.org/p#Steps) [b](https://docs.example.org/p#gone) [c](b.md#gone) [d](#gone)",
        );
        let missing = |last: Option<&str>, alike: Option<&str>| MissingPlace {
            last_seen: last.map(day),
            alike: alike.map(str::to_owned),
            content: Some(ContentHash([3; 32])),
        };
        world.references[0].missing_place = Some(missing(None, Some("steps")));
        world.references[1].missing_place = Some(missing(Some("2026-02-03"), None));
        world.references[2].missing_place = Some(missing(None, None));
        world.references[3].missing_place = Some(missing(None, None));
        let found = world.of("link/fragment-missing");
        let told: Vec<&str> = found.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "no place “Steps” in https://docs.example.org/p",
                "no place “gone” in https://docs.example.org/p; it was there until 2026-02-03",
                "no place “gone” in b.md",
                "no place “gone” in this entry",
            ]
        );
        assert_eq!(found[0].suggestion.as_deref(), Some("https://docs.example.org/p#steps"));
        assert_eq!(found[1].suggestion, None);
        assert_eq!(found[0].bound_to(), Some(ContentHash([3; 32])));
        assert!(found.iter().all(|finding| finding.severity == Severity::Warning));
        let mut ids: Vec<_> = found.iter().map(|finding| &finding.id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 4);
        world.references[3].missing_place = None;
        assert_eq!(world.of("link/fragment-missing").len(), 3);
    }
}
