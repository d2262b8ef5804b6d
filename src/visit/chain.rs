//! One target's visit as a state machine: what came of a hop → the next request, a wait, or the end. Pure: it neither waits nor asks.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::backoff::{self, Dice};
use super::cookies::Jar;
use super::exchange::{End, Exchange, Head, Reading, Request, Want};
use super::facts::{Answer, Body, DueTarget, Failure, Hop, Outcome, Purpose, Refusal, Visit, Visited};
use super::shared::AtHost;
use super::{load, location};
use crate::config::VisitSettings;
use crate::target::HostKey;
use crate::time::Timestamp;

/// The longest `ETag` that is kept.
const MAX_ETAG: usize = 1 << 10;

/// Headers that tell a bot wall; the verdict reads them.
const WALL_HEADERS: &[&str] =
    &["cf-mitigated", "x-amzn-waf-action", "x-datadome", "x-sucuri-block", "x-iinfo"];

/// Which pass of a run a visit is made in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pass {
    First,
    Second,
    /// The second, to find out for the others whether this host is back.
    Trial(HostKey),
}

/// One target's visit, under way.
#[derive(Debug)]
pub(super) struct Chain {
    target: DueTarget,
    pass: Pass,
    /// The next request's URL.
    url: Url,
    hops: Vec<Hop>,
    /// Of the first hop's host.
    certificate_ends: Option<Timestamp>,
    /// What was asked for in this attempt, with the cookies' state then.
    seen: Vec<(Url, u32)>,
    jar: Jar,
    began: Option<Timestamp>,
    attempts: u32,
    /// Repeats in this pass.
    repeats: u32,
    requests: u32,
    received: u64,
    spent: Duration,
    conditional: bool,
}

/// What the chain must know beside its own state.
pub(super) struct Rules<'a> {
    /// Limits and times.
    pub(super) settings: &'a VisitSettings,
    /// Whether a URL may be requested: scheme, guard, exclusions.
    pub(super) admit: &'a dyn Admit,
    /// Repeats allowed in this pass.
    pub(super) retries: u32,
    /// The wall clock, for dates in headers.
    pub(super) now: Timestamp,
}

/// Decides whether a URL may be requested.
pub(super) trait Admit: Send + Sync {
    /// The error says why not.
    fn admit(&self, url: &Url) -> Result<(), (Refusal, String)>;
}

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Step {
    /// The next request, at once (when its host's turn comes).
    Request,
    /// The next request, after a wait.
    Repeat {
        /// How long.
        wait: Duration,
        /// Whether the host as a whole is to be left alone so long.
        host: bool,
    },
    /// The host asked for more time than there is: nothing more of it in this run.
    RateLimited {
        /// How long it asked for.
        wait: Duration,
    },
    /// The visit is over.
    Done {
        /// How.
        outcome: Outcome,
        /// Whether another attempt could well end otherwise.
        passing: bool,
        /// The last answer's headers.
        answer: Option<Box<Answer>>,
        /// The last answer's body.
        body: Option<Bytes>,
    },
}

impl Chain {
    /// A visit that has not begun.
    pub(super) fn new(target: DueTarget) -> Self {
        let url = target.url.url().clone();
        Self {
            target,
            pass: Pass::First,
            url,
            hops: Vec::new(),
            certificate_ends: None,
            seen: Vec::new(),
            jar: Jar::default(),
            began: None,
            attempts: 0,
            repeats: 0,
            requests: 0,
            received: 0,
            spent: Duration::ZERO,
            conditional: true,
        }
    }

    /// The host that the next request is for.
    pub(super) fn host(&self) -> HostKey {
        HostKey::of(&self.url)
    }

    /// What the next request is for; once it is over, what the last one was for.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Who wants the target.
    pub(super) fn purpose(&self) -> Purpose {
        self.target.purpose
    }

