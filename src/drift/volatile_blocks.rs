//! Blocks that are another at every visit: counters, tips of the day, whatever a page shows that nobody wrote into its text. They are
//! learned from the page's own history, and only left out of a comparison; nothing that is stored knows of them.

use std::collections::{HashMap, HashSet};

use super::align::{self, Work};
use super::edit::Side;
use crate::page::Page;

/// A block is volatile that changed at so many visits in a row, never with the same text twice.
pub const CHANGES: usize = 5;

/// Indices of the blocks of `old` and of `new` that are volatile, learned of the newest pages of the address, a page a visit, oldest
/// first; the last of them is `new`. Empty where there are fewer than [`CHANGES`] + 1 pages.
pub fn volatile_blocks(pages: &[Page], old: &Page) -> (HashSet<usize>, HashSet<usize>) {
    let nothing = (HashSet::new(), HashSet::new());
    let Some(window) = pages.len().checked_sub(CHANGES + 1).map(|from| &pages[from..]) else {
        return nothing;
    };
    let mut known = HashMap::new();
    let sides: Vec<Side<'_>> = window.iter().map(|page| Side::new(page, &mut known)).collect();
    let Some((newest, earlier)) = sides.split_last() else { return nothing };
    // Each block of the newest page that changed, with the texts that it had before, followed back from visit to visit.
    let mut chains: Vec<(usize, usize, HashSet<u32>)> =
        (0..newest.blocks.len()).map(|at| (at, at, HashSet::from([newest.key(at)]))).collect();
    let mut later = newest;
    for side in earlier.iter().rev() {
        let places: HashMap<usize, usize> =
            places(side, later).into_iter().map(|(was, is)| (is, was)).collect();
        chains.retain_mut(|(_, at, texts)| {
            let Some(was) = places.get(at) else { return false };
            *at = *was;
            texts.insert(side.key(*was))
        });
        later = side;
    }
    if chains.is_empty() {
        return nothing;
    }
    let learned: HashSet<usize> = chains.iter().map(|(newest, _, _)| *newest).collect();
    let old_side = Side::new(old, &mut known);
    let in_old = places(&old_side, newest)
        .into_iter()
        .filter(|(_, is)| learned.contains(is))
        .map(|(was, _)| old_side.blocks[was])
        .collect();
    (in_old, learned.into_iter().map(|at| newest.blocks[at]).collect())
}

/// A page without some of its blocks.
pub fn without_blocks(page: &Page, dropped: &HashSet<usize>) -> Page {
    let mut page = page.clone();
    let mut at = 0;
    page.blocks.retain(|_| {
        at += 1;
        !dropped.contains(&(at - 1))
    });
    page
}

/// Which block of `new` stands in the place of which block of `old`, where both are different: between blocks that are the same on
/// both sides, as many on one side as on the other.
fn places(old: &Side<'_>, new: &Side<'_>) -> Vec<(usize, usize)> {
    let pairs = align::align(old.keys(), new.keys(), &mut Work::default());
    align::gaps(&pairs, old.blocks.len(), new.blocks.len())
        .into_iter()
        .filter(|(in_old, in_new)| in_old.len() == in_new.len())
        .flat_map(|(in_old, in_new)| in_old.zip(in_new))
        .filter(|&(was, is)| old.kind(was) == new.kind(is))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{Change, compare};
    use crate::page::{Block, BlockKind, Section};

    fn page(texts: &[&str]) -> Page {
        let block = |text: &&str| Block {
            kind: BlockKind::Paragraph,
            text: (*text).to_owned(),
            section: 0,
            marked: vec![],
            links: vec![],
        };
        Page {
            sections: vec![Section { path: vec!["Tip".into()], anchor: None, level: 1 }],
            blocks: texts.iter().map(block).collect(),
            ..Page::default()
        }
    }

    /// Visits of a page with a line that is another each time, and a line that says `limit`.
    fn visits(lines: &[&str], limit: &str) -> Vec<Page> {
        lines.iter().map(|line| page(&["Keep your password secret.", line, limit])).collect()
    }

    const TIPS: [&str; 6] = [
        "Eat well.",
        "Do drink water",
        "Sleep early, rise",
        "Call mother now",
        "Go for a walk",
        "Read a book",
    ];

    #[test]
    fn a_line_that_is_another_at_each_of_five_visits_is_learned() {
        let pages = visits(&TIPS, "At most 20 devices.");
        let (old, new) = volatile_blocks(&pages, &pages[0]);
        assert_eq!((&old, &new), (&HashSet::from([1]), &HashSet::from([1])));
        let compared = compare(&without_blocks(&pages[0], &old), &without_blocks(&pages[5], &new));
        assert_eq!(compared.change, Change::None);
        // What changed beside it is told as before.
        let mut changed = pages.clone();
        changed[5] = page(&["Keep your password secret.", "Read a book", "At most 30 devices."]);
        let (old, new) = volatile_blocks(&changed, &changed[0]);
        let compared = compare(&without_blocks(&changed[0], &old), &without_blocks(&changed[5], &new));
        assert_eq!(compared.change, Change::Minor);
        assert_eq!(compared.blocks.len(), 1);
        assert_eq!(compared.blocks[0].new.as_deref(), Some("At most 30 devices."));
    }

    #[test]
    fn fewer_changes_a_text_that_comes_back_or_one_that_stays_are_not_learned() {
        let learned = |lines: &[&str]| {
            let pages = visits(lines, "x");
            volatile_blocks(&pages, &pages[0]).1
        };
        assert_eq!(learned(&TIPS), HashSet::from([1]));
        assert!(learned(&TIPS[1..]).is_empty());
        let mut back = TIPS;
        back[4] = TIPS[0];
        assert!(learned(&back).is_empty());
        let mut stays = TIPS;
        stays[3] = TIPS[2];
        assert!(learned(&stays).is_empty());
        assert!(volatile_blocks(&[], &page(&["x"])).1.is_empty());
    }
}
