//! The small notations that files and flags share: durations, rates, sizes, mappings, ranges of addresses, header names. Each
//! reader is a pure function from text to a value or to one sentence that says what is wrong.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::{AllowPrivate, ProxySettings, ResolveRule, RobotsPolicy};

/// The longest URL that configuration takes (SPEC §7).
pub const MAX_URL: usize = 8 << 10;

/// `250ms`, `10s`, `10m`, `2h`, `1d`, `1w`, or several of them from the largest (`1h30m`).
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!("`{}` is no duration: write for example \"250ms\", \"10s\", \"1h30m\" or \"1d\"", short(text))
    };
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    let mut last_unit = u64::MAX;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let count: u64 = match rest[..digits].parse() {
            Ok(count) => count,
            Err(_) if digits > 0 => return Err(format!("`{}` is too long a duration", short(text))),
            Err(_) => return Err(wrong()),
        };
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let millis = match &rest[..letters] {
            "ms" => 1,
            "s" | "sec" | "second" | "seconds" => 1000,
            "m" | "min" | "minute" | "minutes" => 60_000,
            "h" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            "w" | "week" | "weeks" => 7 * 86_400_000,
            _ => return Err(wrong()),
        };
        if millis >= last_unit {
            return Err(wrong());
        }
        last_unit = millis;
        rest = rest[letters..].trim_start();
        total = count
            .checked_mul(millis)
            .and_then(|ms| total.checked_add(Duration::from_millis(ms)))
            .filter(|total| *total <= Duration::from_secs(100 * 366 * 86_400))
            .ok_or_else(|| format!("`{}` is too long a duration", short(text)))?;
    }
    Ok(total)
}

/// A duration of a flag, where a bare number means seconds, as other link checkers take it.
pub fn duration_or_seconds(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return duration(&format!("{text}s"));
    }
    duration(text)
}

