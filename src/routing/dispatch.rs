//! Which agent of a group gets a piece of work, and which piece comes next: the policies themselves, over facts that
//! are handed in. The desk and the simulation use the same.

use crate::domain::{
    assignment::{Agent, Load, Policy, Skill},
    duty::Duty,
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

/// An agent who may get it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Who.
    pub agent: &'a Agent,
    /// How they stand.
    pub load: Load,
    /// Whether they are there.
    pub duty: Duty,
}

/// Why an agent does not get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// They take no work now.
    NotThere(Duty),
    /// They are on call, and it can wait.
    CanWait,
    /// They have as many open tickets as they may have.
    Full(u32),
    /// They cannot do it; what it needs.
    Lacks(Skill),
    /// They declined it, or did not answer.
    Declined,
    /// They are kept free for what is more pressing, or for what only they can do; it can wait.
    Kept,
}

/// So many open tickets an agent has at most. By the time that is left, work goes to somebody only when they can begin
/// it: until then it stays with the group, where something more pressing can still go before it.
pub fn capacity(policy: Policy, agent: &Agent) -> Option<u32> {
    let one_at_a_time = (policy == Policy::SlaAware).then_some(1);
    agent.capacity.or(one_at_a_time)
}

/// Whether an agent may get it.
pub fn fits(policy: Policy, work: &Work<'_>, it: &Candidate<'_>) -> Result<(), Unfit> {
    if !it.duty.takes_work() {
        return Err(Unfit::NotThere(it.duty));
    }
    if it.duty == Duty::OnCall && Priority::P2 < work.priority {
        return Err(Unfit::CanWait);
    }
    if let Some(skill) = work.skills.iter().find(|skill| it.agent.level(&skill.id) < skill.level) {
        return Err(Unfit::Lacks(skill.clone()));
    }
    if work.declined.contains(&it.agent.id) {
        return Err(Unfit::Declined);
    }
    match capacity(policy, it.agent) {
        Some(most) if most <= it.load.open => Err(Unfit::Full(most)),
        Some(_) | None => Ok(()),
    }
}

/// Who gets it: of those who may, the first by the policy; those on call come last. `None` if nobody may, or people
/// take their work themselves.
pub fn choose<'a>(
    policy: Policy,
    work: &Work<'_>,
    candidates: impl Iterator<Item = Candidate<'a>>,
    now: Timestamp,
) -> Option<Candidate<'a>> {
    if policy == Policy::Manual {
        return None;
    }
    candidates.filter(|it| fits(policy, work, it).is_ok()).min_by_key(|it| preference(policy, work, it, now))
}

/// The less, the rather. What stands last makes it the same choice everywhere.
pub fn preference<'a>(
    policy: Policy,
    work: &Work<'_>,
    it: &Candidate<'a>,
    now: Timestamp,
) -> (bool, [i64; 3], &'a str) {
    let (open, last) = (i64::from(it.load.open), it.load.last.0);
    let keys = match policy {
        Policy::RoundRobin => [last, open, 0],
        Policy::LeastLoaded | Policy::Manual => [open, last, 0],
        Policy::MostCapacity => {
            [i64::from(it.agent.capacity.map_or(u32::MAX, |it| it)).wrapping_neg() + open, open, last]
        }
        Policy::SlaAware => sla_aware(work, it, now),
    };
    (it.duty == Duty::OnCall, keys, &it.agent.id)
}

/// Late by how much if they take it behind what they have; then how much they can do beyond what is needed, so that
/// experts stay free for what only they can do; then how much they have.
fn sla_aware(work: &Work<'_>, it: &Candidate<'_>, now: Timestamp) -> [i64; 3] {
    let queue = i64::from(it.load.open) + 1;
    let done = now.0 + queue * i64::from(work.handling) * 1000;
    let ends = match it.duty {
        Duty::OnShift(Some(until)) => until.0,
        Duty::OnShift(None)
        | Duty::OnCall
        | Duty::OffShift
        | Duty::OnLeave
        | Duty::Away(_)
        | Duty::Absent => i64::MAX,
    };
    let due = work.due.map_or(i64::MAX, |it| it.0).min(ends);
    let spare: i64 = it.agent.skills.iter().map(|skill| i64::from(skill.level)).sum();
    [done.saturating_sub(due).max(0), i64::from(it.load.open), spare]
}

