//! `content/newer`: upstream says that it changed after the entry's date or review, and what it said then is not known. Dates are
//! hints: only content proves a change, so this is never more than worth knowing.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};

use crate::config::Severity;
use crate::page::date_of;
use crate::rule::place::brief;
use crate::rule::{Baseline, Draft, EntryView, Rule, RuleContext, TargetView};
use crate::verdict::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "content/newer",
    severity: Severity::Info,
    says: "upstream is newer than the entry, and there is no baseline to compare with",
    check,
};

fn check(ctx: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    // What was seen first together with the entry is its baseline.
    let Baseline::Given(baseline) = view.baseline else { return };
    let mut told = HashSet::new();
    for reference in &view.references {
        let Some(target) = reference.target.as_deref() else { continue };
        let comparable =
            target.known_since.is_none_or(|since| since <= baseline) || reference.drift.is_some();
        if comparable || !told.insert(target.id) {
            continue;
        }
        let tomorrow = ctx.now.date_naive().checked_add_days(Days::new(1));
        let Some(changed) =
            changed(target).filter(|day| *day > baseline.date_naive() && Some(*day) <= tomorrow)
        else {
            continue;
        };
        let message = format!(
            "{} says that it changed on {changed}, after {}, when the entry was right",
            brief(&target.url),
            baseline.date_naive()
        );
        let mut draft = Draft::at(reference, message, target.url.clone());
        draft.evidence.baseline = Some(baseline);
        draft.evidence.since = changed.and_hms_opt(0, 0, 0).map(|start| start.and_utc());
        draft.evidence.content = target.now().and_then(|now| now.facts.page.as_ref()?.content.clone());
        drafts.push(draft);
    }
}

/// The day on which a page that answers well says that it was changed: by its metadata, else by `Last-Modified`, unless that is but the
/// time of the answer.
fn changed(target: &TargetView) -> Option<NaiveDate> {
    let well = matches!(target.judgement.verdict, Verdict::Ok | Verdict::Redirected);
    let now = target.now().filter(|_| well && !target.ends_in_a_sink())?;
    let by_page = now.facts.page.as_ref().and_then(|page| page.modified);
    let by_header = || {
        let header = now.facts.visit.answer.as_ref()?.last_modified.as_deref()?;
        let answered = now.first_seen.date_naive().checked_sub_days(Days::new(1))?;
        date_of(header).filter(|day| *day < answered)
    };
    by_page.or_else(by_header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::PageFacts;
    use crate::rule::fixture::{World, day, drift, target};
    use crate::visit::facts::Answer;

    const URL: &str = "https://docs.example.org/p";

    fn page(modified: Option<&str>, header: Option<&str>) -> TargetView {
        let mut page = target(Verdict::Ok, "", &[(URL, 200)], &[]);
        page.known_since = Some(day("2026-11-01"));
        let facts = &mut page.history[0].facts;
        facts.page = Some(PageFacts { modified: modified.and_then(date_of), ..PageFacts::default() });
        facts.visit.answer = Some(Answer { last_modified: header.map(str::to_owned), ..Answer::default() });
        page
    }

    fn dated(date: Option<&str>, page: TargetView) -> World {
        let mut world = World::new(&format!("[a]({URL}) [b]({URL})")).with(page);
        world.date = date.and_then(date_of);
        world
    }

    #[test]
    fn only_dates_after_the_entrys_count() {
        let old = "Tue, 11 Jul 2023 23:30:00 GMT";
        for (date, modified, header, expected) in [
            (Some("2021-03-08"), Some("2023-07-11"), None, 1),
            (Some("2021-03-08"), None, Some(old), 1),
            // The page's own word counts before the server's.
            (Some("2021-03-08"), Some("2020-01-01"), Some(old), 0),
            // Made for the answer.
            (Some("2021-03-08"), None, Some("Sun, 01 Nov 2026 12:00:00 GMT"), 0),
            (Some("2021-03-08"), Some("2021-03-08"), None, 0),
            (Some("2021-03-08"), Some("2999-01-01"), None, 0),
            (Some("2021-03-08"), None, None, 0),
            (None, Some("2023-07-11"), None, 0),
        ] {
            let found = dated(date, page(modified, header)).of("content/newer");
            assert_eq!(found.len(), expected, "{date:?} {modified:?} {header:?}");
            assert!(found.iter().all(|finding| finding.severity == Severity::Info));
        }
    }

    #[test]
    fn what_can_be_compared_needs_no_hint() {
        let mut known = page(Some("2023-07-11"), None);
        known.known_since = Some(day("2021-03-07"));
        assert_eq!(dated(Some("2021-03-08"), known).of("content/newer").len(), 0);
        let mut no_page = page(Some("2023-07-11"), None);
        no_page.known_since = None;
        assert_eq!(dated(Some("2021-03-08"), no_page).of("content/newer").len(), 0);
        let drifted = dated(Some("2021-03-08"), page(Some("2023-07-11"), None)).drifted(drift(
            crate::drift::Change::Minor,
            &["s"],
            &[],
            "",
        ));
        assert_eq!(drifted.of("content/newer").len(), 0);
    }
}
