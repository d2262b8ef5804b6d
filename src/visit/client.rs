//! Makes one request: guard, resolution, connection, headers, body, each with its own deadline. It decides nothing about the visit.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use url::{Host, Origin, Url};

use super::body::{ACCEPT_ENCODING, Budget, Coding, Decoder, Took};
use super::exchange::{End, Exchange, Head, Reading, Request, Want};
use super::facts::{Failure, Refusal};
use super::failure::{Meaning, Phase, classify};
use super::guard::Guard;
use super::resolver::{Direct, Mapped, Names};
use super::tls::{self, Offer};
use crate::config::{ProxySettings, VisitSettings};

/// What is asked for: pages first, anything else too.
const ACCEPT: &str = "text/html,application/xhtml+xml,text/markdown;q=0.9,text/plain;q=0.9,*/*;q=0.8";

/// The most header lines of an answer over HTTP/1.1.
const MAX_HEADER_LINES: usize = 256;

/// Of so many origins is remembered that their HTTP/2 fails.
const MAX_STEPPED_DOWN: usize = 10_000;

/// What is read of a robots.txt, a little more than is looked at.
const MAX_ROBOTS: u64 = 576 << 10;

/// Makes requests. Connections are kept and reused among them.
pub(super) struct Client {
    settings: VisitSettings,
    guard: Guard,
    names: Arc<Names>,
    authorities: Vec<CertificateDer<'static>>,
    /// Read when first needed: that takes time, and `links` never needs them.
    roots: OnceLock<Arc<RootCertStore>>,
    common: HeaderMap,
    budget: Budget,
    /// Apart from the pages', which may wait for a robots.txt and so must not keep it from being read.
    robots: Budget,
    /// Made when first needed: the time that a connection may take is one for a client.
    made: Mutex<HashMap<(Route, Offer, Duration), reqwest::Client>>,
    /// Origins whose HTTP/2 failed: they are asked over HTTP/1.1 from then on.
    stepped_down: Mutex<HashSet<Origin>>,
}

/// Which HTTP client a request goes through. The resolver hook of a client sees a name and no port, so each port that is mapped
/// has a client of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Route {
    /// To where the name leads.
    Direct,
    /// To where `--resolve` says, for URLs with this port.
    Mapped {
        port: u16,
        /// Whether the port stands in the URL. The client would insist on it then, so it is taken out of the URL and sent in `Host`.
        explicit: bool,
    },
}

