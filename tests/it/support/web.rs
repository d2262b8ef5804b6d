//! A web of our own on loopback, in this process: any host name, HTTP/1.1 over plain TCP and TLS, HTTP/2 for hosts that begin with
//! `h2.` (as it should be) or `frames.` (in frames that a test writes), and answers that may be wrong to the byte. Certificates come from
//! an authority of its own; hosts that begin with `expired.`, `future.`, `wronghost.` and `untrusted.` have bad ones, those that begin
//! with `expiring.` one that ends soon.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop here")]

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::Datelike;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// A running web; it ends with this value.
pub(crate) struct Web {
    /// Plain HTTP.
    pub(crate) http: SocketAddr,
    /// HTTP over TLS.
    pub(crate) https: SocketAddr,
    seen: Arc<Seen>,
    folder: tempfile::TempDir,
    _serving: JoinSet<()>,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `https` or `http`; `h2` for a request that is to be answered with frames, of which host and path are not read.
    pub(crate) scheme: &'static str,
    /// `Host` (or `:authority`), as sent.
    pub(crate) host: String,
    /// Path and query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// `GET`, `POST`.
    pub(crate) method: String,
    /// What was posted; over HTTP/1.1 only.
    pub(crate) body: String,
    /// Since the web began.
    pub(crate) at: Duration,
    /// How often this URL was asked for before.
    pub(crate) before: usize,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A proper answer.
    Page(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Exactly these bytes, and what happens then.
    Raw(Vec<u8>, Then),
    /// These bytes, again and again, with a pause between, after a head.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// A proper answer, but only when the notification comes.
    When(Arc<Notify>, Box<Reply>),
}

/// What happens after raw bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Then {
    /// The connection is closed in order.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing, until the client leaves.
    Hang,
}

#[derive(Debug, Default)]
struct Seen {
    requests: Mutex<Vec<Asked>>,
    connections: Mutex<usize>,
    in_flight: Mutex<HashMap<String, (usize, usize)>>,
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

impl Web {
    /// Starts a web that answers with `handler`.
    pub(crate) async fn start(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST.into(), handler).await
    }

    /// Starts a web at an address of a test's own network, at ports 80 and 443 there.
    pub(crate) async fn start_at(
        address: IpAddr,
        handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        std::fs::write(folder.path().join("ca.pem"), &authority.pem).unwrap();
        let handler: Arc<Handler> = Arc::new(handler);
        let (seen, began) = (Arc::new(Seen::default()), Instant::now());
        let plain = TcpListener::bind((address, if address.is_loopback() { 0 } else { 80 })).await.unwrap();
        let secure = TcpListener::bind((address, if address.is_loopback() { 0 } else { 443 })).await.unwrap();
        let (http, https) = (plain.local_addr().unwrap(), secure.local_addr().unwrap());
        let tls = authority.configs();
        let mut serving = JoinSet::new();
        let server = Server { handler, seen: seen.clone(), began };
        serving.spawn(accept(plain, server.clone(), None));
        serving.spawn(accept(secure, server, Some(tls)));
        Self { http, https, seen, folder, _serving: serving }
    }

    /// The authority's certificate, for `--ca-file`.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.seen.requests.lock().unwrap().clone()
    }

    /// Connections accepted so far.
    pub(crate) fn connections(&self) -> usize {
        *self.seen.connections.lock().unwrap()
    }

    /// The most requests of a host that were in flight at once.
    pub(crate) fn max_in_flight(&self, host: &str) -> usize {
        self.seen.in_flight.lock().unwrap().get(host).map_or(0, |(_, max)| *max)
    }
}

impl Asked {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The host without its port.
    pub(crate) fn name(&self) -> &str {
        self.host.split(':').next().unwrap_or_default()
    }
}

impl Reply {
    /// A small HTML page.
    pub(crate) fn html(text: &str) -> Self {
        Self::ok("text/html; charset=utf-8", text.as_bytes().to_vec())
    }

    /// 200 with this content.
    pub(crate) fn ok(kind: &str, body: Vec<u8>) -> Self {
        Self::Page(200, vec![("Content-Type", kind.to_owned())], body)
    }

    /// A status without content.
    pub(crate) fn status(status: u16) -> Self {
        Self::Page(status, Vec::new(), Vec::new())
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::Page(status, vec![("Location", location.to_owned())], Vec::new())
    }

    /// With one header more.
    pub(crate) fn with(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Page(status, mut headers, body) => {
                headers.push((name, value.into()));
                Self::Page(status, headers, body)
            }
            other => other,
        }
    }

    /// Raw bytes, then the connection is closed.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Raw(bytes.into(), Then::Close)
    }
}

