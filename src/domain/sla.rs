//! SLA policies: by when work must be answered and resolved, for each priority, and who hears of it when
//! that time runs out (ITIL 4, service level management practice).

mod clock;
mod state;

pub use self::{
    clock::{Clock, Reached, clocks, closes, reached, reckon},
    state::{ClockState, Fired, Pause, Standstill},
};
use super::time::Timestamp;

/// Goals by priority, counted in the hours of one calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaPolicy {
    /// Its id.
    pub id: String,
    /// Id of the calendar whose hours count.
    pub calendar: String,
    /// Goals, P1 first.
    pub targets: [Target; 4],
    /// What happens while time runs out; every clock that has run out is told of, whatever stands here.
    pub escalations: Vec<Escalation>,
    /// Working seconds after which a resolved ticket is closed, if nobody reopens it.
    pub close_after: Option<u32>,
}

/// Goals of one priority, in working seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Until somebody has answered.
    pub response: u32,
    /// Until somebody has answered what the requester said later; no goal if none is set.
    pub next_response: Option<u32>,
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
    /// The resolution.
    Resolution,
}

impl Goal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Response, Self::NextResponse, Self::Resolution];

    /// As catalogues and histories write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::NextResponse => "next_response",
            Self::Resolution => "resolution",
        }
    }
}

impl Goal {
    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => "first answer",
            Self::NextResponse => "next answer",
            Self::Resolution => "resolution",
        }
    }
}

/// What happens when a share of a goal's time has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Of which goal.
    pub goal: Goal,
    /// How much has passed, in percent of the target; above 100 it is late.
    pub percent: u32,
    /// Who is told.
    pub notify: Vec<Whom>,
    /// Id of the group that gets the ticket.
    pub group: Option<String>,
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

/// By when a ticket must be answered and resolved. While a clock stands still, nothing is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// First answer.
    pub response: Option<Timestamp>,
    /// Answer to what the requester said last.
    pub next_response: Option<Timestamp>,
    /// Resolution.
    pub resolution: Option<Timestamp>,
    /// When the desk must look at the ticket again by itself: to escalate it, or to close it.
    pub look: Option<Timestamp>,
}

impl SlaPolicy {
    /// At which shares of its time a goal is told of, in order.
    pub fn steps(&self, goal: Goal) -> Vec<u32> {
        let written = self.escalations.iter().filter(|it| it.goal == goal).map(|it| it.percent);
        let mut steps: Vec<u32> = written.chain([MISSED]).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// What happens at a step: who is told, and which group gets the ticket.
    pub fn at(&self, goal: Goal, percent: u32) -> (Vec<Whom>, Option<&str>) {
        let here = || self.escalations.iter().filter(move |it| it.goal == goal && it.percent == percent);
        let mut notify: Vec<Whom> = here().flat_map(|it| it.notify.iter().copied()).collect();
        notify.sort_unstable();
        notify.dedup();
        (notify, here().find_map(|it| it.group.as_deref()))
    }
}

#[cfg(test)]
mod tests;
