//! The register of assets. All assets of a tenant lie in one partition, so that one transaction can change any of them
//! and nobody changes another at the same moment.

use std::collections::HashMap;

use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::Batch,
    bulk::{Query, Shape},
    fault::Unavailable,
    filter::{self, Value, bound},
    find::{self, tenant_of},
    save::{Unsaved, changed},
    statements::Statements,
};
use crate::{
    domain::{
        asset::{Asset, AssetState},
        id::{AssetId, ProfileId, TicketId},
        people::Tenant,
        ticket::Ticket,
    },
    proto::{
        asset::{asset_from, asset_to},
        event::Malformed,
        v1,
    },
};

pub(super) const FIND_REGISTERS: Shape = (
    "select w.column1, coalesce((select max(a.changed) from assets a where a.tenant = w.column1), 0) from (",
    1,
    ") as w",
);
pub(super) const PUT: Shape = (
    "insert into assets (id, tenant, tag, host, serial, owner, type, state, changed, version, body)",
    11,
    "on conflict (id) do update set tag = excluded.tag, host = excluded.host, serial = excluded.serial, \
     owner = excluded.owner, type = excluded.type, state = excluded.state, changed = excluded.changed, \
     version = excluded.version, body = excluded.body where assets.tenant = excluded.tenant",
);

pub(super) const PUT_LINKED: Shape =
    ("insert into linked_tickets (ticket, tenant)", 2, "on conflict (ticket) do nothing");
pub(super) const DROP_LINKED: Shape = ("delete from linked_tickets where ticket in (", 1, ")");

/// Conditions that must all hold; an empty one does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssetFilter {
    /// Id of the type.
    pub kind: Option<String>,
    /// Where it is in its life.
    pub state: Option<AssetState>,
    /// Whose it is.
    pub owner: Option<ProfileId>,
    /// Name in the network, lower case.
    pub host: Option<String>,
    /// Serial number, upper case.
    pub serial: Option<String>,
}

/// How many assets there are, by type and state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssetCounts(HashMap<(String, String), u64>);

impl AssetCounts {
    /// Those of a type in a state.
    pub fn of(&self, kind: &str, state: AssetState) -> u64 {
        self.0.get(&(kind.to_owned(), state.as_str().to_owned())).copied().unwrap_or_default()
    }
}

impl Store {
    /// How many assets are in the register, by type and state.
    pub async fn count_assets(&self, tenant: &Tenant) -> Result<AssetCounts, Unavailable> {
        let rows = sqlx::query(
            "select type, state, count(*) from assets where tenant = $1 and tag is not null group by type, state",
        )
        .bind(tenant.as_str())
        .fetch_all(&self.inner.pools.read)
        .await?;
        let entry = |row: &AnyRow| {
            Ok(((row.try_get(0)?, row.try_get(1)?), row.try_get::<i64, _>(2)?.cast_unsigned()))
        };
        Ok(AssetCounts(rows.iter().map(entry).collect::<Result<_, Unavailable>>()?))
    }

    /// One asset, also one that was taken out.
    pub async fn asset(&self, tenant: &Tenant, id: AssetId) -> Result<Option<Asset>, Unavailable> {
        Ok(self.assets_by_id(tenant, &[id]).await?.into_iter().next())
    }

    /// Assets by their identities, in any order.
    pub async fn assets_by_id(&self, tenant: &Tenant, ids: &[AssetId]) -> Result<Vec<Asset>, Unavailable> {
        self.assets_with(tenant, "id", ids.iter().map(|it| Value::Bytes(it.bytes().to_vec())).collect()).await
    }

    /// Assets by their tags, upper case, in any order.
    pub async fn assets_by_tag(&self, tenant: &Tenant, tags: &[String]) -> Result<Vec<Asset>, Unavailable> {
        self.assets_with(tenant, "tag", tags.iter().cloned().map(Value::Text).collect()).await
    }

    /// Assets by their names in the network, lower case, in any order; also those that were taken out.
    pub async fn assets_by_host(&self, tenant: &Tenant, hosts: &[String]) -> Result<Vec<Asset>, Unavailable> {
        self.assets_with(tenant, "host", hosts.iter().cloned().map(Value::Text).collect()).await
    }

