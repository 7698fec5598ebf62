//! Reading the directory of people. Every read names the tenant, and every look-up has its index.

use std::collections::HashMap;

use sqlx::{Row as _, any::AnyRow};

use super::{
    Store,
    fault::Unavailable,
    filter::{self, Value, bound},
    find,
};
use crate::{
    domain::{id::ProfileId, people::Tenant, profile::Profile},
    proto::{event::Malformed, v1},
};

/// Conditions that must all hold; an empty one does not count. Texts are in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// The user name.
    pub user_name: Option<String>,
    /// The primary e-mail address.
    pub email: Option<String>,
    /// Id of the system that keeps the directory, in its own case.
    pub external_id: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// Their manager.
    pub manager: Option<ProfileId>,
    /// Whether they are here.
    pub active: Option<bool>,
    /// Also those who were taken out.
    pub removed: bool,
}

/// What an import must know of everybody: who they are, by what they are named, and who is above them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// Their identity.
    pub id: ProfileId,
    /// Their user name in lower case; none if they were taken out.
    pub user_name: Option<String>,
    /// Their primary e-mail address in lower case.
    pub email: String,
    /// Their manager.
    pub manager: Option<ProfileId>,
    /// Whether they are here.
    pub active: bool,
    /// Counts their changes.
    pub version: u64,
}

/// How many people are in each department.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleCounts(HashMap<String, u64>);

impl PeopleCounts {
    /// Those of some departments, in whatever case they are written; all if none is named.
    pub fn of(&self, departments: &[String]) -> u64 {
        let is_asked =
            |it: &String| departments.is_empty() || departments.iter().any(|one| one.to_lowercase() == *it);
        self.0.iter().filter(|(it, _)| is_asked(it)).map(|(_, count)| count).sum()
    }
}

impl Store {
    /// One entry, also one that was taken out.
    pub async fn profile(&self, tenant: &Tenant, id: ProfileId) -> Result<Option<Profile>, Unavailable> {
        let row = sqlx::query("select body from people where tenant = $1 and id = $2")
            .bind(tenant.as_str())
            .bind(id.bytes().to_vec())
            .fetch_optional(&self.inner.pools.read)
            .await?;
        row.map(|it| body_of(&it)).transpose()
    }

    /// Entries that fit a filter, in the order of their ids, behind `after`.
    pub async fn people(
        &self,
        tenant: &Tenant,
        filter: &PeopleFilter,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<Profile>, Unavailable> {
        let (sql, conditions) = conditions(filter);
        let count = conditions.len();
        let (after_place, most) = (count + 2, count + 3);
        let sql = format!(
            "select body from people where tenant = $1{sql} and id > ${after_place} order by id limit ${most}"
        );
        let query = bound(sql, tenant, &conditions);
        let after = after.map_or_else(Vec::new, |it| it.bytes().to_vec());
        let rows = query.bind(after).bind(i64::from(limit)).fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(body_of).collect()
    }

    /// A page of entries by its place, in the order of their ids.
    pub async fn people_from(
        &self,
        tenant: &Tenant,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Profile>, Unavailable> {
        let rows = sqlx::query(
            "select body from people where tenant = $1 and removed = 0 order by id limit $2 offset $3",
        )
        .bind(tenant.as_str())
        .bind(i64::from(limit))
        .bind(i64::try_from(offset).unwrap_or(i64::MAX))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(body_of).collect()
    }

    /// How many entries there are, without those that were taken out.
    pub async fn count_people(&self, tenant: &Tenant) -> Result<u64, Unavailable> {
        let row = sqlx::query("select count(*) from people where tenant = $1 and removed = 0")
            .bind(tenant.as_str())
            .fetch_one(&self.inner.pools.read)
            .await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
    }

    /// How many people are here, by department.
    pub async fn count_people_by_department(&self, tenant: &Tenant) -> Result<PeopleCounts, Unavailable> {
        let rows = sqlx::query(
            "select department, count(*) from people where tenant = $1 and removed = 0 and active = 1 \
             group by department",
        )
        .bind(tenant.as_str())
        .fetch_all(&self.inner.pools.read)
        .await?;
        let entry = |row: &AnyRow| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.cast_unsigned()));
        Ok(PeopleCounts(rows.iter().map(entry).collect::<Result<_, Unavailable>>()?))
    }

