//! What the owner says about a sink.

use std::{collections::BTreeMap, fmt};

/// One `[[sink]]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkSettings {
    /// Names it in receipts, metrics and logs; a sink that is renamed starts from the first event.
    pub name: String,
    /// Which product it is.
    pub kind: SinkKind,
    /// Root of its web interface, such as `https://rt.example.com`.
    pub url: String,
    /// Its credential.
    pub token: Secret,
    /// Its queue for each of our groups.
    pub queues: BTreeMap<String, String>,
    /// Its queue for every other group.
    pub default_queue: String,
    /// Its user for each of our agents.
    pub owners: BTreeMap<String, String>,
    /// How often one event is tried before it goes to the dead letters.
    pub attempts: u32,
}

/// Products that a sink can speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkKind {
    /// `request_tracker`.
    RequestTracker,
}

/// A credential: shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// Settings that describe no sink: which one, which field, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("sink `{sink}`: {field}: {why}")]
pub struct BadSink {
    /// Its name.
    pub sink: String,
    /// The setting.
    pub field: &'static str,
    /// What is wrong, and what would be right. Never the value of a secret.
    pub why: String,
}

impl SinkSettings {
    /// A fault of one of its fields.
    pub fn bad(&self, field: &'static str, why: impl Into<String>) -> BadSink {
        BadSink { sink: self.name.clone(), field, why: why.into() }
    }

    /// Refuses what no product could work with.
    pub fn check(&self) -> Result<(), BadSink> {
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-' || it == b'_';
        if !(1..=64).contains(&self.name.len()) || !self.name.bytes().all(plain) {
            let right = "expected 1 to 64 lower-case letters, digits, hyphens or underscores";
            return Err(self.bad("name", right));
        }
        if self.default_queue.trim().is_empty() {
            return Err(self.bad("default_queue", "expected the name of the queue for groups without one"));
        }
        if self.attempts == 0 {
            return Err(self.bad("attempts", "expected 1 or more"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> SinkSettings {
        SinkSettings {
            name: "rt".to_owned(),
            kind: SinkKind::RequestTracker,
            url: "https://rt.example.com".to_owned(),
            token: Secret("1-2-abcdef".to_owned()),
            queues: BTreeMap::new(),
            default_queue: "General".to_owned(),
            owners: BTreeMap::new(),
            attempts: 12,
        }
    }

    #[test]
    fn a_token_shows_nowhere() {
        let settings = settings();
        assert!(!format!("{settings:?}").contains("abcdef"));
    }

    #[test]
    fn a_fault_names_the_sink_and_the_field() {
        let bad = SinkSettings { attempts: 0, ..settings() };
        assert_eq!(bad.check().unwrap_err().to_string(), "sink `rt`: attempts: expected 1 or more");
        let bad = SinkSettings { name: "R T".to_owned(), ..settings() };
        assert_eq!(bad.check().unwrap_err().field, "name");
    }
}
