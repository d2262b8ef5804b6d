//! What a visit learned, raw: it is stored as it is and judged on reading, so that a changed policy needs no new visit.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::target::{CanonicalUrl, TargetId};
use crate::time::Timestamp;

/// A target whose turn it is.
#[derive(Debug, Clone)]
pub struct DueTarget {
    /// Its row.
    pub id: TargetId,
    /// What to request first.
    pub url: CanonicalUrl,
    /// What its newest snapshot was served with.
    pub validators: Option<Validators>,
    /// What its newest snapshot says.
    pub known: Option<KnownContent>,
    /// Who wants it.
    pub purpose: Purpose,
}

/// The content that the state has of a target: where it is found again, nothing of it is kept again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownContent {
    /// blake3 of the readable content.
    pub content: [u8; 32],
    /// What it depends on beside the extractor; `None` where nobody noted it.
    pub settings: Option<String>,
}

impl KnownContent {
    /// Whether a visit that found this content found nothing new.
    pub fn covers(&self, content: [u8; 32], settings: &str) -> bool {
        self.content == content && self.settings.as_deref().is_none_or(|known| known == settings)
    }
}

/// Who wants a target to be visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An entry that names it.
    Entry,
    /// We ourselves, to learn how its host answers. No author published the URL, so robots.txt decides whether it is asked for, and
    /// nothing of it is kept but the facts.
    Probe,
}

/// Validators of RFC 9110 §8.8, and the URL that gave them: they are sent to that URL only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// The URL, without fragment, whose answer carried them.
    pub url: String,
    /// `ETag`, at most 1 KiB.
    pub etag: Option<String>,
    /// `Last-Modified`, as sent.
    pub last_modified: Option<String>,
}

/// One attempt to learn a target's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// Every request of the attempt that decided, first to last.
    pub hops: Vec<Hop>,
    /// How it ended.
    pub outcome: Outcome,
    /// Attempts made, the deciding one included.
    pub attempts: u32,
    /// When the deciding attempt began.
    pub visited_at: Timestamp,
    /// What the last answer's headers said, where there was one.
    pub answer: Option<Answer>,
    /// When the certificate of the first hop's host ends, where that hop was answered over TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_ends: Option<Timestamp>,
}

/// One request of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The URL asked for, without fragment.
    pub url: String,
    /// The answer's status; `None` where no answer came.
    pub status: Option<u16>,
    /// `Location`, as sent, at most 8 KiB, control characters removed.
    pub location: Option<String>,
    /// From the request to the end of the answer's headers.
    pub elapsed_ms: u64,
}

/// How a visit ended, before anyone judges it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum Outcome {
    /// The last hop answered with a status that is no redirect to follow.
    Answered,
    /// The last hop answered 304 to our validators: the page is that of the last snapshot.
    NotModified,
    /// No usable answer.
    Failed {
        /// Why.
        failure: Failure,
        /// What the machinery said, for the reader.
        detail: String,
    },
    /// A hop was not made.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The URL that was not requested.
        url: String,
        /// What exactly, for the reader.
        detail: String,
    },
    /// More redirects than allowed.
    RedirectLimit,
    /// A URL came up twice in one chain.
    RedirectLoop,
    /// A redirect that leads nowhere: no, empty or unusable `Location`.
    RedirectInvalid {
        /// What was wrong.
        detail: String,
    },
    /// The host asked for more time than `max_wait`; it may be tried again then.
    RateLimited {
        /// When.
        until: Timestamp,
    },
}

/// Why no usable answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// The name does not exist (RFC 2308).
    DnsNxdomain,
    /// No answer, SERVFAIL, or a name without addresses.
    DnsFailure,
    /// Nobody listens.
    ConnectRefused,
    /// No connection, TLS included, in time.
    ConnectTimeout,
    /// Connected, but no answer or no more of it in time.
    ReadTimeout,
    /// The connection was cut.
    Reset,
    /// The certificate's time is over, or has not come.
    TlsExpired,
    /// The certificate is for another name.
    TlsHostname,
    /// The certificate's issuer is not known.
    TlsUntrusted,
    /// Any other failure of TLS.
    TlsOther,
    /// Something that is not HTTP, or breaks its rules.
    BadResponse,
}

/// Why a hop was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// An address or name that is never connected to.
    RefusedAddress,
    /// `--exclude`.
    ExcludedRule,
    /// A scheme other than http and https.
    UnsupportedScheme,
    /// `robots.txt`.
    Robots,
}

/// What the last answer's headers said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// `Content-Language`.
    pub language: Option<String>,
    /// Headers that tell a bot wall, `name: value`, from a fixed short list.
    pub wall: Vec<String>,
    /// Whether the body was longer than allowed.
    pub body_too_large: bool,
    /// Whether robots.txt asks that the text is not kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub robots: bool,
    /// Bytes of the body as decoded; `None` where it was not read.
    pub body_length: Option<u64>,
}

/// A visit as it leaves the visitor: the facts, and the body if there is one to read.
#[derive(Debug)]
pub struct Visited {
    /// Whose.
    pub id: TargetId,
    /// The target's URL.
    pub url: CanonicalUrl,
    /// Who wanted it.
    pub purpose: Purpose,
    /// What was known of its content before.
    pub known: Option<KnownContent>,
    /// The facts.
    pub visit: Visit,
    /// The decoded body of the last answer, where it was taken whole and is text that can be read as a page.
    pub body: Option<Body>,
    /// Bytes received for this target, of all attempts, bodies and headers.
    pub received: u64,
    /// Requests made for this target, all attempts.
    pub requests: u32,
}

/// A decoded body.
#[derive(Debug, Clone)]
pub struct Body {
    /// The bytes, decompressed.
    pub bytes: Bytes,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
}

impl Visit {
    /// The last hop's URL.
    pub fn final_url(&self) -> Option<&str> {
        self.hops.last().map(|hop| hop.url.as_str())
    }

    /// The last answer's status.
    pub fn status(&self) -> Option<u16> {
        self.hops.last().and_then(|hop| hop.status)
    }
}
