//! Who does the work: groups, agents, routing rules, and a decision with its reasons.

use super::{
    people::{Bilingual, Language},
    priority::{Impact, Urgency},
    time::Timestamp,
};

/// A group of agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Bilingual,
    /// What it does.
    pub description: String,
}

/// Somebody who works on tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Their id; also the subject of their tokens.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Ids of their groups.
    pub groups: Vec<String>,
    /// Whether they take work now.
    pub present: bool,
}

/// Sends the tickets for which all conditions hold to a group. The first rule that holds decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// All must hold.
    pub when: Vec<Condition>,
    /// Id of the group.
    pub group: String,
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The template is one of these.
    Template(Vec<String>),
    /// The service is one of these.
    Service(Vec<String>),
    /// A field has one of these values, compared as text without regard to case.
    Field {
        /// Id of the field.
        field: String,
        /// Accepted values.
        any: Vec<String>,
    },
    /// The requester is answered in this language.
    Language(Language),
    /// At least this impact.
    Impact(Impact),
    /// At least this urgency.
    Urgency(Urgency),
    /// The description has one of these words or phrases, without regard to case.
    Says(Vec<String>),
}

/// Where a ticket went, and why: everything needed to derive it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Id of the group.
    pub group: String,
    /// Id of the agent; `None` leaves it with the group.
    pub agent: Option<String>,
    /// What spoke for it, in order.
    pub because: Vec<Because>,
    /// What the gate said; `None` when no message was read.
    pub gate: Option<Gate>,
    /// What the model understood of the first message.
    pub understanding: Option<Understanding>,
    /// Version of the catalogue.
    pub catalog: u64,
    /// Open tickets that the agent had.
    pub load_seen: u32,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// The template names the group.
    Template(String),
    /// A rule held.
    Rule(String),
    /// The agent has the fewest open tickets.
    LeastLoaded {
        /// Who.
        agent: String,
        /// How many.
        open: u32,
    },
    /// Nobody of the group takes work now.
    NobodyPresent(String),
    /// A person chose so.
    ChosenBy(String),
}

/// What the gate says about acting without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Gate {
    /// Sure enough to act.
    Auto,
    /// The requester confirmed.
    Confirmed,
    /// A person looks first.
    Person,
}

/// What the model understood, as it is kept with a decision.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understanding {
    /// Labels with calibrated confidence, best first.
    pub labels: Vec<(String, f32)>,
    /// How likely it is nothing that the desk does.
    pub out_of_scope: f32,
    /// Urgency read from the text.
    pub urgency: (String, f32),
    /// Impact read from the text.
    pub impact: (String, f32),
    /// Spans that spoke for the best label: byte range, words, weight.
    pub reasons: Vec<(std::ops::Range<u32>, String, f32)>,
    /// Content hash of the model.
    pub model: String,
}

/// How many open tickets an agent has, and when they last got one; ties go to who waited longest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Load {
    /// Open tickets.
    pub open: u32,
    /// When the last one came.
    pub last: Timestamp,
}
