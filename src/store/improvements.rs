//! The register of improvements in the database.

use std::collections::HashMap;

use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::Batch,
    bulk::{Query, Shape},
    fault::Unavailable,
    filter::{Value, bound, conditions},
    find::tenant_of,
    save::Unsaved,
    statements::Statements,
};
use crate::{
    domain::{
        id::ImprovementId,
        improvement::{Improvement, ImprovementRef, ImprovementState},
        people::Tenant,
    },
    proto::{
        improvement::{improvement_from, improvement_to},
        v1,
    },
};

pub(super) const FIND: Shape =
    ("select i.tenant, i.id, i.body from (", 1, ") as w join improvements i on i.id = w.column1");
pub(super) const PUT: Shape = (
    "insert into improvements (id, tenant, number, state, version, body)",
    6,
    "on conflict (id) do update set state = excluded.state, version = excluded.version, body = excluded.body \
     where improvements.tenant = excluded.tenant",
);

impl Store {
    /// One improvement.
    pub async fn improvement(
        &self,
        tenant: &Tenant,
        which: &ImprovementRef,
    ) -> Result<Option<Improvement>, Unavailable> {
        let query = match which {
            ImprovementRef::Id(id) => {
                sqlx::query("select body from improvements where tenant = $1 and id = $2")
                    .bind(tenant.as_str())
                    .bind(id.bytes().to_vec())
            }
            ImprovementRef::Number(number) => {
                sqlx::query("select body from improvements where tenant = $1 and number = $2")
                    .bind(tenant.as_str())
                    .bind(number.as_str())
            }
        };
        let row = query.fetch_optional(&self.inner.pools.read).await?;
        row.map(|it| improvement_of(&it, 0)).transpose()
    }

    /// Improvements in a state or in any, the newest first.
    pub async fn improvements(
        &self,
        tenant: &Tenant,
        state: Option<ImprovementState>,
        limit: u32,
    ) -> Result<Vec<Improvement>, Unavailable> {
        let (sql, values) = conditions([("state = ?", state.map(|it| Value::Text(it.as_str().to_owned())))]);
        let most = values.len() + 2;
        let sql =
            format!("select body from improvements where tenant = $1{sql} order by id desc limit ${most}");
        let rows =
            bound(sql, tenant, &values).bind(i64::from(limit)).fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(|it| improvement_of(it, 0)).collect()
    }
}

/// The improvements that a batch wants.
pub(super) async fn wanted(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[ImprovementId],
) -> Result<HashMap<ImprovementId, (Tenant, Improvement)>, Unavailable> {
    let key = |it: Query, id: &ImprovementId| it.bind(id.bytes().to_vec());
    let rows = statements.find_improvements.find(connection, wanted, key).await?;
    let entry = |row: &AnyRow| {
        let it = improvement_of(row, 2)?;
        Ok((it.id, (tenant_of(row)?, it)))
    };
    rows.iter().map(entry).collect()
}

/// Writes the improvements of a batch.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let rows: Vec<_> = batch.improvements.values().collect();
    let bind = |it: Query, (tenant, row): &&(Tenant, Improvement)| {
        let it = it.bind(row.id.bytes().to_vec()).bind(tenant.as_str().to_owned()).bind(row.number.clone());
        let it = it.bind(row.state.as_str()).bind(row.version.cast_signed());
        it.bind(improvement_to(row).encode_to_vec())
    };
    statements.put_improvements.write(connection, &rows, bind).await?;
    Ok(())
}

fn improvement_of(row: &AnyRow, at: usize) -> Result<Improvement, Unavailable> {
    Ok(improvement_from(&v1::Improvement::decode(row.try_get::<Vec<u8>, _>(at)?.as_slice())?)?)
}
