//! `Location` → the next URL of a chain (RFC 9110 §10.2.2, resolved as WHATWG URL does).

use std::borrow::Cow;

use url::Url;

use crate::target::mask_userinfo;

/// The longest `Location` that is followed, and that is kept.
pub const MAX_LOCATION: usize = 8 << 10;

/// Resolves the `Location` values of one answer against the URL that was asked for. The fragment is dropped. The error says what
/// is wrong with them.
pub fn resolve(base: &Url, values: &[&[u8]]) -> Result<Url, String> {
    let [first, rest @ ..] = values else { return Err("a redirect without Location".to_owned()) };
    if rest.iter().any(|other| other != first) {
        return Err("two different Locations".to_owned());
    }
    if first.len() > MAX_LOCATION {
        return Err(format!("a Location of {} bytes; at most {MAX_LOCATION} are followed", first.len()));
    }
    let text = as_text(first);
    let text = text.trim();
    if text.is_empty() {
        return Err("an empty Location".to_owned());
    }
    let mut url = base.join(text).map_err(|error| format!("a Location that is no URL: {error}"))?;
    // WHATWG URL takes a backslash for a slash, other parsers do not: whoever writes one means to confuse (GHSA-rph4-96w6-q594).
    let authority =
        text.split_once("//").map_or("", |(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    if authority.contains('\\') || text.starts_with('\\') || text.starts_with("/\\") {
        return Err("a Location with a backslash in its host".to_owned());
    }
    url.set_fragment(None);
    if matches!(url.scheme(), "http" | "https") {
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    if url.as_str().len() > MAX_LOCATION {
        return Err(format!("a Location that makes a URL of {} bytes", url.as_str().len()));
    }
    Ok(url)
}

/// A value that is not UTF-8 names what its server's character set says; the bytes are sent back as they came, as browsers do.
fn as_text(value: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(value) {
        return Cow::Borrowed(text);
    }
    let escape = |byte: &u8| match byte {
        0x80.. => format!("%{byte:02X}"),
        _ => char::from(*byte).to_string(),
    };
    Cow::Owned(value.iter().map(escape).collect())
}

/// A header's value as it is kept: at most 8 KiB, control characters removed, bytes that are not UTF-8 replaced, names and passwords
/// in URLs hidden.
pub fn kept(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(&value[..value.len().min(MAX_LOCATION)]);
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    mask_userinfo(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(values: &[&[u8]]) -> Result<String, String> {
        resolve(&Url::parse("https://a.org/b/c?d").unwrap(), values).map(String::from)
    }

    #[test]
    fn locations_resolve_as_browsers_do() {
        let table: [(&str, &str); 9] = [
            ("/x", "https://a.org/x"),
            ("x", "https://a.org/b/x"),
            ("?q", "https://a.org/b/c?q"),
            ("//h.org/x", "https://h.org/x"),
            ("http://H.org:80/%7e#f", "http://h.org/%7e"),
            (" /x ", "https://a.org/x"),
            ("https://u:p@h.org/", "https://h.org/"),
            ("ftp://h.org/x", "ftp://h.org/x"),
            ("/ü", "https://a.org/%C3%BC"),
        ];
        for (location, want) in table {
            assert_eq!(next(&[location.as_bytes()]).as_deref(), Ok(want), "{location}");
        }
    }

    /// U15, U32.
    #[test]
    fn u15_u32_what_leads_nowhere_is_said() {
        let long = vec![b'a'; MAX_LOCATION + 1];
        let table: [(&[&[u8]], &str); 9] = [
            (&[], "without Location"),
            (&[b""], "empty"),
            (&[b"  "], "empty"),
            (&[b"/a", b"/b"], "two"),
            (&[b"http://\xff.org/"], "no URL"),
            (&[&long], "bytes"),
            (&[b"http://"], "no URL"),
            (&[b"http://127.0.0.1\\@example.com/"], "backslash"),
            (&[b"\\\\127.0.0.1"], "backslash"),
        ];
        for (values, want) in table {
            assert!(next(values).unwrap_err().contains(want), "{want}");
        }
        assert!(next(&[b"/a", b"/a"]).is_ok(), "the same twice is one");
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_sent_back_as_they_came() {
        for (location, want) in [
            (&b"/caf\xe9"[..], "https://a.org/caf%E9"),
            (b"/caf\xe9?q=\xfc%20", "https://a.org/caf%E9?q=%FC%20"),
            ("/caf\u{e9}".as_bytes(), "https://a.org/caf%C3%A9"),
        ] {
            assert_eq!(next(&[location]).as_deref(), Ok(want));
        }
    }

    #[test]
    fn what_is_kept_is_bounded_and_clean() {
        assert_eq!(kept(b"/a\x1b[31m\r\nb"), "/a[31mb");
        assert!(kept(&vec![b'a'; 100_000]).len() <= MAX_LOCATION);
    }
}
