//! A few made-up hosts on loopback, over HTTP and TLS, that change from week to week.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::task::AbortOnDropHandle;

/// What the site answers for one URL.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Host name.
    pub host: &'static str,
    /// Path.
    pub path: &'static str,
    /// First and last week in which it is so, from 0.
    pub weeks: (u32, u32),
    /// The answer.
    pub answer: Answer,
}

/// One answer.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// 200 and this HTML.
    Page(&'static str),
    /// 200 and an article in the frame that documentation sites put around theirs.
    Article {
        /// Of the page, and its heading.
        title: &'static str,
        /// The document's identity, whatever its address.
        id: &'static str,
        /// What follows the heading.
        body: &'static str,
    },
    /// A status and where to.
    Redirect(u16, &'static str),
    /// A status and nothing else.
    Status(u16),
}

/// Why the site could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No port on loopback.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[from] io::Error),
    /// No certificate.
    #[error("cannot make a certificate: {0}")]
    Certificate(String),
}

/// The routes, and the week that it is.
#[derive(Debug)]
pub struct Site {
    routes: &'static [Route],
    week: AtomicU32,
}

/// A site that answers until it is dropped.
#[derive(Debug)]
pub struct Served {
    /// Where it answers plain HTTP.
    pub http: SocketAddr,
    /// Where it answers TLS.
    pub https: SocketAddr,
    /// The certificate that a client must trust, PEM.
    pub ca_pem: String,
    site: Arc<Site>,
    _tasks: [AbortOnDropHandle<()>; 2],
}

impl Site {
    /// Starts answering on two free ports of 127.0.0.1.
    pub async fn serve(routes: &'static [Route]) -> Result<Served, SiteError> {
        let site = Arc::new(Self { routes, week: AtomicU32::new(0) });
        let (acceptor, ca_pem) = acceptor(routes)?;
        let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let tls = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (http, https) = (plain.local_addr()?, tls.local_addr()?);
        let router = Router::new().fallback(answer).with_state(site.clone());
        let serve_plain = axum::serve(plain, router.clone());
        let serve_tls = axum::serve(TlsListener { listener: tls, acceptor }, router);
        let tasks = [
            AbortOnDropHandle::new(tokio::spawn(async move {
                let _ = serve_plain.await;
            })),
            AbortOnDropHandle::new(tokio::spawn(async move {
                let _ = serve_tls.await;
            })),
        ];
        Ok(Served { http, https, ca_pem, site, _tasks: tasks })
    }

    fn find(&self, host: &str, path: &str) -> Option<Answer> {
        let week = self.week.load(Ordering::Relaxed);
        self.routes
            .iter()
            .find(|route| {
                route.host == host && route.path == path && (route.weeks.0..=route.weeks.1).contains(&week)
            })
            .map(|route| route.answer)
    }
}

impl Served {
    /// Lets time pass.
    pub fn set_week(&self, week: u32) {
        self.site.week.store(week, Ordering::Relaxed);
    }
}

async fn answer(State(site): State<Arc<Site>>, request: Request) -> Response {
    let authority = request.uri().host().map(str::to_owned).or_else(|| {
        let host = request.headers().get(header::HOST)?.to_str().ok()?;
        Some(host.split(':').next().unwrap_or_default().to_owned())
    });
    let found = authority.and_then(|host| site.find(&host, request.uri().path()));
    let mut response = Response::new(Body::empty());
    let html = |response: &mut Response, body: Body| {
        *response.body_mut() = body;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    };
    match found {
        Some(Answer::Page(text)) => html(&mut response, Body::from(text)),
        Some(Answer::Article { title, id, body }) => html(&mut response, Body::from(framed(title, id, body))),
        Some(Answer::Redirect(status, location)) => {
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND);
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(location));
        }
        Some(Answer::Status(status)) => {
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
        }
        None => *response.status_mut() = StatusCode::NOT_FOUND,
    }
    response
}

/// An article with navigation, table of contents and footer around it.
fn framed(title: &str, id: &str, body: &str) -> String {
    let anchor = title.to_lowercase().replace(' ', "-");
    format!(
        r#"<!doctype html>
<html lang="en-us">
<head><meta charset="utf-8"><title>{title} | Microsoft Learn</title><meta name="document_id" content="{id}"></head>
<body>
<header><nav><a href="/">Learn</a> <a href="/docs">Documentation</a></nav></header>
<main id="main"><div data-main-column>
<div class="content"><h1 id="{anchor}">{title}</h1></div>
<nav id="center-doc-outline"><h2>In this article</h2></nav>
<div class="content">
{body}</div>
</div></main>
<footer>Made up for the demo of linkdrift</footer>
</body>
</html>
"#
    )
}

/// A certificate for every host of the site, signed by itself, for the life of this process.
fn acceptor(routes: &[Route]) -> Result<(TlsAcceptor, String), SiteError> {
    let failed = |error: &dyn std::fmt::Display| SiteError::Certificate(error.to_string());
    let mut names: Vec<String> = routes.iter().map(|route| route.host.to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    let signed = rcgen::generate_simple_self_signed(names).map_err(|error| failed(&error))?;
    let key = rustls::pki_types::PrivateKeyDer::try_from(signed.signing_key.serialize_der())
        .map_err(|error| failed(&error))?;
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![signed.cert.der().clone()], key)
            })
            .map_err(|error| failed(&error))?;
    Ok((TlsAcceptor::from(Arc::new(config)), signed.cert.pem()))
}

/// TLS for axum. A handshake that fails costs its connection alone.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            if let Ok((stream, address)) = self.listener.accept().await
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
            // Out of descriptors, or a client that is no TLS client: let others run, then go on.
            tokio::task::yield_now().await;
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
