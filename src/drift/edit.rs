//! Which blocks of two pages belong together: equal ones in order, then similar ones between them, then equal or similar ones that
//! stand elsewhere. What is left was added or removed.

use std::collections::HashMap;
use std::ops::Range;

use super::BlockOp;
use super::align::{self, Work};
use super::words::{Text, Words};
use crate::page::{BlockKind, Page, volatile};

/// Pairs of blocks of one gap, and of all that is left over, that are compared for likeness.
const PAIRS: usize = 40_000;
/// Likeness from which two blocks in the same place are one that changed.
const ALIKE: f64 = 0.45;
/// Likeness from which two blocks in different places are, and the words they need.
const ALIKE_ELSEWHERE: f64 = 0.7;
const WORDS_ELSEWHERE: usize = 6;

/// One side of a comparison.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) page: &'a Page,
    /// Indices of the blocks that are compared: all but images.
    pub(super) blocks: Vec<usize>,
    /// Their texts as compared.
    pub(super) normal: Vec<String>,
    /// Equal texts have equal keys.
    keys: Vec<u32>,
}

/// Something that happened to a block. Indices are into [`Side::blocks`].
#[derive(Debug)]
pub(super) struct Edit {
    pub(super) op: BlockOp,
    pub(super) old: Option<usize>,
    pub(super) new: Option<usize>,
    /// Words of both sides; empty where there is no such side.
    pub(super) old_text: Text,
    pub(super) new_text: Text,
    /// Ranges of words that differ.
    pub(super) hunks: Vec<(Range<usize>, Range<usize>)>,
}

/// What happened, and what is the same.
#[derive(Debug)]
pub(super) struct Edits {
    /// In the order of the new page; removals where they stood.
    pub(super) list: Vec<Edit>,
    /// Pairs of blocks that are equal and in order.
    pub(super) kept: usize,
}

impl<'a> Side<'a> {
    pub(super) fn new(page: &'a Page, known: &mut HashMap<String, u32>) -> Self {
        let blocks: Vec<usize> =
            (0..page.blocks.len()).filter(|&at| page.blocks[at].kind != BlockKind::Image).collect();
        let normal: Vec<String> =
            blocks.iter().map(|&at| volatile::normalise(&page.blocks[at].text).into_owned()).collect();
        let keys = normal
            .iter()
            .map(|text| {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                *known.entry(text.clone()).or_insert(next)
            })
            .collect();
        Self { page, blocks, normal, keys }
    }

    pub(super) fn keys(&self) -> &[u32] {
        &self.keys
    }

    pub(super) fn key(&self, at: usize) -> u32 {
        self.keys[at]
    }

    pub(super) fn kind(&self, at: usize) -> BlockKind {
        self.page.blocks[self.blocks[at]].kind
    }

    pub(super) fn section(&self, at: usize) -> usize {
        self.page.blocks[self.blocks[at]].section
    }

    /// Its text as it stands on the page, which code keeps its lines in.
    pub(super) fn text(&self, at: usize) -> &'a str {
        &self.page.blocks[self.blocks[at]].text
    }

    pub(super) fn block(&self, at: usize) -> &crate::page::Block {
        &self.page.blocks[self.blocks[at]]
    }
}

