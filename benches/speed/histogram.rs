//! Latencies by logarithmic buckets, each about one per cent wide: any number of values, a few
//! kilobytes, no value further than that from where it is counted.

use std::time::Duration;

/// Buckets for each doubling.
const FINE: f64 = 64.0;
/// From a nanosecond to about an hour.
const BUCKETS: usize = 42 * FINE as usize;

/// Latencies of one round.
#[derive(Debug, Clone)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub(crate) fn record(&mut self, latency: Duration) {
        let nanos = latency.as_nanos().max(1) as f64;
        let bucket = (nanos.log2() * FINE) as usize;
        self.counts[bucket.min(BUCKETS - 1)] += 1;
        self.total += 1;
    }

    /// Takes in those of another.
    pub(crate) fn add(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, more)| *mine += more);
        self.total += other.total;
    }

    /// The latency in seconds that this share of the values does not exceed; 0 if there are none.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let rank = (self.total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return ((bucket as f64 + 0.5) / FINE).exp2() / 1e9;
            }
        }
        0.0
    }
}
