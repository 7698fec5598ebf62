//! The settings. `deploy/desk.toml` is built in and is the default and the documentation at once; a
//! file, the environment and the command line are laid over it, in this order. Every fault is
//! reported by one start, with the key, the value, and what would be right.
//!
//! This is the only place that looks into the environment.

#[cfg(debug_assertions)]
mod broken;
mod layers;
mod nearest;
mod reader;
mod sinks;

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use toml::Value;

#[cfg(debug_assertions)]
pub use self::broken::{Broken, broken};
pub use self::layers::{Fault, Flag, Sources};
use self::{
    layers::Layers,
    reader::{Reader, address, count, needed, optional, share, size, span, word, yes_or_no},
};
use crate::{domain::people::Tenant, sinks::settings::SinkSettings};

impl fmt::Debug for Redis {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("keep", &self.keep).finish_non_exhaustive()
    }
}

/// The commented file that holds every default.
pub const DEFAULTS: &str = include_str!("../deploy/desk.toml");

/// All settings, checked by themselves and against each other. Not for logs: the store's URL may hold
/// a password.
#[derive(Clone)]
pub struct Config {
    /// Where the gRPC services listen.
    pub listen: SocketAddr,
    /// Where health, metrics and the console listen.
    pub http: SocketAddr,
    /// Folder for the database and the trained models.
    pub data: PathBuf,
    /// Tenant when nothing else says one.
    pub tenant: Tenant,
    /// Whether gRPC reflection is served.
    pub reflection: bool,
    /// How long calls in flight may take after the signal.
    pub grace: Duration,
    /// The database.
    pub store: String,
    /// Where events are published, if anywhere.
    pub redis: Option<Redis>,
    /// Folder of the catalogue; the starter catalogue if there is none.
    pub catalog: Option<PathBuf>,
    /// Who may call.
    pub auth: Auth,
    /// Bounds on what waits.
    pub limits: Limits,
    /// When the machine may act by itself.
    pub gate: Gate,
    /// Downstream ticket stores.
    pub sinks: Vec<SinkSettings>,
    /// What is logged, and how.
    pub log: Log,
}

