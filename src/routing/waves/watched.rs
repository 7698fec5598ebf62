//! One stream that is watched: what is usual in it now, and the sum that alarms.

use std::collections::VecDeque;

use super::{RECENT, Stream};
use crate::domain::time::Timestamp;

/// Milliseconds of an hour.
pub(super) const HOUR: i64 = 3_600_000;
/// Of the hours with a wave so much is left after an hour: half after a week.
const FADING: f64 = 0.995_882;
/// So many hours with a wave within a week are no wave any more: that is how it is now.
const LASTING: f64 = 10.0;

/// A stream under watch.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) stream: Stream,
    /// Tells it from all others that were ever watched.
    pub(super) number: u64,
    /// People who usually write in it, in a millisecond of this hour.
    pub(super) rate: f64,
    /// The sum as it stood after `at`.
    pub(super) sum: f64,
    at: Timestamp,
    /// People who wrote in this hour.
    pub(super) people: u32,
    /// The most people who wrote in an hour without a wave.
    pub(super) busiest: u32,
    /// Hours with a wave, with fading.
    hours_in_waves: f64,
    /// The latest message of each of the latest people.
    recent: VecDeque<(u64, u64)>,
}

/// The start of the hour that a time lies in.
pub(super) fn hour_start(at: Timestamp) -> Timestamp {
    Timestamp(at.0.div_euclid(HOUR) * HOUR)
}

impl Watched {
    pub(super) fn new((stream, number): (Stream, u64), rate: f64, at: Timestamp) -> Self {
        Self {
            stream,
            number,
            rate,
            sum: 0.0,
            at,
            people: 0,
            busiest: 0,
            hours_in_waves: 0.0,
            recent: VecDeque::new(),
        }
    }

    /// A message was heard; its writer counts or not.
    pub(super) fn hear(&mut self, (message, requester): (u64, u64), at: Timestamp, counts: bool, drift: f64) {
        if let Some(before) = self.recent.iter().position(|it| it.1 == requester) {
            self.recent.remove(before);
        } else if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((message, requester));
        if counts {
            self.fall(at, drift);
            self.sum += 1.0;
            self.people += 1;
        }
    }

    /// An hour has ended, with a wave in it or without one.
    pub(super) fn end_hour(&mut self, in_wave: bool) {
        self.hours_in_waves = self.hours_in_waves * FADING + f64::from(u8::from(in_wave));
        if !in_wave {
            self.busiest = self.busiest.max(self.people);
        }
    }

    /// Whether what looks like waves has lasted for so long that it is how it is now.
    pub(super) fn has_risen(&self) -> bool {
        self.hours_in_waves >= LASTING
    }

    /// An hour begins in which another rate is usual.
    pub(super) fn begin_hour(&mut self, at: Timestamp, rate: f64, drift: f64) {
        self.fall(at, drift);
        self.rate = rate;
        self.people = 0;
    }

    /// Numbers of the latest messages, one of each person, the earliest first.
    pub(super) fn recent(&self) -> impl Iterator<Item = u64> {
        self.recent.iter().map(|it| it.0)
    }

    /// The sum as it stands at a time.
    pub(super) fn sum_at(&self, at: Timestamp, drift: f64) -> f64 {
        let usual = self.rate * (at.0 - self.at.0).max(0) as f64;
        (self.sum - drift * usual).max(0.0)
    }

    fn fall(&mut self, at: Timestamp, drift: f64) {
        self.sum = self.sum_at(at, drift);
        self.at = self.at.max(at);
    }
}
