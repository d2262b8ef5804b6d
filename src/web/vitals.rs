//! A listener of its own for whoever watches the service: `/metrics`, `/healthz`, `/readyz`, and nothing else.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;

use super::metrics::{self, Numbers};

/// How long an answer may take: whoever watches is not kept waiting by what hangs.
const WITHIN: Duration = Duration::from_secs(5);
/// Answers at once; more are told to come back.
const AT_ONCE: usize = 16;

/// Connections at once; more wait at the system's door, where they cost no descriptor of ours.
const CONNECTIONS: usize = 64;
/// A connection on which nothing moves for this long is closed; longer than [`WITHIN`], so that no answer is cut short.
const IDLE: Duration = Duration::from_secs(15);

/// What can be seen of a service. The errors are sentences for people.
pub trait Vitals: Send + Sync + 'static {
    /// Reads no more than memory and sizes of files: a scrape waits for nobody.
    fn numbers(&self) -> Numbers;
    /// Whether the loop turns and the state's writer is not stuck.
    fn alive(&self) -> impl Future<Output = Result<(), String>> + Send;
    /// Whether the state is open and schedules are planned.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;
}

/// Answers until `stop`.
pub async fn serve<V: Vitals>(
    listener: TcpListener,
    vitals: Arc<V>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let room = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    let router = Router::new()
        .route("/metrics", get(show_metrics::<V>))
        .route("/healthz", get(alive::<V>))
        .route("/readyz", get(ready::<V>))
        .layer(middleware::from_fn(move |request, next| admit(Arc::clone(&room), request, next)))
        .with_state(vitals);
    let listener = Door { listener, room: Arc::new(tokio::sync::Semaphore::new(CONNECTIONS)) };
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// Lets in so many at once: descriptors are for entries, the state and visits.
struct Door {
    listener: TcpListener,
    room: Arc<tokio::sync::Semaphore>,
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // Nobody closes the semaphore.
        let permit = Arc::clone(&self.room).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        (Connection { stream, idle: Box::pin(tokio::time::sleep(IDLE)), _permit: permit }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that ends where nothing moves on it.
struct Connection {
    stream: TcpStream,
    idle: Pin<Box<Sleep>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Connection {
    /// The outcome of a look at the stream, unless it came to nothing for too long.
    fn unless_idle<T>(
        &mut self,
        context: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.idle.set(tokio::time::sleep(IDLE));
            return outcome;
        }
        ready!(self.idle.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.unless_idle(context, outcome)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.unless_idle(context, outcome)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Answers only those who asked for an address or for localhost: a page in a browser that has its own name resolve to this address
/// (DNS rebinding) learns nothing.
async fn admit(room: Arc<tokio::sync::Semaphore>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !is_ours(host) {
        return (StatusCode::MISDIRECTED_REQUEST, "ask for an address or for localhost\n").into_response();
    }
    let Ok(_permit) = room.try_acquire() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many ask at once\n").into_response();
    };
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
    response
}

/// Whether a `Host` is an address or `localhost`, with or without a port.
fn is_ours(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

async fn show_metrics<V: Vitals>(State(vitals): State<Arc<V>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, metrics::text(&vitals.numbers())).into_response()
}

async fn alive<V: Vitals>(State(vitals): State<Arc<V>>) -> Response {
    answer(vitals.alive()).await
}

async fn ready<V: Vitals>(State(vitals): State<Arc<V>>) -> Response {
    answer(vitals.ready()).await
}

async fn answer(vital: impl Future<Output = Result<(), String>>) -> Response {
    match tokio::time::timeout(WITHIN, vital).await {
        Ok(Ok(())) => "ok\n".into_response(),
        Ok(Err(why)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, format!("no answer within {} s\n", WITHIN.as_secs()))
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn more_than_so_many_wait_outside_and_an_idle_one_makes_room() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut door = Door { listener, room: Arc::new(tokio::sync::Semaphore::new(1)) };
        let (_first, _second) =
            (TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await);
        let (mut inside, _) = door.accept().await;
        assert!(at_once(door.accept()).await.is_none(), "there is room for one");
        tokio::time::pause();
        let error = inside.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        tokio::time::resume();
        drop(inside);
        door.accept().await;
    }

    /// What a future gives without waiting.
    async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            outcome = future => Some(outcome),
            () = std::future::ready(()) => None,
        }
    }

    #[test]
    fn names_that_others_can_own_are_not_ours() {
        for host in ["localhost", "LOCALHOST:9464", "127.0.0.1:9464", "[::1]:9464", "[::1]", "192.168.0.7"] {
            assert!(is_ours(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:9464", "localhost.evil.example", "127.0.0.1.nip.io:80"]
        {
            assert!(!is_ours(host), "{host}");
        }
    }
}
