//! Pages at which one signs in, on hosts that the table does not know: where a redirect leads to the door instead of the page.

use url::Url;

use super::Facts;
use super::company::named;
use super::hops::{decoded, same_but_locale, segments};
use crate::page::{PageFacts, Sign};

/// Parts of a path that are a sign-in page, whole but for an extension, in lower case; `-` and `_` are taken out before.
const PARTS: &[&str] = &[
    "login",
    "logon",
    "signin",
    "signon",
    "wplogin",
    "userlogin",
    "authenticate",
    "authorize",
    "sso",
    "saml",
    "saml2",
    "adfs",
    "oauth",
    "oauth2",
    "openidconnect",
    "oidc",
    "auth",
    "anmelden",
    "anmeldung",
    "connexion",
    "iniciarsesion",
    "accedi",
    "inloggen",
    "logowanie",
    "autentificare",
];

/// First labels of hosts whose business signing in is.
const LABELS: &[&str] = &["login", "signin", "sso", "auth", "idp", "adfs"];

/// Names in a query that only a sign-in page is given.
const NAMES: &[&str] = &["login", "signin", "returnurl", "redirect_to", "samlrequest"];

/// How the title or heading of a sign-in page begins, in lower case.
const TITLES: &[&str] = &[
    "sign in",
    "sign-in",
    "log in",
    "login",
    "logon",
    "anmelden",
    "anmeldung",
    "se connecter",
    "connexion",
    "iniciar sesión",
    "iniciar sessão",
    "accedi",
    "inloggen",
    "logga in",
    "log ind",
    "logg inn",
    "zaloguj się",
    "logowanie",
    "autentificare",
    "conectare",
    "войти",
    "вход",
    "ログイン",
    "サインイン",
    "로그인",
    "登录",
    "登入",
];

/// Separates the parts of a title.
const SEPARATORS: [char; 7] = ['|', '–', '—', ':', '·', '•', '-'];

/// Whether the chain was sent to a sign-in page that the link did not name. It takes two signs: the page asks for a password, or its URL
/// says where to go back to; and its URL or its title says that it is for signing in. A page that the link's own URL names is none.
pub(super) fn is_sent_to_the_door(facts: &Facts) -> bool {
    let visit = &facts.visit;
    let url = |hop: Option<&crate::visit::facts::Hop>| hop.and_then(|hop| Url::parse(&hop.url).ok());
    let (Some(first), Some(last)) = (url(visit.hops.first()), url(visit.hops.last())) else { return false };
    let by_url = names_a_door(&last);
    if names_a_door(&first) || (same_but_locale(&first, &last) && !by_url) {
        return false;
    }
    let page = facts.page.as_ref();
    if page.is_some_and(|page| named(page, &first, &last)) {
        return false;
    }
    let asks = page.is_some_and(|page| page.signs.contains(&Sign::Password));
    (asks && (by_url || page.is_some_and(is_titled_so))) || (by_url && tells_the_way_back(&first, &last))
}

/// Whether a URL says by itself that it is a sign-in page.
fn names_a_door(url: &Url) -> bool {
    let parts: Vec<String> = segments(url).into_iter().map(folded).collect();
    let in_path = parts.iter().any(|part| PARTS.contains(&part.as_str()))
        || parts
            .windows(2)
            .any(|pair| matches!(pair[0].as_str(), "session" | "sessions") && pair[1] == "new");
    // A site may be called so (`login.gov`); a host of a site is not by chance.
    let in_host =
        url.host_str().filter(|host| host.matches('.').count() > 1).and_then(|host| host.split('.').next());
    let in_query = url.query_pairs().take(64).any(|(name, _)| NAMES.contains(&name.to_lowercase().as_str()));
    in_path || in_query || in_host.is_some_and(|label| LABELS.contains(&label))
}

/// A part of a path in lower case, without its extension, `-` and `_`.
fn folded(part: &str) -> String {
    let part = decoded(part);
    let stem = part.split(['.', ';']).next().unwrap_or_default();
    stem.replace(['-', '_'], "")
}

/// Whether a value of the query is the path that was asked for.
fn tells_the_way_back(first: &Url, last: &Url) -> bool {
    let path = first.path().trim_end_matches('/');
    let back = |value: &str| value.contains(path) || decoded(value).contains(&decoded(path));
    path.len() > 1 && last.query_pairs().take(64).any(|(_, value)| back(&value))
}

