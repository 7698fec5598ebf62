//! Changes on the real program: planned, agreed to, scheduled, carried out and reviewed; kept from each other and from
//! freeze periods; and what they have to do with what waits for them and with what goes wrong after them. On both databases.

mod after;
mod bad;
mod beginning;
mod calendar;
mod collisions;
mod commands;
mod consent;
mod life;
mod many;
mod settled;
pub(crate) mod stage;
