//! Counts what still has to be delivered: committed events that a sink has no receipt for yet.

use std::collections::BTreeMap;

use crate::store::{Store, Unavailable};

/// Looks into the store for what waits.
pub(super) struct Backlog {
    store: Store,
    sinks: Vec<String>,
}

impl Backlog {
    pub(super) fn new(store: Store, sinks: Vec<String>) -> Self {
        Self { store, sinks }
    }

    /// Events that wait, by sink; nothing if the store does not answer.
    pub(super) async fn look(&self) -> Option<BTreeMap<String, u64>> {
        match self.count().await {
            Ok(waiting) => Some(waiting),
            Err(error) => {
                tracing::warn!(%error, "the store does not answer a readiness probe");
                None
            }
        }
    }

    async fn count(&self) -> Result<BTreeMap<String, u64>, Unavailable> {
        self.store.ping().await?;
        let mut waiting: BTreeMap<String, u64> = self.sinks.iter().map(|it| (it.clone(), 0)).collect();
        for (sink, events) in &mut waiting {
            for partition in 0..self.store.partitions() {
                let head = self.store.head(partition).await?.position;
                *events += head.saturating_sub(self.store.watermark(sink, partition).await?);
            }
        }
        Ok(waiting)
    }
}