fn is_titled_so(page: &PageFacts) -> bool {
    let begins = |part: &str| {
        let part = part.trim();
        let ends = |rest: &str| !rest.starts_with(char::is_alphanumeric);
        TITLES.iter().any(|title| part.strip_prefix(title).is_some_and(ends))
    };
    [&page.title, &page.heading].into_iter().flatten().any(|text| {
        let text = text.chars().take(512).collect::<String>().to_lowercase();
        begins(&text) || text.split(SEPARATORS).any(begins)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::facts;
    use super::super::{Company, HopClass, Verdict, hop_classes, judge, sibling};
    use super::*;
    use crate::config::HostTable;
    use crate::visit::facts::Outcome;

    const LINK: &str = "https://a.org/private/report";

    fn sent(first: &str, to: &str, title: &str, signs: &[Sign]) -> Facts {
        let to = Url::parse(first).unwrap().join(to).unwrap();
        let mut facts = facts(&[(first, 302), (to.as_str(), 200)], Outcome::Answered);
        facts.page = Some(PageFacts {
            title: Some(title.to_owned()),
            words: 30,
            content: Some("door".to_owned()),
            signs: signs.to_vec(),
            ..PageFacts::default()
        });
        facts
    }

    /// What is said where everything of the host is sent to the same place.
    fn said(facts: &Facts) -> (Verdict, Option<String>) {
        let mut nonsense = facts.clone();
        nonsense.visit.hops[0].url = sibling(&Url::parse(LINK).unwrap()).unwrap().into();
        let company = Company { siblings: vec![nonsense], ..Company::default() };
        let judgement = judge(facts, &company, &HostTable::shipped(), &[]);
        (judgement.verdict, judgement.reason)
    }

    #[test]
    fn doors() {
        let door = (Verdict::Blocked, Some("sign-in".to_owned()));
        for (to, title) in [
            ("/login?next=/private/report", "Acme"),
            ("/users/sign_in", "Acme"),
            ("/account/login?ReturnUrl=%2Fprivate", "Acme"),
            ("/wp-login.php?redirect_to=x", "Acme"),
            ("/auth/realms/x/protocol/openid-connect/auth?client_id=a", "Acme"),
            ("/saml/login", "Acme"),
            ("https://sso.a.org/idp/SSO", "Acme"),
            ("https://www.a.org/", "Sign in to Acme"),
            ("/?login=1", "Acme"),
            ("/signin", "Acme"),
            ("/?redirect=%2Fprivate", "Acme: Log in"),
            ("https://id.other.net/", "Sign in to Acme"),
            ("/anmelden", "Acme"),
            ("/session/new", "Acme"),
            ("/_layouts/15/Authenticate.aspx?Source=%2F", "Acme"),
            ("/search?login=1", "Acme"),
            ("/konto/", "Anmelden – Acme"),
        ] {
            let there = sent(LINK, to, title, &[Sign::Password]);
            assert_eq!(said(&there), door, "{to}");
            assert_eq!(hop_classes(&there, &Company::default(), &HostTable::shipped()), [HopClass::SignIn]);
        }
        // A form that a script makes; the URL says where one was going.
        assert_eq!(said(&sent(LINK, "/login?next=%2Fprivate%2Freport", "Acme", &[Sign::Script])), door);
    }

    #[test]
    fn what_is_no_door() {
        let sink = (Verdict::Suspect, Some("sink".to_owned()));
        for (to, title, signs) in [
            // A start page, or a shop, with a form for its customers.
            ("/", "Acme", &[Sign::Password][..]),
            ("/shop/", "Acme", &[Sign::Password]),
            ("/", "Loginova industries", &[Sign::Password]),
            ("/", "How to sign in to Acme", &[Sign::Password]),
            // The word alone says little.
            ("/login", "Acme", &[]),
            ("/login?from=elsewhere", "Acme", &[]),
            ("/blog/login-problems", "Acme", &[Sign::Password]),
        ] {
            assert_eq!(said(&sent(LINK, to, title, signs)), sink, "{to} {title}");
        }
        let alone = |first: &str, to: &str, title: &str| {
            let facts = sent(first, to, title, &[Sign::Password]);
            judge(&facts, &Company::default(), &HostTable::shipped(), &[]).verdict
        };
        // The sign-in page is what the link names; the page is about what the link is about; nothing but spelling changed.
        assert_eq!(alone("https://a.org/login", "/accounts/signin", "Sign in"), Verdict::Redirected);
        assert_eq!(alone("https://login.a.org/", "/u/login", "Sign in"), Verdict::Redirected);
        assert_eq!(alone("https://login.gov/report", "/u/login", "Sign in"), Verdict::Blocked);
        assert_eq!(alone("https://a.org/help/tokens", "/help/auth/tokens", "Tokens"), Verdict::Redirected);
        assert_eq!(alone("https://a.org/konto", "/konto/", "Anmelden"), Verdict::Redirected);
        assert_eq!(alone("https://a.org/", "https://www.a.org/de/", "Anmelden"), Verdict::Redirected);
    }
}
