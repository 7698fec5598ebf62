//! Reading figures: the cells of days and months, and the tickets that are open.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::Row as _;

use super::cell;
use crate::{
    domain::{
        measure::{About, Cell, Filter, Measure, Names},
        people::Tenant,
        priority::Priority,
        ticket::TicketKind,
        time::Timestamp,
    },
    proto::event::Malformed,
    store::{
        Store,
        fault::Unavailable,
        filter::{Value, bound, conditions},
    },
};

/// How long the time is that a cell is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// A day.
    Day = 0,
    /// A month; its day is the first one.
    Month = 1,
}

/// The values that count for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellRow {
    /// What they count for; the day is the first of the grain.
    pub about: About,
    /// The values.
    pub cell: Cell,
}

/// A ticket that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTicket {
    /// Id of its service.
    pub service: Arc<str>,
    /// Id of the group that has it.
    pub group: Arc<str>,
    /// Id of its template.
    pub template: Arc<str>,
    /// Which practice.
    pub kind: TicketKind,
    /// As it is now.
    pub priority: Priority,
    /// When it was opened.
    pub opened: Timestamp,
}

/// What is read is of the generation that is in use when the statement runs: one that was asked for before may be gone.
const IN_USE: &str = "generation = (select generation from reckoning where id = 0)";

impl OpenTicket {
    /// How many seconds old it is.
    pub fn age(&self, now: Timestamp) -> u32 {
        u32::try_from((now.second() - self.opened.second()).max(0)).unwrap_or(u32::MAX)
    }
}

impl Store {
    /// Gives the cells of a measure from one day to another, both included, as they come; days count from 1970 on. `take`
    /// says whether it wants more.
    pub async fn each_cell(
        &self,
        tenant: &Tenant,
        measure: Measure,
        (grain, from, to): (Grain, i32, i32),
        filter: &Filter,
        take: &mut (dyn FnMut(CellRow) -> bool + Send),
    ) -> Result<(), Unavailable> {
        let number = |it: i64| Some(Value::Number(it));
        let begin = [
            ("measure = ?", Some(Value::Text(measure.as_str().to_owned()))),
            ("grain = ?", number(grain as i64)),
            ("day >= ?", number(from.into())),
            ("day <= ?", number(to.into())),
        ];
        let (sql, values) = conditions(begin.into_iter().chain(filtered(filter)));
        let sql = format!(
            "select day, service, group_id, template, kind, body from measure_cells \
             where tenant = $1 and {IN_USE}{sql}"
        );
        let (query, mut names) = (bound(sql, tenant, &values), Names::default());
        let mut rows = query.fetch(&self.inner.pools.read);
        while let Some(row) = rows.try_next().await? {
            let about = About {
                measure,
                day: super::number(&row, 0)?,
                service: names.get(row.try_get(1)?),
                group: names.get(row.try_get(2)?),
                template: names.get(row.try_get(3)?),
                kind: kind(row.try_get(4)?),
            };
            if !take(CellRow { about, cell: cell(&row, 5)? }) {
                break;
            }
        }
        Ok(())
    }

    /// Gives the tickets of a tenant that are open, as they come. `take` says whether it wants more.
    pub async fn each_open(
        &self,
        tenant: &Tenant,
        filter: &Filter,
        take: &mut (dyn FnMut(OpenTicket) -> bool + Send),
    ) -> Result<(), Unavailable> {
        let (sql, values) = conditions(filtered(filter));
        let sql = format!(
            "select service, group_id, template, kind, priority, opened from lives \
             where tenant = $1 and {IN_USE} and opened is not null{sql}"
        );
        let (query, mut names) = (bound(sql, tenant, &values), Names::default());
        let mut rows = query.fetch(&self.inner.pools.read);
        while let Some(row) = rows.try_next().await? {
            let place = usize::try_from(row.try_get::<i64, _>(4)? - 1).unwrap_or(usize::MAX);
            let open = OpenTicket {
                service: names.get(row.try_get(0)?),
                group: names.get(row.try_get(1)?),
                template: names.get(row.try_get(2)?),
                kind: kind(row.try_get(3)?).ok_or(Malformed("lives.kind"))?,
                priority: Priority::ALL.get(place).copied().ok_or(Malformed("lives.priority"))?,
                opened: Timestamp(row.try_get(5)?),
            };
            if !take(open) {
                break;
            }
        }
        Ok(())
    }

    /// The tenants of which anything is measured.
    pub async fn measured_tenants(&self) -> Result<Vec<Tenant>, Unavailable> {
        let mut tenants = Vec::<Tenant>::new();
        loop {
            // From one to the next: there are many more cells than tenants.
            let row = sqlx::query(
                "select tenant from measure_cells where generation = (select generation from reckoning where id = 0) \
                 and tenant > $1 order by tenant limit 1",
            )
            .bind(tenants.last().map_or("", Tenant::as_str).to_owned())
            .fetch_optional(&self.inner.pools.read)
            .await?;
            match row {
                Some(row) => tenants.push(super::tenant(&row, 0)?),
                None => return Ok(tenants),
            }
        }
    }
}

/// The conditions of a filter.
fn filtered(filter: &Filter) -> [(&'static str, Option<Value>); 4] {
    let text = |it: &Option<String>| it.clone().map(Value::Text);
    [
        ("service = ?", text(&filter.service)),
        ("group_id = ?", text(&filter.group)),
        ("template = ?", text(&filter.template)),
        ("kind = ?", filter.kind.map(|it| Value::Text(it.as_str().to_owned()))),
    ]
}

fn kind(raw: &str) -> Option<TicketKind> {
    TicketKind::ALL.into_iter().find(|it| it.as_str() == raw)
}
