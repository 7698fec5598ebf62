//! Who was asked whether theirs is the same as a wave, and what they said. A row is the person's own and lies in the
//! transaction of their conversation, so joining a wave writes nothing of the wave.

use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::Batch,
    bulk::{Query, Shape},
    fault::Unavailable,
    save::Unsaved,
    statements::Statements,
};
use crate::{
    domain::{
        id::{TicketId, WaveId},
        people::{Person, Tenant},
        time::Timestamp,
        wave::{Involved, Standing},
    },
    proto::{
        event::Malformed,
        ticket::{person_from, person_to},
        v1,
    },
};

/// Who has said yes stays where they are when they are asked once more, and who has left does not come back by an old yes.
pub(super) const PUT: Shape = (
    "insert into wave_people (tenant, wave, person, ticket, state, at, body)",
    7,
    "on conflict (tenant, wave, person) do update set state = excluded.state, ticket = excluded.ticket, \
     at = excluded.at where wave_people.state = 'asked' and excluded.state <> 'asked' or excluded.state = 'left'",
);
/// How many have joined a wave.
pub(super) const JOINED: &str = "(select count(*) from wave_people p where p.tenant = a.tenant and p.wave = a.id \
                                 and p.state = 'joined')";

impl Store {
    /// The waves that somebody was asked about, the first ones first.
    pub async fn involved(&self, tenant: &Tenant, person: &Person) -> Result<Vec<Involved>, Unavailable> {
        let rows = sqlx::query(
            "select wave, ticket, state, body from wave_people where tenant = $1 and person = $2 order by at",
        )
        .bind(tenant.as_str())
        .bind(person.key())
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(involved_of).collect()
    }

    /// Whether somebody was asked about a wave.
    pub async fn is_involved(
        &self,
        tenant: &Tenant,
        wave: WaveId,
        person: &Person,
    ) -> Result<bool, Unavailable> {
        let row =
            sqlx::query("select 1 from wave_people where tenant = $1 and wave = $2 and person = $3 limit 1")
                .bind(tenant.as_str())
                .bind(wave.bytes().to_vec())
                .bind(person.key())
                .fetch_optional(&self.inner.pools.read)
                .await?;
        Ok(row.is_some())
    }

    /// Those who have joined a wave, in the order of their keys, behind one of them.
    pub async fn joined(
        &self,
        tenant: &Tenant,
        wave: WaveId,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Person>, Unavailable> {
        let rows = sqlx::query(
            "select wave, ticket, state, body from wave_people \
             where tenant = $1 and wave = $2 and person > $3 and state = 'joined' order by person limit $4",
        )
        .bind(tenant.as_str())
        .bind(wave.bytes().to_vec())
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(|it| Ok(involved_of(it)?.person)).collect()
    }

    /// How many said yes to a wave before somebody did at a time.
    pub async fn joined_before(
        &self,
        tenant: &Tenant,
        wave: WaveId,
        (at, person): (Timestamp, &Person),
    ) -> Result<i64, Unavailable> {
        let row = sqlx::query(
            "select count(*) from wave_people \
             where tenant = $1 and wave = $2 and (at < $3 or at = $3 and person < $4) \
             and state in ('joined', 'left')",
        )
        .bind(tenant.as_str())
        .bind(wave.bytes().to_vec())
        .bind(at.0)
        .bind(person.key())
        .fetch_one(&self.inner.pools.read)
        .await?;
        Ok(row.try_get(0)?)
    }
}

/// Writes who was asked in a batch, and what they said.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let rows: Vec<_> = batch.involved.iter().collect();
    type Key = (Tenant, WaveId, String);
    let bind = |it: Query, ((tenant, wave, person), (at, row)): &(&Key, &(Timestamp, Involved))| {
        let it = it.bind(tenant.as_str().to_owned()).bind(wave.bytes().to_vec()).bind(person.clone());
        let it = it.bind(row.ticket.bytes().to_vec()).bind(row.standing.as_str()).bind(at.0);
        it.bind(person_to(&row.person).encode_to_vec())
    };
    statements.put_wave_people.write(connection, &rows, bind).await?;
    Ok(())
}

fn involved_of(row: &AnyRow) -> Result<Involved, Unavailable> {
    let bytes = |at: usize| {
        let bytes: Vec<u8> = row.try_get(at)?;
        bytes.try_into().map_err(|_| Unavailable::from(Malformed("wave_people.id")))
    };
    let person = v1::Person::decode(row.try_get::<Vec<u8>, _>(3)?.as_slice())?;
    let standing = Standing::parse(&row.try_get::<String, _>(2)?);
    Ok(Involved {
        wave: WaveId::from_bytes(bytes(0)?),
        ticket: TicketId::from_bytes(bytes(1)?),
        person: person_from(&person),
        standing: standing.ok_or(Malformed("wave_people.state"))?,
    })
}
