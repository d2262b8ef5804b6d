//! What a short page shows of its kind beside its text: raw, for the verdict to read.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::{Body, Page};
use crate::config::host_table::is_locale;

/// A page with more words than this is not looked through: it speaks for itself.
pub const SHORT: u32 = 300;

/// What a page shows of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It runs scripts.
    Script,
    /// Its content is likely made by a script: an application's mount point, or words to those who run none.
    Shell,
    /// It asks for a password.
    Password,
    /// Its content offers the site in several languages or countries, and little else.
    Locales,
    /// It is made by one of the companies that show advertisements on unused domains.
    Parking,
    /// It is the page by which a bot wall asks, in place of what was asked for, whether a human is there.
    Wall,
}

/// So many locales must be offered, and be half of all links.
const LOCALES: usize = 3;

/// Patterns that stand for a sign, matched without regard to case in the bytes of the body. Those of parking companies are markup, not
/// names: a page may well speak of them. Those of bot walls are what only the page of the wall itself has: many walls put scripts into
/// every page that they let through (`/cdn-cgi/challenge-platform/scripts/jsd/`, `<script src="/_Incapsula_Resource`, `tags.js`).
static PATTERNS: LazyLock<Vec<(Sign, Regex)>> = LazyLock::new(|| {
    let table = [
        (Sign::Script, r"<script[\s>]"),
        (
            Sign::Shell,
            r#"<noscript[^<]{0,300}javascript|<[a-z-]+[^<>]{0,200}\sid=["']?(?:root|app|react-root|app-root|__next|__nuxt|___gatsby|q-app|svelte|ember-app|main-app|mount|__docusaurus)["'\s>]|<(?:app-root|ion-app)[\s>]|<body[^<>]{0,500}>\s{0,100}<[a-z]{1,20}-[a-z0-9-]{1,40}[\s>]|<[a-z][a-z0-9-]{0,40}[^<>]{0,200}\s(?:ng-app|ng-version|data-reactroot|data-server-rendered)[\s=>]"#,
        ),
        (Sign::Password, r#"<input[^<>]{0,500}type=["']?password"#),
        (
            Sign::Parking,
            r#"<html[^<>]{0,500}data-adblockkey=|(?:src|href)=["']?(?:https?:)?//(?:[a-z0-9-]+\.)*(?:sedoparking\.com|parkingcrew\.net|bodis\.com|parklogic\.com|skenzo\.com|above\.com/marketplace|wsimg\.com/parking-lander)|window\.location(?:\.href)?\s*=\s*["']/lander["']|hugedomains\.com/domain_profile"#,
        ),
        (
            Sign::Wall,
            concat!(
                // Cloudflare.
                r#"window\._cf_chl_opt|/cdn-cgi/challenge-platform/[^"'<>\s]{1,60}/orchestrate/|<form[^<>]{0,500}\sid=["']?challenge-form|class=["']?cf-browser-verification"#,
                // Imperva.
                r#"|<iframe[^<>]{0,300}\ssrc=["']?/_Incapsula_Resource\?"#,
                // DataDome, HUMAN, AWS WAF, Sucuri.
                r#"|<(?:script|iframe)[^<>]{0,300}\ssrc=["']?https://(?:ct|geo)\.captcha-delivery\.com/|\bvar dd\s?=\s?\{[^<>{}]{0,1000}["'](?:geo|ct)\.captcha-delivery\.com["']"#,
                r#"|<div[^<>]{0,200}\sid=["']?px-captcha["'\s>]|window\.awsWafCookieDomainList|sucuri_cloudproxy_js"#,
                // Anubis, DDoS-Guard, SiteGround.
                r#"|<script[^<>]{0,300}(?:\sid=["']?anubis_challenge["'\s>]|\ssrc=["']?[^"'<>\s]{0,100}/\.within\.website/x/cmd/anubis/)"#,
                r#"|<script[^<>]{0,300}\ssrc=["']?/\.well-known/ddos-guard/|(?:url=|["';])/\.well-known/sgcaptcha/"#,
            ),
        ),
    ];
    let build = |pattern: &str| RegexBuilder::new(pattern).case_insensitive(true).unicode(false).build();
    table.into_iter().filter_map(|(sign, pattern)| Some((sign, build(pattern).ok()?))).collect()
});

/// The signs of a page, in order, each once; none of a page of more than [`SHORT`] words.
pub(super) fn of(page: &Page, words: u32, body: &Body) -> Vec<Sign> {
    if words > SHORT {
        return Vec::new();
    }
    let bytes = &body.bytes[..body.bytes.len().min(super::bounds::BODY)];
    let mut signs: Vec<Sign> =
        PATTERNS.iter().filter(|(_, pattern)| pattern.is_match(bytes)).map(|(sign, _)| *sign).collect();
    let speaks_of_scripts =
        |page: &Page| page.blocks.iter().any(|block| block.text.to_lowercase().contains("javascript"));
    if words <= SHELL_WORDS && speaks_of_scripts(page) {
        signs.push(Sign::Shell);
    }
    if offers_locales(page) {
        signs.push(Sign::Locales);
    }
    signs.sort_unstable();
    signs.dedup();
    signs
}

/// A page that speaks of JavaScript in so few words says that it needs it.
const SHELL_WORDS: u32 = 60;

fn offers_locales(page: &Page) -> bool {
    let links = || page.blocks.iter().flat_map(|block| &block.links);
    let locales: BTreeSet<String> = links().filter_map(|link| locale_of(link)).collect();
    locales.len() >= LOCALES && locales.len() * 2 >= links().count()
}

/// The locale that a link leads to, by the first part of its path or a value of its query.
fn locale_of(link: &str) -> Option<String> {
    let rest =
        link.split_once("://").map_or(link, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let first = path.split('/').find(|part| !part.is_empty() && *part != ".").unwrap_or_default();
    let values = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
    std::iter::once(first).chain(values).find(|part| is_locale(part)).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::page::{PageFacts, read};

    fn signs(html: &str) -> Vec<Sign> {
        let body =
            Body { bytes: html.as_bytes().to_vec().into(), content_type: Some("text/html".to_owned()) };
        let page = read(&body, &Url::parse("https://a.org/x").unwrap());
        PageFacts::of(&page, page.content_hash(), &body).signs
    }

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(PATTERNS.len(), 5);
    }

    #[test]
    fn kinds_of_pages() {
        use Sign::{Locales, Parking, Password, Script, Shell};
        for (html, want) in [
            ("<p>Plain words.</p>", vec![]),
            ("<script src=a.js></script><p>Words.</p>", vec![Script]),
            ("<div id=\"root\"></div><script src=a.js></script>", vec![Script, Shell]),
            ("<noscript>You need to enable JavaScript to run this app.</noscript>", vec![Shell]),
            ("<app-root></app-root><SCRIPT type=module src=m.js></SCRIPT>", vec![Script, Shell]),
            ("<p>Please turn JavaScript on.</p>", vec![Shell]),
            ("<form><input name=u><input name=p type=\"password\"></form>", vec![Password]),
            ("<html data-adblockkey=\"MFww\"><p>Links</p>", vec![Parking]),
            ("<p>x</p><script src=\"//img.sedoparking.com/a.js\"></script>", vec![Script, Parking]),
            ("<p>Parking companies are sedoparking.com and bodis.com.</p>", vec![]),
            (
                "<main><ul><li><a href=/en-us/>English</a><li><a href=/de-de/>Deutsch</a><li><a href=/fr-fr/>Français</a></ul></main>",
                vec![Locales],
            ),
            (
                "<main><p><a href=/en-us/>English</a> <a href=/de-de/>Deutsch</a> <a href=/a>a</a> <a href=/b>b</a> <a href=/c>c</a></p></main>",
                vec![],
            ),
        ] {
            assert_eq!(signs(html), want, "{html}");
        }
    }

    #[test]
    fn mounts_of_applications() {
        for html in [
            "<div id=\"mount\"><p>Loading.</p></div>",
            "<body><div id=__docusaurus><p>Loading.</p></div></body>",
            "<body class=x> <acme-app><p>Loading.</p></acme-app></body>",
            "<ion-app><p>Loading.</p></ion-app>",
            "<kb-root ng-version=\"17.1.0\"><p>Loading.</p></kb-root>",
        ] {
            assert_eq!(signs(html), [Sign::Shell], "{html}");
        }
        for html in ["<div id=mountain><p>K2.</p></div>", "<body><p>A <sl-icon></sl-icon></p></body>"] {
            assert_eq!(signs(html), [], "{html}");
        }
    }

    #[test]
    fn pages_of_walls_and_pages_behind_them() {
        for html in [
            "<title>Just a moment...</title><script>(function(){window._cf_chl_opt={cvId:'3'};var a=document.createElement('script');a.src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=1';}());</script>",
            "<iframe id=\"main-iframe\" src=\"/_Incapsula_Resource?SWUDNSAI=31&xinfo=1\">Request unsuccessful.</iframe>",
            "<p id=cmsg>Please enable JS</p><script>var dd={'rt':'c','cid':'A','host':'geo.captcha-delivery.com'}</script>",
            "<script src=\"https://ct.captcha-delivery.com/c.js\"></script>",
            "<div id=\"px-captcha\"></div>",
            "<script>window.awsWafCookieDomainList = [];</script>",
            "<script id=\"anubis_challenge\" type=\"application/json\">{}</script>",
            "<script async src=\"/.within.website/x/cmd/anubis/static/js/main.mjs\"></script>",
            "<script src=\"/.well-known/ddos-guard/js-challenge/index.js\"></script>",
            "<meta http-equiv=\"refresh\" content=\"0;/.well-known/sgcaptcha/?r=%2F\">",
        ] {
            assert!(signs(html).contains(&Sign::Wall), "{html}");
        }
        // What walls put into the pages that they let through; forms that ask whether a human is there; pages about walls.
        for html in [
            "<p>Words.</p><script>window.__CF$cv$params={r:'1'};a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';</script>",
            "<p>Words.</p><script src=\"/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3\"></script>",
            "<p>Words.</p><script src=\"https://js.datadome.co/tags.js\"></script>",
            "<form><script src=\"https://www.google.com/recaptcha/api.js\"></script></form>",
            "<p>Allow geo.captcha-delivery.com and /_Incapsula_Resource in your proxy; window._cf is not ours.</p>",
            "<p>Anubis is served from <code>/.within.website/x/cmd/anubis/</code>.</p>",
        ] {
            assert!(!signs(html).contains(&Sign::Wall), "{html}");
        }
    }

    #[test]
    fn a_long_page_speaks_for_itself() {
        let long = format!("<script></script><main><p>{}</p></main>", "word ".repeat(301));
        assert_eq!(signs(&long), []);
        let short = format!("<script></script><main><p>{}</p></main>", "word ".repeat(299));
        assert_eq!(signs(&short), [Sign::Script]);
    }
}
