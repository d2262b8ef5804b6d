//! URLs that parse, or do not, and in either case cannot be what the author meant; and what was meant where that is clear.

/// What is wrong with a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suspicion {
    /// A sentence fragment.
    pub(super) message: String,
    /// What to write instead, where that is clear.
    pub(super) suggestion: Option<String>,
}

/// Hosts whose paths carry whole URLs by design: archives and readers.
const ARCHIVES: [&str; 12] = [
    "web.archive.org",
    "archive.org",
    "archive.is",
    "archive.ph",
    "archive.today",
    "wayback.archive-it.org",
    "webarchive.nationalarchives.gov.uk",
    "arquivo.pt",
    "webcache.googleusercontent.com",
    "via.hypothes.is",
    "r.jina.ai",
    "12ft.io",
];

/// Endings that make a first path segment a host whose scheme was left out.
const HOST_ENDINGS: [&str; 10] =
    [".com", ".org", ".net", ".ms", ".io", ".gov", ".edu", ".info", ".dev", ".microsoft"];

/// What is wrong with an absolute http(s) URL as written; it may still be fetched.
pub(super) fn in_absolute(url: &str) -> Option<Suspicion> {
    second_scheme(url).or_else(|| broken_percent(url)).or_else(|| wide_forms(url)).or_else(|| line_ends(url))
}

