//! ticket-dispatch: a chat message becomes a routed, durable ITIL ticket.

pub mod api;
pub mod app;
pub mod catalog;
pub mod client;
pub mod clock;
pub mod commands;
pub mod config;
pub mod console;
pub mod conversation;
pub mod desk;
pub mod domain;
pub mod model;
pub mod proto;
pub mod routing;
pub mod sinks;
pub mod store;
pub mod stream;
pub mod tasks;
pub mod telemetry;
pub mod text;
