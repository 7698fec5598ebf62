//! Composition: settings become a running process. Whatever can fail at the start fails in `build`,
//! where nothing is served yet; `run_until` serves until the signal and then stops in order.

mod delivery;
mod door;
mod folder;
mod idle;
mod model;
mod start_error;

use std::{future::Future, io, net::SocketAddr, sync::Arc};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::{delivery::Out, door::Door, start_error::CatalogFaults};
pub use self::{folder::Folder, idle::idle_desk, start_error::StartError};
use crate::{
    api::{self, Access},
    attachments, catalog,
    config::{Attachments, Auth, Config, Limits, Uncertified},
    console::{
        self,
        health::{Condition, Health, Look},
        scim::Scim,
    },
    conversation::{
        heard::{Auto, Policy},
        phrases::Phrases,
    },
    desk::{
        Beginning, Desk,
        fault::Fault,
        files::{Files, Places},
        models::Models,
        surveys::Surveys,
    },
    domain::people::{Caller, Role},
    model::train::Progress,
    store::Store,
    stream::backlog::Backlog,
    tasks::{End, Phase, Tasks},
    telemetry::Metrics,
};

/// A process that is ready to serve.
pub struct App {
    config: Config,
    grpc: TcpListener,
    http: TcpListener,
    desk: Desk,
    out: Out,
    metrics: Metrics,
    tasks: Tasks,
    folder: Folder,
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
        let beginning = beginning(&config)?;
        let phrases = Phrases::built_in().map_err(|error| StartError::Phrases(Box::new(error)))?;
        let store = Store::open_with_queue(&config.store, config.limits.queue).await?;
        #[cfg(debug_assertions)]
        if crate::config::broken() == Some(crate::config::Broken::ReplyBeforeCommit) {
            store.reply_before_commit();
        }
        let out = Out::build(&config, &store)?;
        // Nothing else runs yet that could be held up.
        let model = model::load(&config, progress)?;
        let models = Models::new(&config.data, model);
        let desk = Desk::new(store.clone(), models, beginning, phrases, policy(&config), files(&config))
            .surveying(Surveys { share: config.surveys.share, pause: config.surveys.pause });
        // What uploads of a run before left behind is nobody's.
        if let Err(error) = desk.sweep_uploads() {
            tracing::warn!(%error, "the folder of attachments cannot be swept");
        }
        let mut tasks = Tasks::default();
        for (name, writer) in store.writers(tasks.stop(Phase::Desk)) {
            tasks.spawn(Phase::Desk, name, |_| writer);
        }
        let unloaded = |what, fault: Fault| StartError::Tenant {
            tenant: config.tenant.clone(),
            what,
            problem: fault.to_string(),
        };
        desk.take_files(&config.tenant).await.map_err(|it| unloaded("catalogue", it))?;
        desk.take_models(&config.tenant).await.map_err(|it| unloaded("models", it))?;
        Ok(Self { grpc: grpc.open()?, http: http.open()?, config, desk, out, metrics, tasks, folder })
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
        let Self { config, grpc, http, desk, out, metrics, mut tasks, folder } = self;
        let stopping = tasks.stop(Phase::Entries);

        let access = access(&config);
        let Limits { calls, message, queue: _ } = config.limits;
        let limits = api::Settings { calls, message, reflection: config.reflection };
        follow(&mut tasks, "catalogs", desk.clone().follow_catalogs());
        follow(&mut tasks, "shadows", desk.clone().follow_shadows());
        follow(&mut tasks, "reckoning", desk.clone().follow_reckoning());
        follow(&mut tasks, "clocks", desk.clone().follow_clocks());
        follow(&mut tasks, "consequences", desk.clone().follow_consequences());
        follow(&mut tasks, "approvals", desk.clone().follow_approvals());
        follow(&mut tasks, "backlogs", desk.clone().follow_backlogs());
        follow(&mut tasks, "files", desk.clone().follow_files());
        follow(&mut tasks, "people", desk.clone().follow_people());
        follow(&mut tasks, "assets", desk.clone().follow_assets());
        follow(&mut tasks, "measures", desk.clone().follow_measures());
        if config.waves {
            follow(&mut tasks, "waves", desk.clone().follow_waves());
        }
        let scim = Scim { desk: desk.clone(), open: opened(&access) };
        tasks.spawn(Phase::Entries, "grpc", move |stop| async move {
            ended("grpc", api::serve(grpc, desk, access, limits, stop).await);
        });
        let health = health(out.backlog(), stopping, metrics.clone());
        out.spawn(&mut tasks);
        tasks.spawn(Phase::Watch, "http", |stop| async move {
            ended("http", console::serve(http, health, scim, stop).await);
        });
        tasks.spawn(Phase::Watch, "metrics", |stop| metrics.run(stop));

        let end = tasks.run_until(signal, config.grace).await;
        drop(folder);
        end
    }
}

fn beginning(config: &Config) -> Result<Beginning, StartError> {
    let sources = match &config.catalog {
        Some(folder) => catalog::read_dir(folder)
            .map_err(|error| StartError::Catalog(CatalogFaults(vec![error.to_string()])))?,
        None => catalog::starter(),
    };
    let faults = |faults: Vec<catalog::Fault>| faults.iter().map(ToString::to_string).collect();
    let catalog =
        catalog::parse(&sources, 0, None).map_err(|it| StartError::Catalog(CatalogFaults(faults(it))))?;
    Ok(Beginning { sources, catalog, is_own: config.catalog.is_some() })
}

/// What holds for a model that brings no certified gate.
fn policy(config: &Config) -> Policy<'static> {
    let auto = match config.gate.uncertified {
        Uncertified::Confirm => Auto::Never,
        Uncertified::Auto => Auto::From(config.gate.auto),
    };
    Policy { auto, sure: config.gate.sure, floor: config.gate.floor }
}

/// Where the files of tickets are, and which are taken.
fn files(config: &Config) -> Files {
    let Attachments { dir, size, types } = &config.attachments;
    let root = dir.clone().unwrap_or_else(|| config.data.join("attachments"));
    let folder = attachments::Folder::at(root);
    Files { folder, size: *size, types: types.as_slice().into(), places: Places::default() }
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

/// Whose every call is, if callers are not told apart.
fn opened(access: &Access) -> Option<Caller> {
    match access {
        Access::Open(caller) => Some(caller.clone()),
        Access::Tokens => None,
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

/// Starts a loop of the desk, which goes on until the entries stop.
fn follow(tasks: &mut Tasks, name: &'static str, run: impl Future<Output = ()> + Send + 'static) {
    tasks.spawn(Phase::Entries, name, |stop| async move {
        stop.run_until_cancelled(run).await;
    });
}

/// A server that ends with an error says why before its end ends the process.
fn ended(name: &'static str, result: io::Result<()>) {
    if let Err(error) = result {
        tracing::error!(server.name = name, %error, "a server failed");
    }
}
