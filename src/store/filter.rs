//! Statements that are put together when they are asked for: the conditions of a filter, and lists of keys. They consist
//! of literals and placeholders only; what callers say is bound.

use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{Store, bulk::Query, fault::Unavailable};
use crate::domain::people::Tenant;

/// Keys that are asked for at once.
const ASKED: usize = 64;

/// A value that a column is compared with.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Bytes(Vec<u8>),
    Number(i64),
}

/// Conditions, each with a `?` for its value, as SQL with placeholders from `$2` on, and what stands in them. One without
/// a value does not count.
pub(super) fn conditions(
    all: impl IntoIterator<Item = (&'static str, Option<Value>)>,
) -> (String, Vec<Value>) {
    let (mut sql, mut values) = (String::new(), vec![]);
    for (condition, value) in all {
        let Some(value) = value else { continue };
        values.push(value);
        sql += &format!(" and {}", condition.replacen('?', &format!("${}", values.len() + 1), 1));
    }
    (sql, values)
}

/// A statement with its tenant in `$1` and values behind it.
pub(super) fn bound(sql: String, tenant: &Tenant, values: &[Value]) -> Query {
    // Put together from literals and placeholders only.
    let query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.as_str().to_owned());
    values.iter().cloned().fold(query, |it, value| match value {
        Value::Text(value) => it.bind(value),
        Value::Bytes(value) => it.bind(value),
        Value::Number(value) => it.bind(value),
    })
}

impl Store {
    /// The rows of a tenant in which a column has one of these values, in any order. `select` ends behind the table.
    pub(super) async fn rows_with(
        &self,
        tenant: &Tenant,
        select: &'static str,
        column: &'static str,
        values: &[Value],
    ) -> Result<Vec<AnyRow>, Unavailable> {
        let mut all = vec![];
        for some in values.chunks(ASKED) {
            let places: Vec<_> = (2..=some.len() + 1).map(|it| format!("${it}")).collect();
            let sql = format!("{select} where tenant = $1 and {column} in ({})", places.join(", "));
            all.extend(bound(sql, tenant, some).fetch_all(&self.inner.pools.read).await?);
        }
        Ok(all)
    }
}