/// Compares block by block.
pub(super) fn edits(old: &Side<'_>, new: &Side<'_>, words: &mut Words) -> Edits {
    let mut work = Work::default();
    let kept = align::align(&old.keys, &new.keys, &mut work);
    let mut list: Vec<(usize, usize, Edit)> = Vec::new();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for (in_old, in_new) in align::gaps(&kept, old.keys.len(), new.keys.len()) {
        if same_words(&old.normal[in_old.clone()], &new.normal[in_new.clone()]) {
            continue;
        }
        let olds: Vec<(usize, Text)> = in_old.clone().map(|at| (at, words.read(&old.normal[at]))).collect();
        let news: Vec<(usize, Text)> = in_new.clone().map(|at| (at, words.read(&new.normal[at]))).collect();
        let (pairs, olds, news) = pair(
            olds,
            news,
            |old_at, new_at| {
                (old.kind(old_at) == BlockKind::Heading) == (new.kind(new_at) == BlockKind::Heading)
            },
            (ALIKE, 0),
            &mut work,
        );
        for ((old_at, old_text), (new_at, new_text)) in pairs {
            let hunks = hunks(&old_text, &new_text, &mut work);
            list.push((
                new_at,
                old_at,
                Edit {
                    op: BlockOp::Changed,
                    old: Some(old_at),
                    new: Some(new_at),
                    old_text,
                    new_text,
                    hunks,
                },
            ));
        }
        removed.extend(olds.into_iter().map(|(at, text)| (at, text, in_new.start)));
        added.extend(news);
    }
    // What left one place may have come to another.
    let mut left: HashMap<u32, Vec<usize>> = HashMap::new();
    for (index, (at, _, _)) in removed.iter().enumerate().rev() {
        left.entry(old.keys[*at]).or_default().push(index);
    }
    let mut places: HashMap<usize, usize> = removed.iter().map(|(at, _, place)| (*at, *place)).collect();
    let mut gone = vec![false; removed.len()];
    let mut still_added = Vec::new();
    for (new_at, new_text) in added {
        if let Some(index) = left.get_mut(&new.keys[new_at]).and_then(Vec::pop) {
            gone[index] = true;
            let old_at = removed[index].0;
            let old_text = std::mem::take(&mut removed[index].1);
            list.push((
                new_at,
                old_at,
                Edit {
                    op: BlockOp::Moved,
                    old: Some(old_at),
                    new: Some(new_at),
                    old_text,
                    new_text,
                    hunks: Vec::new(),
                },
            ));
        } else {
            still_added.push((new_at, new_text));
        }
    }
    let removed: Vec<(usize, Text)> = removed
        .into_iter()
        .enumerate()
        .filter(|(index, _)| !gone[*index])
        .map(|(_, (at, text, _))| (at, text))
        .collect();
    let (pairs, removed, added) = pair(
        removed,
        still_added,
        |old_at, new_at| old.kind(old_at) == new.kind(new_at),
        (ALIKE_ELSEWHERE, WORDS_ELSEWHERE),
        &mut work,
    );
    for ((old_at, old_text), (new_at, new_text)) in pairs {
        let hunks = hunks(&old_text, &new_text, &mut work);
        list.push((
            new_at,
            old_at,
            Edit { op: BlockOp::Changed, old: Some(old_at), new: Some(new_at), old_text, new_text, hunks },
        ));
    }
    for (at, text) in removed {
        let place = places.remove(&at).unwrap_or(usize::MAX);
        let all = 0..text.keys.len();
        list.push((
            place,
            at,
            Edit {
                op: BlockOp::Removed,
                old: Some(at),
                new: None,
                old_text: text,
                new_text: Text::default(),
                hunks: vec![(all, 0..0)],
            },
        ));
    }
    for (at, text) in added {
        let all = 0..text.keys.len();
        list.push((
            at,
            usize::MAX,
            Edit {
                op: BlockOp::Added,
                old: None,
                new: Some(at),
                old_text: Text::default(),
                new_text: text,
                hunks: vec![(0..0, all)],
            },
        ));
    }
    // A removal comes before what now stands in its place.
    list.sort_by_key(|(place, at, edit)| (*place, edit.op != BlockOp::Removed, *at));
    Edits { list: list.into_iter().map(|(_, _, edit)| edit).collect(), kept: kept.len() }
}

