//! Brings a partition's events to one sink, in order, one at a time. An event is done with when its
//! receipt is in our database; until then it is the next one, through restarts and lost answers. One
//! that cannot be delivered is parked, and what comes later on the same ticket waits behind it.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{backoff, dead_letters::Shadow, reader::Reader, rest};
use crate::{
    domain::{id::TicketId, time::Timestamp},
    proto::v1,
    sinks::{Delivered, STILL_AT_WORK, Sink, Undelivered},
    store::{Outcome, Receipt, Store, Unavailable},
};

/// Events read at once; they are delivered one by one.
const BATCH: u32 = 64;
/// Waits between attempts: from the first to the longest.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// A sink that waits for a person is asked again after this.
const PROBE: Duration = Duration::from_secs(30);

/// What one pass did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    /// So many events got their receipts, parked ones among them.
    Settled(usize),
    /// There is nothing to deliver.
    Idle,
    /// The same event again after this.
    Wait(Duration),
    /// Nothing goes through until a person has done what this says.
    Blocked(String),
}

/// One sink's loop over one partition. No two may run at once for the same two.
pub struct Delivery {
    store: Store,
    sink: Arc<Sink>,
    partition: u32,
    reader: Reader,
    attempts: u32,
    now: fn() -> Timestamp,
    shadow: Option<Shadow>,
    /// Read and not yet delivered.
    ahead: std::collections::VecDeque<v1::Event>,
    failed: Failed,
}

/// How often in a row the event at a position was not delivered.
#[derive(Debug, Default)]
struct Failed {
    position: u64,
    /// Times that count as attempts.
    tries: u32,
    /// Times that the sink was not there at all.
    absences: u32,
}

impl Delivery {
    /// A loop that tries each event `attempts` times.
    pub fn new(
        store: Store,
        sink: Arc<Sink>,
        partition: u32,
        reader: Reader,
        attempts: u32,
        now: fn() -> Timestamp,
    ) -> Self {
        let (ahead, failed) = Default::default();
        Self { store, sink, partition, reader, attempts, now, shadow: None, ahead, failed }
    }

    /// Shows parked events in the dead-letter stream as well.
    #[must_use]
    pub fn with_shadow(mut self, shadow: Shadow) -> Self {
        self.shadow = Some(shadow);
        self
    }

    /// Delivers the next event, or settles the next ones that are not for the sink.
    pub async fn deliver_once(&mut self) -> Result<Pass, Unavailable> {
        // Asked every time: a replayed dead letter moves it back.
        let mark = self.mark().await?;
        if self.ahead.front().is_none_or(|it| it.position != mark + 1) {
            self.ahead = self.reader.next(mark, BATCH).await?.into();
        }
        let unwanted = self.ahead.iter().take_while(|it| !self.sink.wants(it)).count();
        if unwanted > 0 {
            let skipped: Vec<v1::Event> = self.ahead.drain(..unwanted).collect();
            let receipts: Vec<Receipt> =
                skipped.iter().map(|it| self.receipt(it, Outcome::Skipped)).collect();
            self.store.settle(&receipts).await?;
            return Ok(Pass::Settled(unwanted));
        }
        let Some(event) = self.ahead.front().cloned() else { return Ok(Pass::Idle) };
        let waits = self.store.is_parked_before(self.sink.name(), &event.subject, event.position).await?;
        // Asked again: an earlier event of the ticket that was replayed meanwhile is parked no more, and
        // comes first all the same.
        if self.mark().await? + 1 < event.position {
            return Ok(Pass::Settled(0));
        }
        let outcome = match self.outcome(&event, waits).await? {
            Ok(outcome) => outcome,
            Err(pass) => return Ok(pass),
        };
        self.settle(&event, outcome).await?;
        self.ahead.pop_front();
        Ok(Pass::Settled(1))
    }

