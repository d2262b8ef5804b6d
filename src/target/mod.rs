//! Stage 3: a reference → the canonical target that is visited, or why nothing is.

mod malformed;
mod resolve;
mod session;
mod userinfo;

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

pub use resolve::{LONGEST_URL, ResolveBase, in_scope, percent_decoded, resolve};
pub use session::{Beside, without_session};
pub use userinfo::mask_userinfo;

/// A target's row in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TargetId(pub i64);

/// An http(s) URL in WHATWG serialisation, without fragment and without userinfo.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CanonicalUrl(Url);

/// The host whose limits a request counts in: host name or address, with the port where it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HostKey(String);

/// 16 bytes of blake3 of a canonical URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetKey(pub [u8; 16]);

/// What becomes of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What will be visited; `None` unless `status` is [`Status::Target`].
    pub target: Option<CanonicalUrl>,
    /// The part after `#`, as written, without the `#`.
    pub fragment: Option<String>,
    /// Why, or why not.
    pub status: Status,
    /// What a reader should know of it: what is malformed, which rule excluded it, that userinfo was removed.
    pub note: Option<Note>,
}

/// Why a reference has a target, or has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It will be visited.
    Target,
    /// A file of the source.
    File,
    /// A place in the same entry.
    Fragment,
    /// `mailto:`.
    Mail,
    /// A scheme that is not visited.
    Scheme,
    /// `data:`.
    Data,
    /// Nothing there.
    Empty,
    /// Excluded by rule, or a placeholder host.
    Excluded,
    /// No URL can be made of it.
    Malformed,
}

/// A remark on a resolution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "kebab-case")]
pub enum Note {
    /// It is no URL, or not the one the author meant.
    Malformed {
        /// A sentence fragment.
        message: String,
        /// What to write instead, where that is clear.
        suggestion: Option<String>,
    },
    /// `https://user:password@host/`: removed, never sent.
    Userinfo,
    /// A host reserved for examples.
    Placeholder,
    /// The exclusion that matched.
    ExcludedRule {
        /// As configured.
        pattern: String,
    },
    /// A relative link: the path it names, relative to the source's root.
    Path {
        /// With `/`.
        path: String,
    },
    /// A relative link that leaves the source.
    OutsideSource,
}

impl CanonicalUrl {
    /// Takes an http(s) URL with a host; drops fragment and userinfo.
    pub fn new(mut url: Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return None;
        }
        url.set_fragment(None);
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Some(Self(url))
    }

    /// Parses an absolute URL.
    pub fn parse(text: &str) -> Option<Self> {
        Url::parse(text).ok().and_then(Self::new)
    }

    /// The serialisation.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// As a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whose limits a request for it counts in.
    pub fn host_key(&self) -> HostKey {
        HostKey::of(&self.0)
    }

    /// What it is stored under.
    pub fn key(&self) -> TargetKey {
        let mut key = [0; 16];
        key.copy_from_slice(&blake3::hash(self.as_str().as_bytes()).as_bytes()[..16]);
        TargetKey(key)
    }
}

impl HostKey {
    /// The host of `url`, with its port where that is not the scheme's own.
    pub fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        // `host.` is the same host, said in full.
        let host = host.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(host);
        Self(match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        })
    }

    /// From its text, as stored.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The host without its port.
    pub fn name(&self) -> &str {
        match self.0.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &self.0,
        }
    }

    /// `host` or `host:port`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CanonicalUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("no http(s) URL: {text}"))
    }
}

impl From<CanonicalUrl> for String {
    fn from(url: CanonicalUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_key() {
        let table = [
            ("http://a.org/x", "a.org"),
            ("https://A.org./x", "a.org"),
            ("http://a.org:443/", "a.org:443"),
            ("http://a.org.:8080/", "a.org:8080"),
            ("http://[::1]/", "[::1]"),
        ];
        for (url, key) in table {
            assert_eq!(HostKey::of(&Url::parse(url).unwrap()).as_str(), key, "{url}");
        }
    }
}
