//! The agents of a group as they stand at a moment, and who of them gets a piece of work.

use std::collections::HashMap;

use super::dispatch::{Candidate, Work, choose};
use crate::domain::{
    assignment::{Agent, Because, Group, Load, Policy, Skill},
    catalog::Catalog,
    duty::{Duty, Shift},
    ticket::Holder,
    time::Timestamp,
};

/// Who gets a piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Id of the agent; nobody if it waits with the group.
    pub agent: Option<String>,
    /// Why.
    pub because: Because,
    /// Tickets that the agent had.
    pub load: u32,
    /// So many they may have.
    pub capacity: Option<u32>,
}

/// The agents of a group with their duties, and those who stand in for members on leave.
pub fn team<'a>(
    catalog: &'a Catalog,
    group: &'a Group,
    load: impl Fn(&str) -> Load,
    now: Timestamp,
) -> Vec<Candidate<'a>> {
    let today = now.date();
    let mut shifts: HashMap<&str, Option<Shift>> = HashMap::new();
    let mut candidate = |agent: &'a Agent| {
        let shift = agent.shift.as_deref().and_then(|id| {
            let of = || catalog.hours(id).map(|it| Shift::of(it, now));
            *shifts.entry(id).or_insert_with(of)
        });
        let load = load(&agent.id);
        let duty = agent.duty(group, load.away, shift, today, now);
        Candidate { agent, load, duty: if load.left.is_gone() { Duty::Left } else { duty } }
    };
    let mut team: Vec<Candidate<'a>> = catalog.members(&group.id).map(&mut candidate).collect();
    let members = team.len();
    for place in 0..members {
        let mut at = team[place];
        // The catalogue has no circles.
        while is_replaced(at.duty) {
            let Some(next) = at.agent.substitute.as_deref().and_then(|id| catalog.agent(id)) else { break };
            at = candidate(next);
        }
        if !is_replaced(at.duty) && !team.iter().any(|it| it.agent.id == at.agent.id) {
            team.push(at);
        }
    }
    team
}

/// Whether somebody stands in for an agent.
fn is_replaced(duty: Duty) -> bool {
    matches!(duty, Duty::OnLeave | Duty::Left)
}

/// Whether an agent takes work of a group.
pub fn duty(catalog: &Catalog, group: &Group, agent: &Agent, load: Load, now: Timestamp) -> Duty {
    if load.left.is_gone() {
        return Duty::Left;
    }
    let shift = agent.shift.as_deref().and_then(|it| catalog.hours(it)).map(|it| Shift::of(it, now));
    agent.duty(group, load.away, shift, now.date(), now)
}

/// Which agent of a group gets it now.
pub fn assign(
    catalog: &Catalog,
    group: &str,
    work: &Work<'_>,
    load: impl Fn(&str) -> Load,
    now: Timestamp,
) -> Chosen {
    let nobody = |because| Chosen { agent: None, because, load: 0, capacity: None };
    let Some(group) = catalog.group(group) else { return nobody(Because::NobodyPresent(group.to_owned())) };
    let team = team(catalog, group, &load, now);
    // A group that gets work for another reason than its skills does it as well as it can.
    let is_had = |it: &&Skill| team.iter().any(|member| it.level <= member.agent.level(&it.id));
    let skills: Vec<Skill> = work.skills.iter().filter(is_had).cloned().collect();
    let work = &Work { skills: &skills, ..*work };
    match choose(group.policy, work, team.iter().copied(), now) {
        Some(it) => Chosen {
            agent: Some(it.agent.id.clone()),
            because: Because::Policy { policy: group.policy, agent: it.agent.id.clone(), open: it.load.open },
            load: it.load.open,
            capacity: it.agent.capacity,
        },
        None if team.iter().any(|it| it.duty.takes_work()) => nobody(Because::NobodyFits(group.id.clone())),
        None => nobody(Because::NobodyPresent(group.id.clone())),
    }
}

/// The same for work that has just come: it gets in line behind what waits with the group.
pub fn assign_new(
    catalog: &Catalog,
    group: &str,
    work: &Work<'_>,
    load: impl Fn(&str) -> Load,
    now: Timestamp,
) -> Chosen {
    let is_manual = catalog.group(group).is_some_and(|it| it.policy == Policy::Manual);
    if !is_manual && 0 < load(&Holder::Group(group).key()).open {
        return Chosen { agent: None, because: Because::InLine(group.to_owned()), load: 0, capacity: None };
    }
    assign(catalog, group, work, load, now)
}
