//! Which agent of a group gets a piece of work, and which piece comes next: the policies themselves, over facts that
//! are handed in. The desk and the simulation use the same.

use crate::domain::{
    assignment::{Agent, Load, Policy, Skill},
    duty::Duty,
    members::Seat,
    priority::Priority,
    time::Timestamp,
};

/// What is known of a piece of work.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// What an agent must be able to do.
    pub skills: &'a [Skill],
    /// How pressing it is.
    pub priority: Priority,
    /// When it came.
    pub opened: Timestamp,
    /// By when it must be done, if that is promised and the clock does not stand still.
    pub due: Option<Timestamp>,
    /// Seconds of work that it takes as a rule.
    pub handling: u32,
    /// Ids of the agents who declined it, or did not answer.
    pub declined: &'a [String],
}

/// A piece of work with what it asks of agents by their places, looked up once for all of them.
#[derive(Debug, Clone)]
pub(super) struct Wanted<'a> {
    pub(super) work: &'a Work<'a>,
    /// The skills that count, and everybody's level of each.
    pub(super) skills: Vec<(&'a Skill, &'a [u8])>,
    /// Places of those who declined it, or did not answer.
    pub(super) declined: Vec<u32>,
}

impl<'a> Wanted<'a> {
    /// What somebody lacks to do it.
    pub(super) fn lacks(&self, place: u32) -> Option<&'a Skill> {
        let short = |(skill, levels): &&(&Skill, &[u8])| {
            levels.get(place as usize).is_none_or(|it| *it < skill.level)
        };
        self.skills.iter().find(short).map(|it| it.0)
    }
}

/// An agent who may get it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Who.
    pub agent: &'a Agent,
    /// What the catalogue says of them.
    pub seat: &'a Seat,
    /// Their place in the catalogue.
    pub place: u32,
    /// How they stand.
    pub load: Load,
    /// Whether they are there.
    pub duty: Duty,
}

/// Why an agent does not get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit<'a> {
    /// They take no work now.
    NotThere(Duty),
    /// They are on call, and it can wait.
    CanWait,
    /// They have as many open tickets as they may have.
    Full(u32),
    /// They cannot do it; what it needs.
    Lacks(&'a Skill),
    /// They declined it, or did not answer.
    Declined,
    /// They are kept free for what is more pressing, or for what only they can do; it can wait.
    Kept,
}

/// So many open tickets an agent has at most. By the time that is left, work goes to somebody only when they can begin
/// it: until then it stays with the group, where something more pressing can still go before it.
pub fn capacity(policy: Policy, seat: &Seat) -> Option<u32> {
    let one_at_a_time = (policy == Policy::SlaAware).then_some(1);
    seat.capacity.or(one_at_a_time)
}

/// Whether an agent may get it.
pub(super) fn fits<'w>(policy: Policy, wanted: &Wanted<'w>, it: &Candidate<'_>) -> Result<(), Unfit<'w>> {
    if !it.duty.takes_work() {
        return Err(Unfit::NotThere(it.duty));
    }
    if it.duty == Duty::OnCall && Priority::P2 < wanted.work.priority {
        return Err(Unfit::CanWait);
    }
    if let Some(skill) = wanted.lacks(it.place) {
        return Err(Unfit::Lacks(skill));
    }
    if wanted.declined.contains(&it.place) {
        return Err(Unfit::Declined);
    }
    match capacity(policy, it.seat) {
        Some(most) if most <= it.load.open => Err(Unfit::Full(most)),
        Some(_) | None => Ok(()),
    }
}

/// What those who may get a piece of work are compared by: whether they are on call, what comes first by the policy, and
/// the rest, packed into one number. A walk over many compares it without branches, which no processor could foresee.
pub(super) type Preference = (bool, i64, u128);

/// The less, the rather. What stands last makes it the same choice everywhere.
#[inline]
pub(super) fn preference(
    policy: Policy,
    work: &Work<'_>,
    (seat, load, duty): (&Seat, Load, Duty),
    now: Timestamp,
) -> Preference {
    let (open, order) = (u128::from(load.open), u128::from(seat.order));
    let first = match policy {
        Policy::RoundRobin => load.last.0,
        Policy::LeastLoaded | Policy::Manual => i64::from(load.open),
        Policy::MostCapacity => i64::from(load.open) - i64::from(seat.capacity.unwrap_or(u32::MAX)),
        Policy::SlaAware => late_by(work, load, duty, now),
    };
    let then = match policy {
        Policy::RoundRobin => open,
        Policy::LeastLoaded | Policy::Manual => in_order(load.last),
        Policy::MostCapacity => open << 64 | in_order(load.last),
        // How much they can do, so that experts stay free for what only they can do. Among those who can do it, it
        // says who could do most besides.
        Policy::SlaAware => open << 32 | u128::from(seat.skill),
    };
    (duty == Duty::OnCall, first, then << 32 | order)
}

