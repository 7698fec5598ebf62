//! The register of improvements: entered with what their measure says at the beginning, looked at again with what it says
//! now.

mod known;

use jiff::{ToSpan as _, civil::Date};
use prost::Message as _;

pub use self::known::Known;

use super::{
    Desk, digest,
    fault::{Fault, undone},
    measures::figures,
    people::Asked,
};
use crate::{
    clock,
    domain::{
        id::{ImprovementId, Slot},
        improvement::{
            Baseline, Gauge, Improvement, ImprovementRef, ImprovementState, Place, Plan, SPAN, Standing,
        },
        people::{Caller, Tenant},
        sla::Length,
    },
    proto::{
        improvement::{improvement_from, improvement_to},
        v1,
    },
    store::{Store, Unit, Wants, Work},
};

/// Months that are shown of one at most, the last ones.
const MONTHS: usize = 60;
/// So often a step is taken again, if the plan was changed since its measure was read.
const ATTEMPTS: u32 = 5;

/// A plan as it is asked for: the baseline may be left to the register.
#[derive(Debug, Clone)]
pub struct Wish {
    /// All but the baseline's value.
    pub plan: Plan,
    /// The baseline's value, if it is given.
    pub baseline: Option<f64>,
}

/// An improvement with what its measure says.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Which.
    pub improvement: Improvement,
    /// What its figure is over the last 30 days.
    pub value: Option<f64>,
    /// How far it is.
    pub standing: Standing,
    /// Its figure month by month since the baseline began.
    pub months: Vec<(Date, Option<f64>)>,
}

/// A page of the register.
#[derive(Debug, Clone)]
pub struct List {
    /// Those that somebody is to look at again first, the longest overdue one before the others, then the newest; each with
    /// its place.
    pub found: Vec<(Improvement, Place)>,
    /// So many are to be looked at again, on whatever page they are.
    pub due: u64,
    /// On this day.
    pub today: Date,
}

/// A tenant's register, and on whose behalf it is kept.
#[derive(Clone)]
pub struct Register {
    store: Store,
    tenant: Tenant,
    actor: String,
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Desk {
    /// The register of improvements of the caller's tenant.
    pub fn improvements(&self, caller: &Caller) -> Register {
        Register::new(self.store.clone(), caller.tenant.clone(), caller.subject.clone())
    }
}

impl Register {
    /// The register of a tenant; `actor` stands in the history for whoever changes it.
    pub fn new(store: Store, tenant: Tenant, actor: String) -> Self {
        Self { store, tenant, actor }
    }

    /// Enters an improvement, or changes the plan of one that is there.
    pub async fn put(
        &self,
        asked: Asked<'_>,
        which: Option<&ImprovementRef>,
        Wish { mut plan, baseline }: Wish,
        expected: Option<u64>,
    ) -> Result<Improvement, Fault> {
        let found = match which {
            Some(which) => Some(self.get(which).await?),
            None => None,
        };
        // A request that was done gets its first answer, whatever is measured by now.
        let is_done = self.store.is_done(&self.tenant, asked.request).await?;
        plan.baseline.value = match baseline {
            Some(value) => value,
            None if is_done => plan.baseline.value,
            None => {
                let Baseline { from, to, .. } = plan.baseline;
                let nothing = || {
                    let problem = format!("nothing was measured from {from} to {to}; give its value");
                    Fault::field("plan.baseline", problem)
                };
                self.read(&plan.gauge, from, to).await?.ok_or_else(nothing)?
            }
        };
        let no_better = plan.gauge.no_better(plan.baseline.value, plan.target);
        if let Some(problem) = no_better.filter(|_| !is_done) {
            return Err(Fault::field("plan.target", problem));
        }
        let id = found.map_or_else(|| ImprovementId::new(clock::new_bytes(), slot(&self.tenant)), |it| it.id);
        let is_new = which.is_none();
        self.change(asked, (id, "put improvement"), move |unit, author, at| {
            if is_new {
                let number = unit.improvement_number();
                return Ok(Improvement::new(id, number, plan.clone(), author, at));
            }
            let it = current(unit, id, expected)?;
            Ok(it.replanned(plan.clone(), author, at)?)
        })
        .await
    }

