//! `content/unstable`: the page flaps between states, which says nothing of the entry. While it does, a change from one of these
//! states to another is no drift.

use std::collections::HashSet;

use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};
use crate::snapshot::{ContentHash, SnapshotMeta};
use crate::time::Timestamp;

pub(crate) const RULE: Rule =
    Rule { id: "content/unstable", severity: Severity::Info, says: "the page flaps between states", check };

/// So many of the newest snapshots are looked at.
const NEWEST: usize = 12;
/// So often a page must come back to what it was before.
const RETURNS: usize = 3;

/// A page that comes back to what it was, again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flapping {
    /// The contents between which it goes.
    pub states: HashSet<ContentHash>,
    /// When the first of them was first found.
    pub since: Timestamp,
}

/// Whether a page flaps, from its snapshots, oldest first: it is now what it was before, and came back so at least three times. One that
/// was changed back once does not flap, nor does one that has found another state since.
pub fn flapping(snapshots: &[SnapshotMeta]) -> Option<Flapping> {
    let newest = &snapshots[snapshots.len().saturating_sub(NEWEST)..];
    let mut seen = HashSet::new();
    let mut states = HashSet::new();
    let (mut returns, mut is_return) = (0, false);
    for snapshot in newest {
        is_return = !seen.insert(snapshot.content);
        if is_return {
            returns += 1;
            states.insert(snapshot.content);
        }
    }
    let first = newest.iter().find(|snapshot| states.contains(&snapshot.content))?;
    let between = newest.iter().skip_while(|snapshot| snapshot.id != first.id);
    (is_return && returns >= RETURNS).then(|| Flapping {
        states: between.map(|snapshot| snapshot.content).collect(),
        since: first.first_seen,
    })
}

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    let mut told = HashSet::new();
    for reference in &view.references {
        let Some(target) = reference.target.as_deref() else { continue };
        let Some(flapping) = target.flapping.as_ref().filter(|_| told.insert(target.id)) else { continue };
        let message = format!(
            "{} flaps between {} states, since {}: its changes are not reported",
            brief(&target.url),
            flapping.states.len(),
            flapping.since.format("%Y-%m-%d")
        );
        let mut draft = Draft::at(reference, message, target.url.clone());
        draft.evidence.since = Some(flapping.since);
        drafts.push(draft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::fixture::{World, target};
    use crate::snapshot::SnapshotId;
    use crate::verdict::Verdict;

    /// Snapshots of these contents, a second apart.
    fn snapshots(contents: &str) -> Vec<SnapshotMeta> {
        let at = |index: usize| Timestamp::from_timestamp(index as i64, 0).unwrap();
        let snapshot = |(index, content): (usize, u8)| SnapshotMeta {
            id: SnapshotId(index as i64),
            content: ContentHash([content; 32]),
            extractor: 1,
            settings: None,
            layers: None,
            url: String::new(),
            first_seen: at(index),
            last_seen: at(index),
        };
        contents.bytes().enumerate().map(snapshot).collect()
    }

    #[test]
    fn what_flaps() {
        for (contents, flaps) in [
            ("", None),
            ("a", None),
            ("aba", None),
            ("abab", None),
            ("ababa", Some((2, 0))),
            ("xababa", Some((2, 1))),
            ("abcabc", Some((3, 0))),
            ("ababac", None),
            ("ababacdefghijklmn", None),
            ("abcdefgh", None),
            // What was long ago is over.
            ("ababacdefghijkhi", None),
        ] {
            let found = flapping(&snapshots(contents))
                .map(|flapping| (flapping.states.len(), flapping.since.timestamp()));
            assert_eq!(found, flaps, "{contents}");
        }
    }

    #[test]
    fn it_is_told_once_an_entry() {
        let url = "https://docs.example.org/p";
        let mut page = target(Verdict::Ok, "", &[(url, 200)], &[]);
        page.flapping = flapping(&snapshots("ababa"));
        let world = World::new(&format!("[a]({url}) [b]({url})")).with(page);
        let found = world.of("content/unstable");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].severity, Severity::Info);
        assert!(
            found[0].message.contains("flaps between 2 states, since 1970-01-01"),
            "{}",
            found[0].message
        );
    }
}
