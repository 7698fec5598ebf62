//! One chat as a pure machine: what was said, what is missing, what to say next.
//!
//! It is told the catalogue, what the model understood and the requester's tickets; it answers with
//! the conversation as it is afterwards, what shall happen to a ticket, and what to say. It does
//! nothing itself: no database, no clock, no ticket is made here.

mod adding;
mod advice;
mod choosing;
mod confirming;
mod digressing;
pub mod draft;
mod filling;
pub mod heard;
pub mod lexicon;
mod meaning;
mod meant;
pub mod phrases;
pub mod reading;
pub mod reply;
pub mod slots;
mod splitting;
pub mod state;
pub mod tickets;
pub mod turn;
