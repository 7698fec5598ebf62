//! What may have happened to a ticket.

use super::{Offer, Passed, Ticket, Update};
use crate::domain::{
    approval::{self, Notice},
    assignment::{Because, Decision},
    lifecycle::{HoldReason, State},
    sla::{Fired, Whom},
    task::TaskChange,
    time::Timestamp,
};

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It was opened, routed and given its due times.
    Opened {
        /// The ticket as opened.
        ticket: Box<Ticket>,
        /// Where it went, and why.
        decision: Box<Decision>,
    },
    /// It was given to somebody.
    Assigned {
        /// Id of the group.
        group: String,
        /// Id of the agent.
        agent: Option<String>,
        /// Why.
        because: Vec<Because>,
    },
    /// It was offered to somebody.
    Offered {
        /// To whom, and until when.
        offer: Offer,
        /// Why.
        because: Vec<Because>,
    },
    /// An offer was not taken.
    Passed {
        /// By whom, and how.
        passed: Passed,
        /// What they said.
        reason: String,
    },
    /// Something was said.
    Commented {
        /// Who.
        author: String,
        /// What.
        text: String,
        /// Only agents see it.
        internal: bool,
        /// The requester said it.
        by_requester: bool,
    },
    /// It reached another state.
    Moved {
        /// From.
        from: State,
        /// To.
        to: State,
        /// Why it waits.
        hold: Option<HoldReason>,
        /// What was done.
        resolution: String,
        /// The requester moved it, which is no answer to them.
        by_requester: bool,
    },
    /// Values changed.
    Updated(Update),
    /// Something happened to one of its tasks.
    TaskChanged {
        /// Id of the task.
        task: String,
        /// What.
        change: TaskChange,
    },
    /// So much of a goal's time has passed.
    Escalated {
        /// Of which goal, and how much.
        fired: Fired,
        /// When that was; the event may come later.
        at: Timestamp,
        /// Who is to be told.
        notify: Vec<Whom>,
    },
    /// Something happened to its approval.
    Approval {
        /// What.
        event: approval::Event,
        /// Who is to be told what.
        tell: Vec<Notice>,
    },
}
