//! `completions`: what a shell needs to complete our command line.

use std::{
    io::{self, Write as _, stdout},
    process::ExitCode,
};

use clap_complete::{Shell, generate};

use super::failed;

/// Print a script that completes this command line in a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  ticket-dispatch completions bash > /etc/bash_completion.d/ticket-dispatch")]
pub struct Args {
    /// Which shell
    shell: Shell,
}

/// Runs the command.
pub fn run(args: &Args, mut command: clap::Command) -> ExitCode {
    let mut script = Vec::new();
    generate(args.shell, &mut command, "ticket-dispatch", &mut script);
    match stdout().write_all(&script) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads us has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => failed(format_args!("the script cannot be printed: {error}")),
    }
}
