//! `people`: the directory of people, from files and into files. Works on the database itself; a running server sees
//! the change at once.

mod import;
mod rows;
mod show;

use std::{io, path::PathBuf, process::ExitCode};

use super::{
    USAGE, complain,
    database::{self, NoCatalog, NotOpened, tenant},
    failed, is_enough,
    settings::DeskArgs,
};
use crate::{
    config::Config,
    desk::{fault::Fault, people::Directory, table::RowFault},
    domain::people::Tenant,
    store::Store,
};

/// Import, list, show and export the directory of people
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch people import staff.csv --dry-run
  ticket-dispatch people import staff.csv --leavers
  ticket-dispatch people list --department Sales
  ticket-dispatch people show ada@example.com --json
  ticket-dispatch people export > staff.csv

Exit codes: 0 done, 1 failed, or something is wrong with the file, 64 the command line or the settings are wrong.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Enter the people of a CSV file, and change those who are there
    ///
    /// The first line names the columns: user_name (or e-mail), display_name, given_name, family_name, email, phone,
    /// title, department, location, cost_centre, employee_number, manager, language, time_zone, vip, active, assets,
    /// issuer, subject, external_id; many other names for them are known, such as "E-Mail" or "Abteilung". What there is
    /// no column for stays as it is. Commas, semicolons or tabs separate. If anything is wrong, all of it is told, and
    /// nothing is written.
    Import(import::Args),
    /// List people
    List(show::ListArgs),
    /// Show one entry, and what happened to it
    Show(show::ShowArgs),
    /// Write all entries as CSV, in a form that `people import` reads
    Export(show::ExportArgs),
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Catalog(#[from] NoCatalog),
    #[error("{}", database::faulty(path, faults))]
    Faulty { path: PathBuf, faults: Vec<RowFault> },
    #[error("{0}")]
    Refused(String),
    #[error("no entry `{0}` in the directory; `ticket-dispatch people list` shows them")]
    Nobody(String),
    #[error(transparent)]
    Desk(#[from] Fault),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run(args.desk.over(before), |config| async move {
        match act(&config, args.action).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(Failure::Nobody(who)) => {
                complain(Failure::Nobody(who));
                ExitCode::from(USAGE)
            }
            Err(failure) => failed(failure),
        }
    })
}

async fn act(config: &Config, action: Action) -> Result<(), Failure> {
    match action {
        Action::Import(args) => import::run(config, &args).await,
        Action::List(args) => show::list(config, &args).await,
        Action::Show(args) => show::show(config, &args).await,
        Action::Export(args) => show::export(config, &args).await,
    }
}

/// The directory of a tenant, as its catalogue uses it.
async fn directory(config: &Config, store: &Store, tenant: Option<&Tenant>) -> Result<Directory, Failure> {
    let tenant = tenant.unwrap_or(&config.tenant).clone();
    let catalog = database::catalog(config, store, &tenant).await?;
    Ok(Directory::new(store.clone(), catalog.into(), tenant, "people import".to_owned()))
}
