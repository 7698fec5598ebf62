//! Parked events: told to Redis as a shadow, replayed from the database, where they truly are.

use redis::{AsyncConnectionConfig, Client};

use super::{RelaySettings, entry::name};
use crate::{
    proto::v1,
    store::{Outcome, Receipt, Store, Unavailable},
};

/// The stream of the shadows.
pub const KEY: &str = "dispatch:dead";
/// Shadows kept at least.
const KEEP: u32 = 10_000;

/// Adds an entry to the dead-letter stream for each parked event: which one and why, not what was said.
/// It may be lost, since nothing depends on it.
pub struct Shadow {
    client: Client,
}

impl Shadow {
    /// The dead-letter stream of a Redis; `None` if its URL is not usable, which the relay reports.
    pub fn new(settings: &RelaySettings) -> Option<Self> {
        Client::open(settings.url.as_str()).ok().map(|client| Self { client })
    }

    /// Shows one.
    pub async fn show(&mut self, receipt: &Receipt, event: &v1::Event) {
        if let Err(error) = self.add(receipt, event).await {
            tracing::debug!(%error, "a dead letter has no shadow in Redis");
        }
    }

    async fn add(&self, receipt: &Receipt, event: &v1::Event) -> redis::RedisResult<()> {
        let why = match &receipt.outcome {
            Outcome::Parked { why } => why,
            Outcome::Delivered { .. } | Outcome::Skipped => return Ok(()),
        };
        // Parking is rare: a connection for each is simpler than one that has to be kept alive.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(super::TICK))
            .set_response_timeout(Some(super::TICK));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut add = redis::cmd("XADD");
        add.arg(KEY).arg("MAXLEN").arg("~").arg(KEEP).arg("*");
        add.arg("sink").arg(&receipt.sink).arg("tenant").arg(&event.tenant);
        add.arg("partition").arg(receipt.partition).arg("position").arg(receipt.position);
        add.arg("subject").arg(&receipt.ticket).arg("type").arg(format!("dispatch.v1.{}", name(event)));
        add.arg("why").arg(why);
        add.query_async::<()>(&mut connection).await
    }
}

/// Sends parked events on their way again: each ticket's in order, the oldest first, so that none
/// overtakes another while the sink is at work. Gives how many.
pub async fn replay(store: &Store, parked: &[Receipt]) -> Result<usize, Unavailable> {
    let mut order: Vec<&Receipt> = parked.iter().collect();
    order.sort_by_key(|it| (&it.sink, it.partition, it.position));
    let mut replayed = 0;
    for it in order {
        if store.unpark(&it.sink, it.partition, it.position).await?.is_some() {
            replayed += 1;
        }
    }
    Ok(replayed)
}
