//! `link/redirect-changed`: a short link or redirect now leads elsewhere than at the entry's baseline.

use std::collections::HashSet;

use url::Url;

use super::visited;
use crate::config::{HostTable, Severity};
use crate::rule::chain::{same_page, same_path};
use crate::rule::place::brief;
use crate::rule::{Baseline, Draft, EntryView, Rule, RuleContext, TargetView};
use crate::target::{Beside, without_session};
use crate::time::Timestamp;
use crate::verdict::{self, Company, Interval, Verdict};

pub(crate) const RULE: Rule = Rule {
    id: "link/redirect-changed",
    severity: Severity::Warning,
    says: "a short link or redirect now leads elsewhere than at the baseline",
    check,
};

/// From this length on a value of a query is taken for a session's, which differs at every visit.
const SESSION_VALUE: usize = 20;
/// Pages with fewer words may say the same and be two.
const LEAST_WORDS: u32 = 20;
/// After so many visits in a row that ended at as many pages, another one is no news.
const ALL_DIFFER: usize = 3;

fn check(ctx: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in visited(view) {
        let Some((before, now)) = change(target, view.baseline, ctx.host_table) else { continue };
        let (Some(was), Some(is)) = (before.facts.visit.final_url(), now.facts.visit.final_url()) else {
            continue;
        };
        let message = format!("{} led to {} and now leads to {}", brief(&target.url), brief(was), brief(is));
        let mut draft = Draft::at(reference, message, target.url.clone());
        draft.evidence = target.evidence();
        draft.evidence.before = Some(was.to_owned());
        draft.evidence.after = Some(is.to_owned());
        draft.evidence.baseline = Some(view.baseline.at());
        draft.evidence.since = Some(since(target, is));
        drafts.push(draft);
    }
}

/// The interval at the baseline and the present one, where both ended well, at different pages, and the first was a redirect.
fn change<'t>(
    target: &'t TargetView,
    baseline: Baseline,
    table: &HostTable,
) -> Option<(&'t Interval, &'t Interval)> {
    // A sign-in page, a wall or a sink is where no link is meant to lead: neither a baseline nor news.
    let well = |interval: &&'t Interval| {
        let verdict = verdict::judge(&interval.facts, &Company::default(), table, &[]).verdict;
        matches!(verdict, Verdict::Ok | Verdict::Redirected)
    };
    let now = target.now().filter(well)?;
    if target.ends_in_a_sink() {
        return None;
    }
    let well: Vec<&Interval> = target.history.iter().filter(well).collect();
    let before = *baseline.choose(&well, |interval| (interval.first_seen, interval.last_seen))?;
    if before.facts.visit.hops.len() < 2 {
        return None;
    }
    let was = before.facts.visit.final_url()?;
    // A page that was moved on is still the page that was meant: the chain passes through where it ended before.
    let passes = now.facts.visit.hops.iter().skip(1).any(|hop| leads_alike(&hop.url, was));
    let elsewhere = !passes
        && !leads_alike(now.facts.visit.final_url()?, was)
        && !says_alike(before, now)
        && !leads_nowhere_twice(&well);
    elsewhere.then_some((before, now))
}

/// Whether two ends are one page by what it says: to the letter, or by its title and the address that it calls its own. A few words are those of
/// an app that has not begun yet, and say nothing.
fn says_alike(one: &Interval, other: &Interval) -> bool {
    let (Some(one), Some(other)) = (&one.facts.page, &other.facts.page) else { return false };
    let letter = one.content.is_some() && one.content == other.content && one.words >= LEAST_WORDS;
    let own = one.canonical.is_some()
        && one.canonical == other.canonical
        && one.canonical.as_deref().and_then(|url| Url::parse(url).ok()).is_some_and(|url| url.path() != "/");
    one.title == other.title && one.heading == other.heading && (letter || own)
}

/// Whether the newest visits all ended at different pages: such a link never led anywhere in particular.
fn leads_nowhere_twice(well: &[&Interval]) -> bool {
    let newest = &well[well.len().saturating_sub(ALL_DIFFER)..];
    let ends: HashSet<_> = newest.iter().filter_map(|interval| interval.facts.visit.final_url()).collect();
    ends.len() == ALL_DIFFER && newest.iter().all(|interval| interval.visits == 1)
}

/// Whether two ends of a chain are one page, session values in their queries aside.
fn leads_alike(one: &str, other: &str) -> bool {
    let (one, other) = (without_session(one, Beside::SamePage), without_session(other, Beside::SamePage));
    if same_page(&one, &other) {
        return true;
    }
    let (Ok(one), Ok(other)) = (Url::parse(&one), Url::parse(&other)) else { return false };
    if !same_path(&one, &other) {
        return false;
    }
    let (ours, theirs): (Vec<_>, Vec<_>) = (one.query_pairs().collect(), other.query_pairs().collect());
    ours.len() != theirs.len()
        || ours.iter().zip(&theirs).any(|(our, their)| our.0 != their.0)
        || ours
            .iter()
            .zip(&theirs)
            .filter(|(our, their)| our.1 != their.1)
            .all(|(our, their)| our.1.len() >= SESSION_VALUE || their.1.len() >= SESSION_VALUE)
}

/// The first visit since which the chain ends at `url`.
fn since(target: &TargetView, url: &str) -> Timestamp {
    let ends_there =
        |interval: &&Interval| interval.facts.visit.final_url().is_some_and(|end| leads_alike(end, url));
    target
        .history
        .iter()
        .rev()
        .take_while(ends_there)
        .last()
        .or(target.now())
        .map_or(Timestamp::UNIX_EPOCH, |interval| interval.first_seen)
}
