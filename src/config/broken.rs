//! Promises that a test has the program break, to see whether the checks would notice. Not in releases.

use std::env;

/// A promise to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Callers are answered before their work is durable.
    ReplyBeforeCommit,
    /// A sink makes a record without looking for the one that an earlier attempt made.
    UnkeyedCreate,
    /// The relay leaves out every tenth event.
    GapInStream,
}

/// The one that the environment names, if any.
pub fn broken() -> Option<Broken> {
    match env::var("DISPATCH_FAULT").ok()?.as_str() {
        "reply_before_commit" => Some(Broken::ReplyBeforeCommit),
        "unkeyed_create" => Some(Broken::UnkeyedCreate),
        "gap_in_stream" => Some(Broken::GapInStream),
        _ => None,
    }
}
