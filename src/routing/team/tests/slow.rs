//! The choice as it was written first: everybody is looked at, by name, with nothing worked out before. The fast one
//! must say the same of every team, down to who is in the way of what.

use std::collections::HashMap;

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::{NOW, policy, priority};
use crate::{
    domain::{
        assignment::{Agent, Because, Group, Load, Policy, Skill},
        calendar::{Calendar, Hours},
        catalog::Catalog,
        duty::{Away, Duty, Leave, Left, Shift, Turn},
        priority::Priority,
        time::Timestamp,
    },
    routing::{
        Chosen, Team,
        dispatch::{Unfit, Work, can_wait},
    },
};

#[derive(Clone, Copy)]
struct Somebody<'a> {
    agent: &'a Agent,
    load: Load,
    duty: Duty,
}

struct Slow<'a> {
    group: &'a Group,
    all: Vec<Somebody<'a>>,
    waiting: u32,
}

fn duty(catalog: &Catalog, group: &Group, agent: &Agent, load: Load) -> Duty {
    let shift = agent.shift.as_deref().and_then(|it| catalog.hours(it)).map(|it| Shift::of(it, NOW));
    let today = shift.map_or_else(|| NOW.date(), |it| it.today);
    let has_turn = |it: &Turn| it.agent == agent.id && (it.from..=it.to).contains(&today);
    if load.left.is_gone() {
        Duty::Left
    } else if !agent.present {
        Duty::Absent
    } else if agent.leave.iter().any(|it| (it.from..=it.to).contains(&today)) {
        Duty::OnLeave
    } else if load.away.at(NOW) {
        Duty::Away(load.away)
    } else {
        match shift {
            None => Duty::OnShift(None),
            Some(Shift { until: Some(until), .. }) => Duty::OnShift(Some(until)),
            Some(_) if group.on_call.iter().any(has_turn) => Duty::OnCall,
            Some(_) => Duty::OffShift,
        }
    }
}

