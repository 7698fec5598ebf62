//! Reading the history: the events of a partition or of one ticket, and whether the chain holds.

use prost::Message as _;
use sqlx::{Row as _, any::AnyRow};

use super::{Store, chain, fault::Unavailable};
use crate::{
    domain::{id::TicketId, people::Tenant},
    proto::{event::Malformed, v1},
};

/// Where a partition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Rises when the database was restored or failed over.
    pub epoch: u64,
    /// Position of the last event; 0 if there is none.
    pub position: u64,
}

/// What a check of a partition's history found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// All of it is as it was written, up to this position.
    Whole(u64),
    /// The first position that is not as it was written, or is not there.
    Broken(u64),
}

/// Events read at once by a check.
const PAGE: u32 = 1000;

impl Store {
    /// Events of one ticket after a position, in order.
    pub async fn history(
        &self,
        tenant: &Tenant,
        ticket: TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<v1::Event>, Unavailable> {
        self.history_of(tenant, ticket.bytes(), after, limit).await
    }

    /// Events of one subject after a position, in order.
    pub(super) async fn history_of(
        &self,
        tenant: &Tenant,
        subject: &[u8; 16],
        after: u64,
        limit: u32,
    ) -> Result<Vec<v1::Event>, Unavailable> {
        let rows = sqlx::query(
            "select payload from events where subject = $1 and position > $2 and tenant = $3 \
             order by position limit $4",
        )
        .bind(subject.to_vec())
        .bind(bound(after))
        .bind(tenant.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(event_of).collect()
    }

    /// Events of a partition after a position, in order and without gaps.
    pub async fn events_after(
        &self,
        partition: u32,
        position: u64,
        limit: u32,
    ) -> Result<Vec<v1::Event>, Unavailable> {
        let rows = sqlx::query(
            "select payload from events where partition = $1 and position > $2 order by position limit $3",
        )
        .bind(i64::from(partition))
        .bind(bound(position))
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(event_of).collect()
    }

    /// Where a partition stands.
    pub async fn head(&self, partition: u32) -> Result<Head, Unavailable> {
        let row = sqlx::query("select epoch, head from partitions where id = $1")
            .bind(i64::from(partition))
            .fetch_one(&self.inner.pools.read)
            .await?;
        let number = |place| row.try_get::<i64, _>(place).map(i64::cast_unsigned);
        Ok(Head { epoch: number(0)?, position: number(1)? })
    }

    /// Reads a partition's whole history and checks every link of its chain.
    pub async fn check_chain(&self, partition: u32) -> Result<Chain, Unavailable> {
        // The head is read first, so that events committed meanwhile do not look like too many.
        let (head, last) = self.end_of(partition).await?;
        let (mut position, mut hash) = (0_u64, chain::START);
        while position < head {
            let rows = sqlx::query(
                "select position, payload, hash, coalesce(digest, hash), digest is null from events \
                 where partition = $1 and position > $2 order by position limit $3",
            )
            .bind(i64::from(partition))
            .bind(position.cast_signed())
            .bind(i64::from(PAGE))
            .fetch_all(&self.inner.pools.read)
            .await?;
            if rows.is_empty() {
                return Ok(Chain::Broken(position + 1));
            }
            for row in rows.iter().take(usize::try_from(head - position).unwrap_or(usize::MAX)) {
                let is_next = row.try_get::<i64, _>(0)?.cast_unsigned() == position + 1;
                hash = chain::link(&hash, &digest_of(row)?);
                if !is_next || row.try_get::<Vec<u8>, _>(2)? != hash {
                    return Ok(Chain::Broken(position + 1));
                }
                position += 1;
            }
        }
        Ok(if last == hash { Chain::Whole(head) } else { Chain::Broken(head) })
    }

    async fn end_of(&self, partition: u32) -> Result<(u64, Vec<u8>), Unavailable> {
        let row = sqlx::query("select head, hash from partitions where id = $1")
            .bind(i64::from(partition))
            .fetch_one(&self.inner.pools.read)
            .await?;
        Ok((row.try_get::<i64, _>(0)?.cast_unsigned(), row.try_get(1)?))
    }
}

/// The hash of an event's bytes; of erased ones it was kept.
fn digest_of(row: &AnyRow) -> Result<chain::Hash, Unavailable> {
    let payload: Vec<u8> = row.try_get(1)?;
    let kept: Vec<u8> = row.try_get(3)?;
    if payload.is_empty() {
        Ok(kept.try_into().map_err(|_| Malformed("event.digest"))?)
    } else {
        Ok(chain::digest(&payload))
    }
}

/// A position that a caller named. One beyond all that a database can hold must not wrap around to before
/// the first.
fn bound(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

fn event_of(row: &AnyRow) -> Result<v1::Event, Unavailable> {
    Ok(v1::Event::decode(row.try_get::<Vec<u8>, _>(0)?.as_slice())?)
}
