//! Composition: settings become a running process. Whatever can fail at the start fails in `build`,
//! where nothing is served yet; `run_until` serves until the signal and then stops in order.

mod delivery;
mod door;
mod folder;

use std::{fmt, future::Future, io, net::SocketAddr, path::PathBuf, sync::Arc};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::{delivery::Out, door::Door, folder::Folder};
use crate::{
    api::{self, Access},
    catalog,
    config::{self, Auth, Config, Uncertified},
    console::{
        self,
        health::{Condition, Health, Look},
    },
    conversation::{heard::Policy, phrases::Phrases},
    desk::Desk,
    domain::{
        catalog::Catalog,
        people::{Caller, Role, Tenant},
    },
    model::{
        starter::{StarterError, starter},
        train::Progress,
    },
    sinks::settings::BadSink,
    store::{OpenError, Store},
    stream::{backlog::Backlog, partition_stream::NoAnswer},
    tasks::{End, Phase, Tasks},
    telemetry::Metrics,
};

/// A process that is ready to serve.
pub struct App {
    config: Config,
    grpc: TcpListener,
    http: TcpListener,
    store: Store,
    desk: Desk,
    out: Out,
    metrics: Metrics,
    folder: Folder,
}

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
    /// See to the disk, or to the models folder.
    #[error("there is no model: {0}")]
    Model(#[from] StarterError),
    /// The program is broken: what is built into it does not fit.
    #[error("the built-in phrases cannot be read: {0}")]
    Phrases(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// See to the database.
    #[error("the catalogue of tenant {tenant} cannot be loaded: {problem}")]
    Tenant {
        /// Whose.
        tenant: Tenant,
        /// What was in the way.
        problem: String,
    },
}

/// All that is wrong with a catalogue, one fault a line.
#[derive(Debug)]
pub struct CatalogFaults(Vec<String>);

impl fmt::Display for CatalogFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl App {
    /// Takes the folder and the ports, opens the database, reads the catalogue and loads the model, or
    /// trains it if this is the first start.
    pub async fn build(
        config: Config,
        metrics: Metrics,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, StartError> {
        let folder = Folder::take(&config.data)?;
        let grpc = Door::reserve("listen", config.listen)?;
        let http = Door::reserve("http", config.http)?;
        let catalog = catalog_of(&config)?;
        let phrases = Phrases::built_in().map_err(|error| StartError::Phrases(Box::new(error)))?;
        let store = Store::open_with_queue(&config.store, config.limits.queue).await?;
        #[cfg(debug_assertions)]
        if config::broken() == Some(config::Broken::ReplyBeforeCommit) {
            store.reply_before_commit();
        }
        let out = Out::build(&config, &store)?;
        // Nothing else runs yet that could be held up.
        let model = starter(&config.data, progress)?;
        let desk = Desk::new(store.clone(), model, catalog, phrases, policy(&config));
        desk.welcome(&config.tenant).await.map_err(|fault| StartError::Tenant {
            tenant: config.tenant.clone(),
            problem: fault.to_string(),
        })?;
        Ok(Self { grpc: grpc.open()?, http: http.open()?, config, store, desk, out, metrics, folder })
    }

    /// Where gRPC listens.
    pub fn grpc(&self) -> io::Result<SocketAddr> {
        self.grpc.local_addr()
    }

    /// Where HTTP listens.
    pub fn http(&self) -> io::Result<SocketAddr> {
        self.http.local_addr()
    }

    /// Serves until the signal, or until one of the loops dies; then stops in the order of the data
    /// flow, with `grace` for the calls in flight.
    pub async fn run_until(self, signal: impl Future<Output = ()>) -> End {
        let Self { config, grpc, http, store, desk, out, metrics, folder } = self;
        let mut tasks = Tasks::default();
        let stopping = tasks.stop(Phase::Entries);

        let access = access(&config);
        let limits = api::Settings { calls: config.limits.calls, reflection: config.reflection };
        tasks.spawn(Phase::Entries, "grpc", move |stop| async move {
            ended("grpc", api::serve(grpc, desk, access, limits, stop).await);
        });
        let writers = store.writers(tasks.stop(Phase::Desk));
        for (name, writer) in writers {
            tasks.spawn(Phase::Desk, name, |_| writer);
        }
        let health = health(out.backlog(), stopping, metrics.clone());
        out.spawn(&mut tasks);
        tasks.spawn(Phase::Watch, "http", |stop| async move {
            ended("http", console::serve(http, health, stop).await);
        });
        tasks.spawn(Phase::Watch, "metrics", |stop| metrics.run(stop));

        let end = tasks.run_until(signal, config.grace).await;
        drop(folder);
        end
    }
}

fn catalog_of(config: &Config) -> Result<Catalog, StartError> {
    let sources = match &config.catalog {
        Some(folder) => catalog::read_dir(folder).map_err(|error| {
            StartError::Catalog(CatalogFaults(vec![format!("{}: {error}", folder.display())]))
        })?,
        None => catalog::starter(),
    };
    let faults = |faults: Vec<catalog::Fault>| faults.iter().map(ToString::to_string).collect();
    catalog::parse(&sources, 0, None).map_err(|it| StartError::Catalog(CatalogFaults(faults(it))))
}

fn policy(config: &Config) -> Policy {
    let auto = match config.gate.uncertified {
        Uncertified::Confirm => None,
        Uncertified::Auto => Some(config.gate.auto),
    };
    Policy { auto, sure: config.gate.sure, floor: config.gate.floor }
}

fn access(config: &Config) -> Access {
    match config.auth {
        Auth::Tokens => Access::Tokens,
        Auth::Open => Access::Open(Caller {
            tenant: config.tenant.clone(),
            subject: "open".to_owned(),
            roles: Role::ALL.to_vec(),
        }),
    }
}

fn health(backlog: Backlog, stopping: CancellationToken, metrics: Metrics) -> Health {
    let probe = move || -> Look {
        let (backlog, stopping) = (backlog.clone(), stopping.is_cancelled());
        Box::pin(async move {
            match backlog.waiting().await {
                Ok(waiting) => Condition { store: true, stopping, waiting },
                Err(error) => {
                    tracing::warn!(%error, "a readiness probe found no store");
                    Condition { stopping, ..Condition::default() }
                }
            }
        })
    };
    Health { probe: Arc::new(probe), metrics }
}

/// A server that ends with an error says why before its end ends the process.
fn ended(name: &'static str, result: io::Result<()>) {
    if let Err(error) = result {
        tracing::error!(server.name = name, %error, "a server failed");
    }
}
