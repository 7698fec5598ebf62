//! A simulated service desk: which way of giving out work keeps the most promises, before anybody is dispatched by it.
//!
//! A discrete-event simulation that drives the real policies over a real catalogue: its calendars, shifts, skills,
//! capacities and SLA clocks. Every policy gets the very same tickets (common random numbers), so that what differs
//! between them is not luck. Pure: the seed comes in.
//!
//! The way: `scenario` is a catalogue and where its tickets come from, `demand` makes them at random and `history` draws
//! them from what once came, `run` is one desk under one policy, `study` runs all of them many times, `estimate` says
//! how sure that is, `findings` puts it into words and figures, and `page` draws it. Apart from that, `waves`
//! measures how soon incident waves are found.

pub mod chance;
pub mod demand;
pub mod estimate;
pub mod findings;
pub mod history;
pub mod page;
pub mod run;
pub mod scenario;
pub mod study;
pub mod waves;

#[cfg(test)]
mod tests;
