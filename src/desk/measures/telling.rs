//! Figures of today, of the last thirty days and of what is open for those who watch the process: of each tenant as a whole,
//! and by service, group and template as far as these have a place.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Grain, Measure, Nature, USUAL, day_of,
    places::{Dimension, OTHER, Places, called},
};
use crate::{
    clock,
    domain::{
        measure::{About, Cell, Figures, Filter},
        people::Tenant,
        time::Timestamp,
    },
    store::{CellRow, OpenTicket, Store, Unavailable},
};

/// How often they are told, in milliseconds.
const OFTEN: u64 = 15_000;

/// Tells them.
#[derive(Debug, Default)]
pub(super) struct Teller {
    last: Option<Timestamp>,
    places: Places,
}

/// The values of thirty days by name, of each dimension.
type Named<T> = BTreeMap<(Dimension, Arc<str>), Vec<T>>;

impl Teller {
    /// Tells them, if that was not just done.
    pub(super) async fn tell(&mut self, store: &Store) -> Result<(), Unavailable> {
        let now = clock::now();
        // A clock may be set back.
        if self.last.is_some_and(|it| now.0.abs_diff(it.0) < OFTEN) {
            return Ok(());
        }
        self.last = Some(now);
        for tenant in store.measured_tenants().await? {
            // The tickets that were opened say who gets a place, so they come first.
            for measure in Measure::ALL {
                self.tell_measure(store, &tenant, measure, day_of(now)).await?;
            }
            self.tell_backlog(store, &tenant, now).await?;
        }
        Ok(())
    }

    async fn tell_measure(
        &mut self,
        store: &Store,
        tenant: &Tenant,
        measure: Measure,
        today: i32,
    ) -> Result<(), Unavailable> {
        let span = (Grain::Day, today - i32::try_from(USUAL).unwrap_or(0) + 1, today);
        let mut cells = vec![];
        let mut take = |it: CellRow| {
            cells.push(it);
            true
        };
        store.each_cell(tenant, measure, span, &Filter::default(), &mut take).await?;
        let of_today = cells.iter().filter(|it| it.about.day == today).map(|it| &it.cell);
        tell("dispatch_measure", (tenant, measure), ("days", "1"), Figures::of(of_today));
        let all = cells.iter().map(|it| &it.cell);
        tell("dispatch_measure", (tenant, measure), ("days", "30"), Figures::of(all));
        if !measure.is_told_apart() {
            return Ok(());
        }
        if measure == Measure::Opened {
            let all = cells.iter().map(|it| (&it.about, it.cell.count()));
            self.fill(tenant, all);
        }
        let mut named: Named<&Cell> = self.empty(tenant);
        for CellRow { about, cell } in &cells {
            for dimension in Dimension::ALL {
                let label = self.places.label(tenant, dimension, dimension.of(about));
                named.entry((dimension, label)).or_default().push(cell);
            }
        }
        for ((dimension, name), cells) in named {
            tell(by(dimension, MEASURE), (tenant, measure), (dimension.as_str(), &name), Figures::of(cells));
        }
        Ok(())
    }

    async fn tell_backlog(&self, store: &Store, tenant: &Tenant, now: Timestamp) -> Result<(), Unavailable> {
        let (mut all, mut named) = (vec![], self.empty(tenant));
        let mut take = |it: OpenTicket| {
            let age = it.age(now);
            all.push(age);
            for (dimension, name) in [
                (Dimension::Service, &it.service),
                (Dimension::Group, &it.group),
                (Dimension::Template, &it.template),
            ] {
                let label = self.places.label(tenant, dimension, name);
                named.entry((dimension, label)).or_default().push(age);
            }
            true
        };
        store.each_open(tenant, &Filter::default(), &mut take).await?;
        tell_open("dispatch_backlog", tenant, None, all);
        for ((dimension, name), ages) in named {
            tell_open(by(dimension, BACKLOG), tenant, Some((dimension.as_str(), &name)), ages);
        }
        Ok(())
    }

    fn fill<'a>(&mut self, tenant: &Tenant, all: impl Iterator<Item = (&'a About, u64)>) {
        let mut counts = Dimension::ALL.map(|_| BTreeMap::<Arc<str>, u64>::new());
        for (about, count) in all {
            for (dimension, counts) in Dimension::ALL.into_iter().zip(&mut counts) {
                *counts.entry(Arc::clone(dimension.of(about))).or_default() += count;
            }
        }
        for (dimension, counts) in Dimension::ALL.into_iter().zip(&counts) {
            self.places.fill(tenant, dimension, counts);
        }
    }

    /// Whoever has a place is told of, even if there is nothing to tell.
    fn empty<T>(&self, tenant: &Tenant) -> Named<T> {
        let of = |dimension| {
            let names = self.places.of(tenant, dimension).map(called).chain([OTHER.into()]);
            names.map(move |name| ((dimension, name), vec![])).collect::<Vec<_>>()
        };
        Dimension::ALL.into_iter().flat_map(of).collect()
    }
}

/// Names of figures by dimension.
type ByDimension = [&'static str; 3];
const MEASURE: ByDimension =
    ["dispatch_measure_by_service", "dispatch_measure_by_group", "dispatch_measure_by_template"];
const BACKLOG: ByDimension =
    ["dispatch_backlog_by_service", "dispatch_backlog_by_group", "dispatch_backlog_by_template"];

fn by(dimension: Dimension, names: ByDimension) -> &'static str {
    names[dimension as usize]
}

/// A label.
type Label<'a> = (&'static str, &'a str);

fn gauge(name: &'static str, labels: &[Label<'_>], figure: &'static str, value: f64) {
    let all = labels.iter().copied().chain([("figure", figure)]);
    let labels: Vec<_> = all.map(|(name, it)| (name, it.to_owned())).collect();
    metrics::gauge!(name, &labels).set(value);
}

fn tell(name: &'static str, (tenant, measure): (&Tenant, Measure), which: Label<'_>, it: Option<Figures>) {
    let labels = [("tenant", tenant.as_str()), ("measure", measure.as_str()), which];
    let told = |figure: &'static str, value: f64| gauge(name, &labels, figure, value);
    told("count", it.map_or(0.0, |it| it.count as f64));
    let value = |figure: fn(Figures) -> f64| it.map_or(f64::NAN, figure);
    match measure.nature() {
        Nature::Count => {}
        Nature::Share => told("mean", value(|it| it.mean)),
        Nature::Seconds | Nature::Times | Nature::Score => {
            told("mean", value(|it| it.mean));
            told("p50", value(|it| it.p50.into()));
            told("p90", value(|it| it.p90.into()));
            told("p95", value(|it| it.p95.into()));
        }
    }
}

/// How many tickets are open, and their ages in seconds.
fn tell_open(name: &'static str, tenant: &Tenant, which: Option<Label<'_>>, ages: Vec<u32>) {
    let labels: Vec<_> = [("tenant", tenant.as_str())].into_iter().chain(which).collect();
    let it = Figures::of([&Cell::of(ages)]);
    let told = |figure: &'static str, value: f64| gauge(name, &labels, figure, value);
    told("count", it.map_or(0.0, |it| it.count as f64));
    let value = |figure: fn(Figures) -> f64| it.map_or(f64::NAN, figure);
    told("mean", value(|it| it.mean));
    told("p50", value(|it| it.p50.into()));
    told("p90", value(|it| it.p90.into()));
    told("p95", value(|it| it.p95.into()));
    told("max", value(|it| it.max.into()));
}
