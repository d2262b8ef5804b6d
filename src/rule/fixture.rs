//! An entry with its targets, for tests of rules. Links are read by a few lines of our own, not by stage 2.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::*;
use crate::config::{Ignore, RuleSettings};
use crate::drift::{BlockChange, BlockOp, Change, TermRemoved};
use crate::finding::{Finding, FindingId, FindingState};
use crate::reference::{EntryRead, Kind, Reference};
use crate::target::Status;
use crate::verdict::{Facts, Verdict};
use crate::visit::facts::{Hop, Outcome, Visit};

/// One entry and what is known of the web around it.
pub(super) struct World {
    pub(super) text: String,
    pub(super) read: EntryRead,
    pub(super) references: Vec<ReferenceView>,
    pub(super) locale: Option<&'static str>,
    pub(super) date: Option<NaiveDate>,
    pub(super) reviewed_at: Option<Timestamp>,
    pub(super) shown: BTreeMap<CanonicalUrl, Arc<TargetView>>,
    pub(super) table: HostTable,
    pub(super) terms: TermTable,
    pub(super) strict: bool,
    pub(super) settings: BTreeMap<String, RuleSettings>,
    pub(super) ignores: Vec<Ignore>,
}

/// Noon of a day.
pub(super) fn day(text: &str) -> Timestamp {
    format!("{text}T12:00:00Z").parse().unwrap()
}

impl World {
    /// Reads `[text](url)` and `![text](url)`; http(s) URLs are targets, everything else is a file.
    pub(super) fn new(text: &str) -> Self {
        let pattern = regex::Regex::new(r"!?\[([^\]]*)\]\(([^)]*)\)").unwrap();
        let lines = place::Lines::of(text);
        let mut references = Vec::new();
        for found in pattern.captures_iter(text) {
            let (all, url) = (found.get(0).unwrap(), found.get(2).unwrap());
            let (line, column) = lines.position(all.start());
            let reference = Reference {
                line,
                column,
                offset: all.range(),
                destination: url.range(),
                kind: if all.as_str().starts_with('!') { Kind::Image } else { Kind::Inline },
                text: found[1].to_owned(),
                url: url.as_str().to_owned(),
            };
            let target = CanonicalUrl::parse(url.as_str());
            let status = match (&target, url.is_empty()) {
                (Some(_), _) => Status::Target,
                (None, true) => Status::Empty,
                (None, false) => Status::File,
            };
            let fragment = url.as_str().split_once('#').map(|(_, fragment)| fragment.to_owned());
            let resolution = Resolution { target, fragment, status, note: None };
            references.push(ReferenceView {
                reference,
                resolution,
                file: None,
                target: None,
                drift: None,
                missing_place: None,
            });
        }
        let read = EntryRead {
            references: references.iter().map(|view| view.reference.clone()).collect(),
            ..Default::default()
        };
        Self {
            text: text.to_owned(),
            read,
            references,
            locale: Some("ro-RO"),
            date: None,
            reviewed_at: None,
            shown: BTreeMap::new(),
            table: HostTable::default(),
            terms: TermTable::shipped(),
            strict: false,
            settings: BTreeMap::new(),
            ignores: Vec::new(),
        }
    }

    /// Says what is known of a target, for every reference to it.
    pub(super) fn with(mut self, target: TargetView) -> Self {
        let target = Arc::new(target);
        for reference in &mut self.references {
            if reference.resolution.target.as_ref().is_some_and(|url| url.as_str() == target.url) {
                reference.target = Some(target.clone());
            }
        }
        self
    }

    /// Says how every target drifted.
    pub(super) fn drifted(mut self, drift: DriftView) -> Self {
        let drift = Arc::new(drift);
        for reference in self.references.iter_mut().filter(|reference| reference.resolution.target.is_some())
        {
            reference.drift = Some(drift.clone());
        }
        self
    }

    /// Findings, but for that of the entry's age: every entry here is old, unless its test is about that.
    pub(super) fn findings(&self) -> Vec<Finding> {
        self.all().into_iter().filter(|finding| finding.rule != "entry/age").collect()
    }

