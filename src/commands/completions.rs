//! `completions`: what a shell needs to complete our command line.

use std::{io::stdout, process::ExitCode};

use clap_complete::{Shell, generate};

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
    generate(args.shell, &mut command, "ticket-dispatch", &mut stdout());
    ExitCode::SUCCESS
}