#[derive(Clone, Copy)]
pub struct T { pub hop: f64, pub cls: f64, pub w: f64, pub hk: f64, pub k: f64, pub cap: f64, pub late: f64, pub floor: f64, pub p: f64, pub wait: f64, pub keep: f64, pub keep1: f64, pub line: f64, pub few: f64, pub hold: f64, pub hline: f64, pub plain: f64 }
pub const T0: T = T { hop: 0.5, cls: 20.0, w: 2.0, hk: 2.0, k: 14400.0, cap: 1000000000.0, late: 1.0, floor: 6.0, p: 1.0, wait: 0.5, keep: 0.0, keep1: 0.0, line: 1000000000.0, few: 1.0, hold: 1.0, hline: 1000000000.0, plain: 0.3 };
thread_local! { pub static TN: std::cell::Cell<T> = const { std::cell::Cell::new(T0) }; }
impl T { pub fn set(&mut self, k: &str, v: f64) { match k {
            "hop" => self.hop = v,
            "cls" => self.cls = v,
            "w" => self.w = v,
            "hk" => self.hk = v,
            "k" => self.k = v,
            "cap" => self.cap = v,
            "late" => self.late = v,
            "floor" => self.floor = v,
            "p" => self.p = v,
            "wait" => self.wait = v,
            "keep" => self.keep = v,
            "keep1" => self.keep1 = v,
            "line" => self.line = v,
            "few" => self.few = v,
            "hold" => self.hold = v,
            "hline" => self.hline = v,
            "plain" => self.plain = v,
            it => panic!("{it}"), } } }

/// Where waiting work stands in the order in which it is given out: the less, the sooner.
pub fn rank(policy: Policy, work: &Work<'_>, now: Timestamp) -> (i64, Priority, Timestamp) {
    match policy {
        Policy::SlaAware => (stake(work, now), work.priority, work.opened),
        Policy::RoundRobin | Policy::LeastLoaded | Policy::MostCapacity | Policy::Manual => {
            (work.priority as i64, work.priority, work.opened)
        }
    }
}

fn stake(work: &Work<'_>, now: Timestamp) -> i64 {
    let h = f64::from(work.handling.max(60));
    let slack = slack(work, now) as f64;
    let hopeless = slack < -TN.get().hop * h;
    let class = if work.priority <= Priority::P2 && !hopeless { TN.get().cls } else { 0.0 };
    let w = class - (work.priority as i64 as f64) * TN.get().w;
    let scale = TN.get().hk * h + TN.get().k;
    let urgency = if slack >= 0.0 { -(slack / scale).min(TN.get().cap) } else {
        -((-slack) / (h * TN.get().late)).min(TN.get().floor) + (-slack) / 86400.0 / 5.0
    };
    let index = w - TN.get().p * h.ln() + urgency;
    (-1000.0 * index) as i64
}

/// Whether it may wait while few are free.
pub fn can_wait(work: &Work<'_>, now: Timestamp) -> bool {
    let slack = slack(work, now) as f64;
    let all = work.due.map_or(1e9, |it| (it.second() - work.opened.second()) as f64);
    Priority::P2 < work.priority && slack > TN.get().wait * all
}

/// Seconds that are left until it must be begun to be done in time.
fn slack(work: &Work<'_>, now: Timestamp) -> i64 {
    let due = work.due.map_or(i64::MAX / 4, Timestamp::second);
    due - now.second() - i64::from(work.handling)
}
