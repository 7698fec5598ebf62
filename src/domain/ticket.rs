//! A ticket: what may happen to it (`decide`), and what it is after something has (`apply`).

mod apply;
mod assets;
mod command;
mod course;
mod decide;
mod diagnosis;
mod event;
mod offering;
mod planning;
mod survey;
mod tasks;
mod ties;
mod tying;
mod waiting;

pub use self::{
    assets::{AssetAct, AssetFacts, AssetKnot, AssetLink, KEPT, LinkedHow, Said, TicketAssets},
    command::{Command, MoveTo, Update},
    course::{Course, Moved},
    decide::Refusal,
    diagnosis::{Diagnosis, Undiagnosed},
    event::{Carried, Event},
    offering::{Holder, Offer, Offering, Passed},
    planning::{RISK, Unplanned},
    survey::{BEST, Rating, Survey, Surveyed, Unrated},
    tasks::{MOST as MOST_TASKS, TaskAct, TaskRefusal},
    ties::{Link, Relation, Tied, Ties},
    tying::{Knot, Tie},
};
use super::{
    approval::Approval,
    change,
    field::FieldValue,
    id::{ConversationId, TicketId},
    lifecycle::{HoldReason, State},
    people::{Language, Person},
    priority::{Impact, Priority, Urgency},
    sla::{ClockState, Due},
    task::Task,
    template::Values,
    time::Timestamp,
};

/// Which practice a ticket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TicketKind {
    /// Something is broken.
    Incident,
    /// Somebody wants something.
    Request,
    /// The cause behind incidents.
    Problem,
    /// Something is done to what the company's work hangs on.
    Change,
}

impl TicketKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Incident, Self::Request, Self::Problem, Self::Change];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Request => "request",
            Self::Problem => "problem",
            Self::Change => "change",
        }
    }

    /// Whether the desk opens it for itself; employees ask for the others.
    pub fn is_the_desks_own(self) -> bool {
        match self {
            Self::Incident | Self::Request => false,
            Self::Problem | Self::Change => true,
        }
    }

    /// What its numbers begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Incident => "INC",
            Self::Request => "REQ",
            Self::Problem => "PRB",
            Self::Change => "CHG",
        }
    }
}

/// A ticket as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its identity.
    pub id: TicketId,
    /// What people call it.
    pub number: String,
    /// Which practice it belongs to.
    pub kind: TicketKind,
    /// Where it stands.
    pub state: State,
    /// Id of its template.
    pub template: String,
    /// Version of the template.
    pub template_version: u32,
    /// Id of the service concerned.
    pub service: String,
    /// One line.
    pub subject: String,
    /// What the requester said.
    pub description: String,
    /// Who needs help.
    pub requester: Person,
    /// Language that they are answered in.
    pub language: Language,
    /// Values of the template's fields.
    pub fields: Values,
    /// Effect on the business.
    pub impact: Impact,
    /// How long it can wait.
    pub urgency: Urgency,
    /// Order of work.
    pub priority: Priority,
    /// Id of the group that has it.
    pub group: String,
    /// Id of the agent who has it.
    pub agent: Option<String>,
    /// To whom it is offered.
    pub offering: Offering,
    /// The pieces of its work, in the order of its template.
    pub tasks: Vec<Task>,
    /// Why it is on hold.
    pub hold: Option<HoldReason>,
    /// What was done; empty until resolved.
    pub resolution: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Id of the SLA policy.
    pub sla: String,
    /// By when it must be answered and resolved.
    pub due: Due,
    /// What that is reckoned from.
    pub clocks: ClockState,
    /// When somebody first answered.
    pub responded: Option<Timestamp>,
    /// When it was resolved.
    pub resolved: Option<Timestamp>,
    /// Counts its events.
    pub version: u64,
    /// The conversation that opened it.
    pub conversation: Option<ConversationId>,
    /// How many comments it has.
    pub comments: u32,
    /// Who asked, and what was known of the requester.
    pub asked: Asked,
    /// How its life has gone.
    pub course: Course,
    /// Other tickets, people and files that belong to it.
    pub ties: Ties,
    /// Who must agree before the work begins, and how that stands.
    pub approval: Option<Box<Approval>>,
    /// The assets that it is about.
    pub assets: TicketAssets,
    /// What is known of the cause, of a problem.
    pub diagnosis: Option<Box<Diagnosis>>,
    /// What is planned and came of it, of a change.
    pub change: Option<Box<change::Record>>,
    /// How satisfied its requester is, if they were asked or have said so.
    pub survey: Option<Box<Survey>>,
}

/// How a ticket was asked for: the state of the directory of people when it was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Who opened it, where that is somebody else than the requester.
    pub by: Option<Person>,
    /// The requester is somebody to take special care of.
    pub vip: bool,
    /// Department of the requester.
    pub department: String,
    /// Site or office of the requester.
    pub location: String,
    /// The nearest one above the requester who has not left, where a template asks for their consent.
    pub manager: Option<Person>,
}

/// The tickets that an agent has, or that wait with a group, went up or down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadChange {
    /// Whose: `Holder::key`.
    pub holder: String,
    /// One more or one less.
    pub delta: i32,
}

impl Ticket {
    /// How loads change between two states of one ticket.
    pub fn load_changes(before: Option<&Self>, after: &Self) -> Vec<LoadChange> {
        let (old, new) = (before.and_then(Self::holder), after.holder());
        if old == new {
            return vec![];
        }
        let less = old.map(|it| LoadChange { holder: it.key(), delta: -1 });
        let more = new.map(|it| LoadChange { holder: it.key(), delta: 1 });
        less.into_iter().chain(more).collect()
    }

    /// A field's value.
    pub fn value(&self, field: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|(id, _)| id == field).map(|(_, value)| value)
    }
}

/// One line for a list: the first line of a text that says something, shortened to 120 characters.
pub fn subject_of(text: &str) -> String {
    let says = |line: &&str| line.chars().filter(|it| it.is_alphanumeric()).count() > 2;
    let line = text.lines().find(says).unwrap_or(text);
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 120 { line } else { line.chars().take(119).chain(['…']).collect() }
}

#[cfg(test)]
pub(super) mod tests;
