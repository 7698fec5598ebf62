//! Incident waves in the database, and what is usual. All waves of a tenant lie in one partition, so that whoever proposes
//! one sees those that there are.

use std::collections::HashMap;

use prost::Message as _;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _, any::AnyRow};

use super::{
    Store,
    batch::Batch,
    bulk::{Query, Shape},
    fault::Unavailable,
    filter::{Value, bound, conditions},
    find::tenant_of,
    save::Unsaved,
    statements::Statements,
    wave_people::JOINED,
};
use crate::{
    domain::{
        id::WaveId,
        lookup::WaveRef,
        people::Tenant,
        time::Timestamp,
        wave::{Wave, WaveState},
    },
    proto::{
        event::Malformed,
        v1,
        wave::{rates_from, rates_to, wave_from, wave_to},
    },
    routing::waves::Rates,
};

/// For so long after its last message a wave that has ended is known again by its conversations, in milliseconds.
const KNOWN: i64 = 2 * 3_600_000;

pub(super) const FIND: Shape = (
    "select a.tenant, a.id, a.body, (select count(*) from wave_people p where p.tenant = a.tenant and p.wave = a.id \
     and p.state = 'joined') from (",
    2,
    ") as w join waves a on a.tenant = w.column1 and a.until > w.column2",
);
pub(super) const PUT: Shape = (
    "insert into waves (id, tenant, number, state, until, version, body)",
    7,
    "on conflict (id) do update set state = excluded.state, until = excluded.until, version = excluded.version, \
     body = excluded.body where waves.tenant = excluded.tenant",
);

impl Store {
    /// One wave.
    pub async fn wave(&self, tenant: &Tenant, which: &WaveRef) -> Result<Option<Wave>, Unavailable> {
        let query = match which {
            WaveRef::Id(id) => {
                sqlx::query(of("and a.id = $2")).bind(tenant.as_str()).bind(id.bytes().to_vec())
            }
            WaveRef::Number(number) => {
                sqlx::query(of("and a.number = $2")).bind(tenant.as_str()).bind(number.as_str())
            }
        };
        let row = query.fetch_optional(&self.inner.pools.read).await?;
        row.map(|it| wave_of(&it, 0)).transpose()
    }

    /// Waves in a state or in any, the newest first, older than one of them.
    pub async fn waves(
        &self,
        tenant: &Tenant,
        state: Option<WaveState>,
        before: Option<WaveId>,
        limit: u32,
    ) -> Result<Vec<Wave>, Unavailable> {
        let (sql, values) = conditions([
            ("state = ?", state.map(|it| Value::Text(it.as_str().to_owned()))),
            ("id < ?", before.map(|it| Value::Bytes(it.bytes().to_vec()))),
        ]);
        let most = values.len() + 2;
        let sql = format!(
            "select body, {JOINED} from waves a where tenant = $1{sql} order by id desc limit ${most}"
        );
        let rows =
            bound(sql, tenant, &values).bind(i64::from(limit)).fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(|it| wave_of(it, 0)).collect()
    }

    /// The waves that are to be decided about or worked on.
    pub async fn current_waves(&self, tenant: &Tenant) -> Result<Vec<Wave>, Unavailable> {
        let rows = sqlx::query(of("and a.until = $2 order by a.id"))
            .bind(tenant.as_str())
            .bind(i64::MAX)
            .fetch_all(&self.inner.pools.read)
            .await?;
        rows.iter().map(|it| wave_of(it, 0)).collect()
    }

    /// The waves that callers may be asked about at this moment: those that are accepted and not over.
    pub async fn accepted_waves(&self, tenant: &Tenant) -> Result<Vec<WaveId>, Unavailable> {
        let rows = sqlx::query(
            "select id from waves where tenant = $1 and until = $2 and state in ('accepted', 'running')",
        )
        .bind(tenant.as_str())
        .bind(i64::MAX)
        .fetch_all(&self.inner.pools.read)
        .await?;
        let id = |row: &AnyRow| {
            let bytes: Vec<u8> = row.try_get(0)?;
            Ok(WaveId::from_bytes(bytes.try_into().map_err(|_| Malformed("wave.id"))?))
        };
        rows.iter().map(id).collect()
    }

