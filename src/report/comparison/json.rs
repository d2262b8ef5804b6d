//! `linkdrift/diff/1`: a promise, so it has structs of its own.

use std::io::{self, Write};

use serde::Serialize;

use super::{Comparison, Label};
use crate::drift::{BlockOp, Change};
use crate::report::safe::write_json;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    from: &'a Label,
    to: &'a Label,
    change: Change,
    sections_changed: &'a [String],
    terms_removed: Vec<RemovedTerm<'a>>,
    terms_added: Vec<AddedTerm<'a>>,
    title: Option<[&'a str; 2]>,
    fraction: f64,
    anchors_lost: &'a [String],
    links_lost: &'a [String],
    hash: &'a str,
    blocks: Vec<Block<'a>>,
}

#[derive(Serialize)]
struct RemovedTerm<'a> {
    term: &'a str,
    replacement: Option<&'a str>,
}

#[derive(Serialize)]
struct AddedTerm<'a> {
    term: &'a str,
}

#[derive(Serialize)]
struct Block<'a> {
    op: BlockOp,
    section: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

pub(super) fn write(out: &mut dyn Write, comparison: &Comparison<'_>) -> io::Result<()> {
    let drift = comparison.drift;
    let document = Document {
        schema: "linkdrift/diff/1",
        from: comparison.from.0,
        to: comparison.to.0,
        change: drift.change,
        sections_changed: &drift.sections_changed,
        terms_removed: drift
            .terms_removed
            .iter()
            .map(|removed| RemovedTerm { term: &removed.term, replacement: removed.replacement.as_deref() })
            .collect(),
        terms_added: drift.terms_added.iter().map(|term| AddedTerm { term }).collect(),
        title: drift.title.as_ref().map(|(old, new)| [old.as_str(), new.as_str()]),
        fraction: (drift.fraction * 10_000.0).round() / 10_000.0,
        anchors_lost: &drift.anchors_lost,
        links_lost: &drift.links_lost,
        hash: &drift.hash,
        blocks: drift
            .blocks
            .iter()
            .map(|block| Block {
                op: block.op,
                section: &block.section,
                old: block.old.as_deref(),
                new: block.new.as_deref(),
            })
            .collect(),
    };
    write_json(out, &document)?;
    writeln!(out)
}
