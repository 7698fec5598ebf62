//! Load as it once came: whole weeks of it, drawn again and again, so that each run is another month like those that
//! were (a bootstrap of blocks: what hangs together within a week stays together).

use std::collections::BTreeMap;

use super::{
    chance::Chance,
    demand::{Job, WEEK, job},
};
use crate::domain::{catalog::Catalog, priority::Priority, time::Timestamp};

/// 1970-01-05, a Monday.
const MONDAY: i64 = 4 * 86_400;
/// A second copy of a ticket comes within this many milliseconds of it.
const NEAR: f64 = 3_600_000.0;

/// A ticket that came.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// When.
    pub opened: Timestamp,
    /// Where its template stands in the catalogue.
    pub template: usize,
    /// Where its group stands in the catalogue.
    pub group: usize,
    /// How pressing it was.
    pub priority: Priority,
    /// Seconds of work that it took, if that is known.
    pub took: Option<u32>,
}

/// What came, by weeks.
#[derive(Debug, Clone)]
pub struct History {
    weeks: Vec<Vec<Past>>,
    /// The Monday of the first week that had tickets, midnight in UTC.
    first: Timestamp,
    /// How far unknown lengths stray from the template's.
    spread: f64,
}

impl History {
    /// Tickets in any order. Weeks without any, before, after or between them, are none.
    pub fn new(tickets: Vec<Past>, spread: f64) -> Self {
        let mut weeks: BTreeMap<i64, Vec<Past>> = BTreeMap::new();
        for it in tickets {
            weeks.entry((it.opened.second() - MONDAY).div_euclid(WEEK)).or_default().push(it);
        }
        let first = weeks.keys().next().copied().unwrap_or_default();
        let first = Timestamp::from_second(MONDAY + first * WEEK);
        Self { weeks: weeks.into_values().collect(), first, spread }
    }

    /// Weeks that had tickets.
    pub fn weeks(&self) -> usize {
        self.weeks.len()
    }

    /// The Monday of the first of them.
    pub(super) fn first(&self) -> Timestamp {
        self.first
    }

    /// The tickets of some drawn weeks, in order of time, `load` times as many as came.
    pub(super) fn jobs<'a>(
        &self,
        catalog: &'a Catalog,
        from: Timestamp,
        weeks: u32,
        load: f64,
        chance: &mut Chance,
    ) -> Vec<Job<'a>> {
        let mut jobs = vec![];
        for turn in 0..i64::from(weeks) {
            let Some(week) = (!self.weeks.is_empty()).then(|| &self.weeks[chance.below(self.weeks.len())])
            else {
                break;
            };
            for past in week {
                let copies = load.floor() as u32 + u32::from(chance.share() < load.fract());
                for copy in 0..copies {
                    let late = if copy == 0 { 0 } else { (chance.share() * NEAR) as i64 };
                    let into = (past.opened.0 - MONDAY * 1000).rem_euclid(WEEK * 1000);
                    let at = Timestamp(from.0 + turn * WEEK * 1000 + into + late);
                    jobs.extend(self.again(catalog, past, at, chance));
                }
            }
        }
        jobs.sort_by_key(|it| it.opened);
        jobs
    }

    fn again<'a>(
        &self,
        catalog: &'a Catalog,
        past: &Past,
        at: Timestamp,
        chance: &mut Chance,
    ) -> Option<Job<'a>> {
        let (template, group) = (catalog.templates.get(past.template)?, catalog.groups.get(past.group)?);
        let drawn = chance.length(f64::from(template.handling), self.spread);
        Some(job(catalog, (template, &group.id), past.priority, at, past.took.unwrap_or(drawn)))
    }
}
