//! `dead-letters`: events that a sink could not take, and another try for them. Works on the database
//! itself; a running server takes up what is replayed by itself.

use std::{
    io::{self, Write, stderr, stdout},
    process::ExitCode,
};

use serde_json::json;

use super::{
    database::{self, NotOpened},
    failed, is_enough,
    settings::DeskArgs,
};
use crate::{
    config::Config,
    store::{Outcome, Receipt, Store, Unavailable},
    stream::dead_letters::replay,
};

/// Dead letters looked at in one go.
const MOST: u32 = 100_000;

/// List and replay events that a sink could not take
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch dead-letters list
  ticket-dispatch dead-letters list --sink rt --json
  ticket-dispatch dead-letters replay --sink rt
  ticket-dispatch dead-letters replay --ticket tkt_0198f0c2a7b17cc3a5d15e7c0a9f4d11")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show them, the oldest first
    List {
        #[command(flatten)]
        which: Which,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Send them on their way again, each ticket's in order
    Replay {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Only those of this sink
    #[arg(long, value_name = "NAME")]
    sink: Option<String>,
    /// Only those of this ticket, by its id
    #[arg(long, value_name = "ID")]
    ticket: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run(args.desk.over(before), |config| async move {
        match act(&config, &args.action).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(failure) => failed(failure),
        }
    })
}

async fn act(config: &Config, action: &Action) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    match action {
        Action::List { which, json } => list(&found(&store, which).await?, *json),
        Action::Replay { which } => {
            let count = replay(&store, &found(&store, which).await?).await?;
            writeln!(stdout(), "Replayed {count}; the server delivers them within a second.")?;
            Ok(())
        }
    }
}

async fn found(store: &Store, which: &Which) -> Result<Vec<Receipt>, Unavailable> {
    let mut parked = store.parked(which.sink.as_deref(), MOST).await?;
    parked.retain(|it| which.ticket.as_ref().is_none_or(|ticket| it.ticket == *ticket));
    Ok(parked)
}

fn list(parked: &[Receipt], as_json: bool) -> Result<(), Failure> {
    let mut out = stdout().lock();
    if parked.is_empty() {
        writeln!(stderr(), "There are no dead letters.")?;
        return Ok(());
    }
    if !as_json {
        writeln!(out, "{:12}  {:10}  {:36}  {:20}  WHY", "SINK", "POSITION", "TICKET", "SINCE")?;
    }
    for it in parked {
        let place = format!("{}:{}", it.partition, it.position);
        let (since, why) = (it.at.rfc3339(), why(it));
        if as_json {
            let line = json!({
                "sink": it.sink, "partition": it.partition, "position": it.position,
                "ticket": it.ticket, "since": since, "why": why,
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{:12}  {place:10}  {:36}  {since:20}  {why}", it.sink, it.ticket)?;
        }
    }
    Ok(())
}

fn why(receipt: &Receipt) -> &str {
    match &receipt.outcome {
        Outcome::Parked { why } => why,
        Outcome::Delivered { .. } | Outcome::Skipped => "",
    }
}
