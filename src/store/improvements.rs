//! The register of improvements in the database.

use std::collections::HashMap;

use jiff::civil::Date;
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
        improvement::{Improvement, ImprovementRef, ImprovementState, Place},
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
    "insert into improvements (id, tenant, number, state, review, version, body)",
    7,
    "on conflict (id) do update set state = excluded.state, review = excluded.review, \
     version = excluded.version, body = excluded.body where improvements.tenant = excluded.tenant",
);

/// Somebody still has work with it.
const CURRENT: &str = "state in ('proposed', 'under_way')";
/// Nobody is to look at it again.
const NOT_DUE: &str = "not (state in ('proposed', 'under_way') and review <= ?)";

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

    /// Improvements in a state or in any, behind a place, each with its place: those that are to be looked at again on a day
    /// first, then the newest.
    pub async fn improvements(
        &self,
        tenant: &Tenant,
        state: Option<ImprovementState>,
        today: Date,
        (after, limit): (Option<&Place>, u32),
    ) -> Result<Vec<(Improvement, Place)>, Unavailable> {
        let text = |it: &str| Some(Value::Text(it.to_owned()));
        let in_state = ("state = ?", state.and_then(|it| text(it.as_str())));
        let today = text(&today.to_string());
        let id = |it: &Place| Value::Bytes(it.id.bytes().to_vec());
        let mut found = vec![];
        if after.is_none_or(|it| it.review.is_some()) {
            let (mut sql, mut values) = conditions([in_state.clone(), ("review <= ?", today.clone())]);
            if let Some(it) = after {
                sql += &format!(" and (review, id) > (${}, ${})", values.len() + 2, values.len() + 3);
                values.extend([Value::Text(it.review.clone().unwrap_or_default()), id(it)]);
            }
            let sql = format!(
                "select review, body from improvements where tenant = $1 and {CURRENT}{sql} \
                 order by review, id limit ${}",
                values.len() + 2
            );
            let rows = bound(sql, tenant, &values).bind(i64::from(limit));
            for row in rows.fetch_all(&self.inner.pools.read).await? {
                let it = improvement_of(&row, 1)?;
                let place = Place { review: Some(row.try_get(0)?), id: it.id };
                found.push((it, place));
            }
        }
        let left = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
        let behind = after.filter(|it| it.review.is_none()).map(id);
        let (sql, values) = conditions([in_state, ("id < ?", behind), (NOT_DUE, today)]);
        let sql = format!(
            "select body from improvements where tenant = $1{sql} order by id desc limit ${}",
            values.len() + 2
        );
        let rows = bound(sql, tenant, &values).bind(i64::from(left));
        for row in rows.fetch_all(&self.inner.pools.read).await? {
            let it = improvement_of(&row, 0)?;
            let place = Place { review: None, id: it.id };
            found.push((it, place));
        }
        Ok(found)
    }

    /// How many improvements in a state or in any are to be looked at again on a day.
    pub async fn improvements_due(
        &self,
        tenant: &Tenant,
        state: Option<ImprovementState>,
        today: Date,
    ) -> Result<u64, Unavailable> {
        let text = |it: String| Some(Value::Text(it));
        let state = state.and_then(|it| text(it.as_str().to_owned()));
        let (sql, values) = conditions([("review <= ?", text(today.to_string())), ("state = ?", state)]);
        let sql = format!("select count(*) from improvements where tenant = $1 and {CURRENT}{sql}");
        let row = bound(sql, tenant, &values).fetch_one(&self.inner.pools.read).await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
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
        let it =
            it.bind(row.state.as_str()).bind(row.plan.review.to_string()).bind(row.version.cast_signed());
        it.bind(improvement_to(row).encode_to_vec())
    };
    statements.put_improvements.write(connection, &rows, bind).await?;
    Ok(())
}

fn improvement_of(row: &AnyRow, at: usize) -> Result<Improvement, Unavailable> {
    Ok(improvement_from(&v1::Improvement::decode(row.try_get::<Vec<u8>, _>(at)?.as_slice())?)?)
}
