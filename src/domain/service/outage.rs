//! When a service was down, as its incidents tell.

use crate::domain::{
    lifecycle::State,
    priority::Impact,
    ticket::{Relation, Ticket, TicketKind},
    time::Timestamp,
};

/// A stretch in which an incident of some effect was not resolved. One that was taken up again was never resolved: its
/// stretch goes on. What was cancelled, or is part of another ticket by a merge, tells nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Id of the service.
    pub service: String,
    /// How many felt it.
    pub impact: Impact,
    /// When the incident was opened.
    pub from: Timestamp,
    /// When it was resolved; nothing while it is not.
    pub to: Option<Timestamp>,
}

impl Outage {
    /// What a ticket tells of its service. An incident of one person tells nothing: theirs does not work, the service does.
    pub fn of(ticket: &Ticket) -> Option<Self> {
        let is_part = ticket.ties.related(Relation::MergedInto).next().is_some();
        let counts = ticket.kind == TicketKind::Incident && ticket.impact > Impact::Person;
        let is_over = !ticket.state.is_open();
        if !counts || is_part || ticket.state == State::Cancelled {
            return None;
        }
        let to = ticket.resolved.filter(|_| is_over);
        Some(Self { service: ticket.service.clone(), impact: ticket.impact, from: ticket.opened, to })
    }
}
