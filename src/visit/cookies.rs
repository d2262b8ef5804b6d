//! The cookies of one chain (RFC 6265 §5, the safe part of it): they live no longer than the chain, so that a page behind a cookie
//! wall can be reached and nothing is carried from one target to another.

use url::{Host, Url};

use crate::time::Timestamp;

/// At most so many cookies of a chain.
const MAX_COOKIES: usize = 50;
/// At most so many bytes of one cookie, and of the header that sends them.
const MAX_COOKIE: usize = 4096;
const MAX_HEADER: usize = 16 << 10;

/// What is white space in a cookie; bytes of other characters are none.
const SPACE: [char; 2] = [' ', '\t'];

/// The cookies of one chain.
#[derive(Debug, Clone, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
    /// Counts the changes: a redirect to a URL that was seen before is no loop where cookies changed in between.
    changes: u32,
}

/// Every byte of its texts is one character, whatever character set was meant (RFC 6265 §5.2 takes octets).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    host_only: bool,
    path: String,
    secure: bool,
}

impl Jar {
    /// How often the cookies changed.
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Takes a `Set-Cookie` that an answer for `url` carried. What is not understood is ignored.
    pub fn set(&mut self, url: &Url, header: &[u8], now: Timestamp) {
        let Some((cookie, gone)) = parse(url, header, now) else { return };
        let same =
            |old: &Cookie| old.name == cookie.name && old.domain == cookie.domain && old.path == cookie.path;
        match (self.cookies.iter().position(same), gone) {
            (Some(at), true) => {
                self.cookies.remove(at);
                self.changes += 1;
            }
            (Some(at), false) => {
                if self.cookies[at] != cookie {
                    self.cookies[at] = cookie;
                    self.changes += 1;
                }
            }
            (None, true) => {}
            (None, false) if self.cookies.len() < MAX_COOKIES => {
                self.cookies.push(cookie);
                self.changes += 1;
            }
            (None, false) => {}
        }
    }

    /// The `Cookie` header for a request of `url`.
    pub fn header(&self, url: &Url) -> Option<Vec<u8>> {
        let mut header = Vec::new();
        for cookie in self.cookies.iter().filter(|cookie| cookie.is_for(url)) {
            let (name, value) = (to_bytes(&cookie.name), to_bytes(&cookie.value));
            if header.len() + name.len() + value.len() + 3 > MAX_HEADER {
                break;
            }
            if !header.is_empty() {
                header.extend(b"; ");
            }
            header.extend(name);
            header.push(b'=');
            header.extend(value);
        }
        (!header.is_empty()).then_some(header)
    }
}

impl Cookie {
    fn is_for(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let host = if self.host_only { host == self.domain } else { domain_matches(host, &self.domain) };
        let path = url.path();
        let path = path
            .strip_prefix(self.path.as_str())
            .is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        host && path && (!self.secure || url.scheme() == "https")
    }
}

/// A cookie, and whether the header takes it away.
fn parse(url: &Url, header: &[u8], now: Timestamp) -> Option<(Cookie, bool)> {
    if header.len() > MAX_COOKIE || header.iter().any(|b| b.is_ascii_control() && *b != b'\t') {
        return None;
    }
    let header: String = header.iter().copied().map(char::from).collect();
    let mut parts = header.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim_matches(SPACE), value.trim_matches(SPACE));
    if name.is_empty() {
        return None;
    }
    let host = url.host_str()?.to_owned();
    let mut cookie = Cookie {
        name: name.to_owned(),
        value: value.to_owned(),
        domain: host,
        host_only: true,
        path: default_path(url.path()),
        secure: false,
    };
    let (mut expired, mut max_age) = (false, None);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "domain" if !value.is_empty() => {
                let domain = value.trim_start_matches('.').to_ascii_lowercase();
                if !may_share(url, &domain) {
                    return None;
                }
                cookie.host_only = cookie.domain == domain && !is_name(url);
                cookie.domain = domain;
            }
            "path" if value.starts_with('/') => cookie.path = value.to_owned(),
            "secure" => cookie.secure = true,
            "max-age" => max_age = value.parse::<i64>().ok(),
            "expires" => {
                expired = httpdate::parse_http_date(value).is_ok_and(|time| Timestamp::from(time) <= now);
            }
            _ => {}
        }
    }
    if cookie.secure && url.scheme() != "https" {
        return None;
    }
    Some((cookie, max_age.map_or(expired, |age| age <= 0)))
}

/// The bytes that a text was made of.
fn to_bytes(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(c).ok()).collect()
}

