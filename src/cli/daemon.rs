//! `linkdrift daemon`: the service.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use listenfd::ListenFd;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::execute::Schedules;
use super::flags::{StateFlags, VisitFlags};
use super::schedules::{self, FolderFlag};
use super::vitals::Watched;
use super::{Exit, Globals, renewal, session};
use crate::config::{self, Config, Schedule, value};
use crate::daemon::{self, Catcher, Ending, Executor, Notice, Notify, Service, Signal, Systemd};
use crate::pipeline::Network;
use crate::store::StoreError;
use crate::time::SystemClock;
use crate::web::vitals;

/// How often the state that another run holds is tried.
const LOOK_AT_LOCK: Duration = Duration::from_secs(1);

/// A signal that was taken is heard within this time.
const ON_THE_WAY: Duration = Duration::from_millis(20);

/// How long the end of the service waits for messages on their way and for scrapes.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Flags of `daemon`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where schedules are.
    #[command(flatten)]
    pub folder: FolderFlag,
    /// After a run that leaves more memory in use than this, the service starts itself anew in its place; 0 for never
    #[arg(long, value_name = "SIZE", env = "LINKDRIFT_IDLE_MEMORY", value_parser = value::size, default_value = "32 MiB", hide_env_values = true)]
    pub idle_memory: u64,
    /// How targets are visited.
    #[command(flatten)]
    pub visit: VisitFlags,
    /// Where state is kept.
    #[command(flatten)]
    pub state: StateFlags,
}

/// An executor whose configuration can be exchanged between runs. The state stays that of the start.
pub trait Reconfigure: Executor {
    /// Takes effect with the next run.
    fn reconfigure(&self, config: Config);
}

/// Runs the service until a signal asks to stop: 0 after SIGTERM, 130 after SIGINT. Configuration and schedules are checked first;
/// then the state is opened.
pub fn run(globals: &Globals, args: &Args) -> anyhow::Result<Exit> {
    // Before anything else: also those that came while the service was started anew.
    daemon::hold_signals().context("cannot listen to signals")?;
    let cwd = session::working_directory()?;
    let (config, schedules) = load(globals, args, &cwd)?;
    schedules::warn_of_never_synced(&config, &schedules);
    if args.visit.network() == Network::Visit {
        session::mention_unused_proxies(&config);
    }
    let runtime = session::runtime()?;
    let (ending, socket) = runtime.block_on(async {
        let mut signals = daemon::listen().context("cannot listen to signals")?;
        let catcher = Catcher::start().context("cannot listen to signals")?;
        let socket = socket(config.metrics)?;
        let ending = serve(globals, args, &cwd, config, schedules, &mut signals, socket.as_ref()).await?;
        anyhow::Ok((end(ending, catcher, &mut signals).await, socket))
    })?;
    // A run that was left may hold threads of the runtime: they are not waited for.
    runtime.shutdown_background();
    match ending {
        Ending::Stopped { signal, left } => {
            if let Some(name) = left {
                tracing::warn!("run `{name}` was left before its end; what it committed is kept");
            }
            Ok(match signal {
                Signal::Interrupt => Exit::Interrupted,
                Signal::Terminate | Signal::Reload => Exit::Success,
            })
        }
        Ending::Renewal => {
            let program = renewal::program().context("cannot find the program of the service")?;
            Err(renewal::start_anew(program, socket.as_ref()))
                .context("cannot start the service anew in its place")
        }
    }
}

