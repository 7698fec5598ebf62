//! How many people usually write about something in an hour of the week. Learned with forgetting: after four weeks an
//! hour counts for half. The hours are those of UTC.
//!
//! A single stream is too thin for a rate of each hour of its own. So its hour is drawn towards its weekly level, spread
//! over the week as everything that the tenant hears is (a gamma prior, four weeks strong); and the level of what was
//! hardly heard yet towards a usual one, which a day of experience outweighs. Until then the average run length is not
//! what it shall be.

use std::collections::HashMap;

use super::Stream;
use crate::domain::time::Timestamp;

/// Hours of a week.
pub const HOURS: usize = 168;
/// Seconds of an hour.
const HOUR: i64 = 3600;
/// What is left of an experience after a week: half after four.
const KEPT: f32 = 0.840_896_4;
/// Weeks of experience that a stream's level, spread over the week, is worth beside its own hour.
const SPREAD: f64 = 4.0;
/// Weeks of experience that the shape of a usual week is worth beside the tenant's own.
const SHAPE: f64 = 0.5;
/// Weeks of experience that the level of the unknown is worth.
const UNKNOWN: f64 = 0.1;
/// Streams whose rates are learned, at most; the rarest give way.
const STREAMS: usize = 512;

/// What is usual for one tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// Up to when it was learned.
    until: Timestamp,
    /// Weeks of experience with each hour of the week, Monday midnight first.
    weeks: Vec<f32>,
    /// People in each hour, for each stream.
    streams: HashMap<Stream, Vec<f32>>,
    /// How much of a week falls into each hour; the sum is 1.
    shape: Vec<f64>,
    /// Weeks of experience in all, weighed with the shape.
    experience: f64,
}

impl Default for Rates {
    fn default() -> Self {
        Self::learned(Timestamp::default(), vec![0.0; HOURS], HashMap::new())
    }
}

/// The hour of the week, Monday midnight in UTC first.
pub fn hour_of_week(at: Timestamp) -> usize {
    // The first of January 1970 was a Thursday.
    let hours = (at.second() - 4 * 24 * HOUR).div_euclid(HOUR);
    usize::try_from(hours.rem_euclid(HOURS as i64)).unwrap_or_default()
}

/// A week in which nobody knows better: work on weekdays from 6 to 18.
fn usual_share(hour: usize) -> f64 {
    let works = hour / 24 < 5 && (6..18).contains(&(hour % 24));
    if works { 0.9 / 60.0 } else { 0.1 / 108.0 }
}

/// People in a week who write about something that was never heard of.
fn unknown(stream: &Stream) -> f64 {
    match stream {
        Stream::Template(_) | Stream::Service(_) => 40.0,
        Stream::Asset(_) => 2.0,
    }
}

impl Rates {
    /// What was learned up to a time: weeks of experience with each hour, and the people in each hour for each stream.
    pub fn learned(until: Timestamp, mut weeks: Vec<f32>, streams: HashMap<Stream, Vec<f32>>) -> Self {
        weeks.resize(HOURS, 0.0);
        let mut all = Self { until, weeks, streams, shape: vec![], experience: 0.0 };
        all.streams.values_mut().for_each(|it| it.resize(HOURS, 0.0));
        all.reckon();
        all
    }

    /// Up to when it was learned.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Weeks of experience with each hour of the week.
    pub fn weeks(&self) -> &[f32] {
        &self.weeks
    }

    /// The people in each hour, for each stream.
    pub fn streams(&self) -> impl Iterator<Item = (&Stream, &[f32])> {
        self.streams.iter().map(|(stream, hours)| (stream, hours.as_slice()))
    }

    /// People who usually write about something in an hour of the week: so many that it is hardly more in truth (one
    /// standard deviation above what is most likely), since what is taken for too few alarms for nothing.
    pub fn usual(&self, stream: &Stream, hour: usize) -> f64 {
        let own = self.streams.get(stream);
        let level = self.level(stream);
        let here = own.map_or(0.0, |it| f64::from(it[hour]));
        let weeks = SPREAD + f64::from(self.weeks[hour]);
        let likely = (SPREAD * level * self.shape[hour] + here) / weeks;
        likely + (likely / weeks).sqrt()
    }

    /// People who usually write about anything that is watched, in 30 days; who writes about two is counted twice.
    pub fn month(&self) -> f64 {
        self.streams.keys().map(|it| self.level(it)).sum::<f64>() * 30.0 / 7.0
    }

    /// People who write about something in a week.
    fn level(&self, stream: &Stream) -> f64 {
        let seen = self.streams.get(stream).map_or(0.0, |it| f64::from(it.iter().sum::<f32>()));
        (UNKNOWN * unknown(stream) + seen) / (UNKNOWN + self.experience)
    }