#[derive(Clone)]
struct Server {
    handler: Arc<Handler>,
    seen: Arc<Seen>,
    began: Instant,
}

impl Server {
    fn answer(
        &self,
        scheme: &'static str,
        host: String,
        path: String,
        headers: Vec<(String, String)>,
        (method, body): (String, String),
    ) -> (Reply, InFlight) {
        let mut requests = self.seen.requests.lock().unwrap();
        let before = requests
            .iter()
            .filter(|asked| (asked.scheme, &asked.host, &asked.path) == (scheme, &host, &path))
            .count();
        let asked = Asked { scheme, host, path, headers, method, body, at: self.began.elapsed(), before };
        requests.push(asked.clone());
        drop(requests);
        let in_flight = InFlight::new(self.seen.clone(), asked.name().to_owned());
        ((self.handler)(&asked), in_flight)
    }
}

/// Counts a request as in flight as long as it lives.
struct InFlight(Arc<Seen>, String);

impl InFlight {
    fn new(seen: Arc<Seen>, host: String) -> Self {
        let mut all = seen.in_flight.lock().unwrap();
        let (now, max) = all.entry(host.clone()).or_default();
        *now += 1;
        *max = (*max).max(*now);
        drop(all);
        Self(seen, host)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some((now, _)) = self.0.in_flight.lock().unwrap().get_mut(&self.1) {
            *now -= 1;
        }
    }
}

async fn accept(listener: TcpListener, server: Server, tls: Option<Configs>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        *server.seen.connections.lock().unwrap() += 1;
        while connections.try_join_next().is_some() {}
        let (server, tls) = (server.clone(), tls.clone());
        connections.spawn(async move {
            match tls {
                None => {
                    let raw = socket2(&stream);
                    serve(stream, &server, "http", raw).await;
                }
                Some(tls) => {
                    let raw = socket2(&stream);
                    let Some(stream) = tls.accept(stream).await else { return };
                    let name = stream.get_ref().1.server_name().unwrap_or_default();
                    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                        if name.starts_with("frames.") {
                            serve_frames(stream, &server, raw).await;
                        } else {
                            serve_h2(stream, &server).await;
                        }
                    } else {
                        serve(stream, &server, "https", raw).await;
                    }
                }
            }
        });
    }
}

#[derive(Clone)]
struct Configs {
    http1: Arc<rustls::ServerConfig>,
    h2: Arc<rustls::ServerConfig>,
}

impl Configs {
    async fn accept(&self, stream: TcpStream) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
        let hello =
            tokio_rustls::LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await.ok()?;
        let h2 = hello
            .client_hello()
            .server_name()
            .is_some_and(|name| ["h2.", "frames."].iter().any(|kind| name.starts_with(kind)));
        hello.into_stream(if h2 { self.h2.clone() } else { self.http1.clone() }).await.ok()
    }
}

/// A second handle of the socket, to reset it with.
fn socket2(stream: &TcpStream) -> std::os::fd::OwnedFd {
    use std::os::fd::AsFd;
    stream.as_fd().try_clone_to_owned().unwrap()
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    server: &Server,
    scheme: &'static str,
    socket: std::os::fd::OwnedFd,
) {
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            // A client that speaks TLS to the plain port.
            if buffer.first() == Some(&0x16) {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                return;
            }
            if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            match stream.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        };
        let head: Vec<u8> = buffer.drain(..end).collect();
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.split("\r\n");
        let mut line = lines.next().unwrap_or_default().split(' ');
        let method = line.next().unwrap_or_default().to_owned();
        let path = line.next().unwrap_or("/").to_owned();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let host = headers
            .iter()
            .find(|(name, _)| name == "host")
            .map(|(_, value)| value.clone())
            .unwrap_or_default();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.map_or(0, |(_, length)| length.parse().unwrap());
        while buffer.len() < length {
            if matches!(stream.read_buf(&mut buffer).await, Ok(0) | Err(_)) {
                return;
            }
        }
        let body = String::from_utf8(buffer.drain(..length).collect()).unwrap();
        let (mut reply, _in_flight) = server.answer(scheme, host, path, headers, (method, body));
        while let Reply::When(notify, then) = reply {
            notify.notified().await;
            reply = *then;
        }
        let done = match reply {
            Reply::Page(status, headers, body) => stream.write_all(&page(status, &headers, &body)).await,
            other => return write_raw(stream, other, socket).await,
        };
        if done.is_err() || stream.flush().await.is_err() {
            return;
        }
    }
}

