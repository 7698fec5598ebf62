//! The same tickets under every policy, at several loads, many times over; and what comes of it.

use super::{
    chance::Chance,
    demand::{Job, WEEK},
    estimate::Estimate,
    run::run,
    scenario::Scenario,
};
use crate::domain::{assignment::Policy, catalog::Catalog, priority::Priority, time::Timestamp};

/// A way of giving out work that takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// A policy of groups as it stands.
    Policy(Policy),
    /// The group's line in order of priority and then age, to whom has the fewest open tickets, and to nobody more than
    /// one at a time unless the catalogue says so.
    PriorityFirst,
}

impl Contender {
    /// All of them; the one that the others are compared with comes first.
    pub const ALL: [Self; 5] = [
        Self::Policy(Policy::SlaAware),
        Self::PriorityFirst,
        Self::Policy(Policy::RoundRobin),
        Self::Policy(Policy::LeastLoaded),
        Self::Policy(Policy::MostCapacity),
    ];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Policy(it) => it.as_str(),
            Self::PriorityFirst => "priority_first",
        }
    }

    /// A catalogue in which every group works like this. Nothing is offered: nobody in a simulation declines.
    fn of(self, catalog: &Catalog) -> Catalog {
        let mut catalog = catalog.clone();
        for group in &mut catalog.groups {
            group.offer = None;
            group.policy = match self {
                Self::Policy(it) => it,
                Self::PriorityFirst => Policy::LeastLoaded,
            };
        }
        if self == Self::PriorityFirst {
            catalog.agents.iter_mut().for_each(|it| it.capacity = it.capacity.or(Some(1)));
        }
        catalog
    }
}

/// What tickets a figure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Those of one priority.
    One(Priority),
    /// P1 and P2.
    Pressing,
    /// All.
    All,
}

impl Row {
    /// All of them, as they are shown.
    pub const EACH: [Self; 6] = [
        Self::One(Priority::P1),
        Self::One(Priority::P2),
        Self::Pressing,
        Self::One(Priority::P3),
        Self::One(Priority::P4),
        Self::All,
    ];

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::One(it) => it.as_str(),
            Self::Pressing => "P1+P2",
            Self::All => "all",
        }
    }

    fn has(self, priority: Priority) -> bool {
        match self {
            Self::One(it) => it == priority,
            Self::Pressing => priority <= Priority::P2,
            Self::All => true,
        }
    }
}

/// How a study is made.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How much there is to do, as a share of what the agents can.
    pub loads: Vec<f64>,
    /// Runs at each load.
    pub runs: u32,
    /// Weeks that count in each run; one before them fills the desk, and does not count.
    pub weeks: u32,
    /// Everything that is drawn follows from it.
    pub seed: u64,
}

/// When every run of a generated load begins: a Monday, midnight in UTC, in summer time in Europe and far from its changes.
pub const SUMMER: Timestamp = Timestamp(1_780_272_000_000);

/// Tickets of one run by priority: all, those done late, those begun late, those that take more work than there is time.
pub type Counts = [[f64; 4]; 4];

/// Every contender's counts of every run at one load.
#[derive(Debug, Clone)]
pub struct AtLoad {
    /// The load.
    pub load: f64,
    /// In the order of `Contender::ALL`; for each run one.
    pub counts: Vec<Vec<Counts>>,
}

impl AtLoad {
    /// The share of a contender's tickets that were done late.
    pub fn late(&self, contender: usize, row: Row) -> Option<Estimate> {
        self.share(contender, row, 1)
    }

    /// The share of a contender's tickets that were begun late.
    pub fn answered_late(&self, contender: usize, row: Row) -> Option<Estimate> {
        self.share(contender, row, 2)
    }

    /// The share of tickets that take more work than their promise has time.
    pub fn too_long(&self, row: Row) -> Option<Estimate> {
        self.share(0, row, 3)
    }

    /// By how much the first contender's share of late tickets is above the second's, on the same tickets.
    pub fn difference(&self, first: usize, second: usize, row: Row) -> Option<Estimate> {
        let runs = self.counts.get(first)?.iter().zip(self.counts.get(second)?);
        let runs = runs.map(|(a, b)| (sum(a, row, 1), sum(b, row, 1), sum(a, row, 0)));
        Estimate::difference(&runs.collect::<Vec<_>>())
    }

    /// Tickets of a run on average.
    pub fn tickets(&self, row: Row) -> f64 {
        let runs = self.counts.first().map_or(&[][..], Vec::as_slice);
        runs.iter().map(|it| sum(it, row, 0)).sum::<f64>() / runs.len().max(1) as f64
    }

    fn share(&self, contender: usize, row: Row, what: usize) -> Option<Estimate> {
        let runs = self.counts.get(contender)?.iter().map(|it| (sum(it, row, what), sum(it, row, 0)));
        Estimate::share(&runs.collect::<Vec<_>>())
    }
}

fn sum(counts: &Counts, row: Row, what: usize) -> f64 {
    Priority::ALL.into_iter().filter(|it| row.has(*it)).map(|it| counts[it as usize][what]).sum()
}

/// Makes a study of a scenario. `step` hears of every run that is done.
pub fn study(scenario: &Scenario, plan: &Plan, step: &mut dyn FnMut()) -> Vec<AtLoad> {
    let start = scenario.source.start();
    let catalogs = Contender::ALL.map(|it| it.of(&scenario.catalog));
    let at = |load: f64, step: &mut dyn FnMut()| {
        let mut counts = vec![vec![]; catalogs.len()];
        for turn in 0..plan.runs {
            // The same stream at every load: what differs between loads is then the load.
            let mut chance = Chance::seeded(plan.seed, u64::from(turn));
            let jobs = scenario.source.jobs(&scenario.catalog, start, plan.weeks + 2, load, &mut chance);
            for (catalog, counts) in catalogs.iter().zip(&mut counts) {
                counts.push(counted(catalog, &jobs, start, plan.weeks));
            }
            step();
        }
        AtLoad { load, counts }
    };
    plan.loads.iter().map(|it| at(*it, step)).collect()
}

/// Runs a desk, and counts the tickets that came behind the first week and were due before the end. Tickets come on
/// after them, so that the last ones that count have as many others beside them as the first ones.
fn counted(catalog: &Catalog, jobs: &[Job<'_>], start: Timestamp, weeks: u32) -> Counts {
    let from = Timestamp(start.0 + WEEK * 1000);
    let to = Timestamp(from.0 + i64::from(weeks) * WEEK * 1000);
    let counts = |it: &Job<'_>| (from..to).contains(&it.opened);
    let until = jobs.iter().filter(|it| counts(it)).filter_map(|it| it.resolve_by).max().unwrap_or(to);
    let fates = run(catalog, jobs, until);
    let mut counted = Counts::default();
    for (job, fate) in jobs.iter().zip(&fates).filter(|(job, _)| counts(job)) {
        let it = &mut counted[job.priority as usize];
        it[0] += 1.0;
        it[1] += f64::from(u8::from(is_late(job.resolve_by, fate.done)));
        it[2] += f64::from(u8::from(is_late(job.respond_by, fate.begun)));
        it[3] += f64::from(u8::from(job.is_hopeless));
    }
    counted
}

/// What has not happened by the end of a run is late: the run ends behind every due time.
fn is_late(by: Option<Timestamp>, at: Option<Timestamp>) -> bool {
    by.is_some_and(|by| at.is_none_or(|at| by < at))
}