    /// What is to be known of everybody behind `after`, in the order of their ids.
    pub async fn sketches(
        &self,
        tenant: &Tenant,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Vec<Sketch>, Unavailable> {
        let rows = sqlx::query(
            "select id, user_name, email, manager, active, version from people \
             where tenant = $1 and id > $2 order by id limit $3",
        )
        .bind(tenant.as_str())
        .bind(after.map_or_else(Vec::new, |it| it.bytes().to_vec()))
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(sketch).collect()
    }

    /// The entries with these user names, in lower case.
    pub async fn profiles_by_name(
        &self,
        tenant: &Tenant,
        names: &[String],
    ) -> Result<Vec<Profile>, Unavailable> {
        self.profiles_with(tenant, "user_name", names.iter().cloned().map(Value::Text).collect()).await
    }

    /// The entries with these identities.
    pub async fn profiles_by_id(
        &self,
        tenant: &Tenant,
        ids: &[ProfileId],
    ) -> Result<Vec<Profile>, Unavailable> {
        self.profiles_with(tenant, "id", ids.iter().map(|it| Value::Bytes(it.bytes().to_vec())).collect())
            .await
    }

    async fn profiles_with(
        &self,
        tenant: &Tenant,
        column: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Profile>, Unavailable> {
        let rows = self.rows_with(tenant, "select body from people", column, &values).await?;
        rows.iter().map(body_of).collect()
    }

    /// Changes of one entry after a position, in order.
    pub async fn profile_history(
        &self,
        tenant: &Tenant,
        id: ProfileId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<v1::Event>, Unavailable> {
        self.history_of(tenant, id.bytes(), after, limit).await
    }

    /// Agents of all tenants who have left and may hold tickets.
    pub async fn leavers(&self) -> Result<Vec<(Tenant, String)>, Unavailable> {
        let rows = sqlx::query(
            "select tenant, agent from loads where left_desk > 0 and (left_desk = 1 or open > 0)",
        )
        .fetch_all(&self.inner.pools.read)
        .await?;
        let entry = |row: &AnyRow| {
            let tenant = Tenant::parse(&row.try_get::<String, _>(0)?).ok_or(Malformed("tenant"))?;
            Ok((tenant, row.try_get(1)?))
        };
        rows.iter().map(entry).collect()
    }
}

/// The conditions of a filter as SQL with placeholders from `$2` on, and what stands in them.
fn conditions(filter: &PeopleFilter) -> (String, Vec<Value>) {
    let text = |it: &Option<String>| it.clone().map(Value::Text);
    let all = [
        ("user_name = ?", text(&filter.user_name)),
        // The second half is what the index is made for.
        ("email <> '' and email = ?", text(&filter.email)),
        ("external_id <> '' and external_id = ?", text(&filter.external_id)),
        ("department <> '' and department = ?", text(&filter.department)),
        ("manager is not null and manager = ?", filter.manager.map(|it| Value::Bytes(it.bytes().to_vec()))),
        ("active = ?", filter.active.map(|it| Value::Number(i64::from(it)))),
    ];
    let (sql, values) = filter::conditions(all);
    (if filter.removed { sql } else { format!(" and removed = 0{sql}") }, values)
}

fn body_of(row: &AnyRow) -> Result<Profile, Unavailable> {
    find::profile_of(&row.try_get::<Vec<u8>, _>(0)?)
}

fn sketch(row: &AnyRow) -> Result<Sketch, Unavailable> {
    let id = |bytes: Vec<u8>| bytes.try_into().map(ProfileId::from_bytes).map_err(|_| Malformed("person.id"));
    Ok(Sketch {
        id: id(row.try_get(0)?)?,
        user_name: row.try_get(1)?,
        email: row.try_get(2)?,
        manager: row.try_get::<Option<Vec<u8>>, _>(3)?.map(id).transpose()?,
        active: row.try_get::<i64, _>(4)? != 0,
        version: row.try_get::<i64, _>(5)?.cast_unsigned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scan would go unnoticed until there are many rows.
    #[tokio::test]
    async fn people_are_looked_up_by_index() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let store = Store::open(&url).await.unwrap();
        let some = || Some("x".to_owned());
        let filters = [
            (PeopleFilter { user_name: some(), ..PeopleFilter::default() }, "people_user_name"),
            (PeopleFilter { email: some(), ..PeopleFilter::default() }, "people_email"),
            (PeopleFilter { external_id: some(), ..PeopleFilter::default() }, "people_external_id"),
            (PeopleFilter { department: some(), ..PeopleFilter::default() }, "people_department"),
            (
                PeopleFilter { manager: Some(ProfileId::from_bytes([0; 16])), ..PeopleFilter::default() },
                "people_manager",
            ),
            (PeopleFilter::default(), "people_in_order"),
        ];
        let tenant = Tenant::parse("default").unwrap();
        for (filter, index) in filters {
            let (sql, values) = conditions(&filter);
            let place = values.len() + 2;
            let sql = format!(
                "explain query plan select body from people where tenant = $1{sql} and id > ${place} order by id limit 5"
            );
            let plan = bound(sql, &tenant, &values)
                .bind(vec![0_u8])
                .fetch_all(&store.inner.pools.read)
                .await
                .unwrap();
            let steps: Vec<String> = plan.iter().map(|it| it.get("detail")).collect();
            assert!(steps.iter().any(|it| it.contains(index)), "{steps:?} without {index}");
        }
    }
}
