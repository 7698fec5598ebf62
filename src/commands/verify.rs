//! `verify`: whether the history is as it was written. Each event's hash covers its bytes and the hash
//! before it, so a byte that was changed, added or lost shows, and where.

use std::{
    io::{self, Write as _, stdout},
    process::ExitCode,
};

use super::{
    database::{self, NotOpened},
    failed, is_enough,
    settings::DeskArgs,
};
use crate::{
    config::Config,
    store::{Chain, Unavailable},
};

/// Check that the history is as it was written
///
/// Reads all events of all partitions; a server may run meanwhile.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch verify
  DISPATCH_STORE_URL=postgres://desk@db/desk ticket-dispatch verify

Exit codes: 0 all of it is, 1 some of it is not, or it cannot be read, 64 the settings are wrong.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error(
        "the history of partition {partition} is broken at position {position}: that event, or one at the \
         end, is not as it was written; compare with a backup"
    )]
    Broken { partition: u32, position: u64 },
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run(args.desk.over(before), |config| async move {
        match verify(&config).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(failure) => failed(failure),
        }
    })
}

/// Looks at every partition, and fails with the first break.
async fn verify(config: &Config) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let (mut events, mut first) = (0, None);
    for partition in 0..store.partitions() {
        match store.check_chain(partition).await? {
            Chain::Whole(position) => {
                events += position;
                writeln!(stdout(), "partition {partition:2}: {position} events, whole")?;
            }
            Chain::Broken(position) => {
                first.get_or_insert(Failure::Broken { partition, position });
                writeln!(stdout(), "partition {partition:2}: broken at position {position}")?;
            }
        }
    }
    if let Some(broken) = first {
        return Err(broken);
    }
    writeln!(stdout(), "All {events} events are as they were written.")?;
    Ok(())
}
