//! Lays the sources of settings over one another: the defaults, a file, the environment, the command
//! line. What comes out is flat: one value a dotted key, with the place that it came from.

use std::{collections::BTreeMap, fmt};

use toml::{Table, Value};

use crate::text::nearest::nearest;

/// Variables that start with `DISPATCH_` and are no settings of the server: which file to read, and
/// the token that `chat` shows.
const OTHER_VARIABLES: [&str; 2] = ["DISPATCH_CONFIG", "DISPATCH_TOKEN"];

/// Where settings come from, in the order in which one overrides the other.
#[derive(Debug, Default)]
pub struct Sources {
    /// A settings file: its name and its content.
    pub file: Option<(String, String)>,
    /// The environment, whole; variables without `DISPATCH_` in front are not looked at.
    pub environment: BTreeMap<String, String>,
    /// What the command line said.
    pub flags: Vec<Flag>,
}

/// A setting said on the command line.
#[derive(Debug, Clone)]
pub struct Flag {
    /// As typed, such as `--listen`.
    pub name: &'static str,
    /// The setting's key, such as `listen`.
    pub key: &'static str,
    /// Its value.
    pub value: String,
}

/// What is wrong with one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Dotted key, variable or file.
    pub key: String,
    /// The value given, passwords masked; empty if it is not about a value.
    pub value: String,
    /// Where it was said.
    pub origin: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        if !self.value.is_empty() {
            write!(f, " = {}", self.value)?;
        }
        if !self.origin.is_empty() {
            write!(f, " ({})", self.origin)?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// A value and the place that it came from.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    pub(super) value: Value,
    pub(super) origin: String,
}

/// The settings as said last, and what could not be made sense of.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) settings: BTreeMap<String, Setting>,
    pub(super) sinks: Vec<Setting>,
    pub(super) faults: Vec<Fault>,
}

impl Layers {
    /// Lays `sources` over the defaults, whose keys are all the keys there are.
    pub(super) fn gather(defaults: &str, sources: &Sources) -> Self {
        let mut layers = Self::default();
        let base = layers.parse("built-in defaults", defaults);
        flatten(&base, "", &mut |key, value| {
            let setting = Setting { value: value.clone(), origin: "default".to_owned() };
            layers.settings.insert(key, setting);
        });
        if let Some((name, content)) = &sources.file {
            layers.lay_file(name, content);
        }
        layers.lay_environment(&sources.environment);
        for Flag { name, key, value } in &sources.flags {
            layers.lay_text(key, value, format!("from {name}"));
        }
        layers
    }

    fn lay_file(&mut self, name: &str, content: &str) {
        let mut table = self.parse(name, content);
        let origin = format!("in {name}");
        match table.remove("sink") {
            Some(Value::Array(sinks)) => {
                self.sinks =
                    sinks.into_iter().map(|value| Setting { value, origin: origin.clone() }).collect();
            }
            Some(value) => {
                self.fault("sink", &value, &origin, "each sink is a table of its own, under [[sink]]");
            }
            None => (),
        }
        let mut said = Vec::new();
        flatten(&table, "", &mut |key, value| said.push((key, value.clone())));
        for (key, value) in said {
            match self.settings.get_mut(&key) {
                Some(setting) => *setting = Setting { value, origin: origin.clone() },
                None => {
                    let problem = unknown("setting", nearest(&key, self.settings.keys().map(String::as_str)));
                    self.fault(&key, &value, &origin, &problem);
                }
            }
        }
    }

    fn lay_environment(&mut self, environment: &BTreeMap<String, String>) {
        let keys: BTreeMap<String, String> =
            self.settings.keys().map(|key| (variable(key), key.clone())).collect();
        let tokens: Vec<String> = self.sinks.iter().filter_map(token_variable).collect();
        for (name, text) in environment.iter().filter(|(name, _)| name.starts_with("DISPATCH_")) {
            if let Some(key) = keys.get(name) {
                self.lay_text(key, text, format!("from {name}"));
            } else if !is_elsewhere(name) && !tokens.contains(name) {
                let problem = unknown("variable", nearest(name, keys.keys().map(String::as_str)));
                let (key, origin) = (name.clone(), "in the environment".to_owned());
                self.faults.push(Fault { key, value: String::new(), origin, problem });
            }
        }
    }

    /// A text becomes what the default is: a number, a yes or no, or stays a text.
    fn lay_text(&mut self, key: &str, text: &str, origin: String) {
        let Some(setting) = self.settings.get_mut(key) else { return };
        let read = match &setting.value {
            Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
            Value::Float(_) => text.trim().parse().ok().map(Value::Float),
            Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
            Value::String(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
        };
        *setting = Setting { value: read.unwrap_or_else(|| Value::String(text.to_owned())), origin };
    }

    fn parse(&mut self, name: &str, content: &str) -> Table {
        content.parse::<Table>().unwrap_or_else(|error| {
            let before = error.span().and_then(|span| content.get(..span.start)).unwrap_or_default();
            let origin = format!("line {}", before.matches('\n').count() + 1);
            let problem = format!("is not TOML: {}", error.message());
            self.faults.push(Fault { key: name.to_owned(), value: String::new(), origin, problem });
            Table::new()
        })
    }

    pub(super) fn fault(&mut self, key: &str, value: &Value, origin: &str, problem: &str) {
        self.faults.push(Fault {
            key: key.to_owned(),
            value: masked(&value.to_string()),
            origin: origin.to_owned(),
            problem: problem.to_owned(),
        });
    }
}

/// "did you mean", or where all the names are.
pub(super) fn unknown(what: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(known) => format!("there is no such {what}; did you mean `{known}`?"),
        None => format!("there is no such {what}; deploy/desk.toml lists them all"),
    }
}

/// The environment variable of a key.
pub(super) fn variable(key: &str) -> String {
    format!("DISPATCH_{}", key.replace('.', "_").to_uppercase())
}

fn token_variable(sink: &Setting) -> Option<String> {
    sink.value.get("token_env").and_then(Value::as_str).map(str::to_owned)
}

/// Whether somebody else set it: Kubernetes gives every pod such variables for a service called
/// `dispatch`, and they are no fault of the operator.
fn is_elsewhere(name: &str) -> bool {
    let kubernetes = ["DISPATCH_SERVICE_HOST", "DISPATCH_SERVICE_PORT", "DISPATCH_PORT"];
    let is_for_tests = cfg!(debug_assertions) && name == "DISPATCH_FAULT";
    is_for_tests || OTHER_VARIABLES.contains(&name) || kubernetes.iter().any(|it| name.starts_with(it))
}

fn flatten(table: &Table, prefix: &str, each: &mut impl FnMut(String, &Value)) {
    for (name, value) in table {
        match value {
            Value::Table(inner) => flatten(inner, &format!("{prefix}{name}."), each),
            Value::String(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Datetime(_)
            | Value::Array(_) => each(format!("{prefix}{name}"), value),
        }
    }
}

/// A URL without the user and password that may stand before its host.
fn masked(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}://…{}", &text[..scheme], &text[at..]),
        _ => text.to_owned(),
    }
}