impl Client {
    pub(super) fn new(settings: VisitSettings, authorities: Vec<CertificateDer<'static>>) -> Self {
        let guard = Guard::new(&settings.allow_private);
        let names =
            Names::new(guard.clone(), settings.connect_timeout.mul_f32(0.8), proxy_hosts(&settings.proxy));
        let mut common = HeaderMap::new();
        common.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
        common.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(ACCEPT_ENCODING));
        Self {
            robots: Budget::new(MAX_ROBOTS * settings.max_concurrency as u64, MAX_ROBOTS),
            budget: Budget::new(settings.max_body_in_flight, settings.max_body_decoded),
            names: Arc::new(names),
            made: Mutex::new(HashMap::new()),
            stepped_down: Mutex::new(HashSet::new()),
            settings,
            guard,
            authorities,
            roots: OnceLock::new(),
            common,
        }
    }

    /// Why a URL may not be requested, as far as its text tells.
    pub(super) fn check(&self, url: &Url) -> Result<(), String> {
        self.guard.check_url(url, self.route(url).is_some())
    }

    /// Makes one request. Never fails: whatever goes wrong is what came of it.
    pub(super) async fn fetch(&self, request: Request) -> Exchange {
        let origin = request.url.origin();
        let exchange = self.ask(request).await;
        match exchange.end {
            End::Http2Failed(failure, detail) if !self.step_down(origin) => {
                Exchange { end: End::Failed(failure, detail), ..exchange }
            }
            end => Exchange { end, ..exchange },
        }
    }

    async fn ask(&self, request: Request) -> Exchange {
        let began = Instant::now();
        let early =
            |end| Exchange { elapsed: began.elapsed(), spent: began.elapsed(), received: 0, head: None, end };
        let to = self.route(&request.url);
        if let Err(detail) = self.guard.check_url(&request.url, to.is_some()) {
            return early(End::Refused(Refusal::RefusedAddress, detail));
        }
        let settings = &request.at.settings;
        let (client, wire) = match self.prepare(request.url.clone(), request.headers, settings, to) {
            Ok(ready) => ready,
            Err(detail) => return early(End::Failed(Failure::TlsOther, detail)),
        };
        let limit = (settings.connect_timeout + settings.first_byte_timeout).min(request.budget);
        let response = match tokio::time::timeout(limit, client.execute(wire)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return early(end_of(classify(&error, Phase::Head))),
            Err(_) => {
                let detail = format!("no answer within {} s", limit.as_secs_f32());
                return early(End::Failed(Failure::ReadTimeout, detail));
            }
        };
        let elapsed = began.elapsed();
        let head = Head {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            certificate_ends: tls::certificate_ends(response.extensions()),
        };
        let size = header_size(&head.headers);
        let end = |end, received, head: Head| Exchange {
            elapsed,
            spent: began.elapsed(),
            received: received + size as u64,
            head: Some(Box::new(head)),
            end,
        };
        if let Err(detail) = self.check_peer(response.remote_addr(), &request.url, to) {
            return early(End::Refused(Refusal::RefusedAddress, detail));
        }
        if size > self.settings.max_headers {
            let detail = format!("headers of {size} bytes; at most {} are taken", self.settings.max_headers);
            return end(End::Failed(Failure::BadResponse, detail), 0, without_headers(&head));
        }
        if request.want == Want::Robots {
            let left = request.budget.saturating_sub(elapsed);
            let (outcome, received) = match head.status {
                200..300 => self.read_beginning(response, &head, settings, left).await,
                _ => (End::Answer(Reading::NotRead), 0),
            };
            return end(outcome, received, head);
        }
        if !is_page(&head) {
            return end(End::Answer(Reading::NotRead), 0, head);
        }
        let left = request.budget.saturating_sub(elapsed);
        let (outcome, received) = self.read(response, &head, settings, left).await;
        end(outcome, received, head)
    }

    /// Reads a body under all limits; gives bytes received on the wire, too.
    async fn read(
        &self,
        mut response: reqwest::Response,
        head: &Head,
        settings: &VisitSettings,
        budget: Duration,
    ) -> (End, u64) {
        let coding = match Coding::of(&head.headers) {
            Ok(coding) => coding,
            Err(detail) => return (End::Failed(Failure::BadResponse, detail), 0),
        };
        if response.content_length().is_some_and(|length| length > settings.max_body_wire) {
            return (End::Answer(Reading::TooLarge), 0);
        }
        let mut decoder = Decoder::new(coding, settings.max_body_decoded, &self.budget).await;
        let (mut wire, mut complete, mut waited) = (0u64, false, Duration::ZERO);
        loop {
            // Only waiting for the peer counts: memory that others hold is not the peer's fault.
            let limit = settings.idle_timeout.min(budget.saturating_sub(waited));
            let from = Instant::now();
            let piece = match tokio::time::timeout(limit, response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return (end_of(classify(&error, Phase::Body)), wire),
                Err(_) => {
                    let detail = if limit < settings.idle_timeout {
                        format!("the body was not complete in time ({wire} bytes came)")
                    } else {
                        format!("nothing more of the body for {} s", limit.as_secs_f32())
                    };
                    return (End::Failed(Failure::ReadTimeout, detail), wire);
                }
            };
            waited += from.elapsed();
            wire += piece.len() as u64;
            if wire > settings.max_body_wire {
                return (End::Answer(Reading::TooLarge), wire);
            }
            if complete {
                continue;
            }
            match decoder.write(piece).await {
                Took::More => {}
                Took::Complete => complete = true,
                Took::TooLarge => return (End::Answer(Reading::TooLarge), wire),
                Took::Broken(detail) => return (End::Failed(Failure::BadResponse, detail), wire),
            }
        }
        if wire == 0 {
            // An empty body is empty in every coding.
            return (End::Answer(Reading::Whole(Bytes::new())), 0);
        }
        match decoder.finish().await {
            Ok(bytes) => (End::Answer(Reading::Whole(bytes)), wire),
            Err(Took::TooLarge) => (End::Answer(Reading::TooLarge), wire),
            Err(Took::Broken(detail)) => (End::Failed(Failure::BadResponse, detail), wire),
            Err(Took::More | Took::Complete) => (End::Answer(Reading::NotRead), wire),
        }
    }

    /// Reads a robots.txt as far as it counts.
    async fn read_beginning(
        &self,
        mut response: reqwest::Response,
        head: &Head,
        settings: &VisitSettings,
        budget: Duration,
    ) -> (End, u64) {
        let coding = match Coding::of(&head.headers) {
            Ok(coding) => coding,
            Err(detail) => return (End::Failed(Failure::BadResponse, detail), 0),
        };
        let mut decoder = Decoder::new(coding, MAX_ROBOTS, &self.robots).await;
        let (mut wire, from) = (0u64, Instant::now());
        loop {
            let limit = settings.idle_timeout.min(budget.saturating_sub(from.elapsed()));
            let piece = match tokio::time::timeout(limit, response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return (end_of(classify(&error, Phase::Body)), wire),
                Err(_) => {
                    let detail = format!("robots.txt was not complete in time ({wire} bytes came)");
                    return (End::Failed(Failure::ReadTimeout, detail), wire);
                }
            };
            wire += piece.len() as u64;
            match decoder.write(piece).await {
                Took::More if wire <= settings.max_body_wire => {}
                Took::More | Took::TooLarge | Took::Complete => break,
                Took::Broken(detail) => return (End::Failed(Failure::BadResponse, detail), wire),
            }
        }
        (End::Answer(Reading::Whole(decoder.cut().await)), wire)
    }

    /// Remembers that an origin's HTTP/2 fails; whether there was room for that.
    pub(super) fn step_down(&self, origin: Origin) -> bool {
        let mut origins = self.stepped_down.lock().unwrap_or_else(PoisonError::into_inner);
        origins.contains(&origin) || (origins.len() < MAX_STEPPED_DOWN && origins.insert(origin))
    }

    fn has_stepped_down(&self, url: &Url) -> bool {
        self.stepped_down.lock().unwrap_or_else(PoisonError::into_inner).contains(&url.origin())
    }

    /// The client for a request, and the request as that client wants it.
    pub(super) fn prepare(
        &self,
        mut url: Url,
        headers: Vec<(HeaderName, HeaderValue)>,
        settings: &VisitSettings,
        to: Option<SocketAddr>,
    ) -> Result<(reqwest::Client, reqwest::Request), String> {
        let route = match to {
            None => Route::Direct,
            Some(_) => {
                let port = url.port_or_known_default().unwrap_or_default();
                Route::Mapped { port, explicit: url.port().is_some() }
            }
        };
        // Over HTTP/2 the URL itself, without its port, would be what the server is asked for.
        let explicit = matches!(route, Route::Mapped { explicit: true, .. });
        let offer = if explicit || self.has_stepped_down(&url) { Offer::Http1 } else { Offer::Both };
        let client = self.client(route, offer, settings.connect_timeout)?;
        let mut all = self.common.clone();
        all.insert(header::USER_AGENT, user_agent(settings));
        if let Route::Mapped { port, explicit: true } = route {
            let host = format!("{}:{port}", url.host_str().unwrap_or_default());
            all.insert(header::HOST, HeaderValue::from_str(&host).map_err(|error| error.to_string())?);
            url.set_port(None).map_err(|()| "the port cannot be taken out of the URL".to_owned())?;
        }
        for (name, value) in headers {
            all.insert(name, value);
        }
        let request = client.get(url).headers(all).build().map_err(|error| error.to_string())?;
        Ok((client, request))
    }

    fn client(
        &self,
        route: Route,
        offer: Offer,
        connect_timeout: Duration,
    ) -> Result<reqwest::Client, String> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&(route, offer, connect_timeout)) {
            return Ok(client.clone());
        }
        let tls = tls::config(self.roots.get_or_init(|| tls::roots(&self.authorities)).clone(), offer)
            .map_err(|error| error.to_string())?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .tls_info(true)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(Duration::from_secs(10))
            .pool_max_idle_per_host(8)
            .http1_max_headers(MAX_HEADER_LINES)
            // What browsers bear of old servers: `Name : value`, lines that are folded, and lines that are none.
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
            .http1_ignore_invalid_headers_in_responses(true)
            .http2_max_header_list_size(u32::try_from(self.settings.max_headers).unwrap_or(u32::MAX));
        builder = match (&self.settings.proxy, route) {
            (_, Route::Mapped { .. }) | (ProxySettings::None, Route::Direct) => builder.no_proxy(),
            (ProxySettings::Env, Route::Direct) => builder,
            (ProxySettings::Url(url), Route::Direct) => {
                builder.proxy(reqwest::Proxy::all(url.clone()).map_err(|error| error.to_string())?)
            }
        };
        builder = match route {
            Route::Direct => builder.dns_resolver(Direct(self.names.clone())),
            Route::Mapped { port, .. } => builder.dns_resolver(self.mapped(port)),
        };
        if offer == Offer::Http1 {
            builder = builder.http1_only();
        }
        let client = builder.build().map_err(|error| error.to_string())?;
        made.insert((route, offer, connect_timeout), client.clone());
        Ok(client)
    }

    /// The rules for a port, named hosts first.
    fn mapped(&self, port: u16) -> Mapped {
        let rules = || self.settings.resolve.iter().filter(|rule| rule.port == port);
        let named = rules().filter(|rule| rule.host.is_some());
        let any = rules().filter(|rule| rule.host.is_none());
        Mapped { routes: named.chain(any).map(|rule| (rule.host.clone(), rule.to)).collect() }
    }

    /// Where `--resolve` sends a URL. An address literal is never mapped: `*` stands for names.
    pub(super) fn route(&self, url: &Url) -> Option<SocketAddr> {
        let Some(Host::Domain(name)) = url.host() else { return None };
        let port = url.port_or_known_default()?;
        let rules = || self.settings.resolve.iter().filter(|rule| rule.port == port);
        rules()
            .find(|rule| rule.host.as_deref() == Some(name))
            .or_else(|| rules().find(|rule| rule.host.is_none()))
            .map(|rule| rule.to)
    }

    /// The second look: the connection went where it was allowed to go.
    pub(super) fn check_peer(
        &self,
        peer: Option<SocketAddr>,
        url: &Url,
        to: Option<SocketAddr>,
    ) -> Result<(), String> {
        match (peer, to) {
            (Some(peer), Some(to)) if peer != to => Err(format!("connected to {peer} in place of {to}")),
            (Some(peer), None) if self.settings.proxy == ProxySettings::None => {
                self.guard.check_address(peer.ip(), url.host_str())
            }
            _ => Ok(()),
        }
    }
}

