//! The way out: relay, ordered reader and deliveries, against a real Redis, a real log, and a ticket store
//! that can be told to misbehave.

mod deliver;
pub(crate) mod desk;
mod reader;
mod relay;
mod restored;
mod tracker;
mod whole;

pub(crate) use self::desk::Desk;
