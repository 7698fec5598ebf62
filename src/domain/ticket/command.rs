//! What may be asked of a ticket.

use super::TaskAct;
use crate::domain::{
    assignment::Because,
    lifecycle::{HoldReason, State},
    priority::{Impact, Priority, Urgency},
    sla::Due,
    template::Values,
    time::Timestamp,
};

/// What somebody wants of a ticket that stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Say something.
    Comment {
        /// What.
        text: String,
        /// Only agents see it.
        internal: bool,
        /// The requester says it.
        by_requester: bool,
    },
    /// Another state.
    Move {
        /// Which.
        to: State,
        /// Needed for on hold.
        hold: Option<HoldReason>,
        /// Needed for resolved.
        resolution: String,
    },
    /// Another group or agent.
    Assign {
        /// Id of the group.
        group: String,
        /// Id of the agent.
        agent: Option<String>,
        /// Why.
        because: Vec<Because>,
    },
    /// The agent whom it is offered to takes it.
    Accept {
        /// Id of the agent.
        agent: String,
    },
    /// The agent whom it is offered to does not.
    Decline {
        /// Id of the agent.
        agent: String,
        /// Why.
        reason: String,
    },
    /// Something of one of its tasks.
    Task {
        /// Id of the task.
        task: String,
        /// What.
        act: TaskAct,
        /// When it is asked.
        now: Timestamp,
    },
    /// Other values.
    Update(Update),
}

/// Other values of a ticket; `None` and empty leave what is there. Priority and due times have been
/// worked out by whoever knows the catalogue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Update {
    /// One line.
    pub subject: Option<String>,
    /// Effect on the business.
    pub impact: Option<Impact>,
    /// How long it can wait.
    pub urgency: Option<Urgency>,
    /// From the two.
    pub priority: Option<Priority>,
    /// Values to set.
    pub fields: Values,
    /// By when: from the original start, with all pauses.
    pub due: Option<Due>,
    /// Version of the catalogue that the due times were reckoned with.
    pub catalog: Option<u64>,
}
