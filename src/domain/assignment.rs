//! Who does the work: groups, agents, routing rules, and a decision with its reasons.

use super::{
    asset::Criticality,
    duty::{Away, Leave, Left, Turn},
    people::{Bilingual, Language},
    priority::{Impact, Priority, Urgency},
    sla::Agreement,
    time::Timestamp,
};

/// A group of agents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Bilingual,
    /// What it does.
    pub description: String,
    /// How its tickets come to its agents.
    pub policy: Policy,
    /// For so many seconds a ticket is offered to an agent, who may decline; without, it is theirs at once.
    pub offer: Option<u32>,
    /// Who takes pressing work outside the shifts.
    pub on_call: Vec<Turn>,
    /// How long it may have a ticket.
    pub ola: Option<Agreement>,
}

/// How tickets come to the agents of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// To whom waited longest for work.
    RoundRobin,
    /// To whom has the fewest open tickets.
    #[default]
    LeastLoaded,
    /// To whom has the most room below their capacity.
    MostCapacity,
    /// By the time that is left until the ticket is due, the work that it takes, and who can do it in time.
    SlaAware,
    /// People take them themselves.
    Manual,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::RoundRobin, Self::LeastLoaded, Self::MostCapacity, Self::SlaAware, Self::Manual];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RoundRobin => "round_robin",
            Self::LeastLoaded => "least_loaded",
            Self::MostCapacity => "most_capacity",
            Self::SlaAware => "sla_aware",
            Self::Manual => "manual",
        }
    }
}

/// Something that an agent can do, or that work needs, and how well: 1 is a beginner, 5 an expert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Its id.
    pub id: String,
    /// From 1 to 5.
    pub level: u8,
}

/// Somebody who works on tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// Their id; also the subject of their tokens.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Ids of their groups.
    pub groups: Vec<String>,
    /// Whether they take work at all.
    pub present: bool,
    /// What they can do.
    pub skills: Vec<Skill>,
    /// So many open tickets they have at most; without, any number.
    pub capacity: Option<u32>,
    /// Id of the calendar whose hours are their shift; without, they always take work.
    pub shift: Option<String>,
    /// When they are on leave.
    pub leave: Vec<Leave>,
    /// Id of the agent who gets what would be theirs while they are on leave.
    pub substitute: Option<String>,
    /// Their user name in the directory of people; without, it is their id.
    pub user: Option<String>,
}

impl Agent {
    /// Under which user name the directory knows them, in lower case.
    pub fn user_key(&self) -> String {
        super::profile::user_key(self.user.as_ref().unwrap_or(&self.id))
    }

    /// Their level of a skill; 0 if they do not have it.
    pub fn level(&self, skill: &str) -> u8 {
        self.skills.iter().find(|it| it.id == skill).map_or(0, |it| it.level)
    }
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
    /// At least this priority.
    Priority(Priority),
    /// The description has one of these words or phrases, without regard to case.
    Says(Vec<String>),
    /// The requester is somebody to take special care of, or is not.
    Vip(bool),
    /// The requester is of one of these departments, compared without regard to case.
    Department(Vec<String>),
    /// The requester is at one of these places, compared without regard to case.
    Location(Vec<String>),
    /// An asset that the ticket is about is like this.
    Asset(AssetCondition),
}

/// What an asset must be like; values are compared as text without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetCondition {
    /// Of one of these types.
    Type(Vec<String>),
    /// At least so much hangs on it.
    Criticality(Criticality),
    /// At one of these places.
    Location(Vec<String>),
    /// A field of its type has one of these values.
    Field {
        /// Id of the field.
        field: String,
        /// Accepted values.
        any: Vec<String>,
    },
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
    /// The group's policy chose the agent.
    Policy {
        /// Which policy.
        policy: Policy,
        /// Whom.
        agent: String,
        /// How many tickets they had.
        open: u32,
    },
    /// Nobody of the group takes work now.
    NobodyPresent(String),
    /// Somebody of the group takes work, but nobody may take this one now: they have enough, or cannot do it.
    NobodyFits(String),
    /// Others wait with the group, and get their agents first.
    InLine(String),
    /// The agent takes it for another, who is on leave.
    StandsIn {
        /// Who takes it.
        agent: String,
        /// For whom.
        stands_for: String,
    },
    /// The agent who had it takes no work now.
    Absent(String),
    /// The agent who had it has left.
    Left(String),
    /// It was offered to the agent, who took it.
    Accepted(String),
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

/// How many open tickets an agent has, when they last got one, and whether they are away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Load {
    /// Tickets that they work on, or could.
    pub open: u32,
    /// When the last one came.
    pub last: Timestamp,
    /// Until when they are away.
    pub away: Away,
    /// Whether they have left.
    pub left: Left,
}
