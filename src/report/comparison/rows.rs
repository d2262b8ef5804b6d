//! What a reader sees, in the order of the new page: changes, a block of context around them, and how much was left out.

use std::collections::HashMap;

use super::Comparison;
use crate::drift::BlockChange;
use crate::page::{Block, BlockKind, Page};

/// A row of a difference.
#[derive(Debug)]
pub(super) enum Row<'a> {
    /// A section begins: its headings from the outermost, and its name.
    Section {
        /// Headings, joined; empty before any heading.
        path: String,
        /// Anchor or heading.
        name: String,
        /// Whether the new page has it not any more.
        gone: bool,
    },
    /// What happened to a block.
    Change(&'a BlockChange),
    /// An unchanged block beside a change.
    Kept(&'a Block),
    /// So many unchanged blocks.
    LeftOut(usize),
}

/// Rows of a comparison.
pub(super) fn rows<'a>(comparison: &Comparison<'a>) -> Vec<Row<'a>> {
    let (old, new) = (comparison.from.1, comparison.to.1);
    let mut walk = Walk { old, new, at: 0, places: HashMap::new(), section: None, rows: Vec::new() };
    for (at, block) in new.blocks.iter().enumerate() {
        walk.places.entry(&block.text).or_default().push(at);
    }
    let old_places: HashMap<&str, usize> =
        old.blocks.iter().enumerate().rev().map(|(at, block)| (block.text.as_str(), at)).collect();
    for change in &comparison.drift.blocks {
        match (&change.new, &change.old) {
            (Some(text), _) => {
                if let Some(found) = walk.place(text, Some(change.section_index)) {
                    walk.kept_until(found, Some(change.section_index));
                    walk.at = found + 1;
                }
            }
            (None, Some(text)) => {
                // It stood behind a block that is still there.
                let stood = old_places.get(text.as_str()).copied().unwrap_or_default();
                let before = old.blocks[..stood.min(old.blocks.len())].iter().rev().take(8);
                let found = before.into_iter().find_map(|block| walk.place(&block.text, None));
                if let Some(found) = found {
                    walk.kept_until(found + 1, Some(new.blocks[found].section));
                }
            }
            (None, None) => continue,
        }
        walk.section(change.section_index, change.new.is_none());
        walk.rows.push(Row::Change(change));
    }
    walk.kept_until(new.blocks.len(), None);
    walk.rows
}

struct Walk<'a> {
    old: &'a Page,
    new: &'a Page,
    /// The first block of the new page that no row tells of.
    at: usize,
    /// Where a text stands on the new page.
    places: HashMap<&'a str, Vec<usize>>,
    section: Option<(bool, usize)>,
    rows: Vec<Row<'a>>,
}

impl<'a> Walk<'a> {
    /// The next place of a text (in a section), not before what was told.
    fn place(&self, text: &str, section: Option<usize>) -> Option<usize> {
        let places = self.places.get(text)?;
        let from = places.partition_point(|place| *place < self.at);
        places[from..]
            .iter()
            .copied()
            .find(|place| section.is_none_or(|section| self.new.blocks[*place].section == section))
    }

    /// Tells of the unchanged blocks up to `end`: the one behind the last change and the one before the next, where they are of its
    /// section, and how many there are between.
    fn kept_until(&mut self, end: usize, next: Option<usize>) {
        let told = |block: &Block| !matches!(block.kind, BlockKind::Heading | BlockKind::Image);
        let page = self.new;
        let kept: Vec<&Block> =
            page.blocks[self.at.min(end)..end].iter().filter(|block| told(block)).collect();
        self.at = self.at.max(end);
        let of = |section: Option<usize>, block: Option<&&Block>| {
            usize::from(block.is_some_and(|block| section == Some(block.section)))
        };
        let last = self.section.filter(|(gone, _)| !gone).map(|(_, section)| section);
        let head = of(last, kept.first());
        let tail = of(next, kept.last()).min(kept.len() - head);
        kept[..head].iter().for_each(|block| self.kept(block));
        let between = kept.len() - head - tail;
        if between > 0 {
            self.rows.push(Row::LeftOut(between));
        }
        kept[kept.len() - tail..].iter().for_each(|block| self.kept(block));
    }

    fn kept(&mut self, block: &'a Block) {
        self.section(block.section, false);
        self.rows.push(Row::Kept(block));
    }

    fn section(&mut self, index: usize, gone: bool) {
        if self.section == Some((gone, index)) {
            return;
        }
        let page = if gone { self.old } else { self.new };
        let path = page.sections.get(index).map(|section| section.path.join(" › ")).unwrap_or_default();
        let name = page.section_name(index);
        // A removal in a section that is still there belongs to it.
        let same =
            matches!(self.section, Some((_, known)) if self.name_of(known) == name) && self.section.is_some();
        let still_there = gone && (0..self.new.sections.len()).any(|at| self.new.section_name(at) == name);
        self.section = Some((gone, index));
        if !same {
            self.rows.push(Row::Section { path, name, gone: gone && !still_there });
        }
    }

    /// The name of the section that was told last.
    fn name_of(&self, index: usize) -> String {
        let gone = self.section.is_some_and(|(gone, _)| gone);
        let page = if gone { self.old } else { self.new };
        page.section_name(index)
    }
}
