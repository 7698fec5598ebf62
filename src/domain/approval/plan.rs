//! What a template asks for: steps in their order, who must agree in each, and what happens when nobody does.

use crate::domain::{
    duty::Leave,
    field::FieldValue,
    money::{Money, Prices},
    people::{Bilingual, Language, Person},
    template::Values,
};

/// Somebody who may be asked to agree, by the name that templates give them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// Their id.
    pub id: String,
    /// As the bot knows them, with their name.
    pub person: Person,
    /// Id of the agent of the desk that they are, if they are one.
    pub agent: Option<String>,
    /// Language that they are asked in.
    pub language: Language,
    /// When they are on leave; an agent's own leave counts as well.
    pub leave: Vec<Leave>,
    /// Id of the approver who decides in their place while they are on leave.
    pub delegate: Option<String>,
    /// Whose manager they are.
    pub manages: Vec<Person>,
}

/// The approval that a template asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<StepPlan>,
    /// Ids of the fields whose change begins it anew; any field if none is named.
    pub restart: Vec<String>,
}

impl Plan {
    /// Whether it may ask somebody above the requester.
    pub fn asks_managers(&self) -> bool {
        let all = |it: &StepPlan| {
            it.who.iter().chain(&it.fallback).chain(&it.escalate_to).any(|it| *it == Who::Manager)
        };
        self.steps.iter().any(all)
    }
}

impl Need {
    /// Ids of the fields that it looks at.
    pub fn fields<'a>(&'a self, prices: &'a Prices) -> Vec<&'a str> {
        match self {
            Self::Is { field, .. } | Self::Above { field, .. } => vec![field],
            Self::Price(_) => prices.fields().collect(),
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepPlan {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Bilingual,
    /// Whose consent is asked for; each is one place.
    pub who: Vec<Who>,
    /// How many places must agree.
    pub quorum: Quorum,
    /// Whether one no ends it; else it ends when so many are against it that the quorum is out of reach.
    pub veto: bool,
    /// When it is needed; always if nothing is said.
    pub when: Option<Need>,
    /// What becomes of the requester's own place.
    pub own: OwnRequest,
    /// Who is asked for a place that nobody can take.
    pub fallback: Vec<Who>,
    /// Id of the calendar in whose hours it counts; that of the ticket's SLA policy if none is named.
    pub calendar: Option<String>,
    /// Working seconds that the approvers have.
    pub due: Option<u32>,
    /// Working seconds after which they are reminded, again and again.
    pub remind: Option<u32>,
    /// What happens when the time is up.
    pub expiry: Expiry,
    /// Who decides then, if it is escalated.
    pub escalate_to: Vec<Who>,
}

/// Whose consent is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// An approver, by id.
    Approver(String),
    /// An agent, by id.
    Agent(String),
    /// A group, by id: one place that any of its agents takes, or a place for each of them.
    Group {
        /// Its id.
        id: String,
        /// A place for each.
        each: bool,
    },
    /// The requester's manager.
    Manager,
    /// The group that owns the service; any of its agents takes the place.
    Owner,
}

/// How many places must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quorum {
    /// So many.
    Count(u32),
    /// So many of a hundred, one at least.
    Percent(u32),
}

/// What becomes of the requester's place in their own request. They never decide it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OwnRequest {
    /// Somebody else takes it, so as many agree as the step asks for.
    #[default]
    Refuse,
    /// It is left out.
    Skip,
}

impl OwnRequest {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Refuse, Self::Skip];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Skip => "skip",
        }
    }
}

/// What happens when the time of a step is up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expiry {
    /// The approvers are reminded.
    #[default]
    Remind,
    /// Others decide.
    Escalate,
    /// The request is rejected.
    Reject,
    /// The step is granted, if anybody was asked.
    Approve,
}

impl Expiry {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Remind, Self::Escalate, Self::Reject, Self::Approve];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Remind => "remind",
            Self::Escalate => "escalate",
            Self::Reject => "reject",
            Self::Approve => "approve",
        }
    }
}

/// When a step is needed, by the value of a field or by the price.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// The field has one of these values.
    Is {
        /// Id of the field.
        field: String,
        /// The values, as text.
        any: Vec<String>,
    },
    /// The number in the field is greater than this.
    Above {
        /// Id of the field.
        field: String,
        /// The bound.
        number: f64,
    },
    /// What is asked for costs more than this.
    Price(Money),
}

impl Need {
    /// Whether the step is needed. A number that nobody gave may be any: then the step is needed.
    pub fn holds(&self, fields: &Values, prices: &Prices) -> bool {
        let value = |id: &str| fields.iter().find(|(it, _)| it == id).map(|(_, value)| value);
        match self {
            Self::Is { field, any } => {
                value(field).is_some_and(|it| any.iter().any(|one| one.eq_ignore_ascii_case(&it.plain())))
            }
            Self::Above { field, number } => match value(field) {
                Some(FieldValue::Number(it)) => it > number,
                Some(
                    FieldValue::Text(_)
                    | FieldValue::Choice(_)
                    | FieldValue::DateTime(_)
                    | FieldValue::Asset(_)
                    | FieldValue::Person(_)
                    | FieldValue::Location(_),
                )
                | None => true,
            },
            Self::Price(bound) => prices.of(fields).is_some_and(|it| bound.hundredths < it.hundredths),
        }
    }
}
