//! Catalogues as they were applied. A file that stays as it was is stored once, with the version it came with.

use std::collections::HashMap;

use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store, batch::Batch, bulk::Query, fault::Unavailable, save::Unsaved, statements::Statements, unit::Files,
};
use crate::domain::{lifecycle::State, people::Tenant, time::Timestamp};

/// A catalogue's version, and its files by name and content.
pub type Catalog = (u64, Vec<(String, String)>);

/// Each file of a catalogue, with its content wherever that stands.
macro_rules! files {
    ($which:literal) => {
        concat!(
            "select f.version, f.name, c.content, f.since from catalog_files f join catalog_files c \
             on c.tenant = f.tenant and c.version = f.since and c.name = f.name \
             where f.tenant = $1 and f.version = ",
            $which,
            " order by f.place"
        )
    };
}

impl Store {
    /// The tenant's latest catalogue: its version, and its files by name and content.
    pub async fn catalog(&self, tenant: &Tenant) -> Result<Option<Catalog>, Unavailable> {
        let latest = files!("(select max(version) from catalogs where tenant = $1)");
        let query = sqlx::query(latest).bind(tenant.as_str());
        catalog_of(&query.fetch_all(&self.inner.pools.read).await?)
    }

    /// The tenant's first catalogue after a version.
    pub async fn catalog_after(&self, tenant: &Tenant, version: u64) -> Result<Option<Catalog>, Unavailable> {
        let next = files!("(select min(version) from catalogs where tenant = $1 and version > $2)");
        let query = sqlx::query(next).bind(tenant.as_str()).bind(version.cast_signed());
        catalog_of(&query.fetch_all(&self.inner.pools.read).await?)
    }

    /// The tenant's latest version that was taken from the owner's folder, and what stands for the files there.
    pub async fn catalog_taken(&self, tenant: &Tenant) -> Result<Option<(u64, String)>, Unavailable> {
        let row = sqlx::query(
            "select version, taken from catalogs where tenant = $1 and taken is not null \
             order by version desc limit 1",
        )
        .bind(tenant.as_str())
        .fetch_optional(&self.inner.pools.read)
        .await?;
        row.map(|it| Ok((it.try_get::<i64, _>(0)?.cast_unsigned(), it.try_get(1)?))).transpose()
    }

    /// The versions of the templates of a catalogue, by their ids; none if nobody took note of them.
    pub async fn template_versions(
        &self,
        tenant: &Tenant,
        catalog: u64,
    ) -> Result<Option<HashMap<String, u32>>, Unavailable> {
        let row = sqlx::query("select templates from catalogs where tenant = $1 and version = $2")
            .bind(tenant.as_str())
            .bind(catalog.cast_signed())
            .fetch_optional(&self.inner.pools.read)
            .await?;
        let lines = row.map(|it| it.try_get::<Option<String>, _>(0)).transpose()?.flatten();
        let version =
            |line: &str| Some((line.split_once(' ')?.0.to_owned(), line.split_once(' ')?.1.parse().ok()?));
        Ok(lines.and_then(|it| it.lines().map(version).collect()))
    }

    /// Takes note of the versions of a catalogue's templates, once.
    pub async fn note_template_versions(
        &self,
        tenant: &Tenant,
        catalog: u64,
        templates: impl Iterator<Item = (&str, u32)>,
    ) -> Result<(), Unavailable> {
        let lines: Vec<String> = templates.map(|(id, version)| format!("{id} {version}")).collect();
        sqlx::query(
            "update catalogs set templates = $3 where tenant = $1 and version = $2 and templates is null",
        )
        .bind(tenant.as_str())
        .bind(catalog.cast_signed())
        .bind(lines.join("\n"))
        .execute(&self.inner.pools.write)
        .await?;
        Ok(())
    }

    /// The versions of templates, by their ids, from which tickets were opened that may still be worked on. Version 0
    /// stands for one that is not known.
    pub async fn templates_in_use(&self, tenant: &Tenant) -> Result<Vec<(String, u32)>, Unavailable> {
        let mut found = vec![];
        for state in State::ALL.into_iter().filter(|it| it.may_go_on()) {
            let query =
                "select distinct template, template_version from tickets where tenant = $1 and state = $2";
            let query = sqlx::query(query).bind(tenant.as_str()).bind(state.as_str());
            for row in query.fetch_all(&self.inner.pools.read).await? {
                found.push((row.try_get(0)?, u32::try_from(row.try_get::<i64, _>(1)?).unwrap_or_default()));
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }
}

/// Keeps the catalogues of a batch. A file is compared with that of its name in the version before.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let version = |it: Query, (tenant, at, files): &(Tenant, Timestamp, Files)| {
        let it = it.bind(tenant.as_str().to_owned()).bind(files.version.cast_signed());
        it.bind(at.0).bind(files.taken.clone())
    };
    statements.add_catalogs.write(connection, &batch.catalogs, version).await?;
    for (tenant, _, Files { version, files, .. }) in &batch.catalogs {
        let before = files!("$2");
        let query = sqlx::query(before).bind(tenant.as_str()).bind(version.cast_signed() - 1);
        let mut known: HashMap<String, (String, i64)> = HashMap::new();
        for row in query.fetch_all(&mut *connection).await? {
            known.insert(row.try_get(1)?, (row.try_get(2)?, row.try_get(3)?));
        }
        let rows: Vec<_> = (0_i64..).zip(files).collect();
        let bind = |it: Query, (place, (name, content)): &(i64, &(String, String))| {
            let it = it.bind(tenant.as_str().to_owned()).bind(version.cast_signed()).bind(*place);
            match known.get(name).filter(|(old, _)| old == content) {
                Some((_, since)) => it.bind(name.clone()).bind(String::new()).bind(*since),
                None => it.bind(name.clone()).bind(content.clone()).bind(version.cast_signed()),
            }
        };
        statements.add_files.write(connection, &rows, bind).await?;
    }
    Ok(())
}

fn catalog_of(rows: &[AnyRow]) -> Result<Option<Catalog>, Unavailable> {
    let Some(first) = rows.first() else { return Ok(None) };
    let version = first.try_get::<i64, _>(0)?.cast_unsigned();
    let files = rows.iter().map(|it| Ok((it.try_get(1)?, it.try_get(2)?)));
    Ok(Some((version, files.collect::<Result<_, sqlx::Error>>()?)))
}