/// The service, with everything around its loop.
async fn serve(
    globals: &Globals,
    args: &Args,
    cwd: &Path,
    config: Config,
    schedules: Vec<Schedule>,
    signals: &mut mpsc::Receiver<Signal>,
    socket: Option<&std::net::TcpListener>,
) -> anyhow::Result<Ending> {
    let (state, metrics) = (config.state.path.clone(), config.metrics);
    // What the service works with, to know it from what a fresh one would read.
    let in_use = Mutex::new(format!("{:?}", (&config, &schedules)));
    let executor = match open(config, signals, &Systemd).await? {
        Opening::Open(executor) => executor,
        Opening::Stopped(signal) => return Ok(Ending::Stopped { signal, left: None }),
    };
    let stop = CancellationToken::new();
    let (pings, pinged) = mpsc::channel(8);
    let mut last_words = JoinSet::new();
    if let Some(socket) = socket {
        let listener = socket.try_clone().and_then(TcpListener::from_std);
        let watched = Arc::new(Watched { schedules: Arc::clone(&executor), pings });
        let listener = listener.context("cannot use the socket for metrics")?;
        let serving = vitals::serve(listener, watched, stop.clone());
        last_words.spawn(async move { drop(serving.await) });
    }
    let (courier, stopped) = (Arc::clone(&executor), stop.clone());
    last_words.spawn(async move { courier.deliver_messages(stopped).await });
    let reconfigured = Arc::clone(&executor);
    let reload = || {
        let (mut config, schedules) = load(globals, args, cwd).map_err(|error| format!("{error:#}"))?;
        if config.state.path != state {
            tracing::warn!("[state] path takes effect with a restart of the service");
            config.keep_state_at(state.clone());
        }
        if config.metrics != metrics {
            tracing::warn!("[metrics] takes effect with a restart of the service");
            config.metrics = metrics;
        }
        *in_use.lock().unwrap_or_else(PoisonError::into_inner) = format!("{:?}", (&config, &schedules));
        schedules::warn_of_never_synced(&config, &schedules);
        reconfigured.reconfigure(config);
        Ok(schedules)
    };
    // What was changed and is not in use yet waits for a reload or a restart that somebody asks for.
    let outgrown = || {
        let memory = super::vitals::resident_memory().unwrap_or_default();
        let outgrown = args.idle_memory > 0
            && memory > args.idle_memory
            && renewal::program().is_some()
            && load(globals, args, cwd).is_ok_and(|(config, schedules)| {
                *in_use.lock().unwrap_or_else(PoisonError::into_inner)
                    == format!("{:?}", (&config, &schedules))
            });
        if outgrown {
            tracing::info!(
                memory.bytes = memory,
                "the service starts anew in its place, to give memory back"
            );
        }
        outgrown
    };
    let service = Service {
        executor,
        clock: &SystemClock,
        signals: &mut *signals,
        notify: &Systemd,
        pings: pinged,
        watchdog: daemon::watchdog_interval(),
        reload: &reload,
        outgrown: &outgrown,
    };
    let ending = daemon::serve(schedules, service).await?;
    // A message that is on its way may arrive, and a scrape be answered; a message that does not is tried again, under the same id.
    stop.cancel();
    tokio::select! {
        _ = tokio::time::timeout(LAST_WORDS, last_words.join_all()) => Ok(ending),
        signal = asked_to_stop(signals) => {
            tracing::warn!("asked again: messages on their way are left");
            Ok(match ending {
                Ending::Renewal => Ending::Stopped { signal, left: None },
                stopped => stopped,
            })
        }
    }
}

/// Signals that come after the end wait for the service that is started anew; one that came before, and asks to stop, is heard.
async fn end(ending: Ending, catcher: Catcher, signals: &mut mpsc::Receiver<Signal>) -> Ending {
    if ending != Ending::Renewal {
        return ending;
    }
    catcher.end();
    match tokio::time::timeout(ON_THE_WAY, asked_to_stop(signals)).await {
        Ok(signal) => Ending::Stopped { signal, left: None },
        Err(_) => ending,
    }
}

/// What came of opening the state.
enum Opening {
    Open(Arc<Schedules>),
    /// A signal came first.
    Stopped(Signal),
}

/// Opens the state. A run by hand that holds it ends by itself: it is waited for, and the service manager is told.
async fn open(
    config: Config,
    signals: &mut mpsc::Receiver<Signal>,
    notify: &dyn Notify,
) -> anyhow::Result<Opening> {
    let mut told = false;
    loop {
        let holder = match Schedules::open(config.clone()) {
            Ok(schedules) => return Ok(Opening::Open(Arc::new(schedules))),
            Err(StoreError::Locked { holder, .. }) => holder,
            Err(error) => return Err(error.into()),
        };
        if !told {
            let waiting = format!("waiting for the run that holds the state (process {holder})");
            tracing::warn!("{waiting}");
            notify.tell(&[Notice::Status(waiting)]);
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_AT_LOCK) => {}
            signal = asked_to_stop(signals) => return Ok(Opening::Stopped(signal)),
        }
    }
}

/// Waits for a signal that asks to stop.
async fn asked_to_stop(signals: &mut mpsc::Receiver<Signal>) -> Signal {
    loop {
        match signals.recv().await {
            Some(Signal::Reload) => {}
            signal => return signal.unwrap_or(Signal::Terminate),
        }
    }
}

/// The socket that the service manager, or the service before this one in the same place, hands over (sd_listen_fds(3)); else one at
/// the address that the configuration names.
fn socket(listen: Option<SocketAddr>) -> anyhow::Result<Option<std::net::TcpListener>> {
    let handed_over =
        ListenFd::from_env().take_tcp_listener(0).context("the socket that was handed over is none")?;
    let socket = match (handed_over, listen) {
        (Some(socket), _) => socket,
        (None, Some(address)) => std::net::TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {address} ([metrics] listen)"))?,
        (None, None) => return Ok(None),
    };
    socket.set_nonblocking(true).context("cannot use the socket for metrics")?;
    if let Ok(address) = socket.local_addr() {
        tracing::info!(listen.address = %address, "metrics and health can be read");
    }
    Ok(Some(socket))
}

fn load(globals: &Globals, args: &Args, cwd: &Path) -> anyhow::Result<(Config, Vec<Schedule>)> {
    let mut config = config::load_for_service(globals.config.as_deref(), cwd)?;
    args.visit.apply(&mut config, cwd)?;
    if args.state.apply(&mut config, cwd)? == super::flags::StateChoice::Temporary {
        bail!("the service needs a state that lasts: name it in linkdrift.toml, or with --state FILE");
    }
    let (folder, schedules) = schedules::load_for(&config, &args.folder, cwd)?;
    // Also where it is read again: a folder that is gone for a moment must not end all work.
    if schedules.is_empty() {
        return Err(config::schedule::none_in(&folder).into());
    }
    Ok((config, schedules))
}