    /// An hour has passed: so many wrote about these.
    pub(super) fn learn<'a>(&mut self, ended: Timestamp, counts: impl Iterator<Item = (&'a Stream, u32)>) {
        let hour = hour_of_week(Timestamp(ended.0 - 1));
        self.until = ended;
        self.weeks[hour] = self.weeks[hour] * KEPT + 1.0;
        self.streams.values_mut().for_each(|it| it[hour] *= KEPT);
        for (stream, count) in counts {
            let hours = self.streams.entry(stream.clone()).or_insert_with(|| vec![0.0; HOURS]);
            hours[hour] += count as f32;
        }
        if self.streams.len() > STREAMS {
            self.forget_rarest();
        }
        self.reckon();
    }

    fn forget_rarest(&mut self) {
        let mut seen: Vec<f32> = self.streams.values().map(|it| it.iter().sum()).collect();
        seen.sort_unstable_by(|a, b| b.total_cmp(a));
        let least = seen[STREAMS - 1];
        self.streams.retain(|_, it| it.iter().sum::<f32>() > least);
    }

    /// What follows from what was learned.
    fn reckon(&mut self) {
        let weeks = |hour: usize| f64::from(self.weeks[hour]);
        let seen = |hour: usize| self.streams.values().map(|it| f64::from(it[hour])).sum::<f64>();
        let seen: Vec<f64> = (0..HOURS).map(seen).collect();
        let experience: f64 = (0..HOURS).map(|it| usual_share(it) * weeks(it)).sum();
        let level = (seen.iter().sum::<f64>() + UNKNOWN) / (experience + UNKNOWN);
        let rate = |hour: usize| (SHAPE * level * usual_share(hour) + seen[hour]) / (SHAPE + weeks(hour));
        let rates: Vec<f64> = (0..HOURS).map(rate).collect();
        let all: f64 = rates.iter().sum();
        let shape: Vec<f64> = rates.iter().map(|it| it / all).collect();
        self.experience = (0..HOURS).map(|it| shape[it] * weeks(it)).sum();
        self.shape = shape;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vpn() -> Stream {
        Stream::Template("vpn_fault".to_owned())
    }

    /// Rates after some weeks in which ten people wrote in each of the first ten hours of a week, and nobody else.
    fn after(weeks: i64) -> Rates {
        let mut rates = Rates::default();
        for hour in 1..=weeks * HOURS as i64 {
            let ended = Timestamp::from_second(4 * 24 * HOUR + hour * HOUR);
            let count = if (hour - 1) % (HOURS as i64) < 10 { 10 } else { 0 };
            rates.learn(ended, [(&vpn(), count)].into_iter());
        }
        rates
    }

    #[test]
    fn what_is_usual_is_learned_for_each_hour_of_the_week() {
        let rates = after(12);
        let (busy, quiet) = (rates.usual(&vpn(), 3), rates.usual(&vpn(), 100));
        assert!((9.5..11.5).contains(&busy) && quiet < 0.2, "{busy} {quiet}");
        // Of what was never heard of the level is guessed low, and the week is the tenant's.
        let other = Stream::Template("printer_fault".to_owned());
        assert!(rates.usual(&other, 3) > 5.0 * rates.usual(&other, 100));
        assert!((rates.month() - 100.0 * 30.0 / 7.0).abs() < 30.0, "{}", rates.month());
    }

    #[test]
    fn what_was_is_forgotten_by_half_in_four_weeks() {
        let mut rates = after(40);
        let before = rates.usual(&vpn(), 3);
        for hour in 1..=4 * HOURS as i64 {
            rates.learn(
                Timestamp(rates.until().0 + HOUR * 1000),
                [(&vpn(), u32::from(hour == 0))].into_iter(),
            );
        }
        let after = rates.usual(&vpn(), 3);
        assert!((0.4..0.6).contains(&(after / before)), "{before} {after}");
    }

    #[test]
    fn only_so_many_streams_are_learned() {
        let mut rates = Rates::default();
        let all: Vec<Stream> = (0..2 * STREAMS).map(|it| Stream::Asset(format!("HW-{it}"))).collect();
        let counts = all.iter().enumerate().map(|(at, it)| (it, at as u32 + 1));
        rates.learn(Timestamp::from_second(HOUR), counts);
        assert!(rates.streams().count() <= STREAMS);
        assert!(rates.streams().any(|(it, _)| *it == all[2 * STREAMS - 1]));
    }

    #[test]
    fn a_week_begins_on_monday() {
        let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        assert_eq!(hour_of_week(at("2026-03-02T00:00:00Z")), 0);
        assert_eq!(hour_of_week(at("2026-03-01T23:59:59Z")), 167);
        assert_eq!(hour_of_week(at("1969-12-29T01:00:00Z")), 1);
    }
}
