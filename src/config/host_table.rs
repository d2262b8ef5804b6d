//! What is known of some hosts: data, shipped as `hosts.toml` and extended by configuration.

use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::HostPattern;

/// The table. Later rows, those of the configuration, come first where the first match counts.
#[derive(Debug, Clone, Default)]
pub struct HostTable {
    rows: Vec<Arc<HostRow>>,
}

/// One row: what is known of the URLs that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRow {
    /// The hosts; one of them must match.
    pub hosts: Vec<HostMatch>,
    /// Beginnings of paths, in lower case; empty means any path.
    pub paths: Vec<String>,
    /// What is known.
    pub knowledge: Knowledge,
}

/// Which hosts a row names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostMatch {
    /// `name`, `*.name` or `*`.
    Pattern(HostPattern),
    /// `name.*`: any host that has this label.
    Label(String),
}

/// One thing known of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// Documentation and example names: never visited.
    Placeholder,
    /// Answers with a redirect by design: following it is not a `moved`.
    ShortLink {
        /// Where links lead that it does not know.
        sinks: Vec<Sink>,
    },
    /// Shut down.
    Retired(Retired),
    /// Answers with a sign-in page to everybody who is not signed in.
    Portal,
    /// Is where one signs in.
    SignIn,
    /// Shows advertisements for unused domains.
    Parking,
}

/// Where a host sends links that it does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sink {
    /// The host.
    pub host: HostPattern,
    /// `/` for its root (with or without a locale), or the beginning of a path.
    pub path: Option<String>,
    /// A part of the query.
    pub query: Option<String>,
    /// Whether ending there proves that the link is broken.
    pub certain: bool,
}

/// A host that was shut down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// Year or date.
    pub since: String,
    /// What to do, for the reader.
    pub note: String,
}

/// A row as written, in `hosts.toml` and in `[[known]]` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrittenRow {
    r#match: OneOrMore,
    #[serde(default)]
    path: OneOrMore,
    is: Kind,
    #[serde(default)]
    sinks: Vec<WrittenSink>,
    since: Option<String>,
    note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Placeholder,
    ShortLink,
    Retired,
    Portal,
    SignIn,
    Parking,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSink {
    host: String,
    path: Option<String>,
    query: Option<String>,
    #[serde(default)]
    certain: bool,
}

/// A string or a list of strings.
#[derive(Debug, Clone, Default)]
struct OneOrMore(Vec<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTable {
    #[serde(default)]
    known: Vec<WrittenRow>,
}

impl HostTable {
    /// The shipped table.
    pub fn shipped() -> Self {
        // A test parses the file, so that an empty table is never what is shipped.
        let rows = Self::parse(include_str!("hosts.toml")).unwrap_or_default();
        Self { rows: rows.into_iter().map(Arc::new).collect() }
    }

    /// Reads rows written as in `hosts.toml`; the error names line and column, or the row.
    pub fn parse(text: &str) -> Result<Vec<HostRow>, String> {
        let written: WrittenTable = toml::from_str(text).map_err(|error| error.to_string())?;
        written.known.into_iter().map(HostRow::try_from).collect()
    }

    /// Adds rows; they win over those that are there.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = HostRow>) {
        let added: Vec<Arc<HostRow>> = rows.into_iter().map(Arc::new).collect();
        self.rows.splice(0..0, added);
    }

    /// Whether the host is a placeholder (RFC 2606, RFC 6761, `contoso.*` and their like).
    pub fn is_placeholder(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        self.rows
            .iter()
            .any(|row| row.knowledge == Knowledge::Placeholder && row.paths.is_empty() && row.names(host))
    }

    /// Whether the host shortens links, on some of its paths at least.
    pub fn is_short_link(&self, host: &str) -> bool {
        self.rows.iter().any(|row| matches!(row.knowledge, Knowledge::ShortLink { .. }) && row.names(host))
    }

    /// Whether the URL is a short link.
    pub fn shortens(&self, url: &Url) -> bool {
        // The host's own pages (`https://aka.ms/`) are pages.
        url.path() != "/" && self.find(url, |known| matches!(known, Knowledge::ShortLink { .. })).is_some()
    }

    /// Whether the host is a portal behind a sign-in.
    pub fn is_portal(&self, host: &str) -> bool {
        self.rows.iter().any(|row| row.knowledge == Knowledge::Portal && row.names(host))
    }

    /// Whether the URL is a sign-in page.
    pub fn is_sign_in(&self, url: &Url) -> bool {
        self.find(url, |known| *known == Knowledge::SignIn).is_some()
    }

    /// Whether the URL is a page of advertisements for an unused domain.
    pub fn is_parking(&self, url: &Url) -> bool {
        self.find(url, |known| *known == Knowledge::Parking).is_some()
    }

    /// Since when the URL's host, or that part of it, is shut down.
    pub fn retired(&self, url: &Url) -> Option<Retired> {
        let row = self.find(url, |known| matches!(known, Knowledge::Retired(_)))?;
        match &row.knowledge {
            Knowledge::Retired(retired) => Some(retired.clone()),
            _ => None,
        }
    }

    /// The sink that a short link fell into, if `to` is one of `from`'s.
    pub fn sink(&self, from: &Url, to: &Url) -> Option<&Sink> {
        self.rows.iter().filter(|row| row.matches(from)).find_map(|row| match &row.knowledge {
            Knowledge::ShortLink { sinks } => sinks.iter().find(|sink| sink.matches(to)),
            _ => None,
        })
    }

    fn find(&self, url: &Url, is: impl Fn(&Knowledge) -> bool) -> Option<&HostRow> {
        self.rows.iter().find(|row| is(&row.knowledge) && row.matches(url)).map(Arc::as_ref)
    }
}

