//! A listener of its own for whoever watches the service: `/metrics`, `/healthz`, `/readyz`, and nothing else.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::metrics::{self, Numbers};

/// How long an answer may take: whoever watches is not kept waiting by what hangs.
const WITHIN: Duration = Duration::from_secs(5);
/// Answers at once; more are told to come back.
const AT_ONCE: usize = 16;

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
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
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
