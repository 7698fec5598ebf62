//! The agents of a group as they stand at a moment, and who of them gets a piece of work.

use std::{borrow::Cow, collections::HashMap};

use super::dispatch::{Candidate, Unfit, Work, can_wait, capacity, choose, fits, preference, spare};
use crate::domain::{
    assignment::{Agent, Because, Group, Load, Policy, Skill},
    catalog::Catalog,
    duty::{Away, Duty, Shift},
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

impl Chosen {
    /// It waits with the group.
    pub fn nobody(because: Because) -> Self {
        Self { agent: None, because, load: 0, capacity: None }
    }
}

/// The agents of a group with their duties, and those who stand in for members on leave: gathered once for all the
/// work that is given out at a moment.
#[derive(Debug, Clone)]
pub struct Team<'a> {
    group: &'a Group,
    candidates: Vec<Candidate<'a>>,
    /// So much waits with the group.
    waiting: u32,
    now: Timestamp,
}

impl<'a> Team<'a> {
    /// The team of a group at a moment.
    pub fn of(catalog: &'a Catalog, group: &'a Group, load: impl Fn(&str) -> Load, now: Timestamp) -> Self {
        let waiting = load(&Holder::Group(&group.id).key()).open;
        let today = now.date();
        let mut shifts: HashMap<&str, Option<Shift>> = HashMap::new();
        let mut candidate = |agent: &'a Agent| {
            let shift = agent.shift.as_deref().and_then(|id| {
                let of = || catalog.hours(id).map(|it| Shift::of(it, now));
                *shifts.entry(id).or_insert_with(of)
            });
            let load = load(&agent.id);
            Candidate { agent, load, duty: agent.duty(group, load.away, shift, today, now) }
        };
        let mut team: Vec<Candidate<'a>> = catalog.members(&group.id).map(&mut candidate).collect();
        let members = team.len();
        for place in 0..members {
            let mut at = team[place];
            if at.duty != Duty::OnLeave {
                continue;
            }
            // The catalogue has no circles.
            while at.duty == Duty::OnLeave {
                let Some(next) = at.agent.substitute.as_deref().and_then(|id| catalog.agent(id)) else {
                    break;
                };
                at = candidate(next);
            }
            if at.duty != Duty::OnLeave && !team.iter().any(|it| it.agent.id == at.agent.id) {
                team.push(at);
            }
        }
        Self { group, candidates: team, waiting, now }
    }

    /// Who they are, in the order of the catalogue.
    pub fn candidates(&self) -> &[Candidate<'a>] {
        &self.candidates
    }

    /// Who gets it: of those who may, the first by the policy.
    pub fn assign(&self, work: &Work<'_>) -> Chosen {
        let Group { id, policy, .. } = self.group;
        let skills = self.needed(work);
        let work = &Work { skills: &skills, ..*work };
        let kept = self.kept(work);
        let able = self.candidates.iter().filter(|it| !kept.has(it)).copied();
        match choose(*policy, work, able, self.now) {
            Some(it) => Chosen {
                agent: Some(it.agent.id.clone()),
                because: Because::Policy { policy: *policy, agent: it.agent.id.clone(), open: it.load.open },
                load: it.load.open,
                capacity: capacity(*policy, it.agent),
            },
            None if self.is_there() => Chosen::nobody(Because::NobodyFits(id.clone())),
            None => Chosen::nobody(Because::NobodyPresent(id.clone())),
        }
    }

    /// Those who may get it, the first choice first, and then the others with what is in their way.
    pub fn judged(&self, work: &Work<'_>) -> Vec<(Candidate<'a>, Option<Unfit>)> {
        let skills = self.needed(work);
        let work = &Work { skills: &skills, ..*work };
        let (policy, kept) = (self.group.policy, self.kept(work));
        let judge = |it: &Candidate<'a>| {
            let unfit = fits(policy, work, it).err();
            (*it, unfit.or_else(|| kept.has(it).then_some(Unfit::Kept)))
        };
        let mut all: Vec<_> = self.candidates.iter().map(judge).collect();
        all.sort_by_key(|(it, unfit)| (unfit.is_some(), preference(policy, work, it, self.now)));
        all
    }

    /// Who is kept free from work that can wait, by the time that is left: while much of its time is left and not much
    /// waits, whoever can do more than others who are there and could do it; while nearly all of it is left, one in
    /// eight.
    fn kept(&self, work: &Work<'_>) -> Kept {
        if self.group.policy != Policy::SlaAware || !can_wait(work, self.now, MUCH) {
            return Kept::Nobody;
        }
        let (mut able, mut free, mut least) = (0, 0, i64::MAX);
        for it in self.candidates.iter().filter(|it| is_able(work, it)) {
            able += 1;
            free += usize::from(fits(self.group.policy, work, it).is_ok());
            least = least.min(spare(it.agent));
        }
        if can_wait(work, self.now, NEARLY_ALL) && free <= able / ONE_IN {
            Kept::All
        } else if able * LINE < self.waiting as usize {
            Kept::Nobody
        } else {
            Kept::Above(least)
        }
    }

    /// The skills that count: a group that gets work for another reason than its skills does it as well as it can.
    fn needed<'w>(&self, work: &Work<'w>) -> Cow<'w, [Skill]> {
        let is_had = |it: &Skill| self.candidates.iter().any(|member| it.level <= member.agent.level(&it.id));
        if work.skills.iter().all(is_had) {
            return Cow::Borrowed(work.skills);
        }
        Cow::Owned(work.skills.iter().filter(|it| is_had(it)).cloned().collect())
    }

    /// Whether anybody takes work.
    pub fn is_there(&self) -> bool {
        self.candidates.iter().any(|it| it.duty.takes_work())
    }

    /// Whether anybody takes work and has room for more.
    pub fn has_room(&self) -> bool {
        let has =
            |it: &Candidate<'_>| capacity(self.group.policy, it.agent).is_none_or(|most| it.load.open < most);
        self.candidates.iter().any(|it| it.duty.takes_work() && has(it))
    }

    /// An agent has got a piece of work.
    pub fn took(&mut self, agent: &str) {
        if let Some(it) = self.candidates.iter_mut().find(|it| it.agent.id == agent) {
            it.load = Load { open: it.load.open + 1, last: self.now, ..it.load };
        }
    }
}