/// Whether the body is one that can be a page, and is wanted.
fn is_page(head: &Head) -> bool {
    if !(200..300).contains(&head.status) || matches!(head.status, 204 | 205) {
        return false;
    }
    let Some(kind) = head.headers.get(header::CONTENT_TYPE) else { return true };
    let Ok(kind) = kind.to_str() else { return false };
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "" | "application/xhtml+xml" | "application/xml" | "application/json" => true,
        "text/event-stream" | "text/css" | "text/csv" => false,
        kind => kind.starts_with("text/"),
    }
}

fn end_of(meaning: Meaning) -> End {
    match meaning {
        Meaning::Failed(failure, detail) => End::Failed(failure, detail),
        Meaning::Http2Failed(failure, detail) => End::Http2Failed(failure, detail),
        Meaning::Refused(refusal, detail) => End::Refused(refusal, detail),
    }
}

fn header_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}

fn without_headers(head: &Head) -> Head {
    Head { status: head.status, headers: HeaderMap::new(), certificate_ends: head.certificate_ends }
}

fn user_agent(settings: &VisitSettings) -> HeaderValue {
    const OWN: &str = concat!("linkdrift/", env!("CARGO_PKG_VERSION"));
    let text = match (&settings.user_agent, &settings.user_agent_contact) {
        (Some(whole), _) => whole.clone(),
        (None, Some(contact)) => format!("{OWN} (+{contact})"),
        (None, None) => OWN.to_owned(),
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(OWN))
}

/// Hosts of proxies, which the operator chose and which may so be anywhere.
fn proxy_hosts(proxy: &ProxySettings) -> Vec<String> {
    let host = |text: &str| {
        let url = Url::parse(text).or_else(|_| Url::parse(&format!("http://{text}"))).ok()?;
        url.host_str().map(str::to_owned)
    };
    match proxy {
        ProxySettings::None => Vec::new(),
        ProxySettings::Url(url) => url.host_str().map(str::to_owned).into_iter().collect(),
        ProxySettings::Env => {
            ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                .iter()
                .filter_map(|name| std::env::var(name).ok().and_then(|text| host(&text)))
                .collect()
        }
    }
}
