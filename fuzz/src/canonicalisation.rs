//! A reference's URL → what is visited: one form for one URL, nothing that must not be sent, and the scope decides.
//! Input: a line with the base URL (or an empty one), a line with the entry's path, then a URL on each line.

use linkdrift::config::{HostTable, ScopeSettings};
use linkdrift::reference::{Kind, Reference, meant_part};
use linkdrift::target::{
    CanonicalUrl, LONGEST_URL, Note, Resolution, ResolveBase, Status, in_scope, mask_userinfo,
    percent_decoded, resolve,
};
use regex::Regex;
use url::Url;

pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let base_url = lines.next().and_then(|line| Url::parse(line).ok()).filter(|url| url.has_host());
    let base_url = base_url.filter(|url| matches!(url.scheme(), "http" | "https"));
    let entry = lines.next().unwrap_or_default();
    // A path in a source, as a walk finds it.
    if entry.contains('\0') || entry.split('/').any(|part| part == "..") {
        return;
    }
    let base = ResolveBase { base_url: base_url.as_ref(), entry };
    let regex = |pattern: &str| Regex::new(pattern).expect("our own");
    let narrow = ScopeSettings {
        include: vec![regex("^https?:")],
        exclude: vec![regex("/private"), regex(r"\?.*secret")],
        remap: vec![(regex("^https?://old\\.org/(.*)"), "https://new.org/$1".to_owned())],
    };
    let table = HostTable::shipped();
    for url in lines.take(64) {
        for kind in [Kind::Inline, Kind::Bare] {
            for scope in [&ScopeSettings::default(), &narrow] {
                holds(&resolve(&reference(kind, url), &base, scope, &table), scope, &table);
            }
        }
        hides(url);
    }
}

fn holds(resolution: &Resolution, scope: &ScopeSettings, table: &HostTable) {
    assert_eq!(resolution.target.is_some(), resolution.status == Status::Target, "{resolution:?}");
    match &resolution.note {
        Some(Note::Path { path }) => {
            assert!(!path.split('/').any(|part| part == "..") && !path.contains('\0'), "{path:?}");
        }
        Some(Note::Malformed { message, suggestion }) => {
            assert!(!message.is_empty());
            assert!(suggestion.as_ref().is_none_or(|url| Url::parse(url).is_ok()), "{suggestion:?}");
        }
        _ => {}
    }
    assert!(
        resolution.status != Status::Malformed || matches!(resolution.note, Some(Note::Malformed { .. }))
    );
    let Some(target) = &resolution.target else { return };
    assert!(in_scope(target, scope), "{target}");
    assert!(target.as_str().len() <= LONGEST_URL && !target.as_str().contains('#'));
    assert!(target.as_str().bytes().all(|byte| byte.is_ascii_graphic()), "{target:?}");
    assert!(target.url().username().is_empty() && target.url().password().is_none());
    assert!(!target.host_key().name().is_empty());
    let again = CanonicalUrl::parse(target.as_str()).expect("a canonical URL is one");
    assert_eq!((&again, again.key()), (target, target.key()));
    // Resolved once more, from anywhere, it is what it is.
    if scope.remap.is_empty() {
        let base = ResolveBase { base_url: None, entry: "x.md" };
        let resolved = resolve(&reference(Kind::Inline, target.as_str()), &base, scope, table);
        assert_eq!(resolved.target.as_ref(), Some(target), "{resolved:?}");
    }
}

fn hides(url: &str) {
    assert!(url.starts_with(meant_part(url)));
    assert!(percent_decoded(url).len() <= 3 * url.len());
    let masked = mask_userinfo(url);
    assert_eq!(masked.chars().count(), url.chars().count());
    assert_eq!(mask_userinfo(&masked), masked);
}

fn reference(kind: Kind, url: &str) -> Reference {
    let text = String::new();
    Reference { line: 1, column: 1, offset: 0..1, destination: 0..1, kind, text, url: url.to_owned() }
}
