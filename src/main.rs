//! The program: parse, build, run, return an exit code.

use std::process::ExitCode;

use clap::Parser;
use linkdrift::cli::{self, Cli, Exit};
use tikv_jemallocator::Jemalloc;

/// Of a run over a million targets it holds a third less than the C library's (benches/compare/README.md), also for SQLite and zstd.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    cli::heed_colour_force();
    cli::take_descriptors();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Failure } else { Exit::Success }.into();
        }
    };
    let log_format = cli.log_format();
    match cli::run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            cli::say_why(log_format, &error);
            Exit::of_error(&error).into()
        }
    }
}
