//! Logs go to standard error: a readable sentence and dotted fields; for the journal with priorities, for machines as JSON.

use std::fmt;
use std::fs::File;
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use clap::ValueEnum;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::Globals;

/// Where filters are read from, such as `linkdrift=debug`.
const VARIABLE: &str = "LINKDRIFT_LOG";

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Time, level, sentence and fields
    Text,
    /// Priority, sentence and fields: the journal knows the time (sd-daemon(3))
    Journald,
    /// One JSON object a line; its fields are documented and stable
    Json,
}

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
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let _ = match format(globals) {
        Format::Text => logs.with_ansi(std::io::stderr().is_terminal() && !plain).try_init(),
        Format::Journald => logs.with_ansi(false).event_format(Journal).try_init(),
        Format::Json => {
            logs.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
        }
    };
}

/// How logs are written, as the flags and where standard error goes say.
pub(super) fn format(globals: &Globals) -> Format {
    globals.log_format.unwrap_or_else(usual_format)
}

/// `journald` where standard error is the very stream that `JOURNAL_STREAM` names (systemd.exec(5)): a child whose standard error was
/// led elsewhere inherits the variable all the same.
fn usual_format() -> Format {
    let is_journal = || {
        let stream = std::env::var("JOURNAL_STREAM").ok()?;
        let (device, inode) = stream.split_once(':')?;
        let file = File::from(std::io::stderr().as_fd().try_clone_to_owned().ok()?);
        let metadata = file.metadata().ok()?;
        Some(device.parse() == Ok(metadata.dev()) && inode.parse() == Ok(metadata.ino()))
    };
    if is_journal() == Some(true) { Format::Journald } else { Format::Text }
}

/// Lines as the journal takes them: each begins with its priority, also where one event has several.
struct Journal;

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        let mut text = FormattedFields::<N>::new(String::new());
        context.format_fields(text.as_writer(), event)?;
        text.fields.lines().try_for_each(|line| writeln!(writer, "<{priority}>{line}"))
    }
}
