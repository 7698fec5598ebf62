//! Puts the settings together, and checks them against each other.

use std::{net::SocketAddr, path::PathBuf};

use toml::Value;

use super::{
    Attachments, Auth, Config, Gate, Limits, Log, LogFormat, Surveys, Uncertified,
    reader::{Reader, address, count, needed, optional, share, size, span, word, yes_or_no},
};
use crate::{
    domain::{attachment::MediaType, people::Tenant},
    sinks::settings::SinkSettings,
    stream::RelaySettings,
};

/// Every setting is read before the first missing one ends the matter, so that all faults are found.
pub(super) fn config(reader: &mut Reader, sinks: Vec<SinkSettings>) -> Option<Config> {
    let listen = reader.read("listen", address);
    let http = reader.read("http", address);
    let data = reader.read("data", needed).map(PathBuf::from);
    let tenant = reader.read("tenant", tenant);
    let reflection = reader.read("reflection", yes_or_no);
    let waves = reader.read("waves.find", yes_or_no);
    let surveys = surveys(reader);
    let grace = reader.read("grace", span);
    let store = reader.read("store.url", store_url);
    let redis = redis(reader);
    let catalog = reader.read("catalog.dir", optional);
    let model = reader.read("model.file", optional);
    let auth = reader.read("auth.mode", |it| word(it, &[("open", Auth::Open), ("tokens", Auth::Tokens)]));
    doors(reader, listen, http, auth);
    let limits = limits(reader);
    let attachments = attachments(reader);
    let gate = gate(reader);
    let log = log(reader);
    let data = data?;
    Some(Config {
        listen: listen?,
        http: http?,
        tenant: tenant?,
        reflection: reflection?,
        waves: waves?,
        surveys: surveys?,
        grace: grace?,
        store: store?.unwrap_or_else(|| format!("sqlite:{}", data.join("dispatch.db").display())),
        data,
        redis: redis?,
        catalog: catalog?.map(PathBuf::from),
        model: model?.map(PathBuf::from),
        auth: auth?,
        limits: limits?,
        attachments: attachments?,
        gate: gate?,
        sinks,
        log: log?,
    })
}

/// `Some(None)` is a desk without Redis.
fn redis(reader: &mut Reader) -> Option<Option<RelaySettings>> {
    let url = reader.read("redis.url", redis_url);
    let keep = reader.read("redis.keep", count).map(|it| it as u64);
    let (url, keep) = (url?, keep?);
    Some(url.map(|url| RelaySettings { url, keep }))
}

fn limits(reader: &mut Reader) -> Option<Limits> {
    let queue = reader.read("limits.queue", count);
    let calls = reader.read("limits.calls", count);
    let message = reader.read("limits.message", |it| size(it, 32 * 1024, 4 * 1024 * 1024));
    Some(Limits { queue: queue?, calls: calls?, message: message? })
}

fn attachments(reader: &mut Reader) -> Option<Attachments> {
    let dir = reader.read("attachments.dir", optional);
    let size = reader.read("attachments.size", |it| size(it, 1024, 100 * 1024 * 1024));
    let types = reader.read("attachments.types", types);
    Some(Attachments { dir: dir?.map(PathBuf::from), size: size?, types: types? })
}

fn types(value: &Value) -> Result<Vec<MediaType>, String> {
    let all = || MediaType::ALL.map(MediaType::as_str).join(", ");
    let read = |it: &str| {
        MediaType::parse(it)
            .ok_or_else(|| format!("`{}` is no type that can be taken; these can: {}", it.trim(), all()))
    };
    match optional(value)? {
        None => Ok(MediaType::ALL.to_vec()),
        Some(written) => written.split(',').map(read).collect(),
    }
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

fn surveys(reader: &mut Reader) -> Option<Surveys> {
    let share = reader.read("surveys.share", share);
    let pause = reader.read("surveys.pause", days);
    Some(Surveys { share: share?, pause: pause? })
}

fn days(value: &Value) -> Result<u32, String> {
    let days = value.as_integer().and_then(|it| u32::try_from(it).ok()).filter(|it| *it <= 365);
    days.ok_or_else(|| "expected a number of days from 0 to 365".to_owned())
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
