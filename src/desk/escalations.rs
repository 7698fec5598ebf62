//! What the desk does by itself when a clock comes to a step: it tells, hands on, raises, notes. All of it is in the
//! history, behind the step that it came from.

use super::dispatch::{self, Line};
use crate::{
    domain::{
        assignment::Because,
        catalog::Catalog,
        id::TicketId,
        priority::Urgency,
        sla::{Fired, Goal, Step, reached},
        ticket::{Event, Offering, Passed, Ticket, Update},
        time::Timestamp,
    },
    store::Unit,
};

/// Who it is, in notes.
const AUTHOR: &str = "clock";

/// Takes the steps that a ticket's clocks have come to by now, in order. Whatever stops a clock comes after it: what
/// was late is told, however late somebody looks. A step may bring the ticket to the next one, such as by giving it to
/// another group, so they are looked for again after each.
pub(super) fn escalate(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, now: Timestamp) {
    while let Some(ticket) = unit.ticket(id) {
        let terms = catalog.terms(ticket);
        let Some(next) = reached(ticket, &terms, now).first().copied() else { return };
        let step = terms.step(next.fired);
        unit.record(id, Event::Escalated { fired: next.fired, at: next.at, notify: step.notify.clone() });
        if !unit.ticket(id).is_some_and(|it| it.clocks.fired.contains(&next.fired)) {
            return;
        }
        take(catalog, unit, id, next.fired, &step, now);
    }
}

fn take(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, fired: Fired, step: &Step, now: Timestamp) {
    let Some(ticket) = unit.ticket(id).filter(|it| it.state.is_open()) else { return };
    let why = why(catalog, ticket, fired);
    for text in &step.notes {
        let (author, text) = (AUTHOR.to_owned(), text.clone());
        unit.record(
            id,
            Event::Commented { author, text, internal: true, by_requester: false, carried: None },
        );
    }
    if step.raise_urgency {
        raise(catalog, unit, id);
    }
    if let Some(group) = step.group.as_ref().filter(|it| unit.ticket(id).is_some_and(|now| now.group != **it))
    {
        dispatch::hand_to(catalog, unit, id, group, vec![Because::ChosenBy(why)], now);
    } else if step.reassign {
        to_another(catalog, unit, id, why, now);
    }
}

/// Why a ticket went elsewhere, for people.
fn why(catalog: &Catalog, ticket: &Ticket, Fired { goal, percent }: Fired) -> String {
    let terms = match goal {
        Goal::Response | Goal::NextResponse | Goal::Update | Goal::Resolution => {
            format!("SLA policy {}", ticket.sla)
        }
        Goal::Ola => format!("OLA of group {}", ticket.group),
        Goal::Contract => {
            let supplier = catalog.supplier(&ticket.template, &ticket.service);
            format!("contract of {}", supplier.map_or("a supplier", |it| &it.id))
        }
    };
    format!("{terms}: {percent}% of the time for the {}", goal.name())
}

/// Makes it more urgent by one, and whatever follows from that. What was promised stays: goals reckoned for the new
/// priority from the start would be late at once, by nothing but the step that was to prevent it.
fn raise(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId) {
    let Some(ticket) = unit.ticket(id) else { return };
    let more = Urgency::ALL.into_iter().find(|it| ticket.urgency < *it);
    let Some(urgency) = more else { return };
    let mut update = Update {
        urgency: Some(urgency),
        priority: Some(ticket.assets.pressing(&ticket.said(), urgency, &catalog.matrix).1),
        promised: Some(ticket.promised()),
        ..Update::default()
    };
    super::clocks::promise(catalog, ticket, &mut update);
    unit.record(id, Event::Updated(update));
}

/// Gives it to another agent of its group, if one can take it; else it stays where it is.
fn to_another(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, why: String, now: Timestamp) {
    let Some(ticket) = unit.ticket(id).filter(|it| it.state.is_workable()) else { return };
    let offered = ticket.offering.to.as_ref().map(|it| &it.agent);
    let Some(had) = ticket.agent.as_ref().or(offered).cloned() else { return };
    let mut passed = ticket.offering.passed.clone();
    passed.push(Passed { agent: had, declined: true });
    let alone = Ticket { agent: None, offering: Offering { to: None, passed }, ..ticket.clone() };
    let chosen = dispatch::choose(catalog, unit, &alone, Line::Next, now);
    let Some(agent) = chosen.agent else { return };
    dispatch::hold_to(unit, &agent, chosen.capacity);
    let (group, because) = (alone.group, vec![Because::ChosenBy(why), chosen.because]);
    match dispatch::offers(catalog, &group) {
        None => unit.record(id, Event::Assigned { group, agent: Some(agent), because }),
        Some(seconds) => {
            unit.record(id, Event::Assigned { group, agent: None, because: because.clone() });
            unit.record(id, Event::Offered { offer: dispatch::offer(agent, seconds, now), because });
        }
    }
}
