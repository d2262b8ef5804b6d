//! `link/text-mismatch`: the visible text shows a host or path that is not the target's.

use url::Url;

use crate::config::Severity;
use crate::reference::{Kind, Reference};
use crate::rule::chain::{is_locale, is_sink, same_page};
use crate::rule::place::brief;
use crate::rule::{Draft, EntryView, Rule, RuleContext, TargetView};
use crate::target::CanonicalUrl;

pub(crate) const RULE: Rule = Rule {
    id: "link/text-mismatch",
    severity: Severity::Warning,
    says: "the visible text shows a host or path that is not the target's",
    check,
};

/// Top-level domains that a text without a scheme may end in; endings of file names (`.sh`, `.py`, `.net` in `ASP.NET`) stay out
/// unless the rest of the text says that a URL is meant.
const ENDINGS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "int", "mil", "info", "biz", "eu", "uk", "de", "fr", "it", "es", "ro",
    "jp", "cn", "kr", "il", "ru", "br", "nl", "se", "no", "fi", "dk", "at", "ch", "be", "cz", "hu", "gr",
    "pt", "tr", "ca", "au", "nz", "in", "us", "ms", "io", "dev", "app", "cloud",
];

fn check(_: &RuleContext<'_>, view: &EntryView<'_>, drafts: &mut Vec<Draft>) {
    for reference in &view.references {
        let Some(target) = &reference.resolution.target else { continue };
        let Some(shown) = shown_url(&reference.reference) else { continue };
        if agree(shown.url(), target.url())
            || end_alike(
                &shown,
                view.shown.get(&shown).map(AsRef::as_ref),
                target,
                reference.target.as_deref(),
            )
        {
            continue;
        }
        let text = brief(reference.reference.text.trim());
        let message = format!("the text shows {text}, the link leads to {}", brief(target.as_str()));
        let cause = format!("{shown} → {target}");
        let mut draft = Draft::at(reference, message, cause);
        draft.evidence.texts = vec![text];
        draft.evidence.before = Some(shown.as_str().to_owned());
        draft.evidence.after = Some(target.as_str().to_owned());
        drafts.push(draft);
    }
}

/// The URL that a link's text shows to its reader, if it shows one: what is to be known of it decides whether text and target
/// disagree. `None` for constructs whose text is no promise (images, bare URLs, front matter).
pub fn shown_url(reference: &Reference) -> Option<CanonicalUrl> {
    if !matches!(reference.kind, Kind::Inline | Kind::Reference | Kind::Html) || reference.text.len() > 2048 {
        return None;
    }
    let text = reference
        .text
        .trim()
        .trim_matches(['"', '\'', '“', '”', '(', ')', '<', '>', '„', '.', ',', ';', ':']);
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        let first = text.split_whitespace().next()?;
        // Where words follow, or an ellipsis, the text is about a URL rather than one.
        return (first.len() == text.len()).then(|| CanonicalUrl::parse(first)).flatten();
    }
    if text.is_empty() || text.contains(char::is_whitespace) || text.contains(['@', '\\', '…']) {
        return None;
    }
    let (host, rest) = text.split_at(text.find(['/', '?', '#']).unwrap_or(text.len()));
    if !is_host(host) {
        return None;
    }
    let labels = host.split('.').count();
    // `Outlook.com` and `Node.js` are names; `outlook.com/mail`, `www.outlook.com` and `mail.outlook.com` are addresses.
    let address = rest.len() > 1 || labels > 2 || host == host.to_ascii_lowercase();
    address.then(|| CanonicalUrl::parse(&format!("https://{text}"))).flatten()
}

/// Letters, digits and hyphens in labels, a known ending, no digit-only label in last place.
fn is_host(host: &str) -> bool {
    let lower = host.to_ascii_lowercase();
    let mut labels = lower.split('.');
    let plain = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
    };
    let known = lower.rsplit('.').next().is_some_and(|last| ENDINGS.contains(&last));
    known && labels.clone().count() >= 2 && labels.all(plain)
}

/// Whether a reader who was shown `shown` gets what was promised by `target`: the same host (or one beneath it), and the same path
/// as far as one is shown.
fn agree(shown: &Url, target: &Url) -> bool {
    let (shown_host, host) = (bare_host(shown), bare_host(target));
    let parts = |url: &Url| -> Vec<String> {
        url.path()
            .split('/')
            .filter(|part| !part.is_empty() && !is_locale(part))
            .map(str::to_ascii_lowercase)
            .collect()
    };
    let (shown_path, path) = (parts(shown), parts(target));
    let beneath =
        host.strip_suffix(shown_host).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    if shown_path.is_empty() {
        return beneath;
    }
    shown_host == host
        && path.starts_with(&shown_path)
        && shown.query().is_none_or(|query| target.query().is_some_and(|other| other.starts_with(query)))
}

fn bare_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

/// Whether both arrive at one page, as far as it is known: the chains meet anywhere but at a sign-in page or a sink, where strangers
/// meet too.
fn end_alike(
    shown: &CanonicalUrl,
    shown_view: Option<&TargetView>,
    target: &CanonicalUrl,
    target_view: Option<&TargetView>,
) -> bool {
    let shown_chain = pages(shown.as_str(), shown_view);
    let target_chain = pages(target.as_str(), target_view);
    shown_chain.iter().any(|one| target_chain.iter().any(|other| same_page(one, other)))
}

/// The URLs of a chain, without those behind a hop to a sign-in page or a sink.
fn pages<'v>(url: &'v str, view: Option<&'v TargetView>) -> Vec<&'v str> {
    let mut pages = vec![url];
    let Some(view) = view else { return pages };
    for (index, hop) in view.hops().iter().enumerate().skip(1) {
        if view.hop_classes.get(index - 1).is_some_and(|class| is_sink(*class)) {
            break;
        }
        pages.push(&hop.url);
    }
    pages
}