    /// Whether the target itself may be requested at all.
    pub(super) fn admitted(&self, admit: &dyn Admit) -> Result<(), Outcome> {
        admit.admit(&self.url).map_err(|(refusal, detail)| refused(refusal, &self.url, detail))
    }

    /// Begins the next request.
    pub(super) fn request(&mut self, rules: &Rules<'_>, at: &Arc<AtHost>) -> Request {
        if self.hops.is_empty() {
            self.attempts += 1;
            self.began = Some(rules.now);
        }
        self.requests += 1;
        self.seen.push((self.url.clone(), self.jar.changes()));
        let mut headers = Vec::new();
        let mut add = |name: HeaderName, value: &[u8]| {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                headers.push((name, value));
            }
        };
        if let Some(language) = &rules.settings.accept_language {
            add(header::ACCEPT_LANGUAGE, language.as_bytes());
        }
        if let Some(cookies) = self.jar.header(&self.url) {
            add(header::COOKIE, &cookies);
        }
        if let Some(validators) = self.target.validators.as_ref().filter(|_| self.asks()) {
            if let Some(etag) = &validators.etag {
                add(header::IF_NONE_MATCH, etag.as_bytes());
            }
            if let Some(date) = &validators.last_modified {
                add(header::IF_MODIFIED_SINCE, date.as_bytes());
            }
        }
        if self.url.origin() == self.target.url.url().origin() && self.purpose() == Purpose::Entry {
            let own = at.headers.iter().filter(|own| !own.secret || self.url.scheme() == "https");
            headers.extend(own.map(|own| (own.name.clone(), own.value.clone())));
        }
        let left = rules.settings.target_timeout.saturating_sub(self.spent);
        Request {
            url: self.url.clone(),
            headers,
            budget: rules.settings.hop_timeout.min(left),
            want: Want::Page,
            at: at.clone(),
        }
    }

    /// Takes what came of the request that [`Chain::request`] began.
    pub(super) fn took(&mut self, exchange: Exchange, rules: &Rules<'_>, dice: &mut Dice) -> Step {
        self.spent += exchange.spent;
        self.received += exchange.received;
        if let End::Refused(refusal, detail) = exchange.end {
            // It was never sent: no hop, and not one of the requests.
            self.requests = self.requests.saturating_sub(1);
            return done(refused(refusal, &self.url, detail));
        }
        let headers = exchange.head.as_deref().map(|head| &head.headers);
        if self.hops.is_empty() {
            self.certificate_ends = exchange.head.as_deref().and_then(|head| head.certificate_ends);
        }
        self.hops.push(Hop {
            url: self.url.as_str().to_owned(),
            status: exchange.head.as_deref().map(|head| head.status),
            location: headers
                .and_then(|headers| headers.get(header::LOCATION))
                .map(|value| location::kept(value.as_bytes())),
            elapsed_ms: u64::try_from(exchange.elapsed.as_millis()).unwrap_or(u64::MAX),
        });
        match (exchange.end, exchange.head) {
            (End::Answer(reading), Some(head)) => self.answered(&head, reading, rules, dice),
            (End::Failed(failure, detail), head) => {
                let step = Step::Done {
                    outcome: Outcome::Failed { failure, detail },
                    passing: passes(failure),
                    answer: head.map(|head| Box::new(answer(&head.headers, &Reading::NotRead))),
                    body: None,
                };
                self.or_repeat(step, None, rules, dice)
            }
            (End::Http2Failed(failure, detail), _) => match self.has_time(rules) {
                true => self.repeat(Duration::ZERO, false),
                false => done(Outcome::Failed { failure, detail }),
            },
            (End::Answer(_) | End::Refused(..), _) => done(Outcome::Failed {
                failure: Failure::BadResponse,
                detail: "an answer without a head".to_owned(),
            }),
        }
    }

    /// The target from the beginning, in this pass.
    pub(super) fn again(self, pass: Pass) -> Self {
        let (attempts, requests, received, spent) = (self.attempts, self.requests, self.received, self.spent);
        Self { pass, attempts, requests, received, spent, ..Self::new(self.target) }
    }

    /// The pass that it is made in.
    pub(super) fn pass(&self) -> &Pass {
        &self.pass
    }

    /// The host of the target, wherever the next request goes.
    pub(super) fn target_host(&self) -> HostKey {
        self.target.url.host_key()
    }

    /// Whether the next request repeats what was tried.
    pub(super) fn is_repeat(&self) -> bool {
        self.repeats > 0
    }

    /// Whether there is time left for another request.
    pub(super) fn has_time(&self, rules: &Rules<'_>) -> bool {
        self.spent < rules.settings.target_timeout
    }

    /// The visit as it leaves.
    pub(super) fn finish(
        self,
        outcome: Outcome,
        answer: Option<Answer>,
        body: Option<Bytes>,
        now: Timestamp,
    ) -> Visited {
        let body = body.map(|bytes| Body {
            bytes,
            content_type: answer.as_ref().and_then(|answer| answer.content_type.clone()),
        });
        Visited {
            id: self.target.id,
            url: self.target.url,
            purpose: self.target.purpose,
            known: self.target.known,
            visit: Visit {
                hops: self.hops,
                outcome,
                attempts: self.attempts,
                visited_at: self.began.unwrap_or(now),
                answer,
                certificate_ends: self.certificate_ends,
            },
            body,
            received: self.received,
            requests: self.requests,
        }
    }

    fn answered(&mut self, head: &Head, reading: Reading, rules: &Rules<'_>, dice: &mut Dice) -> Step {
        for value in head.headers.get_all(header::SET_COOKIE).iter().take(64) {
            self.jar.set(&self.url, value.as_bytes(), rules.now);
        }
        match head.status {
            301 | 302 | 303 | 307 | 308 => self.redirected(head, rules),
            304 if self.asked() => Step::Done {
                outcome: Outcome::NotModified,
                passing: false,
                answer: Some(Box::new(answer(&head.headers, &reading))),
                body: None,
            },
            304 => {
                self.conditional = false;
                let outcome = Outcome::Failed {
                    failure: Failure::BadResponse,
                    detail: "304 Not Modified, although nothing was said of what we have".to_owned(),
                };
                self.or_repeat(
                    Step::Done { outcome, passing: true, answer: None, body: None },
                    None,
                    rules,
                    dice,
                )
            }
            status => {
                let passing = passes_with(status);
                let answer = Some(Box::new(answer(&head.headers, &reading)));
                let body = match reading {
                    Reading::Whole(bytes) if (200..300).contains(&status) => Some(bytes),
                    _ => None,
                };
                let step = Step::Done { outcome: Outcome::Answered, passing, answer, body };
                if !passing {
                    return step;
                }
                let asked = load::asked(status, &head.headers, rules.now);
                if let Some(wait) = asked.filter(|wait| *wait > rules.settings.max_wait) {
                    return Step::RateLimited { wait };
                }
                let host = matches!(status, 429 | 503).then_some(asked);
                self.or_repeat(step, host, rules, dice)
            }
        }
    }

    fn redirected(&mut self, head: &Head, rules: &Rules<'_>) -> Step {
        let values: Vec<&[u8]> =
            head.headers.get_all(header::LOCATION).iter().map(HeaderValue::as_bytes).collect();
        let url = match location::resolve(&self.url, &values) {
            Ok(url) => url,
            Err(detail) => return done(Outcome::RedirectInvalid { detail }),
        };
        if self.seen.iter().any(|(seen, changes)| *seen == url && *changes == self.jar.changes()) {
            return done(Outcome::RedirectLoop);
        }
        if self.hops.len() > rules.settings.max_redirects {
            return done(Outcome::RedirectLimit);
        }
        if let Err((refusal, detail)) = rules.admit.admit(&url) {
            return done(refused(refusal, &url, detail));
        }
        if !self.has_time(rules) {
            return done(self.out_of_time(rules));
        }
        self.url = url;
        Step::Request
    }

    /// The whole attempt again if there are repeats and time left; else the end. `asked` is what the host asked for, where it is the
    /// host that has too much to do (`None` within: it named no time).
    fn or_repeat(
        &mut self,
        end: Step,
        asked: Option<Option<Duration>>,
        rules: &Rules<'_>,
        dice: &mut Dice,
    ) -> Step {
        let Step::Done { passing: true, .. } = &end else { return end };
        if self.repeats >= rules.retries || !self.has_time(rules) {
            return end;
        }
        let own = backoff::jittered(self.repeats, rules.settings.backoff, dice);
        // A host that names no time, or one that is over, is not to be asked again at once either.
        let wait = asked.flatten().map_or(own, |asked| asked.min(rules.settings.max_wait).max(own));
        self.repeats += 1;
        self.repeat(wait, asked.is_some())
    }

    /// The whole attempt again.
    fn repeat(&mut self, wait: Duration, host: bool) -> Step {
        self.url = self.target.url.url().clone();
        self.hops.clear();
        self.seen.clear();
        self.jar = Jar::default();
        Step::Repeat { wait, host }
    }

    fn out_of_time(&self, rules: &Rules<'_>) -> Outcome {
        Outcome::Failed {
            failure: Failure::ReadTimeout,
            detail: format!("not done within {} s", rules.settings.target_timeout.as_secs()),
        }
    }

    /// Whether the next request may carry the validators: they are for one URL only.
    fn asks(&self) -> bool {
        self.conditional
            && self.target.validators.as_ref().is_some_and(|validators| {
                validators.url == self.url.as_str()
                    && (validators.etag.is_some() || validators.last_modified.is_some())
            })
    }

    /// Whether the last request carried the validators.
    fn asked(&self) -> bool {
        self.asks()
    }
}

