//! The way out: a relay for each partition if there is a Redis, and a loop for each sink and
//! partition. Put together before anything is served, so that a bad setting ends the start.

use std::sync::Arc;

use super::StartError;
use crate::{
    clock,
    config::Config,
    sinks::Sink,
    store::Store,
    stream::{
        RelaySettings, backlog::Backlog, dead_letters::Shadow, deliver::Delivery, reader::Reader,
        relay::Relay,
    },
    tasks::{Phase, Tasks},
};

/// All loops that carry events away.
pub(super) struct Out {
    relays: Vec<(String, Relay)>,
    deliveries: Vec<(String, Delivery)>,
    backlog: Backlog,
}

impl Out {
    pub(super) fn build(config: &Config, store: &Store) -> Result<Self, StartError> {
        let redis = config.redis.as_ref();
        let names: Vec<String> = config.sinks.iter().map(|it| it.name.clone()).collect();
        let partitions = 0..store.partitions();

        let mut relays = Vec::new();
        let mut published = Vec::new();
        for (settings, partition) in redis.iter().flat_map(|it| partitions.clone().map(move |p| (it, p))) {
            let relay = Relay::new(store.clone(), partition, names.clone(), settings)?;
            #[cfg(debug_assertions)]
            let relay = match crate::config::broken() {
                Some(crate::config::Broken::GapInStream) => relay.with_gaps(),
                _ => relay,
            };
            published.push(relay.published());
            relays.push((format!("relay {partition}"), relay));
        }

        let mut deliveries = Vec::new();
        for sink in &config.sinks {
            let speaker = Sink::new(sink)?;
            #[cfg(debug_assertions)]
            let speaker = match crate::config::broken() {
                Some(crate::config::Broken::UnkeyedCreate) => speaker.creating_without_search(),
                _ => speaker,
            };
            let speaker = Arc::new(speaker);
            for partition in partitions.clone() {
                let reader = reader(store, partition, redis)?;
                let (store, speaker) = (store.clone(), Arc::clone(&speaker));
                let delivery = Delivery::new(store, speaker, partition, reader, sink.attempts, clock::now);
                let delivery = match redis.and_then(Shadow::new) {
                    Some(shadow) => delivery.with_shadow(shadow),
                    None => delivery,
                };
                deliveries.push((format!("sink {} {partition}", sink.name), delivery));
            }
        }
        let backlog = Backlog::new(store.clone(), names, published);
        Ok(Self { relays, deliveries, backlog })
    }

    /// What waits.
    pub(super) fn backlog(&self) -> Backlog {
        self.backlog.clone()
    }

    /// Starts all loops.
    pub(super) fn spawn(self, tasks: &mut Tasks) {
        for (name, relay) in self.relays {
            tasks.spawn(Phase::Delivery, name, |stop| relay.run(stop));
        }
        for (name, delivery) in self.deliveries {
            tasks.spawn(Phase::Delivery, name, |stop| delivery.run(stop));
        }
    }
}

fn reader(store: &Store, partition: u32, redis: Option<&RelaySettings>) -> Result<Reader, StartError> {
    match redis {
        Some(settings) => Ok(Reader::stream(store.clone(), partition, settings)?),
        None => Ok(Reader::log(store.clone(), partition)),
    }
}
