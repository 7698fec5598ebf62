//! `measures`: how well the desk does, shown and exported; and whether what is reckoned is what the history gives. Works on
//! the database itself, whether a server runs or not.

mod plot;
mod show;
mod table;

pub(super) use self::table::value;

use std::{
    io::{self, Write as _, stdout},
    path::PathBuf,
    process::ExitCode,
};

use super::{
    bar::Bar,
    database::{self, NotOpened},
    failed, is_enough,
    settings::DeskArgs,
};
use crate::{
    config::Config,
    desk::fault::Fault,
    store::{Anew, Store, Unavailable},
};

/// Show how well the desk does, and check the figures
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch measures show
  ticket-dispatch measures show --measure resolve,first_contact --period week --by group
  ticket-dispatch measures show --from 2027-01-01 --to 2027-12-31 --period quarter --format csv > year.csv
  ticket-dispatch measures show --measure resolve,opened --period week --by group --svg weeks.svg
  ticket-dispatch measures backlog --by group,priority
  ticket-dispatch measures verify

Exit codes: 0 done, 1 failed, or figures are not what the history gives, 64 the command line or the\nsettings are wrong.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Figures of measures over time
    Show(show::ShowArgs),
    /// Tickets that are open now, by their age
    Backlog(show::BacklogArgs),
    /// Reckon all figures anew from the history
    ///
    /// What is in use stays until the new figures take its place in one step. A server may run meanwhile.
    Recompute,
    /// Fold the history anew and name the figures that are not what it gives
    Verify,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error(transparent)]
    Desk(#[from] Fault),
    #[error("another `measures recompute` began after this one and takes its place")]
    Overtaken,
    #[error("the picture cannot be written to {}: {source}", path.display())]
    Draw {
        /// Where to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
    #[error("the result cannot be written: {0}")]
    Csv(#[from] csv::Error),
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run(args.desk.over(before), |config| async move {
        match act(&config, args.action).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(failure) => failed(failure),
        }
    })
}

/// Whether all is in order.
async fn act(config: &Config, action: Action) -> Result<bool, Failure> {
    let store = database::open_existing(config).await?;
    match action {
        Action::Show(args) => {
            up_to_date(&store).await?;
            show::show(config, &store, &args).await.map(|()| true)
        }
        Action::Backlog(args) => {
            up_to_date(&store).await?;
            show::backlog(config, &store, &args).await.map(|()| true)
        }
        Action::Recompute => recompute(&store).await.map(|()| true),
        Action::Verify => verify(&store).await,
    }
}

/// Reckons what no server has reckoned yet.
async fn up_to_date(store: &Store) -> Result<(), Failure> {
    while store.reckon().await? {}
    Ok(())
}

async fn recompute(store: &Store) -> Result<(), Failure> {
    let bar = Bar::new();
    let count = store.reckon_anew(&mut |it| step(&bar, it)).await?;
    bar.clear();
    let count = count.ok_or(Failure::Overtaken)?;
    up_to_date(store).await?;
    writeln!(stdout(), "All figures are reckoned anew, from {count} tickets and conversations.")?;
    Ok(())
}

async fn verify(store: &Store) -> Result<bool, Failure> {
    let bar = Bar::new();
    let (compared, found) = store.verify_measures(&mut |it| step(&bar, it)).await?;
    bar.clear();
    for it in &found {
        writeln!(stdout(), "{}: {}", it.tenant, it.what)?;
    }
    let end = match found.len() {
        0 => "all are what the history gives".to_owned(),
        some => format!("{some} are not what the history gives; `measures recompute` sets them right"),
    };
    writeln!(stdout(), "{compared} compared: {end}.")?;
    Ok(found.is_empty())
}

fn step(bar: &Bar, it: Anew) {
    match it {
        Anew::Reading(done, of) => bar.step("reading events", done, of),
        Anew::Writing(done, of) => bar.step("writing figures", done, of),
    }
}
