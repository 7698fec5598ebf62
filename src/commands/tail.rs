//! `tail`: events as they come, a line each, from Redis or from the database.

mod line;

use std::{
    io::{self, IsTerminal as _, Write, stdout},
    process::ExitCode,
};

use self::line::Line;
use super::{
    database::{self, NotOpened},
    failed, is_enough,
    paint::Paint,
    settings::DeskArgs,
};
use crate::{
    config::Config,
    proto::v1,
    store::Store,
    stream::{
        RelaySettings,
        follow::{Follow, From, Lost},
    },
};

/// Show events as they come
///
/// From the Redis of the settings if there is one, else from the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch tail                                    what happens from now on
  ticket-dispatch tail --from 0                           all that happened, and what comes
  ticket-dispatch tail --redis redis://127.0.0.1:6379     from this Redis
  ticket-dispatch tail --json | jq .ticketOpened.ticket.number")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    /// Redis to read, such as redis://127.0.0.1:6379 [default: that of the settings]
    #[arg(long, value_name = "URL", conflicts_with = "store")]
    redis: Option<String>,
    /// Database to read, such as sqlite:data/desk.db [default: that of the settings]
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Begin behind this position of every partition; 0 shows everything [default: only what comes]
    #[arg(long, value_name = "POSITION")]
    from: Option<u64>,
    /// One JSON object a line: the event as the contract has it
    #[arg(long)]
    json: bool,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Lost(#[from] Lost),
    #[error("the events cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Runs the command.
pub(super) fn run(args: &Args, before: DeskArgs) -> ExitCode {
    database::run(args.desk.clone().over(before), |config| async move {
        match tail(&config, args).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(failure) => failed(failure),
        }
    })
}

async fn tail(config: &Config, args: &Args) -> Result<(), Failure> {
    let mut events = follow(config, args).await?;
    let paint = Paint::of(&stdout());
    let mut line = Line::new(paint);
    if stdout().is_terminal() && args.from.is_none() && !args.json {
        writeln!(stdout(), "Waiting for events; Ctrl-C ends.")?;
    }
    loop {
        let came = tokio::select! {
            came = events.next() => came?,
            _signal = tokio::signal::ctrl_c() => return Ok(()),
        };
        let mut out = stdout().lock();
        for event in &came {
            let text = if args.json { json(event) } else { line.of(event) };
            writeln!(out, "{text}")?;
        }
        out.flush()?;
    }
}

async fn follow(config: &Config, args: &Args) -> Result<Follow, Failure> {
    let from = args.from.map_or(From::Now, From::Position);
    let set = config.redis.as_ref().filter(|_| args.store.is_none()).map(|it| &it.url);
    let redis = args.redis.as_ref().or(set);
    if let Some(url) = redis {
        return Ok(Follow::streams(&RelaySettings::at(url), from).await?);
    }
    let store = match &args.store {
        Some(url) => Store::open(url).await.map_err(NotOpened::Open)?,
        None => database::open_existing(config).await?,
    };
    Ok(Follow::log(store, from).await?)
}

fn json(event: &v1::Event) -> String {
    serde_json::to_string(event).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
}