/// Writes what is no proper answer.
async fn write_raw(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    reply: Reply,
    socket: std::os::fd::OwnedFd,
) {
    let mut buffer = Vec::new();
    match reply {
        Reply::Raw(bytes, then) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.flush().await;
            match then {
                Then::Close => {
                    let _ = stream.shutdown().await;
                    // Waits until the client has read it all: closing at once could reset the connection.
                    let _ = stream.read_buf(&mut buffer).await;
                }
                Then::Hang => while stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {},
                Then::Reset => reset(socket),
            }
        }
        Reply::Endless(head, piece, pause) => {
            let _ = stream.write_all(&head).await;
            while stream.write_all(&piece).await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        }
        Reply::Page(..) | Reply::When(..) => {}
    }
}

/// Answers the first request of a connection with frames as they are given, whatever it asks for.
async fn serve_frames(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    server: &Server,
    socket: std::os::fd::OwnedFd,
) {
    const PREFACE: usize = 24;
    const HEADERS: u8 = 1;
    let (mut buffer, mut at): (Vec<u8>, usize) = (Vec::new(), PREFACE);
    loop {
        while let Some(&[a, b, c, kind]) = buffer.get(at..at + 4) {
            if kind == HEADERS {
                let (reply, _in_flight) =
                    server.answer("h2", String::new(), String::new(), Vec::new(), Default::default());
                return write_raw(stream, reply, socket).await;
            }
            at += 9 + u32::from_be_bytes([0, a, b, c]) as usize;
        }
        if !stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
            return;
        }
    }
}

/// RST in place of FIN.
fn reset(socket: std::os::fd::OwnedFd) {
    let stream = std::net::TcpStream::from(socket);
    if let Ok(stream) = TcpStream::from_std(stream) {
        let _ = stream.set_zero_linger();
    }
}

fn page(status: u16, headers: &[(&'static str, String)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} X\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    if !matches!(status, 204 | 304) {
        bytes.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

async fn serve_h2(stream: impl AsyncRead + AsyncWrite + Unpin, server: &Server) {
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let method = request.method().to_string();
        let (reply, _in_flight) = server.answer("https", host, path, headers, (method, String::new()));
        let Reply::Page(status, headers, body) = reply else {
            respond.send_reset(h2::Reason::INTERNAL_ERROR);
            continue;
        };
        let mut response = axum::http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        let sent = respond.send_response(response.body(()).unwrap(), body.is_empty());
        if let Ok(mut send) = sent
            && !body.is_empty()
        {
            let _ = send.send_data(body.into(), true);
        }
    }
}

/// Signs certificates for whatever name a client asks for.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Nobody trusts this one.
    other: Issuer<'static, KeyPair>,
    pem: String,
    made: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    fn new() -> Self {
        let issuer = || {
            let mut params = CertificateParams::new(Vec::default()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
            let key = KeyPair::generate().unwrap();
            let certificate = params.self_signed(&key).unwrap();
            (certificate.pem(), Issuer::new(params, key))
        };
        let ((pem, issuer), (_, other)) = (issuer(), issuer());
        Self { issuer, other, pem, made: Mutex::new(HashMap::new()) }
    }

    /// The server's side of TLS, with and without HTTP/2.
    fn configs(self) -> Configs {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut h2 = config.clone();
        h2.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Configs { http1: Arc::new(config), h2: Arc::new(h2) }
    }

    fn certificate(&self, name: &str) -> Arc<CertifiedKey> {
        let kind = name.split('.').next().unwrap_or_default();
        let subject = if kind == "wronghost" { "somebody-else.org" } else { name };
        let mut params = CertificateParams::new(vec![subject.to_owned()]).unwrap();
        (params.not_before, params.not_after) = match kind {
            "expired" => (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1)),
            "future" => (date_time_ymd(4000, 1, 1), date_time_ymd(4001, 1, 1)),
            "expiring" => {
                let end =
                    linkdrift::time::Clock::now(&linkdrift::time::SystemClock) + chrono::TimeDelta::days(5);
                let (month, day) = (u8::try_from(end.month()).unwrap(), u8::try_from(end.day()).unwrap());
                (date_time_ymd(2001, 1, 1), date_time_ymd(end.year(), month, day))
            }
            _ => (date_time_ymd(2001, 1, 1), date_time_ymd(4001, 1, 1)),
        };
        let key = KeyPair::generate().unwrap();
        let issuer = if kind == "untrusted" { &self.other } else { &self.issuer };
        let certificate = params.signed_by(&key, issuer).unwrap();
        let key = rustls_pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key))
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name()?.to_owned();
        let mut made = self.made.lock().unwrap();
        let certificate = made.entry(name.clone()).or_insert_with(|| self.certificate(&name));
        Some(certificate.clone())
    }
}
