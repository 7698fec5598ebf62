//! One chat as a pure machine: what was said, what is missing, what to say next.
//!
//! It is told the catalogue, what the model understood and the requester's tickets; it answers with
//! the conversation as it is afterwards, what shall happen to a ticket, and what to say. It does
//! nothing itself: no database, no clock, no ticket is made here.
//!
//! A message comes in as `heard`, `turn` takes it by what is waited for, and `reply` puts what came of it into
//! words. What is waited for: nothing (`meaning`, `adding`, `splitting`), a choice of templates (`choosing`), a
//! value (`filling`, `slots`), a yes (`confirming`), a choice of tickets (`tickets`, `meant`), consent to what
//! somebody else has asked for (`approving`), which asset is meant (`pointing`). An article may be offered beside it
//! (`offering`), and a question whether it is the same as many have (`waves`). What comes in between is in `digressing`, the
//! ticket in the making in `draft`, the troubles that were told in `matter`. How words are read is in `lexicon` and
//! `reading`; the words themselves are in `phrases/`.

mod adding;
mod advice;
pub mod approving;
mod choosing;
mod confirming;
mod digressing;
pub mod draft;
mod emergency;
mod filling;
pub mod heard;
pub mod lexicon;
pub mod matter;
mod meaning;
mod meant;
pub mod offering;
pub mod phrases;
pub mod pointing;
pub mod rating;
pub mod reading;
pub mod reply;
pub mod slots;
mod splitting;
pub mod state;
pub mod tickets;
pub mod trial;
pub mod turn;
pub mod waves;
