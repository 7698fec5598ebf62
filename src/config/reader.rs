//! Reads single settings into their types. A value that cannot work is noted, with what would be
//! right, and reading goes on.

use std::{net::SocketAddr, time::Duration};

use toml::Value;

use super::layers::{Fault, Layers};

/// Reads settings and collects faults.
pub(super) struct Reader {
    layers: Layers,
}

impl Reader {
    pub(super) fn new(layers: Layers) -> Self {
        Self { layers }
    }

    /// A setting read by `parse`, which answers what would be right if it cannot.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let setting = self.layers.settings.get(key)?.clone();
        match parse(&setting.value) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.layers.fault(key, &setting.value, &setting.origin, &problem);
                None
            }
        }
    }

    /// Notes that a setting, fine by itself, does not go with another.
    pub(super) fn clash(&mut self, key: &str, problem: &str) {
        if let Some(setting) = self.layers.settings.get(key).cloned() {
            self.layers.fault(key, &setting.value, &setting.origin, problem);
        }
    }

    /// What was noted.
    pub(super) fn faults(self) -> Vec<Fault> {
        self.layers.faults
    }
}

/// A text.
pub(super) fn text(value: &Value) -> Result<String, String> {
    value.as_str().map(str::to_owned).ok_or_else(|| "expected a text in quotes".to_owned())
}

/// A text, or nothing if it is empty.
pub(super) fn optional(value: &Value) -> Result<Option<String>, String> {
    text(value).map(|it| Some(it).filter(|it| !it.is_empty()))
}

/// A text that must not be empty.
pub(super) fn needed(value: &Value) -> Result<String, String> {
    optional(value)?.ok_or_else(|| "must not be empty".to_owned())
}

/// Yes or no.
pub(super) fn yes_or_no(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "expected true or false".to_owned())
}

/// An address with a port; the name `localhost` stands for 127.0.0.1.
pub(super) fn address(value: &Value) -> Result<SocketAddr, String> {
    let written = text(value)?.replace("localhost:", "127.0.0.1:");
    let example = "expected ADDRESS:PORT such as 127.0.0.1:7400, [::1]:7400 or 0.0.0.0:7400";
    written.parse().map_err(|_| example.to_owned())
}

/// A whole number of at least 1.
pub(super) fn count(value: &Value) -> Result<usize, String> {
    let number = value.as_integer().and_then(|it| usize::try_from(it).ok());
    number.filter(|it| (1..=1_000_000).contains(it)).ok_or_else(|| "expected 1 to 1000000".to_owned())
}

/// A share from 0 to 1.
#[expect(clippy::cast_possible_truncation, reason = "a share needs no more digits than f32 has")]
pub(super) fn share(value: &Value) -> Result<f32, String> {
    let number = match value {
        Value::Float(it) => Some(*it as f32),
        Value::Integer(0) => Some(0.0),
        Value::Integer(1) => Some(1.0),
        Value::Integer(_)
        | Value::String(_)
        | Value::Boolean(_)
        | Value::Datetime(_)
        | Value::Array(_)
        | Value::Table(_) => None,
    };
    number
        .filter(|it| (0.0..=1.0).contains(it))
        .ok_or_else(|| "expected a number from 0 to 1, such as 0.85".to_owned())
}

/// A time span such as `500ms`, `10s` or `2m`; at most an hour.
pub(super) fn span(value: &Value) -> Result<Duration, String> {
    let written = text(value)?;
    let units = [("ms", 1), ("s", 1000), ("m", 60_000)];
    let millis = units.iter().find_map(|(unit, millis)| {
        let number: u64 = written.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(*millis)
    });
    let within = millis.filter(|it| *it <= 3_600_000).map(Duration::from_millis);
    within.ok_or_else(|| "expected a time span up to 60m, such as 500ms, 10s or 2m".to_owned())
}

/// A size between two bounds in bytes, such as `64KiB`, `4MiB` or `65536`.
pub(super) fn size(value: &Value, smallest: usize, largest: usize) -> Result<usize, String> {
    let written = value.as_integer().map_or_else(|| text(value), |bytes| Ok(bytes.to_string()))?;
    let units = [("KiB", 1024), ("MiB", 1024 * 1024), ("", 1)];
    let bytes = units.iter().find_map(|(unit, bytes)| {
        let number: usize = written.strip_suffix(unit)?.trim().parse().ok()?;
        number.checked_mul(*bytes)
    });
    let problem =
        || format!("expected {}KiB to {}MiB, such as 64KiB", smallest / 1024, largest / (1024 * 1024));
    bytes.filter(|it| (smallest..=largest).contains(it)).ok_or_else(problem)
}

/// One of a few words.
pub(super) fn word<T: Copy>(value: &Value, words: &[(&str, T)]) -> Result<T, String> {
    let written = text(value)?;
    let legal: Vec<_> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    let found = words.iter().find(|(word, _)| *word == written).map(|(_, meant)| *meant);
    found.ok_or_else(|| format!("expected {}", legal.join(" or ")))
}
