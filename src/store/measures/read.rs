//! Reading figures: the cells of days and months, and the tickets that are open.

use std::sync::Arc;

use prost::Message as _;
use sqlx::Row as _;

use super::{Place, cell, reckon::place};
use crate::{
    domain::{
        measure::{About, Cell, Filter, Life, Measure, Names},
        people::Tenant,
        priority::Priority,
        ticket::TicketKind,
        time::Timestamp,
    },
    proto::{measure::life_from, v1},
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

impl Store {
    /// The cells of a measure from one day to another, both included; days count from 1970 on.
    pub async fn measure_cells(
        &self,
        tenant: &Tenant,
        measure: Measure,
        (grain, from, to): (Grain, i32, i32),
        filter: &Filter,
    ) -> Result<Vec<CellRow>, Unavailable> {
        let number = |it: i64| Some(Value::Number(it));
        let text = |it: &Option<String>| it.clone().map(Value::Text);
        let (sql, values) = conditions([
            ("generation = ?", number(self.generation().await?)),
            ("measure = ?", Some(Value::Text(measure.as_str().to_owned()))),
            ("grain = ?", number(grain as i64)),
            ("day >= ?", number(from.into())),
            ("day <= ?", number(to.into())),
            ("service = ?", text(&filter.service)),
            ("group_id = ?", text(&filter.group)),
            ("template = ?", text(&filter.template)),
            ("kind = ?", filter.kind.map(|it| Value::Text(it.as_str().to_owned()))),
        ]);
        let sql = format!(
            "select tenant, measure, grain, day, service, group_id, template, kind, body from measure_cells \
             where tenant = $1{sql}"
        );
        let rows = bound(sql, tenant, &values).fetch_all(&self.inner.pools.read).await?;
        let row = |it| {
            let (_, _, about): Place = place(it)?;
            Ok(CellRow { about, cell: cell(it, 8)? })
        };
        rows.iter().map(row).collect()
    }

    /// The tickets of a tenant that are open.
    pub async fn open_tickets(&self, tenant: &Tenant) -> Result<Vec<OpenTicket>, Unavailable> {
        let rows = sqlx::query("select body from lives where generation = $1 and tenant = $2 and open = 1")
            .bind(self.generation().await?)
            .bind(tenant.as_str())
            .fetch_all(&self.inner.pools.read)
            .await?;
        let (mut names, mut open) = (Names::default(), Vec::with_capacity(rows.len()));
        for row in &rows {
            let life = v1::MeasuredLife::decode(row.try_get::<Vec<u8>, _>(0)?.as_slice())?;
            let Life::Ticket(it) = life_from(&life, &mut names)? else { continue };
            let (kind, priority, opened) = (it.kind, it.priority, it.opened.at);
            open.push(OpenTicket {
                service: it.service,
                group: it.group,
                template: it.template,
                kind,
                priority,
                opened,
            });
        }
        Ok(open)
    }

    /// The tenants of which anything is measured.
    pub async fn measured_tenants(&self) -> Result<Vec<Tenant>, Unavailable> {
        let rows = sqlx::query("select distinct tenant from measure_cells where generation = $1")
            .bind(self.generation().await?)
            .fetch_all(&self.inner.pools.read)
            .await?;
        rows.iter().map(|it| super::tenant(it, 0)).collect()
    }
}
