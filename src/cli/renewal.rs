//! The service started anew in its own place. What a large run needed is free afterwards, but strewn over the pages of the heap, which
//! therefore never go back to the system; a fresh image of the program has none of that. Process, arguments, socket and signals that
//! wait stay the same.

use std::convert::Infallible;
use std::env;
use std::ffi::{CString, OsString};
use std::io;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use nix::unistd::execve;
use rustix::io::{FdFlags, fcntl_setfd};

/// What names the socket that is handed over (sd_listen_fds(3); LISTEN_FDS_FIRST_FD is listenfd's).
const SOCKET: [&str; 3] = ["LISTEN_FDS", "LISTEN_FDS_FIRST_FD", "LISTEN_PID"];

/// The program, where its file is still there: an upgrade may have taken it away.
pub(super) fn program() -> Option<PathBuf> {
    env::current_exe().ok().filter(|path| path.is_file())
}

/// Executes the program in place of this one; comes back only where that failed.
pub(super) fn start_anew(program: PathBuf, socket: Option<&TcpListener>) -> io::Error {
    match execute(program, socket) {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

fn execute(program: PathBuf, socket: Option<&TcpListener>) -> io::Result<Infallible> {
    let mut variables: Vec<(OsString, OsString)> =
        env::vars_os().filter(|(name, _)| !SOCKET.iter().any(|known| name == known)).collect();
    if let Some(socket) = socket {
        fcntl_setfd(socket, FdFlags::empty())?;
        let values = ["1".to_owned(), socket.as_raw_fd().to_string(), std::process::id().to_string()];
        variables.extend(SOCKET.iter().map(OsString::from).zip(values.map(OsString::from)));
    }
    let variables = variables.into_iter().map(|(mut variable, value)| {
        variable.push("=");
        variable.push(value);
        c_string(variable)
    });
    let variables = variables.collect::<io::Result<Vec<_>>>()?;
    let arguments = env::args_os().map(c_string).collect::<io::Result<Vec<_>>>()?;
    Ok(execve(&c_string(program.into_os_string())?, &arguments, &variables)?)
}

fn c_string(text: OsString) -> io::Result<CString> {
    Ok(CString::new(text.into_vec())?)
}
