//! All loops that carry events out of the house, ready to be started, and what tells how far they are.

use std::{pin::Pin, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{
    RelaySettings, backlog::Backlog, dead_letters::Shadow, deliver::Delivery, partition_stream::NoAnswer,
    reader::Reader, relay::Relay,
};
use crate::{
    domain::time::Timestamp,
    sinks::{
        Sink,
        settings::{BadSink, SinkSettings},
    },
    store::Store,
};

/// A loop that ends when it is told to.
pub type Loop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The loops with their names, and their backlog.
pub struct Loops {
    /// To be started, each for itself.
    pub running: Vec<(String, Loop)>,
    /// How far they are.
    pub backlog: Backlog,
}

/// Settings with which nothing could be carried.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Those of Redis.
    #[error(transparent)]
    Redis(#[from] NoAnswer),
    /// Those of a sink.
    #[error(transparent)]
    Sink(#[from] BadSink),
}

impl Loops {
    /// A relay for each partition if there is a Redis, and a delivery for each sink and partition. Nothing
    /// is asked of anybody yet: Redis and the sinks may be away.
    pub fn new(
        store: &Store,
        redis: Option<&RelaySettings>,
        sinks: &[SinkSettings],
        now: fn() -> Timestamp,
        stop: &CancellationToken,
    ) -> Result<Self, Unusable> {
        let names: Vec<String> = sinks.iter().map(|it| it.name.clone()).collect();
        let (mut running, mut published) = (vec![], vec![]);
        for partition in 0..store.partitions() {
            let Some(settings) = redis else { break };
            let relay = Relay::new(store.clone(), partition, names.clone(), settings)?;
            published.push(relay.published());
            let run: Loop = Box::pin(relay.run(stop.clone()));
            running.push((format!("relay {partition}"), run));
        }
        for settings in sinks {
            let sink = Arc::new(Sink::new(settings)?);
            for partition in 0..store.partitions() {
                let reader = match redis {
                    Some(redis) => Reader::stream(store.clone(), partition, redis)?,
                    None => Reader::log(store.clone(), partition),
                };
                let attempts = settings.attempts;
                let mut delivery =
                    Delivery::new(store.clone(), sink.clone(), partition, reader, attempts, now);
                if let Some(shadow) = redis.and_then(Shadow::new) {
                    delivery = delivery.with_shadow(shadow);
                }
                let run: Loop = Box::pin(delivery.run(stop.clone()));
                running.push((format!("sink {} {partition}", settings.name), run));
            }
        }
        Ok(Self { running, backlog: Backlog::new(store.clone(), names, published) })
    }
}
