//! Signals as values.

use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};

use nix::sys::signal::{SigSet, Signal as Kind};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// What an operator or the service manager asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: stop.
    Terminate,
    /// SIGINT: stop.
    Interrupt,
    /// SIGHUP: read configuration and schedules again.
    Reload,
}

/// Listens to SIGTERM, SIGINT and SIGHUP of this process from now on. Must be called within a tokio runtime.
pub fn listen() -> std::io::Result<mpsc::Receiver<Signal>> {
    let (sender, receiver) = mpsc::channel(8);
    for (kind, meaning) in [
        (SignalKind::terminate(), Signal::Terminate),
        (SignalKind::interrupt(), Signal::Interrupt),
        (SignalKind::hangup(), Signal::Reload),
    ] {
        let mut signals = signal(kind)?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if sender.send(meaning).await.is_err() {
                    return;
                }
            }
        });
    }
    Ok(receiver)
}

/// The one thread that takes signals. Without it they wait in the kernel, also for the program that is executed in place of this one
/// (execve(2)): no signal comes too early or too late, and none is lost.
#[derive(Debug)]
pub struct Catcher {
    ending: Sender<()>,
    thread: JoinHandle<()>,
}

/// Lets signals wait from here on, in every thread that this one starts: to be called before there are any.
pub fn hold_signals() -> std::io::Result<()> {
    Ok(asked().thread_block()?)
}

impl Catcher {
    /// Takes signals from now on: whoever takes them must listen already.
    pub fn start() -> std::io::Result<Self> {
        let (ending, ended) = channel();
        let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let _ = asked().thread_unblock();
            // Also where nobody is left to say so.
            let _ = ended.recv();
            let _ = asked().thread_block();
        })?;
        Ok(Self { ending, thread })
    }

    /// Takes no more.
    pub fn end(self) {
        drop(self.ending);
        let _ = self.thread.join();
    }
}

fn asked() -> SigSet {
    [Kind::SIGTERM, Kind::SIGINT, Kind::SIGHUP].into_iter().collect()
}
