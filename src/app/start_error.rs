//! Why a process does not start, in words that say what to do about it.

use std::{fmt, io, net::SocketAddr, path::PathBuf};

use crate::{
    domain::people::Tenant,
    model::{artifact::ArtifactError, starter::StarterError},
    sinks::settings::BadSink,
    store::OpenError,
    stream::partition_stream::NoAnswer,
};

/// Why the process did not start, by what its owner can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Choose another folder, or give us the right to this one.
    #[error("the data folder {} cannot be used: {source}; choose another with --data", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Stop the other one, or choose another folder.
    #[error("the data folder {} is in use by {by}; stop that one, or choose another folder with --data", path.display())]
    Held {
        /// Which.
        path: PathBuf,
        /// Who has it.
        by: String,
    },
    /// Stop the other one, or choose another port.
    #[error(
        "{address} is taken: another program listens there, perhaps another ticket-dispatch; stop that one, or choose another address with --{setting}"
    )]
    Taken {
        /// The setting that names the address.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
    },
    /// Choose another address.
    #[error("{address} cannot be listened on: {source}; choose another address with --{setting}")]
    Listen {
        /// The setting that names the address.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// See to the database.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// Correct the sink's settings.
    #[error(transparent)]
    Sink(#[from] BadSink),
    /// Correct `redis.url`. (A Redis that is only away stops no start.)
    #[error("redis.url cannot be used: {0}")]
    Redis(#[from] NoAnswer),
    /// Correct the catalogue.
    #[error("the catalogue cannot be used:{0}")]
    Catalog(CatalogFaults),
    /// Correct `model.file`, or train that model again.
    #[error(
        "model.file {} cannot be used: {source}; `ticket-dispatch train --output FOLDER` makes one", path.display()
    )]
    OwnModel {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ArtifactError,
    },
    /// See to the disk, or to the models folder.
    #[error("there is no model: {0}")]
    Model(#[from] StarterError),
    /// The program is broken: what is built into it does not fit.
    #[error("the built-in phrases cannot be read: {0}")]
    Phrases(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// See to the database, or to the folder of models.
    #[error("the {what} of tenant {tenant} cannot be loaded: {problem}")]
    Tenant {
        /// Whose.
        tenant: Tenant,
        /// Catalogue or models.
        what: &'static str,
        /// What was in the way.
        problem: String,
    },
}

/// All that is wrong with a catalogue, one fault a line.
#[derive(Debug)]
pub struct CatalogFaults(pub(super) Vec<String>);

impl fmt::Display for CatalogFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}
