//! `linkdrift completions` and `linkdrift man`: made from the same definitions that parse the command line.

use std::io::{self, Write};

use anyhow::Context;
use clap::CommandFactory;

use super::{Cli, Exit};

/// Flags of `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// Prints a completion script.
pub(super) fn completions(args: &CompletionArgs) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "linkdrift", &mut script);
    print(&script)
}

/// Prints the manual page, one section per subcommand.
pub(super) fn man() -> anyhow::Result<Exit> {
    let mut page = Vec::new();
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(&mut page).context("cannot make the manual page")?;
    for subcommand in command.get_subcommands() {
        let mut of = clap_mangen::Man::new(subcommand.clone());
        of = of.title(format!("linkdrift {}", subcommand.get_name()));
        of.render_name_section(&mut page).context("cannot make the manual page")?;
        of.render_options_section(&mut page).context("cannot make the manual page")?;
    }
    print(&page)
}

/// Writes to standard output; a reader that went away is no error.
fn print(bytes: &[u8]) -> anyhow::Result<Exit> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(Exit::Success),
    }
}