/// `10/s`, `30/m`, `1/10s`: as the shortest time between two requests.
pub fn rate(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{}` is no rate: write for example \"10/s\", \"30/m\" or \"1/10s\"", short(text));
    let (count, span) = text.split_once('/').ok_or_else(wrong)?;
    let count: u32 = count.trim().parse().map_err(|_| wrong())?;
    let span = span.trim();
    let span = match span.starts_with(|c: char| c.is_ascii_digit()) {
        true => duration(span),
        false => duration(&format!("1{span}")),
    }
    .map_err(|_| wrong())?;
    if count == 0 || span.is_zero() {
        return Err(format!("`{}` never lets a request through; the slowest rate is \"1/1d\"", short(text)));
    }
    let interval = span / count;
    if interval > Duration::from_secs(86_400) {
        return Err(format!("`{}` is slower than one request a day", short(text)));
    }
    if interval < Duration::from_micros(100) {
        return Err(format!("`{}` is faster than 10000 requests a second", short(text)));
    }
    Ok(interval)
}

/// `4 MiB`, `64KiB`, `1 MB`, `512 B`: in bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || {
        format!("`{}` is no size: write for example \"4 MiB\", \"64 KiB\" or a number of bytes", short(text))
    };
    let trimmed = text.trim();
    let digits = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
    let unit: u64 = match trimmed[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    if digits == 0 {
        return Err(wrong());
    }
    let count: Option<u64> = trimmed[..digits].parse().ok();
    count
        .and_then(|count| count.checked_mul(unit))
        .ok_or_else(|| format!("`{}` is too large a size", short(text)))
}

/// `HOST:PORT:ADDRESS:PORT`, with IPv6 addresses in brackets; `*` for any host name.
pub fn resolve_rule(text: &str) -> Result<ResolveRule, String> {
    let wrong = |why: &str| format!("`{}` is no mapping HOST:PORT:ADDRESS:PORT: {why}", short(text));
    let (host, rest) = if text.starts_with('[') {
        let end = text.find(']').ok_or_else(|| wrong("a bracket is not closed"))?;
        let rest = text[end + 1..].strip_prefix(':').ok_or_else(|| wrong("a port is missing"))?;
        (&text[..=end], rest)
    } else {
        text.split_once(':').ok_or_else(|| wrong("the port is missing"))?
    };
    let (from_port, to) = rest.split_once(':').ok_or_else(|| wrong("the address is missing"))?;
    let (address, to_port) = to.rsplit_once(':').ok_or_else(|| wrong("the second port is missing"))?;
    let host = match host {
        "*" => None,
        _ => Some(host_name(host).map_err(|why| wrong(&why))?),
    };
    let bare = address.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let address: IpAddr = match bare {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::V6),
        None => address.parse::<std::net::Ipv4Addr>().ok().map(IpAddr::V4),
    }
    .ok_or_else(|| wrong("the third part must be an address (IPv6 in brackets), not a name"))?;
    let port = |text: &str| match text.parse::<u16>() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(wrong("a port is a number from 1 to 65535")),
    };
    Ok(ResolveRule { host, port: port(from_port)?, to: SocketAddr::new(address, port(to_port)?) })
}

/// A range of addresses (`10.0.0.0/8`), one address, or a host name.
pub fn allow_private(text: &str) -> Result<AllowPrivate, String> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return allow_private(inner);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(AllowPrivate::Range(IpNet::from(address)));
    }
    if text.contains('/') || text.chars().filter(|c| *c == ':').count() > 1 {
        let range: IpNet = text
            .parse()
            .map_err(|_| format!("`{}` is no range of addresses such as 10.0.0.0/8", short(text)))?;
        if range.prefix_len() == 0 {
            return Err(format!("`{range}` opens every address there is: name the ranges that are meant"));
        }
        if range.network() != range.addr() {
            return Err(format!("`{range}` has bits outside its prefix: did you mean {}?", range.trunc()));
        }
        return Ok(AllowPrivate::Range(range));
    }
    host_name(text).map(AllowPrivate::Host)
}

/// `none`, `env` or the URL of an HTTP proxy.
pub fn proxy(text: &str) -> Result<ProxySettings, String> {
    match text {
        "none" | "" => Ok(ProxySettings::None),
        "env" => Ok(ProxySettings::Env),
        _ => {
            let url = http_url(text)
                .map_err(|why| format!("{why}; a proxy is \"env\", \"none\" or an http(s) URL"))?;
            Ok(ProxySettings::Url(url))
        }
    }
}

/// `snapshots`, `all` or `off`.
pub fn robots(text: &str) -> Result<RobotsPolicy, String> {
    match text {
        "snapshots" => Ok(RobotsPolicy::Snapshots),
        "all" => Ok(RobotsPolicy::All),
        "off" => Ok(RobotsPolicy::Off),
        _ => Err(format!("`{}` is no policy: write \"snapshots\", \"all\" or \"off\"", short(text))),
    }
}

/// An absolute http(s) URL of at most 8 KiB without userinfo.
pub fn http_url(text: &str) -> Result<Url, String> {
    if text.len() > MAX_URL {
        return Err(format!("a URL of {} bytes is longer than 8 KiB", text.len()));
    }
    let url = Url::parse(text).map_err(|error| format!("`{}` is no URL: {error}", short(text)))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{}` is no http or https URL", short(text)));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL here must not carry user name or password".to_owned());
    }
    Ok(url)
}

/// A host in the form that URLs serialise it in: lower case, IDNA, IPv6 in brackets.
pub fn host_name(text: &str) -> Result<String, String> {
    let host = url::Host::parse(text).map_err(|_| format!("`{}` is no host name", short(text)))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '[' | ']');
    let text = host.to_string();
    if text.is_empty() || !text.chars().all(plain) {
        return Err(format!("`{}` is no host name", short(&text)));
    }
    Ok(text)
}

/// Status codes as other link checkers take them: `403`, `200..=204`, `500..510`, with commas between.
pub fn accepted_statuses(text: &str) -> Result<Vec<u16>, String> {
    let mut statuses = Vec::new();
    for part in text.split(',').map(str::trim) {
        let wrong =
            || format!("`{}` is no status code from 100 to 599, nor a range such as 200..=204", short(part));
        let code =
            |text: &str| text.trim().parse().ok().filter(|code| (100..=599).contains(code)).ok_or_else(wrong);
        match (part.split_once("..="), part.split_once("..")) {
            (Some((from, to)), _) => {
                let (from, to): (u16, u16) = (code(from)?, code(to)?);
                if from > to {
                    return Err(wrong());
                }
                statuses.extend(from..=to);
            }
            (None, Some((from, to))) => {
                let to: u16 = to.trim().parse().map_err(|_| wrong())?;
                let from: u16 = code(from)?;
                if from >= to || to > 600 {
                    return Err(wrong());
                }
                statuses.extend(from..to);
            }
            (None, None) => statuses.push(code(part)?),
        }
    }
    statuses.sort_unstable();
    statuses.dedup();
    Ok(statuses)
}