/// Whether what a status says may well pass.
pub(super) fn passes_with(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Whether a failure may well pass.
pub(super) fn passes(failure: Failure) -> bool {
    match failure {
        Failure::DnsFailure
        | Failure::ConnectRefused
        | Failure::ConnectTimeout
        | Failure::ReadTimeout
        | Failure::Reset
        | Failure::TlsOther => true,
        Failure::DnsNxdomain
        | Failure::TlsExpired
        | Failure::TlsHostname
        | Failure::TlsUntrusted
        | Failure::BadResponse => false,
    }
}

fn done(outcome: Outcome) -> Step {
    Step::Done { outcome, passing: false, answer: None, body: None }
}

fn refused(refusal: Refusal, url: &Url, detail: String) -> Outcome {
    Outcome::Refused { refusal, url: url.as_str().chars().take(location::MAX_LOCATION).collect(), detail }
}

fn answer(headers: &HeaderMap, reading: &Reading) -> Answer {
    let text = |name: HeaderName| headers.get(name).map(|value| location::kept(value.as_bytes()));
    Answer {
        content_type: text(header::CONTENT_TYPE),
        etag: text(header::ETAG).filter(|etag| etag.len() <= MAX_ETAG),
        last_modified: text(header::LAST_MODIFIED).filter(|date| date.len() <= 64),
        language: text(header::CONTENT_LANGUAGE),
        wall: WALL_HEADERS
            .iter()
            .filter_map(|name| {
                headers.get(*name).map(|value| format!("{name}: {}", location::kept(value.as_bytes())))
            })
            .collect(),
        body_too_large: matches!(reading, Reading::TooLarge),
        robots: false,
        body_length: match reading {
            Reading::Whole(bytes) => Some(bytes.len() as u64),
            Reading::NotRead | Reading::TooLarge => None,
        },
    }
}

#[cfg(test)]
mod tests;
