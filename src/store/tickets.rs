//! Reading tickets, conversations and loads. Every read names the tenant.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Row as _, any::AnyRow};

use super::{Store, fault::Unavailable, find};
use crate::{
    conversation::state::Conversation,
    domain::{
        assignment::Load,
        id::{ConversationId, TicketId},
        lookup::{TicketFilter, TicketRef},
        people::{Person, Tenant},
        ticket::Ticket,
        time::Timestamp,
    },
    proto::event::Malformed,
};

impl Store {
    /// One ticket.
    pub async fn ticket(&self, tenant: &Tenant, which: &TicketRef) -> Result<Option<Ticket>, Unavailable> {
        let query = match which {
            TicketRef::Id(id) => sqlx::query("select body from tickets where tenant = $1 and id = $2")
                .bind(tenant.as_str())
                .bind(id.bytes().to_vec()),
            TicketRef::Number(number) => {
                sqlx::query("select body from tickets where tenant = $1 and number = $2")
                    .bind(tenant.as_str())
                    .bind(number.as_str())
            }
        };
        let row = query.fetch_optional(&self.inner.pools.read).await?;
        row.map(|it| find::ticket_of(&it.try_get::<Vec<u8>, _>(0)?)).transpose()
    }

    /// Tickets that fit a filter, newest first, older than `after`.
    pub async fn tickets(
        &self,
        tenant: &Tenant,
        filter: &TicketFilter,
        after: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let rows = self.ticket_rows(tenant, filter, after, limit).await?;
        rows.iter().map(|it| find::ticket_of(&it.try_get::<Vec<u8>, _>(0)?)).collect()
    }

