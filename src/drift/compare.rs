//! The comparison of two pages.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::align::Work;
use super::class::Signals;
use super::edit::{self, Edit, Edits, Side};
use super::words::{WordOp, Words, words_within};
use super::{BlockChange, BlockOp, Change, Drift, left, section, term};
use crate::page::{Block, BlockKind, Page, says_withdrawn, volatile};

/// What changed from `old` to `new`. Pure, and bounded: stretches too large to be aligned count as replaced.
pub fn compare(old: &Page, new: &Page) -> Drift {
    let mut known = HashMap::new();
    let (old_side, new_side) = (Side::new(old, &mut known), Side::new(new, &mut known));
    let mut vocabulary = Words::default();
    let mut edits = edit::edits(&old_side, &new_side, &mut vocabulary);
    forget_shuffles(&old_side, &new_side, &mut edits);
    let images = images(old, new);
    let title = title(old, new);
    let retired = retired(old, new);
    let mut drift = Drift {
        anchors_lost: lost(&old.anchors, &new.anchors),
        links_lost: lost(&links(old), &links(new)),
        title: title.clone(),
        ..Drift::default()
    };
    if edits.list.is_empty() && images.is_empty() && title.is_none() && !retired {
        drift.hash = hash(&[], &drift.title);
        return drift;
    }
    if !edits.list.is_empty() {
        let usage =
            (term::Usage::of(&old_side, &mut vocabulary), term::Usage::of(&new_side, &mut vocabulary));
        (drift.terms_removed, drift.terms_added) =
            left::left_and_entered(&old_side, &new_side, &edits.list, (&usage.0, &usage.1), &mut vocabulary);
        (drift.sections_changed, drift.sections_kept) = section::changed(&old_side, &new_side);
    }
    let all = count(&old_side) + count(&new_side);
    let signals =
        Signals::of(&old_side, &new_side, &edits, drift.terms_removed.len() + drift.terms_added.len(), all);
    drift.fraction = (signals.differing as f64 / all.max(1) as f64).min(1.0);
    drift.change = if retired {
        Change::Retired
    } else if replaced(old, new, drift.fraction, edits.kept) {
        Change::Replaced
    } else if edits.list.is_empty() {
        Change::Cosmetic
    } else {
        signals.class()
    };
    drift.blocks =
        edits.list.iter().map(|edit| block_change(&old_side, &new_side, edit)).chain(images).collect();
    // What says that the page is withdrawn comes before all else that changed.
    let title = title.filter(|_| drift.blocks.is_empty());
    if retired || drift.blocks.is_empty() {
        drift.blocks.splice(0..0, outside(old, new, &title));
    }
    drift.hash = hash(&drift.blocks, &drift.title);
    drift
}

/// What changed from `old`, as it stood at `old_url`, to `new` at `new_url`: a page that says the same, or has the same identity, at
/// another URL has moved. A change that matters more is told as that change.
pub fn compare_moved(old: &Page, old_url: &str, new: &Page, new_url: &str) -> Drift {
    let mut drift = compare(old, new);
    let same_id = old.metadata.ids.iter().any(|id| new.metadata.ids.contains(id));
    let says_the_same = matches!(drift.change, Change::None | Change::Cosmetic);
    if old_url != new_url && (says_the_same || (same_id && drift.change == Change::Minor)) {
        drift.change = Change::Moved;
    }
    drift
}

fn block_change(old: &Side<'_>, new: &Side<'_>, edit: &Edit) -> BlockChange {
    let (side, at) = match (edit.new, edit.old) {
        (Some(at), _) => (new, at),
        (None, Some(at)) => (old, at),
        (None, None) => {
            return BlockChange {
                op: edit.op,
                section: String::new(),
                section_index: 0,
                old: None,
                new: None,
            };
        }
    };
    let section = side.section(at);
    BlockChange {
        op: edit.op,
        section: side.page.section_name(section),
        section_index: section,
        old: edit.old.map(|at| old.block(at).text.clone()),
        new: edit.new.map(|at| new.block(at).text.clone()),
    }
}

