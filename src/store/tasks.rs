//! Reading tasks by who does them.

use sqlx::{AssertSqlSafe, Row as _, any::AnyRow};

use super::{Store, fault::Unavailable, find};
use crate::domain::{
    lookup::{TaskFilter, TaskRef},
    people::Tenant,
    ticket::Ticket,
};

impl Store {
    /// Tasks that fit a filter, each as its ticket and its id, oldest ticket first, behind `after`.
    pub async fn tasks(
        &self,
        tenant: &Tenant,
        filter: &TaskFilter,
        after: Option<TaskRef>,
        limit: u32,
    ) -> Result<Vec<(Ticket, String)>, Unavailable> {
        let mut texts = vec![tenant.as_str().to_owned()];
        let mut sql = "select t.body, k.task from tasks k join tickets t on t.id = k.ticket \
                       where k.tenant = $1"
            .to_owned();
        for (column, value) in [("group_id", &filter.group), ("agent_id", &filter.agent)] {
            if let Some(value) = value {
                texts.push(value.clone());
                sql += &format!(" and k.{column} = ${}", texts.len());
            }
        }
        if !filter.states.is_empty() {
            let first = texts.len() + 1;
            texts.extend(filter.states.iter().map(|it| it.as_str().to_owned()));
            let places: Vec<_> = (first..=texts.len()).map(|it| format!("${it}")).collect();
            sql += &format!(" and k.state in ({})", places.join(", "));
        }
        let (ticket, task, most) = (texts.len() + 1, texts.len() + 2, texts.len() + 3);
        sql += &format!(
            " and k.ticket >= ${ticket} and (k.ticket > ${ticket} or k.task > ${task}) \
             order by k.ticket, k.task limit ${most}"
        );
        // Put together from literals and placeholders only.
        let query = texts.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), sqlx::query::Query::bind);
        let (ticket, task) = after.map(|(id, task)| (id.bytes().to_vec(), task)).unwrap_or_default();
        let query = query.bind(ticket).bind(task).bind(i64::from(limit));
        let rows = query.fetch_all(&self.inner.pools.read).await?;
        let entry = |row: &AnyRow| {
            Ok((find::ticket_of(&row.try_get::<Vec<u8>, _>(0)?)?, row.try_get::<String, _>(1)?))
        };
        rows.iter().map(entry).collect()
    }
}
