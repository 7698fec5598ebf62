//! When services were down, as their incidents and changes tell: a row for each stretch, written with the event that changed
//! it.

use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::Batch,
    bulk::{Query, Shape},
    fault::Unavailable,
    save::Unsaved,
    statements::Statements,
};
use crate::{
    domain::{
        change::Span, id::TicketId, people::Tenant, priority::Impact, service::Outage, time::Timestamp,
    },
    proto::event::Malformed,
};

pub(super) const VOID: Shape = ("delete from outages where (tenant, ticket) in (", 2, ")");
pub(super) const PUT: Shape = (
    "insert into outages (tenant, ticket, service, impact, started, ended, planned_from, planned_to)",
    8,
    "on conflict (tenant, ticket, started) do update set service = excluded.service, \
     impact = excluded.impact, ended = excluded.ended, planned_from = excluded.planned_from, \
     planned_to = excluded.planned_to",
);

/// Writes what the tickets of a batch tell.
pub(super) async fn write(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let void: Vec<_> = batch.void.iter().collect();
    let bind = |it: Query, (tenant, ticket): &&(Tenant, TicketId)| {
        it.bind(tenant.as_str().to_owned()).bind(ticket.bytes().to_vec())
    };
    statements.void_outages.write(connection, &void, bind).await?;
    let rows: Vec<_> = batch.outages.iter().collect();
    let bind = |it: Query, ((tenant, ticket, from), row): &(&(Tenant, TicketId, Timestamp), &Outage)| {
        let it = it.bind(tenant.as_str().to_owned()).bind(ticket.bytes().to_vec()).bind(row.service.clone());
        let it = it.bind(row.impact as i64 + 1).bind(from.0).bind(row.to.map_or(i64::MAX, |it| it.0));
        it.bind(row.planned.map_or(0, |it| it.start.0)).bind(row.planned.map_or(0, |it| it.end.0))
    };
    statements.put_outages.write(connection, &rows, bind).await?;
    Ok(())
}

impl Store {
    /// What incidents of at least an impact, and changes, tell of a service in `[from, to)`.
    pub async fn outages(
        &self,
        tenant: &Tenant,
        service: &str,
        impact: Impact,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Outage>, Unavailable> {
        let rows = sqlx::query(
            "select impact, started, ended, planned_from, planned_to from outages where tenant = $1 and service = $2 and ended > $3 \
             and started < $4 and impact >= $5",
        )
        .bind(tenant.as_str())
        .bind(service)
        .bind(from.0)
        .bind(to.0)
        .bind(impact as i64 + 1)
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(|it| outage(it, service)).collect()
    }
}

fn outage(row: &AnyRow, service: &str) -> Result<Outage, Unavailable> {
    let place = usize::try_from(row.try_get::<i64, _>(0)? - 1).unwrap_or(usize::MAX);
    let ended: i64 = row.try_get(2)?;
    let planned = Span { start: Timestamp(row.try_get(3)?), end: Timestamp(row.try_get(4)?) };
    Ok(Outage {
        service: service.to_owned(),
        impact: Impact::ALL.get(place).copied().ok_or(Malformed("outage.impact"))?,
        from: Timestamp(row.try_get(1)?),
        to: Some(Timestamp(ended)).filter(|_| ended < i64::MAX),
        planned: Some(planned).filter(|it| it.start < it.end),
    })
}
