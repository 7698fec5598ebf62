//! What callers ask of the desk, already parsed.

use super::{
    assets::Relinked,
    changes::{Beginning, NewPlan, Placing},
};
use crate::domain::{
    attachment::Attachment,
    change::Review,
    id::{ArticleId, AttachmentId},
    lookup::TicketRef,
    people::{Language, Person},
    priority::{Impact, Urgency},
    template::Values,
    ticket::{Diagnosis, MoveTo, Relation, TaskAct},
};

/// One message of an employee.
#[derive(Debug, Clone)]
pub struct Message {
    /// The bot's id of it; the request id.
    pub request: String,
    /// The bot's key of the conversation.
    pub key: String,
    /// Who wrote.
    pub requester: Person,
    /// What.
    pub text: String,
    /// Answer in this language, whatever the message's is.
    pub language: Option<Language>,
}

/// A ticket to open.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// Request id.
    pub request: String,
    /// Id of the template.
    pub template: String,
    /// Who needs help.
    pub requester: Person,
    /// One line; empty takes the start of the description.
    pub subject: String,
    /// What happened.
    pub description: String,
    /// Values of the template's fields.
    pub fields: Values,
    /// Effect on the business; the template's if not said.
    pub impact: Option<Impact>,
    /// How long it can wait; the template's if not said.
    pub urgency: Option<Urgency>,
    /// Whom the caller speaks for, where that is somebody else than the requester.
    pub opened_by: Option<Person>,
}

/// A change of a ticket.
#[derive(Debug, Clone)]
pub struct Change {
    /// Request id.
    pub request: String,
    /// Which ticket.
    pub ticket: TicketRef,
    /// What to change.
    pub what: What,
    /// Refuse unless it has this version.
    pub expected: Option<u64>,
}

/// What to change of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Say something.
    Comment {
        /// What.
        text: String,
        /// Only agents see it.
        internal: bool,
    },
    /// Another state.
    Move(MoveTo),
    /// Something tied to it, or untied.
    Tie(Wish),
    /// Other assets.
    Assets(Box<Relinked>),
    /// What is known of a problem.
    Diagnose(Box<Diagnosis>),
    /// The article by which readers are told of a problem.
    Tell(ArticleId),
    /// What is planned of a change.
    Plan(Box<NewPlan>),
    /// Consent to a change.
    Submit,
    /// A place in the calendar for a change.
    Schedule(Box<Placing>),
    /// The beginning of a change that has one.
    Begin(Box<Beginning>),
    /// How a change went.
    Review(Box<Review>),
    /// Another group or agent.
    Assign {
        /// Id of the group.
        group: String,
        /// Id of the agent; the desk chooses if not said.
        agent: Option<String>,
    },
    /// An agent takes what is offered to them.
    Accept {
        /// Id of the agent.
        agent: String,
    },
    /// An agent does not take what is offered to them.
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
    },
    /// Other values.
    Update {
        /// One line.
        subject: Option<String>,
        /// Effect on the business.
        impact: Option<Impact>,
        /// How long it can wait.
        urgency: Option<Urgency>,
        /// Values of fields.
        fields: Values,
    },
}

/// What to tie to a ticket, or to untie.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Another ticket.
    Link {
        /// What it shall be to it: related, or its parent.
        relation: Relation,
        /// Which.
        other: TicketRef,
    },
    /// Another ticket, no more.
    Unlink {
        /// What it is to it.
        relation: Relation,
        /// Which.
        other: TicketRef,
    },
    /// Another ticket takes its place.
    Merge {
        /// Which.
        into: TicketRef,
    },
    /// Somebody who is told of it.
    Watch(Person),
    /// Somebody who is told of it no more.
    Unwatch(Person),
    /// A file that has come.
    Attach(Attachment),
    /// A file that nobody shall see any more.
    Detach {
        /// Its identity.
        id: AttachmentId,
        /// Why.
        reason: String,
    },
}

/// A ticket to make of a part of another one.
#[derive(Debug, Clone)]
pub struct Split {
    /// Request id.
    pub request: String,
    /// Of which.
    pub ticket: TicketRef,
    /// Of what.
    pub part: Part,
    /// Id of the template; the ticket's own if not said.
    pub template: Option<String>,
    /// One line; empty takes the start of the part.
    pub subject: String,
    /// Values of the template's fields, over those that are taken along.
    pub fields: Values,
    /// Refuse unless the ticket has this version.
    pub expected: Option<u64>,
}

/// A part of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These words.
    Text(String),
    /// What was said by the event at this position.
    Comment(u64),
}

/// A ticket that goes on where another one ended.
#[derive(Debug, Clone)]
pub struct FollowUp {
    /// Request id.
    pub request: String,
    /// Which one ended.
    pub ticket: TicketRef,
    /// What there is to say now.
    pub text: String,
}