/// In percent of the time between coming and due time.
const MUCH: i64 = 75;
/// The same.
const NEARLY_ALL: i64 = 90;
/// One agent in so many is kept free.
const ONE_IN: usize = 8;
/// With more waiting than so many pieces of work for each agent, experts do what there is.
const LINE: usize = 2;

/// Who is kept free from a piece of work.
#[derive(Debug, Clone, Copy)]
enum Kept {
    Nobody,
    /// Those who can do more than this.
    Above(i64),
    All,
}

impl Kept {
    fn has(self, it: &Candidate<'_>) -> bool {
        match self {
            Self::Nobody => false,
            Self::Above(least) => least < spare(it.agent),
            Self::All => true,
        }
    }
}

/// Whether somebody who is there could do it, if they have time.
fn is_able(work: &Work<'_>, it: &Candidate<'_>) -> bool {
    let would = matches!(it.duty, Duty::OnShift(_)) && !work.declined.contains(&it.agent.id);
    would && work.skills.iter().all(|skill| skill.level <= it.agent.level(&skill.id))
}

/// Whether an agent takes work of a group.
pub fn duty(catalog: &Catalog, group: &Group, agent: &Agent, away: Away, now: Timestamp) -> Duty {
    let shift = agent.shift.as_deref().and_then(|it| catalog.hours(it)).map(|it| Shift::of(it, now));
    agent.duty(group, away, shift, now.date(), now)
}

/// Whether something waits with a group: what comes now gets in line behind it, unless people take it themselves.
pub fn has_line(group: &Group, load: impl Fn(&str) -> Load) -> bool {
    group.policy != Policy::Manual && 0 < load(&Holder::Group(&group.id).key()).open
}

#[cfg(test)]
mod tests;