/// `Name: value` of a request header that may be sent to every host: no credentials, nothing that linkdrift itself decides.
pub fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| "a header is written \"Name: value\"".to_owned())?;
    header_parts(name, value)
}

/// See [`header`]. The value is never quoted in an error: it might be a secret.
pub fn header_parts(name: &str, value: &str) -> Result<(String, String), String> {
    header_name(name)?;
    let value = value.trim_matches([' ', '\t']);
    if value.len() > 4096 || value.chars().any(|c| c.is_control() && c != '\t') {
        return Err(format!(
            "the value of header `{name}` holds control characters or is longer than 4096 bytes"
        ));
    }
    let lower = name.to_ascii_lowercase();
    if carries_credentials(&lower) {
        return Err(format!(
            "header `{name}` carries credentials: it would be sent to every host, and is visible in process lists"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a header of that name can be added: it is one, and does not follow from other settings.
pub fn header_name(name: &str) -> Result<(), String> {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || name.len() > 100 || !name.chars().all(token) {
        return Err(format!("`{}` is no header name (RFC 9110 §5.6.2)", short(name)));
    }
    if MANAGED_HEADERS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("header `{name}` is set by linkdrift itself"));
    }
    Ok(())
}

/// Whether a text can be the name of an environment variable.
pub fn variable(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (1..=200).contains(&name.len())
        && name.chars().all(plain)
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// Headers that follow from other settings or from HTTP itself.
const MANAGED_HEADERS: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

fn carries_credentials(lower: &str) -> bool {
    let parts = [
        "authorization",
        "cookie",
        "token",
        "secret",
        "password",
        "passwd",
        "credential",
        "apikey",
        "signature",
    ];
    let words = ["auth", "key", "session", "jwt", "bearer"];
    parts.iter().any(|part| lower.contains(part))
        || lower.split(['-', '_', '.']).any(|word| words.contains(&word))
}

/// At most 80 characters of what was written, without control characters.
fn short(text: &str) -> String {
    let mut short: String = super::error::clean(text).chars().take(80).collect();
    if short.len() < text.len() && text.chars().count() > 80 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let ms = Duration::from_millis;
        for (text, meant) in [
            ("250ms", Some(ms(250))),
            ("10s", Some(ms(10_000))),
            ("10m", Some(ms(600_000))),
            (" 1h 30m ", Some(ms(5_400_000))),
            ("1d", Some(ms(86_400_000))),
            ("2w", Some(ms(14 * 86_400_000))),
            ("0s", Some(ms(0))),
            ("", None),
            ("10", None),
            ("-1s", None),
            ("1.5h", None),
            ("10 parsecs", None),
            ("30m1h", None),
            ("1s1s", None),
            ("99999999999999999999s", None),
            ("9999999999999999w", None),
            ("١s", None),
        ] {
            assert_eq!(duration(text).ok(), meant, "{text}");
        }
        assert_eq!(duration_or_seconds("20"), Ok(ms(20_000)));
        assert!(duration_or_seconds("").is_err());
    }

    #[test]
    fn rates() {
        let ms = Duration::from_millis;
        for (text, meant) in [
            ("10/s", Some(ms(100))),
            ("1/10s", Some(ms(10_000))),
            ("30/m", Some(ms(2_000))),
            ("1 / 2h", Some(ms(7_200_000))),
            ("0/s", None),
            ("1/0s", None),
            ("-1/s", None),
            ("1/2d", None),
            ("99999/s", None),
            ("10", None),
            ("s/10", None),
            ("10/", None),
        ] {
            assert_eq!(rate(text).ok(), meant, "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, meant) in [
            ("4 MiB", Some(4 << 20)),
            ("64KiB", Some(64 << 10)),
            ("1 MB", Some(1_000_000)),
            ("512", Some(512)),
            ("512 b", Some(512)),
            ("1.5 MiB", None),
            ("MiB", None),
            ("-1", None),
            ("99999999999999 GiB", None),
            ("4 MiBs", None),
        ] {
            assert_eq!(size(text).ok(), meant, "{text}");
        }
    }

    #[test]
    fn mappings() {
        for (text, meant) in [
            ("docs.example.com:443:127.0.0.1:8443", Some((Some("docs.example.com"), 443, "127.0.0.1:8443"))),
            ("*:80:127.0.0.1:8080", Some((None, 80, "127.0.0.1:8080"))),
            ("Bücher.example:80:[::1]:8080", Some((Some("xn--bcher-kva.example"), 80, "[::1]:8080"))),
            ("[::1]:80:127.0.0.1:8080", Some((Some("[::1]"), 80, "127.0.0.1:8080"))),
            ("*:0:127.0.0.1:80", None),
            ("*:80:127.0.0.1:70000", None),
            ("*:80:localhost:80", None),
            ("*:80:::1:80", None),
            ("a b:80:127.0.0.1:80", None),
            ("[::1:80:127.0.0.1:80", None),
            ("example.com:80", None),
            ("", None),
        ] {
            let read = resolve_rule(text).ok();
            let meant = meant.map(|(host, port, to)| ResolveRule {
                host: host.map(str::to_owned),
                port,
                to: to.parse().unwrap(),
            });
            assert_eq!(read, meant, "{text}");
        }
    }

    #[test]
    fn what_the_guard_opens() {
        let range = |text: &str| Some(AllowPrivate::Range(text.parse().unwrap()));
        for (text, meant) in [
            ("10.0.0.0/8", range("10.0.0.0/8")),
            ("127.0.0.1", range("127.0.0.1/32")),
            ("::1", range("::1/128")),
            ("[::1]", range("::1/128")),
            ("fc00::/7", range("fc00::/7")),
            ("Intranet.Example.org", Some(AllowPrivate::Host("intranet.example.org".into()))),
            ("10.0.0.1/8", None),
            ("0.0.0.0/0", None),
            ("::/0", None),
            ("10.0.0.0/33", None),
            ("10.0.0/8", None),
            ("*.example.org", None),
            ("", None),
        ] {
            assert_eq!(allow_private(text).ok(), meant, "{text}");
        }
    }

    #[test]
    fn statuses() {
        assert_eq!(accepted_statuses("403, 200..=202,500..502"), Ok(vec![200, 201, 202, 403, 500, 501]));
        for text in ["", "99", "600", "204..=200", "200..200", "x", "200..=9999", "-1"] {
            assert!(accepted_statuses(text).is_err(), "{text}");
        }
    }

    #[test]
    fn g05_g06_headers_that_carry_credentials_or_break_the_request_are_refused() {
        assert_eq!(header("X-Team:  docs "), Ok(("X-Team".into(), "docs".into())));
        assert_eq!(header("Accept: text/html"), Ok(("Accept".into(), "text/html".into())));
        for text in [
            "Authorization: Basic x",
            "cookie: a=b",
            "Proxy-Authorization: x",
            "X-Api-Key: x",
            "api-key: x",
            "Ocp-Apim-Subscription-Key: x",
            "X-Auth-Token: x",
            "PRIVATE-TOKEN: x",
            "Host: example.org",
            "Content-Length: 3",
            "Range: bytes=0-1",
            "Bad Name: x",
            ": x",
            "no colon",
            "X-A: b\r\nX-C: d",
            "X-A: b\nX-C: d",
            "X\r\n-A: b",
            "X-A: \u{0}",
        ] {
            assert!(header(text).is_err(), "{text:?}");
        }
        assert!(!header("Authorization: hunter2").unwrap_err().contains("hunter2"));
    }

    #[test]
    fn proxies() {
        assert_eq!(proxy("none"), Ok(ProxySettings::None));
        assert_eq!(proxy("env"), Ok(ProxySettings::Env));
        assert!(matches!(proxy("http://proxy.example:3128"), Ok(ProxySettings::Url(_))));
        for text in ["ftp://proxy.example", "proxy.example:3128", "http://user:pw@proxy.example"] {
            let error = proxy(text).unwrap_err();
            assert!(!error.contains("pw"), "{error}");
        }
    }
}
