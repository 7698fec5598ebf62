//! How many people usually write about something in an hour of the week. Learned with forgetting: after four weeks an
//! hour counts for half. The hours are those of the desk's zone, so that nothing changes with the clocks.
//!
//! A single stream is too thin for a rate of each hour of its own. So its hour is drawn towards its weekly level, spread
//! over the week as everything that the tenant hears is (a gamma prior, four weeks strong); and the level of what was
//! hardly heard yet towards a usual one, which a day of experience outweighs. Of an asset only the level is learned.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::{Stream, watched};
use crate::domain::time::Timestamp;

/// Hours of a week.
pub const HOURS: usize = 168;
/// What is left of an experience after a week: half after four.
const KEPT: f32 = 0.840_896_4;
/// The same after an hour.
const KEPT_AN_HOUR: f32 = 0.998_969_1;
/// Weeks of experience that a stream's level, spread over the week, is worth beside its own hour.
const SPREAD: f64 = 4.0;
/// Weeks of experience that the shape of a usual week is worth beside the tenant's own.
const SHAPE: f64 = 0.5;
/// Weeks of experience that the level of the unknown is worth.
const UNKNOWN: f64 = 0.1;
/// Templates and services whose rates are learned, at most; the rarest give way.
const STREAMS: usize = 2048;
/// Assets whose levels are learned, at most; the rarest give way.
const ASSETS: usize = 4096;
/// Who wrote so little about an asset is forgotten, in people.
const FORGOTTEN: f32 = 0.01;

/// The weeks of a zone.
#[derive(Debug, Clone)]
pub struct Week(TimeZone);

impl Default for Week {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Week {
    /// Those of a zone by its name; of UTC if there is none.
    pub fn of(zone: &str) -> Self {
        Self(TimeZone::get(zone).unwrap_or(TimeZone::UTC))
    }

    /// The hour of the week, Monday midnight first.
    pub fn hour(&self, at: Timestamp) -> usize {
        let Ok(at) = jiff::Timestamp::from_second(at.second()) else { return 0 };
        let at = at.to_zoned(self.0.clone());
        let day = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        day * 24 + usize::try_from(at.hour()).unwrap_or_default()
    }
}

/// What is usual for one tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// Up to when it was learned.
    until: Timestamp,
    /// Weeks of experience with each hour of the week, Monday midnight first.
    weeks: Vec<f32>,
    /// People for each template and service.
    streams: HashMap<Stream, Learned>,
    /// People for each asset.
    assets: HashMap<String, f32>,
    /// How much of a week falls into each hour; the sum is 1.
    shape: Vec<f64>,
    /// Weeks of experience in all, weighed with the shape.
    experience: f64,
}

/// People who wrote about something.
#[derive(Debug, Clone, PartialEq)]
struct Learned {
    /// In each hour of the week.
    hours: Vec<f32>,
    /// In all of them.
    sum: f32,
}

/// What an hour teaches of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lesson {
    /// So many wrote.
    pub people: u32,
    /// They have done so for long enough that what was before says less.
    pub lasting: bool,
}

