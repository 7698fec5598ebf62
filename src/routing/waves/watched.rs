//! One stream that is watched: what is usual in it now, and the sum that alarms.

use std::collections::VecDeque;

use super::{RECENT, Stream};
use crate::domain::time::Timestamp;

/// Milliseconds of an hour.
pub(super) const HOUR: i64 = 3_600_000;

/// A stream under watch.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) stream: Stream,
    /// People who usually write in it, in a millisecond of this hour.
    pub(super) rate: f64,
    /// The sum as it stood after `at`.
    pub(super) sum: f64,
    at: Timestamp,
    /// People who wrote in this hour.
    pub(super) people: u32,
    recent: VecDeque<u64>,
}

/// The start of the hour that a time lies in.
pub(super) fn hour_start(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(HOUR) * HOUR)
}

impl Watched {
    pub(super) fn new(stream: Stream, rate: f64, at: Timestamp) -> Self {
        Self { stream, rate, sum: 0.0, at, people: 0, recent: VecDeque::new() }
    }

    /// A message was heard; its writer counts or not.
    pub(super) fn hear(&mut self, number: u64, at: Timestamp, counts: bool, drift: f64) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(number);
        if counts {
            self.fall(at, drift);
            self.sum += 1.0;
            self.people += 1;
        }
    }

    /// An hour begins in which another rate is usual.
    pub(super) fn begin_hour(&mut self, at: Timestamp, rate: f64, drift: f64) {
        self.fall(at, drift);
        self.rate = rate;
        self.people = 0;
    }

    /// Numbers of its latest messages, the earliest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = u64> {
        self.recent.iter().copied()
    }

    fn fall(&mut self, at: Timestamp, drift: f64) {
        let usual = self.rate * (at.0 - self.at.0).max(0) as f64;
        self.sum = (self.sum - drift * usual).max(0.0);
        self.at = self.at.max(at);
    }
}
