//! `token`: API tokens for bots, programs and people. Works on the database itself, so it needs no
//! running server, and one that runs sees the change within seconds.

use std::{
    io::{self, IsTerminal as _, Write, stderr, stdout},
    process::ExitCode,
};

use sha2::{Digest as _, Sha256};

use super::{
    USAGE, complain,
    database::{self, NotOpened},
    failed, is_enough,
    settings::DeskArgs,
};
use crate::{
    clock,
    config::Config,
    domain::people::{Role, Tenant},
    store::{Store, Token, Unavailable},
};

/// Goes in front of every secret, so that scanners of code and logs know one when they see it.
const PREFIX: &str = "dsp_";

/// Make, list and revoke API tokens
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch token create --subject my-bot --role bot
  TOKEN=$(ticket-dispatch token create --subject ci --role service --role agent)
  ticket-dispatch token list
  ticket-dispatch token revoke 0198f0c2a7b17cc3a5d15e7c0a9f4d11")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a token and print its secret, once
    Create {
        /// Who holds it, for the history of tickets
        #[arg(long, value_name = "NAME", value_parser = subject)]
        subject: String,
        /// What its holder may do; may be given several times
        #[arg(long = "role", required = true, value_name = "ROLE", value_parser = role())]
        roles: Vec<String>,
        /// Whose desk it opens [default: the tenant of the settings]
        #[arg(long, value_parser = tenant)]
        tenant: Option<Tenant>,
    },
    /// List the tokens of a tenant; their secrets are not kept anywhere
    List {
        /// Whose [default: the tenant of the settings]
        #[arg(long, value_parser = tenant)]
        tenant: Option<Tenant>,
    },
    /// Revoke a token for good
    Revoke {
        /// As `token list` shows it
        id: String,
        /// Whose [default: the tenant of the settings]
        #[arg(long, value_parser = tenant)]
        tenant: Option<Tenant>,
    },
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error("there is no token `{0}` that could be revoked; `ticket-dispatch token list` shows them")]
    NoSuchToken(String),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run(args.desk.over(before), |config| async move {
        match act(&config, args.action).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(Failure::NoSuchToken(id)) => {
                complain(Failure::NoSuchToken(id));
                ExitCode::from(USAGE)
            }
            Err(failure) => failed(failure),
        }
    })
}

async fn act(config: &Config, action: Action) -> Result<(), Failure> {
    let store = match action {
        Action::Create { .. } => database::open(config).await?,
        Action::List { .. } | Action::Revoke { .. } => database::open_existing(config).await?,
    };
    let or_default = |tenant: Option<Tenant>| tenant.unwrap_or_else(|| config.tenant.clone());
    match action {
        Action::Create { subject, roles, tenant } => {
            create(&store, or_default(tenant), subject, &roles).await
        }
        Action::List { tenant } => list(&store, &or_default(tenant)).await,
        Action::Revoke { id, tenant } => revoke(&store, &or_default(tenant), id).await,
    }
}

async fn create(store: &Store, tenant: Tenant, subject: String, roles: &[String]) -> Result<(), Failure> {
    let secret = format!("{PREFIX}{}", clock::secret());
    let mut roles: Vec<Role> = roles.iter().filter_map(|it| Role::parse(it)).collect();
    roles.sort_unstable();
    roles.dedup();
    let token = Token {
        id: clock::new_id(),
        tenant,
        subject,
        roles,
        hash: Sha256::digest(secret.as_bytes()).into(),
        created: clock::now(),
        revoked: None,
    };
    store.add_token(&token).await?;
    let Token { id, tenant, subject, .. } = &token;
    writeln!(stderr(), "Token {id} for {subject} ({}), tenant {tenant}.", words(&token.roles))?;
    writeln!(stderr(), "This is its secret; it is kept nowhere, so note it now:")?;
    writeln!(stdout(), "{secret}")?;
    // Where the secret goes into a variable, a hint with it would only spread it.
    if stdout().is_terminal() {
        writeln!(stderr(), "Calls bring it as `authorization: Bearer {PREFIX}…`, `chat` as DISPATCH_TOKEN.")?;
    }
    Ok(())
}

async fn list(store: &Store, tenant: &Tenant) -> Result<(), Failure> {
    let tokens = store.tokens(tenant).await?;
    let mut out = stdout().lock();
    if tokens.is_empty() {
        writeln!(stderr(), "Tenant {tenant} has no tokens.")?;
        return Ok(());
    }
    writeln!(out, "{:32}  {:20}  {:20}  {:20}  REVOKED", "ID", "SUBJECT", "ROLES", "CREATED")?;
    for it in tokens {
        let revoked = it.revoked.map_or_else(|| "-".to_owned(), |at| at.rfc3339());
        let (roles, created) = (words(&it.roles), it.created.rfc3339());
        writeln!(out, "{:32}  {:20}  {roles:20}  {created:20}  {revoked}", it.id, it.subject)?;
    }
    Ok(())
}

async fn revoke(store: &Store, tenant: &Tenant, id: String) -> Result<(), Failure> {
    if !store.revoke_token(tenant, &id, clock::now()).await? {
        return Err(Failure::NoSuchToken(id));
    }
    writeln!(stdout(), "Revoked {id}; a running server refuses it within seconds.")?;
    Ok(())
}

fn words(roles: &[Role]) -> String {
    roles.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(",")
}

fn role() -> clap::builder::PossibleValuesParser {
    Role::ALL.map(Role::as_str).into()
}

fn tenant(raw: &str) -> Result<Tenant, String> {
    let wrong = || "expected 1 to 32 lower-case letters, digits and hyphens".to_owned();
    Tenant::parse(raw).ok_or_else(wrong)
}

fn subject(raw: &str) -> Result<String, String> {
    let subject = raw.trim();
    let fine = (1..=128).contains(&subject.chars().count()) && !subject.chars().any(char::is_control);
    fine.then(|| subject.to_owned()).ok_or_else(|| "expected 1 to 128 characters on one line".to_owned())
}
