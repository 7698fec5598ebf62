//! Whose consent waits: a row for each person and ticket, kept with the ticket, so that nobody's are searched for.

use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::{Batch, Held},
    bulk::Query,
    fault::Unavailable,
    find,
    save::changed,
    statements::Statements,
};
use crate::domain::{
    id::TicketId,
    people::{Person, Tenant},
    ticket::Ticket,
};

/// What waits for one person.
const PENDING: &str = "select t.body from approvals a join tickets t on t.id = a.ticket \
    where a.tenant = $1 and a.person = $2 and a.ticket > $3 and t.tenant = $1 order by a.ticket limit $4";

/// Puts the rows of changed tickets in the place of what they were.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), sqlx::Error> {
    let waits = |(_, it): &(&Tenant, &Held<Ticket>)| it.now.approval.is_some();
    let mut rows: Vec<_> = changed(&batch.known.tickets).filter(waits).collect();
    rows.sort_by_key(|(_, it)| it.now.id);
    let old: Vec<_> = rows.iter().filter(|(_, it)| it.loaded.is_some()).map(|(_, it)| it.now.id).collect();
    statements.drop_approvals.write(connection, &old, |it, id| it.bind(id.bytes().to_vec())).await?;
    let pending = |(tenant, it): &(&Tenant, &Held<Ticket>)| {
        let people = it.now.approval.as_ref().filter(|_| it.now.is_waiting_for_approval());
        let people = people.map_or_else(Vec::new, |it| it.pending());
        let (tenant, id) = (tenant.as_str().to_owned(), it.now.id);
        let row = move |person: &Person| (tenant.clone(), person.key(), id);
        people.into_iter().map(|it| row(&it.person)).collect::<Vec<_>>()
    };
    let new: Vec<(String, String, TicketId)> = rows.iter().flat_map(pending).collect();
    let bind = |it: Query, (tenant, person, id): &(String, String, TicketId)| {
        it.bind(tenant.clone()).bind(person.clone()).bind(id.bytes().to_vec())
    };
    statements.add_approvals.write(connection, &new, bind).await?;
    Ok(())
}

impl Store {
    /// Tickets that wait for somebody's consent, those that were opened first, behind one of them.
    pub async fn pending_approvals(
        &self,
        tenant: &Tenant,
        who: &Person,
        after: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let rows = sqlx::query(PENDING)
            .bind(tenant.as_str())
            .bind(who.key())
            .bind(after.map_or_else(Vec::new, |it| it.bytes().to_vec()))
            .bind(i64::from(limit))
            .fetch_all(&self.inner.pools.read)
            .await?;
        rows.iter().map(|it| find::ticket_of(&it.try_get::<Vec<u8>, _>(0)?)).collect()
    }

    /// What was answered to a request that was carried out, with the hash of its content.
    pub async fn answered(
        &self,
        tenant: &Tenant,
        request: &str,
    ) -> Result<Option<(Vec<u8>, Vec<u8>)>, Unavailable> {
        let row = sqlx::query("select content, reply from requests where tenant = $1 and request = $2")
            .bind(tenant.as_str())
            .bind(request)
            .fetch_optional(&self.inner.pools.read)
            .await?;
        let pair = |row: &AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
        row.as_ref().map(pair).transpose()
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;

    /// A scan would go unnoticed until there are many rows.
    #[tokio::test]
    async fn what_waits_for_somebody_is_found_by_key() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let store = Store::open(&url).await.unwrap();
        let explain = sqlx::query(AssertSqlSafe(format!("explain query plan {PENDING}")));
        let rows = explain.fetch_all(&store.inner.pools.read).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|it| it.get("detail")).collect();
        assert!(steps.iter().all(|it| it.starts_with("SEARCH")), "{steps:?}");
    }
}