/// Whether two runs of blocks say the same, cut differently.
fn same_words(old: &[String], new: &[String]) -> bool {
    let letters = |texts: &[String]| texts.iter().map(|text| text.len()).sum::<usize>();
    let (a, b) = (letters(old), letters(new));
    if a.abs_diff(b) > a / 4 + 64 {
        return false;
    }
    let bare = |texts: &'_ [String]| {
        texts
            .iter()
            .flat_map(|text| text.chars())
            .filter(|c| !c.is_whitespace() && *c != '|')
            .collect::<String>()
    };
    bare(old) == bare(new)
}

fn hunks(old: &Text, new: &Text, work: &mut Work) -> Vec<(Range<usize>, Range<usize>)> {
    align::gaps(&align::align(&old.keys, &new.keys, work), old.keys.len(), new.keys.len())
}

type Numbered = (usize, Text);

/// Pairs blocks by likeness, the most alike first; where there are too many pairs, only neighbours are looked at.
fn pair(
    old: Vec<Numbered>,
    new: Vec<Numbered>,
    may: impl Fn(usize, usize) -> bool,
    (least, least_words): (f64, usize),
    work: &mut Work,
) -> (Vec<(Numbered, Numbered)>, Vec<Numbered>, Vec<Numbered>) {
    if old.is_empty() || new.is_empty() {
        return (Vec::new(), old, new);
    }
    let bags = |side: &[Numbered]| -> Vec<Vec<u32>> {
        side.iter()
            .map(|(_, text)| {
                let mut bag: Vec<u32> = (0..text.keys.len())
                    .filter(|&at| super::words::is_word(text.word(at)))
                    .map(|at| text.keys[at])
                    .collect();
                bag.truncate(2000);
                bag.sort_unstable();
                bag
            })
            .collect()
    };
    let (old_bags, new_bags) = (bags(&old), bags(&new));
    let reach =
        if old.len() * new.len() <= PAIRS { usize::MAX } else { PAIRS / old.len().max(new.len()) / 2 };
    let mut candidates: Vec<(u64, usize, usize)> = Vec::new();
    for i in 0..old.len() {
        let middle = i * new.len() / old.len();
        for j in middle.saturating_sub(reach)..new.len().min(middle.saturating_add(reach).saturating_add(1)) {
            if !may(old[i].0, new[j].0) || old_bags[i].len().min(new_bags[j].len()) < least_words {
                continue;
            }
            if !work.take(old_bags[i].len() + new_bags[j].len()) {
                break;
            }
            let like = likeness(&old_bags[i], &new_bags[j]);
            // A place in the same order breaks ties, and blocks of one word or two are alike if their place is the only one.
            let only = old.len() == 1 && new.len() == 1 && least_words == 0;
            if like >= least || (only && like >= 0.25) {
                let order = (i * 1000 / old.len()).abs_diff(j * 1000 / new.len());
                candidates.push((((like * 1e6) as u64) * 1024 + 1023 - order.min(1023) as u64, i, j));
            }
        }
    }
    candidates.sort_unstable_by(|a, b| b.cmp(a));
    let mut partner = vec![None; old.len()];
    let mut taken = vec![false; new.len()];
    for (_, i, j) in candidates {
        if partner[i].is_none() && !taken[j] {
            partner[i] = Some(j);
            taken[j] = true;
        }
    }
    let mut news: Vec<Option<Numbered>> = new.into_iter().map(Some).collect();
    let (mut pairs, mut alone) = (Vec::new(), Vec::new());
    for (block, partner) in old.into_iter().zip(partner) {
        match partner.and_then(|at| news[at].take()) {
            Some(other) => pairs.push((block, other)),
            None => alone.push(block),
        }
    }
    (pairs, alone, news.into_iter().flatten().collect())
}

/// Dice's coefficient of two sorted bags of words.
fn likeness(old: &[u32], new: &[u32]) -> f64 {
    if old.is_empty() || new.is_empty() {
        return 0.0;
    }
    let (mut i, mut j, mut common) = (0, 0, 0);
    while i < old.len() && j < new.len() {
        match old[i].cmp(&new[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    2.0 * f64::from(common) / (old.len() + new.len()) as f64
}
