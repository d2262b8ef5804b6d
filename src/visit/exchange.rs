//! One request and what came of it: what passes between the chain, which decides, and the client, which acts.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::facts::{Failure, Refusal};
use super::shared::AtHost;
use crate::time::Timestamp;

/// One request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// What to ask for; without fragment.
    pub(super) url: Url,
    /// Beside those that every request carries.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// How long it may take in all.
    pub(super) budget: Duration,
    /// What its body is for.
    pub(super) want: Want,
    /// Limits and times.
    pub(super) at: Arc<AtHost>,
}

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// To be read as a page: whole, and only where it can be one.
    Page,
    /// To be read as robots.txt, whatever it is called: its beginning is enough.
    Robots,
}

/// What came of one request.
#[derive(Debug)]
pub(super) struct Exchange {
    /// To the end of the answer's headers, or to the failure.
    pub(super) elapsed: Duration,
    /// To the end of everything.
    pub(super) spent: Duration,
    /// Bytes received, as far as they can be counted: headers and body on the wire.
    pub(super) received: u64,
    /// The status and headers, where they came.
    pub(super) head: Option<Box<Head>>,
    /// How it ended.
    pub(super) end: End,
}

/// Status and headers.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// When the peer's certificate ends, where it came over TLS.
    pub(super) certificate_ends: Option<Timestamp>,
}

/// How one request ended.
#[derive(Debug)]
pub(super) enum End {
    /// With an answer; its body was taken whole, if it was read at all.
    Answer(Reading),
    /// With no usable answer.
    Failed(Failure, String),
    /// With no usable answer over HTTP/2; the next request to the origin speaks HTTP/1.1.
    Http2Failed(Failure, String),
    /// It was not made.
    Refused(Refusal, String),
}

/// What became of a body.
#[derive(Debug)]
pub(super) enum Reading {
    /// Not read: its kind is none that is kept as a page, or the status says that it is no page.
    NotRead,
    /// Read to its end, decoded.
    Whole(Bytes),
    /// Longer than allowed.
    TooLarge,
}
