//! The middle of a run: the queue → visits → pages → the store.

use std::sync::{Arc, Mutex};
use std::thread;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::judge::judged;
use super::probes::Questions;
use super::{Ending, Pipeline, RunEnd, RunError};
use crate::config::{BodyRetention, Config, HostSettings};
use crate::page::{self, Page, PageFacts};
use crate::snapshot::{ContentHash, NewSnapshot, Packer, Served};
use crate::store::{RunId, Store, VisitRecord};
use crate::target::{HostKey, TargetId};
use crate::time::Clock;
use crate::verdict::{Company, Facts, Judgement, Verdict};
use crate::visit::facts::{Body, DueTarget, KnownContent, Outcome, Purpose, Validators, Visited};
use crate::visit::{Feed, FeedError, Progress, Visitor};

/// Visits that wait between the network and the extraction threads, and between those and the store.
const IN_BETWEEN: usize = 64;

/// The store's queue as the visitor sees it.
struct StoreFeed<S> {
    store: S,
    run: RunId,
    config: Arc<Config>,
    clock: Arc<dyn Clock>,
    questions: Arc<Questions>,
    recorded: watch::Receiver<u64>,
}

/// A visit whose page was read.
struct Read {
    record: VisitRecord,
    purpose: Purpose,
    received: u64,
    requests: u32,
}

impl<S: Store> Feed for StoreFeed<S> {
    async fn next(
        &self,
        host: HostKey,
        after: Option<TargetId>,
        limit: usize,
    ) -> Result<Vec<DueTarget>, FeedError> {
        self.store
            .next_targets(self.run, host, after, limit)
            .await
            .map_err(|error| FeedError(error.to_string()))
    }

    async fn probes(&self, sent: u64) -> Result<Vec<DueTarget>, FeedError> {
        self.questions
            .probes(&self.store, &self.config, self.clock.as_ref(), self.recorded.clone(), sent)
            .await
            .map_err(|error| FeedError(error.to_string()))
    }
}

/// Visits what was planned and records each visit, with its page where there is one.
pub(super) async fn visit<S: Store>(
    pipeline: &Pipeline<S>,
    run: RunId,
    hosts: Vec<(HostKey, u64)>,
    progress: Arc<Progress>,
    cancel: CancellationToken,
    end: &mut RunEnd,
) -> Result<Ending, RunError> {
    let config = &pipeline.config;
    let visitor = Visitor::new(&config.visit, &config.hosts, &config.scope, pipeline.clock.clone())?;
    let (visited, from_network) = mpsc::channel::<Visited>(IN_BETWEEN);
    let (records, mut to_store) = mpsc::channel::<Read>(IN_BETWEEN);
    let questions = Arc::new(Questions::default());
    let readers = extraction_threads(from_network, &records, config, &questions);
    drop(records);

    let (count, recorded) = watch::channel(0);
    let feed = StoreFeed {
        store: pipeline.store.clone(),
        run,
        config: config.clone(),
        clock: pipeline.clock.clone(),
        questions,
        recorded,
    };
    let visiting = tokio::spawn(async move { visitor.run(hosts, feed, visited, progress, cancel).await });

    let mut recorded = Ok(());
    while let Some(Read { record, purpose, received, requests }) = to_store.recv().await {
        end.summary.visited += u64::from(purpose == Purpose::Entry);
        end.summary.received_bytes += received;
        end.summary.requests += u64::from(requests);
        recorded = pipeline.store.record_visit(run, record).await;
        if recorded.is_err() {
            break;
        }
        count.send_modify(|count| *count += 1);
    }
    // Closing the channels stops the extraction threads, and those stop the visitor.
    drop((to_store, count));
    recorded?;
    for reader in readers {
        if reader.join().is_err() {
            return Err(RunError::Stage("a thread that reads pages".to_owned()));
        }
    }
    let ending = visiting.await.map_err(|error| RunError::Stage(error.to_string()))?;
    let (probes, bytes) = ending.probes;
    end.summary.requests += probes;
    end.summary.received_bytes += bytes;
    if let Some(error) = ending.failed {
        return Err(RunError::Stage(error.to_string()));
    }
    if let Some(why) = ending.network_down {
        end.note(why);
        return Ok(Ending::NetworkDown);
    }
    if ending.cancelled {
        let noun = if ending.left == 1 { "target" } else { "targets" };
        end.note(format!("stopped with {} {noun} left to visit", ending.left));
        return Ok(Ending::Interrupted);
    }
    Ok(Ending::Complete)
}