    fn all(&self) -> Vec<Finding> {
        let ctx = RuleContext {
            now: day("2026-11-22"),
            host_table: &self.table,
            term_table: &self.terms,
            strict_unreachable: self.strict,
            settings: &self.settings,
        };
        let view = EntryView {
            source: "ro-RO",
            locale: self.locale,
            entry: "a.md",
            text: &self.text,
            read: &self.read,
            references: self.references.clone(),
            baseline: Baseline::of(self.reviewed_at, self.date, Timestamp::UNIX_EPOCH),
            shown: self.shown.clone(),
        };
        check_entry(&ctx, &view, &self.ignores).findings
    }

    /// Findings of one rule.
    pub(super) fn of(&self, rule: &str) -> Vec<Finding> {
        self.all().into_iter().filter(|finding| finding.rule == rule).collect()
    }
}

/// What every visit from the first of the month on found.
pub(super) fn interval(hops: &[(&str, u16)], first_seen: &str) -> Interval {
    let hops: Vec<Hop> = hops
        .iter()
        .enumerate()
        .map(|(index, (url, status))| Hop {
            url: (*url).to_owned(),
            status: (*status != 0).then_some(*status),
            location: hops.get(index + 1).map(|(next, _)| (*next).to_owned()),
            elapsed_ms: 1,
        })
        .collect();
    let at = day(first_seen);
    let visit = Visit {
        hops,
        outcome: Outcome::Answered,
        attempts: 1,
        visited_at: at,
        answer: None,
        certificate_ends: None,
    };
    Interval { facts: Facts { visit, page: None }, first_seen: at, last_seen: at, visits: 1 }
}

/// A target with one interval. `hops` begin with its own URL; status 0 stands for no answer.
pub(super) fn target(
    verdict: Verdict,
    reason: &str,
    hops: &[(&str, u16)],
    classes: &[HopClass],
) -> TargetView {
    TargetView {
        id: TargetId(1),
        url: hops[0].0.to_owned(),
        judgement: Judgement { verdict, reason: (!reason.is_empty()).then(|| reason.to_owned()) },
        confirmation: if matches!(verdict, Verdict::Ok | Verdict::Redirected) {
            Confirmation::Well
        } else {
            Confirmation::Confirmed
        },
        hop_classes: classes.to_vec(),
        history: vec![interval(hops, "2026-11-01")],
        known_since: None,
        flapping: None,
        https_alike: None,
    }
}

/// A drift of a class in one section, with a term that left and what came in its place.
pub(super) fn drift(
    change: Change,
    sections: &[&str],
    terms: &[(&str, Option<&str>)],
    new_text: &str,
) -> DriftView {
    let blocks = match change {
        Change::None => Vec::new(),
        _ => vec![BlockChange {
            op: BlockOp::Changed,
            section: sections.first().copied().unwrap_or_default().to_owned(),
            section_index: 0,
            old: Some(format!("The old text says {}.", terms.first().map_or("something", |term| term.0))),
            new: Some("The new text says something else.".to_owned()),
        }],
    };
    DriftView {
        drift: Drift {
            change,
            sections_changed: sections.iter().map(|section| (*section).to_owned()).collect(),
            terms_removed: terms
                .iter()
                .map(|(term, replacement)| TermRemoved {
                    term: (*term).to_owned(),
                    replacement: replacement.map(str::to_owned),
                })
                .collect(),
            blocks,
            hash: "h".to_owned(),
            ..Drift::default()
        },
        beside_renames: None,
        snapshots: (SnapshotId(1), SnapshotId(2)),
        content: ContentHash([2; 32]),
        baseline: day("2021-03-08"),
        since: day("2023-07-11"),
        seen_again: false,
        new_text: new_text.into(),
        new_title: Some("Sign in".to_owned()),
    }
}

/// A finding of which only rule, severity and state matter.
pub(crate) fn finding(rule: &str, severity: Severity, state: FindingState) -> Finding {
    let at = day("2026-11-22");
    Finding {
        id: FindingId::of(rule, "s", "e", "x", 0),
        rule: rule.to_owned(),
        severity,
        state,
        source: "s".to_owned(),
        entry: "e".to_owned(),
        line: 1,
        column: 1,
        end_column: None,
        offset: None,
        target: None,
        message: String::new(),
        evidence: Evidence::default(),
        suggestion: None,
        cause: String::new(),
        first_seen: at,
        last_seen: at,
    }
}
