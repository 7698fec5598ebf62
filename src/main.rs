//! The command line; see `commands`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ticket_dispatch::commands::run()
}
