//! What a ticket's clocks are reckoned from; all of it follows from its events.

use super::{Goal, Timestamp};
use crate::domain::{
    lifecycle::{HoldReason, State},
    priority::{Priority, Urgency},
};

/// When clocks stood still, what waits for an answer, and what was told already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClockState {
    /// Stretches in which the work stood still, in order; the last one may go on.
    pub pauses: Vec<Pause>,
    /// When the requester said what nobody has answered yet, after a first answer.
    pub asked: Option<Timestamp>,
    /// When the requester last heard something.
    pub said: Option<Timestamp>,
    /// When the group that has it got it; since it was opened, if no other group had it.
    pub given: Option<Timestamp>,
    /// What the promises are reckoned by, where the desk has raised the ticket's urgency by itself since.
    pub promised: Option<Promised>,
    /// The escalations that have happened.
    pub fired: Vec<Fired>,
    /// Id of the rule that chose the SLA policy; none if it is the template's.
    pub rule: Option<String>,
}

/// A stretch in which the work stood still; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None` if it goes on.
    pub to: Option<Timestamp>,
    /// Why.
    pub why: Standstill,
}

/// Why work stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standstill {
    /// It is on hold.
    Hold(HoldReason),
    /// It waits for consent.
    Approval,
    /// A change waits for its window.
    Window,
    /// It is done, or was until it was reopened.
    Done,
}

/// An escalation that has happened, and happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fired {
    /// Of which goal.
    pub goal: Goal,
    /// At how many percent of its time.
    pub percent: u32,
}

impl Standstill {
    /// Why a ticket in a state stands still, if it does.
    fn of(state: State, hold: Option<HoldReason>) -> Option<Self> {
        match state {
            State::New | State::Assigned | State::Analysing | State::InProgress => None,
            State::WaitingApproval => Some(Self::Approval),
            State::Scheduled => Some(Self::Window),
            State::OnHold => Some(Self::Hold(hold.unwrap_or(HoldReason::Requester))),
            State::Resolved | State::Closed | State::Cancelled => Some(Self::Done),
        }
    }

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold(HoldReason::Requester) => "on hold, waiting for the requester",
            Self::Hold(HoldReason::Vendor) => "on hold, waiting for a supplier",
            Self::Hold(HoldReason::Change) => "on hold, waiting for a change",
            Self::Hold(HoldReason::Problem) => "on hold, waiting for a problem",
            Self::Approval => "waiting for approval",
            Self::Window => "scheduled, waiting for its window",
            Self::Done => "resolved",
        }
    }
}

/// How pressing a ticket was when it was promised what it was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promised {
    /// How long it could wait.
    pub urgency: Urgency,
    /// The priority whose goals count.
    pub priority: Priority,
}

impl ClockState {
    /// The pause that goes on.
    pub fn standing(&self) -> Option<&Pause> {
        self.pauses.last().filter(|it| it.to.is_none())
    }

    /// Whether a goal was missed.
    pub fn is_missed(&self, goal: Goal) -> bool {
        self.fired.iter().any(|it| it.goal == goal && it.percent >= super::MISSED)
    }

    /// The ticket reaches a state.
    pub(in crate::domain) fn arrive(&mut self, state: State, hold: Option<HoldReason>, at: Timestamp) {
        let why = Standstill::of(state, hold);
        if self.standing().map(|it| it.why) == why {
            return;
        }
        if let Some(last) = self.pauses.last_mut().filter(|it| it.to.is_none()) {
            last.to = Some(at);
        }
        // What did not last a moment does not matter.
        self.pauses.retain(|it| it.to.is_none_or(|to| it.from < to));
        self.pauses.extend(why.map(|why| Pause { from: at, to: None, why }));
        if why == Some(Standstill::Done) {
            self.asked = None;
        }
    }

    /// The requester said something, after a first answer.
    pub(in crate::domain) fn ask(&mut self, at: Timestamp) {
        if self.asked.is_none() {
            self.asked = Some(at);
            self.fired.retain(|it| it.goal != Goal::NextResponse);
        }
    }

    /// Somebody answered. Both the next question and the next word begin with a clean slate.
    pub(in crate::domain) fn answer(&mut self, at: Timestamp) {
        self.asked = None;
        self.said = Some(at);
        self.fired.retain(|it| it.goal != Goal::Update);
    }

    /// Another group got it.
    pub(in crate::domain) fn hand_on(&mut self, at: Timestamp) {
        self.given = Some(at);
        self.fired.retain(|it| it.goal != Goal::Ola);
    }

    /// Something was escalated.
    pub(in crate::domain) fn fire(&mut self, fired: Fired) {
        if !self.fired.contains(&fired) {
            self.fired.push(fired);
        }
    }
}
