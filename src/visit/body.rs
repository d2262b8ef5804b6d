//! Bodies: decoded by us, bounded on the wire, decoded, and in all that are in flight.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_compression::tokio::write::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use reqwest::header::{self, HeaderMap};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

/// What is asked for. `deflate` is not: what it means on the web is ambiguous (RFC 9110 §8.4.1.2).
pub(super) const ACCEPT_ENCODING: &str = "gzip, br, zstd";

/// zstd windows up to 8 MiB (RFC 9659).
const MAX_WINDOW_LOG: u32 = 23;

/// Codings of the registry (RFC 9110 §16.6.1) that are not undone.
const NOT_UNDONE: &[&str] = &["aes128gcm", "compress", "dcb", "dcz", "exi", "pack200-gzip", "x-compress"];

/// Members of a gzip body and frames of a zstd body that are decoded: each costs a decoder.
const MEMBERS: usize = 1000;

/// Memory is taken in such pieces.
const PIECE: usize = 64 << 10;

/// The coding of one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
    Zlib,
}

impl Coding {
    /// The coding that the headers name; the error says why the body cannot be decoded. At most one coding is undone: a second only
    /// serves those who want to make something very large of something very small.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let mut found = Self::Identity;
        for value in headers.get_all(header::CONTENT_ENCODING) {
            let value = value.to_str().map_err(|_| "a Content-Encoding that is not ASCII".to_owned())?;
            for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                let coding = match name.to_ascii_lowercase().as_str() {
                    "identity" => continue,
                    "gzip" | "x-gzip" => Self::Gzip,
                    "br" => Self::Brotli,
                    "zstd" => Self::Zstd,
                    "deflate" => Self::Zlib,
                    other if NOT_UNDONE.contains(&other) => {
                        return Err(format!("a Content-Encoding that is not undone: {other}"));
                    }
                    // A character set, `none`, a word of its own: the body is taken as it is, as browsers do.
                    _ => continue,
                };
                if found != Self::Identity {
                    return Err("more than one Content-Encoding".to_owned());
                }
                found = coding;
            }
        }
        Ok(found)
    }
}

/// The memory that bodies in flight may take, all together.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    pieces: Arc<Semaphore>,
    /// Whoever finds no piece left and has some already goes on alone with this, so that bodies never wait for each other for ever.
    overdraft: Arc<Mutex<()>>,
}

impl Budget {
    /// `all` bytes for all bodies, of which the largest single body may need `one`.
    pub(super) fn new(all: u64, one: u64) -> Self {
        let pieces = usize::try_from(all.saturating_sub(one)).unwrap_or(usize::MAX) / PIECE;
        Self {
            pieces: Arc::new(Semaphore::new(pieces.clamp(1, Semaphore::MAX_PERMITS))),
            overdraft: Arc::new(Mutex::new(())),
        }
    }
}

/// Decodes one body, piece by piece.
pub(super) struct Decoder {
    inner: Inner,
    /// How many streams were decoded one after the other.
    members: usize,
}

enum Inner {
    Identity(Sink),
    Gzip(Box<GzipDecoder<Sink>>),
    Brotli(Box<BrotliDecoder<Sink>>),
    Zstd(Box<ZstdDecoder<Sink>>),
    Zlib(Box<ZlibDecoder<Sink>>),
}

/// How a piece went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Took {
    /// Well.
    More,
    /// More came out than allowed.
    TooLarge,
    /// The stream was complete before the body was, and what follows is none of its kind: it is not decoded.
    Complete,
    /// It is not what its coding says.
    Broken(String),
}

/// Collects what was decoded, up to a cap, and takes of the budget before it does: a few bytes can be the beginning of very many.
#[derive(Default)]
struct Sink {
    /// Pieces, so that what grows is never copied to a larger place beside it.
    pieces: Vec<Vec<u8>>,
    length: usize,
    cap: usize,
    full: bool,
    share: Share,
    /// Waits for the overdraft.
    waiting: Option<Pin<Box<dyn Future<Output = OwnedMutexGuard<()>> + Send>>>,
}

/// What one body holds of the budget.
#[derive(Default)]
struct Share {
    budget: Option<Budget>,
    held: Option<OwnedSemaphorePermit>,
    overdraft: Option<OwnedMutexGuard<()>>,
}

