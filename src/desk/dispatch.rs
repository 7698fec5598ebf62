//! Gives tickets to agents, by the policy of their group, inside the decision that makes them somebody's work: the
//! loads are those that the transaction sees.

use super::fault::Fault;
use crate::{
    domain::{
        assignment::{Agent, Because, Group, Load},
        catalog::Catalog,
        duty::{Away, Duty},
        id::TicketId,
        ticket::{Event, Holder, Offer, Offering, Passed, Ticket},
        time::Timestamp,
    },
    routing::{
        self, Chosen, Team,
        dispatch::{Work, capacity},
    },
    store::Unit,
};

/// Whether a ticket gets in line behind what waits with its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It comes last.
    Last,
    /// It is the next one.
    Next,
}

/// What the policies know of a ticket.
pub(super) fn work<'a>(catalog: &'a Catalog, ticket: &Ticket, declined: &'a [String]) -> Work<'a> {
    let template = catalog.template_of(ticket);
    Work {
        skills: template.map_or(&[], |it| &it.skills),
        priority: ticket.priority,
        opened: ticket.opened,
        due: ticket.due.resolution,
        handling: template.map_or(0, |it| it.handling),
        declined,
    }
}

/// Who gets a ticket of a group now.
pub(super) fn choose(
    catalog: &Catalog,
    unit: &Unit<'_>,
    ticket: &Ticket,
    line: Line,
    now: Timestamp,
) -> Chosen {
    let Some(group) = catalog.group(&ticket.group) else {
        return Chosen::nobody(Because::NobodyPresent(ticket.group.clone()));
    };
    if line == Line::Last && routing::has_line(group, waiting(unit, group)) {
        return Chosen::nobody(Because::InLine(group.id.clone()));
    }
    next(catalog, &team(catalog, group, unit, now), ticket).0
}

/// The team of a group as a decision sees its agents.
fn team<'a>(catalog: &'a Catalog, group: &'a Group, unit: &Unit<'_>, now: Timestamp) -> Team<'a> {
    let roster = catalog.roster();
    let counted = unit.loads(roster.holders());
    let load = |place: usize| match roster.counted(place) {
        Some(at) => counted(at),
        None => unit.load(&catalog.agents[place].id),
    };
    Team::of(catalog, group, waiting(unit, group), load, now)
}

/// So much waits with a group.
fn waiting(unit: &Unit<'_>, group: &Group) -> u32 {
    unit.load(&Holder::Group(&group.id).key()).open
}

/// Who of a team gets a ticket that is the next one, and who was passed over. Those who did not answer an offer are
/// asked again once everybody was.
pub(super) fn next(catalog: &Catalog, team: &Team<'_>, ticket: &Ticket) -> (Chosen, Vec<String>) {
    let passed = &ticket.offering.passed;
    let ids =
        |of: &dyn Fn(&Passed) -> bool| passed.iter().filter(|it| of(it)).map(|it| it.agent.clone()).collect();
    let (all, declined): (Vec<String>, Vec<String>) = (ids(&|_| true), ids(&|it| it.declined));
    let chosen = team.assign(&work(catalog, ticket, &all));
    if chosen.agent.is_some() || declined.len() == all.len() {
        return (chosen, all);
    }
    (team.assign(&work(catalog, ticket, &declined)), declined)
}

/// For how long the tickets of a group are offered before they are somebody's, in seconds.
pub(super) fn offers(catalog: &Catalog, group: &str) -> Option<u32> {
    catalog.group(group).and_then(|it| it.offer)
}

/// An offer that begins now.
pub(super) fn offer(agent: String, seconds: u32, now: Timestamp) -> Offer {
    Offer { agent, until: Timestamp(now.0 + i64::from(seconds) * 1000) }
}

/// Gives a ticket that is the next one in its group's line to an agent, or offers it. Whether it did.
pub(super) fn give(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, now: Timestamp) -> bool {
    let Some(ticket) = unit.ticket(id).filter(|it| it.waits()) else { return false };
    let (group, chosen) = (ticket.group.clone(), choose(catalog, unit, ticket, Line::Next, now));
    let Some(agent) = chosen.agent else { return false };
    hold_to(unit, &agent, chosen.capacity);
    let because = vec![chosen.because];
    let event = match offers(catalog, &group) {
        Some(seconds) => Event::Offered { offer: offer(agent, seconds, now), because },
        None => Event::Assigned { group, agent: Some(agent), because },
    };
    unit.record(id, event);
    true
}