/// Whether a host may set a cookie for a domain: its own or one above it, but no name of one part and none that looks like a public
/// suffix of two (`co.uk`, `com.au`). Too strict is safe here: the cookie is then not kept.
fn may_share(url: &Url, domain: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    if host == domain {
        return true;
    }
    let mut labels = domain.rsplit('.');
    let (top, second, third) = (labels.next().unwrap_or_default(), labels.next(), labels.next());
    let suffix = third.is_none() && top.len() == 2 && second.is_some_and(|label| label.len() <= 3);
    is_name(url) && second.is_some() && !suffix && domain_matches(host, domain)
}

fn is_name(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Domain(_)))
}

/// RFC 6265 §5.1.3.
fn domain_matches(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// RFC 6265 §5.1.4.
fn default_path(path: &str) -> String {
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(at) => path[..at].to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(set_by: &str, header: &str, to: &str) -> Option<String> {
        let mut jar = Jar::default();
        let now = Timestamp::UNIX_EPOCH + chrono::Duration::days(20_000);
        jar.set(&Url::parse(set_by).unwrap(), header.as_bytes(), now);
        jar.header(&Url::parse(to).unwrap()).map(|header| String::from_utf8(header).unwrap())
    }

    #[test]
    fn a_cookie_goes_where_it_belongs() {
        let table = [
            ("https://a.org/", "n=v", "https://a.org/x", Some("n=v")),
            ("https://a.org/", "n=v", "https://b.org/", None),
            ("https://a.org/", "n=v", "https://www.a.org/", None),
            ("https://www.a.org/", "n=v; Domain=a.org", "https://b.a.org/", Some("n=v")),
            ("https://www.a.org/", "n=v; Domain=.A.org", "https://a.org/", Some("n=v")),
            ("https://www.a.org/", "n=v; Domain=a.org", "https://nota.org/", None),
            ("https://www.a.org/", "n=v; Domain=org", "https://b.org/", None),
            ("https://www.a.co.uk/", "n=v; Domain=co.uk", "https://b.co.uk/", None),
            ("https://www.a.org/", "n=v; Domain=b.org", "https://b.org/", None),
            ("https://a.org/x/y", "n=v", "https://a.org/x/z", Some("n=v")),
            ("https://a.org/x/y", "n=v", "https://a.org/xyz", None),
            ("https://a.org/x/y", "n=v; Path=/", "https://a.org/q", Some("n=v")),
            ("https://a.org/", "n=v; Secure", "http://a.org/", None),
            ("http://a.org/", "n=v; Secure", "https://a.org/", None),
            ("https://a.org/", "n=v; Max-Age=0", "https://a.org/", None),
            ("https://a.org/", "n=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://a.org/", None),
            (
                "https://a.org/",
                "n=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9",
                "https://a.org/",
                Some("n=v"),
            ),
            ("https://a.org/", "city=Zürich; Path=/", "https://a.org/", Some("city=Zürich")),
            ("https://a.org/", "city= Città ", "https://a.org/", Some("city=Città")),
            ("https://a.org/", "n=a\u{1}b", "https://a.org/", None),
            ("https://a.org/", "=v", "https://a.org/", None),
            ("https://a.org/", "nothing", "https://a.org/", None),
            ("https://127.0.0.1/", "n=v; Domain=0.0.1", "https://127.0.0.1/", None),
        ];
        for (set_by, header, to, want) in table {
            assert_eq!(sent(set_by, header, to).as_deref(), want, "{header} of {set_by} to {to}");
        }
    }

    #[test]
    fn only_a_change_counts_as_one() {
        let (mut jar, url) = (Jar::default(), Url::parse("https://a.org/").unwrap());
        for (header, changes) in
            [("n=1", 1), ("n=1", 1), ("n=2", 2), ("n=; Max-Age=0", 3), ("n=; Max-Age=0", 3)]
        {
            jar.set(&url, header.as_bytes(), Timestamp::UNIX_EPOCH);
            assert_eq!(jar.changes(), changes, "{header}");
        }
    }

    /// H31.
    #[test]
    fn h31_a_flood_of_cookies_is_bounded() {
        let (mut jar, url) = (Jar::default(), Url::parse("https://a.org/").unwrap());
        for n in 0..10_000 {
            jar.set(&url, format!("n{n}={}", "v".repeat(2000)).as_bytes(), Timestamp::UNIX_EPOCH);
        }
        assert_eq!(jar.cookies.len(), MAX_COOKIES);
        assert!(jar.header(&url).unwrap().len() <= MAX_HEADER);
    }
}
