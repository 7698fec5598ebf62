//! `assets`: the register of assets, from files and read. Works on the database itself; a running server sees the change
//! at once.

mod import;
mod show;

use std::{io, path::PathBuf, process::ExitCode};

use super::{
    USAGE, complain,
    database::{self, NoCatalog, NotOpened},
    failed, is_enough,
    settings::DeskArgs,
};
use crate::{
    config::Config,
    desk::{assets::Register, fault::Fault, table::RowFault},
    domain::people::Tenant,
    store::Store,
};

/// Import, list and show the register of assets, and say what suffers when assets fail
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch assets import stock.csv --dry-run
  ticket-dispatch assets import stock.csv --remove-missing
  ticket-dispatch assets list --type laptop --owner ada
  ticket-dispatch assets show NB-20417 --json
  ticket-dispatch assets impact SW-001 SW-002 --not-impacted SRV-014

Exit codes: 0 done, 1 failed, or something is wrong with the file, 64 the command line or the settings are wrong, or
there is no such asset.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Bring the register in line with a CSV or JSON file: all of it, or nothing if anything is wrong
    ///
    /// CSV names its columns in the first line; JSON has an object a line, or one list of objects. The columns are tag,
    /// type, name, host, serial, state, owner (user name or e-mail), location, department, criticality, supplier,
    /// ordered, purchased, warranty_until, contract_until, the fields of the asset types in the catalogue by their ids,
    /// runs_on, depends_on, connected_to, part_of and used_by (tags of other assets, separated by semicolons), and
    /// needs.runs_on and so on (so many of them must be up). Many other names for them are known, such as
    /// "Asset Tag" or "Seriennummer". Rows are matched with the register by tag, then by serial number. What there is no
    /// column for stays as it is.
    Import(import::Args),
    /// List assets
    List(show::ListArgs),
    /// Show one asset, and what happened to it
    Show(show::ShowArgs),
    /// Say what suffers when assets fail
    Impact(show::ImpactArgs),
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Catalog(#[from] NoCatalog),
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}", database::faulty(path, faults))]
    Faulty { path: PathBuf, faults: Vec<RowFault> },
    #[error("no asset `{0}` in the register; `ticket-dispatch assets list` shows them")]
    Nothing(String),
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
            Err(Failure::Nothing(which)) => {
                complain(Failure::Nothing(which));
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
        Action::Impact(args) => show::impact(config, &args).await,
    }
}

/// The register of a tenant, with the types that its catalogue has.
async fn register(config: &Config, store: &Store, tenant: Option<&Tenant>) -> Result<Register, Failure> {
    let tenant = tenant.unwrap_or(&config.tenant).clone();
    let catalog = database::catalog(config, store, &tenant).await?;
    Ok(Register::new(store.clone(), catalog.into(), tenant, "assets import".to_owned()))
}