    /// The tenants that have a wave that is current.
    pub async fn tenants_with_waves(&self) -> Result<Vec<Tenant>, Unavailable> {
        let rows = sqlx::query("select distinct tenant from waves where until = $1")
            .bind(i64::MAX)
            .fetch_all(&self.inner.pools.read)
            .await?;
        rows.iter().map(tenant_of).collect()
    }

    /// What is usual for a tenant, as it was kept last.
    pub async fn wave_rates(&self, tenant: &Tenant) -> Result<Option<Rates>, Unavailable> {
        let row = sqlx::query("select body from wave_rates where tenant = $1")
            .bind(tenant.as_str())
            .fetch_optional(&self.inner.pools.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let rates = v1::WaveRates::decode(row.try_get::<Vec<u8>, _>(0)?.as_slice())?;
        Ok(Some(rates_from(&rates)))
    }

    /// Keeps what is usual for a tenant, unless more recent experience is kept, which is none of a time that is yet to
    /// come. That is no event: it follows from the messages, and from when somebody listened.
    pub async fn keep_wave_rates(
        &self,
        tenant: &Tenant,
        rates: &Rates,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        sqlx::query(
            "insert into wave_rates (tenant, until, body) values ($1, $2, $3) \
             on conflict (tenant) do update set until = excluded.until, body = excluded.body \
             where wave_rates.until < excluded.until or $4 < wave_rates.until",
        )
        .bind(tenant.as_str())
        .bind(rates.until().0)
        .bind(rates_to(rates).encode_to_vec())
        .bind(now.0)
        .execute(&self.inner.pools.write)
        .await?;
        Ok(())
    }

    /// The position of the last event of a partition that was decided before a time; 0 if there is none. Events are in
    /// the order of time but for moments.
    pub async fn position_before(&self, partition: u32, at: Timestamp) -> Result<u64, Unavailable> {
        let (mut low, mut high) = (0, self.head(partition).await?.position);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let row = sqlx::query("select at from events where partition = $1 and position = $2")
                .bind(i64::from(partition))
                .bind(middle.cast_signed())
                .fetch_one(&self.inner.pools.read)
                .await?;
            if row.try_get::<i64, _>(0)? < at.0 {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Ok(low)
    }
}

/// The waves of tenants that matter at a time: those that are current, and those that ended not long ago.
pub(super) async fn wanted(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[(Tenant, Timestamp)],
) -> Result<HashMap<WaveId, (Tenant, Wave)>, Unavailable> {
    let key = |it: Query, (tenant, at): &(Tenant, Timestamp)| it.bind(tenant.as_str().to_owned()).bind(at.0);
    let rows = statements.find_waves.find(connection, wanted, key).await?;
    let entry = |row: &AnyRow| {
        let wave = wave_of(row, 2)?;
        Ok((wave.id, (tenant_of(row)?, wave)))
    };
    rows.iter().map(entry).collect()
}

/// Writes the waves of a batch.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let rows: Vec<_> = batch.waves.values().collect();
    let bind = |it: Query, (tenant, wave): &&(Tenant, Wave)| {
        let until = if wave.state.is_current() { i64::MAX } else { wave.last.max(wave.updated).0 + KNOWN };
        let it = it.bind(wave.id.bytes().to_vec()).bind(tenant.as_str().to_owned()).bind(wave.number.clone());
        let it = it.bind(wave.state.as_str()).bind(until).bind(wave.version.cast_signed());
        it.bind(wave_to(wave).encode_to_vec())
    };
    statements.put_waves.write(connection, &rows, bind).await?;
    Ok(())
}

/// The query for waves of a tenant ($1), and how many joined each of them.
fn of(rest: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("select a.body, {JOINED} from waves a where a.tenant = $1 {rest}"))
}

/// A wave from its body and, behind that, how many have joined it.
fn wave_of(row: &AnyRow, at: usize) -> Result<Wave, Unavailable> {
    let wave = wave_from(&v1::Wave::decode(row.try_get::<Vec<u8>, _>(at)?.as_slice())?)?;
    let joined: i64 = row.try_get(at + 1)?;
    Ok(Wave { joined: u32::try_from(joined).unwrap_or(u32::MAX), ..wave })
}
