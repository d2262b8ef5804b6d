//! One visit of one URL that nothing is kept of, by the same visitor as a run's: guard, host limits, robots and retries are the same.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::RunError;
use super::judge::judged;
use crate::config::Config;
use crate::page::{self, Page, PageFacts};
use crate::target::{CanonicalUrl, HostKey, TargetId};
use crate::time::Clock;
use crate::verdict::{Company, Facts, Judgement};
use crate::visit::facts::{DueTarget, Purpose, Visit};
use crate::visit::{Feed, FeedError, Visitor};

/// What one visit found.
#[derive(Debug)]
pub struct Look {
    /// The facts.
    pub visit: Visit,
    /// What is said of them.
    pub judgement: Judgement,
    /// The page, where the answer was one.
    pub page: Option<Page>,
}

/// A queue of one.
struct One(CanonicalUrl);

impl Feed for One {
    async fn next(&self, _: HostKey, after: Option<TargetId>, _: usize) -> Result<Vec<DueTarget>, FeedError> {
        let due = DueTarget {
            id: TargetId(0),
            url: self.0.clone(),
            validators: None,
            known: None,
            purpose: Purpose::Entry,
        };
        Ok(if after.is_none() { vec![due] } else { Vec::new() })
    }
}

/// Visits a URL once; `None` where that was cancelled.
pub async fn look(
    config: &Config,
    clock: Arc<dyn Clock>,
    url: &CanonicalUrl,
    cancel: CancellationToken,
) -> Result<Option<Look>, RunError> {
    let visitor = Visitor::new(&config.visit, &config.hosts, &config.scope, clock)?;
    let host = Url::parse(url.as_str()).map(|url| HostKey::of(&url));
    let host = host.map_err(|error| RunError::Stage(error.to_string()))?;
    let (out, mut visited) = mpsc::channel(1);
    let visiting = visitor.run(vec![(host, 1)], One(url.clone()), out, Arc::default(), cancel);
    let (ending, visited) = tokio::join!(visiting, visited.recv());
    if let Some(error) = ending.failed {
        return Err(RunError::Stage(error.to_string()));
    }
    let Some(visited) = visited else { return Ok(None) };
    let read = move || {
        let final_url = visited.visit.final_url().and_then(|url| Url::parse(url).ok());
        let page = visited.body.as_ref().zip(final_url).map(|(body, url)| page::read(body, &url));
        let facts = page.as_ref().zip(visited.body.as_ref());
        let facts = facts.map(|(page, body)| PageFacts::of(page, page.content_hash(), body));
        (Facts { visit: visited.visit, page: facts }, page)
    };
    let (facts, page) =
        tokio::task::spawn_blocking(read).await.map_err(|error| RunError::Stage(error.to_string()))?;
    let judgement = judged(&facts, &Company::default(), config);
    Ok(Some(Look { visit: facts.visit, judgement, page }))
}
