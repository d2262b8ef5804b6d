//! `link/redirect-permanent`: 301 or 308 to the page elsewhere (RFC 9110 §15.4.2, §15.4.9): use the new URL.

use url::Url;

use super::with_verdict;
use crate::config::Severity;
use crate::rule::chain::is_locale;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext, TargetView};
use crate::verdict::{HopClass, Verdict};

pub(crate) const RULE: Rule = Rule {
    id: "link/redirect-permanent",
    severity: Severity::Warning,
    says: "redirects for good to the page elsewhere: use the new URL",
    check,
};

/// Where a chain leads for good.
struct Move {
    /// The new URL, without what a later hop will insert again.
    url: String,
    /// Whether a hop leads to another page, not only to another host.
    to_another_page: bool,
}

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for (reference, target) in with_verdict(view, Verdict::Redirected) {
        let Some(found) = permanent_move(target) else { continue };
        let hosts = (host(&target.url), host(&found.url));
        let (message, cause) = if found.to_another_page {
            (format!("{} moved for good to {}", brief(&target.url), brief(&found.url)), target.url.clone())
        } else {
            let cause = format!("{} → {}", hosts.0, hosts.1);
            (format!("{} moved for good to {}, with the same paths", hosts.0, hosts.1), cause)
        };
        let mut draft = Draft::at(reference, message, cause);
        draft.severity = Some(if found.to_another_page { Severity::Warning } else { Severity::Info });
        draft.evidence = target.evidence();
        draft.evidence.reason = Some(if found.to_another_page { "moved" } else { "host-move" }.to_owned());
        draft.suggestion = Some(match reference.resolution.fragment.as_deref() {
            Some(fragment) => format!("{}#{fragment}", found.url),
            None => found.url,
        });
        drafts.push(draft);
    }
}

/// Whether the rule speaks of this target.
pub(super) fn asks_for_a_fix(target: &TargetView) -> bool {
    permanent_move(target).is_some()
}

/// Follows the chain as long as it is permanent. A temporary hop that changes nothing but locale, scheme or spelling is passed over;
/// any other ends what can be promised.
fn permanent_move(target: &TargetView) -> Option<Move> {
    let hops = target.hops();
    let mut reached = None;
    let mut to_another_page = false;
    let mut locales = Vec::new();
    for (index, class) in target.hop_classes.iter().enumerate() {
        let (from, to) = (hops.get(index)?, hops.get(index + 1)?);
        let permanent = matches!(from.status, Some(301 | 308));
        match class {
            HopClass::Locale => locales.extend(inserted_locale(&from.url, &to.url)),
            HopClass::Https | HopClass::Spelling => {
                // Part of the new URL only where it is as permanent as the move itself.
                if permanent && reached == Some(index) {
                    reached = Some(index + 1);
                }
            }
            HopClass::HostMove | HopClass::Moved if permanent => {
                reached = Some(index + 1);
                to_another_page |= *class == HopClass::Moved;
            }
            _ => break,
        }
    }
    let reached = hops.get(reached?)?;
    let mut url = Url::parse(&reached.url).ok()?;
    url.set_fragment(None);
    for locale in &locales {
        remove_locale(&mut url, locale);
    }
    (url.as_str() != target.url).then(|| Move { url: url.into(), to_another_page })
}

/// The segment that `to` has more than `from`, where it is a locale.
fn inserted_locale(from: &str, to: &str) -> Option<String> {
    let (from, to) = (Url::parse(from).ok()?, Url::parse(to).ok()?);
    let had: Vec<&str> = from.path_segments()?.collect();
    to.path_segments()?
        .find(|part| is_locale(part) && !had.iter().any(|old| old.eq_ignore_ascii_case(part)))
        .map(str::to_owned)
}

fn remove_locale(url: &mut Url, locale: &str) {
    let mut segments: Vec<&str> = url.path().split('/').collect();
    if let Some(index) = segments.iter().position(|part| part.eq_ignore_ascii_case(locale)) {
        segments.remove(index);
        let path = segments.join("/");
        url.set_path(&path);
    }
}

fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