impl HostRow {
    fn names(&self, host: &str) -> bool {
        self.hosts.iter().any(|rule| rule.matches(host))
    }

    fn matches(&self, url: &Url) -> bool {
        let begins = |path: &String| {
            url.path().get(..path.len()).is_some_and(|start| start.eq_ignore_ascii_case(path))
        };
        self.names(url.host_str().unwrap_or_default())
            && (self.paths.is_empty() || self.paths.iter().any(begins))
    }
}

impl HostMatch {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix(".*") {
            Some(label) if !label.is_empty() && !label.contains(['.', '*']) => {
                Some(Self::Label(label.to_ascii_lowercase()))
            }
            Some(_) => None,
            None => HostPattern::parse(text).map(Self::Pattern),
        }
    }

    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.matches(host),
            Self::Label(label) => host.split('.').any(|part| part == label),
        }
    }
}

impl Sink {
    fn matches(&self, url: &Url) -> bool {
        let path = match self.path.as_deref() {
            None => true,
            Some("/") => {
                let mut parts = url.path().split('/').filter(|part| !part.is_empty());
                parts.next().is_none_or(is_locale) && parts.next().is_none()
            }
            Some(start) => url.path().starts_with(start),
        };
        let query = self
            .query
            .as_deref()
            .is_none_or(|part| url.query().is_some_and(|query| query.split('&').any(|q| q == part)));
        path && query && self.host.matches(url.host_str().unwrap_or_default())
    }
}

/// Whether a path segment is a locale as sites write them: `en-us`, `ro-RO`, `zh-Hans-CN`, or one of the common two-letter ones.
pub fn is_locale(segment: &str) -> bool {
    const ALONE: &[&str] = &[
        "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "id", "it",
        "ja", "ko", "lt", "lv", "ms", "nb", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th",
        "tr", "uk", "vi", "zh",
    ];
    let segment = segment.to_ascii_lowercase();
    let mut parts = segment.split('-');
    let alpha = |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_alphabetic());
    let Some(language) = parts.next().filter(|part| alpha(part, 2)) else { return false };
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => ALONE.contains(&language),
        (Some(second), None, _) => alpha(second, 2) || alpha(second, 4) || second == "419" || second == "001",
        (Some(script), Some(region), None) => alpha(script, 4) && alpha(region, 2),
        _ => false,
    }
}

impl TryFrom<WrittenRow> for HostRow {
    type Error = String;

