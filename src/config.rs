//! The settings. `deploy/desk.toml` is built in and is the default and the documentation at once; a
//! file, the environment and the command line are laid over it, in this order. Every fault is
//! reported by one start, with the key, the value, and what would be right.
//!
//! This is the only place that looks into the environment.

mod assemble;
#[cfg(debug_assertions)]
mod broken;
mod layers;
mod reader;
mod sinks;

use std::{
    collections::BTreeMap,
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

#[cfg(debug_assertions)]
pub use self::broken::{Broken, broken};
pub use self::layers::{Fault, Flag, Sources};
use self::{layers::Layers, reader::Reader};
use crate::{
    domain::{attachment::MediaType, people::Tenant},
    sinks::settings::SinkSettings,
    stream::RelaySettings,
    tracking::{Login, Server},
};

/// The commented file that holds every default.
pub const DEFAULTS: &str = include_str!("../deploy/desk.toml");

/// All settings, checked by themselves and against each other. Not for logs: the store's URL may hold
/// a password.
#[derive(Clone)]
pub struct Config {
    /// Where the gRPC services listen.
    pub listen: SocketAddr,
    /// Where health, readiness and metrics listen.
    pub http: SocketAddr,
    /// Folder for the database and the trained models.
    pub data: PathBuf,
    /// Tenant when nothing else says one.
    pub tenant: Tenant,
    /// Whether gRPC reflection is served.
    pub reflection: bool,
    /// Whether incident waves are found and proposed.
    pub waves: bool,
    /// Who is asked how satisfied they are.
    pub surveys: Surveys,
    /// How long calls in flight may take after the signal.
    pub grace: Duration,
    /// The database.
    pub store: String,
    /// Where events are published, if anywhere.
    pub redis: Option<RelaySettings>,
    /// Folder of the catalogue; the starter catalogue if there is none.
    pub catalog: Option<PathBuf>,
    /// A model file, or a folder with one; the starter model if there is none.
    pub model: Option<PathBuf>,
    /// Who may call.
    pub auth: Auth,
    /// Bounds on what waits.
    pub limits: Limits,
    /// Files of tickets.
    pub attachments: Attachments,
    /// When the machine may act by itself.
    pub gate: Gate,
    /// Downstream ticket stores.
    pub sinks: Vec<SinkSettings>,
    /// What is logged, and how.
    pub log: Log,
}

/// Who is asked how satisfied they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surveys {
    /// This share of endings, 0 to 1.
    pub share: f32,
    /// Nobody is asked again within so many days.
    pub pause: u32,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Whoever can connect; on loopback only.
    Open,
    /// Holders of an API token.
    Tokens,
}

/// Bounds on what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Work waiting for the database in each partition.
    pub queue: usize,
    /// Calls in flight.
    pub calls: usize,
    /// Bytes of a gRPC message.
    pub message: usize,
}

/// Files of tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachments {
    /// Where they are; in the data folder if not said.
    pub dir: Option<PathBuf>,
    /// The most bytes that one may have.
    pub size: usize,
    /// The types that are taken.
    pub types: Vec<MediaType>,
}

/// When the machine may act by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// What happens without a certificate.
    pub uncertified: Uncertified,
    /// Confidence from which it acts without asking.
    pub auto: f32,
    /// Confidence from which it proposes one template instead of a short list.
    pub sure: f32,
    /// Confidence that puts a template on the short list.
    pub floor: f32,
}

/// What happens while the model has not been certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncertified {
    /// The employee is asked first.
    Confirm,
    /// As if it were certified.
    Auto,
}

/// What is logged, and how.
#[derive(Debug, Clone)]
pub struct Log {
    /// Levels, by module if wanted.
    pub filter: String,
    /// Lines for people or for machines.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// JSON lines.
    Json,
}

/// Reads the settings of this process: the file named by `file` or by DISPATCH_CONFIG, the
/// environment, and what the command line said.
pub fn load(file: Option<&Path>, flags: Vec<Flag>) -> Result<Config, Vec<Fault>> {
    let environment: BTreeMap<String, String> = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let named = environment.get("DISPATCH_CONFIG").filter(|it| !it.is_empty()).map(PathBuf::from);
    let file = match file.map(Path::to_owned).or(named) {
        Some(path) => Some(content(&path)?),
        None => None,
    };
    read(&Sources { file, environment, flags })
}

/// Reads the settings from sources that are handed in.
pub fn read(sources: &Sources) -> Result<Config, Vec<Fault>> {
    let mut layers = Layers::gather(DEFAULTS, sources);
    let sinks = sinks::read(&mut layers, &sources.environment);
    let mut reader = Reader::new(layers);
    let config = assemble::config(&mut reader, sinks);
    let faults = reader.faults();
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        Some(_) | None => Err(faults),
    }
}

/// The login name of whoever runs this process.
pub fn user_name() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|it| env::var(it).ok()).filter(|it| !it.is_empty())
}

/// The API token that `chat` shows when none is given.
pub fn token() -> Option<String> {
    env::var("DISPATCH_TOKEN").ok().filter(|it| !it.is_empty())
}

/// Whether this user wants no colours anywhere (no-color.org).
pub fn no_color() -> bool {
    env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty())
}

/// The MLflow server that commands record in, as MLflow's own clients are told of it; or what is wrong with that.
pub fn tracking() -> Result<Option<Server>, String> {
    let said = |name: &str| env::var(name).ok().filter(|it| !it.is_empty());
    let Some(url) = said("MLFLOW_TRACKING_URI") else { return Ok(None) };
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err(format!(
            "nothing was recorded in MLflow: MLFLOW_TRACKING_URI is '{url}'; it must be the address of a server, \
             such as http://127.0.0.1:5000"
        ));
    }
    let login = match (said("MLFLOW_TRACKING_USERNAME"), said("MLFLOW_TRACKING_TOKEN")) {
        (Some(name), _) => Login::Basic(name, said("MLFLOW_TRACKING_PASSWORD")),
        (None, Some(token)) => Login::Token(token),
        (None, None) => Login::Open,
    };
    let experiment = said("MLFLOW_EXPERIMENT_NAME").unwrap_or_else(|| "ticket-dispatch".to_owned());
    Ok(Some(Server { url, experiment, login }))
}

fn content(path: &Path) -> Result<(String, String), Vec<Fault>> {
    let key = path.display().to_string();
    fs::read_to_string(path).map(|content| (key.clone(), content)).map_err(|error| {
        let problem = format!("this settings file cannot be read: {error}");
        vec![Fault { key, value: String::new(), origin: String::new(), problem }]
    })
}

#[cfg(test)]
mod tests;