/// A body that gives its share of the budget back when the last reader drops it.
struct Budgeted {
    bytes: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Budgeted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Decoder {
    /// A decoder that gives out at most `cap` bytes. Waits for its first piece of memory.
    pub(super) async fn new(coding: Coding, cap: u64, budget: &Budget) -> Self {
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        let held = budget.pieces.clone().acquire_owned().await.ok();
        let share = Share { budget: Some(budget.clone()), held, overdraft: None };
        Self { inner: Inner::new(coding, Sink { cap, share, ..Sink::default() }), members: 1 }
    }

    /// Decodes a piece, on a thread that drives no sockets where there is anything to undo.
    pub(super) async fn write(&mut self, piece: Bytes) -> Took {
        if matches!(self.inner, Inner::Identity(_)) {
            return self.decode(&piece).await;
        }
        let away = Inner::Identity(Sink::default());
        let mut decoder = Self { inner: std::mem::replace(&mut self.inner, away), members: self.members };
        let runtime = Handle::current();
        let decoding = tokio::task::spawn_blocking(move || {
            let took = runtime.block_on(decoder.decode(&piece));
            (decoder, took)
        });
        match decoding.await {
            Ok((decoder, took)) => {
                *self = decoder;
                took
            }
            Err(error) => Took::Broken(format!("the decoder failed: {error}")),
        }
    }

    async fn decode(&mut self, mut piece: &[u8]) -> Took {
        while !piece.is_empty() {
            let result = match &mut self.inner {
                Inner::Identity(sink) => sink.write(piece).await,
                Inner::Gzip(decoder) => decoder.write(piece).await,
                Inner::Brotli(decoder) => decoder.write(piece).await,
                Inner::Zstd(decoder) => decoder.write(piece).await,
                Inner::Zlib(decoder) => decoder.write(piece).await,
            };
            if self.sink().full {
                return Took::TooLarge;
            }
            match result {
                Ok(taken) => piece = &piece[taken.min(piece.len())..],
                Err(error) => match self.shutdown().await {
                    Ok(()) if self.inner.goes_on_with(piece) && self.members < MEMBERS => self.next_member(),
                    Ok(()) => return Took::Complete,
                    Err(_) => return Took::Broken(error.to_string()),
                },
            }
        }
        Took::More
    }

    /// A decoder for the stream that follows, into the same bytes.
    fn next_member(&mut self) {
        self.members += 1;
        let (coding, sink) =
            std::mem::replace(&mut self.inner, Inner::Identity(Sink::default())).into_parts();
        self.inner = Inner::new(coding, sink);
    }

    /// The end of the body: what was decoded, or why it is not whole.
    pub(super) async fn finish(mut self) -> Result<Bytes, Took> {
        let result = self.shutdown().await;
        if self.sink().full {
            return Err(Took::TooLarge);
        }
        result.map_err(|error| Took::Broken(format!("the compressed body ends early: {error}")))?;
        Ok(self.inner.into_parts().1.into_bytes())
    }

    /// What was decoded so far, whole or not.
    pub(super) async fn cut(mut self) -> Bytes {
        // An end that is missing is no matter: what came before it counts.
        let _ = self.shutdown().await;
        self.inner.into_parts().1.into_bytes()
    }

    async fn shutdown(&mut self) -> io::Result<()> {
        match &mut self.inner {
            Inner::Identity(_) => Ok(()),
            Inner::Gzip(decoder) => decoder.shutdown().await,
            Inner::Brotli(decoder) => decoder.shutdown().await,
            Inner::Zstd(decoder) => decoder.shutdown().await,
            Inner::Zlib(decoder) => decoder.shutdown().await,
        }
    }

    fn sink(&self) -> &Sink {
        match &self.inner {
            Inner::Identity(sink) => sink,
            Inner::Gzip(decoder) => decoder.get_ref(),
            Inner::Brotli(decoder) => decoder.get_ref(),
            Inner::Zstd(decoder) => decoder.get_ref(),
            Inner::Zlib(decoder) => decoder.get_ref(),
        }
    }
}

impl Inner {
    fn new(coding: Coding, sink: Sink) -> Self {
        match coding {
            Coding::Identity => Self::Identity(sink),
            Coding::Gzip => Self::Gzip(Box::new(GzipDecoder::new(sink))),
            Coding::Brotli => Self::Brotli(Box::new(BrotliDecoder::new(sink))),
            Coding::Zstd => {
                let parameters = [DParameter::window_log_max(MAX_WINDOW_LOG)];
                Self::Zstd(Box::new(ZstdDecoder::with_params(sink, &parameters)))
            }
            Coding::Zlib => Self::Zlib(Box::new(ZlibDecoder::new(sink))),
        }
    }

