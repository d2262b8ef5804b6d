//! A target's redirects, as several rules look at them.

use url::Url;

use super::TargetView;
use crate::finding::Evidence;
use crate::verdict::{Facts, HopClass, Interval};
use crate::visit::facts::{Hop, Outcome};

impl TargetView {
    /// The newest facts.
    pub(super) fn now(&self) -> Option<&Interval> {
        self.history.last()
    }

    /// The hops of the newest visit, first to last.
    pub(super) fn hops(&self) -> &[Hop] {
        self.now().map_or(&[], |interval| interval.facts.visit.hops.as_slice())
    }

    /// What proves a verdict.
    pub(super) fn evidence(&self) -> Evidence {
        Evidence {
            reason: self.judgement.reason.clone(),
            status: self.now().and_then(|interval| interval.facts.visit.status()),
            chain: chain(self.hops()),
            since: self.now().map(|interval| interval.first_seen),
            ..Evidence::default()
        }
    }

    /// Whether the chain ends where nobody learns anything of the page: a sign-in page or a sink.
    pub fn ends_in_a_sink(&self) -> bool {
        self.hop_classes.iter().any(|class| is_sink(*class))
    }
}

/// Where strangers meet: a sign-in page, a root, a hub, a search page.
pub(super) fn is_sink(class: HopClass) -> bool {
    matches!(class, HopClass::SignIn | HopClass::RootSink | HopClass::HubSink | HopClass::SearchSink)
}

/// The URLs of a chain of more than one hop, at most 20.
pub(super) fn chain(hops: &[Hop]) -> Vec<String> {
    if hops.len() < 2 { Vec::new() } else { hops.iter().take(20).map(|hop| hop.url.clone()).collect() }
}

/// Whether the visit ended with a page.
pub(super) fn ended_well(facts: &Facts) -> bool {
    match facts.visit.outcome {
        Outcome::Answered => facts.visit.status().is_some_and(|status| (200..300).contains(&status)),
        Outcome::NotModified => true,
        _ => false,
    }
}

/// Whether two URLs name the same page as far as spelling goes: scheme, `www.`, letter case of the path, a slash at its end and a
/// locale in it do not tell pages apart, and neither does the fragment.
pub(super) fn same_page(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => page_key(&one) == page_key(&other),
        _ => one == other,
    }
}

/// As [`same_page`], whatever the queries say.
pub(super) fn same_path(one: &Url, other: &Url) -> bool {
    let (one, other) = (page_key(one), page_key(other));
    (one.0, one.1) == (other.0, other.1)
}

/// Host, path and query as [`same_page`] compares them.
fn page_key(url: &Url) -> (String, String, String) {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path: Vec<String> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty() && !is_locale(part))
        .map(str::to_ascii_lowercase)
        .collect();
    (format!("{host}{port}"), path.join("/"), url.query().unwrap_or_default().to_owned())
}

/// Languages (ISO 639) that sites put before a region. Not all there are: `to-do` is no Tongan in the Dominican Republic.
const LANGUAGES: &[&str] = &[
    "af", "am", "ar", "as", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es",
    "et", "eu", "fa", "fi", "fil", "fr", "ga", "gd", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is",
    "it", "ja", "ka", "kk", "km", "kn", "ko", "ky", "lb", "lo", "lt", "lv", "mi", "mk", "ml", "mn", "mr",
    "ms", "mt", "nb", "ne", "nl", "nn", "no", "pa", "pl", "ps", "pt", "ro", "ru", "rw", "sd", "si", "sk",
    "sl", "sq", "sr", "sv", "sw", "ta", "te", "tg", "th", "tk", "tr", "tt", "ug", "uk", "ur", "uz", "vi",
    "xh", "yo", "zh", "zu",
];

/// `en-us`, `zh-hans-cn`, `sr-Latn-RS`, `pt-BR`: a language and a region, as sites put them in paths (BCP 47). A language alone is
/// not enough: `/it/` is also a department.
pub(super) fn is_locale(segment: &str) -> bool {
    if segment.len() > 11 {
        return false;
    }
    let lower = segment.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('-').collect();
    let letters =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    match parts.as_slice() {
        [language, region] => LANGUAGES.contains(language) && letters(region, 2),
        [language, script, region] => {
            LANGUAGES.contains(language) && letters(script, 4) && letters(region, 2)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_in_paths() {
        for yes in ["en-us", "ro-RO", "zh-hans-cn", "sr-Latn-RS", "fil-PH"] {
            assert!(is_locale(yes), "{yes}");
        }
        for no in ["it", "azure", "how-to", "a-b", "x-y-z", "e2-us", "in-depth", "to-do", ""] {
            assert!(!is_locale(no), "{no}");
        }
    }

    #[test]
    fn pages_are_the_same_whatever_the_spelling() {
        assert!(same_page("http://www.example.org/A/", "https://example.org/en-us/a#x"));
        assert!(!same_page("https://example.org/a?id=1", "https://example.org/a?id=2"));
        assert!(!same_page("https://example.org/a", "https://example.com/a"));
        assert!(!same_page("https://example.org:8443/a", "https://example.org/a"));
    }
}
