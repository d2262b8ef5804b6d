//! What all visits of a run share: the client, the settings, and what they mean for one host or one URL.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use super::chain::Admit;
use super::client::Client;
use super::facts::Refusal;
use super::secrets::Secrets;
use crate::config::{HostSettings, ScopeSettings, VisitSettings};
use crate::target::HostKey;
use crate::time::Clock;

/// Shared by all requests of a run.
pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) settings: VisitSettings,
    pub(super) hosts: Vec<HostSettings>,
    pub(super) scope: ScopeSettings,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) secrets: Secrets,
    /// Hosts that were met, with what holds for them.
    pub(super) met: Mutex<HashMap<HostKey, Arc<AtHost>>>,
    /// What holds for hosts that no `[[host]]` names.
    pub(super) common: Arc<AtHost>,
}

/// What holds for requests to one host.
#[derive(Debug)]
pub(super) struct AtHost {
    pub(super) settings: VisitSettings,
    pub(super) headers: Vec<OwnHeader>,
}

/// A header that the operator adds. It never crosses an origin.
#[derive(Debug)]
pub(super) struct OwnHeader {
    pub(super) name: HeaderName,
    pub(super) value: HeaderValue,
    /// Sent over TLS only.
    pub(super) secret: bool,
}

impl Admit for Shared {
    fn admit(&self, url: &Url) -> Result<(), (Refusal, String)> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err((Refusal::UnsupportedScheme, format!("{} is not visited", url.scheme())));
        }
        self.client.check(url).map_err(|detail| (Refusal::RefusedAddress, detail))?;
        match self.scope.exclude.iter().find(|rule| rule.is_match(url.as_str())) {
            Some(rule) => Err((Refusal::ExcludedRule, format!("excluded by {rule}"))),
            None => Ok(()),
        }
    }
}

impl Shared {
    /// What holds for requests to `host`.
    pub(super) fn at(&self, host: &HostKey) -> Arc<AtHost> {
        if HostSettings::of(&self.hosts, host.as_str()).next().is_none() {
            return self.common.clone();
        }
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = met.get(host) {
            return known.clone();
        }
        let settings = self.settings.at(&self.hosts, host.as_str()).into_owned();
        let at = Arc::new(AtHost::new(settings, &self.secrets));
        met.insert(host.clone(), at.clone());
        at
    }
}

impl AtHost {
    pub(super) fn new(settings: VisitSettings, secrets: &Secrets) -> Self {
        let plain = settings.headers.iter().filter_map(|(name, value)| {
            let (name, value) =
                (HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
            Some(OwnHeader { name, value, secret: false })
        });
        let secret = settings.secrets.iter().filter_map(|secret| {
            let name = HeaderName::from_bytes(secret.name.as_bytes()).ok()?;
            Some(OwnHeader { name, value: secrets.value(&secret.from)?, secret: true })
        });
        let headers = plain.chain(secret).collect();
        Self { settings, headers }
    }
}
