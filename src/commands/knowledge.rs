//! `knowledge`: the desk's articles, from files, listed and found. Works on the database itself; a running server sees the
//! change at once.

mod front;
mod import;
mod show;

use std::{io, path::PathBuf, process::ExitCode};

use super::{
    database::{self, NoCatalog, NotOpened, tenant},
    failed, is_enough,
    settings::DeskArgs,
};
use crate::{
    config::Config,
    desk::{fault::Fault, knowledge::Knowledge},
    domain::people::{Language, Tenant},
    store::{Store, Unavailable},
};

/// Import, list and find the articles of the desk's knowledge
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch knowledge import deploy/knowledge --publish
  ticket-dispatch knowledge search paper jam
  ticket-dispatch knowledge search 打印机卡纸 --json
  ticket-dispatch knowledge list --order helps-least
  ticket-dispatch knowledge list --overdue

Exit codes: 0 done, 1 failed, or something is wrong with a file, 64 the command line or the settings are wrong.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Write the articles of a folder of Markdown files, and change those that are there
    ///
    /// Each file NAME.en.md or NAME.zh.md is an article in one language; files of one NAME are one article, which keeps
    /// its number when it is imported again. A file begins with lines between two lines `---`: `title:` and `summary:`
    /// (what the bot says), and in any of an article's files `templates:`, `services:`, `audience:` (everyone or desk),
    /// `owner:` and `review:` (a date). The rest is the text in Markdown, kept as it is. If anything is wrong, all of it
    /// is told, and nothing is written.
    Import(import::Args),
    /// Find published articles by words and by what they mean
    Search(show::SearchArgs),
    /// List articles
    List(show::ListArgs),
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error(transparent)]
    Catalog(#[from] NoCatalog),
    #[error("{}: cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: no files like jam.en.md or jam.zh.md are in it", .0.display())]
    Empty(PathBuf),
    #[error("{}", database::faulty(folder, faults))]
    Faulty { folder: PathBuf, faults: Vec<String> },
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
            Err(failure) => failed(failure),
        }
    })
}

async fn act(config: &Config, action: Action) -> Result<(), Failure> {
    match action {
        Action::Import(args) => import::run(config, &args).await,
        Action::Search(args) => show::search(config, &args).await,
        Action::List(args) => show::list(config, &args).await,
    }
}

/// The knowledge of a tenant.
async fn knowledge(config: &Config, store: &Store, tenant: Option<&Tenant>) -> Result<Knowledge, Failure> {
    let tenant = tenant.unwrap_or(&config.tenant).clone();
    let catalog = database::catalog(config, store, &tenant).await?;
    Ok(Knowledge::new(store.clone(), catalog.into(), tenant, "knowledge import".to_owned()))
}

fn language(raw: &str) -> Result<Language, String> {
    Language::parse(raw).ok_or_else(|| "expected en or zh".to_owned())
}
