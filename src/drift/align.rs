//! What two sequences have in common, in order. Patience first (elements that occur once on both sides), a longest common subsequence
//! in what is left. Work is bounded: a stretch too large for the table stays unaligned.

use std::collections::HashMap;

/// Cells of one table, and of all tables of one alignment.
const TABLE: usize = 1 << 20;
const WORK: usize = 8 << 20;
/// Cells of all alignments of one comparison.
const ALL_WORK: usize = 128 << 20;
/// Levels of anchors within anchors.
const LEVELS: usize = 24;

/// What may still be spent on aligning the words of many blocks, in cells.
#[derive(Debug)]
pub(super) struct Work(usize);

impl Default for Work {
    fn default() -> Self {
        Self(ALL_WORK)
    }
}

/// Pairs of indices of equal elements, rising on both sides.
pub(super) fn align(old: &[u32], new: &[u32]) -> Vec<(usize, usize)> {
    align_within(old, new, &mut Work::default())
}

/// As [`align`], by what is left of the work for all alignments of a comparison.
pub(super) fn align_within(old: &[u32], new: &[u32], work: &mut Work) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut own = WORK.min(work.0);
    let before = own;
    stretch(old, new, (0, 0), LEVELS, &mut own, &mut pairs);
    work.0 -= before - own;
    pairs
}

/// What lies between the pairs: ranges of old and new, at least one of them not empty.
pub(super) fn gaps(
    pairs: &[(usize, usize)],
    old: usize,
    new: usize,
) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut gaps = Vec::new();
    let (mut from_old, mut from_new) = (0, 0);
    for &(at_old, at_new) in pairs.iter().chain(std::iter::once(&(old, new))) {
        if at_old > from_old || at_new > from_new {
            gaps.push((from_old..at_old, from_new..at_new));
        }
        (from_old, from_new) = (at_old + 1, at_new + 1);
    }
    gaps
}

fn stretch(
    old: &[u32],
    new: &[u32],
    offset: (usize, usize),
    levels: usize,
    work: &mut usize,
    pairs: &mut Vec<(usize, usize)>,
) {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    pairs.extend((0..start).map(|at| (offset.0 + at, offset.1 + at)));
    let (old, new, offset) = (&old[start..], &new[start..], (offset.0 + start, offset.1 + start));
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let (inner_old, inner_new) = (&old[..old.len() - end], &new[..new.len() - end]);
    if !inner_old.is_empty() && !inner_new.is_empty() {
        between(inner_old, inner_new, offset, levels, work, pairs);
    }
    let (tail_old, tail_new) = (offset.0 + inner_old.len(), offset.1 + inner_new.len());
    pairs.extend((0..end).map(|at| (tail_old + at, tail_new + at)));
}

fn between(
    old: &[u32],
    new: &[u32],
    offset: (usize, usize),
    levels: usize,
    work: &mut usize,
    pairs: &mut Vec<(usize, usize)>,
) {
    let cells = old.len() * new.len();
    // A small stretch is best aligned exactly.
    if cells <= TABLE / 16 && cells <= *work {
        *work -= cells;
        table(old, new, offset, pairs);
        return;
    }
    let anchors = if levels == 0 { Vec::new() } else { unique(old, new) };
    if anchors.is_empty() {
        if cells <= TABLE && cells <= *work {
            *work -= cells;
            table(old, new, offset, pairs);
        }
        return;
    }
    let (mut from_old, mut from_new) = (0, 0);
    for (at_old, at_new) in anchors {
        stretch(
            &old[from_old..at_old],
            &new[from_new..at_new],
            (offset.0 + from_old, offset.1 + from_new),
            levels - 1,
            work,
            pairs,
        );
        pairs.push((offset.0 + at_old, offset.1 + at_new));
        (from_old, from_new) = (at_old + 1, at_new + 1);
    }
    stretch(
        &old[from_old..],
        &new[from_new..],
        (offset.0 + from_old, offset.1 + from_new),
        levels - 1,
        work,
        pairs,
    );
}

/// Elements that occur once on both sides, thinned to the longest run that rises on both.
fn unique(old: &[u32], new: &[u32]) -> Vec<(usize, usize)> {
    let mut seen: HashMap<u32, (usize, usize, usize, usize)> = HashMap::new();
    for (at, &key) in old.iter().enumerate() {
        let entry = seen.entry(key).or_insert((0, 0, 0, 0));
        (entry.0, entry.1) = (entry.0 + 1, at);
    }
    for (at, &key) in new.iter().enumerate() {
        if let Some(entry) = seen.get_mut(&key) {
            (entry.2, entry.3) = (entry.2 + 1, at);
        }
    }
    let mut anchors: Vec<(usize, usize)> = seen
        .into_values()
        .filter(|entry| entry.0 == 1 && entry.2 == 1)
        .map(|entry| (entry.1, entry.3))
        .collect();
    anchors.sort_unstable();
    // Longest increasing subsequence of the new side, by patience sorting.
    let mut tops: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; anchors.len()];
    for at in 0..anchors.len() {
        let pile = tops.partition_point(|&top| anchors[top].1 < anchors[at].1);
        before[at] = pile.checked_sub(1).map(|below| tops[below]);
        if pile == tops.len() {
            tops.push(at);
        } else {
            tops[pile] = at;
        }
    }
    let mut chain = Vec::with_capacity(tops.len());
    let mut here = tops.last().copied();
    while let Some(at) = here {
        chain.push(anchors[at]);
        here = before[at];
    }
    chain.reverse();
    chain
}

/// The longest common subsequence, by table.
fn table(old: &[u32], new: &[u32], offset: (usize, usize), pairs: &mut Vec<(usize, usize)>) {
    let width = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = if old[i] == new[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            pairs.push((offset.0 + i, offset.1 + j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn large_inputs_are_aligned_at_what_is_unique() {
        let old: Vec<u32> = (0..20_000).collect();
        let mut new = old.clone();
        new.retain(|key| key % 7 != 0);
        assert_eq!(align(&old, &new).len(), new.len());
        // Nothing unique and far too large for a table: bounded, and still an alignment.
        let old: Vec<u32> = (0..20_000).map(|at| at % 2).collect();
        let new: Vec<u32> = (0..20_000).map(|at| (at / 2) % 2).collect();
        assert!(align(&old, &new).len() <= 20_000);
    }

    proptest! {
        #[test]
        fn pairs_are_equal_and_rise(old in proptest::collection::vec(0_u32..12, 0..60), new in proptest::collection::vec(0_u32..12, 0..60)) {
            let pairs = align(&old, &new);
            for pair in &pairs {
                prop_assert_eq!(old[pair.0], new[pair.1]);
            }
            for two in pairs.windows(2) {
                prop_assert!(two[0].0 < two[1].0 && two[0].1 < two[1].1);
            }
            let covered: usize = gaps(&pairs, old.len(), new.len()).iter().map(|gap| gap.0.len() + gap.1.len()).sum();
            prop_assert_eq!(covered + 2 * pairs.len(), old.len() + new.len());
        }
    }
}
