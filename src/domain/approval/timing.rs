//! When a step is due, and when the desk must look at it by itself: to remind, or because its time is up.

use super::{plan::Expiry, state::Step};
use crate::domain::{calendar::Calendar, catalog::Catalog, ticket::Ticket, time::Timestamp};

/// Until when the approvers of a ticket's open step have time; nothing if they have all of it.
pub fn due(ticket: &Ticket, catalog: &Catalog) -> Option<Timestamp> {
    let step = open(ticket)?;
    hours(ticket, step, catalog)?.due(step.asked?, step.plan.due?)
}

/// When the desk must look at a ticket's open step by itself.
pub fn look(ticket: &Ticket, catalog: &Catalog) -> Option<Timestamp> {
    let step = open(ticket)?;
    let due = due(ticket, catalog).filter(|_| step.expired.is_none());
    due.into_iter().chain(reminder(ticket, step, catalog)).min()
}

fn open(ticket: &Ticket) -> Option<&Step> {
    let approval = ticket.approval.as_ref().filter(|_| ticket.is_waiting_for_approval())?;
    approval.current().map(|(_, step)| step)
}

/// Whether the time of a step is up.
pub(super) fn is_up(ticket: &Ticket, step: &Step, catalog: &Catalog, now: Timestamp) -> bool {
    step.expired.is_none() && due(ticket, catalog).is_some_and(|it| it <= now)
}

/// Whether it is time to remind.
pub(super) fn reminds(ticket: &Ticket, step: &Step, catalog: &Catalog, now: Timestamp) -> bool {
    reminder(ticket, step, catalog).is_some_and(|it| it <= now)
}

/// When those are reminded who have not answered.
fn reminder(ticket: &Ticket, step: &Step, catalog: &Catalog) -> Option<Timestamp> {
    // Whoever it was escalated to was asked then.
    let last = step.reminded.max(step.asked).max(step.expired)?;
    let every = step.plan.remind.or_else(|| {
        // Without another rhythm they have as long again as they had before.
        step.plan.due.filter(|_| step.plan.expiry == Expiry::Remind && step.expired.is_some())
    })?;
    hours(ticket, step, catalog)?.due(last, every)
}

fn hours<'a>(ticket: &Ticket, step: &Step, catalog: &'a Catalog) -> Option<&'a Calendar> {
    let own = step.plan.calendar.as_deref().and_then(|it| catalog.hours(it));
    own.or_else(|| catalog.calendar(&ticket.sla))
}
