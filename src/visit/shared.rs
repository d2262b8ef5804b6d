//! What all visits of a run share: the client, the settings, and what they mean for one host or one URL.

use std::sync::Arc;

use url::Url;

use super::chain::Admit;
use super::client::Client;
use super::facts::Refusal;
use crate::config::{HostLimits, HostSettings, ScopeSettings, VisitSettings};
use crate::target::HostKey;
use crate::time::Clock;

/// Shared by all requests of a run; never changed.
pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) settings: VisitSettings,
    pub(super) hosts: Vec<HostSettings>,
    pub(super) scope: ScopeSettings,
    pub(super) clock: Arc<dyn Clock>,
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
    fn named(&self, host: &HostKey) -> impl Iterator<Item = &HostSettings> {
        HostSettings::of(&self.hosts, host.as_str())
    }

    /// What the host bears.
    pub(super) fn limits(&self, host: &HostKey) -> HostLimits {
        HostSettings::limits(&self.hosts, self.settings.host, host.as_str())
    }

    /// `Accept-Language` for the host.
    pub(super) fn accept_language(&self, host: &HostKey) -> Option<&str> {
        let own = self.named(host).find_map(|row| row.accept_language.as_deref());
        own.or(self.settings.accept_language.as_deref())
    }
}
