//! What is asked of hosts beside what entries name: once everything else has been visited, where the visits left a question, and not
//! again for a long time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use url::Url;

use crate::config::{Config, Probes};
use crate::store::{ProbeKind, Store, StoreError};
use crate::target::{self, CanonicalUrl, HostKey};
use crate::time::Clock;
use crate::verdict::{self, Facts, Judgement, Verdict};
use crate::visit::facts::{DueTarget, Outcome, Purpose};

/// How long an answer is good.
const GOOD_FOR: Duration = Duration::from_secs(90 * 86_400);
/// How long a host is left alone that gave none.
const AGAIN_AFTER: Duration = Duration::from_secs(86_400);

/// What the visits of a run leave to ask, by host.
#[derive(Debug, Default)]
pub(super) struct Questions {
    hosts: Mutex<HashMap<HostKey, Open>>,
}

/// What one host is to be asked.
#[derive(Debug, Default)]
struct Open {
    /// It said of something that it is not there: then what it says of others is believed.
    honest: bool,
    sibling: Option<Url>,
    https: Option<Url>,
}

impl Questions {
    /// Takes note of a visit.
    pub(super) fn saw(&self, facts: &Facts, judgement: &Judgement, config: &Config) {
        let visit = &facts.visit;
        if verdict::is_honest(visit)
            && let Some(url) = visit.final_url().and_then(|url| Url::parse(url).ok())
        {
            return self.with(&url, |open| open.honest = true);
        }
        if !matches!(judgement.verdict, Verdict::Ok | Verdict::Redirected) {
            return;
        }
        if let Some(of) = verdict::wants_a_sibling(facts)
            && !config.host_table.shortens(&of)
            && let Some(url) = verdict::sibling(&of)
        {
            self.with(&of, |open| {
                open.sibling.get_or_insert(url);
            });
        }
        if let Some(url) = verdict::wants_https(facts, judgement) {
            self.with(&url, |open| {
                open.https.get_or_insert_with(|| url.clone());
            });
        }
    }

    /// The probes that are not answered in state; waits until `count` has come to `sent`, so that all visits were seen.
    pub(super) async fn probes<S: Store>(
        &self,
        store: &S,
        config: &Config,
        clock: &dyn Clock,
        mut count: watch::Receiver<u64>,
        sent: u64,
    ) -> Result<Vec<DueTarget>, StoreError> {
        if count.wait_for(|count| *count >= sent).await.is_err() {
            return Ok(Vec::new());
        }
        store.flush().await?;
        let hosts = std::mem::take(&mut *self.hosts.lock().unwrap_or_else(PoisonError::into_inner));
        let mut due = Vec::new();
        for (host, open) in hosts {
            if config.visit_at(host.as_str()).probes == Probes::Off {
                continue;
            }
            let sibling = open.sibling.filter(|_| !open.honest).map(|url| (ProbeKind::Sibling, url));
            let https = open.https.map(|url| (ProbeKind::Https, url));
            for (kind, url) in [sibling, https].into_iter().flatten() {
                let Some(url) = CanonicalUrl::parse(url.as_str()) else { continue };
                if target::in_scope(&url, &config.scope) && !known(store, kind, &host, &url, clock).await? {
                    let id = store.put_probe(kind, url.clone()).await?;
                    due.push(DueTarget { id, url, validators: None, known: None, purpose: Purpose::Probe });
                }
            }
        }
        due.sort_by_key(|target| target.id);
        Ok(due)
    }

    fn with(&self, url: &Url, change: impl FnOnce(&mut Open)) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        change(hosts.entry(HostKey::of(url)).or_default());
    }
}

/// Whether the host's answer is in state, or that of the page itself, which an entry may name, too.
async fn known<S: Store>(
    store: &S,
    kind: ProbeKind,
    host: &HostKey,
    url: &CanonicalUrl,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    let probed = store.probe(kind, host.clone()).await?;
    let had_probe = probed.is_some();
    let asked = match (probed, kind) {
        (None, ProbeKind::Https) => store.find_target(url.clone()).await?,
        (probed, _) => probed,
    };
    let Some(last) = asked.and_then(|record| record.history.into_iter().last()) else { return Ok(false) };
    let answered = matches!(last.facts.visit.outcome, Outcome::Answered | Outcome::NotModified);
    let good_for = if answered { GOOD_FOR } else { AGAIN_AFTER };
    let age = (clock.now() - last.last_seen).to_std().unwrap_or_default();
    if age < good_for && !had_probe {
        store.put_probe(kind, url.clone()).await?;
    }
    Ok(age < good_for)
}
