//! A reference's URL → what becomes of it (SPEC §2), by the WHATWG URL standard.

use std::borrow::Cow;

use url::Url;

use super::malformed::{self, Suspicion};
use super::{CanonicalUrl, Note, Resolution, Status};
use crate::config::{HostTable, ScopeSettings};
use crate::reference::{Kind, Reference, meant_part};

/// Longest URL, in bytes.
pub const LONGEST_URL: usize = 8 << 10;

/// Where a reference stands.
#[derive(Debug, Clone, Copy)]
pub struct ResolveBase<'a> {
    /// What root-relative links resolve against.
    pub base_url: Option<&'a Url>,
    /// The entry's path in its source, with `/`.
    pub entry: &'a str,
}

/// Says what becomes of a reference. Never fails: what no URL can be made of is [`Status::Malformed`]. A URL that can be
/// fetched and yet cannot be what was meant (two schemes in one, a broken `%`) is a target with [`Note::Malformed`].
pub fn resolve(
    reference: &Reference,
    base: &ResolveBase<'_>,
    scope: &ScopeSettings,
    table: &HostTable,
) -> Resolution {
    let written = reference.url.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let written = if reference.kind == Kind::Bare { meant_part(written) } else { written };
    let (url, remapped) = match remap(written, scope) {
        Some(url) => (Cow::Owned(url), true),
        None => (Cow::Borrowed(written), false),
    };
    Resolver { base, scope, table, remapped }.resolve(&url)
}

struct Resolver<'a> {
    base: &'a ResolveBase<'a>,
    scope: &'a ScopeSettings,
    table: &'a HostTable,
    remapped: bool,
}