    fn try_from(row: WrittenRow) -> Result<Self, String> {
        let first = row.r#match.0.first().cloned().unwrap_or_default();
        let pattern = |text: &String| {
            HostMatch::parse(text).ok_or_else(|| format!("{text}: a host is `name`, `*.name` or `name.*`"))
        };
        let sink = |sink: WrittenSink| {
            let host = HostPattern::parse(&sink.host).ok_or_else(|| format!("{}: no host", sink.host))?;
            Ok::<_, String>(Sink { host, path: sink.path, query: sink.query, certain: sink.certain })
        };
        if row.r#match.0.is_empty() {
            return Err("a row without a host in `match`".to_owned());
        }
        if row.is != Kind::ShortLink && !row.sinks.is_empty() {
            return Err(format!("{first}: only a short-link has sinks"));
        }
        if row.is != Kind::Retired && (row.since.is_some() || row.note.is_some()) {
            return Err(format!("{first}: only a retired host has since and note"));
        }
        let knowledge = match row.is {
            Kind::Placeholder => Knowledge::Placeholder,
            Kind::ShortLink => {
                Knowledge::ShortLink { sinks: row.sinks.into_iter().map(sink).collect::<Result<_, _>>()? }
            }
            Kind::Retired => Knowledge::Retired(Retired {
                since: row.since.ok_or_else(|| format!("{first}: since when is it retired?"))?,
                note: row.note.unwrap_or_default(),
            }),
            Kind::Portal => Knowledge::Portal,
            Kind::SignIn => Knowledge::SignIn,
            Kind::Parking => Knowledge::Parking,
        };
        Ok(Self {
            hosts: row.r#match.0.iter().map(pattern).collect::<Result<_, _>>()?,
            paths: row.path.0.iter().map(|path| path.to_ascii_lowercase()).collect(),
            knowledge,
        })
    }
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = OneOrMore;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E>(self, text: &str) -> Result<OneOrMore, E> {
                Ok(OneOrMore(vec![text.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMore, A::Error> {
                let mut all = Vec::new();
                while let Some(text) = list.next_element()? {
                    all.push(text);
                }
                Ok(OneOrMore(all))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_shipped_table_is_sound() {
        let rows = HostTable::parse(include_str!("hosts.toml")).unwrap();
        assert_eq!(rows.len(), HostTable::shipped().rows.len());
        assert!(rows.len() > 10);
    }

    #[test]
    fn placeholders() {
        let table = HostTable::shipped();
        for host in [
            "example.com",
            "www.example.org",
            "a.test",
            "localhost",
            "x.invalid",
            "www.contoso.com",
            "contoso.sharepoint.com",
            "fabrikam.net",
            "example.com.",
        ] {
            assert!(table.is_placeholder(host), "{host}");
        }
        for host in [
            "microsoft.com",
            "notexample.com",
            "test.com",
            "mycontoso.com",
            "example.microsoft.com",
            "testing.org",
        ] {
            assert!(!table.is_placeholder(host), "{host}");
        }
    }

    #[test]
    fn short_links_and_their_sinks() {
        let table = HostTable::shipped();
        assert!(table.shortens(&url("https://aka.ms/x")));
        assert!(!table.shortens(&url("https://aka.ms/")));
        assert!(table.shortens(&url("https://go.microsoft.com/FWLink/?LinkID=1")));
        assert!(!table.shortens(&url("https://go.microsoft.com/other")));
        let sink = |from: &str, to: &str| table.sink(&url(from), &url(to)).map(|sink| sink.certain);
        assert_eq!(sink("https://aka.ms/x", "https://www.bing.com/?ref=aka&shorturl=x"), Some(true));
        assert_eq!(sink("https://aka.ms/x", "https://www.bing.com/search?q=x"), None);
        assert_eq!(sink("https://aka.ms/x", "https://learn.microsoft.com/x?ref=aka"), None);
        assert_eq!(
            sink("https://go.microsoft.com/fwlink/?LinkID=1", "https://www.microsoft.com/"),
            Some(true)
        );
        assert_eq!(
            sink("https://go.microsoft.com/fwlink/?LinkID=1", "https://www.microsoft.com/ro-ro/"),
            Some(true)
        );
        assert_eq!(
            sink("https://go.microsoft.com/fwlink/?LinkID=1", "https://www.microsoft.com/store"),
            None
        );
        assert_eq!(sink("https://bit.ly/x", "https://www.microsoft.com/"), None);
    }

    #[test]
    fn retired_hosts() {
        let table = HostTable::shipped();
        assert_eq!(table.retired(&url("https://office365.uservoice.com/forums/1")).unwrap().since, "2021");
        assert!(table.retired(&url("https://feedback.azure.com/forums/34192")).is_some());
        assert!(table.retired(&url("https://feedback.azure.com/d365community/")).is_none());
    }

    #[test]
    fn configuration_adds_rows() {
        let mut table = HostTable::shipped();
        let rows = HostTable::parse(
            "[[known]]\nis = 'retired'\nmatch = ['old.acme.net']\nsince = '2020'\nnote = 'use new.acme.net'\n\
             [[known]]\nis = 'placeholder'\nmatch = 'acme.*'\n",
        );
        table.extend(rows.unwrap());
        assert_eq!(table.retired(&url("https://old.acme.net/x")).unwrap().note, "use new.acme.net");
        assert!(table.is_placeholder("www.acme.org"));
        assert!(table.is_placeholder("example.com"));
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said() {
        for (text, want) in [
            ("[[known]]\nis = 'nothing'\nmatch = 'a.org'", "unknown variant"),
            ("[[known]]\nis = 'portal'\nmatch = 'a b'", "a host is"),
            ("[[known]]\nis = 'portal'\nmatch = []", "without a host"),
            ("[[known]]\nis = 'retired'\nmatch = 'a.org'", "since when"),
            ("[[known]]\nis = 'portal'\nmatch = 'a.org'\nsince = '1'", "only a retired"),
            ("[[known]]\nis = 'portal'\nmatch = 'a.org'\nsinks = [{ host = 'b.org' }]", "only a short-link"),
            ("[[known]]\nis = 'portal'\nmatch = 3", "a string or a list"),
            ("[[known]]\nis = 'portal'\nmatch = 'a.org'\nother = 1", "unknown field"),
        ] {
            let error = HostTable::parse(text).unwrap_err();
            assert!(error.contains(want), "{text}: {error}");
        }
    }

    #[test]
    fn locales() {
        for yes in ["en-us", "ro-RO", "en", "zh-Hans", "zh-hans-cn", "es-419"] {
            assert!(is_locale(yes), "{yes}");
        }
        for no in ["azure", "go", "it-pro", "x", "", "en-us-x-y", "ab12", "2021"] {
            assert!(!is_locale(no), "{no}");
        }
    }
}
