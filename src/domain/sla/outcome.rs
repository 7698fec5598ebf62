//! How goals ended: reached in time, or missed. Each follows from one event and the ticket before and after it, so
//! the history gives all of them.

use super::{Goal, MISSED, Standstill, Timestamp};
use crate::domain::{
    id::TicketId,
    lifecycle::State,
    priority::Priority,
    ticket::{Event, Ticket},
};

/// How one goal of one ticket ended. What the ticket was then stays with it, whatever becomes of the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Of which ticket.
    pub ticket: TicketId,
    /// Which goal.
    pub goal: Goal,
    /// When its clock started: a ticket may have several next answers, and several groups.
    pub started: Timestamp,
    /// When it was due, which is when it counts. If its clock stood still in the end, when it ended.
    pub due: Timestamp,
    /// How it ended.
    pub result: Ended,
    /// Whether it ended before, and was taken up again since.
    pub is_again: bool,
    /// Whether anything was due: then the ticket had such a goal for certain.
    pub had_due: bool,
    /// Id of the SLA policy.
    pub policy: String,
    /// Id of the group that had the ticket.
    pub group: String,
    /// Id of the service.
    pub service: String,
    /// Priority of the ticket: the one whose goals counted.
    pub priority: Priority,
}

/// How a goal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ended {
    /// It had been reached, and was taken up again.
    Open,
    /// It was reached in time.
    Met,
    /// It was not.
    Missed,
}

impl Ended {
    /// As figures write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Met => "met",
            Self::Missed => "missed",
        }
    }
}

/// What an event ended. Whether the ticket has such a goal at all, the catalogue says.
pub fn outcomes(before: &Ticket, event: &Event, after: &Ticket, at: Timestamp) -> Vec<Outcome> {
    if let Event::Escalated { fired, at, .. } = event {
        let is_new = fired.percent >= MISSED && !before.clocks.is_missed(fired.goal);
        let started = under_way(before, fired.goal).map(|(started, _)| started).filter(|_| is_new);
        return started.map(|it| outcome(before, fired.goal, it, *at, Ended::Missed)).into_iter().collect();
    }
    Goal::ALL.into_iter().filter_map(|goal| ended(before, after, goal, at)).collect()
}

/// What became of a goal between two states of its ticket.
fn ended(before: &Ticket, after: &Ticket, goal: Goal, at: Timestamp) -> Option<Outcome> {
    let (started, was_reached) = under_way(before, goal)?;
    if before.clocks.is_missed(goal) || after.state == State::Cancelled {
        return None;
    }
    let now = under_way(after, goal).filter(|it| it.0 == started);
    let is_reached = now.is_none_or(|it| it.1);
    let result = match (was_reached, is_reached) {
        (false, true) => Ended::Met,
        (true, false) => Ended::Open,
        (false, false) | (true, true) => return None,
    };
    Some(outcome(before, goal, started, before.due.of(goal).unwrap_or(at), result))
}

/// When the clock of a goal started, and whether the goal is reached.
fn under_way(ticket: &Ticket, goal: Goal) -> Option<(Timestamp, bool)> {
    match goal {
        Goal::Response => Some((ticket.opened, ticket.responded.is_some())),
        Goal::NextResponse => ticket.clocks.asked.map(|it| (it, false)),
        Goal::Update => ticket.last_word().map(|it| (it, false)),
        Goal::Resolution => Some((ticket.opened, ticket.resolved.is_some())),
        Goal::Ola => Some((ticket.with_group(), ticket.resolved.is_some())),
        Goal::Contract => {
            let started = ticket.clocks.with_supplier().next()?.from;
            Some((started, ticket.clocks.with_supplier().last()?.to.is_some()))
        }
    }
}

/// Whether a goal ended before: the work was done since its clock started, or the supplier had done its part.
fn ended_before(ticket: &Ticket, goal: Goal, started: Timestamp) -> bool {
    match goal {
        Goal::Response => false,
        Goal::NextResponse | Goal::Update | Goal::Resolution | Goal::Ola => ticket
            .clocks
            .pauses
            .iter()
            .any(|it| it.why == Standstill::Done && started <= it.from && it.to.is_some()),
        Goal::Contract => 1 < ticket.clocks.with_supplier().count(),
    }
}

fn outcome(ticket: &Ticket, goal: Goal, started: Timestamp, due: Timestamp, result: Ended) -> Outcome {
    Outcome {
        ticket: ticket.id,
        goal,
        started,
        due,
        result,
        had_due: ticket.due.of(goal).is_some(),
        is_again: ended_before(ticket, goal, started),
        policy: ticket.sla.clone(),
        group: ticket.group.clone(),
        service: ticket.service.clone(),
        priority: ticket.promised().priority,
    }
}
