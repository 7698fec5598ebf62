//! ticket-dispatch: a chat message becomes a routed, durable ITIL ticket.
#![doc = ""]

pub mod model;
pub mod text;