/// What is wrong with text that begins with no scheme and no slash.
pub(super) fn in_relative(url: &str) -> Option<Suspicion> {
    if let Some(suspicion) = broken_scheme(url) {
        return Some(suspicion);
    }
    let path = &url[..url.find(['?', '#']).unwrap_or(url.len())];
    let first = path.split('/').next().unwrap_or(path);
    let lower = first.to_ascii_lowercase();
    let plain = first.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if lower.starts_with("www.")
        || (plain && !first.starts_with('.') && HOST_ENDINGS.iter().any(|end| lower.ends_with(end)))
    {
        return Some(Suspicion {
            message: "the scheme is missing: this is a path, not a host".to_owned(),
            suggestion: Some(format!("https://{url}")),
        });
    }
    let local = first.split_once('@');
    if first == path
        && local
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
    {
        return Some(Suspicion {
            message: "a mail address needs `mailto:`".to_owned(),
            suggestion: Some(format!("mailto:{url}")),
        });
    }
    let drive = url.as_bytes();
    if drive.len() > 2
        && drive[0].is_ascii_alphabetic()
        && drive[1] == b':'
        && matches!(drive[2], b'\\' | b'/')
    {
        return Some(Suspicion { message: "a path on one computer".to_owned(), suggestion: None });
    }
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    let has_extension = name.rsplit_once('.').is_some_and(|(before, extension)| {
        !before.is_empty()
            && (1..=8).contains(&extension.len())
            && extension.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let is_prose = path.chars().any(|c| !c.is_ascii() && c.is_alphabetic()) || path.contains(' ');
    if is_prose && !has_extension && !path.starts_with('.') && !path.contains('/') {
        return Some(Suspicion {
            message: "the destination is text, not a URL: was it translated?".to_owned(),
            suggestion: None,
        });
    }
    None
}

/// A scheme that is none, but nearly: `htps://`, `https：//`, `https:/x`, `http//x`, `https;//x`.
pub(super) fn broken_scheme(url: &str) -> Option<Suspicion> {
    let narrow: String = url.chars().take(24).map(narrowed).filter(|c| !c.is_whitespace()).collect();
    let word: String =
        narrow.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    if !is_nearly(&word, "http") && !is_nearly(&word, "https") {
        return None;
    }
    let separator: String =
        narrow[word.len()..].chars().take_while(|c| matches!(c, ':' | ';' | '/' | '\\' | '.')).collect();
    if !separator.contains(['/', '\\']) || separator.starts_with('/') && separator.len() < 2 {
        return None;
    }
    // The rest as written, after as many characters as word and separator have.
    let mut passed = word.len() + separator.len();
    let rest = url.trim_start_matches(|c: char| {
        if passed == 0 {
            return c.is_whitespace();
        }
        if !c.is_whitespace() {
            passed -= 1;
        }
        true
    });
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or(rest);
    if !host.contains('.') || host.starts_with('.') {
        return None;
    }
    let scheme = if is_nearly(&word, "http") && !word.ends_with('s') { "http" } else { "https" };
    Some(Suspicion {
        message: "the scheme is not well written".to_owned(),
        suggestion: Some(format!("{scheme}://{rest}")),
    })
}

/// Tabs and line ends, which are taken out of a URL before it is read (WHATWG URL 4.4).
fn line_ends(url: &str) -> Option<Suspicion> {
    const LEFT_OUT: [char; 3] = ['\t', '\n', '\r'];
    url.contains(LEFT_OUT).then(|| Suspicion {
        message: "it contains control characters, which were left out".to_owned(),
        suggestion: Some(url.replace(LEFT_OUT, "")),
    })
}

fn second_scheme(url: &str) -> Option<Suspicion> {
    let start = url.find("://")? + 3;
    let path_end = url[start..].find(['?', '#']).map_or(url.len(), |at| start + at);
    let host = url[start..path_end].split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let lower = url.to_ascii_lowercase();
    // In front of everything: `https://https://…`.
    for doubled in ["https:", "http:", "https//", "http//"] {
        if lower[start..].starts_with(doubled) {
            return Some(two_schemes(&url[start..]));
        }
    }
    if ARCHIVES
        .iter()
        .any(|archive| host == *archive || host.strip_suffix(archive).is_some_and(|sub| sub.ends_with('.')))
    {
        return None;
    }
    let path = &lower[start..path_end];
    for opening in ["/https:/", "/http:/", "/https%3a/", "/http%3a/"] {
        if let Some(at) = path.find(opening) {
            return Some(two_schemes(&url[start + at + 1..]));
        }
    }
    // Behind a quote or bracket, anywhere: the rest of a tag that was cut out wrongly. Likewise two URLs in a row.
    let mut from = start;
    while let Some(at) = lower[from..].find("http").map(|at| from + at) {
        from = at + 4;
        let rest = &lower[at..];
        if !rest.starts_with("http://") && !rest.starts_with("https://") {
            continue;
        }
        let before = lower[..at].chars().next_back();
        if before.is_some_and(|c| matches!(c, '"' | '<' | '>' | '\'' | '`') || c.is_whitespace()) {
            let first = url[..at]
                .trim_end_matches(|c: char| matches!(c, '"' | '<' | '>' | '\'' | '`') || c.is_whitespace());
            return Some(Suspicion {
                message: "two URLs in one".to_owned(),
                suggestion: Some(first.to_owned()),
            });
        }
        if at < path_end && before.is_some_and(|c| c.is_ascii_alphanumeric()) {
            return Some(Suspicion {
                message: "two URLs in one".to_owned(),
                suggestion: Some(url[..at].to_owned()),
            });
        }
    }
    None
}

fn two_schemes(inner: &str) -> Suspicion {
    let scheme =
        if inner.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("https")) { "https" } else { "http" };
    let rest = inner[scheme.len()..]
        .trim_start_matches("%3A")
        .trim_start_matches("%3a")
        .trim_start_matches([':', '/']);
    let suggestion = rest.split(['/', '?', '#']).next().is_some_and(|host| host.contains('.'));
    Suspicion {
        message: "two schemes in one URL".to_owned(),
        suggestion: suggestion.then(|| format!("{scheme}://{rest}")),
    }
}

fn broken_percent(url: &str) -> Option<Suspicion> {
    let bytes = url.as_bytes();
    let is_broken = |at: usize| {
        let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
        bytes[at] == b'%' && !(hex(at + 1) && hex(at + 2))
    };
    if !(0..bytes.len()).any(is_broken) {
        return None;
    }
    let mut mended = String::with_capacity(url.len() + 2);
    for (at, c) in url.char_indices() {
        mended.push(c);
        if c == '%' && is_broken(at) {
            mended.push_str("25");
        }
    }
    let suggestion =
        mended.strip_suffix("%25").map(str::to_owned).filter(|_| url.ends_with('%')).unwrap_or(mended);
    Some(Suspicion {
        message: "`%` without two hexadecimal digits after it".to_owned(),
        suggestion: Some(suggestion),
    })
}

/// Full-width punctuation in a URL is a slip of an input method or a translation.
fn wide_forms(url: &str) -> Option<Suspicion> {
    if !url.chars().any(|c| matches!(c, '：' | '／' | '？' | '＃' | '＆' | '＝' | '．')) {
        return None;
    }
    Some(Suspicion {
        message: "full-width characters in a URL".to_owned(),
        suggestion: Some(url.chars().map(narrowed).collect()),
    })
}

fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// Whether one letter added, left out, doubled, changed or exchanged makes `wanted` of `word`.
fn is_nearly(word: &str, wanted: &str) -> bool {
    if word == wanted {
        return true;
    }
    let (a, b) = (word.as_bytes(), wanted.as_bytes());
    if a.len() < 3 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    match (&a[start..], &b[start..]) {
        ([x1, x2, rest_a @ ..], [y1, y2, rest_b @ ..]) if x1 == y2 && x2 == y1 && rest_a == rest_b => true,
        ([_, rest_a @ ..], [_, rest_b @ ..]) if rest_a == rest_b => true,
        ([_, rest_a @ ..], rest_b) if rest_a == rest_b => true,
        (rest_a, [_, rest_b @ ..]) => rest_a == rest_b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestion(suspicion: Option<Suspicion>) -> Option<Option<String>> {
        suspicion.map(|suspicion| suspicion.suggestion)
    }

    #[test]
    fn absolute_urls_that_cannot_be_meant() {
        let rows: &[(&str, Option<&str>)] = &[
            ("https://a.example/https:/b.example/c", Some("https://b.example/c")),
            ("https://a.example/x/http://b.example/c", Some("http://b.example/c")),
            ("https://https://b.example/c", Some("https://b.example/c")),
            ("http://http//b.example/c", Some("http://b.example/c")),
            ("https://a.example/x\">https://b.example/", Some("https://a.example/x")),
            ("https://a.example/xhttps://b.example/", Some("https://a.example/x")),
            ("https://a.example/x%", Some("https://a.example/x")),
            ("https://a.example/100%/x", Some("https://a.example/100%25/x")),
            ("https://a.example/x：y", Some("https://a.example/x:y")),
        ];
        for (url, expected) in rows {
            assert_eq!(suggestion(in_absolute(url)), Some(expected.map(str::to_owned)), "{url}");
        }
        for url in [
            "https://a.example/?u=https://b.example/",
            "https://a.example/#https://b.example",
            "https://web.archive.org/web/2020/https://b.example/",
            "https://a.example/%20x",
            "https://a.example/guides/http/x",
        ] {
            assert_eq!(in_absolute(url), None, "{url}");
        }
    }

    #[test]
    fn relative_urls_that_cannot_be_meant() {
        let rows: &[(&str, Option<&str>)] = &[
            ("www.a.example/x", Some("https://www.a.example/x")),
            ("docs.example.com/x", Some("https://docs.example.com/x")),
            ("someone@a.example", Some("mailto:someone@a.example")),
            ("既にパートナーですか?", None),
            ("C:\\files\\a.md", None),
            ("htps://a.example/x", Some("https://a.example/x")),
            ("https：//a.example/x", Some("https://a.example/x")),
            ("https//a.example/x", Some("https://a.example/x")),
            ("htttp://a.example/x", Some("http://a.example/x")),
        ];
        for (url, expected) in rows {
            assert_eq!(suggestion(in_relative(url)), Some(expected.map(str::to_owned)), "{url}");
        }
        for url in [
            "a.md",
            "../media/図.png",
            "メディア/図.png",
            "folder/",
            "http-guide.md",
            "https/intro.md",
            "a b.md",
            "x",
        ] {
            assert_eq!(in_relative(url), None, "{url}");
        }
    }
}
