//! Carries a partition's events from the log into its Redis stream: every event once, in order, without
//! a gap. The stream itself says where it stands: a batch is added only if the stream ends right before
//! it. So an answer that got lost, a flush, a failover or another relay at work only means that this one
//! goes on from where the stream truly ends. What is remembered, roughly, is that the stream was there at
//! all: one that is empty has been flushed or has never been.

mod place;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use self::place::Place;
pub(super) use self::place::is_same;
use super::{
    RelaySettings, backoff,
    entry::EntryId,
    news,
    partition_stream::{Added, NoAnswer, PartitionStream},
    rest,
};
use crate::store::{Store, Unavailable};

/// Events added at once.
const BATCH: u32 = 256;
/// The store hears of so many events more.
const MARKED: u64 = 1024;
/// Waits after failures in a row: from the first to the longest.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// A stream that is somebody else's does not become ours by asking often.
const FOREIGN_WAIT: Duration = Duration::from_secs(30);

/// What one pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// So many events were added.
    Added(usize),
    /// The stream stood elsewhere; the next pass goes on from there.
    Moved,
    /// The stream has all there is.
    Idle,
}

/// Why nothing moves.
#[derive(Debug, thiserror::Error)]
pub enum Stalled {
    /// Redis is away or refuses; what was asked may have been done.
    #[error(transparent)]
    Redis(#[from] NoAnswer),
    /// Our own database is away.
    #[error(transparent)]
    Store(#[from] Unavailable),
    /// What lies in the stream is not of this database: adding to it would mix two histories.
    #[error(
        "{key} ends at {end}, which is no event of this database ({why}): either it belongs to another \
         desk, then give each its own Redis, or the database was restored without a new epoch; nothing is \
         published until the key is deleted or that is set right"
    )]
    Foreign {
        /// The stream's key.
        key: String,
        /// Where it ends.
        end: EntryId,
        /// How it is known.
        why: String,
    },
}

/// One partition's relay. Any number may run at once, in one process or in many.
pub struct Relay {
    store: Store,
    partition: u32,
    sinks: Vec<String>,
    stream: PartitionStream,
    place: Option<Place>,
    published: Arc<AtomicU64>,
    /// What the store knows of it, if this relay told.
    marked: u64,
    /// For tests: see `with_gaps`.
    #[cfg(debug_assertions)]
    has_gaps: bool,
}

impl Relay {
    /// A relay. `sinks` are the names of our own sinks: a stream that was lost is filled from behind the slowest of
    /// them, one that never was from the first event.
    pub fn new(
        store: Store,
        partition: u32,
        sinks: Vec<String>,
        settings: &RelaySettings,
    ) -> Result<Self, NoAnswer> {
        let stream = PartitionStream::new(settings, partition)?;
        let published = Arc::new(AtomicU64::new(0));
        Ok(Self {
            store,
            partition,
            sinks,
            stream,
            place: None,
            published,
            marked: 0,
            #[cfg(debug_assertions)]
            has_gaps: false,
        })
    }

    /// Leaves out every tenth event: what the checks of the tests must notice.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn with_gaps(self) -> Self {
        Self { has_gaps: true, ..self }
    }

    /// The position up to which the stream has everything, as far as this relay has seen.
    pub fn published(&self) -> Arc<AtomicU64> {
        self.published.clone()
    }

    /// Adds the next batch, or finds out where the stream stands.
    pub async fn relay_once(&mut self) -> Result<Pass, Stalled> {
        let Some(place) = self.place else {
            let end = self.stream.end().await?;
            let place = self.place_behind(end).await?;
            if end.is_some() {
                self.mark(place.position).await?;
            }
            self.stand(place);
            return Ok(Pass::Moved);
        };
        let events = self.store.events_after(self.partition, place.position, BATCH).await?;
        #[cfg(debug_assertions)]
        let events: Vec<_> =
            events.into_iter().filter(|it| !self.has_gaps || it.position % 10 != 0).collect();
        match self.stream.add(place.end, &events).await? {
            Added::All => {
                let Some(last) = events.last() else { return Ok(Pass::Idle) };
                self.stand(Place { position: last.position, end: Some(EntryId::of(last)) });
                metrics::counter!("dispatch_relay_events_total").increment(events.len() as u64);
                self.mark(last.position).await?;
                Ok(Pass::Added(events.len()))
            }
            Added::Elsewhere(end) => {
                // Forgotten first: if finding the new place fails, it is asked for again.
                self.place = None;
                let place = self.place_behind(end).await?;
                tracing::info!(
                    stream.key = self.stream.key(),
                    from = place.position,
                    "the stream stood elsewhere"
                );
                self.stand(place);
                Ok(Pass::Moved)
            }
        }
    }

    /// Now and then, since each time is a transaction: what came after the last one is published again if the
    /// stream is lost.
    async fn mark(&mut self, position: u64) -> Result<(), Unavailable> {
        if self.marked == 0 || MARKED <= position.saturating_sub(self.marked) {
            self.store.mark_published(self.partition, position).await?;
            self.marked = position;
        }
        Ok(())
    }

    /// Relays until told to stop, and then what is left, as long as that goes well.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut committed = self.store.committed(self.partition);
        let mut failures = 0;
        loop {
            // Marked as seen before looking, so that a commit in between still wakes it.
            committed.borrow_and_update();
            match self.relay_once().await {
                Ok(pass) => {
                    self.recovered(&mut failures);
                    match pass {
                        Pass::Added(_) | Pass::Moved => {}
                        Pass::Idle if stop.is_cancelled() => return,
                        Pass::Idle => {
                            stop.run_until_cancelled(news(&mut committed)).await;
                        }
                    }
                }
                Err(_) if stop.is_cancelled() => return,
                Err(stalled) => {
                    failures += 1;
                    rest(&stop, self.wait_after(&stalled, failures)).await;
                }
            }
            self.show_lag(*committed.borrow());
        }
    }

    fn stand(&mut self, place: Place) {
        self.published.store(place.position, Ordering::Relaxed);
        self.place = Some(place);
    }

    fn recovered(&self, failures: &mut u32) {
        if *failures > 0 {
            tracing::info!(stream.key = self.stream.key(), failures = *failures, "publishing goes on");
        }
        *failures = 0;
    }

    /// Tells the operator once, and says how long to wait.
    fn wait_after(&self, stalled: &Stalled, failures: u32) -> Duration {
        match stalled {
            Stalled::Redis(_) | Stalled::Store(_) => {
                if failures == 1 {
                    tracing::warn!(stream.key = self.stream.key(), error = %stalled, "publishing stalled");
                }
                backoff(WAITS.0, WAITS.1, failures)
            }
            Stalled::Foreign { .. } => {
                tracing::error!(stream.key = self.stream.key(), error = %stalled, "publishing stopped");
                FOREIGN_WAIT
            }
        }
    }

    fn show_lag(&self, head: u64) {
        let lag = head.saturating_sub(self.published.load(Ordering::Relaxed));
        // A figure for people: what a float cannot hold exactly is not worth more.
        metrics::gauge!("dispatch_relay_lag_events", "partition" => self.partition.to_string())
            .set(lag as f64);
    }
}
