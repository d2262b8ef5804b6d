//! Visits on loopback: what comes of answers that are right, slow, wrong or hostile. Names carry the rows of the fault matrix.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use linkdrift::config::{
    HostLimits, HostSettings, HostTable, ResolveRule, RobotsPolicy, ScopeSettings, VisitSettings,
};
use linkdrift::target::{CanonicalUrl, HostKey, TargetId};
use linkdrift::time::SystemClock;
use linkdrift::verdict::{Company, Facts, judge};
use linkdrift::visit::facts::{DueTarget, Outcome, Purpose, Validators, Visited};
use linkdrift::visit::{Ending, Feed, FeedError, Progress, Visitor};
use tokio_util::sync::CancellationToken;

use crate::support::web::Web;

mod chains;
mod hosts;
mod robots;
mod servers;

/// Targets in memory.
#[derive(Default)]
pub(crate) struct Targets(pub(crate) BTreeMap<HostKey, Vec<DueTarget>>);

impl Feed for Targets {
    async fn next(
        &self,
        host: HostKey,
        after: Option<TargetId>,
        limit: usize,
    ) -> Result<Vec<DueTarget>, FeedError> {
        let all = self.0.get(&host).into_iter().flatten();
        Ok(all.filter(|target| after.is_none_or(|after| target.id > after)).take(limit).cloned().collect())
    }
}

/// Visits some URLs of a web with settings that suit a test.
pub(crate) struct Visits {
    pub(crate) settings: VisitSettings,
    pub(crate) hosts: Vec<HostSettings>,
    pub(crate) scope: ScopeSettings,
    targets: Targets,
    next: i64,
}

impl Visits {
    /// Every host name is served by `web`; no pauses, no waits.
    pub(crate) fn of(web: &Web) -> Self {
        Self::at(web.http, web.https, vec![web.ca_file()])
    }

    /// Every host name is served at these two addresses, for ports 80 and 443; these files name authorities.
    pub(crate) fn at(http: SocketAddr, https: SocketAddr, ca_files: Vec<PathBuf>) -> Self {
        let rule = |port, to| ResolveRule { host: None, port, to };
        let settings = VisitSettings {
            resolve: vec![rule(80, http), rule(443, https)],
            ca_files,
            host: HostLimits::default().with_concurrency(8).with_interval(Duration::ZERO),
            backoff: (Duration::from_millis(1), Duration::from_millis(2)),
            second_pass_after: Duration::from_millis(1),
            robots: RobotsPolicy::Off,
            ..VisitSettings::default()
        };
        Self {
            settings,
            hosts: Vec::new(),
            scope: ScopeSettings::default(),
            targets: Targets::default(),
            next: 0,
        }
    }

    /// No repeats, and short times, so that what never comes is not waited for long.
    pub(crate) fn quick(self) -> Self {
        self.with(|settings| {
            settings.max_retries = 0;
            settings.first_byte_timeout = Duration::from_millis(300);
            settings.connect_timeout = Duration::from_millis(300);
            settings.idle_timeout = Duration::from_millis(300);
            settings.hop_timeout = Duration::from_secs(2);
        })
    }

    /// One more target.
    pub(crate) fn url(mut self, url: &str) -> Self {
        self.add(url, None);
        self
    }

    /// One more target.
    pub(crate) fn add(&mut self, url: &str, validators: Option<Validators>) {
        self.next += 1;
        let url = CanonicalUrl::parse(url).unwrap();
        let target = DueTarget {
            id: TargetId(self.next),
            validators,
            known: None,
            url: url.clone(),
            purpose: Purpose::Entry,
        };
        self.targets.0.entry(url.host_key()).or_default().push(target);
    }

    /// Other settings.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut VisitSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Visits them all; what came, by target.
    pub(crate) async fn run(self) -> Vec<Visited> {
        let (mut visited, ending) = self.run_until(CancellationToken::new()).await;
        assert_eq!((ending.left, ending.cancelled), (0, false), "{ending:?}");
        visited.sort_by_key(|visited| visited.id);
        visited
    }

    /// Visits the only target.
    pub(crate) async fn one(self) -> Visited {
        let mut all = self.run().await;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// Visits until it is all done or cancelled.
    pub(crate) async fn run_until(self, cancel: CancellationToken) -> (Vec<Visited>, Ending) {
        let visitor = Visitor::new(&self.settings, &self.hosts, &self.scope, Arc::new(SystemClock)).unwrap();
        let (out, mut visits) = tokio::sync::mpsc::channel(16);
        let counts = self.targets.0.iter().map(|(host, all)| (host.clone(), all.len() as u64)).collect();
        let progress = Arc::new(Progress::default());
        let run = tokio::spawn(async move { visitor.run(counts, self.targets, out, progress, cancel).await });
        let mut all = Vec::new();
        while let Some(visited) = visits.recv().await {
            all.push(visited);
        }
        (all, run.await.unwrap())
    }
}

/// Verdict and reason in words.
pub(crate) fn said(visited: &Visited) -> String {
    let facts = Facts { visit: visited.visit.clone(), page: None };
    let judgement = judge(&facts, &Company::default(), &HostTable::shipped(), &[]);
    let verdict = serde_json::to_value(judgement.verdict).unwrap();
    match judgement.reason {
        Some(reason) => format!("{} {reason}", verdict.as_str().unwrap()),
        None => verdict.as_str().unwrap().to_owned(),
    }
}

/// The hops as `status url`.
pub(crate) fn hops(visited: &Visited) -> Vec<String> {
    let status = |status: Option<u16>| status.map_or("-".to_owned(), |status| status.to_string());
    visited.visit.hops.iter().map(|hop| format!("{} {}", status(hop.status), hop.url)).collect()
}

/// What exactly went wrong.
pub(crate) fn detail(visited: &Visited) -> &str {
    match &visited.visit.outcome {
        Outcome::Failed { detail, .. }
        | Outcome::Refused { detail, .. }
        | Outcome::RedirectInvalid { detail } => detail,
        _ => "",
    }
}
