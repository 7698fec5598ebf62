//! ticket-dispatch: a chat message becomes a routed, durable ITIL ticket.

pub mod catalog;
pub mod conversation;
pub mod domain;
pub mod model;
pub mod proto;
pub mod text;
