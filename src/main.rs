//! The command line; see `commands`.

use std::process::ExitCode;

/// Most of a call's work is short-lived strings, made in one thread and often dropped in another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ticket_dispatch::commands::run()
}
