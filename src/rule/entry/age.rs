//! `entry/age`: the entry was not reviewed for so many days (`days`, 365 by default).

use chrono::TimeDelta;

use crate::config::Severity;
use crate::finding::Evidence;
use crate::rule::place::Lines;
use crate::rule::{Baseline, Draft, EntryView, Rule, RuleContext};
use crate::source::Syntax;

pub(crate) const RULE: Rule = Rule {
    id: "entry/age",
    severity: Severity::Info,
    says: "the entry was not reviewed for a long time",
    check,
};

/// Days, where configuration gives no number.
const DAYS: u32 = 365;

fn check(ctx: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    // Nobody reviews a table of contents.
    if !matches!(Syntax::of_path(view.entry), Syntax::Markdown | Syntax::Html) {
        return;
    }
    let days = ctx.settings.get(RULE.id).and_then(|settings| settings.days).unwrap_or(DAYS);
    let at = view.baseline.at();
    if ctx.now - at <= TimeDelta::days(days.into()) {
        return;
    }
    // No number of days: a message that differs from day to day would be a change of the finding.
    let day = at.date_naive();
    let message = match view.baseline {
        Baseline::Given(_) => format!("not reviewed since {day}"),
        Baseline::FirstSight(_) => format!("never reviewed; first seen on {day}"),
    };
    let (line, offset) = date_line(view);
    drafts.push(Draft {
        subject: "age".to_owned(),
        offset,
        line,
        column: 1,
        severity: None,
        unconfirmed: false,
        message,
        cause: format!("not reviewed for more than {days} days"),
        target: None,
        evidence: Evidence { baseline: Some(at), ..Evidence::default() },
        suggestion: None,
    });
}

/// The line of front matter that bears the entry's date, else the first line.
fn date_line(view: &EntryView<'_>) -> (u32, (usize, usize)) {
    let front_matter = &view.read.front_matter;
    let dated = front_matter.date.and_then(|date| {
        let written = |value: &str| crate::page::date_of(value) == Some(date);
        front_matter.values.iter().find(|value| written(&value.value))
    });
    let line = dated.map_or(1, |value| value.line.max(1));
    (line, Lines::of(view.text).range(line).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::config::RuleSettings;
    use crate::reference::FrontMatterValue;
    use crate::rule::fixture::{World, day};

    fn world(date: Option<&str>, reviewed: Option<&str>, days: Option<u32>) -> World {
        let mut world = World::new("---\ntitle: T\nms.date: 03/08/2021\n---\n# T\n");
        world.date = date.and_then(crate::page::date_of);
        world.reviewed_at = reviewed.map(day);
        if world.date.is_some() {
            world.read.front_matter.date = world.date;
            let value = FrontMatterValue { key: "ms.date".into(), value: "03/08/2021".into(), line: 3 };
            world.read.front_matter.values.push(value);
        }
        world.settings.insert("entry/age".into(), RuleSettings { days, ..RuleSettings::default() });
        world
    }

    #[test]
    fn age_counts_from_the_review_else_the_date_else_first_sight() {
        // Now is 2026-11-22.
        for (date, reviewed, days, expected) in [
            (Some("2021-03-08"), None, None, Some(("not reviewed since 2021-03-08", 3))),
            (Some("2021-03-08"), Some("2026-11-01"), None, None),
            (Some("2021-03-08"), Some("2026-11-01"), Some(20), Some(("not reviewed since 2026-11-01", 3))),
            (Some("2021-03-08"), Some("2026-11-01"), Some(21), None),
            (None, None, None, Some(("never reviewed; first seen on 1970-01-01", 1))),
        ] {
            let found = world(date, reviewed, days).of("entry/age");
            let told = found.first().map(|finding| (finding.message.as_str(), finding.line));
            assert_eq!(told, expected, "{date:?} {reviewed:?} {days:?}");
        }
    }
}
