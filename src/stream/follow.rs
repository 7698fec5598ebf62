//! All partitions' events as they come, for somebody who watches: from Redis or from the log. Nothing is
//! promised here but order within a partition.

use std::time::Duration;

use super::{
    RelaySettings,
    entry::EntryId,
    partition_stream::{NoAnswer, PartitionStream},
};
use crate::{
    proto::v1,
    store::{Store, Unavailable},
};

/// Partitions of a store that is not embedded.
const MOST: u32 = 16;
/// Events read at once from one partition.
const BATCH: u32 = 256;
/// Looking this often is soon enough for eyes.
const PAUSE: Duration = Duration::from_millis(250);

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// With what comes from now on.
    Now,
    /// After this position, in every partition.
    Position(u64),
}

/// Why there is nothing to watch.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// Redis does not answer.
    #[error(transparent)]
    Redis(#[from] NoAnswer),
    /// The store does not.
    #[error(transparent)]
    Store(#[from] Unavailable),
}

/// Follows the log of a store, or the streams of a Redis.
pub enum Follow {
    /// The log, with the position read in each partition.
    Log(Store, Vec<u64>),
    /// The streams, with the entry read in each.
    Streams(Vec<(PartitionStream, EntryId)>),
}

impl Follow {
    /// Follows a store's log.
    pub async fn log(store: Store, from: From) -> Result<Self, Lost> {
        let mut read = vec![];
        for partition in 0..store.partitions() {
            read.push(match from {
                From::Now => store.head(partition).await?.position,
                From::Position(position) => position,
            });
        }
        Ok(Self::Log(store, read))
    }

    /// Follows the streams of a Redis.
    pub async fn streams(settings: &RelaySettings, from: From) -> Result<Self, Lost> {
        let mut streams = vec![];
        for partition in 0..MOST {
            let mut stream = PartitionStream::new(settings, partition)?;
            let end = stream.end().await?;
            let last = match (from, end) {
                (From::Now, Some(end)) => end,
                // Entries of older epochs were seen long ago.
                (From::Position(position), Some(end)) => EntryId { epoch: end.epoch, position },
                (From::Now | From::Position(_), None) => EntryId::START,
            };
            streams.push((stream, last));
        }
        Ok(Self::Streams(streams))
    }

    /// What has come since the last call; waits a moment if nothing has.
    pub async fn next(&mut self) -> Result<Vec<v1::Event>, Lost> {
        let mut events = vec![];
        match self {
            Self::Log(store, read) => {
                for (partition, last) in (0..).zip(read) {
                    events.extend(store.events_after(partition, *last, BATCH).await?);
                    *last =
                        events.last().filter(|it| it.partition == partition).map_or(*last, |it| it.position);
                }
            }
            Self::Streams(streams) => {
                for (stream, last) in streams {
                    for (id, event) in stream.after(*last, BATCH).await? {
                        *last = id;
                        events.extend(event);
                    }
                }
            }
        }
        if events.is_empty() {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(events)
    }
}
