//! What the commands share that work on the database itself: the catalogue in use, and what writes.

use std::io;

use crate::{
    catalog::{self, Source},
    config::Config,
    domain::{catalog::Catalog, people::Tenant},
    store::{Store, Unavailable},
    tasks::{Phase, Tasks},
};

/// Why there is no catalogue.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCatalog {
    #[error(transparent)]
    Store(#[from] Unavailable),
    #[error("the catalogue cannot be read: {0}; `ticket-dispatch check` says what is wrong with it")]
    Unreadable(String),
}

/// The stored catalogue; before the first start that of the settings.
pub(super) async fn catalog(config: &Config, store: &Store, tenant: &Tenant) -> Result<Catalog, NoCatalog> {
    let (version, sources) = match (store.catalog(tenant).await?, &config.catalog) {
        (Some((version, files)), _) => {
            (version, files.into_iter().map(|(name, content)| Source { name, content }).collect())
        }
        (None, Some(folder)) => {
            let unread = |it: io::Error| NoCatalog::Unreadable(it.to_string());
            (0, catalog::read_dir(folder).map_err(unread)?)
        }
        (None, None) => (0, catalog::starter()),
    };
    let first = |it: Vec<catalog::Fault>| {
        NoCatalog::Unreadable(it.first().map_or_else(String::new, ToString::to_string))
    };
    catalog::parse(&sources, version, None).map_err(first)
}

/// Starts what writes to the database.
pub(super) fn writing(store: &Store) -> Tasks {
    let mut tasks = Tasks::default();
    for (name, writer) in store.writers(tasks.stop(Phase::Desk)) {
        tasks.spawn(Phase::Desk, name, |_| writer);
    }
    tasks
}

/// Reads a tenant from the command line.
pub(super) fn tenant(raw: &str) -> Result<Tenant, String> {
    let wrong = || "expected 1 to 32 lower-case letters, digits and hyphens".to_owned();
    Tenant::parse(raw).ok_or_else(wrong)
}
