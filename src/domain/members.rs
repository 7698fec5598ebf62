//! What a choice among agents asks of each, worked out once for a catalogue: who is in which group, and what the
//! catalogue says of everybody, as numbers in a row. A walk over ten thousand agents reads them one after the other
//! instead of looking for strings all over the memory.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use jiff::civil::Date;

use super::{
    assignment::{Agent, Group},
    duty::{Duty, Leave, off},
    ticket::Holder,
};

/// The roster of a catalogue; worked out when it is first asked for, once for each value of a catalogue. It follows from
/// the agents, so all are equal, and a copy begins anew: it may get other agents.
#[derive(Debug, Default)]
pub struct Members(OnceLock<Roster>);

impl Members {
    pub(super) fn of(&self, agents: &[Agent], groups: &[Group]) -> &Roster {
        self.0.get_or_init(|| Roster::of(agents, groups))
    }
}

impl Clone for Members {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Members {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The agents of a catalogue by their places in it.
#[derive(Debug, Default)]
pub struct Roster {
    seats: Vec<Seat>,
    more: Vec<More>,
    counted: Vec<Option<u32>>,
    groups: HashMap<String, Vec<u32>>,
    /// Those members of each group in whose place somebody of another one may come.
    lent: HashMap<String, Vec<u32>>,
    ids: HashMap<String, u32>,
    users: HashMap<String, u32>,
    levels: HashMap<String, Vec<u8>>,
    shifts: Vec<String>,
    leave: Vec<Leave>,
    holders: Arc<[String]>,
}

/// What the catalogue says of an agent that every choice asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Where their id stands among all ids.
    pub order: u32,
    /// How much they can do: the sum of their levels.
    pub skill: u32,
    /// So many open tickets they have at most; without, any number.
    pub capacity: Option<u32>,
    /// Which of the roster's shifts is theirs.
    pub shift: Option<u32>,
}

/// What is asked of few.
#[derive(Debug, Clone, Copy)]
struct More {
    is_present: bool,
    /// Where their leave lies among that of all.
    leave: (u32, u32),
    substitute: Option<u32>,
}

impl Roster {
    fn of(agents: &[Agent], groups: &[Group]) -> Self {
        let mut by_id: Vec<usize> = (0..agents.len()).collect();
        by_id.sort_by_key(|it| &agents[*it].id);
        let mut orders = vec![0; agents.len()];
        (0..).zip(by_id).for_each(|(order, place)| orders[place] = order);
        let mut roster = Self { holders: holders(agents, groups), ..Self::default() };
        let mut present = 0..;
        for (place, agent) in (0..).zip(agents) {
            roster.ids.entry(agent.id.clone()).or_insert(place);
            roster.users.entry(agent.user_key()).or_insert(place);
        }
        for (place, (agent, order)) in (0..).zip(agents.iter().zip(orders)) {
            agent.groups.iter().for_each(|it| put(&mut roster.groups, it, place));
            // Of a skill that is written twice the first counts.
            for skill in agent.skills.iter().rev() {
                let levels = roster.levels.entry(skill.id.clone()).or_insert_with(|| vec![0; agents.len()]);
                levels[place as usize] = skill.level;
            }
            let shift = agent.shift.as_ref().map(|it| number(&mut roster.shifts, it));
            let skill = agent.skills.iter().map(|it| u32::from(it.level)).sum();
            roster.seats.push(Seat { order, skill, capacity: agent.capacity, shift });
            roster.counted.push(if agent.present { present.next() } else { None });
            let from = roster.leave.len();
            roster.leave.extend(&agent.leave);
            roster.more.push(More {
                is_present: agent.present,
                leave: (small(from), small(roster.leave.len())),
                substitute: agent.substitute.as_ref().and_then(|it| roster.place(it)),
            });
        }
        for (place, agent) in (0..).zip(agents) {
            let is_lent = |group: &&String| roster.chain(place).any(|it| !agents[it].groups.contains(group));
            let lent: Vec<&String> = agent.groups.iter().filter(is_lent).collect();
            lent.into_iter().for_each(|it| put(&mut roster.lent, it, place));
        }
        roster
    }

    /// The places of who stands in for an agent, and for these. The catalogue has no circles; one would end here.
    fn chain(&self, place: u32) -> impl Iterator<Item = usize> {
        let next = |it: u32| self.substitute(it);
        std::iter::successors(next(place), move |it| next(*it)).take(self.seats.len()).map(|it| it as usize)
    }

    /// What the catalogue has against it that somebody takes work on a day. Most are at work and have no leave: then it
    /// does not matter which day it is.
    #[inline]
    pub fn off(&self, place: u32, today: impl FnOnce() -> Date) -> Option<Duty> {
        let More { is_present, leave: (from, to), .. } = *self.more.get(place as usize)?;
        if is_present && from == to {
            return None;
        }
        off(is_present, self.leave.get(from as usize..to as usize).unwrap_or_default(), today())
    }

    /// The place of who stands in for somebody while they are on leave.
    pub fn substitute(&self, place: u32) -> Option<u32> {
        self.more.get(place as usize)?.substitute
    }

    /// Where somebody stands among the holders; nowhere if they take no work at all.
    pub fn counted(&self, place: usize) -> Option<usize> {
        self.counted.get(place).copied().flatten().map(|it| it as usize)
    }

    /// The places of a group's members, in order.
    pub fn members(&self, group: &str) -> &[u32] {
        self.groups.get(group).map_or(&[], Vec::as_slice)
    }

    /// The places of those members of a group for whom somebody of another one may stand in, or for who stands in for
    /// them, in order.
    pub fn lent(&self, group: &str) -> &[u32] {
        self.lent.get(group).map_or(&[], Vec::as_slice)
    }

    /// Everybody, in order.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }

    /// The place of an agent.
    pub fn place(&self, id: &str) -> Option<u32> {
        self.ids.get(id).copied()
    }

    /// The place of the agent with a user name in the directory of people, in lower case.
    pub fn user(&self, key: &str) -> Option<u32> {
        self.users.get(key).copied()
    }

    /// Everybody's level of a skill, in order; nothing if nobody has it.
    pub fn levels(&self, skill: &str) -> &[u8] {
        self.levels.get(skill).map_or(&[], Vec::as_slice)
    }

    /// Under what the loads are counted that every choice asks for: those of the agents who take work, in order, and
    /// of the groups.
    pub fn holders(&self) -> &Arc<[String]> {
        &self.holders
    }

    /// Ids of the calendars that are shifts.
    pub fn shifts(&self) -> &[String] {
        &self.shifts
    }
}

fn put(groups: &mut HashMap<String, Vec<u32>>, group: &str, place: u32) {
    let of_group = groups.entry(group.to_owned()).or_default();
    if of_group.last() != Some(&place) {
        of_group.push(place);
    }
}

fn holders(agents: &[Agent], groups: &[Group]) -> Arc<[String]> {
    let agents = agents.iter().filter(|it| it.present).map(|it| Holder::Agent(&it.id).key());
    agents.chain(groups.iter().map(|it| Holder::Group(&it.id).key())).collect()
}

/// Where an id stands among those known so far; it becomes the last of them if it is new.
fn number(known: &mut Vec<String>, id: &str) -> u32 {
    let at = known.iter().position(|it| it == id).unwrap_or_else(|| {
        known.push(id.to_owned());
        known.len() - 1
    });
    small(at)
}

/// No catalogue has four billion agents.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
