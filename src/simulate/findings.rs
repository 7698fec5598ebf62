//! What a study found, in figures and in words, and above all where the first contender loses.

use serde::Serialize;

use super::{
    estimate::Estimate,
    scenario::Scenario,
    study::{AtLoad, Contender, Plan, Row},
};

/// Whose losses are looked for: `sla_aware`.
const OURS: usize = 0;

/// What a study found.
#[derive(Debug, Clone, Serialize)]
pub struct Findings {
    /// Name of the scenario.
    pub scenario: String,
    /// What is special about it.
    pub about: String,
    /// Where the tickets came from.
    pub tickets_from: &'static str,
    /// Everything that was drawn follows from it.
    pub seed: u64,
    /// Runs at each load.
    pub runs: u32,
    /// Weeks that count in each of them.
    pub weeks: u32,
    /// For each load, what came of it.
    pub loads: Vec<Load>,
}

/// What came of one load.
#[derive(Debug, Clone, Serialize)]
pub struct Load {
    /// How much there is to do, as a share of what the agents can; of what came, if that is history.
    pub load: f64,
    /// For each priority, and some of them together.
    pub rows: Vec<Figures>,
}

/// The figures of some tickets under every policy.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Which tickets: `P1`, `P1+P2`, `all`.
    pub priority: &'static str,
    /// How many there are in a run on average.
    pub tickets: f64,
    /// The share that takes more work than its promise has time, each in its own hours.
    pub too_long: Estimate,
    /// The same tickets under each policy.
    pub policies: Vec<Outcome>,
}

/// What became of tickets under one policy.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// As catalogues write it; `priority_first` is a policy of simulations only.
    pub policy: &'static str,
    /// The share that was done late.
    pub late: Estimate,
    /// The share that was begun late.
    pub answered_late: Estimate,
    /// By how much `sla_aware` is late more often on the same tickets; not on itself.
    pub sla_aware_minus_this: Option<Estimate>,
    /// What that says.
    pub verdict: Option<Verdict>,
}

/// What a difference says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// `sla_aware` is late less often, and the intervals of the two have nothing in common.
    Apart,
    /// `sla_aware` is late less often on the same tickets.
    Wins,
    /// It can be chance.
    Open,
    /// `sla_aware` is late more often.
    Loses,
}

impl Findings {
    /// What a study found.
    pub fn of(scenario: &Scenario, plan: &Plan, found: &[AtLoad]) -> Self {
        let load = |it: &AtLoad| Load {
            load: it.load,
            rows: Row::EACH.into_iter().filter_map(|row| figures(it, row)).collect(),
        };
        Self {
            scenario: scenario.name.clone(),
            about: scenario.about.clone(),
            tickets_from: scenario.source.as_str(),
            seed: plan.seed,
            runs: plan.runs,
            weeks: plan.weeks,
            loads: found.iter().map(load).collect(),
        }
    }

    /// Every case of a verdict: the load, the tickets, and under which other policy.
    pub fn all(&self, verdict: Verdict) -> impl Iterator<Item = (f64, &'static str, &Outcome)> {
        let rows = self.loads.iter().flat_map(|at| at.rows.iter().map(move |row| (at.load, row)));
        let each = rows.flat_map(|(load, row)| row.policies.iter().map(move |it| (load, row.priority, it)));
        each.filter(move |(_, _, it)| it.verdict == Some(verdict))
    }

    /// Where `sla_aware` loses, a sentence each.
    pub fn losses(&self) -> Vec<String> {
        let say = |(load, priority, it): (f64, &str, &Outcome)| {
            let by = it.sla_aware_minus_this?;
            Some(format!(
                "at load {load}, {priority}: {:.2} points more late than {} (95 % sure: {:.2} to {:.2})",
                100.0 * by.value,
                it.policy,
                100.0 * by.low,
                100.0 * by.high
            ))
        };
        self.all(Verdict::Loses).filter_map(say).collect()
    }
}

fn figures(at: &AtLoad, row: Row) -> Option<Figures> {
    let outcome = |(place, contender): (usize, Contender)| {
        let by = at.difference(OURS, place, row).filter(|_| place != OURS);
        let (ours, late) = (at.late(OURS, row)?, at.late(place, row)?);
        Some(Outcome {
            policy: contender.as_str(),
            late,
            answered_late: at.answered_late(place, row)?,
            sla_aware_minus_this: by,
            verdict: by.map(|by| verdict(&by, &ours, &late)),
        })
    };
    Some(Figures {
        priority: row.as_str(),
        tickets: at.tickets(row),
        too_long: at.too_long(row)?,
        policies: Contender::ALL.into_iter().enumerate().filter_map(outcome).collect(),
    })
}

fn verdict(by: &Estimate, ours: &Estimate, other: &Estimate) -> Verdict {
    if ours.is_below(other) {
        Verdict::Apart
    } else if by.high < 0.0 {
        Verdict::Wins
    } else if 0.0 < by.low {
        Verdict::Loses
    } else {
        Verdict::Open
    }
}