    /// Body, id and number of tickets that fit a filter.
    async fn ticket_rows(
        &self,
        tenant: &Tenant,
        filter: &TicketFilter,
        after: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<AnyRow>, Unavailable> {
        let mut texts = vec![tenant.as_str().to_owned()];
        let mut sql = "select body, id, number from tickets where tenant = $1".to_owned();
        let equal = [
            ("group_id", filter.group.clone()),
            ("agent_id", filter.agent.clone()),
            ("template", filter.template.clone()),
            ("requester", filter.requester.as_ref().map(Person::key)),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                texts.push(value);
                sql += &format!(" and {column} = ${}", texts.len());
            }
        }
        if !filter.states.is_empty() {
            let first = texts.len() + 1;
            texts.extend(filter.states.iter().map(|it| it.as_str().to_owned()));
            let places: Vec<_> = (first..=texts.len()).map(|it| format!("${it}")).collect();
            sql += &format!(" and state in ({})", places.join(", "));
        }
        let (before, most) = (texts.len() + 1, texts.len() + 2);
        sql += &format!(" and id < ${before} order by id desc limit ${most}");
        // Put together from literals and placeholders only.
        let query = texts.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), sqlx::query::Query::bind);
        let last = after.map_or_else(|| vec![0xff; 17], |it| it.bytes().to_vec());
        Ok(query.bind(last).bind(i64::from(limit)).fetch_all(&self.inner.pools.read).await?)
    }

    /// Tickets of all tenants that the desk must look at by now, those that wait longest first, behind one of them.
    pub async fn to_look_at(
        &self,
        now: Timestamp,
        after: Option<(Timestamp, TicketId)>,
        limit: u32,
    ) -> Result<Vec<(Tenant, TicketId, Timestamp)>, Unavailable> {
        let (look, id) = after.map_or((i64::MIN, vec![]), |(look, id)| (look.0, id.bytes().to_vec()));
        let rows = sqlx::query(
            "select tenant, id, look from tickets where look is not null and look <= $1 \
             and look >= $2 and (look > $2 or id > $3) order by look, id limit $4",
        )
        .bind(now.0)
        .bind(look)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        let entry = |row: &AnyRow| {
            let tenant = Tenant::parse(&row.try_get::<String, _>(0)?).ok_or(Malformed("tenant"))?;
            Ok((tenant, id_of(row, 1)?, Timestamp(row.try_get(2)?)))
        };
        rows.iter().map(entry).collect()
    }

    /// Tickets that nobody of a group has, those that came first.
    pub async fn waiting(
        &self,
        tenant: &Tenant,
        group: &str,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let rows = sqlx::query(
            "select body from tickets where tenant = $1 and group_id = $2 and agent_id = '' \
             and state in ('new', 'assigned', 'in_progress') order by id limit $3",
        )
        .bind(tenant.as_str())
        .bind(group)
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(|it| find::ticket_of(&it.try_get::<Vec<u8>, _>(0)?)).collect()
    }

    /// The groups of all tenants with which tickets wait: what their loads are counted under.
    pub async fn waiting_groups(&self) -> Result<Vec<(Tenant, String)>, Unavailable> {
        let rows = sqlx::query("select tenant, agent from loads where open > 0 and agent like 'group/%'")
            .fetch_all(&self.inner.pools.read)
            .await?;
        let entry = |row: &AnyRow| {
            let tenant = Tenant::parse(&row.try_get::<String, _>(0)?).ok_or(Malformed("tenant"))?;
            Ok((tenant, row.try_get(1)?))
        };
        rows.iter().map(entry).collect()
    }

    /// As `tickets`, with id and number, and nothing in place of a ticket that cannot be read.
    pub async fn tickets_or_damage(
        &self,
        tenant: &Tenant,
        filter: &TicketFilter,
        after: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<(TicketId, String, Option<Ticket>)>, Unavailable> {
        let rows = self.ticket_rows(tenant, filter, after, limit).await?;
        let entry = |row: &AnyRow| {
            Ok((id_of(row, 1)?, row.try_get(2)?, find::ticket_of(&row.try_get::<Vec<u8>, _>(0)?).ok()))
        };
        rows.iter().map(entry).collect()
    }

    /// Whether a request was carried out.
    pub async fn is_done(&self, tenant: &Tenant, request: &str) -> Result<bool, Unavailable> {
        let row = sqlx::query("select 1 from requests where tenant = $1 and request = $2")
            .bind(tenant.as_str())
            .bind(request)
            .fetch_optional(&self.inner.pools.read)
            .await?;
        Ok(row.is_some())
    }

    /// Tenants that have tickets.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, Unavailable> {
        let rows =
            sqlx::query("select distinct tenant from tickets").fetch_all(&self.inner.pools.read).await?;
        let tenant =
            |row: &AnyRow| Ok(Tenant::parse(&row.try_get::<String, _>(0)?).ok_or(Malformed("tenant"))?);
        rows.iter().map(tenant).collect()
    }

    /// Somebody's tickets, newest first.
    pub async fn tickets_of(
        &self,
        tenant: &Tenant,
        requester: &Person,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let filter = TicketFilter { requester: Some(requester.clone()), ..TicketFilter::default() };
        self.tickets(tenant, &filter, None, limit).await
    }

    /// One conversation.
    pub async fn conversation(
        &self,
        tenant: &Tenant,
        id: ConversationId,
    ) -> Result<Option<Conversation>, Unavailable> {
        let row = sqlx::query("select body from conversations where tenant = $1 and id = $2")
            .bind(tenant.as_str())
            .bind(id.bytes().to_vec())
            .fetch_optional(&self.inner.pools.read)
            .await?;
        row.map(|it| find::conversation_of(&it.try_get::<Vec<u8>, _>(0)?)).transpose()
    }

    /// How many open tickets each agent has.
    pub async fn loads(&self, tenant: &Tenant) -> Result<HashMap<String, Load>, Unavailable> {
        let rows = sqlx::query("select agent, open, last, away, left_desk from loads where tenant = $1")
            .bind(tenant.as_str())
            .fetch_all(&self.inner.pools.read)
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, find::load_of(row, 1)?))).collect()
    }
}

fn id_of(row: &AnyRow, column: usize) -> Result<TicketId, Unavailable> {
    let bytes = row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| Malformed("id"))?;
    Ok(TicketId::from_bytes(bytes))
}
