//! One chat as a pure machine: what was said, what is missing, what to say next.
//!
//! It is told the catalogue, what the model understood and the requester's tickets; it answers with
//! the conversation as it is afterwards, what shall happen to a ticket, and what to say. It does
//! nothing itself: no database, no clock, no ticket is made here.

mod advice;
mod choosing;
mod confirming;
pub mod draft;
mod filling;
pub mod heard;
pub mod lexicon;
pub mod phrases;
pub mod reading;
pub mod reply;
pub mod slots;
pub mod state;
pub mod tickets;
pub mod turn;
