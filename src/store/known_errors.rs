//! Known errors, and the tickets that problems cause.

use std::collections::HashMap;

use sqlx::Row as _;

use super::{Store, fault::Unavailable, find};
use crate::domain::{id::TicketId, people::Tenant, ticket::Ticket};

impl Store {
    /// Problems that are known errors, the newest first, behind one of them.
    pub async fn known_errors(
        &self,
        tenant: &Tenant,
        behind: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let rows = sqlx::query(
            "select body from tickets where tenant = $1 and known_error = 1 and id < $2 order by id desc limit $3",
        )
        .bind(tenant.as_str())
        .bind(behind.map_or(vec![u8::MAX; 17], |it| it.bytes().to_vec()))
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(|it| find::ticket_of(&it.try_get::<Vec<u8>, _>(0)?)).collect()
    }

    /// Those of some tickets that there are.
    pub async fn tickets_by_id(
        &self,
        tenant: &Tenant,
        ids: &[TicketId],
    ) -> Result<HashMap<TicketId, Ticket>, Unavailable> {
        let mut connection = self.inner.pools.read.acquire().await?;
        let find = &self.inner.statements.find_tickets;
        let rows = find.find(&mut connection, ids, |it, id| it.bind(id.bytes().to_vec())).await?;
        let mut all = HashMap::new();
        for row in rows {
            if find::tenant_of(&row)? == *tenant {
                let ticket = find::ticket_of(&row.try_get::<Vec<u8>, _>(2)?)?;
                all.insert(ticket.id, ticket);
            }
        }
        Ok(all)
    }
}
