//! `changes`: the calendar of changes, one of them, and what stands against it. Works on the database itself, and changes
//! nothing.

mod show;

use std::{process::ExitCode, sync::Arc};

use super::{
    database::{self, Failure, tenant},
    settings::DeskArgs,
};
use crate::{
    config::Config,
    desk::{assets::Register, changes::Changes},
    domain::{lookup::TicketRef, people::Tenant, time::Timestamp},
    store::Store,
};

/// List changes by when they are carried out, show one, and say what stands against it
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch changes list --from 2026-12-01 --to 2027-01-01
  ticket-dispatch changes list --calendar
  ticket-dispatch changes show CHG-000001
  ticket-dispatch changes check CHG-000001

Exit codes: 0 done, 1 failed, or there is no such change, 64 the command line or the settings are wrong.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List changes whose windows meet a span, the earliest first
    List(ListArgs),
    /// Show one change
    Show(OneArgs),
    /// Say what is missing of a change, how risky it is, what stands against its window, and when next it could be
    Check(OneArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// From this time or day on [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Timestamp>,
    /// Before this time or day [default: 31 days later]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to: Option<Timestamp>,
    /// Day by day in place of a table
    #[arg(long, conflicts_with = "json")]
    calendar: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Whose changes [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
struct OneArgs {
    /// Its number or id
    #[arg(value_name = "CHANGE", value_parser = change)]
    change: TicketRef,
    /// As a JSON object
    #[arg(long)]
    json: bool,
    /// Whose change [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run_or_tell(args.desk.over(before), |config| async move { act(&config, args.action).await })
}

async fn act(config: &Config, action: Action) -> Result<(), Failure> {
    match action {
        Action::List(args) => show::list(&changes(config, args.tenant.as_ref()).await?, &args).await,
        Action::Show(args) => show::show(&changes(config, args.tenant.as_ref()).await?, &args).await,
        Action::Check(args) => show::check(&changes(config, args.tenant.as_ref()).await?, &args).await,
    }
}

/// The changes of a tenant, with the rules that its catalogue has.
async fn changes(config: &Config, tenant: Option<&Tenant>) -> Result<Changes, Failure> {
    let store: Store = database::open_existing(config).await?;
    let tenant = tenant.unwrap_or(&config.tenant).clone();
    let catalog = Arc::new(database::catalog(config, &store, &tenant).await?);
    let actor = "changes command".to_owned();
    let register = Register::new(store.clone(), Arc::clone(&catalog), tenant.clone(), actor);
    Ok(Changes::new(store, catalog, tenant, register))
}

fn change(raw: &str) -> Result<TicketRef, String> {
    TicketRef::parse(raw).ok_or_else(|| "expected a number like CHG-000001 or an id like tkt_…".to_owned())
}

/// A time, or the beginning of a day in UTC.
fn moment(raw: &str) -> Result<Timestamp, String> {
    let day = || Timestamp::parse(&format!("{raw}T00:00:00Z"));
    Timestamp::parse(raw)
        .or_else(day)
        .ok_or_else(|| "expected a day like 2026-12-20 or a time like 2026-12-20T18:00Z".to_owned())
}
