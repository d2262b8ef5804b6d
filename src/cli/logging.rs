//! Logs go to standard error: a readable sentence and dotted fields.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use super::Globals;

/// Where filters are read from, such as `linkdrift=debug`.
const VARIABLE: &str = "LINKDRIFT_LOG";

/// Starts logging as the flags and `LINKDRIFT_LOG` say. A second call changes nothing.
pub(super) fn start(globals: &Globals, usual: LevelFilter) {
    let level = match (globals.quiet, globals.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => usual,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let filter = EnvFilter::builder()
        .with_env_var(VARIABLE)
        .try_from_env()
        .unwrap_or_else(|_| EnvFilter::new(format!("error,linkdrift={level}")));
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal() && !plain)
        .try_init();
}
