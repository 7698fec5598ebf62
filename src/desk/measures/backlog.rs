//! What is open now, by its age.

use std::{collections::BTreeMap, sync::Arc};

use super::{By, ROWS};
use crate::{
    clock,
    desk::{Desk, fault::Fault},
    domain::{
        measure::{Cell, Figures, Filter},
        people::Caller,
        priority::Priority,
        ticket::TicketKind,
    },
    proto::{time::time_to, v1, words},
    store::{OpenTicket, Store},
};

/// The ages at which bands begin, in seconds: now, a day, 3 days, a week, 2 weeks, 30 and 90 days.
pub const BANDS: [u32; 7] = [0, 86_400, 3 * 86_400, 7 * 86_400, 14 * 86_400, 30 * 86_400, 90 * 86_400];

/// What a row is about. What it is not told apart by is empty.
type Key = (Arc<str>, Arc<str>, Arc<str>, Option<TicketKind>, Option<Priority>);

impl Desk {
    /// The tickets that are open now, by their age.
    pub async fn open_by_age(
        &self,
        caller: &Caller,
        by: By,
        filter: &Filter,
    ) -> Result<v1::BacklogResponse, Fault> {
        open_by_age(&self.store, caller, by, filter).await
    }
}

/// The tickets that are open now, by their age, from a store.
pub async fn open_by_age(
    store: &Store,
    caller: &Caller,
    by: By,
    filter: &Filter,
) -> Result<v1::BacklogResponse, Fault> {
    let now = clock::now();
    let none: Arc<str> = "".into();
    let told = |wanted: bool, it: Arc<str>| if wanted { it } else { Arc::clone(&none) };
    let mut rows: BTreeMap<Key, Vec<u32>> = BTreeMap::new();
    let mut take = |it: OpenTicket| {
        let age = it.age(now);
        let key = (
            told(by.service, it.service),
            told(by.group, it.group),
            told(by.template, it.template),
            Some(it.kind).filter(|_| by.kind),
            Some(it.priority).filter(|_| by.priority),
        );
        rows.entry(key).or_default().push(age);
        rows.len() <= ROWS
    };
    store.each_open(&caller.tenant, filter, &mut take).await?;
    if ROWS < rows.len() {
        let problem = format!("would give more than {ROWS} rows; tell them apart by less");
        return Err(Fault::field("by", problem));
    }
    let rows = rows.into_iter().filter_map(|(key, ages)| row(key, ages)).collect();
    Ok(v1::BacklogResponse { rows, time: Some(time_to(now)), bands: BANDS.to_vec() })
}

fn row((service, group, template, kind, priority): Key, ages: Vec<u32>) -> Option<v1::BacklogRow> {
    let mut bands = vec![0; BANDS.len()];
    for age in &ages {
        let place = BANDS.partition_point(|it| it <= age).saturating_sub(1);
        bands[place] += 1;
    }
    let figures = Figures::of([&Cell::of(ages)])?;
    Some(v1::BacklogRow {
        service: service.to_string(),
        group: group.to_string(),
        template: template.to_string(),
        kind: kind.map_or(0, words::kind_to),
        priority: priority.map_or(0, words::priority_to),
        count: figures.count,
        bands,
        mean: figures.mean,
        p50: figures.p50,
        p90: figures.p90,
        p95: figures.p95,
        max: figures.max,
    })
}