impl<'a> Slow<'a> {
    fn of(catalog: &'a Catalog, group: &'a Group, loads: &HashMap<String, Load>, waiting: u32) -> Self {
        let stands = |agent: &'a Agent| {
            let load = loads[&agent.id];
            Somebody { agent, load, duty: duty(catalog, group, agent, load) }
        };
        let is_replaced = |it: &Somebody<'_>| matches!(it.duty, Duty::OnLeave | Duty::Left);
        let is_member = |it: &&Agent| it.groups.contains(&group.id);
        let mut all: Vec<_> = catalog.agents.iter().filter(is_member).map(stands).collect();
        for place in 0..all.len() {
            let mut at = all[place];
            if !is_replaced(&at) {
                continue;
            }
            while is_replaced(&at) {
                let Some(next) = at.agent.substitute.as_deref().and_then(|it| catalog.agent(it)) else {
                    break;
                };
                at = stands(next);
            }
            if !is_replaced(&at) && !all.iter().any(|it| it.agent.id == at.agent.id) {
                all.push(at);
            }
        }
        Self { group, all, waiting }
    }

    fn capacity(&self, agent: &Agent) -> Option<u32> {
        agent.capacity.or((self.group.policy == Policy::SlaAware).then_some(1))
    }

    /// A skill that nobody has does not count.
    fn lacks<'w>(&self, work: &Work<'w>, agent: &Agent) -> Option<&'w Skill> {
        let is_had = |it: &&Skill| {
            self.all.iter().any(|member| member.duty != Duty::Left && it.level <= member.agent.level(&it.id))
        };
        work.skills.iter().filter(is_had).find(|it| agent.level(&it.id) < it.level)
    }

    fn fits<'w>(&self, work: &Work<'w>, it: &Somebody<'_>) -> Result<(), Unfit<'w>> {
        if !it.duty.takes_work() {
            return Err(Unfit::NotThere(it.duty));
        }
        if it.duty == Duty::OnCall && Priority::P2 < work.priority {
            return Err(Unfit::CanWait);
        }
        if let Some(skill) = self.lacks(work, it.agent) {
            return Err(Unfit::Lacks(skill));
        }
        if work.declined.contains(&it.agent.id) {
            return Err(Unfit::Declined);
        }
        match self.capacity(it.agent) {
            Some(most) if most <= it.load.open => Err(Unfit::Full(most)),
            Some(_) | None => Ok(()),
        }
    }

    fn is_kept(&self, work: &Work<'_>, agent: &Agent) -> bool {
        if self.group.policy != Policy::SlaAware || !can_wait(work, NOW, 75) {
            return false;
        }
        let would = |it: &&Somebody<'_>| {
            matches!(it.duty, Duty::OnShift(_))
                && !work.declined.contains(&it.agent.id)
                && self.lacks(work, it.agent).is_none()
        };
        let able: Vec<_> = self.all.iter().filter(would).collect();
        let free = able.iter().filter(|it| self.fits(work, it).is_ok()).count();
        let least = able.iter().map(|it| spare(it.agent)).min().unwrap_or(i64::MAX);
        if can_wait(work, NOW, 90) && free <= able.len() / 8 {
            true
        } else {
            self.waiting as usize <= able.len() * 2 && least < spare(agent)
        }
    }

    fn preference(&self, work: &Work<'_>, it: &Somebody<'a>) -> (bool, [i64; 3], &'a str) {
        let (open, last) = (i64::from(it.load.open), it.load.last.0);
        let keys = match self.group.policy {
            Policy::RoundRobin => [last, open, 0],
            Policy::LeastLoaded | Policy::Manual => [open, last, 0],
            Policy::MostCapacity => [open - i64::from(it.agent.capacity.unwrap_or(u32::MAX)), open, last],
            Policy::SlaAware => {
                let done = NOW.0 + (open + 1) * i64::from(work.handling) * 1000;
                let ends = if let Duty::OnShift(Some(until)) = it.duty { until.0 } else { i64::MAX };
                let due = work.due.map_or(i64::MAX, |it| it.0).min(ends);
                [done.saturating_sub(due).max(0), open, spare(it.agent)]
            }
        };
        (it.duty == Duty::OnCall, keys, &it.agent.id)
    }

    fn judged<'w>(&self, work: &Work<'w>) -> Vec<(Somebody<'a>, Option<Unfit<'w>>)> {
        let judge = |it: &Somebody<'a>| {
            let unfit = self.fits(work, it).err();
            (*it, unfit.or_else(|| self.is_kept(work, it.agent).then_some(Unfit::Kept)))
        };
        let mut all: Vec<_> = self.all.iter().map(judge).collect();
        all.sort_by_key(|(it, unfit)| (unfit.is_some(), self.preference(work, it)));
        all
    }

    fn assign(&self, work: &Work<'_>) -> Chosen {
        let Group { id, policy, .. } = self.group;
        let first = self.judged(work).into_iter().next().filter(|it| it.1.is_none());
        match first.filter(|_| *policy != Policy::Manual) {
            Some((it, _)) => Chosen {
                agent: Some(it.agent.id.clone()),
                because: Because::Policy { policy: *policy, agent: it.agent.id.clone(), open: it.load.open },
                load: it.load.open,
                capacity: self.capacity(it.agent),
            },
            None if self.is_there() => Chosen::nobody(Because::NobodyFits(id.clone())),
            None => Chosen::nobody(Because::NobodyPresent(id.clone())),
        }
    }

    fn is_there(&self) -> bool {
        self.all.iter().any(|it| it.duty.takes_work())
    }

    fn has_room(&self) -> bool {
        let has = |it: &Somebody<'_>| self.capacity(it.agent).is_none_or(|most| it.load.open < most);
        self.all.iter().any(|it| it.duty.takes_work() && has(it))
    }
}

fn spare(agent: &Agent) -> i64 {
    agent.skills.iter().map(|it| i64::from(it.level)).sum()
}

fn days() -> impl Strategy<Value = (i64, i64)> {
    (-3_i64..3, 0_i64..4)
}

fn date(days: i64) -> jiff::civil::Date {
    Timestamp(NOW.0 + days * 86_400_000).date()
}

/// Ids in no order, so that their order is not that of their places.
fn id(place: usize) -> String {
    format!("agent-{}", (place * 7 + 3) % 41)
}

fn agent(shifts: bool) -> impl Strategy<Value = (Agent, Option<prop::sample::Index>)> {
    let skill = (select(vec!["sap", "vpn", "mac"]), 1_u8..5);
    let skills = vec(skill.prop_map(|(id, level)| Skill { id: id.into(), level }), 0..4);
    let shift = select(vec![None, Some("day"), Some("night"), Some("far"), Some("unknown")]);
    let shift = shift.prop_map(move |it| it.filter(|_| shifts).map(str::to_owned));
    let leave = vec(days().prop_map(|(from, more)| Leave { from: date(from), to: date(from + more) }), 0..2);
    let groups =
        select(vec![vec!["desk"], vec!["desk"], vec!["desk", "other"], vec!["other"], vec!["desk", "desk"]]);
    let substitute = option::of(any::<prop::sample::Index>());
    (groups, skills, option::of(1_u32..5), shift, leave, prop::bool::weighted(0.9), substitute).prop_map(
        |(groups, skills, capacity, shift, leave, present, substitute)| {
            let groups = groups.into_iter().map(Into::into).collect();
            (Agent { groups, skills, capacity, shift, leave, present, ..Agent::default() }, substitute)
        },
    )
}

