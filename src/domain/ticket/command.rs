//! What may be asked of a ticket.

use super::{Diagnosis, TaskAct, TicketAssets};
use crate::domain::{
    assignment::Because,
    change::{Plan, Review, Scheduled},
    lifecycle::{CancelReason, HoldReason, ResolutionCode, State, Who},
    people::Person,
    priority::{Impact, Priority, Urgency},
    sla::{Due, Promised, SlaChoice},
    template::Values,
    time::Timestamp,
};

use super::Tie;

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
    Move(Box<MoveTo>),
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
    /// Something tied to it, or untied.
    Tie(Tie),
    /// Other assets.
    Assets(Box<TicketAssets>),
    /// What is known of a problem.
    Diagnose(Box<Diagnosis>),
    /// What is planned of a change.
    Plan(Box<Plan>),
    /// Consent to a change.
    Submit,
    /// A place in the calendar.
    Schedule(Box<Scheduled>),
    /// How a change went.
    Review(Box<Review>),
    /// How satisfied somebody is.
    Rate {
        /// Who.
        by: Person,
        /// From 1 to 5.
        score: u8,
        /// In their words.
        comment: String,
        /// When they say it.
        now: Timestamp,
    },
}

/// Another state, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveTo {
    /// Which.
    pub to: State,
    /// Who moves it.
    pub who: Who,
    /// Needed for on hold.
    pub hold: Option<HoldReason>,
    /// Until when it is on hold at most.
    pub until: Option<Timestamp>,
    /// Needed for resolved.
    pub resolution: String,
    /// In what way it is resolved.
    pub code: Option<ResolutionCode>,
    /// Needed for cancelled, unless the requester cancels.
    pub cancel: Option<CancelReason>,
    /// What is said with it; needed for a question to the requester, and for taking up what was resolved.
    pub comment: String,
    /// Numbers of changes that a change may collide with which is begun.
    pub accepted: Vec<String>,
}

impl MoveTo {
    /// Another state, with nothing said of it.
    pub fn new(to: State, who: Who) -> Self {
        Self {
            to,
            who,
            hold: None,
            until: None,
            resolution: String::new(),
            code: None,
            cancel: None,
            comment: String::new(),
            accepted: vec![],
        }
    }
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
    /// What the promises go on to be reckoned by, where the desk raises the urgency by itself.
    pub promised: Option<Promised>,
    /// Values to set.
    pub fields: Values,
    /// By when: from the original start, with all pauses.
    pub due: Option<Due>,
    /// Another SLA policy, and what chose it.
    pub sla: Option<SlaChoice>,
    /// Version of the catalogue that the due times were reckoned with.
    pub catalog: Option<u64>,
}
