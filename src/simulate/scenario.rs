//! A catalogue and where its tickets come from. Some are built in: those that `sla_aware` was tuned on, and those that
//! were written before that and looked at when it was done.

mod built_in;
mod parts;

pub use built_in::{HELD_OUT, TUNED, built_in};

use super::{
    chance::Chance,
    demand::{Demand, Job, Kind},
    history::History,
    study::SUMMER,
};
use crate::domain::{catalog::Catalog, template::Template, time::Timestamp};

/// How far the length of work strays from what is usual, where nothing better is known (sigma of its logarithm): one
/// in six takes more than one and a half times as long.
pub const SPREAD: f64 = 0.8;

/// A desk to simulate.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// What is special about it.
    pub about: String,
    /// Who works there, on what, and what is promised.
    pub catalog: Catalog,
    /// Where the tickets come from.
    pub source: Source,
}

/// Where tickets come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// They are made at random.
    Demand(Box<Demand>),
    /// They came once.
    History(History),
}

impl Source {
    /// For people and scripts.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Demand(_) => "generated",
            Self::History(_) => "history",
        }
    }

    /// When a run begins: what came once comes again in its own season, with the shifts, the leave and the turns on call
    /// of that time.
    pub(super) fn start(&self) -> Timestamp {
        match self {
            Self::Demand(_) => SUMMER,
            Self::History(it) => it.first(),
        }
    }

    /// The tickets of some weeks, in order of time.
    pub(super) fn jobs<'a>(
        &self,
        catalog: &'a Catalog,
        from: Timestamp,
        weeks: u32,
        load: f64,
        chance: &mut Chance,
    ) -> Vec<Job<'a>> {
        match self {
            Self::Demand(it) => it.jobs(catalog, from, weeks, load, chance),
            Self::History(it) => it.jobs(catalog, from, weeks, load, chance),
        }
    }
}

impl Scenario {
    /// Any catalogue, under an ordinary week's load: each template as often as the others of its group, and of its own
    /// priority most of the time.
    pub fn ordinary(name: &str, catalog: Catalog) -> Self {
        let kind = |(place, template): (usize, &Template)| {
            let own = catalog.matrix.priority(template.impact, template.urgency);
            let mut priorities = [0.02, 0.08, 0.15, 0.05];
            priorities[own as usize] += 0.7;
            Kind { template: place, weight: 1.0, priorities }
        };
        let kinds = catalog.templates.iter().enumerate().map(kind).collect();
        let demand = Demand { hours: parts::OFFICE.into_hours(), kinds, spread: SPREAD, floods: vec![] };
        let source = Source::Demand(Box::new(demand));
        Self { name: name.to_owned(), about: String::new(), catalog, source }
    }
}
