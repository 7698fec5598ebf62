//! ticket-dispatch: a chat message becomes a routed, durable ITIL ticket.

pub mod conversation;
pub mod domain;
pub mod model;
pub mod proto;
pub mod routing;
pub mod store;
pub mod text;