/// Hands a ticket to a group, and to the agent whom its policy chooses.
pub(super) fn hand_to(
    catalog: &Catalog,
    unit: &mut Unit<'_>,
    id: TicketId,
    group: &str,
    mut because: Vec<Because>,
    now: Timestamp,
) {
    let Some(ticket) = unit.ticket(id) else { return };
    if ticket.is_waiting_for_approval() {
        // Its group may be another one by then, but nobody has it before it is granted.
        if ticket.group != group {
            unit.record(id, Event::Assigned { group: group.to_owned(), agent: None, because });
        }
        return;
    }
    let alone =
        Ticket { group: group.to_owned(), agent: None, offering: Offering::default(), ..ticket.clone() };
    let is_there = ticket.waits() && ticket.group == group;
    let chosen = choose(catalog, unit, &alone, Line::Last, now);
    because.push(chosen.because);
    let group = group.to_owned();
    match (chosen.agent, offers(catalog, &group)) {
        (Some(agent), Some(seconds)) => {
            hold_to(unit, &agent, chosen.capacity);
            if !is_there {
                unit.record(id, Event::Assigned { group, agent: None, because: because.clone() });
            }
            unit.record(id, Event::Offered { offer: offer(agent, seconds, now), because });
        }
        (agent, _) if agent.is_some() || !is_there => {
            if let Some(agent) = &agent {
                hold_to(unit, agent, chosen.capacity);
            }
            unit.record(id, Event::Assigned { group, agent, because });
        }
        (_, _) => {}
    }
}

/// The decision holds only within the agent's capacity.
pub(super) fn hold_to(unit: &mut Unit<'_>, agent: &str, capacity: Option<u32>) {
    if let Some(most) = capacity {
        unit.limit(agent, most);
    }
}

/// What a command leaves for dispatch to do: an offer that was declined goes on to the next agent, and work that comes
/// back goes to somebody else if its agent takes none now.
pub(super) fn go_on(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, before: &Ticket, now: Timestamp) {
    let Some(ticket) = unit.ticket(id) else { return };
    if ticket.offering.passed.len() > before.offering.passed.len() {
        give(catalog, unit, id, now);
        return;
    }
    let is_back = !before.state.is_open() && ticket.state.is_open();
    let Some(agent) = ticket.agent.as_deref().filter(|_| is_back) else { return };
    if !can_go_on(catalog, unit, ticket, agent, now) {
        let (group, because) = (ticket.group.clone(), vec![Because::Absent(agent.to_owned())]);
        hand_to(catalog, unit, id, &group, because, now);
    }
}

/// Whether the agent who had a ticket may have it again: they take work, and have room for it.
fn can_go_on(catalog: &Catalog, unit: &Unit<'_>, ticket: &Ticket, agent: &str, now: Timestamp) -> bool {
    let Some(group) = catalog.group(&ticket.group) else { return false };
    let team = team(catalog, group, unit, now);
    let Some(it) = team.candidates().find(|it| it.agent.id == agent) else { return false };
    // The ticket itself is counted by now.
    it.duty.takes_work() && capacity(group.policy, it.seat).is_none_or(|most| it.load.open <= most)
}

/// The agent who gets what a person gives to one: they themselves, or who stands in for them while they are on leave.
pub(super) fn stand_in(
    catalog: &Catalog,
    agent: &str,
    load: impl Fn(&str) -> Load,
    now: Timestamp,
) -> Result<(String, Option<Because>), Fault> {
    let mut at = catalog.agent(agent).ok_or(Fault::NotFound("agent"))?;
    while let Some(why) = gone(catalog, at, load(&at.id), now) {
        let next = at.substitute.as_deref().and_then(|it| catalog.agent(it));
        let nobody = || Fault::field("agent", format!("`{}` {why}, and nobody stands in for them", at.id));
        at = next.ok_or_else(nobody)?;
    }
    let stands_in = || Because::StandsIn { agent: at.id.clone(), stands_for: agent.to_owned() };
    Ok((at.id.clone(), (at.id != agent).then(stands_in)))
}

/// Why an agent is away for days, if they are: on leave, or the catalogue or the directory of people says so.
fn gone(catalog: &Catalog, agent: &Agent, load: Load, now: Timestamp) -> Option<&'static str> {
    let load = Load { away: Away::default(), ..load };
    match routing::duty(catalog, &Group::default(), agent, load, now) {
        Duty::OnLeave => Some("is on leave"),
        Duty::Absent => Some("is not at work"),
        Duty::Left => Some("has left"),
        Duty::OnShift(_) | Duty::OnCall | Duty::OffShift | Duty::Away(_) => None,
    }
}