impl Default for Rates {
    fn default() -> Self {
        Self::learned(Timestamp::default(), vec![0.0; HOURS], HashMap::new())
    }
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
    /// What was learned up to a time: weeks of experience with each hour, and the people in each hour for each stream; of
    /// an asset only their sum matters.
    pub fn learned(until: Timestamp, mut weeks: Vec<f32>, streams: HashMap<Stream, Vec<f32>>) -> Self {
        weeks.resize(HOURS, 0.0);
        let (mut by_hour, mut assets) = (HashMap::new(), HashMap::new());
        for (stream, mut hours) in streams {
            let sum = hours.iter().sum();
            if let Stream::Asset(tag) = stream {
                assets.insert(tag, sum);
            } else {
                hours.resize(HOURS, 0.0);
                by_hour.insert(stream, Learned { hours, sum });
            }
        }
        let mut all = Self { until, weeks, streams: by_hour, assets, shape: vec![], experience: 0.0 };
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

    /// The people in each hour, for each stream; of an asset their sum.
    pub fn streams(&self) -> impl Iterator<Item = (Stream, Vec<f32>)> {
        let assets = self.assets.iter().map(|(tag, sum)| (Stream::Asset(tag.clone()), vec![*sum]));
        self.streams.iter().map(|(stream, it)| (stream.clone(), it.hours.clone())).chain(assets)
    }

    /// Hours that were learned from; those of more than a week ago count for less.
    pub fn hours(&self) -> f32 {
        self.weeks.iter().sum()
    }

    /// What was learned of a time that is yet to come was learned by a clock that was wrong: what follows is learned all
    /// the same.
    pub fn forget_future(&mut self, now: Timestamp) {
        self.until = self.until.min(watched::hour_start(now));
    }

    /// People who usually write about something in an hour of the week: so many that it is hardly more in truth (one
    /// standard deviation above what is most likely), since what is taken for too few alarms for nothing.
    pub fn usual(&self, stream: &Stream, hour: usize) -> f64 {
        let weeks = SPREAD + f64::from(self.weeks[hour]);
        let spread = self.level(stream) * self.shape[hour];
        let likely = match stream {
            Stream::Asset(_) => spread,
            Stream::Template(_) | Stream::Service(_) => {
                let here = self.streams.get(stream).map_or(0.0, |it| f64::from(it.hours[hour]));
                (SPREAD * spread + here) / weeks
            }
        };
        likely + (likely / weeks).sqrt()
    }

    /// People who usually write about anything that is watched, in 30 days; who writes about two is counted twice.
    pub fn month(&self) -> f64 {
        let by_hour = self.streams.iter().map(|(stream, it)| self.level_of(stream, it.sum)).sum::<f64>();
        let assets: f64 = self.assets.values().map(|it| f64::from(*it)).sum();
        (by_hour + assets / (UNKNOWN + self.experience)) * 30.0 / 7.0
    }

    /// People who write about something in a week.
    fn level(&self, stream: &Stream) -> f64 {
        let seen = match stream {
            Stream::Asset(tag) => self.assets.get(tag).copied(),
            Stream::Template(_) | Stream::Service(_) => self.streams.get(stream).map(|it| it.sum),
        };
        self.level_of(stream, seen.unwrap_or_default())
    }

    fn level_of(&self, stream: &Stream, seen: f32) -> f64 {
        (UNKNOWN * unknown(stream) + f64::from(seen)) / (UNKNOWN + self.experience)
    }

    /// An hour of the week has passed: so many wrote about these.
    pub(super) fn learn<'a>(
        &mut self,
        (ended, hour): (Timestamp, usize),
        lessons: impl Iterator<Item = (&'a Stream, Lesson)>,
    ) {
        self.until = ended;
        self.weeks[hour] = self.weeks[hour] * KEPT + 1.0;
        let weeks = self.weeks[hour];
        for it in self.streams.values_mut() {
            it.set(hour, it.hours[hour] * KEPT);
        }
        self.assets.values_mut().for_each(|it| *it *= KEPT_AN_HOUR);
        for (stream, lesson) in lessons {
            let people = lesson.people as f32;
            if let Stream::Asset(tag) = stream {
                *self.assets.entry(tag.clone()).or_default() += people;
                continue;
            }
            let it = self.streams.entry(stream.clone()).or_insert_with(Learned::nothing);
            let learned = it.hours[hour] + people;
            // As if half of the experience had been like this hour.
            it.set(hour, if lesson.lasting { f32::midpoint(learned, people * weeks) } else { learned });
        }
        self.forget_rarest();
        self.reckon();
    }

    fn forget_rarest(&mut self) {
        self.assets.retain(|_, it| *it >= FORGOTTEN);
        let least = least_of(self.assets.values().copied(), ASSETS);
        self.assets.retain(|_, it| least < *it);
        let least = least_of(self.streams.values().map(|it| it.sum), STREAMS);
        self.streams.retain(|_, it| least < it.sum);
    }

    /// What follows from what was learned.
    fn reckon(&mut self) {
        let weeks = |hour: usize| f64::from(self.weeks[hour]);
        let mut seen = vec![0.0_f64; HOURS];
        for it in self.streams.values() {
            seen.iter_mut().zip(&it.hours).for_each(|(sum, hour)| *sum += f64::from(*hour));
        }
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

impl Learned {
    fn nothing() -> Self {
        Self { hours: vec![0.0; HOURS], sum: 0.0 }
    }

    fn set(&mut self, hour: usize, people: f32) {
        self.sum = (self.sum + people - self.hours[hour]).max(0.0);
        self.hours[hour] = people;
    }
}

/// What is no more than this gives way, if there are more than so many.
fn least_of(all: impl Iterator<Item = f32>, most: usize) -> f32 {
    let mut all: Vec<f32> = all.collect();
    if all.len() <= most {
        return -1.0;
    }
    let (_, least, _) = all.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a));
    *least
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of an hour.
    const HOUR: i64 = 3600;

    fn vpn() -> Stream {
        Stream::Template("vpn_fault".to_owned())
    }

    fn lesson(people: u32) -> Lesson {
        Lesson { people, lasting: false }
    }

    /// Rates after some weeks in which ten people wrote in each of the first ten hours of a week, and nobody else.
    fn after(weeks: i64) -> Rates {
        let mut rates = Rates::default();
        for hour in 0..weeks * HOURS as i64 {
            let of_week = usize::try_from(hour).unwrap() % HOURS;
            let count = if of_week < 10 { 10 } else { 0 };
            let ended = Timestamp::from_second((hour + 1) * HOUR);
            rates.learn((ended, of_week), [(&vpn(), lesson(count))].into_iter());
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
        for hour in 0..4 * HOURS {
            let ended = Timestamp(rates.until().0 + HOUR * 1000);
            rates.learn((ended, hour % HOURS), [(&vpn(), lesson(u32::from(hour == 0)))].into_iter());
        }
        let after = rates.usual(&vpn(), 3);
        assert!((0.4..0.6).contains(&(after / before)), "{before} {after}");
    }

    #[test]
    fn what_lasts_is_learned_soon() {
        let teach = |lasting: bool| {
            let mut rates = after(12);
            let ended = Timestamp(rates.until().0 + HOUR * 1000);
            rates.learn((ended, 3), [(&vpn(), Lesson { people: 50, lasting })].into_iter());
            rates.usual(&vpn(), 3)
        };
        assert!(teach(true) > 25.0 && teach(false) < 20.0, "{} {}", teach(true), teach(false));
    }

    #[test]
    fn only_so_many_streams_are_learned() {
        let mut rates = Rates::default();
        let asset = |it: usize| Stream::Asset(format!("HW-{it}"));
        let template = |it: usize| Stream::Template(format!("t{it}"));
        let all: Vec<Stream> = (0..2 * ASSETS).map(asset).chain((0..2 * STREAMS).map(template)).collect();
        let counts = all.iter().enumerate().map(|(at, it)| (it, lesson(at as u32 + 1)));
        rates.learn((Timestamp::from_second(HOUR), 0), counts);
        assert!(rates.streams().count() <= ASSETS + STREAMS);
        for most in [asset(2 * ASSETS - 1), template(2 * STREAMS - 1)] {
            assert!(rates.streams().any(|(it, _)| it == most), "{most:?}");
        }
    }

    #[test]
    fn a_week_begins_on_monday_and_has_the_hours_of_its_zone() {
        let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let utc = Week::default();
        assert_eq!(utc.hour(at("2026-03-02T00:00:00Z")), 0);
        assert_eq!(utc.hour(at("2026-03-01T23:59:59Z")), 167);
        assert_eq!(utc.hour(at("1969-12-29T01:00:00Z")), 1);
        // Nine o'clock is nine o'clock, before and after the clocks change.
        let berlin = Week::of("Europe/Berlin");
        assert_eq!(berlin.hour(at("2026-03-27T08:00:00Z")), 4 * 24 + 9);
        assert_eq!(berlin.hour(at("2026-04-03T07:00:00Z")), 4 * 24 + 9);
        assert_eq!(Week::of("Nowhere/Else").hour(at("2026-03-02T00:00:00Z")), 0);
    }
}