/// Links that only changed places in a list say nothing: sites shuffle them.
fn forget_shuffles(old: &Side<'_>, new: &Side<'_>, edits: &mut Edits) {
    edits.list.retain(|edit| {
        let (BlockOp::Moved, Some(was), Some(is)) = (edit.op, edit.old, edit.new) else { return true };
        let block = new.block(is);
        let shuffled = block.kind == BlockKind::ListItem
            && block.links.len() == 1
            && block.text.split_whitespace().count() <= 12
            && old.page.section_name(old.section(was)) == new.page.section_name(new.section(is));
        !shuffled
    });
}

/// Alternative texts that came or went.
fn images(old: &Page, new: &Page) -> Vec<BlockChange> {
    let texts = |page: &Page| -> Vec<(String, usize)> {
        page.blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| block.kind == BlockKind::Image)
            .map(|(at, block)| (volatile::normalise(&block.text).into_owned(), at))
            .collect()
    };
    let (olds, news) = (texts(old), texts(new));
    let known =
        |list: &[(String, usize)]| list.iter().map(|(text, _)| text.clone()).collect::<HashSet<String>>();
    let (in_old, in_new) = (known(&olds), known(&news));
    let change = |page: &Page, at: usize, op: BlockOp| {
        let block = &page.blocks[at];
        let text = Some(block.text.clone());
        let (old, new) = if op == BlockOp::Removed { (text, None) } else { (None, text) };
        BlockChange { op, section: page.section_name(block.section), section_index: block.section, old, new }
    };
    let gone = olds
        .iter()
        .filter(|(text, _)| !in_new.contains(text))
        .map(|(_, at)| change(old, *at, BlockOp::Removed));
    let come = news
        .iter()
        .filter(|(text, _)| !in_old.contains(text))
        .map(|(_, at)| change(new, *at, BlockOp::Added));
    gone.chain(come).collect()
}

/// The title or first heading, old and new, where it changed. Of a title only the part counts that names the page, not the site.
fn title(old: &Page, new: &Page) -> Option<(String, String)> {
    if let (Some(before), Some(after)) = (old.heading(), new.heading())
        && volatile::normalise(before) != volatile::normalise(after)
    {
        return Some((before.to_owned(), after.to_owned()));
    }
    let (before, after) = (page_title(old)?, page_title(new)?);
    (volatile::normalise(&before) != volatile::normalise(&after)
        && !is_beside_heading((old, new), &before, &after))
    .then_some((before, after))
}

/// Whether two titles of pages with one heading say what it says, and differ beside it only: "Sso (Desk 21.0.1 API)".
fn is_beside_heading((old, new): (&Page, &Page), before: &str, after: &str) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let Some(heading) = new.heading().filter(|heading| old.heading() == Some(*heading)) else { return false };
    let (heading, before, after) = (words(heading), words(before), words(after));
    !heading.is_disjoint(&before) && before.symmetric_difference(&after).all(|word| !heading.contains(word))
}

/// The part of a title that names the page: the one most like its heading, else the first.
fn page_title(page: &Page) -> Option<String> {
    let title = page.title.as_deref()?;
    let mut title = volatile::without_count(title).to_owned();
    for separator in [" | ", " - ", " – ", " — ", " · ", " « ", " » ", " :: "] {
        title = title.replace(separator, "\u{1}");
    }
    let parts: Vec<String> =
        title.split('\u{1}').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    let heading: HashSet<String> =
        page.heading().unwrap_or_default().split_whitespace().map(str::to_lowercase).collect();
    let common =
        |part: &str| part.split_whitespace().filter(|word| heading.contains(&word.to_lowercase())).count();
    let best = parts.iter().map(|part| common(part)).max().unwrap_or(0);
    parts.iter().find(|part| common(part) == best).cloned()
}

/// What to show of a change that stands outside the blocks: a title, a notice that the page is withdrawn.
fn outside(old: &Page, new: &Page, title: &Option<(String, String)>) -> Vec<BlockChange> {
    let section = new.section_name(0);
    let change = |op: BlockOp, old: Option<String>, new: Option<String>| BlockChange {
        op,
        section: section.clone(),
        section_index: 0,
        old,
        new,
    };
    let flags = new.metadata.flags.iter().filter(|flag| !old.metadata.flags.contains(flag)).map(|flag| {
        change(BlockOp::Added, None, Some(flag.strip_prefix("banner=").unwrap_or(flag).to_owned()))
    });
    let title = title
        .iter()
        .map(|(before, after)| change(BlockOp::Changed, Some(before.clone()), Some(after.clone())));
    title.chain(flags).collect()
}

