//! SLA policies: by when work must be answered and resolved, for each priority, and who hears of it when
//! that time runs out; the agreements beneath them, with groups and suppliers; and how each goal ended (ITIL 4,
//! service level management practice, supplier management practice).

mod agreement;
mod clock;
mod outcome;
mod period;
mod rule;
mod state;

pub use self::{
    agreement::{Agreement, Supplier},
    clock::{Clock, Counted, Reached, Terms, clocks, closes, reached, reckon},
    outcome::{Ended, Outcome, outcomes},
    period::{Length, Period, begins, periods},
    rule::{SlaChoice, SlaRule},
    state::{ClockState, Fired, Pause, Promised, Standstill},
};
use super::{field::FieldValue, template::Values, time::Timestamp};

/// Goals by priority, counted in the hours of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaPolicy {
    /// Its id.
    pub id: String,
    /// Id of the calendar whose hours count, unless `sites` has another one.
    pub calendar: String,
    /// Other calendars by where the requester is.
    pub sites: Option<Sites>,
    /// Goals, P1 first.
    pub targets: [Target; 4],
    /// What happens while time runs out; every clock that has run out is told of, whatever stands here.
    pub escalations: Vec<Escalation>,
    /// Working seconds after which a resolved ticket is closed, if nobody reopens it.
    pub close_after: Option<u32>,
}

/// Calendars by the value of a field, such as the site of the requester.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sites {
    /// Id of the field.
    pub field: String,
    /// Values, compared as text without regard to case, and the calendar of each.
    pub calendars: Vec<(String, String)>,
}

impl Sites {
    /// The calendar of the site that some values name, if they name a known one.
    fn calendar(&self, values: &Values) -> Option<&str> {
        let site = values.iter().find(|(id, _)| *id == self.field).map(|(_, it)| FieldValue::plain(it))?;
        let site = site.to_lowercase();
        self.calendars.iter().find(|(value, _)| value.to_lowercase() == site).map(|(_, it)| it.as_str())
    }
}

impl SlaPolicy {
    /// Id of the calendar whose hours count where some values say that the requester is.
    pub fn calendar_at(&self, values: &Values) -> Option<&str> {
        self.sites.as_ref().and_then(|it| it.calendar(values))
    }
}

/// Goals of one priority, in working seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Until somebody has answered.
    pub response: u32,
    /// Until somebody has answered what the requester said later; no goal if none is set.
    pub next_response: Option<u32>,
    /// From one answer to the next, whether anybody asked or not; no goal if none is set.
    pub update: Option<u32>,
    /// Until it is resolved.
    pub resolution: u32,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Goal {
    /// The first answer.
    Response,
    /// An answer to what the requester said since.
    NextResponse,
    /// A word to the requester since the last one.
    Update,
    /// The resolution.
    Resolution,
    /// The share of it of the group that has the ticket: its operational level agreement.
    Ola,
    /// The supplier's part: its underpinning contract.
    Contract,
}

impl Goal {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Response, Self::NextResponse, Self::Update, Self::Resolution, Self::Ola, Self::Contract];

    /// Those of SLA policies.
    pub const OF_POLICIES: [Self; 4] = [Self::Response, Self::NextResponse, Self::Update, Self::Resolution];

    /// As catalogues, histories and reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::NextResponse => "next_response",
            Self::Update => "update",
            Self::Resolution => "resolution",
            Self::Ola => "ola",
            Self::Contract => "contract",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => "first answer",
            Self::NextResponse => "next answer",
            Self::Update => "update to the requester",
            Self::Resolution => "resolution",
            Self::Ola => "work of the group",
            Self::Contract => "work of the supplier",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

/// What happens when a share of a goal's time has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Of which goal.
    pub goal: Goal,
    /// How much has passed, in percent of the target; above 100 it is late.
    pub percent: u32,
    /// What happens.
    pub step: Step,
}

/// What happens at a step of a clock. Each step is taken once, and none begins another clock of the same goal in the
/// same hands, so that no chain of them goes in a circle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Who is told.
    pub notify: Vec<Whom>,
    /// Id of the group that gets the ticket.
    pub group: Option<String>,
    /// Another agent of its group gets it, if one can.
    pub reassign: bool,
    /// It becomes more urgent by one.
    pub raise_urgency: bool,
    /// What is noted on the ticket, for agents only.
    pub notes: Vec<String>,
}

impl Step {
    /// Both, where two are written for the same share; the first group counts.
    fn and(mut self, other: &Self) -> Self {
        self.notify.extend(&other.notify);
        self.notify.sort_unstable();
        self.notify.dedup();
        self.notes.extend(other.notes.iter().cloned());
        Self {
            group: self.group.or_else(|| other.group.clone()),
            reassign: self.reassign || other.reassign,
            raise_urgency: self.raise_urgency || other.raise_urgency,
            ..self
        }
    }
}

/// Who is told of an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whom {
    /// The agent who has the ticket.
    Agent,
    /// All of its group.
    Group,
    /// The group that owns the service.
    Owner,
    /// Who needs help.
    Requester,
}

impl Whom {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Agent, Self::Group, Self::Owner, Self::Requester];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Group => "group",
            Self::Owner => "owner",
            Self::Requester => "requester",
        }
    }
}

/// A goal whose whole time has passed is missed.
pub const MISSED: u32 = 100;

/// By when a ticket must be answered and resolved, and by whom in between. While a clock stands still, nothing is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// First answer.
    pub response: Option<Timestamp>,
    /// Answer to what the requester said last.
    pub next_response: Option<Timestamp>,
    /// Next word to the requester.
    pub update: Option<Timestamp>,
    /// Resolution.
    pub resolution: Option<Timestamp>,
    /// By its group.
    pub ola: Option<Timestamp>,
    /// By its supplier.
    pub contract: Option<Timestamp>,
    /// When the desk must look at the ticket again by itself: to escalate it, or to close it.
    pub look: Option<Timestamp>,
}

impl Due {
    /// That of one goal.
    pub fn of(&self, goal: Goal) -> Option<Timestamp> {
        match goal {
            Goal::Response => self.response,
            Goal::NextResponse => self.next_response,
            Goal::Update => self.update,
            Goal::Resolution => self.resolution,
            Goal::Ola => self.ola,
            Goal::Contract => self.contract,
        }
    }
}

/// At which shares of its time a goal is told of, in order.
fn steps(escalations: &[Escalation], goal: Goal) -> Vec<u32> {
    let written = escalations.iter().filter(|it| it.goal == goal).map(|it| it.percent);
    let mut steps: Vec<u32> = written.chain([MISSED]).collect();
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// What happens at a step.
fn step(escalations: &[Escalation], fired: Fired) -> Step {
    let here = escalations.iter().filter(|it| it.goal == fired.goal && it.percent == fired.percent);
    here.fold(Step::default(), |all, it| all.and(&it.step))
}

#[cfg(test)]
mod tests;
