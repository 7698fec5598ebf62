//! Events of which something follows for other tickets, which may lie in another partition: noted in the transaction
//! that commits them, and struck off when it has been done. What is done twice is found done.

use prost::Message as _;
use sqlx::{Row as _, any::AnyRow};

use super::{Store, fault::Unavailable};
use crate::proto::v1;

/// An event of which something follows, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Consequence {
    /// Partition of the event.
    pub partition: u32,
    /// Position of the event.
    pub position: u64,
    /// The event.
    pub event: v1::Event,
}

impl Store {
    /// Events of which something is still to follow, in the order of each partition.
    pub async fn consequences(&self, limit: u32) -> Result<Vec<Consequence>, Unavailable> {
        let rows = sqlx::query(
            "select c.partition, c.position, e.payload from consequences c \
             join events e on e.partition = c.partition and e.position = c.position \
             order by c.partition, c.position limit $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.inner.pools.read)
        .await?;
        let entry = |row: &AnyRow| {
            let partition = u32::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default();
            let position = row.try_get::<i64, _>(1)?.cast_unsigned();
            let event = v1::Event::decode(row.try_get::<Vec<u8>, _>(2)?.as_slice())?;
            Ok(Consequence { partition, position, event })
        };
        rows.iter().map(entry).collect()
    }

    /// Strikes off an event: all that follows of it has been done.
    pub async fn strike_off(&self, it: &Consequence) -> Result<(), Unavailable> {
        sqlx::query("delete from consequences where partition = $1 and position = $2")
            .bind(i64::from(it.partition))
            .bind(it.position.cast_signed())
            .execute(&self.inner.pools.write)
            .await?;
        Ok(())
    }
}
