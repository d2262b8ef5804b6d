//! What only its text or its place shows to be furniture.

use super::block::Linked;
use super::line::{self, Line};
use super::noise::Trust;
use super::{Block, BlockKind, Page, volatile};

/// Leaves it out: "last updated" lines, a list of links to the page's own headings, and sections that do nothing but point at other pages.
pub(super) fn leave_out(page: &mut Page, linked: &[Linked], trust: Trust) {
    let mut dropped = furniture_lines(&page.blocks, linked);
    if trust == Trust::Markup {
        for (at, block) in page.blocks.iter().enumerate() {
            let is_pager =
                linked[at] == Linked::Wholly && page.blocks.len() - at <= 4 && line::is_pager(&block.text);
            dropped[at] |=
                block.kind == BlockKind::Paragraph && (is_pager || volatile::is_contents(&block.text));
        }
    }
    // A list of at least three links to places on the page is its table of contents.
    let mut start = 0;
    while start < linked.len() {
        let length = linked[start..].iter().take_while(|linked| **linked == Linked::WithinPage).count();
        if length >= 3
            && page.blocks[start..start + length]
                .iter()
                .filter(|block| matches!(block.kind, BlockKind::ListItem | BlockKind::Step))
                .count()
                >= 3
        {
            dropped[start..start + length].fill(true);
        }
        start += length.max(1);
    }
    for (index, section) in page.sections.iter().enumerate() {
        let pointing = section.path.last().is_some_and(|heading| volatile::points_elsewhere(heading));
        let contents = section.path.last().is_some_and(|heading| volatile::is_contents(heading));
        if !contents && (!pointing || trust == Trust::Container) {
            continue;
        }
        // Blocks are in the order of their sections.
        let first = page.blocks.partition_point(|block| block.section < index);
        let length = page.blocks[first..].iter().take_while(|block| block.section == index).count();
        let only_links = (first..first + length).all(|at| {
            dropped[at]
                || matches!(page.blocks[at].kind, BlockKind::Heading | BlockKind::Image)
                || linked[at] != Linked::Partly
        });
        if only_links {
            dropped[first..first + length].fill(true);
        }
    }
    retain(&mut page.blocks, &dropped);
    // Sections without blocks are gone with them.
    let mut used = vec![None; page.sections.len()];
    let mut sections = Vec::new();
    for block in &mut page.blocks {
        let slot = &mut used[block.section];
        let index = *slot.get_or_insert_with(|| {
            sections.push(page.sections[block.section].clone());
            sections.len() - 1
        });
        block.section = index;
    }
    page.sections = sections;
}

/// Which blocks are lines of furniture. A step never is, an item only where all items of its list are, and a line that a text may say
/// too only where pages have such lines: at the top, at the end, beside others.
fn furniture_lines(blocks: &[Block], linked: &[Linked]) -> Vec<bool> {
    /// Blocks at the top of a page that may be lines about it.
    const TOP: usize = 8;
    /// Blocks at its end that may be.
    const END: usize = 3;
    let lines: Vec<Option<Line>> = blocks
        .iter()
        .zip(linked)
        .map(|(block, linked)| match block.kind {
            BlockKind::Paragraph | BlockKind::Quote | BlockKind::ListItem => {
                line::furniture(&block.text, *linked != Linked::Partly)
            }
            _ => None,
        })
        .collect();
    let is_item = |at: usize| blocks[at].kind == BlockKind::ListItem;
    let mut dropped: Vec<bool> =
        (0..blocks.len()).map(|at| lines[at] == Some(Line::Sure) && !is_item(at)).collect();
    let mut start = 0;
    while start < blocks.len() {
        let length = (start..blocks.len())
            .take_while(|&at| is_item(at) && blocks[at].section == blocks[start].section)
            .count();
        let list = &lines[start..start + length];
        if list.iter().all(Option::is_some) && list.contains(&Some(Line::Sure)) {
            dropped[start..start + length].fill(true);
        }
        start += length.max(1);
    }
    // What a heading of the text or a colon announces is the text: "100 views" under "Limit", or after "Free plan:".
    let is_announced = |at: usize| {
        at.checked_sub(1).is_some_and(|before| {
            before > 0 && blocks[before].kind == BlockKind::Heading
                || blocks[before].text.ends_with([':', '：'])
        })
    };
    let may = |at: usize| lines[at] == Some(Line::Perhaps) && !is_item(at) && !is_announced(at);
    // Before the first heading below the page's own.
    let top =
        (0..blocks.len().min(TOP)).take_while(|&at| at == 0 || blocks[at].kind != BlockKind::Heading).count();
    for at in 0..blocks.len() {
        let is_beside = at.checked_sub(1).is_some_and(|before| dropped[before]);
        dropped[at] |= may(at) && (at < top || is_beside);
    }
    let mut kept = 0;
    for at in (0..blocks.len()).rev() {
        let is_beside = dropped.get(at + 1).is_some_and(|dropped| *dropped);
        dropped[at] |= may(at) && (kept < END || is_beside);
        kept += usize::from(!dropped[at]);
    }
    dropped
}

fn retain(blocks: &mut Vec<Block>, dropped: &[bool]) {
    let mut at = 0;
    blocks.retain(|_| {
        at += 1;
        !dropped[at - 1]
    });
}
