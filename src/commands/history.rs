//! What happened to an entry of the directory of people or of the register of assets, as their commands tell it.

use serde_json::{Value, json};

use crate::proto::{
    time::time_from,
    v1::{self, event::Fact},
};

/// One change as a JSON object.
pub(super) fn change(event: &v1::Event) -> Value {
    json!({ "time": when(event), "actor": event.actor, "position": event.position, "changed": what(event) })
}

/// When it was.
pub(super) fn when(event: &v1::Event) -> String {
    event.time.as_ref().map(|it| time_from(it).rfc3339()).unwrap_or_default()
}

/// The fields that changed; `entered` for a new entry.
pub(super) fn what(event: &v1::Event) -> String {
    let changed = match &event.fact {
        Some(Fact::PersonChanged(it)) => it.changed.as_slice(),
        Some(Fact::AssetChanged(it)) => it.changed.as_slice(),
        Some(_) | None => &[],
    };
    if changed.is_empty() { "entered".to_owned() } else { changed.join(", ") }
}
