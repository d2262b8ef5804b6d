//! What a redirect does: the class of a hop, from the two URLs alone.

use url::{Host, Url};

use super::{Company, Facts, HopClass, company, door};
use crate::config::HostTable;
use crate::config::host_table::is_locale;

/// The classes of a visit's redirects, first to last: one for each step from a hop to the next.
pub fn hop_classes(facts: &Facts, company: &Company, table: &HostTable) -> Vec<HopClass> {
    let visit = &facts.visit;
    let mut classes: Vec<HopClass> = visit
        .hops
        .windows(2)
        .map(|pair| match (Url::parse(&pair[0].url), Url::parse(&pair[1].url)) {
            (Ok(from), Ok(to)) => class(&from, &to, table),
            _ => HopClass::Moved,
        })
        .collect();
    // What the URLs alone take for a move, or for a fall, is the way to a sign-in page where the page shows that it is one.
    if door::is_sent_to_the_door(facts)
        && let Some(sent) = classes.iter_mut().rev().find(|class| leads_elsewhere(**class))
    {
        *sent = HopClass::SignIn;
        return classes;
    }
    // The hub is where the chain left for another page for the last time; what follows is spelling.
    if let Some(moved) = classes.iter_mut().rev().find(|class| **class == HopClass::Moved)
        && company::falls_with_others(facts, company)
    {
        *moved = HopClass::HubSink;
    }
    classes
}

fn leads_elsewhere(class: HopClass) -> bool {
    matches!(class, HopClass::Moved | HopClass::HostMove | HopClass::RootSink | HopClass::SearchSink)
}

fn class(from: &Url, to: &Url, table: &HostTable) -> HopClass {
    if table.is_sign_in(to) && !table.is_sign_in(from) {
        return HopClass::SignIn;
    }
    if table.shortens(from) {
        return match table.sink(from, to) {
            Some(sink) if sink.query.is_some() => HopClass::SearchSink,
            Some(_) => HopClass::RootSink,
            None => HopClass::Alias,
        };
    }
    let same_host =
        from.host_str() == to.host_str() && from.port_or_known_default() == to.port_or_known_default();
    let same_name = from.host_str() == to.host_str();
    let same_rest = from.path() == to.path() && from.query() == to.query();
    if same_name && same_rest && from.scheme() == "http" && to.scheme() == "https" {
        return HopClass::Https;
    }
    if same_spelling(from, to) {
        return if same_host || same_name { HopClass::Spelling } else { HopClass::HostMove };
    }
    if same_but_locale(from, to) {
        return if same_name { HopClass::Locale } else { HopClass::HostMove };
    }
    // Which of its names the start page goes by.
    if is_root(to) && is_home(from) && same_site(from, to) {
        return if same_name { HopClass::Spelling } else { HopClass::HostMove };
    }
    if leads_to_root(from, to) {
        return HopClass::RootSink;
    }
    if is_search(to) && !is_search(from) {
        return HopClass::SearchSink;
    }
    HopClass::Moved
}

/// Whether a deep link leads to the root (with or without a locale) of the same registrable domain. A section that got a host of its own
/// (`www.a.org/docs` → `docs.a.org/`) is where that host's name says, and does not.
pub(super) fn leads_to_root(from: &Url, to: &Url) -> bool {
    is_root(to) && !is_home(from) && same_site(from, to) && !became_a_host(from, to)
}

/// Whether a deep link leads to a search page of the same registrable domain. One that asks for something itself is moved, not lost.
pub(super) fn leads_to_search(from: &Url, to: &Url) -> bool {
    is_search(to)
        && !is_search(from)
        && !is_home(from)
        && from.query().is_none_or(str::is_empty)
        && same_site(from, to)
}

/// Whether nothing is left of the path but a locale; a query on the root can be a page.
pub(super) fn is_root(url: &Url) -> bool {
    let mut parts = segments(url).into_iter();
    let home =
        |part: &str| matches!(part, "home" | "index.html" | "index.htm" | "index.php" | "default.aspx");
    let plain = match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => true,
        (Some(first), None, _) => is_locale(first) || home(&first.to_ascii_lowercase()),
        (Some(first), Some(second), None) => is_locale(first) && home(&second.to_ascii_lowercase()),
        _ => false,
    };
    plain && url.query().is_none_or(str::is_empty)
}

