//! What may have happened to a ticket.

use super::{Diagnosis, Moved, Offer, Passed, Surveyed, Ticket, TicketAssets, Tied, Update};
use crate::domain::{
    approval::{self, Notice},
    assignment::{Because, Decision},
    change::{Plan, Review, Scheduled},
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
        /// It was said on a ticket that this one has taken the place of.
        carried: Option<Carried>,
    },
    /// It reached another state.
    Moved(Moved),
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
    /// Something was tied to it, or untied.
    Tied(Tied),
    /// It is about other assets than before, or others hang on them.
    AssetsChanged(TicketAssets),
    /// More is known of a problem, or less.
    Diagnosed(Box<Diagnosis>),
    /// A change was planned, or is more or less risky than before.
    Planned(Box<Plan>),
    /// A change got its place in the calendar.
    Scheduled(Box<Scheduled>),
    /// Somebody looked back on a change.
    Reviewed(Box<Review>),
    /// The requester is asked how satisfied they are, or has said so.
    Surveyed(Box<Surveyed>),
    /// Something happened to its approval.
    Approval {
        /// What.
        event: approval::Event,
        /// Who is to be told what.
        tell: Vec<Notice>,
    },
}

/// Where and when something was said that another ticket brought along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Number of the ticket.
    pub number: String,
    /// When.
    pub at: Timestamp,
}