fn load() -> impl Strategy<Value = Load> {
    let away = select(vec![
        Away::default(),
        Away::default(),
        Away(Timestamp(NOW.0 - 1)),
        Away(NOW),
        Away(Timestamp(NOW.0 + 1)),
        Away::OPEN,
    ]);
    let left = select(vec![Left::No, Left::No, Left::No, Left::No, Left::Holding, Left::Cleared]);
    // Few, so that many are equal; some before 1970.
    let last = select(vec![-5_i64, 0, 7, NOW.0]).prop_map(Timestamp);
    (0_u32..6, last, away, left).prop_map(|(open, last, away, left)| Load { open, last, away, left })
}

fn catalog(
    policy: Policy,
    agents: Vec<(Agent, Option<prop::sample::Index>)>,
    turns: &[(usize, (i64, i64))],
) -> Catalog {
    let hours =
        |from: u32, to: u32| std::array::from_fn(|_| vec![Hours { from: from * 3600, to: to * 3600 }]);
    let shift =
        |id: &str, zone, from, to| Calendar::new(id, zone, hours(from, to), Default::default()).unwrap();
    let turn = |(at, (from, more)): &(usize, (i64, i64))| Turn {
        agent: id(*at),
        from: date(*from),
        to: date(from + more),
    };
    let named = |(place, (agent, substitute)): (usize, (Agent, Option<prop::sample::Index>))| {
        // Only who stands before, so that there is no circle.
        let substitute = substitute.filter(|_| 0 < place).map(|it| id(it.index(place)));
        Agent { id: id(place), substitute, ..agent }
    };
    Catalog {
        groups: vec![Group {
            id: "desk".into(),
            policy,
            on_call: turns.iter().map(turn).collect(),
            ..Group::default()
        }],
        agents: agents.into_iter().enumerate().map(named).collect(),
        // In the far east it is another date already, late in the evening.
        calendars: vec![
            shift("day", "UTC", 6, 20),
            shift("night", "UTC", 20, 24),
            shift("far", "Pacific/Kiritimati", 0, 1),
        ],
        ..Catalog::default()
    }
}

fn skills() -> impl Strategy<Value = Vec<Skill>> {
    let skill = (select(vec!["sap", "vpn", "nobody's"]), 0_u8..5);
    vec(skill.prop_map(|(id, level)| Skill { id: id.into(), level }), 0..3)
}

proptest! {
    #[test]
    fn the_fast_choice_is_the_slow_one(
        (policy, priority) in (policy(), priority()),
        agents in any::<bool>().prop_flat_map(|shifts| vec(agent(shifts), 0..41)),
        loads in vec(load(), 41), turns in vec((0_usize..41, days()), 0..3),
        skills in skills(), declined in vec(0_usize..45, 0..4),
        (due, opened, handling, waiting) in (option::of(-9_i64..99), 0_i64..30, 0_u32..9_000, 0_u32..60),
    ) {
        let catalog = catalog(policy, agents, &turns);
        let declined: Vec<String> = declined.into_iter().map(|it| if it < 41 { id(it) } else { "nobody".into() }).collect();
        let hours = |it: i64| Timestamp(NOW.0 + it * 3_600_000);
        let work = Work { skills: &skills, priority, opened: hours(-opened), due: due.map(hours), handling, declined: &declined };
        let mut named: HashMap<String, Load> = catalog.agents.iter().map(|it| it.id.clone()).zip(loads).collect();
        let group = &catalog.groups[0];
        let mut fast = Team::of(&catalog, group, waiting, |it| named[&catalog.agents[it].id], NOW);
        // The second time around somebody has got it.
        for _ in 0..3 {
            let slow = Slow::of(&catalog, group, &named, waiting);
            let all: Vec<_> = fast.judged(&work).into_iter()
                .map(|(it, unfit)| (it.agent.id.clone(), it.load.open, it.load.last, it.duty, unfit)).collect();
            let expected: Vec<_> = slow.judged(&work).into_iter()
                .map(|(it, unfit)| (it.agent.id.clone(), it.load.open, it.load.last, it.duty, unfit)).collect();
            prop_assert_eq!(all, expected);
            let chosen = fast.assign(&work);
            prop_assert_eq!(&chosen, &slow.assign(&work));
            prop_assert_eq!((fast.is_there(), fast.has_room()), (slow.is_there(), slow.has_room()));
            let Some(agent) = chosen.agent else { break };
            fast.took(&agent);
            let load = named.get_mut(&agent).unwrap();
            *load = Load { open: load.open + 1, last: NOW, ..*load };
        }
    }
}
