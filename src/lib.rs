//! ticket-dispatch: a chat message becomes a routed, durable ITIL ticket.

pub mod model;
pub mod proto;
pub mod routing;
pub mod sinks;
pub mod store;
pub mod stream;
pub mod tasks;
pub mod telemetry;
pub mod text;
