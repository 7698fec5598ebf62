//! What comes to a desk: when, from which template, how pressing, and how long it really takes.

use super::chance::Chance;
use crate::domain::{
    catalog::Catalog,
    condition::Known,
    priority::Priority,
    sla::Target,
    template::{Template, Values},
    ticket::Asked,
    time::Timestamp,
};

/// Seconds of a week.
pub(super) const WEEK: i64 = 7 * 86_400;
const HOUR: i64 = 3600;
/// Hours of a week.
const HOURS: usize = 168;

/// A ticket that comes to the simulated desk.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// Its template.
    pub template: &'a Template,
    /// Id of the group that gets it.
    pub group: &'a str,
    /// How pressing it is.
    pub priority: Priority,
    /// When it comes.
    pub opened: Timestamp,
    /// By when it must be begun.
    pub respond_by: Option<Timestamp>,
    /// By when it must be done.
    pub resolve_by: Option<Timestamp>,
    /// Seconds of work that it really takes; nobody knows before it is done.
    pub takes: u32,
    /// It takes more work than its promise has time.
    pub is_hopeless: bool,
}

/// Generated load.
#[derive(Debug, Clone)]
pub struct Demand {
    /// How much comes in each hour of the week, Monday midnight first, in proportion.
    pub hours: [f64; HOURS],
    /// What comes.
    pub kinds: Vec<Kind>,
    /// How far the work's real length strays from the template's (sigma of its logarithm); 0 is not at all.
    pub spread: f64,
    /// Floods of tickets about one thing.
    pub floods: Vec<Flood>,
}

/// Tickets of one template.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Where the template stands in the catalogue.
    pub template: usize,
    /// How many come, in proportion to the others of its group.
    pub weight: f64,
    /// How many are P1, P2, P3, P4, in proportion.
    pub priorities: [f64; 4],
}

/// Many tickets about one thing within an hour, as when something breaks for everybody.
#[derive(Debug, Clone, Copy)]
pub struct Flood {
    /// Of which kind.
    pub kind: usize,
    /// How often in a week.
    pub weekly: f64,
    /// How many tickets.
    pub tickets: usize,
    /// How pressing.
    pub priority: Priority,
}

/// Seconds of work that the agents of a group have in a week; who is in several groups is shared evenly.
pub(super) fn available(catalog: &Catalog, group: &str, from: Timestamp) -> f64 {
    let week = |shift: &str| {
        let to = Timestamp::from_second(from.second() + WEEK);
        catalog.hours(shift).map_or(0, |it| it.working_between(from, to))
    };
    let of = |shift: Option<&str>| shift.map_or(WEEK.unsigned_abs(), week);
    let there = catalog.members(group).filter(|it| it.present);
    there.map(|it| of(it.shift.as_deref()) as f64 / it.groups.len().max(1) as f64).sum()
}

/// A ticket with the due times that its SLA policy gives it.
pub(super) fn job<'a>(
    catalog: &'a Catalog,
    (template, group): (&'a Template, &'a str),
    priority: Priority,
    opened: Timestamp,
    takes: u32,
) -> Job<'a> {
    let (fields, asked) = (Values::new(), Asked::default());
    let chosen = catalog.choose_sla(&Known::of(template, priority, &fields, &asked), Some(template));
    let promise = chosen
        .and_then(|it| catalog.sla(&it.policy))
        .map(|(it, calendar)| (it.targets[priority as usize], calendar));
    let due = |seconds: fn(&Target) -> u32| {
        promise.and_then(|(target, calendar)| calendar.due(opened, seconds(&target)))
    };
    Job {
        template,
        group,
        priority,
        opened,
        respond_by: due(|it| it.response),
        resolve_by: due(|it| it.resolution),
        takes,
        is_hopeless: promise.is_some_and(|(target, _)| target.resolution < takes),
    }
}

impl Demand {
    /// The tickets of some weeks, in order of time, so many that each group's agents have `load` times as much to do
    /// as they can.
    pub fn jobs<'a>(
        &self,
        catalog: &'a Catalog,
        from: Timestamp,
        weeks: u32,
        load: f64,
        chance: &mut Chance,
    ) -> Vec<Job<'a>> {
        let rates = self.weekly(catalog, from, load);
        let all: f64 = self.hours.iter().sum();
        let mut jobs = vec![];
        for hour in 0..weeks as usize * HOURS {
            let start = from.0 + hour as i64 * HOUR * 1000;
            let share = self.hours[hour % HOURS] / all.max(f64::MIN_POSITIVE);
            for (kind, rate) in self.kinds.iter().zip(&rates) {
                for _ in 0..chance.count(rate * share) {
                    let priority = Priority::ALL[chance.pick(&kind.priorities)];
                    jobs.extend(self.one(catalog, kind, priority, start, chance));
                }
            }
            for flood in &self.floods {
                for _ in 0..chance.count(flood.weekly * share) {
                    for _ in 0..flood.tickets {
                        let kind = &self.kinds[flood.kind];
                        jobs.extend(self.one(catalog, kind, flood.priority, start, chance));
                    }
                }
            }
        }
        jobs.sort_by_key(|it| it.opened);
        jobs
    }

    fn one<'a>(
        &self,
        catalog: &'a Catalog,
        kind: &Kind,
        priority: Priority,
        start: i64,
        chance: &mut Chance,
    ) -> Option<Job<'a>> {
        let opened = Timestamp(start + (chance.share() * (HOUR * 1000) as f64) as i64);
        let template = catalog.templates.get(kind.template)?;
        let takes = chance.length(f64::from(template.handling), self.spread);
        Some(job(catalog, (template, &template.group), priority, opened, takes))
    }

    /// Tickets of each kind in a week, without those of floods.
    fn weekly(&self, catalog: &Catalog, from: Timestamp, load: f64) -> Vec<f64> {
        let template = |kind: &Kind| catalog.templates.get(kind.template);
        let mut weekly = vec![0.0; self.kinds.len()];
        for group in &catalog.groups {
            let here = |kind: &Kind| template(kind).filter(|it| it.group == group.id);
            let work: f64 =
                self.kinds.iter().filter_map(|it| Some(it.weight * f64::from(here(it)?.handling))).sum();
            let flood = |it: &Flood| {
                Some(it.weekly * it.tickets as f64 * f64::from(here(&self.kinds[it.kind])?.handling))
            };
            let floods: f64 = self.floods.iter().filter_map(flood).sum();
            let wanted = load * available(catalog, &group.id, from) - floods;
            for (kind, rate) in self.kinds.iter().zip(&mut weekly) {
                if here(kind).is_some() && 0.0 < work {
                    *rate = (kind.weight * wanted / work).max(0.0);
                }
            }
        }
        weekly
    }
}
