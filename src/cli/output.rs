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
    match write(&mut out).and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        other => other.map_err(on_standard_output),
    }
}

/// The same for text with styles, which are taken out where standard output shows none.
pub(super) fn to_stdout_in_colour(
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    match write(&mut out).and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        other => other.map_err(on_standard_output),
    }
}

/// Says where a bare error of input and output is from; any other says so itself.
pub(super) fn on_standard_output(error: anyhow::Error) -> anyhow::Error {
    let bare = error.is::<io::Error>() || error.is::<serde_json::Error>();
    if bare { error.context("cannot write to standard output") } else { error }
}

/// Writes a file whole or not at all: beside it first, then in its place. A symbolic link in its place is replaced, not followed. What
/// is no file that could be replaced, such as `/dev/stdout` or a pipe, is written to.
pub(super) fn to_file(
    file: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let failed = || format!("cannot write the report {}", file.display());
    if is_device(file) {
        let device = File::options().append(true).open(file).with_context(failed)?;
        let mut out = BufWriter::new(device);
        return write(&mut out).and_then(|()| out.flush().context("cannot write")).with_context(failed);
    }
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

/// Whether a path stands for a device, a pipe, or an open file of a process. Links to these (`/dev/stdout`) lie where devices do; a
/// link that lies elsewhere is somebody's own.
fn is_device(file: &Path) -> bool {
    let among_devices = folder_of(file)
        .canonicalize()
        .is_ok_and(|folder| ["/dev", "/proc"].iter().any(|devices| folder.starts_with(devices)))
        && !file.starts_with("/dev/shm");
    let special = file.symlink_metadata().is_ok_and(|metadata| {
        let kind = metadata.file_type();
        !kind.is_file() && !kind.is_dir() && !kind.is_symlink()
    });
    special || among_devices
}

/// Refuses to write a report over the state or one of the files beside it.
pub(super) fn spare_the_state<F>(files: &[OutputFile<F>], state: &Path) -> anyhow::Result<()> {
    let there = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let state = there(state).unwrap_or_else(|_| state.to_owned());
    let of_the_state = |file: &Path| {
        let Ok(file) = there(file) else { return false };
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let (Some(name), Some(own)) = (name(&file), name(&state)) else { return false };
        let beside = name.strip_prefix(&own);
        file.parent() == state.parent()
            && beside.is_some_and(|end| ["", "-wal", "-shm", ".lock", ".turn"].contains(&end))
    };
    match files.iter().find(|output| of_the_state(&output.file)) {
        Some(output) => {
            anyhow::bail!("--output {}: that is the state; name another file", output.file.display())
        }
        None => Ok(()),
    }
}

/// Whether [`to_file`] could write there now, so that a wrong path is known before anything else is done.
pub(super) fn check_writable(file: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot write the report {}", file.display());
    if file.is_dir() {
        bail!("{}: it is a folder", failed());
    }
    if is_device(file) {
        return Ok(());
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

/// Whether the reader of standard output went away. `serde_json` keeps the cause to itself.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let plain = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let wrapped = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        plain.or(wrapped) == Some(io::ErrorKind::BrokenPipe)
    })
}
