//! What the commands share that work on the database of a desk, whether a server runs or not.

use std::{fmt, fs, io, path::Path, process::ExitCode, time::Duration};

use super::{failed, is_enough, settings::DeskArgs};
use crate::{
    catalog::{self, Source},
    config::Config,
    desk::fault::Fault,
    domain::{catalog::Catalog, people::Tenant},
    store::{OpenError, Store, Unavailable},
    tasks::{Phase, Tasks},
};

/// Why the database was not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotOpened {
    #[error("the data folder cannot be made: {0}")]
    Folder(#[source] io::Error),
    #[error("there is no database at {0}; --data or --config says where the desk is")]
    Missing(String),
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Reads the settings and does the work, on this thread.
pub(super) fn run<F>(desk: DeskArgs, work: impl FnOnce(Config) -> F) -> ExitCode
where
    F: Future<Output = ExitCode>,
{
    let config = match desk.load() {
        Ok(config) => config,
        Err(code) => return code,
    };
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work(config)),
        Err(error) => failed(format_args!("cannot start: {error}")),
    }
}

/// The database of the settings, which must be there: who only looks makes none.
pub(super) async fn open_existing(config: &Config) -> Result<Store, NotOpened> {
    if !Store::is_there(&config.store) {
        return Err(NotOpened::Missing(config.store.clone()));
    }
    Ok(Store::open(&config.store).await?)
}

/// Why a command that looks at a desk, or decides something there, did not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Open(#[from] NotOpened),
    #[error(transparent)]
    Catalog(#[from] NoCatalog),
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error(transparent)]
    Desk(#[from] Fault),
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// As `run`, and tells of a failure; a reader who has had enough is none.
pub(super) fn run_or_tell<F>(desk: DeskArgs, work: impl FnOnce(Config) -> F) -> ExitCode
where
    F: Future<Output = Result<(), Failure>>,
{
    run(desk, |config| async {
        match work(config).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
            Err(failure) => failed(failure),
        }
    })
}

/// The database of the settings; it and its folder are made if they are missing.
pub(super) async fn open(config: &Config) -> Result<Store, NotOpened> {
    fs::create_dir_all(&config.data).map_err(NotOpened::Folder)?;
    Ok(Store::open(&config.store).await?)
}

/// Does work that writes to the database, with what writes running beside it.
pub(super) async fn writing<T>(store: &Store, work: impl Future<Output = T>) -> T {
    let mut tasks = Tasks::default();
    for (name, writer) in store.writers(tasks.stop(Phase::Desk)) {
        tasks.spawn(Phase::Desk, name, |_| writer);
    }
    let done = work.await;
    tasks.stop(Phase::Desk).cancel();
    tasks.run_until(async {}, Duration::ZERO).await;
    done
}

/// Faults that are shown of a file; the rest is counted.
const SHOWN: usize = 50;

/// What is wrong with a file or a folder of which nothing was taken in.
pub(super) fn faulty(path: &Path, faults: &[impl fmt::Display]) -> String {
    let mut text = format!("{}: nothing was written; this is wrong:", path.display());
    for fault in faults.iter().take(SHOWN) {
        text += &format!("\n  {fault}");
    }
    if SHOWN < faults.len() {
        text += &format!("\n  and {} more", faults.len() - SHOWN);
    }
    text
}

/// The catalogue of a desk cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCatalog {
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error("the catalogue cannot be read: {0}; `ticket-dispatch check` says what is wrong with it")]
    Wrong(String),
}

/// The stored catalogue; before the first start that of the settings.
pub(super) async fn catalog(config: &Config, store: &Store, tenant: &Tenant) -> Result<Catalog, NoCatalog> {
    let (version, sources) = match (store.catalog(tenant).await?, &config.catalog) {
        (Some((version, files)), _) => {
            (version, files.into_iter().map(|(name, content)| Source { name, content }).collect())
        }
        (None, Some(folder)) => {
            let unread = |it: io::Error| NoCatalog::Wrong(it.to_string());
            (0, catalog::read_dir(folder).map_err(unread)?)
        }
        (None, None) => (0, catalog::starter()),
    };
    let first =
        |it: Vec<catalog::Fault>| NoCatalog::Wrong(it.first().map_or_else(String::new, ToString::to_string));
    catalog::parse(&sources, version, None).map_err(first)
}

/// Reads a tenant from the command line.
pub(super) fn tenant(raw: &str) -> Result<Tenant, String> {
    let wrong = || "expected 1 to 32 lower-case letters, digits and hyphens".to_owned();
    Tenant::parse(raw).ok_or_else(wrong)
}