/// Whether a URL is one of the many spellings of a site's start page: file names of servers and frameworks behind any run of
/// locales. What this takes for a start page and is none costs little: where a link leads that *was* a page is for [`is_root`] to say.
pub(super) fn is_home(url: &Url) -> bool {
    const STEMS: &[&str] = &["index", "default", "home", "main", "welcome", "start"];
    let parts: Vec<String> = segments(url).into_iter().map(decoded).collect();
    let locales = parts.iter().take_while(|part| is_like_locale(part)).count();
    let names = &parts[locales..];
    let is_name = |part: &String| {
        let (stem, extension) = part.split_once('.').unwrap_or((part, ""));
        STEMS.contains(&stem)
            && extension.len() <= 5
            && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let plain = match names {
        [] => true,
        [name] => is_name(name),
        // ASP.NET MVC's `/Home/Index`, SharePoint's `/Pages/default.aspx`.
        [folder, name] => (is_name(folder) || folder == "pages") && is_name(name),
        _ => false,
    };
    plain && url.query_pairs().all(|(name, value)| says_nothing(&name, &value))
}

/// Whether a part of a path can be a language, a country, or both, as the sites of companies put them in front: `us/en`, `en_US`, `intl`.
fn is_like_locale(part: &str) -> bool {
    let letters = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let both = |separator| part.split_once(separator).is_some_and(|(one, two)| letters(one) && letters(two));
    is_locale(part) || letters(part) || both('_') || both('-') || matches!(part, "fil" | "intl" | "global")
}

/// Whether a part of a query names no page: it is empty, or says the language, or where a reader came from.
fn says_nothing(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let language = matches!(name.as_str(), "lang" | "language" | "locale" | "hl" | "culture" | "setlang");
    value.is_empty() || name.starts_with("utm_") || (language && is_like_locale(&value.to_ascii_lowercase()))
}

/// Whether the last part of a path is now the name of a host: `/blog` → `blog.a.org/`.
fn became_a_host(from: &Url, to: &Url) -> bool {
    let labels = |url: &Url| -> Vec<String> {
        url.host_str().unwrap_or_default().split('.').map(str::to_owned).collect()
    };
    let (old, new) = (labels(from), labels(to));
    plain_path(from).last().is_some_and(|part| new.contains(part) && !old.contains(part))
}

/// The same but for case, a final slash, doubled slashes, `index.html`, and how characters are encoded.
fn same_spelling(from: &Url, to: &Url) -> bool {
    plain_path(from) == plain_path(to) && same_query(from, to)
}

/// The same but for a locale that came, went or changed.
pub(super) fn same_but_locale(from: &Url, to: &Url) -> bool {
    let strip = |url: &Url| {
        let mut parts: Vec<String> = plain_path(url);
        if let Some(at) = parts.iter().take(3).position(|part| is_locale(part)) {
            parts.remove(at);
        }
        parts
    };
    let (a, b) = (strip(from), strip(to));
    // Two bare roots are a locale's difference, too; but a lone segment that merely looks like one is a page.
    a == b && same_query(from, to)
}

fn same_query(from: &Url, to: &Url) -> bool {
    let query = |url: &Url| url.query().unwrap_or_default().to_ascii_lowercase();
    query(from) == query(to)
}

pub(super) fn plain_path(url: &Url) -> Vec<String> {
    let mut parts: Vec<String> = segments(url).into_iter().map(decoded).collect();
    if parts.last().is_some_and(|last| matches!(last.as_str(), "index.html" | "index.htm" | "default.aspx")) {
        parts.pop();
    }
    parts
}

pub(super) fn segments(url: &Url) -> Vec<&str> {
    url.path().split('/').filter(|part| !part.is_empty()).collect()
}

/// In lower case, `%`-encoding undone where it stands for a byte.
pub(super) fn decoded(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (bytes[at], bytes.get(at + 1).copied().and_then(hex), bytes.get(at + 2).copied().and_then(hex))
        {
            (b'%', Some(high), Some(low)) => {
                out.push(high * 16 + low);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).to_lowercase()
}

fn is_search(url: &Url) -> bool {
    let search =
        |part: &&str| matches!(part.to_ascii_lowercase().as_str(), "search" | "search.aspx" | "search.html");
    url.query().is_some()
        && (segments(url).iter().any(search)
            || url.host_str().is_some_and(|host| host.starts_with("search.")))
}

/// Whether two hosts are of one registrable domain, without the public suffix list: the last two labels, or three where the second
/// is a short one beneath a country (`co.uk`).
pub(super) fn same_site(a: &Url, b: &Url) -> bool {
    match (a.host(), b.host()) {
        (Some(Host::Domain(a)), Some(Host::Domain(b))) => registrable(a) == registrable(b),
        (a, b) => a == b,
    }
}

fn registrable(host: &str) -> &str {
    let dots: Vec<usize> = host.rmatch_indices('.').map(|(at, _)| at).collect();
    let from = |n: usize| dots.get(n).map_or(host, |at| &host[at + 1..]);
    match (dots.first(), dots.get(1)) {
        (Some(last), Some(second)) if host.len() - last - 1 == 2 && last - second - 1 <= 3 => from(2),
        _ => from(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        use HopClass::*;
        let table = HostTable::shipped();
        for (from, to, want) in [
            ("http://a.org/x?q", "https://a.org/x?q", Https),
            ("http://a.org/x", "https://a.org/y", Moved),
            ("https://docs.microsoft.com/azure/x", "https://learn.microsoft.com/azure/x", HostMove),
            ("https://docs.microsoft.com/azure/x", "https://learn.microsoft.com/en-us/azure/x", HostMove),
            ("https://a.org/x", "https://www.a.org/x", HostMove),
            ("http://a.org/x", "https://www.a.org/x/", HostMove),
            ("https://learn.microsoft.com/azure/x", "https://learn.microsoft.com/en-us/azure/x", Locale),
            (
                "https://learn.microsoft.com/ro-ro/azure/x",
                "https://learn.microsoft.com/en-us/azure/x",
                Locale,
            ),
            ("https://a.org/x", "https://a.org/x/", Spelling),
            ("https://a.org/X", "https://a.org/x", Spelling),
            ("https://a.org//x", "https://a.org/x", Spelling),
            ("https://a.org/%7ex", "https://a.org/~x", Spelling),
            ("https://a.org/x", "https://a.org/x", Spelling),
            ("https://aka.ms/x", "https://learn.microsoft.com/y", Alias),
            ("https://aka.ms/x", "https://www.bing.com/?ref=aka&shorturl=x", SearchSink),
            ("https://go.microsoft.com/fwlink/?LinkID=1", "https://www.microsoft.com/", RootSink),
            ("https://go.microsoft.com/fwlink/?LinkID=1", "https://support.microsoft.com/x", Alias),
            ("https://a.org/deep/x", "https://a.org/", RootSink),
            ("https://a.org/deep/x", "https://www.a.org/en-us/", RootSink),
            ("https://a.co.uk/deep/x", "https://b.co.uk/", Moved),
            ("https://a.org/deep/x", "https://a.org/search?q=x", SearchSink),
            ("https://portal.azure.com/", "https://login.microsoftonline.com/x", SignIn),
            ("https://a.org/x", "https://b.org/y", Moved),
            ("https://a.org/x?a=1", "https://a.org/x?a=2", Moved),
            ("https://a.org/", "https://a.org/en-us/", Locale),
            ("https://a.org/index.jsp", "https://a.org/", Spelling),
            ("https://a.org/us/en/home.html", "https://www.a.org/", HostMove),
            ("https://www.a.org/docs", "https://docs.a.org/", Moved),
        ] {
            let class = class(&Url::parse(from).unwrap(), &Url::parse(to).unwrap(), &table);
            assert_eq!(class, want, "{from} → {to}");
        }
    }

    #[test]
    fn start_pages_by_any_name_fall_nowhere() {
        let lost = |from: &str, to: &str| {
            let from = Url::parse("https://a.org/").unwrap().join(from).unwrap();
            let to = from.join(to).unwrap();
            leads_to_root(&from, &to) || leads_to_search(&from, &to)
        };
        for home in [
            "index.jsp",
            "index.shtml",
            "index.asp",
            "index.cfm",
            "index.xhtml",
            "index.do",
            "index",
            "index.php/",
            "home",
            "home.html",
            "Home.aspx",
            "default.asp",
            "main.html",
            "welcome",
            "start",
            "en/home.html",
            "en-gb/index.jsp",
            "zh-cn/index.shtml",
            "pt_BR/index.html",
            "us/en/",
            "intl/en/",
            "global/en",
            "de/de/home",
            "en_US/",
            "EN-us",
            "fil",
            "ca",
            "eu",
            "sq",
            "index.php?lang=en",
            "?p=",
            "?utm_source=x",
            "home/index",
            "Home/Index",
            "Pages/default.aspx",
        ] {
            assert!(!lost(home, "/"), "{home}");
        }
        for page in [
            "index.php?page=7",
            "?p=7",
            "docs/index.html",
            "docs",
            "welcome-kit",
            "start/again",
            "home/index/7",
            "en/docs",
            "pages/about",
            "main.c.diff.html",
            "usa",
            "lang?lang=en",
        ] {
            assert!(lost(page, "/"), "{page}");
        }
        // A deep link is lost at the start page, be that spelled as it always was; other names are pages of their own.
        assert!(lost("docs/x", "/index.html") && lost("docs/x", "/en-us/") && !lost("docs/x", "/start"));
        for (from, to, sink) in [
            ("https://www.a.org/docs", "https://docs.a.org/", false),
            ("https://www.a.org/en/blog/", "https://blog.a.org/", false),
            ("https://www.a.org/docs/printers", "https://docs.a.org/", true),
            ("https://docs.a.org/docs", "https://docs.a.org/", true),
            ("https://www.a.org/store", "https://www.a.org/", true),
        ] {
            assert_eq!(lost(from, to), sink, "{from} → {to}");
        }
    }

    #[test]
    fn registrable_domains() {
        for (host, want) in [
            ("a.org", "a.org"),
            ("x.y.a.org", "a.org"),
            ("x.a.co.uk", "a.co.uk"),
            ("a.co.uk", "a.co.uk"),
            ("org", "org"),
            ("x.aka.ms", "x.aka.ms"),
        ] {
            assert_eq!(registrable(host), want, "{host}");
        }
    }
}
