//! The rules themselves. A change here is a change of the design: say in the commit why.

/// What a room of this crate may import.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Imports {
    Everything,
    Only(&'static [&'static str]),
}

use Imports::{Everything, Only};

/// A room, and the rooms that it may import besides itself. A new room must be entered here.
pub(crate) const MAY_IMPORT: &[(&str, Imports)] = &[
    ("domain", Only(&[])),
    ("text", Only(&[])),
    ("clock", Only(&["domain"])),
    ("config", Only(&["domain", "sinks", "stream", "text", "tracking"])),
    ("tasks", Only(&[])),
    ("telemetry", Only(&[])),
    ("catalog", Only(&["domain", "text"])),
    ("model", Only(&["text"])),
    ("conversation", Only(&["domain", "text", "model"])),
    ("routing", Only(&["domain", "model"])),
    ("simulate", Only(&["domain", "model", "routing"])),
    // What is usual is routing's to know, and the store's to keep.
    ("proto", Only(&["domain", "conversation", "routing"])),
    ("store", Only(&["domain", "conversation", "routing", "proto"])),
    (
        "desk",
        Only(&[
            "domain",
            "text",
            "model",
            "conversation",
            "routing",
            "catalog",
            "store",
            "attachments",
            "clock",
            "proto",
        ]),
    ),
    ("attachments", Only(&["domain", "clock"])),
    ("sinks", Only(&["domain", "proto"])),
    ("stream", Only(&["domain", "store", "sinks", "proto"])),
    ("api", Only(&["desk", "domain", "model", "conversation", "catalog", "clock", "proto", "telemetry"])),
    ("console", Only(&["desk", "domain", "telemetry"])),
    ("client", Only(&["proto"])),
    ("tracking", Only(&[])),
    ("app", Everything),
    ("commands", Everything),
    ("main", Everything),
    ("lib", Everything),
];

/// A name from outside, and the only rooms that may say it. A name in small letters is a crate, or a path from one;
/// any other is said wherever it stands in a path.
pub(crate) const MAY_SAY: &[(&str, &[&str])] = &[
    ("clap", &["main", "commands"]),
    ("clap_complete", &["commands"]),
    ("indicatif", &["commands"]),
    ("tonic", &["client", "api", "proto"]),
    ("std::env", &["config", "main"]),
    ("SystemTime::now", &["clock"]),
    ("Instant::now", &["clock"]),
    ("Timestamp::now", &["clock"]),
    ("Zoned::now", &["clock"]),
    ("Uuid::now_v7", &["clock"]),
    ("Uuid::new_v4", &["clock"]),
    ("tokio::spawn", &["tasks"]),
    ("tokio::task::spawn", &["tasks"]),
    ("JoinSet", &["tasks"]),
    ("sqlx", &["store"]),
    ("redis", &["stream"]),
    ("reqwest", &["sinks", "tracking"]),
    ("axum", &["console"]),
    ("linfa", &["model"]),
    ("ndarray", &["model"]),
    ("sprs", &["model"]),
    ("safetensors", &["model"]),
    ("serde_saphyr", &["catalog"]),
    ("icalendar", &["catalog"]),
    ("csv", &["model", "commands", "desk"]),
    ("simplet2s", &["text"]),
];

/// Rooms that compute and do nothing else: they neither wait nor look at the world.
pub(crate) const PURE: &[&str] = &["domain", "text", "conversation", "routing", "model", "simulate"];

/// The parts of `model` that read and write files: artifacts, corpora and the registry. Training and inference are
/// pure.
pub(crate) const NOT_PURE: &[&str] = &["model/artifact/file", "model/readers", "model/registry/folder"];

/// Names that a pure room does not say, in the manner of `MAY_SAY`.
pub(crate) const NOT_IN_PURE: &[&str] =
    &["tokio", "rand", "std::fs", "std::env", "std::net", "SystemTime", "Instant"];

/// Keywords that a pure room does not use.
pub(crate) const NOT_A_PURE_WORD: &[&str] = &["async", "await"];

/// Names of modules that say nothing about what is in them.
pub(crate) const SAYS_NOTHING: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];

/// The longest that a file may be.
pub(crate) const LINES: usize = 500;
