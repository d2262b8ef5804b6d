//! POST requests to receivers that the operator named: the guard, resolution and TLS of visits; no redirect, no repeat.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderValue};
use url::Url;

use super::client::Client;
use super::failure::{Meaning, Phase, classify};
use super::{VisitorError, load, tls};
use crate::config::VisitSettings;
use crate::time::Timestamp;

/// Makes POST requests.
pub struct Poster {
    client: Client,
    settings: VisitSettings,
}

/// What became of a POST request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// Answered with this status; `wait` is how long the receiver asks to be left alone.
    Answered {
        /// The status.
        status: u16,
        /// `Retry-After` and its kin, with 429 and 503.
        wait: Option<Duration>,
    },
    /// The guard refuses the address; nothing was sent.
    Refused(String),
    /// No answer could be had.
    Failed(String),
}

impl Poster {
    /// With the addresses, authorities, mappings and proxy of visits.
    pub fn new(settings: &VisitSettings) -> Result<Self, VisitorError> {
        let authorities = tls::read_all(&settings.ca_files)
            .map_err(|(path, why)| VisitorError::Authorities { path, why })?;
        Ok(Self { client: Client::new(settings.clone(), authorities), settings: settings.clone() })
    }

    /// Posts JSON. `within` bounds the whole of it; the answer's body is not read.
    pub async fn post(
        &self,
        url: Url,
        headers: HeaderMap,
        body: String,
        within: Duration,
        now: Timestamp,
    ) -> Posted {
        match tokio::time::timeout(within, self.client.post(url, headers, body, &self.settings)).await {
            Ok(Ok((status, headers))) => {
                Posted::Answered { status, wait: load::asked(status, &headers, now) }
            }
            Ok(Err(Meaning::Refused(_, why))) => Posted::Refused(why),
            Ok(Err(Meaning::Failed(_, why) | Meaning::Http2Failed(_, why))) => Posted::Failed(why),
            Err(_) => Posted::Failed(format!("no answer within {} s", within.as_secs())),
        }
    }
}

impl Client {
    async fn post(
        &self,
        url: Url,
        headers: HeaderMap,
        body: String,
        settings: &VisitSettings,
    ) -> Result<(u16, HeaderMap), Meaning> {
        let refused = |why| Meaning::Refused(super::facts::Refusal::RefusedAddress, why);
        self.check(&url).map_err(refused)?;
        let to = self.route(&url);
        let (client, mut request) = self
            .prepare(url.clone(), Vec::new(), settings, to)
            .map_err(|why| Meaning::Failed(super::facts::Failure::TlsOther, why))?;
        *request.method_mut() = Method::POST;
        request.headers_mut().extend(headers);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(body.into());
        let response = client
            .execute(request)
            .await
            // The URL may be a secret: no error repeats it.
            .map_err(|error| classify(&error.without_url(), Phase::Head))
            .inspect_err(|meaning| {
                if matches!(meaning, Meaning::Http2Failed(..)) {
                    self.step_down(url.origin());
                }
            })?;
        self.check_peer(response.remote_addr(), &url, to).map_err(refused)?;
        Ok((response.status().as_u16(), response.headers().clone()))
    }
}
