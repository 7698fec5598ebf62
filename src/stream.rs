//! The way of a committed event out of the house: into the Redis stream of its partition, and to the
//! sinks downstream. It promises every event once, in order, without a gap, whatever happens to Redis,
//! to the sinks or to this process; it may be late. Where a stream stands is asked of the stream (the database only
//! remembers that it was there, and roughly how far), where a sink stands is said by its receipts in the database. Only this room
//! speaks Redis. It starts no task and asks no clock.

pub mod backlog;
pub mod dead_letters;
pub mod deliver;
pub mod entry;
pub mod follow;
pub mod partition_stream;
pub mod reader;
pub mod relay;

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Where Redis is, and how much it keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct RelaySettings {
    /// `redis://host:port`, with `user:password@` before the host where it asks for one.
    pub url: String,
    /// Entries that a partition's stream keeps at least; older ones may be dropped, and stay in the log.
    pub keep: u64,
}

impl RelaySettings {
    /// Redis at this place, keeping the usual number of entries.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), keep: 100_000 }
    }
}

impl std::fmt::Debug for RelaySettings {
    /// The URL may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelaySettings").field("keep", &self.keep).finish_non_exhaustive()
    }
}

/// The fallback for whoever waits for a commit: another process may have made it.
const TICK: Duration = Duration::from_secs(1);

/// Waits, unless told to stop.
async fn rest(stop: &CancellationToken, time: Duration) {
    stop.run_until_cancelled(tokio::time::sleep(time)).await;
}

/// Waits for a commit of this process, for a tick at most.
async fn news(committed: &mut watch::Receiver<u64>) {
    if let Ok(Err(_closed)) = tokio::time::timeout(TICK, committed.changed()).await {
        // Nobody will ever commit here again; looking without a pause would only burn time.
        tokio::time::sleep(TICK).await;
    }
}

/// Doubles from `first` with each failure in a row, up to `longest`.
fn backoff(first: Duration, longest: Duration, failures: u32) -> Duration {
    first.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(60));
        let waits: Vec<u64> = [1, 2, 3, 6, 7, 40].map(|it| backoff(first, longest, it).as_secs()).to_vec();
        assert_eq!(waits, [1, 2, 4, 32, 60, 60]);
    }

    #[test]
    fn a_password_shows_nowhere() {
        let settings = RelaySettings::at("redis://:sesame@localhost");
        assert!(!format!("{settings:?}").contains("sesame"));
    }
}
