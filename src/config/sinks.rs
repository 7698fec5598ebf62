//! Settings of the downstream ticket stores: the `[[sink]]` tables.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use toml::{Table, Value};

use super::{
    layers::{Fault, Layers, Setting, unknown},
    reader::{count, needed, text, word},
};
use crate::{
    sinks::settings::{Secret, SinkKind, SinkSettings},
    text::nearest::nearest,
};

const KEYS: [&str; 10] = [
    "name",
    "kind",
    "url",
    "token",
    "token_env",
    "token_file",
    "attempts",
    "default_queue",
    "queues",
    "owners",
];

/// Reads all sinks; what is wrong with any of them is noted.
pub(super) fn read(layers: &mut Layers, environment: &BTreeMap<String, String>) -> Vec<SinkSettings> {
    let mut faults = Vec::new();
    let mut names = BTreeSet::new();
    let mut sinks = Vec::new();
    for (index, Setting { value, origin }) in layers.sinks.iter().enumerate() {
        let empty = Table::new();
        let table = value.as_table().unwrap_or(&empty);
        let mut entry = Entry { table, index, origin, faults: &mut faults };
        if let Some(sink) = entry.sink(environment) {
            if !names.insert(sink.name.clone()) {
                entry.fault("name", "another sink has this name already".to_owned());
            }
            sinks.push(sink);
        }
    }
    layers.faults.append(&mut faults);
    sinks
}

/// One table while it is read.
struct Entry<'a> {
    table: &'a Table,
    index: usize,
    origin: &'a str,
    faults: &'a mut Vec<Fault>,
}

impl Entry<'_> {
    fn sink(&mut self, environment: &BTreeMap<String, String>) -> Option<SinkSettings> {
        self.refuse_unknown_keys();
        let name = self.read("name", needed);
        let kind = self.read("kind", |it| word(it, &[("request_tracker", SinkKind::RequestTracker)]));
        let url = self.read("url", url);
        let token = self.token(environment);
        let attempts = self
            .read_or("attempts", 12, |it| count(it).map(|tries| u32::try_from(tries).unwrap_or(u32::MAX)));
        let default_queue = self.read_or("default_queue", "General".to_owned(), needed);
        let queues = self.read_or("queues", BTreeMap::new(), map);
        let owners = self.read_or("owners", BTreeMap::new(), map);
        let sink = SinkSettings {
            name: name?,
            kind: kind?,
            url: url?,
            token: token?,
            attempts: attempts?,
            default_queue: default_queue?,
            queues: queues?,
            owners: owners?,
        };
        // What the sinks themselves ask for beyond that.
        sink.check().map_err(|bad| self.fault(bad.field, bad.why)).ok()?;
        Some(sink)
    }

    fn refuse_unknown_keys(&mut self) {
        let strangers: Vec<_> =
            self.table.keys().filter(|it| !KEYS.contains(&it.as_str())).cloned().collect();
        for key in strangers {
            let problem = unknown("setting of a sink", nearest(&key, KEYS));
            self.fault(&key, problem);
        }
    }

    fn token(&mut self, environment: &BTreeMap<String, String>) -> Option<Secret> {
        let ways: Vec<_> = ["token", "token_env", "token_file"]
            .into_iter()
            .filter(|it| self.table.contains_key(*it))
            .collect();
        let [way] = ways[..] else {
            self.fault("token", "needs one of token_env, token_file and token".to_owned());
            return None;
        };
        let token = self.read(way, |it| match way {
            "token_env" => variable(it, environment),
            "token_file" => file(it),
            _ => text(it),
        })?;
        let token = token.trim().to_owned();
        if token.is_empty() || token.chars().any(|it| it.is_control() || it.is_whitespace()) {
            self.fault(way, "what it names holds no token: expected one word".to_owned());
            return None;
        }
        Some(Secret(token))
    }

    fn read<T>(&mut self, key: &str, parse: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        let read = match self.table.get(key) {
            Some(value) => parse(value),
            None => Err("is missing".to_owned()),
        };
        read.map_err(|problem| self.fault(key, problem)).ok()
    }

    fn read_or<T>(
        &mut self,
        key: &str,
        default: T,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        if self.table.contains_key(key) { self.read(key, parse) } else { Some(default) }
    }

    fn fault(&mut self, key: &str, problem: String) {
        let value = self.table.get(key).map(ToString::to_string).unwrap_or_default();
        let value = if key == "token" { String::new() } else { value };
        let (key, origin) = (format!("sink[{}].{key}", self.index), self.origin.to_owned());
        self.faults.push(Fault { key, value, origin, problem });
    }
}

fn variable(value: &Value, environment: &BTreeMap<String, String>) -> Result<String, String> {
    let name = needed(value)?;
    let missing = || format!("the environment has no variable {name}");
    environment.get(&name).cloned().ok_or_else(missing)
}

fn file(value: &Value) -> Result<String, String> {
    fs::read_to_string(needed(value)?).map_err(|error| format!("cannot be read: {error}"))
}

fn url(value: &Value) -> Result<String, String> {
    let written = text(value)?;
    let host = written.strip_prefix("https://").or_else(|| written.strip_prefix("http://"));
    let fine = host.is_some_and(|it| !it.is_empty() && !it.contains(['@', ' ']));
    let example = "expected http:// or https:// and a host, such as https://rt.example.com";
    fine.then(|| written.trim_end_matches('/').to_owned()).ok_or_else(|| example.to_owned())
}

fn map(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let wrong = || "expected a table of texts, such as { network = \"Network\" }".to_owned();
    let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    let table = value.as_table().ok_or_else(wrong)?;
    table.iter().map(pair).collect::<Option<_>>().ok_or_else(wrong)
}
