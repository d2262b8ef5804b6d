//! Where reports go: one format on standard output, any number of others into files.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::report::Look;

/// One `--output FORMAT=FILE`.
#[derive(Debug, Clone)]
pub(super) struct OutputFile<F> {
    /// The format.
    pub(super) format: F,
    /// The file; replaced in one step once the report is whole.
    pub(super) file: PathBuf,
}

/// Reads `FORMAT=FILE`.
pub(super) fn output_file<F: clap::ValueEnum>(text: &str) -> Result<OutputFile<F>, String> {
    let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE, such as json=report.json")?;
    let known = || {
        let names: Vec<String> = F::value_variants()
            .iter()
            .filter_map(F::to_possible_value)
            .map(|v| v.get_name().to_owned())
            .collect();
        names.join(", ")
    };
    let format =
        F::from_str(format, true).map_err(|_| format!("unknown format '{format}'; one of {}", known()))?;
    if file.is_empty() {
        return Err("the file's name is empty".to_owned());
    }
    Ok(OutputFile { format, file: file.into() })
}

/// `1 target`, `2 targets`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What a file can show.
pub(super) const IN_A_FILE: Look = Look { color: false, width: 110 };

/// `CLICOLOR_FORCE=0` forces nothing (bixense.com/clicolors), while any value does for the library that is asked: then there is colour
/// only where both outputs are terminals.
pub fn heed_colour_force() {
    let off = std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value == "0");
    if off && !(io::stdout().is_terminal() && io::stderr().is_terminal()) {
        anstream::ColorChoice::Never.write_global();
    }
}

/// What standard output can show: `NO_COLOR` and `CLICOLOR_FORCE` are obeyed.
pub(super) fn on_stdout() -> Look {
    let color = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    let width = terminal_size::terminal_size().map_or(110, |(width, _)| usize::from(width.0).clamp(60, 140));
    Look { color, width }
}

/// Writes to standard output. A reader that went away (`| head`) is no error.
pub(super) fn to_stdout(
    write: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(64 << 10, io::stdout());
    let written = write(&mut out).and_then(|()| out.flush().context("cannot write to standard output"));
    match written {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        other => other,
    }
}

/// Writes a file whole or not at all: beside it first, then in its place. A symbolic link in its place is replaced, not followed.
pub(super) fn to_file(
    file: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let failed = || format!("cannot write the report {}", file.display());
    let mut beside =
        tempfile::Builder::new().prefix(".linkdrift-").tempfile_in(folder_of(file)).with_context(failed)?;
    {
        let mut out = BufWriter::new(beside.as_file_mut());
        write(&mut out).and_then(|()| out.flush().context("cannot write")).with_context(failed)?;
    }
    beside.as_file().sync_all().with_context(failed)?;
    readable_by_all(beside.as_file()).with_context(failed)?;
    beside.persist(file).with_context(failed)?;
    Ok(())
}

/// Whether [`to_file`] could write there now, so that a wrong path is known before anything else is done.
pub(super) fn check_writable(file: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot write the report {}", file.display());
    if file.is_dir() {
        bail!("{}: it is a folder", failed());
    }
    tempfile::Builder::new().prefix(".linkdrift-").tempfile_in(folder_of(file)).with_context(failed)?;
    Ok(())
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Temporary files are private; a report is not.
fn readable_by_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

/// Whether the reader of standard output went away.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}
