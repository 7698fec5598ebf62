//! The agents of a group as they stand at a moment, and who of them gets a piece of work.

use std::cell::OnceCell;

use jiff::civil::Date;

use super::dispatch::{Candidate, Unfit, Wanted, Work, can_wait, capacity, fits, preference};
use crate::domain::{
    assignment::{Agent, Because, Group, Load, Policy, Skill},
    catalog::Catalog,
    duty::{Duty, Shift},
    members::{Roster, Seat},
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

/// The agents of a group, and those who stand in for members on leave, with their loads at a moment: gathered once for
/// all the work that is given out then.
#[derive(Debug, Clone)]
pub struct Team<'a> {
    catalog: &'a Catalog,
    roster: &'a Roster,
    group: &'a Group,
    here: Vec<Standing>,
    /// Places of those who are away now, or have left.
    out: Vec<(u32, Load)>,
    /// So much waits with the group.
    waiting: u32,
    /// What each of the roster's shifts says: asked once for all who share it.
    shifts: Vec<OnceCell<Option<Shift>>>,
    /// Places of those who have a turn on call, on whatever day.
    on_call: Vec<u32>,
    now: Timestamp,
    /// The date in UTC.
    today: Date,
}

/// How somebody stands who is not away, and has not left. It is small, since a walk over ten thousand takes as long as
/// the memory that it reads.
#[derive(Debug, Clone, Copy)]
struct Standing {
    place: u32,
    open: u32,
    last: Timestamp,
}

impl Standing {
    fn load(self) -> Load {
        Load { open: self.open, last: self.last, ..Load::default() }
    }
}

impl<'a> Team<'a> {
    /// The team of a group at a moment, by the loads of agents by their places in the catalogue, and by how much waits
    /// with the group.
    pub fn of(
        catalog: &'a Catalog,
        group: &'a Group,
        waiting: u32,
        load: impl Fn(usize) -> Load,
        now: Timestamp,
    ) -> Self {
        let roster = catalog.roster();
        let members = roster.members(&group.id);
        let mut team = Self {
            catalog,
            roster,
            group,
            here: Vec::with_capacity(members.len()),
            out: vec![],
            waiting,
            shifts: vec![OnceCell::new(); roster.shifts().len()],
            on_call: group.on_call.iter().filter_map(|it| roster.place(&it.agent)).collect(),
            now,
            today: now.date(),
        };
        members.iter().for_each(|it| team.add(*it, load(*it as usize)));
        team.add_substitutes(load);
        team
    }

    #[inline]
    fn add(&mut self, place: u32, load: Load) {
        if load.left.is_gone() || load.away.at(self.now) {
            self.out.push((place, load));
        } else {
            self.here.push(Standing { place, open: load.open, last: load.last });
        }
    }

    fn add_substitutes(&mut self, load: impl Fn(usize) -> Load) {
        let members = self.roster.members(&self.group.id);
        let mut others: Vec<u32> = vec![];
        for place in self.roster.lent(&self.group.id) {
            let (mut place, mut its) = (*place, load(*place as usize));
            // The catalogue has no circles.
            while self.is_replaced(place, &its) {
                let Some(next) = self.roster.substitute(place) else { break };
                (place, its) = (next, load(next as usize));
            }
            let is_replaced = self.is_replaced(place, &its);
            if !is_replaced && members.binary_search(&place).is_err() && !others.contains(&place) {
                others.push(place);
                self.add(place, its);
            }
        }
    }

    /// Whether somebody stands in for an agent.
    fn is_replaced(&self, place: u32, load: &Load) -> bool {
        load.left.is_gone() || self.off(place) == Some(Duty::OnLeave)
    }

