//! Approvals: who must agree before work on a request begins (ITIL 4, service request management practice).
//!
//! A template asks for ordered `plan`s. A ticket keeps them as they were when it was opened, and what has come of each
//! (`state`): the places of a step, who is asked for each place, their votes. `seating` finds who is asked, from the
//! catalogue; `tally` counts; `decide` says what a vote, a handing on, a change or the time brings; `apply` takes it
//! in. A step is asked when the one before it was granted, and nobody's vote counts for two places.

mod apply;
mod course;
mod decide;
mod event;
mod notice;
mod plan;
mod refusal;
mod seating;
mod state;
mod tally;
mod timing;

pub use self::{
    decide::{begin, cancel, delegate, follow, lapse, newly_needed, replace, restart, submit, vote},
    event::{Event, Handover},
    notice::{Button, Notice},
    plan::{Approver, Expiry, Need, OwnRequest, Plan, Quorum, StepPlan, Who},
    refusal::Refusal,
    seating::{DESK, Departed, agent_of, agent_person, approver_of, as_asked, authors, is_available, named},
    state::{Approval, Asked, Ending, Outcome, Seat, Step, Vote},
    timing::{due, look},
};

#[cfg(test)]
mod tests;
