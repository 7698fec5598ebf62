//! Receipts: what became of each event at each downstream ticket store. A delivery is done when its
//! receipt is committed here. A sink's watermark is the position up to which every event has one.

use std::collections::BTreeMap;

use sqlx::{Any, AnyConnection, Row as _, Transaction, any::AnyRow};

use super::{Store, bulk::Query, fault::Unavailable, statements::Statements};
use crate::{
    domain::{id::TicketId, time::Timestamp},
    proto::event::Malformed,
};

/// What became of one event at one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Name of the sink.
    pub sink: String,
    /// Partition of the event.
    pub partition: u32,
    /// Position of the event.
    pub position: u64,
    /// Subject of the event: the identity of its ticket, as text.
    pub ticket: String,
    /// What became of it.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
}

/// What became of an event at a sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The sink has it.
    Delivered {
        /// The ticket's id there; empty if the sink has none.
        external: String,
    },
    /// The sink has no use for it.
    Skipped,
    /// It waits among the dead letters.
    Parked {
        /// Why.
        why: String,
    },
}

/// The stream's name among the watermarks; no sink has it.
const STREAM: &str = "";
/// Receipts looked at in one step while a watermark moves.
const STEP: i64 = 1000;

impl Store {
    /// Up to here a sink has a receipt for every event of a partition.
    pub async fn watermark(&self, sink: &str, partition: u32) -> Result<u64, Unavailable> {
        let row = sqlx::query("select position from watermarks where sink = $1 and partition = $2")
            .bind(sink)
            .bind(i64::from(partition))
            .fetch_optional(&self.inner.pools.read)
            .await?;
        Ok(row.map_or(Ok(0), |it| it.try_get::<i64, _>(0))?.cast_unsigned())
    }

    /// Up to here a partition's stream once had every event; it may have had more.
    pub async fn published(&self, partition: u32) -> Result<u64, Unavailable> {
        self.watermark(STREAM, partition).await
    }

    /// Takes note that a partition's stream has every event up to a position.
    pub async fn mark_published(&self, partition: u32, position: u64) -> Result<(), Unavailable> {
        sqlx::query(
            "insert into watermarks (sink, partition, position) values ($1, $2, $3) \
             on conflict (sink, partition) do update set position = excluded.position \
             where watermarks.position < excluded.position",
        )
        .bind(STREAM)
        .bind(i64::from(partition))
        .bind(position.cast_signed())
        .execute(&self.inner.pools.write)
        .await?;
        Ok(())
    }