    /// Delivers until told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut failures = 0;
        if self.may_be_under_way().await {
            // What that process had asked for shows only after a while; asked sooner, the sink would be told
            // to do it again.
            rest(&stop, STILL_AT_WORK).await;
        }
        while !stop.is_cancelled() {
            match self.deliver_once().await {
                Ok(pass) => {
                    failures = 0;
                    self.show(&pass).await;
                    match pass {
                        Pass::Settled(_) => {}
                        Pass::Idle => {
                            stop.run_until_cancelled(self.reader.wait()).await;
                        }
                        Pass::Wait(time) => rest(&stop, time).await,
                        Pass::Blocked(_) => rest(&stop, PROBE).await,
                    }
                }
                Err(error) => {
                    failures += 1;
                    if failures == 1 {
                        tracing::warn!(sink.name = self.sink.name(), %error, "delivery waits for the database");
                    }
                    rest(&stop, backoff(WAITS.0, WAITS.1, failures)).await;
                }
            }
        }
    }

    /// Whether an earlier process may have ended in the middle of the next delivery.
    async fn may_be_under_way(&mut self) -> bool {
        let Ok(mark) = self.mark().await else { return true };
        match self.reader.next(mark, 1).await {
            Ok(next) => next.first().is_some_and(|it| self.sink.wants(it)),
            Err(_) => true,
        }
    }

    /// What became of an event, or what to do before that is known.
    async fn outcome(
        &mut self,
        event: &v1::Event,
        waits: bool,
    ) -> Result<Result<Outcome, Pass>, Unavailable> {
        if waits {
            let why = "an earlier event of the same ticket is parked; replay that one first".to_owned();
            return Ok(Ok(Outcome::Parked { why }));
        }
        let link = match event.subject.parse::<TicketId>() {
            Ok(ticket) => self.store.link(self.sink.name(), ticket).await?,
            Err(_) => None,
        };
        let span = tracing::debug_span!(
            "deliver",
            sink.name = self.sink.name(),
            event.partition = self.partition,
            event.position = event.position,
            ticket.id = event.subject,
        );
        let delivered = self.sink.deliver(event, link.as_deref()).instrument(span).await;
        Ok(match delivered {
            Ok(Delivered::To(external)) => Ok(Outcome::Delivered { external }),
            Ok(Delivered::Skipped) => Ok(Outcome::Skipped),
            Err(undelivered) => self.judge(event, undelivered),
        })
    }

    fn judge(&mut self, event: &v1::Event, undelivered: Undelivered) -> Result<Outcome, Pass> {
        if self.failed.position != event.position {
            self.failed = Failed { position: event.position, ..Failed::default() };
        }
        tracing::debug!(sink.name = self.sink.name(), event.position = event.position, error = %undelivered, "not delivered");
        match undelivered {
            Undelivered::Again { after, why } => {
                self.failed.tries += 1;
                if self.failed.tries >= self.attempts {
                    return Ok(Outcome::Parked {
                        why: format!("given up after {} attempts: {why}", self.failed.tries),
                    });
                }
                Err(Pass::Wait(after.unwrap_or(backoff(WAITS.0, WAITS.1, self.failed.tries))))
            }
            Undelivered::Away { after, why } => {
                self.failed.absences += 1;
                if self.failed.absences == 1 {
                    tracing::warn!(sink.name = self.sink.name(), error = why, "the sink is away");
                }
                Err(Pass::Wait(after.unwrap_or(backoff(WAITS.0, WAITS.1, self.failed.absences))))
            }
            Undelivered::Never { why } => Ok(Outcome::Parked { why }),
            Undelivered::Blocked { why } => Err(Pass::Blocked(why)),
        }
    }

    /// The position up to which every event has its receipt.
    async fn mark(&self) -> Result<u64, Unavailable> {
        self.store.watermark(self.sink.name(), self.partition).await
    }

    async fn settle(&mut self, event: &v1::Event, outcome: Outcome) -> Result<(), Unavailable> {
        let receipt = self.receipt(event, outcome);
        self.store.settle(std::slice::from_ref(&receipt)).await?;
        let sink = || self.sink.name().to_owned();
        match &receipt.outcome {
            Outcome::Delivered { .. } => {
                metrics::counter!("dispatch_sink_delivered_total", "sink" => sink()).increment(1);
            }
            Outcome::Skipped => {}
            Outcome::Parked { why } => {
                metrics::counter!("dispatch_sink_parked_total", "sink" => sink()).increment(1);
                tracing::error!(
                    sink.name = self.sink.name(),
                    event.partition = self.partition,
                    event.position = event.position,
                    ticket.id = event.subject,
                    why,
                    "an event was parked"
                );
                if let Some(shadow) = &mut self.shadow {
                    shadow.show(&receipt, event).await;
                }
            }
        }
        Ok(())
    }

    fn receipt(&self, event: &v1::Event, outcome: Outcome) -> Receipt {
        Receipt {
            sink: self.sink.name().to_owned(),
            partition: self.partition,
            position: event.position,
            ticket: event.subject.clone(),
            outcome,
            at: (self.now)(),
        }
    }

    /// Figures for the operator, and a word when a person is needed.
    async fn show(&self, pass: &Pass) {
        let sink = || self.sink.name().to_owned();
        let blocked = match pass {
            Pass::Blocked(why) => {
                tracing::error!(sink.name = self.sink.name(), why, "the sink waits for a person");
                1.0
            }
            Pass::Settled(_) | Pass::Idle | Pass::Wait(_) => 0.0,
        };
        metrics::gauge!("dispatch_sink_blocked", "sink" => sink()).set(blocked);
        let head = *self.store.committed(self.partition).borrow();
        let mark = self.mark().await.unwrap_or(head);
        let partition = self.partition.to_string();
        // A figure for people: what a float cannot hold exactly is not worth more.
        metrics::gauge!("dispatch_sink_lag_events", "sink" => sink(), "partition" => partition)
            .set(head.saturating_sub(mark) as f64);
    }
}