/// A number that is the greater, the later, also before 1970.
fn in_order(at: Timestamp) -> u128 {
    u128::from(at.0.cast_unsigned() ^ (1 << 63))
}

/// Late by how much, in milliseconds, if they take it behind what they have.
fn late_by(work: &Work<'_>, load: Load, duty: Duty, now: Timestamp) -> i64 {
    let queue = i64::from(load.open) + 1;
    let done = now.0 + queue * i64::from(work.handling) * 1000;
    let ends = match duty {
        Duty::OnShift(Some(until)) => until.0,
        Duty::OnShift(None)
        | Duty::OnCall
        | Duty::OffShift
        | Duty::OnLeave
        | Duty::Away(_)
        | Duty::Absent
        | Duty::Left => i64::MAX,
    };
    let due = work.due.map_or(i64::MAX, |it| it.0).min(ends);
    done.saturating_sub(due).max(0)
}

/// Where waiting work stands in the order in which it is given out: the less, the sooner.
pub fn rank(policy: Policy, work: &Work<'_>, now: Timestamp) -> (i64, Priority, Timestamp) {
    let first = match policy {
        Policy::SlaAware => cost_of_waiting(work, now),
        Policy::RoundRobin | Policy::LeastLoaded | Policy::MostCapacity | Policy::Manual => {
            work.priority as i64
        }
    };
    (first, work.priority, work.opened)
}

/// One step of priority, in the thousandths in which the index counts.
const STEP: i64 = 1000;
/// What cannot wait, and can still be done in time, goes before the rest, unless that is far more pressed for time.
const PRESSING: i64 = 20 * STEP;
/// A step for so many seconds of slack, and for twice the work itself.
const SLACK: i64 = 4 * HOUR;
/// What is late goes back by a step for each time that its work would have fit into the delay, and by so many at most.
const LATE: i64 = 6 * STEP;
/// It comes forward again by a step in so many seconds, so that it does not wait for ever, ...
const AGEING: i64 = 48 * HOUR;
/// ... until it goes before everything that is not pressing.
const AGED: i64 = -4 * STEP;
const HOUR: i64 = 3600;

/// The logarithm of what a delay costs, turned round, so that the least goes first: the index of the apparent tardiness
/// cost rule, w / p * exp(-slack / K) (Vepsalainen and Morton, Management Science 33, 1987), for promises that are
/// kept or not. What can hardly be kept any more therefore goes behind what still can (Moore, Management Science 15,
/// 1968). In whole numbers, so that it is the same everywhere.
fn cost_of_waiting(work: &Work<'_>, now: Timestamp) -> i64 {
    let (slack, handling) = (slack(work, now), i64::from(work.handling.max(60)));
    let can_be_kept = -handling / 2 <= slack;
    let class = if work.priority <= Priority::P2 && can_be_kept { 0 } else { PRESSING };
    // The natural logarithm of the work, from that to the base of two.
    let length = i64::from(handling.ilog2()) * 693;
    let time = if 0 <= slack {
        slack * STEP / (SLACK + 2 * handling)
    } else {
        ((-slack * STEP / handling).min(LATE) + slack * STEP / AGEING).max(AGED)
    };
    class + work.priority as i64 * STEP + length + time
}

/// Whether work is not pressing, and more than a share of the time between its coming and its due time is left.
pub(super) fn can_wait(work: &Work<'_>, now: Timestamp, percent: i64) -> bool {
    let whole = work.due.map_or(FAR, |it| it.second() - work.opened.second());
    Priority::P2 < work.priority && whole * percent < slack(work, now) * 100
}

/// What has no due time is due so many seconds from now: in a hundred years.
const FAR: i64 = 100 * 366 * 24 * HOUR;

/// Seconds that are left until it must be begun to be done in time.
fn slack(work: &Work<'_>, now: Timestamp) -> i64 {
    work.due.map_or(FAR, |it| it.second() - now.second()) - i64::from(work.handling)
}
