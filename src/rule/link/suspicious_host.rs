//! `link/suspicious-host`: a host that is not what it looks like: invisible characters, marks that turn the direction of writing, mixed
//! scripts, letters that look like others (UTS 39 §4, §5.1, §5.2; UAX 9).

use idna::domain_to_unicode;
use unicode_security::confusable_detection::skeleton;
use unicode_security::mixed_script::AugmentedScriptSet;
use unicode_security::restriction_level::{RestrictionLevel, RestrictionLevelDetection};

use crate::config::Severity;
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext};

pub(crate) const RULE: Rule = Rule {
    id: "link/suspicious-host",
    severity: Severity::Warning,
    says: "a host that is not what it looks like",
    check,
};

/// The longest host that is looked at, in bytes: a name has at most 253 (RFC 1035 §2.3.4), and `%` triples what is written.
const LONGEST: usize = 1024;

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for reference in &view.references {
        let written = authority(&reference.reference.url);
        let target = reference.resolution.target.as_ref().and_then(|target| target.url().host_str());
        let said = match (hidden(written), target.and_then(misleading)) {
            (Some(hidden), _) => match target {
                Some(host) => format!("the host holds {hidden}; without it, it is {}", brief(host)),
                None => format!("the host holds {hidden}"),
            },
            (None, Some(misleading)) => misleading,
            (None, None) => continue,
        };
        let cause = target.unwrap_or(written).to_owned();
        let mut draft = Draft::at(reference, said, brief(&cause));
        draft.evidence.reason = Some("suspicious-host".to_owned());
        drafts.push(draft);
    }
}

/// What stands between `//` and the path of a URL as written; empty where there is no such part. A `\` ends it, as in the WHATWG URL
/// standard.
fn authority(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("//") else { return "" };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let host = &rest[..end];
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

/// The first character of a host as written that nobody sees, or that turns the direction of writing.
fn hidden(written: &str) -> Option<String> {
    let written = written.get(..LONGEST).unwrap_or(written);
    written.chars().find_map(|c| {
        let what = match c {
            '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                "a mark that turns the direction of writing"
            }
            '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2064}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}' => "an invisible character",
            _ => return None,
        };
        Some(format!("{what} (U+{:04X})", u32::from(c)))
    })
}

/// Says how a host (ASCII, as in a canonical URL) misleads who reads it in the letters that it stands for.
fn misleading(host: &str) -> Option<String> {
    if host.len() > LONGEST || !host.split('.').any(|label| label.starts_with("xn--")) {
        return None;
    }
    let (shown, _) = domain_to_unicode(host);
    let last = shown.rsplit('.').next().unwrap_or_default();
    shown.split('.').filter(|label| !label.is_ascii()).find_map(|label| {
        let named = || format!("{} ({})", brief(&shown), brief(host));
        if mixed(label) {
            return Some(format!("{} mixes letters of several scripts in one word", named()));
        }
        let like = look_alike(label, last)?;
        Some(format!("{} is written in letters that look like \"{}\" and are others", named(), brief(&like)))
    })
}

/// Whether a label mixes scripts more than "highly restrictive" allows (UTS 39 §5.2): Latin beside Chinese, Japanese or Korean is common.
fn mixed(label: &str) -> bool {
    label.detect_restriction_level() > RestrictionLevel::HighlyRestrictive
        && AugmentedScriptSet::for_str(label).is_empty()
}

/// The ASCII word that a label without a Latin letter looks like (UTS 39 §4). Nobody is misled where the top-level domain is in that
/// script, too.
fn look_alike(label: &str, last: &str) -> Option<String> {
    let latin = |c: char| c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}');
    if label.chars().any(latin) || !last.is_ascii() {
        return None;
    }
    let like: String = skeleton(label).collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    (like.chars().all(plain) && like.chars().any(|c| c.is_ascii_alphabetic())).then_some(like)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::fixture::World;

    fn said(url: &str) -> Option<String> {
        World::new(&format!("[a]({url})")).of("link/suspicious-host").pop().map(|finding| finding.message)
    }

    /// U20, U21.
    #[test]
    fn u20_u21_what_is_not_what_it_looks_like() {
        for (url, part) in [
            ("https://exam\u{200b}ple.net/", "invisible character (U+200B); without it, it is example.net"),
            ("https://exam\u{ad}ple.net/", "invisible character (U+00AD)"),
            ("https://exam\u{202e}ple.net/", "turns the direction of writing (U+202E)"),
            ("https://exam\u{2028}ple.net/", "invisible character (U+2028)"),
            ("https://аррӏе.com/", "look like \"apple\""),
            ("https://xn--80ak6aa92e.com/", "аррӏе.com (xn--80ak6aa92e.com) is written"),
            ("https://pаypal.com/", "mixes letters of several scripts"),
            ("https://shop.gооgle.com/x", "mixes letters of several scripts"),
            ("https://αpple.org/", "mixes letters"),
        ] {
            let said = said(url).unwrap_or_default();
            assert!(said.contains(part), "{url}: {said}");
        }
    }

    #[test]
    fn what_is() {
        for url in [
            "https://example.net/exam\u{200b}ple",
            "https://bücher.de/",
            "https://encyclopædia.org/",
            "https://日本語.jp/",
            "https://東京tower.jp/",
            "https://한국어abc.kr/",
            "https://пример.рф/",
            "https://сор.рф/",
            "https://почта.com/",
            "https://עברית.co.il/",
            "https://i❤.ws/",
            "https://xn--.org/",
            "/relative/\u{200b}",
            "mailto:a\u{200b}@example.net",
        ] {
            assert_eq!(said(url), None, "{url}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(host in "\\PC{0,40}") {
            let _ = (hidden(&host), misleading(&host), misleading(&format!("xn--{host}.com")), authority(&host));
        }
    }
}