    /// Keeps receipts, the tickets' ids there, and moves the watermarks: all or nothing.
    pub async fn settle(&self, receipts: &[Receipt]) -> Result<(), Unavailable> {
        let mut transaction = self.inner.pools.write.begin().await?;
        let mut places: Vec<_> = receipts.iter().map(|it| (it.sink.as_str(), it.partition)).collect();
        places.sort_unstable();
        places.dedup();
        let mut marks = Vec::new();
        for (sink, partition) in places {
            marks.push((sink, partition, locked(&mut transaction, sink, partition).await?));
        }
        put(&mut transaction, &self.inner.statements, receipts).await?;
        for (sink, partition, mark) in marks {
            advance(&mut transaction, sink, partition, mark).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// A ticket's id at a sink.
    pub async fn link(&self, sink: &str, ticket: TicketId) -> Result<Option<String>, Unavailable> {
        let row = sqlx::query("select external from links where sink = $1 and ticket = $2")
            .bind(sink)
            .bind(ticket.to_string())
            .fetch_optional(&self.inner.pools.read)
            .await?;
        Ok(row.map(|it| it.try_get(0)).transpose()?)
    }

    /// Dead letters, of one sink or of all, the oldest first.
    pub async fn parked(&self, sink: Option<&str>, limit: u32) -> Result<Vec<Receipt>, Unavailable> {
        let query = match sink {
            Some(sink) => sqlx::query(
                "select sink, partition, position, ticket, outcome, detail, at from receipts \
                 where outcome = 3 and sink = $1 order by sink, at, partition, position limit $2",
            )
            .bind(sink),
            None => sqlx::query(
                "select sink, partition, position, ticket, outcome, detail, at from receipts \
                 where outcome = 3 order by sink, at, partition, position limit $1",
            ),
        };
        let rows = query.bind(i64::from(limit)).fetch_all(&self.inner.pools.read).await?;
        rows.iter().map(receipt_of).collect()
    }

    /// Whether something of a ticket from before a position waits among the dead letters: what stands
    /// there waits behind it.
    pub async fn is_parked_before(
        &self,
        sink: &str,
        ticket: &str,
        position: u64,
    ) -> Result<bool, Unavailable> {
        let row = sqlx::query(
            "select position from receipts where outcome = 3 and sink = $1 and ticket = $2 \
             and position < $3 limit 1",
        )
        .bind(sink)
        .bind(ticket)
        .bind(position.cast_signed())
        .fetch_optional(&self.inner.pools.read)
        .await?;
        Ok(row.is_some())
    }

    /// Takes a dead letter's receipt away and moves the watermark back before it, so that the sink
    /// reads the event again. Gives the receipt, or nothing if the event was not parked.
    pub async fn unpark(
        &self,
        sink: &str,
        partition: u32,
        position: u64,
    ) -> Result<Option<Receipt>, Unavailable> {
        let mut transaction = self.inner.pools.write.begin().await?;
        let mark = locked(&mut transaction, sink, partition).await?;
        let row = sqlx::query(
            "delete from receipts where outcome = 3 and sink = $1 and partition = $2 and position = $3 \
             returning sink, partition, position, ticket, outcome, detail, at",
        )
        .bind(sink)
        .bind(i64::from(partition))
        .bind(position.cast_signed())
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let before = position.saturating_sub(1).cast_signed();
        mark_at(&mut transaction, sink, partition, mark.min(before)).await?;
        transaction.commit().await?;
        receipt_of(&row).map(Some)
    }
}

/// Locks a watermark until the transaction ends, and gives it.
async fn locked(
    transaction: &mut Transaction<'_, Any>,
    sink: &str,
    partition: u32,
) -> Result<i64, sqlx::Error> {
    let row = sqlx::query(
        "insert into watermarks (sink, partition, position) values ($1, $2, 0) \
         on conflict (sink, partition) do update set position = watermarks.position returning position",
    )
    .bind(sink)
    .bind(i64::from(partition))
    .fetch_one(&mut **transaction)
    .await?;
    row.try_get(0)
}

/// Writes receipts and links. One statement must not touch a row twice, so of two receipts for one
/// event the last counts.
async fn put(
    connection: &mut AnyConnection,
    statements: &Statements,
    receipts: &[Receipt],
) -> Result<(), sqlx::Error> {
    let place = |it: &Receipt| (it.sink.clone(), it.partition, it.position);
    let unique: BTreeMap<_, _> = receipts.iter().map(|it| (place(it), it)).collect();
    let rows: Vec<&Receipt> = unique.into_values().collect();
    statements.put_receipts.write(connection, &rows, |query, it| bind(query, it)).await?;
    let link = |it: &&Receipt| match &it.outcome {
        Outcome::Delivered { external } if !external.is_empty() => {
            Some(((it.sink.clone(), it.ticket.clone()), external.clone()))
        }
        Outcome::Delivered { .. } | Outcome::Skipped | Outcome::Parked { .. } => None,
    };
    let links: BTreeMap<_, _> = rows.iter().filter_map(link).collect();
    let links: Vec<_> = links.into_iter().collect();
    let bind = |query: Query, ((sink, ticket), external): &((String, String), String)| {
        query.bind(sink.clone()).bind(ticket.clone()).bind(external.clone())
    };
    statements.put_links.write(connection, &links, bind).await?;
    Ok(())
}

fn bind(query: Query, receipt: &Receipt) -> Query {
    let (outcome, detail) = match &receipt.outcome {
        Outcome::Delivered { external } => (1_i64, external.clone()),
        Outcome::Skipped => (2, String::new()),
        Outcome::Parked { why } => (3, why.clone()),
    };
    let query = query.bind(receipt.sink.clone()).bind(i64::from(receipt.partition));
    let query = query.bind(receipt.position.cast_signed()).bind(receipt.ticket.clone());
    query.bind(outcome).bind(detail).bind(receipt.at.0)
}

/// Moves a watermark over all receipts that follow it without a gap.
async fn advance(
    connection: &mut AnyConnection,
    sink: &str,
    partition: u32,
    from: i64,
) -> Result<(), sqlx::Error> {
    let mut mark = from;
    loop {
        let rows = sqlx::query(
            "select position from receipts where sink = $1 and partition = $2 and position > $3 \
             order by position limit $4",
        )
        .bind(sink)
        .bind(i64::from(partition))
        .bind(mark)
        .bind(STEP)
        .fetch_all(&mut *connection)
        .await?;
        let before = mark;
        for row in &rows {
            if row.try_get::<i64, _>(0)? != mark + 1 {
                break;
            }
            mark += 1;
        }
        if mark - before < STEP {
            return mark_at(connection, sink, partition, mark).await;
        }
    }
}

async fn mark_at(
    connection: &mut AnyConnection,
    sink: &str,
    partition: u32,
    position: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("update watermarks set position = $3 where sink = $1 and partition = $2")
        .bind(sink)
        .bind(i64::from(partition))
        .bind(position)
        .execute(connection)
        .await?;
    Ok(())
}

fn receipt_of(row: &AnyRow) -> Result<Receipt, Unavailable> {
    let detail: String = row.try_get(5)?;
    let outcome = match row.try_get::<i64, _>(4)? {
        1 => Outcome::Delivered { external: detail },
        2 => Outcome::Skipped,
        3 => Outcome::Parked { why: detail },
        _ => return Err(Malformed("receipt.outcome").into()),
    };
    Ok(Receipt {
        sink: row.try_get(0)?,
        partition: u32::try_from(row.try_get::<i64, _>(1)?).map_err(|_| Malformed("receipt.partition"))?,
        position: row.try_get::<i64, _>(2)?.cast_unsigned(),
        ticket: row.try_get(3)?,
        outcome,
        at: Timestamp(row.try_get(6)?),
    })
}