/// Where events are published.
#[derive(Clone, PartialEq, Eq)]
pub struct Redis {
    /// `redis://host:port`, perhaps with a password.
    pub url: String,
    /// Entries that each stream keeps at least.
    pub keep: u64,
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
    let config = settings(&mut reader, sinks);
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

fn content(path: &Path) -> Result<(String, String), Vec<Fault>> {
    let key = path.display().to_string();
    fs::read_to_string(path).map(|content| (key.clone(), content)).map_err(|error| {
        let problem = format!("this settings file cannot be read: {error}");
        vec![Fault { key, value: String::new(), origin: String::new(), problem }]
    })
}

/// Every setting is read before the first missing one ends the matter, so that all faults are found.
fn settings(reader: &mut Reader, sinks: Vec<SinkSettings>) -> Option<Config> {
    let listen = reader.read("listen", address);
    let http = reader.read("http", address);
    let data = reader.read("data", needed).map(PathBuf::from);
    let tenant = reader.read("tenant", tenant);
    let reflection = reader.read("reflection", yes_or_no);
    let grace = reader.read("grace", span);
    let store = reader.read("store.url", store_url);
    let redis = redis(reader);
    let catalog = reader.read("catalog.dir", optional);
    let auth = reader.read("auth.mode", |it| word(it, &[("open", Auth::Open), ("tokens", Auth::Tokens)]));
    doors(reader, listen, http, auth);
    let limits = limits(reader);
    let gate = gate(reader);
    let log = log(reader);
    let data = data?;
    Some(Config {
        listen: listen?,
        http: http?,
        tenant: tenant?,
        reflection: reflection?,
        grace: grace?,
        store: store?.unwrap_or_else(|| format!("sqlite:{}", data.join("dispatch.db").display())),
        data,
        redis: redis?,
        catalog: catalog?.map(PathBuf::from),
        auth: auth?,
        limits: limits?,
        gate: gate?,
        sinks,
        log: log?,
    })
}

/// `Some(None)` is a desk without Redis.
fn redis(reader: &mut Reader) -> Option<Option<Redis>> {
    let url = reader.read("redis.url", redis_url);
    let keep = reader.read("redis.keep", count).map(|it| it as u64);
    let (url, keep) = (url?, keep?);
    Some(url.map(|url| Redis { url, keep }))
}

fn limits(reader: &mut Reader) -> Option<Limits> {
    let queue = reader.read("limits.queue", count);
    let calls = reader.read("limits.calls", count);
    let message = reader.read("limits.message", |it| size(it, 32 * 1024, 4 * 1024 * 1024));
    Some(Limits { queue: queue?, calls: calls?, message: message? })
}

fn gate(reader: &mut Reader) -> Option<Gate> {
    let words = [("confirm", Uncertified::Confirm), ("auto", Uncertified::Auto)];
    let uncertified = reader.read("gate.uncertified", |it| word(it, &words));
    let auto = reader.read("gate.auto", share);
    let sure = reader.read("gate.sure", share);
    let floor = reader.read("gate.floor", share);
    if sure > auto && auto.is_some() {
        reader.clash("gate.sure", "must not be above gate.auto");
    }
    if floor > sure && sure.is_some() {
        reader.clash("gate.floor", "must not be above gate.sure");
    }
    Some(Gate { uncertified: uncertified?, auto: auto?, sure: sure?, floor: floor? })
}

fn log(reader: &mut Reader) -> Option<Log> {
    let formats = [("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)];
    let filter = reader.read("log.filter", filter);
    let format = reader.read("log.format", |it| word(it, &formats));
    Some(Log { filter: filter?, format: format? })
}

/// What no single setting can tell. Looks at what could be read, so that one start reports all.
fn doors(reader: &mut Reader, listen: Option<SocketAddr>, http: Option<SocketAddr>, auth: Option<Auth>) {
    let given = [("listen", listen), ("http", http)].map(|(key, it)| it.map(|address| (key, address)));
    for (key, address) in given.into_iter().flatten().filter(|(_, it)| !it.ip().is_loopback()) {
        if auth == Some(Auth::Open) {
            let problem = format!(
                "{} can be reached from other machines, and auth.mode = \"open\" lets whoever connects do \
                 everything; either listen on 127.0.0.1, or set auth.mode = \"tokens\" and make a token with \
                 `ticket-dispatch token create`",
                address.ip(),
            );
            reader.clash(key, &problem);
        }
    }
    if listen.is_some_and(|it| http == Some(it) && it.port() != 0) {
        reader.clash("http", "is the address of `listen` too; each needs a port of its own");
    }
}

fn tenant(value: &Value) -> Result<Tenant, String> {
    let wrong = || "expected 1 to 32 lower-case letters, digits and hyphens".to_owned();
    value.as_str().and_then(Tenant::parse).ok_or_else(wrong)
}

fn store_url(value: &Value) -> Result<Option<String>, String> {
    starting_with(value, &["sqlite:", "postgres://", "postgresql://"])
}

fn redis_url(value: &Value) -> Result<Option<String>, String> {
    starting_with(value, &["redis://"])
}

fn starting_with(value: &Value, starts: &[&str]) -> Result<Option<String>, String> {
    let url = optional(value)?;
    let fine = url.as_ref().is_none_or(|url| starts.iter().any(|it| url.starts_with(it)));
    fine.then_some(url).ok_or_else(|| format!("expected a text that starts with {}", starts.join(" or ")))
}

fn filter(value: &Value) -> Result<String, String> {
    let written = needed(value)?;
    match written.parse::<tracing_subscriber::EnvFilter>() {
        Ok(_) => Ok(written),
        Err(error) => Err(format!("{error}; expected such as \"info\" or \"warn,ticket_dispatch=debug\"")),
    }
}

#[cfg(test)]
mod tests;