    fn seat(&self, place: u32) -> &'a Seat {
        &self.roster.seats()[place as usize]
    }

    /// What the catalogue has against it that they take work.
    fn off(&self, place: u32) -> Option<Duty> {
        self.roster.off(place, || self.today(self.seat(place)))
    }

    /// The date where they work.
    fn today(&self, seat: &Seat) -> Date {
        self.shift(seat).map_or(self.today, |it| it.today)
    }

    #[inline]
    fn duty(&self, place: u32, load: &Load) -> Duty {
        let seat = self.seat(place);
        let is_on_call = || {
            let agent = &self.catalog.agents[place as usize].id;
            self.on_call.contains(&place) && self.group.is_on_call(agent, self.today(seat))
        };
        Duty::of(load, self.off(place), self.shift(seat), is_on_call, self.now)
    }

    /// Whether somebody who is not away, and has not left, is on shift.
    fn is_on_shift(&self, place: u32) -> bool {
        let is_open = self.shift(self.seat(place)).is_none_or(|it| it.until.is_some());
        is_open && self.off(place).is_none()
    }

    #[inline]
    fn shift(&self, seat: &Seat) -> Option<Shift> {
        let which = seat.shift? as usize;
        let of = || self.catalog.hours(&self.roster.shifts()[which]).map(|it| Shift::of(it, self.now));
        *self.shifts[which].get_or_init(of)
    }

    /// Who they are.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate<'a>> {
        let here = self.here.iter().map(|it| (it.place, it.load()));
        here.chain(self.out.iter().copied()).map(|(place, load)| self.candidate(place, load))
    }

    fn candidate(&self, place: u32, load: Load) -> Candidate<'a> {
        let agent = &self.catalog.agents[place as usize];
        Candidate { agent, seat: self.seat(place), place, load, duty: self.duty(place, &load) }
    }

    /// Who gets it: of those who may, the first by the policy.
    pub fn assign(&self, work: &Work<'_>) -> Chosen {
        let Group { id, policy, .. } = self.group;
        let wanted = self.wanted(work);
        let kept = self.kept(&wanted);
        match self.first(&wanted, kept) {
            Some(it) => Chosen {
                agent: Some(it.agent.id.clone()),
                because: Because::Policy { policy: *policy, agent: it.agent.id.clone(), open: it.load.open },
                load: it.load.open,
                capacity: capacity(*policy, it.seat),
            },
            None if self.is_there() => Chosen::nobody(Because::NobodyFits(id.clone())),
            None => Chosen::nobody(Because::NobodyPresent(id.clone())),
        }
    }

    /// The first by the policy of those who may get it; nobody where people take their work themselves. Those on call
    /// come last.
    fn first(&self, wanted: &Wanted<'_>, kept: Kept) -> Option<Candidate<'a>> {
        // Each policy gets a walk of its own from the compiler, so that nothing is decided on the way.
        match self.group.policy {
            Policy::RoundRobin => self.first_by(Policy::RoundRobin, wanted, kept),
            Policy::LeastLoaded => self.first_by(Policy::LeastLoaded, wanted, kept),
            Policy::MostCapacity => self.first_by(Policy::MostCapacity, wanted, kept),
            Policy::SlaAware => self.first_by(Policy::SlaAware, wanted, kept),
            Policy::Manual => None,
        }
    }

    #[inline(always)]
    fn first_by(&self, policy: Policy, wanted: &Wanted<'_>, kept: Kept) -> Option<Candidate<'a>> {
        let preference = |seat: &Seat, load: Load, duty: Duty| {
            preference(policy, wanted.work, (seat, load, duty), self.now)
        };
        let mut best = None;
        for it in &self.here {
            // Nobody stands better than on a shift without end. Whoever would come behind even so need not be looked
            // at, which spares most of a large group.
            if wanted.lacks(it.place).is_some() {
                continue;
            }
            let (seat, load) = (self.seat(it.place), it.load());
            let at_best = preference(seat, load, Duty::OnShift(None));
            if best.is_some_and(|(key, _)| key <= at_best) || kept.has(seat) {
                continue;
            }
            let it = self.candidate(it.place, load);
            let key = preference(seat, load, it.duty);
            let is_better = best.is_none_or(|(best, _)| key < best);
            if is_better && fits(policy, wanted, &it).is_ok() {
                best = Some((key, it));
            }
        }
        best.map(|it| it.1)
    }

    /// Those who may get it, the first choice first, and then the others with what is in their way.
    pub fn judged<'w>(&'w self, work: &'w Work<'w>) -> Vec<(Candidate<'a>, Option<Unfit<'w>>)> {
        let wanted = self.wanted(work);
        let (policy, kept) = (self.group.policy, self.kept(&wanted));
        let judge = |it: Candidate<'a>| {
            let unfit = fits(policy, &wanted, &it).err();
            (it, unfit.or_else(|| kept.has(it.seat).then_some(Unfit::Kept)))
        };
        let mut all: Vec<_> = self.candidates().map(judge).collect();
        all.sort_by_key(|(it, unfit)| {
            (unfit.is_some(), preference(policy, work, (it.seat, it.load, it.duty), self.now))
        });
        all
    }

    /// What a piece of work asks of them. A skill that nobody has who has not left does not count: a group that gets work for another
    /// reason than its skills does it as well as it can.
    fn wanted<'w>(&'w self, work: &'w Work<'w>) -> Wanted<'w> {
        let levels = |it: &'w Skill| (it, self.roster.levels(&it.id));
        let has = |(skill, levels): &(&Skill, &[u8])| {
            let out = self.out.iter().filter(|(_, load)| !load.left.is_gone()).map(|it| it.0);
            let mut all = self.here.iter().map(|it| it.place).chain(out);
            all.any(|it| levels.get(it as usize).is_some_and(|it| skill.level <= *it))
        };
        Wanted {
            work,
            skills: work.skills.iter().map(levels).filter(has).collect(),
            declined: work.declined.iter().filter_map(|it| self.roster.place(it)).collect(),
        }
    }

    /// Who is kept free from work that can wait, by the time that is left: while much of its time is left and not much
    /// waits, whoever can do more than others who are there and could do it; while nearly all of it is left, one in
    /// eight.
    fn kept(&self, wanted: &Wanted<'_>) -> Kept {
        if self.group.policy != Policy::SlaAware || !can_wait(wanted.work, self.now, MUCH) {
            return Kept::Nobody;
        }
        let (mut able, mut free, mut least) = (0, 0, u32::MAX);
        for it in self.here.iter().filter(|it| self.is_able(wanted, it)) {
            let seat = self.seat(it.place);
            able += 1;
            free += usize::from(has_room(self.group.policy, seat, it.open));
            least = least.min(seat.skill);
        }
        if can_wait(wanted.work, self.now, NEARLY_ALL) && free <= able / ONE_IN {
            Kept::All
        } else if able * LINE < self.waiting as usize {
            Kept::Nobody
        } else {
            Kept::Above(least)
        }
    }

    /// Whether somebody who is there could do it, if they have time.
    fn is_able(&self, wanted: &Wanted<'_>, it: &Standing) -> bool {
        wanted.lacks(it.place).is_none() && !wanted.declined.contains(&it.place) && self.is_on_shift(it.place)
    }

    /// Whether anybody takes work.
    pub fn is_there(&self) -> bool {
        self.here.iter().any(|it| self.duty(it.place, &it.load()).takes_work())
    }

    /// Whether anybody takes work and has room for more.
    pub fn has_room(&self) -> bool {
        let has = |it: &&Standing| has_room(self.group.policy, self.seat(it.place), it.open);
        self.here.iter().filter(has).any(|it| self.duty(it.place, &it.load()).takes_work())
    }

    /// An agent has got a piece of work.
    pub fn took(&mut self, agent: &str) {
        let place = self.roster.place(agent);
        if let Some(it) = self.here.iter_mut().find(|it| Some(it.place) == place) {
            *it = Standing { open: it.open + 1, last: self.now, ..*it };
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
    Above(u32),
    All,
}

impl Kept {
    fn has(self, seat: &Seat) -> bool {
        match self {
            Self::Nobody => false,
            Self::Above(least) => least < seat.skill,
            Self::All => true,
        }
    }
}

/// Whether somebody may have more work than they have.
fn has_room(policy: Policy, seat: &Seat, open: u32) -> bool {
    capacity(policy, seat).is_none_or(|most| open < most)
}

/// Whether an agent takes work of a group.
pub fn duty(catalog: &Catalog, group: &Group, agent: &Agent, load: Load, now: Timestamp) -> Duty {
    let shift = agent.shift.as_deref().and_then(|it| catalog.hours(it)).map(|it| Shift::of(it, now));
    let today = shift.map_or_else(|| now.date(), |it| it.today);
    Duty::of(&load, agent.off(today), shift, || group.is_on_call(&agent.id, today), now)
}

/// Whether what comes now gets in line behind the so much that waits with a group; it does not if people take it
/// themselves.
pub fn has_line(group: &Group, waiting: u32) -> bool {
    group.policy != Policy::Manual && 0 < waiting
}

#[cfg(test)]
mod tests;
