//! `models`: the versions of the text model. Works on the data folder of a server that does not run, or
//! through one that does.

mod place;
mod show;

use std::{
    io::{self, Write as _, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
};

use self::place::Place;
use super::{complain, database, failed, is_enough, settings::DeskArgs};
use crate::{
    app::{Folder, StartError},
    client,
    config::Config,
    desk::{fault::Fault, models::Models},
    domain::people::Tenant,
    model::{
        artifact::{ArtifactError, file},
        registry::{self, error::RegistryError},
    },
    proto::v1,
};

/// List, promote, roll back and try versions of the text model
///
/// Works on the data folder, where no server may run meanwhile; with --connect through one that runs. Only `import`
/// always works on the folder, whether a server runs or not, and takes no --connect.
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch models import model                       what `train --output model` has made
  ticket-dispatch models list --connect 127.0.0.1:7400
  ticket-dispatch models promote 93db324c5536c888
  ticket-dispatch models roll-back --connect 127.0.0.1:7400
  ticket-dispatch models shadow 93db324c5536c888 --percent 50 --connect 127.0.0.1:7400
  ticket-dispatch models shadow --connect 127.0.0.1:7400    how it compares")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    /// Address of a running server, such as http://127.0.0.1:7400
    #[arg(long, value_name = "URL")]
    connect: Option<String>,
    /// API token for the server [env: DISPATCH_TOKEN]
    #[arg(long, requires = "connect")]
    token: Option<String>,
    /// Whose models; a token says that by itself [default: the tenant of the settings]
    #[arg(long, value_parser = tenant, conflicts_with = "connect")]
    tenant: Option<Tenant>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the versions, and what was done with them
    List,
    /// Put a version into use, if it has the golden messages right
    Promote {
        /// As `models list` shows it
        version: String,
    },
    /// Go back to the version that was in use before
    RollBack,
    /// Let a version read messages along without any effect; without one, say how it compares
    Shadow {
        /// As `models list` shows it
        version: Option<String>,
        /// End the shadow
        #[arg(long, conflicts_with = "version")]
        off: bool,
        /// Share of the messages that it reads
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=100))]
        percent: u8,
    },
    /// Put a model file into the data folder as a version; a running server sees it at once
    Import {
        /// A model file, or a folder with model.safetensors in it
        #[arg(value_name = "FILE|DIR")]
        file: PathBuf,
    },
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}; where a server runs, --connect says so to it")]
    Held(#[source] StartError),
    #[error(transparent)]
    Desk(#[from] Fault),
    #[error(transparent)]
    Client(#[from] client::Fault),
    #[error("{} cannot be imported: {source}", path.display())]
    Import {
        path: PathBuf,
        #[source]
        source: ArtifactError,
    },
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(
        "import works on the data folder; a server that runs on it sees the new version without --connect"
    )]
    ImportThrough,
    #[error("how a shadow compares only the running server knows; --connect says where it is")]
    NobodyCompares,
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run(args.desk.clone().over(before), |config| async move {
        match act(&config, args).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(failure) => failed(failure),
        }
    })
}

async fn act(config: &Config, args: Args) -> Result<(), Failure> {
    let tenant = args.tenant.clone().unwrap_or_else(|| config.tenant.clone());
    if let Action::Import { file } = &args.action {
        return if args.connect.is_some() {
            Err(Failure::ImportThrough)
        } else {
            import(config, &tenant, file, args.json)
        };
    }
    let place = match &args.connect {
        Some(url) => Place::there(url, args.token.as_deref())?,
        None => Place::here(config, tenant).await?,
    };
    let json = args.json;
    match args.action {
        Action::List => show::list(&place.list().await?, json)?,
        Action::Promote { version } => in_use(&place.promote(version).await?, json)?,
        Action::RollBack => in_use(&place.roll_back().await?, json)?,
        Action::Shadow { version: None, off: false, .. } => show::compared(&place.compare().await?, json)?,
        Action::Shadow { version, percent, .. } => match place.shadow(version, percent).await? {
            Some(model) => {
                doubts(&model);
                show::model(&model, &format!("reads {percent} % of the messages along"), json)?;
            }
            None if json => writeln!(stdout(), "{{}}")?,
            None => writeln!(stdout(), "There is no shadow now.")?,
        },
        Action::Import { .. } => {}
    }
    Ok(())
}

fn in_use(model: &v1::Model, json: bool) -> Result<(), Failure> {
    doubts(model);
    Ok(show::model(model, "is in use", json)?)
}

/// What the version and the catalogue do not know of each other.
fn doubts(model: &v1::Model) {
    for (what, which) in [
        ("labels of it that are no templates", &model.unknown_labels),
        ("templates that it can never suggest", &model.missing_templates),
    ] {
        if !which.is_empty() {
            complain(format_args!("warning: {what}: {}", which.join(", ")));
        }
    }
}

fn import(config: &Config, tenant: &Tenant, path: &Path, json: bool) -> Result<(), Failure> {
    let model = file::load(path).map_err(|source| Failure::Import { path: path.to_owned(), source })?;
    if !config.data.exists() {
        // Makes it as the server would.
        drop(Folder::take(&config.data)?);
    }
    registry::import(&Models::folder(&config.data, tenant), &model)?;
    let version = model.version();
    if json {
        writeln!(stdout(), r#"{{"model":"{version}"}}"#)?;
    } else {
        writeln!(stdout(), "{version}")?;
    }
    Ok(())
}

fn tenant(raw: &str) -> Result<Tenant, String> {
    let wrong = || "expected 1 to 32 lower-case letters, digits and hyphens".to_owned();
    Tenant::parse(raw).ok_or_else(wrong)
}
