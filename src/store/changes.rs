//! Changes by when they are carried out. All changes of a tenant lie in one partition, so that whoever schedules one sees
//! all that have their place in the calendar, whatever else happens at the same moment.

use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::{Batch, Held},
    bulk::{Query, Shape},
    fault::Unavailable,
    filter::{Value, bound, conditions},
    find,
    save::changed,
    statements::Statements,
};
use crate::domain::{
    change::{LONGEST, Span},
    lifecycle::State,
    people::Tenant,
    ticket::{Ticket, TicketKind},
    time::Timestamp,
};

/// The tickets of the changes that have their place in the calendar.
pub(super) const FIND: Shape = (
    "select t.tenant, t.id, t.body from (",
    1,
    ") as w join changes c on c.tenant = w.column1 and c.firm = 1 join tickets t on t.id = c.ticket",
);
pub(super) const PUT: Shape = (
    "insert into changes (ticket, tenant, state, service, starts, ends, begun, ended, firm)",
    9,
    "on conflict (ticket) do update set state = excluded.state, service = excluded.service, \
     starts = excluded.starts, ends = excluded.ends, begun = excluded.begun, ended = excluded.ended, \
     firm = excluded.firm where changes.tenant = excluded.tenant",
);

/// Which changes are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// Id of the service.
    pub service: Option<String>,
    /// In one of these states; in any if there are none.
    pub states: Vec<State>,
}

impl Store {
    /// Changes whose windows meet a span, in the order in which these begin.
    pub async fn changes(
        &self,
        tenant: &Tenant,
        span: &Span,
        filter: &ChangeFilter,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let (mut sql, mut values) = conditions([
            ("c.starts < ?", Some(Value::Number(span.end.0))),
            // No window is longer.
            ("c.starts > ?", Some(Value::Number(span.start.0 - LONGEST * 1000))),
            ("c.ends > ?", Some(Value::Number(span.start.0))),
            ("c.service = ?", filter.service.clone().map(Value::Text)),
        ]);
        if !filter.states.is_empty() {
            let from = values.len() + 2;
            let places: Vec<_> = (from..from + filter.states.len()).map(|it| format!("${it}")).collect();
            sql += &format!(" and c.state in ({})", places.join(", "));
            values.extend(filter.states.iter().map(|it| Value::Text(it.as_str().to_owned())));
        }
        let most = values.len() + 2;
        let sql = format!(
            "select t.body from changes c join tickets t on t.id = c.ticket where c.tenant = $1{sql} \
             order by c.starts, c.ticket limit ${most}"
        );
        let rows =
            bound(sql, tenant, &values).bind(i64::from(limit)).fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(body).collect()
    }

    /// Changes that were under way at some moment between the two, the latest first; but for those that were begun longer
    /// before than any window lasts.
    pub async fn carried_out(
        &self,
        tenant: &Tenant,
        (since, until): (Timestamp, Timestamp),
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let rows = sqlx::query(
            "select t.body from changes c join tickets t on t.id = c.ticket \
             where c.tenant = $1 and c.begun <= $2 and c.begun > $5 and (c.ended is null or c.ended > $3) \
             order by c.begun desc, c.ticket desc limit $4",
        )
        .bind(tenant.as_str())
        .bind(until.0)
        .bind(since.0)
        .bind(i64::from(limit))
        .bind(since.0 - LONGEST * 1000)
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(body).collect()
    }

    /// Incidents that were opened within a span, the earliest first, behind one of them.
    pub async fn incidents_within(
        &self,
        tenant: &Tenant,
        span: &Span,
        after: Option<&Ticket>,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let (opened, id) = after.map_or((span.start.0, vec![]), |it| (it.opened.0, it.id.bytes().to_vec()));
        let rows = sqlx::query(
            "select body from tickets where tenant = $1 and kind = 'INC' and opened < $2 \
             and opened >= $3 and (opened > $3 or id > $4) order by opened, id limit $5",
        )
        .bind(tenant.as_str())
        .bind(span.end.0)
        .bind(opened)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(body).collect()
    }
}

fn body(row: &AnyRow) -> Result<Ticket, Unavailable> {
    find::ticket_of(&row.try_get::<Vec<u8>, _>(0)?)
}

/// Keeps the changes among the tickets of a batch to be found.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), sqlx::Error> {
    let is_change = |(_, it): &(&Tenant, &Held<Ticket>)| it.now.kind == TicketKind::Change;
    let mut rows: Vec<_> = changed(&batch.known.tickets).filter(is_change).collect();
    rows.sort_by_key(|(_, it)| it.now.id);
    let bind = |it: Query, (tenant, held): &(&Tenant, &Held<Ticket>)| {
        let ticket = &held.now;
        let record = ticket.change.as_deref();
        let window = record.and_then(|it| it.plan.window);
        let begun = record.and_then(|it| it.begun);
        let it = it.bind(ticket.id.bytes().to_vec()).bind(tenant.as_str().to_owned());
        let it = it.bind(ticket.state.as_str()).bind(ticket.service.clone());
        let it = it.bind(window.map(|it| it.start.0)).bind(window.map(|it| it.end.0));
        let it = it.bind(begun.map(|it| it.0)).bind(ticket.resolved.map(|it| it.0));
        it.bind(i64::from(ticket.is_in_calendar()))
    };
    statements.put_changes.write(connection, &rows, bind).await?;
    Ok(())
}
