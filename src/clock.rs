//! The only place that asks what time it is, makes identities and draws random numbers. Everything
//! else is handed the results, so that a decision can be made again exactly as it was.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::time::Timestamp;

/// The wall clock. A clock before 1970 reads as 1970.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Sixteen bytes that nothing else has, ordered by the time of their making (UUIDv7).
pub fn new_bytes() -> [u8; 16] {
    Uuid::now_v7().into_bytes()
}

/// The bytes of `new_bytes` as 32 hexadecimal digits, for request and message ids.
pub fn new_id() -> String {
    Uuid::now_v7().simple().to_string()
}

/// 256 random bits as 64 hexadecimal digits. A version 4 UUID carries 122 of them, so three are
/// hashed into one secret.
pub fn secret() -> String {
    let draws = [Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4()];
    let digest = draws.iter().fold(Sha256::new(), |hash, draw| hash.chain_update(draw.as_bytes())).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Measures how long something took, untouched by changes of the wall clock.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_sort_by_the_time_of_their_making() {
        let made: Vec<_> = (0..1000).map(|_| new_bytes()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_secret_is_long_and_never_the_same() {
        let (one, other) = (secret(), secret());
        assert_eq!(one.len(), 64);
        assert!(one.bytes().all(|it| it.is_ascii_hexdigit()));
        assert_ne!(one, other);
    }

    #[test]
    fn the_clock_reads_this_century() {
        assert!(now() > Timestamp::from_second(1_700_000_000));
        assert!(Stopwatch::start().seconds() >= 0.0);
    }
}
