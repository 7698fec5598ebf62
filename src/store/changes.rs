//! Changes by when they are carried out. All changes of a tenant lie in one partition, so that whoever schedules one sees
//! all that have their place in the calendar, whatever else happens at the same moment.

use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::{Batch, Held},
    bulk::{Query, Shape},
    fault::Unavailable,
    filter::{Value, bound},
    find,
    save::changed,
    statements::Statements,
};
use crate::domain::{
    change::{LONGEST, Span},
    id::TicketId,
    lifecycle::State,
    people::Tenant,
    ticket::{Ticket, TicketKind},
    time::Timestamp,
};

/// The tickets of the changes of a tenant that have their place in the calendar in a span: from ($2), to ($3), and the
/// earliest beginning of a window that lasts until then ($4).
pub(super) const FIND: Shape = (
    "select t.tenant, t.id, t.body from (",
    4,
    ") as w join changes c on c.tenant = w.column1 and c.firm = 1 and c.starts < w.column3 \
     and c.starts > w.column4 and c.ends > w.column2 join tickets t on t.id = c.ticket",
);
/// Those that are under way and were begun before some time: they last until they are done.
pub(super) const FIND_UNDER_WAY: Shape = (
    "select t.tenant, t.id, t.body from (",
    2,
    ") as w join changes c on c.tenant = w.column1 and c.firm = 1 and c.begun < w.column2 \
     join tickets t on t.id = c.ticket",
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
    /// Changes whose windows meet a span, and those that are carried out beyond a window which ended before it, in the order
    /// in which the windows begin, behind one of them.
    pub async fn changes(
        &self,
        tenant: &Tenant,
        (span, now): (&Span, Timestamp),
        filter: &ChangeFilter,
        after: Option<(Timestamp, TicketId)>,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let (starts, id) = after.map_or((i64::MIN, vec![]), |(at, id)| (at.0, id.bytes().to_vec()));
        // Each is named by its place, $2 and so on, since both halves ask for them.
        let mut values = vec![
            Value::Number(span.start.0),
            Value::Number(span.end.0),
            // No window is longer.
            Value::Number(span.start.0.saturating_sub(LONGEST * 1000)),
            Value::Number(now.0),
            Value::Number(starts),
            Value::Bytes(id),
            Value::Number(i64::from(limit)),
        ];
        let mut more = String::new();
        if let Some(service) = &filter.service {
            values.push(Value::Text(service.clone()));
            more += &format!(" and c.service = ${}", values.len() + 1);
        }
        if !filter.states.is_empty() {
            let first = values.len() + 2;
            let places: Vec<_> = (first..first + filter.states.len()).map(|it| format!("${it}")).collect();
            more += &format!(" and c.state in ({})", places.join(", "));
            values.extend(filter.states.iter().map(|it| Value::Text(it.as_str().to_owned())));
        }
        let sql = format!(
            "select t.body from (\
             select c.ticket, c.starts from changes c where c.tenant = $1 and c.starts < $3 \
             and c.starts > $4 and c.ends > $2{more} union all \
             select c.ticket, c.starts from changes c where c.tenant = $1 and c.firm = 1 \
             and c.begun is not null and c.begun < $3 and c.ends <= $2 and c.ends <= $5{more}\
             ) as w join tickets t on t.id = w.ticket \
             where w.starts >= $6 and (w.starts > $6 or w.ticket > $7) order by w.starts, w.ticket limit $8"
        );
        let rows = bound(sql, tenant, &values).fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(body).collect()
    }

    /// Changes that are under way and were begun before some time.
    pub async fn changes_under_way(
        &self,
        tenant: &Tenant,
        until: Timestamp,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let rows = sqlx::query(
            "select t.body from changes c join tickets t on t.id = c.ticket \
             where c.tenant = $1 and c.firm = 1 and c.begun is not null and c.begun < $2 order by c.begun, c.ticket",
        )
        .bind(tenant.as_str())
        .bind(until.0)
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(body).collect()
    }

    /// Changes that were under way at some moment between the two, the latest first, behind one of them.
    pub async fn carried_out(
        &self,
        tenant: &Tenant,
        (since, until): (Timestamp, Timestamp),
        after: Option<(Timestamp, TicketId)>,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let (begun, id) = after.map_or((i64::MAX, vec![0xff; 17]), |(at, id)| (at.0, id.bytes().to_vec()));
        let rows = sqlx::query(
            "select t.body from (\
             select c.ticket, c.begun from changes c where c.tenant = $1 and c.ended > $2 and c.begun <= $3 \
             union all \
             select c.ticket, c.begun from changes c where c.tenant = $1 and c.firm = 1 \
             and c.begun is not null and c.begun <= $3 and c.ended is null\
             ) as w join tickets t on t.id = w.ticket \
             where w.begun <= $4 and (w.begun < $4 or w.ticket < $5) \
             order by w.begun desc, w.ticket desc limit $6",
        )
        .bind(tenant.as_str())
        .bind(since.0)
        .bind(until.0)
        .bind(begun)
        .bind(id)
        .bind(i64::from(limit))
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

/// What `FIND` asks for.
pub(super) fn in_span(query: Query, (tenant, span): &(Tenant, Span)) -> Query {
    let earliest = span.start.0.saturating_sub(LONGEST * 1000);
    query.bind(tenant.as_str().to_owned()).bind(span.start.0).bind(span.end.0).bind(earliest)
}

/// What `FIND_UNDER_WAY` asks for.
pub(super) fn before(query: Query, (tenant, span): &(Tenant, Span)) -> Query {
    query.bind(tenant.as_str().to_owned()).bind(span.end.0)
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
