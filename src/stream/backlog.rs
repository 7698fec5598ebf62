//! What waits to leave the house, by whom it waits for.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::store::{Store, Unavailable};

/// Counts what waits.
#[derive(Clone)]
pub struct Backlog {
    store: Store,
    sinks: Vec<String>,
    /// Positions published, by partition; empty without Redis.
    published: Vec<Arc<AtomicU64>>,
}

impl Backlog {
    /// For these sinks, and the relays of all partitions in order, if there are any.
    pub fn new(store: Store, sinks: Vec<String>, published: Vec<Arc<AtomicU64>>) -> Self {
        Self { store, sinks, published }
    }

    /// Events that wait, by sink or for the `relay`.
    pub async fn waiting(&self) -> Result<BTreeMap<String, u64>, Unavailable> {
        let mut waiting = BTreeMap::new();
        for partition in 0..self.store.partitions() {
            let head = self.store.head(partition).await?.position;
            for sink in &self.sinks {
                let mark = self.store.watermark(sink, partition).await?;
                *waiting.entry(sink.clone()).or_insert(0) += head.saturating_sub(mark);
            }
            if let Some(published) = self.published.get(partition as usize) {
                let at = published.load(Ordering::Relaxed);
                *waiting.entry("relay".to_owned()).or_insert(0) += head.saturating_sub(at);
            }
        }
        Ok(waiting)
    }
}
