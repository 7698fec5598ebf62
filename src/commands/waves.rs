//! `waves`: incident waves, listed, shown and decided about. Works on the database itself; a running server sees the change
//! within a second.

mod show;

use std::{io, io::Write as _, process::ExitCode};

use super::{
    database::{self, Failure, tenant},
    settings::DeskArgs,
};
use crate::{
    clock,
    config::Config,
    desk::{people::Asked, waves::Waves},
    domain::{
        lookup::{TicketRef, WaveRef},
        people::Tenant,
        wave::Wave,
    },
    store::Store,
};

/// List incident waves and decide about them
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch waves list --state candidate
  ticket-dispatch waves show WAV-000001
  ticket-dispatch waves accept WAV-000001 --parent INC-000123
  ticket-dispatch waves dismiss WAV-000001 --reason 'a drill'

Exit codes: 0 done, 1 failed or refused, 64 the command line or the settings are wrong.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List waves, the newest first
    List(show::ListArgs),
    /// Show one wave
    Show(show::ShowArgs),
    /// Make a candidate a major incident: one of its tickets becomes the parent of the others
    ///
    /// Later callers who say the same are asked whether they want to be added to it. They are told its subject, so look at
    /// that first. While no server runs, the others become part of it when one starts.
    Accept(AcceptArgs),
    /// Say that a candidate is no wave
    Dismiss(EndArgs),
    /// End a wave: callers are not asked about it any more
    Close(EndArgs),
}

#[derive(Debug, clap::Args)]
struct AcceptArgs {
    /// Its number or id
    #[arg(value_name = "WAVE", value_parser = wave)]
    wave: WaveRef,
    /// The open incident that becomes the parent [default: the oldest one of the wave]
    #[arg(long, value_name = "TICKET", value_parser = ticket)]
    parent: Option<TicketRef>,
    /// Whose wave [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
struct EndArgs {
    /// Its number or id
    #[arg(value_name = "WAVE", value_parser = wave)]
    wave: WaveRef,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Whose wave [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run_or_tell(args.desk.over(before), |config| async move { act(&config, args.action).await })
}

async fn act(config: &Config, action: Action) -> Result<(), Failure> {
    match action {
        Action::List(args) => show::list(config, &args).await,
        Action::Show(args) => show::show(config, &args).await,
        Action::Accept(args) => {
            let (store, waves) = waves(config, args.tenant.as_ref()).await?;
            let request = clock::new_id();
            let accepting = waves.accept(asked(&request), &args.wave, args.parent.as_ref(), None);
            decided(&database::writing(&store, accepting).await?)
        }
        Action::Dismiss(args) => {
            let (store, waves) = waves(config, args.tenant.as_ref()).await?;
            let request = clock::new_id();
            let dismissing = waves.dismiss(asked(&request), &args.wave, args.reason, None);
            decided(&database::writing(&store, dismissing).await?)
        }
        Action::Close(args) => {
            let (store, waves) = waves(config, args.tenant.as_ref()).await?;
            let request = clock::new_id();
            let closing = waves.close(asked(&request), &args.wave, args.reason, None);
            decided(&database::writing(&store, closing).await?)
        }
    }
}

/// The waves of a tenant, and the database that they are in.
async fn waves(config: &Config, tenant: Option<&Tenant>) -> Result<(Store, Waves), Failure> {
    let store = database::open_existing(config).await?;
    let tenant = tenant.unwrap_or(&config.tenant).clone();
    Ok((store.clone(), Waves::new(store, tenant, "waves command".to_owned())))
}

fn asked(request: &str) -> Asked<'_> {
    Asked { request, content: &[] }
}

fn decided(wave: &Wave) -> Result<(), Failure> {
    let parent =
        wave.parent.as_ref().map_or_else(String::new, |it| format!(" with {} as its parent", it.number));
    writeln!(io::stdout(), "{} is {}{parent}.", wave.number, wave.state.as_str())?;
    if let (Some(parent), true) = (&wave.parent, wave.state.is_accepted()) {
        writeln!(io::stdout(), "Callers are told its subject: {}", parent.subject)?;
    }
    Ok(())
}

fn wave(raw: &str) -> Result<WaveRef, String> {
    WaveRef::parse(raw).ok_or_else(|| "expected a number like WAV-000001 or an id like wav_…".to_owned())
}

fn ticket(raw: &str) -> Result<TicketRef, String> {
    TicketRef::parse(raw).ok_or_else(|| "expected a number like INC-000123 or an id like tkt_…".to_owned())
}