    fn into_parts(self) -> (Coding, Sink) {
        match self {
            Self::Identity(sink) => (Coding::Identity, sink),
            Self::Gzip(decoder) => (Coding::Gzip, decoder.into_inner()),
            Self::Brotli(decoder) => (Coding::Brotli, decoder.into_inner()),
            Self::Zstd(decoder) => (Coding::Zstd, decoder.into_inner()),
            Self::Zlib(decoder) => (Coding::Zlib, decoder.into_inner()),
        }
    }

    /// Whether what follows a complete stream is another of its kind: a gzip file may have several members (RFC 1952 §2.2), zstd data
    /// several frames (RFC 8878 §3.1), of which some may be skipped.
    fn goes_on_with(&self, rest: &[u8]) -> bool {
        let begins = |magic: &[u8]| magic.iter().zip(rest).all(|(a, b)| a == b);
        match self {
            Self::Gzip(_) => begins(&[0x1f, 0x8b]),
            Self::Zstd(_) => {
                begins(&[0x28, 0xb5, 0x2f, 0xfd])
                    || (rest[0] & 0xf0 == 0x50
                        && (rest.len() < 2 || rest[1..].iter().zip(&[0x2a, 0x4d, 0x18]).all(|(a, b)| a == b)))
            }
            _ => false,
        }
    }
}

impl Sink {
    /// Takes of the budget what bytes of this length need; where none is left, the overdraft.
    fn poll_pay(&mut self, length: usize, context: &mut Context<'_>) -> Poll<()> {
        let share = &mut self.share;
        let Some(budget) = &share.budget else { return Poll::Ready(()) };
        let has = share.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = length.div_ceil(PIECE).saturating_sub(has);
        if more == 0 || share.overdraft.is_some() {
            return Poll::Ready(());
        }
        if self.waiting.is_none() {
            let more = u32::try_from(more).unwrap_or(u32::MAX);
            if let Ok(permit) = budget.pieces.clone().try_acquire_many_owned(more) {
                match &mut share.held {
                    Some(held) => held.merge(permit),
                    held @ None => *held = Some(permit),
                }
                return Poll::Ready(());
            }
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(budget.overdraft.clone().lock_owned()));
        share.overdraft = Some(ready!(waiting.as_mut().poll(context)));
        self.waiting = None;
        Poll::Ready(())
    }

    fn take(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len();
        while !bytes.is_empty() {
            if self.pieces.last().is_none_or(|piece| piece.len() >= PIECE) {
                // Most bodies are one piece, and smaller than it may be.
                let room = if self.pieces.is_empty() { 0 } else { PIECE };
                self.pieces.push(Vec::with_capacity(room));
            }
            let Some(piece) = self.pieces.last_mut() else { return };
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - piece.len()));
            piece.extend_from_slice(now);
            bytes = later;
        }
    }

    fn into_bytes(mut self) -> Bytes {
        let bytes = match self.pieces.pop() {
            Some(mut only) if self.pieces.is_empty() => {
                only.shrink_to_fit();
                only
            }
            last => {
                let mut bytes = Vec::with_capacity(self.length);
                self.pieces.into_iter().chain(last).for_each(|piece| bytes.extend_from_slice(&piece));
                bytes
            }
        };
        Bytes::from_owner(Budgeted { bytes, _share: self.share })
    }
}

impl AsyncWrite for Sink {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        let length = self.length + piece.len();
        if length > self.cap {
            self.full = true;
            return Poll::Ready(Err(io::Error::other("larger than allowed")));
        }
        ready!(self.poll_pay(length, context));
        self.take(piece);
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;
