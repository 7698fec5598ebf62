//! A partition's events in order, for our own sinks. From the Redis stream where there is one; from the
//! log where the stream has a gap, was trimmed or flushed, lags, is away, or is not ours. Either way the
//! sink sees every event once and in order: the log decides what is true.

use tokio::sync::watch;

use super::{
    RelaySettings,
    entry::EntryId,
    news,
    partition_stream::{Entry, NoAnswer, PartitionStream},
    relay::is_same,
};
use crate::{
    proto::v1,
    store::{Store, Unavailable},
};

/// Reads left to the log after Redis has failed one, or held what is not ours; asking it every time would
/// make each read slow.
const PATIENCE: u32 = 32;

/// Where a sink reads.
pub enum Reader {
    /// Straight from the log: no Redis is configured.
    Log(LogReader),
    /// From the Redis stream, filled from the log.
    Stream(Box<StreamReader>),
}

impl Reader {
    /// A reader of the log.
    pub fn log(store: Store, partition: u32) -> Self {
        Self::Log(LogReader::new(store, partition))
    }

    /// A reader of the partition's stream.
    pub fn stream(store: Store, partition: u32, settings: &RelaySettings) -> Result<Self, NoAnswer> {
        let stream = PartitionStream::new(settings, partition)?;
        let log = LogReader::new(store, partition);
        Ok(Self::Stream(Box::new(StreamReader { log, stream, last: EntryId::START, resting: 0 })))
    }

    /// Events after a position, without a gap; empty if there are none yet.
    pub async fn next(&mut self, after: u64, limit: u32) -> Result<Vec<v1::Event>, Unavailable> {
        match self {
            Self::Log(it) => it.next(after, limit).await,
            Self::Stream(it) => it.next(after, limit).await,
        }
    }

    /// Waits until there may be more, for about a second at most.
    pub async fn wait(&mut self) {
        match self {
            Self::Log(it) => news(&mut it.committed).await,
            Self::Stream(it) => it.wait().await,
        }
    }
}

/// Reads the log.
pub struct LogReader {
    store: Store,
    partition: u32,
    committed: watch::Receiver<u64>,
}

impl LogReader {
    fn new(store: Store, partition: u32) -> Self {
        let committed = store.committed(partition);
        Self { store, partition, committed }
    }

    async fn next(&mut self, after: u64, limit: u32) -> Result<Vec<v1::Event>, Unavailable> {
        // Marked as seen before looking, so that a commit in between still wakes the next wait.
        self.committed.borrow_and_update();
        self.store.events_after(self.partition, after, limit).await
    }
}

/// Reads the stream, and the log where the stream does not hold what it should.
pub struct StreamReader {
    log: LogReader,
    stream: PartitionStream,
    /// The entry of the event read last.
    last: EntryId,
    resting: u32,
}

impl StreamReader {
    async fn next(&mut self, after: u64, limit: u32) -> Result<Vec<v1::Event>, Unavailable> {
        let from = self.entry_at(after).await?;
        let read = match self.entries(from, limit).await {
            Some(entries) if entries.is_empty() => vec![],
            Some(entries) => {
                let trusted = self.trusted(after, entries).await?;
                if trusted.is_empty() {
                    // They stay where they are: waiting for entries would end at once, again and again.
                    self.resting = PATIENCE;
                }
                trusted
            }
            None => vec![],
        };
        let events = if read.is_empty() { self.log.next(after, limit).await? } else { read };
        self.last = events.last().map_or(from, EntryId::of);
        Ok(events)
    }

    async fn entries(&mut self, from: EntryId, limit: u32) -> Option<Vec<Entry>> {
        if self.resting > 0 {
            self.resting -= 1;
            return None;
        }
        match self.stream.after(from, limit).await {
            Ok(entries) => Some(entries),
            Err(error) => {
                tracing::debug!(%error, "reading the log instead of the stream");
                self.resting = PATIENCE;
                None
            }
        }
    }

    /// The entries that follow `after` without a gap, if the log knows the last of them. Batches are
    /// added only behind what the stream held, so the ones before it are of the same history.
    async fn trusted(&self, after: u64, entries: Vec<Entry>) -> Result<Vec<v1::Event>, Unavailable> {
        let events: Vec<v1::Event> = entries
            .into_iter()
            .zip(after + 1..)
            .map_while(|((id, event), position)| {
                event.filter(|it| EntryId::of(it) == id && it.position == position)
            })
            .collect();
        let Some(last) = events.last() else { return Ok(vec![]) };
        let known = self.log.store.events_after(self.log.partition, last.position - 1, 1).await?;
        if known.first().is_some_and(|it| is_same(it, last)) {
            return Ok(events);
        }
        tracing::warn!(
            stream.key = self.stream.key(),
            position = last.position,
            "the stream holds another history"
        );
        Ok(vec![])
    }

    /// The id of the entry at a position, which only the log knows after a start.
    async fn entry_at(&self, position: u64) -> Result<EntryId, Unavailable> {
        if position == self.last.position {
            return Ok(self.last);
        }
        let before = position.saturating_sub(1);
        let found = self.log.store.events_after(self.log.partition, before, 1).await?;
        Ok(found.first().filter(|it| it.position == position).map_or(EntryId::START, EntryId::of))
    }

    async fn wait(&mut self) {
        if self.resting > 0 {
            return news(&mut self.log.committed).await;
        }
        if self.stream.wait(self.last).await.is_err() {
            self.resting = PATIENCE;
        }
    }
}