    async fn assets_with(
        &self,
        tenant: &Tenant,
        column: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Asset>, Unavailable> {
        let rows = self.rows_with(tenant, "select body from assets", column, &values).await?;
        rows.iter().map(|it| asset_of(it, 0)).collect()
    }

    /// Assets that fit a filter and were not taken out, in the order of their ids, behind `after`.
    pub async fn assets(
        &self,
        tenant: &Tenant,
        filter: &AssetFilter,
        after: Option<AssetId>,
        limit: u32,
    ) -> Result<Vec<Asset>, Unavailable> {
        let (sql, values) = conditions(filter);
        let (after_place, most) = (values.len() + 2, values.len() + 3);
        let sql = format!(
            "select body from assets where tenant = $1 and tag is not null{sql} and id > ${after_place} \
             order by id limit ${most}"
        );
        let after = after.map_or_else(Vec::new, |it| it.bytes().to_vec());
        let query = bound(sql, tenant, &values).bind(after).bind(i64::from(limit));
        let rows = query.fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(|it| asset_of(it, 0)).collect()
    }

    /// Assets of a register that changed after the place `after`, with those that were taken out, in the order in which
    /// they changed, and the place of each: whoever asks again with the last one misses nothing.
    pub async fn assets_since(
        &self,
        tenant: &Tenant,
        after: Option<(u64, AssetId)>,
        limit: u32,
    ) -> Result<Vec<(u64, Asset)>, Unavailable> {
        let (changed, id) = after.map_or((0, vec![]), |(at, id)| (at, id.bytes().to_vec()));
        let rows = sqlx::query(
            "select changed, body from assets where tenant = $1 and (changed, id) > ($2, $3) \
             order by changed, id limit $4",
        )
        .bind(tenant.as_str())
        .bind(changed.cast_signed())
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(|it| Ok((it.try_get::<i64, _>(0)?.cast_unsigned(), asset_of(it, 1)?))).collect()
    }

    /// Open tickets that assets are linked to, behind one of them.
    pub async fn linked_tickets(
        &self,
        tenant: &Tenant,
        after: Option<TicketId>,
        limit: u32,
    ) -> Result<Vec<Ticket>, Unavailable> {
        let rows = sqlx::query(
            "select t.body from linked_tickets a join tickets t on t.id = a.ticket \
             where a.tenant = $1 and a.ticket > $2 order by a.ticket limit $3",
        )
        .bind(tenant.as_str())
        .bind(after.map_or_else(Vec::new, |it| it.bytes().to_vec()))
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(|it| find::ticket_of(&it.try_get::<Vec<u8>, _>(0)?)).collect()
    }

    /// Tenants with open tickets that assets are linked to.
    pub async fn tenants_with_linked(&self) -> Result<Vec<Tenant>, Unavailable> {
        let rows = sqlx::query("select distinct tenant from linked_tickets");
        let rows = rows.fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(tenant_of).collect()
    }

    /// Changes of one asset after a position, in order.
    pub async fn asset_history(
        &self,
        tenant: &Tenant,
        id: AssetId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<v1::Event>, Unavailable> {
        self.history_of(tenant, id.bytes(), after, limit).await
    }
}

/// When registers last changed; 0 for one that has nothing.
pub(super) async fn registers(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[Tenant],
) -> Result<HashMap<Tenant, u64>, Unavailable> {
    let key = |it: Query, tenant: &Tenant| it.bind(tenant.as_str().to_owned());
    let rows = statements.find_registers.find(connection, wanted, key).await?;
    rows.iter().map(|row| Ok((tenant_of(row)?, row.try_get::<i64, _>(1)?.cast_unsigned()))).collect()
}

/// Writes the assets of a batch. All of them changed at its end.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let mut rows: Vec<_> = batch.assets.values().collect();
    // What gives a tag up comes before what takes it.
    rows.sort_by_key(|(_, it)| (!it.removed, it.id));
    let changed = batch.known.place.head.cast_signed();
    let bind = |it: Query, (tenant, asset): &&(Tenant, Asset)| {
        let details = &asset.details;
        let it = it.bind(asset.id.bytes().to_vec()).bind(tenant.as_str().to_owned());
        let it = it.bind((!asset.removed).then(|| details.tag.clone()));
        let it = it.bind(details.host.clone()).bind(details.serial.clone());
        let it = it.bind(details.owner.map(|it| it.bytes().to_vec()));
        let it = it.bind(details.kind.clone()).bind(details.state.as_str());
        it.bind(changed).bind(asset.version.cast_signed()).bind(asset_to(asset).encode_to_vec())
    };
    let count = statements.put_assets.write(connection, &rows, bind).await?;
    linked(connection, statements, batch).await?;
    if count == rows.len() as u64 { Ok(()) } else { Err(Unsaved::Stale("asset")) }
}

/// Which open tickets have links. One that lost its last link stays until it is over: it costs no more than a look.
async fn linked(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let tickets = changed(&batch.known.tickets).filter(|(_, it)| !it.now.assets.links.is_empty());
    let (mut open, mut over): (Vec<_>, Vec<_>) = tickets
        .map(|(tenant, it)| (it.now.id, tenant.as_str().to_owned(), it.now.state.is_open()))
        .partition(|it| it.2);
    open.sort();
    over.sort();
    let bind = |it: Query, (id, tenant, _): &(TicketId, String, bool)| {
        it.bind(id.bytes().to_vec()).bind(tenant.clone())
    };
    statements.put_linked.write(connection, &open, bind).await?;
    let bind = |it: Query, (id, ..): &(TicketId, String, bool)| it.bind(id.bytes().to_vec());
    statements.drop_linked.write(connection, &over, bind).await?;
    Ok(())
}

/// The conditions of a filter as SQL with placeholders from `$2` on, and what stands in them.
fn conditions(filter: &AssetFilter) -> (String, Vec<Value>) {
    let text = |it: &Option<String>| it.clone().map(Value::Text);
    filter::conditions([
        // The first halves are what the indices are made for.
        ("host <> '' and host = ?", text(&filter.host)),
        ("serial <> '' and serial = ?", text(&filter.serial)),
        ("owner is not null and owner = ?", filter.owner.map(|it| Value::Bytes(it.bytes().to_vec()))),
        ("type = ?", text(&filter.kind)),
        ("state = ?", filter.state.map(|it| Value::Text(it.as_str().to_owned()))),
    ])
}

fn asset_of(row: &AnyRow, column: usize) -> Result<Asset, Unavailable> {
    let body = row.try_get::<Vec<u8>, _>(column)?;
    let asset = v1::Asset::decode(body.as_slice())?;
    asset_from(&asset).map_err(|it: Malformed| it.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scan would go unnoticed until there are many rows.
    #[tokio::test]
    async fn assets_are_looked_up_by_index() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let store = Store::open(&url).await.unwrap();
        let some = || Some("x".to_owned());
        let owner = Some(ProfileId::from_bytes([0; 16]));
        let filters = [
            (AssetFilter { host: some(), ..AssetFilter::default() }, "assets_host"),
            (AssetFilter { serial: some(), ..AssetFilter::default() }, "assets_serial"),
            (AssetFilter { owner, ..AssetFilter::default() }, "assets_owner"),
            (AssetFilter { kind: some(), ..AssetFilter::default() }, "assets_in_order"),
        ];
        let tenant = Tenant::parse("default").unwrap();
        for (filter, index) in filters {
            let (sql, values) = conditions(&filter);
            let place = values.len() + 2;
            let sql = format!(
                "explain query plan select body from assets where tenant = $1 and tag is not null{sql} \
                 and id > ${place} order by id limit 5"
            );
            let plan = bound(sql, &tenant, &values).bind(vec![0_u8]).fetch_all(&store.inner.pools.read).await;
            let steps: Vec<String> = plan.unwrap().iter().map(|it| it.get("detail")).collect();
            assert!(steps.iter().any(|it| it.contains(index)), "{steps:?} without {index}");
        }
        let plan = sqlx::query(
            "explain query plan select body from assets where tenant = $1 and (changed, id) > ($2, $3) \
             order by changed, id limit 5",
        );
        let plan = plan.bind("x").bind(1_i64).bind(vec![0_u8]).fetch_all(&store.inner.pools.read).await;
        let steps: Vec<String> = plan.unwrap().iter().map(|it| it.get("detail")).collect();
        assert!(steps.iter().all(|it| it.contains("assets_changed")), "{steps:?}");
    }
}