    /// Lets an improvement take a step.
    pub async fn go(
        &self,
        asked: Asked<'_>,
        which: &ImprovementRef,
        (to, note): (ImprovementState, String),
        expected: Option<u64>,
    ) -> Result<Improvement, Fault> {
        let mut attempt = 0;
        loop {
            let found = self.get(which).await?;
            let (id, seen, gauge, note) = (found.id, found.version, found.plan.gauge, note.clone());
            let value = self.value_now(&gauge).await?;
            let done = self.change(asked, (id, "move improvement"), move |unit, author, at| {
                let it = current(unit, id, expected)?;
                // Another measure tells by now: what this one says is nothing to go by.
                if it.plan.gauge != gauge {
                    return Err(Fault::Stale { what: "improvement", expected: seen, current: it.version });
                }
                Ok(it.moved(to, value, (author, note.clone(), at))?)
            });
            attempt += 1;
            match done.await {
                Err(Fault::Stale { .. }) if expected.is_none() && attempt < ATTEMPTS => {}
                done => return done,
            }
        }
    }

    /// One improvement, as it stands.
    pub async fn get(&self, which: &ImprovementRef) -> Result<Improvement, Fault> {
        self.store.improvement(&self.tenant, which).await?.ok_or(Fault::NotFound("improvement"))
    }

    /// A page of improvements in a state or in any, behind a place in the list of a day.
    pub async fn list(
        &self,
        state: Option<ImprovementState>,
        after: Option<&(Date, Place)>,
        limit: u32,
    ) -> Result<List, Fault> {
        let today = after.map_or_else(|| clock::now().date(), |it| it.0);
        let found =
            self.store.improvements(&self.tenant, state, today, (after.map(|it| &it.1), limit)).await?;
        let due = self.store.improvements_due(&self.tenant, state, today).await?;
        Ok(List { found, due, today })
    }

    /// One improvement, with what its measure says.
    pub async fn reading(&self, which: &ImprovementRef) -> Result<Reading, Fault> {
        let improvement = self.get(which).await?;
        let (plan, today) = (&improvement.plan, clock::now().date());
        let value = self.value_now(&plan.gauge).await?;
        let earliest = today.first_of_month().saturating_sub((MONTHS as i64 - 1).months());
        let from = plan.baseline.from.max(earliest);
        let mut months = vec![];
        if from <= today {
            let of = (&plan.gauge.filter, plan.gauge.measure);
            for (period, figures) in
                figures(&self.store, &self.tenant, of, (from, today), Some(Length::Month)).await?
            {
                months.push((period.first, plan.gauge.figure.of(figures, days(period.first, period.last))));
            }
        }
        let standing = plan.standing(value, today);
        Ok(Reading { value, standing, months, improvement })
    }

    /// What a figure is over the last days, today included.
    async fn value_now(&self, gauge: &Gauge) -> Result<Option<f64>, Fault> {
        let today = clock::now().date();
        self.read(gauge, today.saturating_sub((SPAN - 1).days()), today).await
    }

    /// What a figure was over some days.
    async fn read(&self, gauge: &Gauge, from: Date, to: Date) -> Result<Option<f64>, Fault> {
        let of = (&gauge.filter, gauge.measure);
        let all = figures(&self.store, &self.tenant, of, (from, to), None).await?;
        Ok(gauge.figure.of(all.into_iter().find_map(|it| it.1), days(from, to)))
    }

    async fn change(
        &self,
        asked: Asked<'_>,
        (id, name): (ImprovementId, &str),
        what: impl Fn(&mut Unit<'_>, &str, crate::domain::time::Timestamp) -> Result<Improvement, Fault>
        + Send
        + 'static,
    ) -> Result<Improvement, Fault> {
        let work = Work {
            tenant: self.tenant.clone(),
            request: asked.request.to_owned(),
            content: digest(&[name.as_bytes(), asked.content]),
            actor: self.actor.clone(),
            at: clock::now(),
            slot: slot(&self.tenant),
            wants: Wants { improvements: vec![id], ..Wants::default() },
        };
        let (author, at) = (self.actor.clone(), work.at);
        let decide = move |unit: &mut Unit<'_>| {
            let next = what(unit, &author, at)?;
            let reply = improvement_to(&next).encode_to_vec();
            unit.put_improvement(next);
            Ok(reply)
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, asked.request))?;
        let reply = v1::Improvement::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)?;
        improvement_from(&reply).map_err(|_| Fault::Unavailable)
    }
}

/// So many days lie between two, both included.
fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |it| it.get_days()) + 1
}

fn current(unit: &Unit<'_>, id: ImprovementId, expected: Option<u64>) -> Result<Improvement, Fault> {
    let it = unit.improvement(id).ok_or(Fault::NotFound("improvement"))?.clone();
    match expected.filter(|expected| *expected != it.version) {
        Some(expected) => Err(Fault::Stale { what: "improvement", expected, current: it.version }),
        None => Ok(it),
    }
}

/// Where all improvements of a tenant belong.
fn slot(tenant: &Tenant) -> Slot {
    Slot(digest(&["improvements", tenant.as_str()])[0])
}