/// Texts at the head of a page among which a notice is looked for, and bytes of the shortest.
const NOTICES: usize = 6;
const NOTICE: usize = 20;

/// Whether the new page says that it is archived or withdrawn, and the old one did not.
fn retired(old: &Page, new: &Page) -> bool {
    // Dates, menus and names of authors may leak in above a notice. Some are set as headings, in Asciidoctor as a row with the notice's
    // sign, in Doxygen as an item with its name.
    let is_text = |block: &&Block| {
        !matches!(block.kind, BlockKind::Code | BlockKind::Image | BlockKind::Step)
            && block.text.len() >= NOTICE
    };
    let says = |page: &Page| {
        !page.metadata.flags.is_empty()
            || page.blocks.iter().filter(is_text).take(NOTICES).any(|block| says_withdrawn(&block.text))
    };
    says(new) && !says(old)
}

/// Whether another page stands here now: another identity and another text, or nothing at all in common.
fn replaced(old: &Page, new: &Page, fraction: f64, kept: usize) -> bool {
    let id = |page: &Page| page.metadata.ids.iter().find(|(name, _)| name != "platform_id").cloned();
    let other_id = matches!((id(old), id(new)), (Some(before), Some(after)) if before.0 == after.0 && before.1 != after.1);
    let words = |page: &Page| {
        page.heading()
            .or(page.title.as_deref())
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_lowercase)
            .collect::<BTreeSet<_>>()
    };
    let other_heading = words(old).is_disjoint(&words(new));
    (other_id && fraction >= 0.5)
        || (other_heading && fraction >= 0.9 && kept == 0 && old.blocks.len() >= 3 && new.blocks.len() >= 3)
}

fn links(page: &Page) -> Vec<String> {
    page.blocks.iter().flat_map(|block| block.links.iter()).cloned().collect()
}

/// What is in `old` and not in `new`, each once, at most 1,000.
fn lost(old: &[String], new: &[String]) -> Vec<String> {
    let there: HashSet<&str> = new.iter().map(String::as_str).collect();
    let mut seen = HashSet::new();
    old.iter()
        .filter(|item| !there.contains(item.as_str()) && seen.insert(item.as_str()))
        .take(1000)
        .cloned()
        .collect()
}

fn count(side: &Side<'_>) -> usize {
    side.normal.iter().map(|text| text.split(' ').filter(|word| super::words::is_word(word)).count()).sum()
}

/// Of the change itself, not of the page: the different edits in order of their text, without what stands around them.
fn hash(blocks: &[BlockChange], title: &Option<(String, String)>) -> String {
    let mut edits: BTreeSet<(u8, String, String)> = BTreeSet::new();
    let mut work = Work::default();
    for block in blocks {
        match (&block.old, &block.new) {
            (Some(old), Some(new)) if block.op == BlockOp::Changed => {
                let (mut gone, mut come) = (String::new(), String::new());
                for run in words_within(old, new, &mut work) {
                    if run.op == WordOp::Equal {
                        if !gone.is_empty() || !come.is_empty() {
                            edits.insert((1, std::mem::take(&mut gone), std::mem::take(&mut come)));
                        }
                    } else {
                        let side = if run.op == WordOp::Deleted { &mut gone } else { &mut come };
                        side.push_str(run.text.trim());
                    }
                }
                edits.insert((1, gone, come));
            }
            (old, new) => {
                let text = |text: &Option<String>| {
                    text.as_deref().map(volatile::normalise).unwrap_or_default().into_owned()
                };
                edits.insert((2 + block.op as u8, text(old), text(new)));
            }
        }
    }
    if let Some((before, after)) = title.as_ref().filter(|_| blocks.is_empty()) {
        edits.insert((0, before.clone(), after.clone()));
    }
    edits.remove(&(1, String::new(), String::new()));
    let mut hasher = blake3::Hasher::new();
    for (op, old, new) in &edits {
        hasher.update(&[*op]);
        for text in [old, new] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}