impl Resolver<'_> {
    fn resolve(&self, url: &str) -> Resolution {
        if url.is_empty() {
            return nothing(Status::Empty, Some(malformed_note("the destination is empty".to_owned(), None)));
        }
        let scheme = scheme_of(url);
        if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("data")) {
            return nothing(Status::Data, None);
        }
        if url.len() > LONGEST_URL {
            let message = format!("a URL of {} bytes: the limit is {LONGEST_URL}", url.len());
            return nothing(Status::Malformed, Some(malformed_note(message, None)));
        }
        if let Some(fragment) = url.strip_prefix('#') {
            return Resolution { fragment: Some(fragment.to_owned()), ..nothing(Status::Fragment, None) };
        }
        match scheme {
            Some(scheme) => self.with_scheme(url, scheme),
            None if url.starts_with("//") || url.starts_with("\\\\") => self.protocol_relative(url),
            None if url.starts_with('/') => self.root_relative(url),
            None => self.relative(url),
        }
    }

    fn with_scheme(&self, url: &str, scheme: &str) -> Resolution {
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => {
                let rest = &url[scheme.len() + 1..];
                if !rest.starts_with("//") {
                    // A browser on a page of the same scheme takes this for a path.
                    let suspicion = malformed::broken_scheme(url);
                    let suggestion = suspicion.and_then(|suspicion| suspicion.suggestion);
                    let message = "`//` is missing after the scheme".to_owned();
                    return nothing(Status::Malformed, Some(malformed_note(message, suggestion)));
                }
                self.absolute(url, url)
            }
            "mailto" => nothing(Status::Mail, None),
            _ => match malformed::broken_scheme(url).or_else(|| one_letter(url, scheme)) {
                Some(suspicion) => nothing(Status::Malformed, Some(note_of(suspicion))),
                None => nothing(Status::Scheme, None),
            },
        }
    }

    fn protocol_relative(&self, url: &str) -> Resolution {
        let scheme = self.base.base_url.map_or("https", Url::scheme);
        let rest = url.trim_start_matches(['/', '\\']);
        self.absolute(url, &format!("{scheme}://{rest}"))
    }

    fn root_relative(&self, url: &str) -> Resolution {
        match self.base.base_url {
            Some(base) => match base.join(url) {
                Ok(joined) => self.absolute(url, joined.as_str()),
                Err(error) => unparsable(url, &error),
            },
            None => self.file(url, ""),
        }
    }

    fn relative(&self, url: &str) -> Resolution {
        if let Some(rest) = url.strip_prefix("~/").or_else(|| url.strip_prefix("~\\")) {
            return self.file(rest, "");
        }
        if let Some(suspicion) = malformed::in_relative(url) {
            return nothing(Status::Malformed, Some(note_of(suspicion)));
        }
        let folder = self.base.entry.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.file(url, folder)
    }

    /// A path, from `folder` of the source.
    fn file(&self, url: &str, folder: &str) -> Resolution {
        let (rest, fragment) = split_fragment(url);
        let path = rest.split('?').next().unwrap_or(rest);
        let path = percent_decoded(path);
        if path.contains('\0') {
            let message = "`%00` in a path: no file has a NUL in its name".to_owned();
            return nothing(Status::Malformed, Some(malformed_note(message, None)));
        }
        let note = if path.is_empty() {
            Note::Path { path: self.base.entry.to_owned() }
        } else {
            match below(folder, &path) {
                Some(path) => Note::Path { path },
                None => Note::OutsideSource,
            }
        };
        Resolution { fragment: fragment.map(str::to_owned), ..nothing(Status::File, Some(note)) }
    }

    /// `url` is absolute; `written` is what stands in the entry.
    fn absolute(&self, written: &str, url: &str) -> Resolution {
        let parsed = match Url::parse(url) {
            Ok(parsed) => parsed,
            Err(error) => {
                return match malformed::in_absolute(url) {
                    Some(suspicion) => nothing(Status::Malformed, Some(note_of(suspicion))),
                    None => unparsable(written, &error),
                };
            }
        };
        let parsed = self.remapped_again(parsed);
        let fragment = split_fragment(url).1.map(str::to_owned);
        let has_userinfo = !parsed.username().is_empty() || parsed.password().is_some();
        let whole = parsed.to_string();
        let Some(target) = CanonicalUrl::new(parsed) else {
            // Remapped to something that is not visited, or a URL without a host.
            return Resolution { fragment, ..nothing(Status::Scheme, None) };
        };
        if target.as_str().len() > LONGEST_URL {
            let message = "longer than 8 KiB once encoded".to_owned();
            return Resolution {
                fragment,
                ..nothing(Status::Malformed, Some(malformed_note(message, None)))
            };
        }
        let host = target.url().host_str().unwrap_or_default();
        if self.table.is_placeholder(host) {
            return Resolution { fragment, ..nothing(Status::Excluded, Some(Note::Placeholder)) };
        }
        if let Some(pattern) = excluded_by(self.scope, &whole, target.as_str()) {
            return Resolution {
                fragment,
                ..nothing(Status::Excluded, Some(Note::ExcludedRule { pattern }))
            };
        }
        let note = if has_userinfo { Some(Note::Userinfo) } else { malformed::in_absolute(url).map(note_of) };
        Resolution { target: Some(target), fragment, status: Status::Target, note }
    }

    /// A relative URL is remapped once it is absolute.
    fn remapped_again(&self, parsed: Url) -> Url {
        if self.remapped || self.scope.remap.is_empty() {
            return parsed;
        }
        remap(parsed.as_str(), self.scope).and_then(|url| Url::parse(&url).ok()).unwrap_or(parsed)
    }
}

/// Whether a URL that is not a reference's own is in scope: by the same patterns.
pub fn in_scope(url: &CanonicalUrl, scope: &ScopeSettings) -> bool {
    excluded_by(scope, url.as_str(), url.as_str()).is_none()
}

/// The pattern that keeps a URL out; `whole` has its fragment and userinfo.
fn excluded_by(scope: &ScopeSettings, whole: &str, target: &str) -> Option<String> {
    let matches = |pattern: &regex::Regex| pattern.is_match(whole) || pattern.is_match(target);
    if let Some(pattern) = scope.exclude.iter().find(|pattern| matches(pattern)) {
        return Some(pattern.as_str().to_owned());
    }
    let include = &scope.include;
    (!include.is_empty() && !include.iter().any(matches)).then(|| "matches no `include`".to_owned())
}

fn remap(url: &str, scope: &ScopeSettings) -> Option<String> {
    scope
        .remap
        .iter()
        .find(|(pattern, _)| pattern.is_match(url))
        .map(|(pattern, with)| pattern.replace(url, with.as_str()).into_owned())
}

fn nothing(status: Status, note: Option<Note>) -> Resolution {
    Resolution { target: None, fragment: None, status, note }
}

fn note_of(suspicion: Suspicion) -> Note {
    malformed_note(suspicion.message, suspicion.suggestion)
}

/// A suggestion that is no URL either (often the fault as it was written) helps nobody: then there is none.
fn malformed_note(message: String, suggestion: Option<String>) -> Note {
    Note::Malformed { message, suggestion: suggestion.filter(|suggestion| Url::parse(suggestion).is_ok()) }
}

