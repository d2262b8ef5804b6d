//! Two pages → what changed: nothing between equal ones, and each direction tells of the same change.
//! Input: two HTML bodies with a line `=====` between them.

use std::collections::HashSet;

use linkdrift::drift::{BlockChange, BlockOp, Change, Drift, WordOp, compare, compare_moved, words};
use linkdrift::page::Page;

use super::page::page_of;

pub fn check(data: &[u8]) {
    let separator = b"\n=====\n";
    let at = data.windows(separator.len()).position(|window| window == separator).unwrap_or(data.len());
    let old = page_of(&data[..at], "text/html; charset=utf-8");
    let new = page_of(data.get(at + separator.len()..).unwrap_or_default(), "text/html; charset=utf-8");
    let (there, back) = (compare(&old, &new), compare(&new, &old));
    holds(&old, &new, &there);
    holds(&new, &old, &back);
    assert_eq!(there, compare(&old, &new), "the same question has the same answer");
    assert_eq!(compare(&old, &old).change, Change::None);
    let is_none = |drift: &Drift| drift.change == Change::None;
    // A page that is said to be withdrawn is news; one that is not any more says nothing new.
    let withdrawn = [&there, &back].iter().any(|drift| drift.change == Change::Retired);
    assert!(withdrawn || is_none(&there) == is_none(&back), "{there:?}\n{back:?}");
    assert_eq!(there.title.clone().map(|(old, new)| (new, old)), back.title);
    let moved = compare_moved(&old, "https://a.example/1", &new, "https://a.example/2");
    assert!(moved.change == there.change || moved.change == Change::Moved, "{moved:?}");
    if old.content_hash() == new.content_hash() {
        assert!(is_none(&there), "no new snapshot, and yet a change: {there:?}");
    }
}

fn holds(old: &Page, new: &Page, drift: &Drift) {
    assert!((0.0..=1.0).contains(&drift.fraction));
    assert_eq!(drift.change == Change::None, drift.blocks.is_empty(), "{drift:?}");
    assert!(drift.change != Change::None || drift.fraction == 0.0 && drift.sections_changed.is_empty());
    assert_eq!(drift.hash.len(), 64);
    assert!(drift.terms_removed.len() <= 200 && drift.terms_added.len() <= 200);
    let is_term = |term: &str| !term.is_empty() && term.len() <= 100;
    for removed in &drift.terms_removed {
        assert!(is_term(&removed.term) && removed.replacement.as_deref().is_none_or(is_term), "{removed:?}");
        assert_ne!(removed.replacement.as_ref(), Some(&removed.term));
    }
    assert!(drift.terms_added.iter().all(|term| is_term(term)), "{drift:?}");
    let lost = |lost: &[String], old: &[String], new: &[String]| {
        let (old, new): (HashSet<_>, HashSet<_>) = (old.iter().collect(), new.iter().collect());
        lost.len() <= 1000 && lost.iter().all(|item| old.contains(item) && !new.contains(item))
    };
    assert!(lost(&drift.anchors_lost, &old.anchors, &new.anchors));
    let links = |page: &Page| page.blocks.iter().flat_map(|block| block.links.clone()).collect::<Vec<_>>();
    assert!(lost(&drift.links_lost, &links(old), &links(new)));
    let names: HashSet<String> = [old, new]
        .into_iter()
        .flat_map(|page| (0..page.sections.len()).map(|index| page.section_name(index)))
        .collect();
    assert!(drift.sections_changed.iter().all(|name| names.contains(name)), "{drift:?}");
    for change in &drift.blocks {
        change_holds(change);
    }
}

fn change_holds(change: &BlockChange) {
    let sides = (change.old.is_some(), change.new.is_some());
    let expected = match change.op {
        BlockOp::Changed | BlockOp::Moved => (true, true),
        BlockOp::Added => (false, true),
        BlockOp::Removed => (true, false),
    };
    assert_eq!(sides, expected, "{change:?}");
    let (Some(old), Some(new)) = (&change.old, &change.new) else { return };
    let runs = words(old, new);
    let side = |without: WordOp| -> String {
        runs.iter().filter(|run| run.op != without).map(|run| run.text.as_str()).collect()
    };
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let normal = |text: &str| bare(&linkdrift::page::volatile::normalise(text));
    assert_eq!(bare(&side(WordOp::Deleted)), normal(new), "{change:?}");
    let (equal, deleted) = (side(WordOp::Inserted), normal(old));
    // Equal words are shown as they stand on the new side: `1,000` for `1000`.
    assert_eq!(bare(&equal).replace(',', ""), deleted.replace(',', ""), "{change:?}");
}
