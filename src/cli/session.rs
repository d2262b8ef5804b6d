//! What most subcommands begin with: the working directory, the configuration, the runtime, the state.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::flags::{StateChoice, StateFlags};
use super::{Exit, Globals};
use crate::config::{self, Config, ProxySettings};
use crate::store::sqlite::{Access, SqliteStore};

/// The working directory.
pub(super) fn working_directory() -> anyhow::Result<PathBuf> {
    std::env::current_dir()
        .context("cannot tell the working directory: it may have been deleted; go to another one")
}

/// The configuration that the flags name, or the one found upwards from the working directory, or the defaults.
pub(super) fn load_config(globals: &Globals, cwd: &std::path::Path) -> anyhow::Result<Config> {
    Ok(config::load(globals.config.as_deref(), cwd)?)
}

/// The runtime that drives sockets and the store.
pub(super) fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start threads for the network")
}

/// Says once that proxies which the environment names are not used; their values may hold passwords and are not shown.
pub(super) fn mention_unused_proxies(config: &Config) {
    if config.visit.proxy != ProxySettings::None {
        return;
    }
    let mut set: Vec<String> = std::env::vars_os()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| {
            ["http_proxy", "https_proxy", "all_proxy"].iter().any(|known| name.eq_ignore_ascii_case(known))
        })
        .collect();
    set.sort_unstable();
    if !set.is_empty() {
        tracing::warn!("not used: {}; --proxy env (or `proxy = \"env\"`) takes them", set.join(", "));
    }
}

/// Opens an existing state for reading, beside whatever else works on it.
pub(super) fn open_to_read(
    globals: &Globals,
    flags: &StateFlags,
) -> anyhow::Result<(Runtime, SqliteStore, Arc<Config>)> {
    let cwd = working_directory()?;
    let mut config = load_config(globals, &cwd)?;
    let StateChoice::Kept(path) = flags.apply(&mut config, &cwd)? else {
        bail!(
            "no state to read: there is no {} here or above; name a state with --state FILE, or write a configuration with `linkdrift init`",
            config::FILE_NAME
        );
    };
    let state = SqliteStore::open(&path, Access::Read)?;
    Ok((runtime()?, state, Arc::new(config)))
}

/// Cancels on the first Ctrl-C or SIGTERM; a second one ends the process at once.
pub(super) fn cancel_on_signal(runtime: &Runtime) -> anyhow::Result<CancellationToken> {
    let cancel = CancellationToken::new();
    let (asked, _guard) = (cancel.clone(), runtime.enter());
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("cannot listen for SIGTERM")?;
    runtime.spawn(async move {
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            if asked.is_cancelled() {
                std::process::exit(Exit::Interrupted.code().into());
            }
            tracing::warn!("stopping: what was visited is kept; once more stops at once");
            asked.cancel();
        }
    });
    Ok(cancel)
}
