//! Points in time, to and from `google.protobuf.Timestamp`.

use crate::domain::time::Timestamp;

pub fn time_to(at: Timestamp) -> pbjson_types::Timestamp {
    let nanos = i32::try_from(at.0.rem_euclid(1000)).unwrap_or(0) * 1_000_000;
    pbjson_types::Timestamp { seconds: at.second(), nanos }
}

pub fn time_from(at: &pbjson_types::Timestamp) -> Timestamp {
    Timestamp(at.seconds.saturating_mul(1000).saturating_add(i64::from(at.nanos / 1_000_000)))
}