fn unparsable(url: &str, error: &url::ParseError) -> Resolution {
    let suggestion = malformed::broken_scheme(url).and_then(|suspicion| suspicion.suggestion);
    nothing(
        Status::Malformed,
        Some(malformed_note(format!("no URL can be made of this: {error}"), suggestion)),
    )
}

/// `C:\…`: no scheme has one letter.
fn one_letter(url: &str, scheme: &str) -> Option<Suspicion> {
    if scheme.len() == 1 { malformed::in_relative(url) } else { None }
}

/// The scheme, without its colon (RFC 3986 3.1).
fn scheme_of(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let mut bytes = scheme.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic());
    (starts && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))).then_some(scheme)
}

fn split_fragment(url: &str) -> (&str, Option<&str>) {
    match url.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (url, None),
    }
}

/// `path` from `folder`, without `.` and `..`; `None` where it leaves the source.
fn below(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// `%41` → `A`; what is no UTF-8 after that becomes U+FFFD, a broken `%` stays.
pub fn percent_decoded(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(kind: Kind, url: &str) -> Reference {
        Reference {
            line: 1,
            column: 1,
            offset: 0..1,
            destination: 0..1,
            kind,
            text: String::new(),
            url: url.to_owned(),
        }
    }

    fn resolved(url: &str) -> Resolution {
        let base_url = Url::parse("https://docs.example.net/en/").unwrap();
        let base = ResolveBase { base_url: Some(&base_url), entry: "guide/setup/a.md" };
        resolve(&of(Kind::Inline, url), &base, &ScopeSettings::default(), &HostTable::default())
    }

    #[test]
    fn u40_urls_become_targets_by_the_standard() {
        let rows = [
            ("https://X.example", "https://x.example/", None),
            ("HTTP://x.example:80/a b?q=ü#Frag ment", "http://x.example/a%20b?q=%C3%BC", Some("Frag ment")),
            ("/azure/x#y", "https://docs.example.net/azure/x", Some("y")),
            ("//y.example/z", "https://y.example/z", None),
            ("https://x.example/a/../b", "https://x.example/b", None),
            ("https://127.0.0.1/x", "https://127.0.0.1/x", None),
            ("https://[::1]:8080/x", "https://[::1]:8080/x", None),
            ("https://docs.example.net//a", "https://docs.example.net//a", None),
            (" https://x.example/ ", "https://x.example/", None),
        ];
        for (url, target, fragment) in rows {
            let resolution = resolved(url);
            assert_eq!(resolution.status, Status::Target, "{url}");
            assert_eq!(resolution.target.unwrap().as_str(), target, "{url}");
            assert_eq!(resolution.fragment.as_deref(), fragment, "{url}");
            assert_eq!(resolution.note, None, "{url}");
        }
    }

    #[test]
    fn u22_u41_what_is_not_visited_says_why() {
        for (url, status) in [
            ("", Status::Empty),
            ("#top", Status::Fragment),
            ("mailto:a@b.example", Status::Mail),
            ("data:image/png;base64,AAAA", Status::Data),
            ("ms-settings:display", Status::Scheme),
            ("xref:System.String", Status::Scheme),
            ("javascript:void(0)", Status::Scheme),
            ("b.md#c", Status::File),
            ("https:/x.example/a", Status::Malformed),
            ("https:x.example", Status::Malformed),
            ("https://", Status::Malformed),
            ("https://x.example:99999/", Status::Malformed),
            ("htps://x.example/", Status::Malformed),
            ("C:\\a.md", Status::Malformed),
            ("a%00.md", Status::Malformed),
            ("既にパートナーですか?", Status::Malformed),
        ] {
            let resolution = resolved(url);
            assert_eq!(resolution.status, status, "{url}");
            assert_eq!(resolution.target, None, "{url}");
            let says_why = matches!(resolution.note, Some(Note::Malformed { .. }));
            assert_eq!(says_why, matches!(status, Status::Malformed | Status::Empty), "{url}");
        }
        for url in [
            "http://x.example:99999/",
            "HTTP://x.example:99999/",
            "http://xn--example-.org/",
            "http:/x.example:99999/",
        ] {
            let note = resolved(url).note;
            assert!(matches!(note, Some(Note::Malformed { suggestion: None, .. })), "{url}: {note:?}");
        }
        let long = format!("https://x.example/{}", "a".repeat(LONGEST_URL));
        assert_eq!(resolved(&long).status, Status::Malformed);
        let grows = format!("https://x.example/{}", "é".repeat(LONGEST_URL / 3));
        assert_eq!(resolved(&grows).status, Status::Malformed);
    }

    #[test]
    fn m12_relative_links_name_paths_of_the_source() {
        for (url, path) in [
            ("b.md", Some("guide/setup/b.md")),
            ("../b%20c.md?view=x#d", Some("guide/b c.md")),
            ("./media\\x.png", Some("guide/setup/media/x.png")),
            ("~/includes/x.md", Some("includes/x.md")),
            ("?view=y", Some("guide/setup/a.md")),
            ("../../../x.md", None),
            ("%2e%2e/%2e%2e/..%2f../etc/passwd", None),
            ("~/../x.md", None),
        ] {
            let note = resolved(url).note;
            match path {
                Some(path) => assert_eq!(note, Some(Note::Path { path: path.to_owned() }), "{url}"),
                None => assert_eq!(note, Some(Note::OutsideSource), "{url}"),
            }
        }
        let base = ResolveBase { base_url: None, entry: "a/b.md" };
        let root =
            resolve(&of(Kind::Inline, "/c.md"), &base, &ScopeSettings::default(), &HostTable::default());
        assert_eq!(root.note, Some(Note::Path { path: "c.md".to_owned() }));
    }

    #[test]
    fn userinfo_is_removed_and_said() {
        let resolution = resolved("https://user:secret@x.example/a");
        assert_eq!(resolution.target.unwrap().as_str(), "https://x.example/a");
        assert_eq!(resolution.note, Some(Note::Userinfo));
    }

    #[test]
    fn a_url_that_cannot_be_meant_is_visited_and_said() {
        let resolution = resolved("https://a.example/https:/b.example/c");
        assert_eq!(resolution.status, Status::Target);
        let Some(Note::Malformed { suggestion, .. }) = resolution.note else {
            panic!("{:?}", resolution.note)
        };
        assert_eq!(suggestion.as_deref(), Some("https://b.example/c"));
    }

    #[test]
    fn a_bare_url_loses_what_is_glued_to_it() {
        let base = ResolveBase { base_url: None, entry: "a.md" };
        let resolution = resolve(
            &of(Kind::Bare, "https://x.example/c。"),
            &base,
            &ScopeSettings::default(),
            &HostTable::default(),
        );
        assert_eq!(resolution.target.unwrap().as_str(), "https://x.example/c");
    }

    #[test]
    fn scope_decides_what_is_visited() {
        let scope = ScopeSettings {
            include: vec![regex::Regex::new("example").unwrap()],
            exclude: vec![regex::Regex::new("/private").unwrap()],
            remap: vec![(
                regex::Regex::new("^https://old\\.net/(.*)").unwrap(),
                "https://new.example/$1".to_owned(),
            )],
        };
        let base = ResolveBase { base_url: None, entry: "a.md" };
        let status = |url: &str| {
            let resolution = resolve(&of(Kind::Inline, url), &base, &scope, &HostTable::default());
            (resolution.status, resolution.target.map(String::from))
        };
        assert_eq!(status("https://old.net/x"), (Status::Target, Some("https://new.example/x".to_owned())));
        assert_eq!(status("https://a.example/private"), (Status::Excluded, None));
        assert_eq!(status("https://other.net/"), (Status::Excluded, None));
        let is_in = |url: &str| in_scope(&CanonicalUrl::parse(url).unwrap(), &scope);
        assert!(is_in("https://a.example/"));
        assert!(!is_in("https://a.example/private") && !is_in("https://other.net/"));
    }

    proptest! {
        #[test]
        fn u39_resolving_never_panics_and_canonical_urls_stay(url in "\\PC{0,60}|https?:/{0,3}[a-zé.@:%#?/：\\[\\]\"<>h]{0,40}|[a-z./~%2e\\\\#?]{0,30}") {
            let resolution = resolved(&url);
            prop_assert_eq!(resolution.target.is_some(), resolution.status == Status::Target);
            if let Some(target) = resolution.target {
                let again = CanonicalUrl::parse(target.as_str());
                prop_assert_eq!(again.as_ref(), Some(&target));
                prop_assert!(!target.as_str().contains('#'));
                prop_assert!(target.url().username().is_empty() && target.url().password().is_none());
            }
            if let Some(Note::Path { path }) = resolution.note {
                prop_assert!(!path.split('/').any(|part| part == ".."));
            }
        }
    }
}
