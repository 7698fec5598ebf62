//! What the commands share that work on the database of a desk, whether a server runs or not.

use std::{fs, io, process::ExitCode};

use super::{failed, settings::DeskArgs};
use crate::{
    config::Config,
    store::{OpenError, Store},
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

/// The database of the settings; it and its folder are made if they are missing.
pub(super) async fn open(config: &Config) -> Result<Store, NotOpened> {
    fs::create_dir_all(&config.data).map_err(NotOpened::Folder)?;
    Ok(Store::open(&config.store).await?)
}