/// Threads of their own for parsing and compressing, so that neither runs where sockets are driven.
fn extraction_threads(
    from_network: mpsc::Receiver<Visited>,
    records: &mpsc::Sender<Read>,
    config: &Arc<Config>,
    questions: &Arc<Questions>,
) -> Vec<thread::JoinHandle<()>> {
    let from_network = Arc::new(Mutex::new(from_network));
    let threads = thread::available_parallelism().map_or(1, usize::from).clamp(1, 4);
    (0..threads)
        .filter_map(|number| {
            let (from_network, records) = (from_network.clone(), records.clone());
            let (config, questions) = (config.clone(), questions.clone());
            thread::Builder::new()
                .name(format!("page-{number}"))
                .spawn(move || {
                    let Ok(mut packer) = Packer::try_new() else { return };
                    loop {
                        let next = match from_network.lock() {
                            Ok(mut receiver) => receiver.blocking_recv(),
                            Err(_) => None,
                        };
                        let Some(visited) = next else { return };
                        let read = read_page(visited, &config, &questions, &mut packer);
                        if records.blocking_send(read).is_err() {
                            return;
                        }
                    }
                })
                .ok()
        })
        .collect()
}

/// Reads the page of a visit, if it brought one, and takes note of the questions that it leaves.
fn read_page(visited: Visited, config: &Config, questions: &Questions, packer: &mut Packer) -> Read {
    let Visited { id, purpose, known, visit, body, received, requests, .. } = visited;
    let url = visit.final_url().and_then(|url| Url::parse(url).ok());
    let page = url.as_ref().zip(body.as_ref()).map(|(url, body)| {
        let page = page::read(body, url);
        let content = page.content_hash();
        (page, content)
    });
    let read = page.as_ref().zip(body.as_ref());
    let facts = read.map(|((page, content), body)| PageFacts::of(page, *content, body));
    let facts = Facts { visit, page: facts };
    let judgement = judged(&facts, &Company::default(), config);
    if purpose == Purpose::Entry {
        questions.saw(&facts, &judgement, config);
    }
    let snapshot = match (url, page, body) {
        (Some(url), Some(page), Some(body)) if purpose == Purpose::Entry && is_kept(&facts, &judgement) => {
            Some(snapshot(&facts, &page, &body, &url, config, known.as_ref(), packer))
        }
        _ => None,
    };
    Read { record: VisitRecord { target: id, facts, snapshot }, purpose, received, requests }
}

/// Walls, sign-in pages, sinks and pages that say "not found" are no state of the page that was meant; what robots.txt closes is
/// visited, and not kept.
fn is_kept(facts: &Facts, judgement: &Judgement) -> bool {
    let answered = facts.visit.outcome == Outcome::Answered;
    let succeeded = facts.visit.status().is_some_and(|status| (200..300).contains(&status));
    let allowed = !facts.visit.answer.as_ref().is_some_and(|answer| answer.robots);
    answered && succeeded && allowed && matches!(judgement.verdict, Verdict::Ok | Verdict::Redirected)
}

fn snapshot(
    facts: &Facts,
    (page, content): &(Page, [u8; 32]),
    body: &Body,
    url: &Url,
    config: &Config,
    known: Option<&KnownContent>,
    packer: &mut Packer,
) -> NewSnapshot {
    let validators = facts.visit.answer.as_ref().and_then(|answer| {
        let given = answer.etag.is_some() || answer.last_modified.is_some();
        given.then(|| Validators {
            url: url.as_str().to_owned(),
            etag: answer.etag.clone(),
            last_modified: answer.last_modified.clone(),
        })
    });
    let settings = config.visit_at(HostKey::of(url).as_str());
    let served = Served {
        url: url.as_str().to_owned(),
        content_type: body.content_type.clone(),
        validators,
        settings: Served::settings_of(settings.accept_language.as_deref()),
    };
    let is_known = known.is_some_and(|known| known.covers(*content, &served.settings));
    let keep = if is_known { BodyRetention::None } else { retention(config, url) };
    NewSnapshot::of(page, ContentHash(*content), &body.bytes, served, keep, packer)
}

/// How much of this host's pages is kept.
fn retention(config: &Config, url: &Url) -> BodyRetention {
    let host = HostKey::of(url);
    HostSettings::bodies_of(&config.hosts, host.as_str(), config.state.bodies)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_most_exact_row_says_what_is_kept() {
        let text = "[state]\nbodies = \"full\"\n\
                    [[host]]\nmatch = \"*.example.org\"\nbodies = \"text\"\n\
                    [[host]]\nmatch = \"a.example.org\"\nconcurrency = 1\n\
                    [[host]]\nmatch = \"b.example.org\"\nbodies = \"full\"\n\
                    [[host]]\nmatch = \"b.example.org:8443\"\nbodies = \"none\"\n";
        let config = crate::config::parse(text, Path::new("linkdrift.toml"), Path::new("/r")).unwrap();
        for (url, kept) in [
            ("https://other.net/", BodyRetention::Full),
            ("https://deep.a.example.org/", BodyRetention::Text),
            ("https://a.example.org/", BodyRetention::Text),
            ("https://b.example.org/", BodyRetention::Full),
            ("https://b.example.org:8443/", BodyRetention::None),
        ] {
            assert_eq!(retention(&config, &Url::parse(url).unwrap()), kept, "{url}");
        }
    }
}
