//! Business time: when the hours of a calendar count, in the calendar's own zone.
//!
//! Intervals are half-open, to the second; 24:00 is legal. Daylight saving follows the zone's rules:
//! a time that the clock skips does not count; a stretch that spans a repeated hour counts both passes,
//! one that begins or ends within it takes the first pass. In other words: where the clock is set back,
//! the calendar's stands still until time has caught up with it.

use std::collections::BTreeMap;

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::time::Timestamp;

mod breaks;
mod explain;

pub use breaks::Break;

pub use explain::{Explanation, Stretch, Why};

/// The days of a week as catalogues and the contract name them, in the order of `Calendar::week`.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Working hours of a place.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Its id in the catalogue.
    pub id: String,
    zone: TimeZone,
    week: [Vec<Hours>; 7],
    special: BTreeMap<Date, Special>,
}

/// What holds on one date in place of its weekday's hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Special {
    /// Why, such as the name of a holiday.
    pub why: String,
    /// Its hours; none on a day off.
    pub hours: Vec<Hours>,
}

/// A stretch of one day's working hours, in seconds from midnight on the wall clock; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    /// First second.
    pub from: u32,
    /// Second behind the last; 86,400 is midnight at the end of the day.
    pub to: u32,
}

/// Why hours make no calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCalendar {
    /// The zone's name is unknown.
    #[error("`{0}` is no IANA time zone; write it like Europe/Berlin or UTC")]
    Zone(String),
    /// Nothing is ever open.
    #[error("no working hours on any day, so nothing could ever fall due; give at least one day hours")]
    NeverOpen,
    /// Backwards or empty.
    #[error("hours must end after they start, and by 24:00")]
    Backwards,
    /// Two stretches of one day share time.
    #[error("hours of one day overlap")]
    Overlap,
}

/// A due time can lie this far ahead at most, in seconds; a calendar with nothing but holidays ends the search.
const HORIZON: i64 = 86_400 * 366 * 10;

impl Calendar {
    /// A calendar from its zone's name, the hours of each day (Monday first) and the dates that are
    /// not like other days.
    pub fn new(
        id: &str,
        zone: &str,
        mut week: [Vec<Hours>; 7],
        mut special: BTreeMap<Date, Special>,
    ) -> Result<Self, BadCalendar> {
        let zone = TimeZone::get(zone).map_err(|_| BadCalendar::Zone(zone.to_owned()))?;
        for day in week.iter_mut().chain(special.values_mut().map(|it| &mut it.hours)) {
            put_in_order(day)?;
        }
        if week.iter().all(Vec::is_empty) {
            return Err(BadCalendar::NeverOpen);
        }
        Ok(Self { id: id.to_owned(), zone, week, special })
    }

    /// The zone's name.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The hours of each day, Monday first.
    pub fn week(&self) -> &[Vec<Hours>; 7] {
        &self.week
    }

    /// The dates that are not like other days, in order.
    pub fn special(&self) -> &BTreeMap<Date, Special> {
        &self.special
    }

    /// When `working` seconds of open time have passed since `start`; a start while closed counts
    /// from the next opening. `None` if that never happens within ten years.
    pub fn due(&self, start: Timestamp, working: u32) -> Option<Timestamp> {
        self.due_around(start, working, &[])
    }

    /// The same where the time of some breaks does not count, whatever the calendar says. They stand in
    /// order and do not overlap.
    pub fn due_around(&self, start: Timestamp, working: u32, breaks: &[Break]) -> Option<Timestamp> {
        let mut left = i64::from(working);
        let last = breaks.last().map_or(start, |it| it.to.max(start)).second();
        let open = breaks::around(self.open_from(start), breaks);
        for (open, close) in open.take_while(|it| it.0 < last + HORIZON) {
            if left <= close - open {
                return Some(Timestamp::from_second(open + left));
            }
            left -= close - open;
        }
        None
    }

    /// Open seconds in `[from, to)`.
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> u64 {
        self.working_around(from, to, &[])
    }

    /// The same without the time of some breaks.
    pub fn working_around(&self, from: Timestamp, to: Timestamp, breaks: &[Break]) -> u64 {
        let open = breaks::around(self.open_from(from), breaks).take_while(|(open, _)| *open < to.second());
        open.map(|(open, close)| (close.min(to.second()) - open).unsigned_abs()).sum()
    }

    /// The open stretches from a point in time on, in order, as Unix seconds.
    fn open_from(&self, start: Timestamp) -> impl Iterator<Item = (i64, i64)> {
        std::iter::successors(self.date(start), |day| day.tomorrow().ok())
            .flat_map(|day| self.open_on(day, self.hours(day)))
            .map(move |(open, close)| (open.max(start.second()), close))
            .filter(|(open, close)| open < close)
    }

    /// When the hours end that are open at a moment; `None` if it is closed. Days that are open around the clock
    /// are followed for a week.
    pub fn open_until(&self, at: Timestamp) -> Option<Timestamp> {
        let mut until = None;
        let days = std::iter::successors(self.date(at), |day| day.tomorrow().ok()).take(8);
        for (open, close) in days.flat_map(|day| self.open_on(day, self.hours(day))) {
            let goes_on = until.map_or(open <= at.second() && at.second() < close, |it| it == open);
            match until {
                _ if goes_on => until = Some(close),
                Some(_) => break,
                // Closed: what comes later does not count.
                None if at.second() < open => break,
                None => {}
            }
        }
        until.map(Timestamp::from_second)
    }

    /// When from a moment on it is open for so many seconds without an end; `None` if it is not within two years.
    pub fn first_open(&self, from: Timestamp, seconds: i64) -> Option<Timestamp> {
        let mut run: Option<(i64, i64)> = None;
        for (open, close) in self.open_from(from).take_while(|it| it.0 < from.second() + HORIZON / 5) {
            let start = run.filter(|it| it.1 == open).map_or(open, |it| it.0);
            if seconds <= close - start {
                return Some(Timestamp::from_second(start));
            }
            run = Some((start, close));
        }
        None
    }

    /// The date there.
    pub fn date(&self, at: Timestamp) -> Option<Date> {
        let at = jiff::Timestamp::from_second(at.second()).ok()?;
        Some(self.zone.to_datetime(at).date())
    }

    /// The hours of a date.
    fn hours(&self, day: Date) -> &[Hours] {
        self.special.get(&day).map_or_else(|| self.weekday(day), |it| &it.hours)
    }

    /// The hours that a date would have if it were like any other.
    fn weekday(&self, day: Date) -> &[Hours] {
        &self.week[day_of_week(day)]
    }

    /// Hours of a day as Unix seconds.
    fn open_on(&self, day: Date, hours: &[Hours]) -> impl Iterator<Item = (i64, i64)> {
        hours.iter().filter_map(move |it| Some((self.instant(day, it.from)?, self.instant(day, it.to)?)))
    }

    /// A wall-clock second of a day as a Unix second. A time that the clock skips is taken as the
    /// first instant behind the gap, so no skipped time counts; one that comes twice, as the first.
    fn instant(&self, day: Date, second: u32) -> Option<i64> {
        let (day, second) = if second >= 86_400 { (day.tomorrow().ok()?, 0) } else { (day, second) };
        let [hour, minute, second] =
            [second / 3600, second / 60 % 60, second % 60].map(|it| i8::try_from(it).unwrap_or(0));
        let wall = day.to_datetime(Time::new(hour, minute, second, 0).ok()?);
        let at = self.zone.to_ambiguous_timestamp(wall);
        let at = match at.offset() {
            jiff::tz::AmbiguousOffset::Gap { .. } => {
                let before = at.earlier().ok()?;
                self.zone.following(before).next().map(|it| it.timestamp()).or_else(|| at.later().ok())?
            }
            jiff::tz::AmbiguousOffset::Unambiguous { .. } | jiff::tz::AmbiguousOffset::Fold { .. } => {
                at.earlier().ok()?
            }
        };
        Some(at.as_second())
    }
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, self.zone(), &self.week, &self.special)
            == (&other.id, other.zone(), &other.week, &other.special)
    }
}

/// Where a date's weekday stands in `DAYS`.
pub fn day_of_week(day: Date) -> usize {
    match day.weekday() {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

/// Sorts the hours of one day, which must not overlap.
fn put_in_order(day: &mut [Hours]) -> Result<(), BadCalendar> {
    day.sort_unstable();
    if day.iter().any(|it| it.to <= it.from || it.to > 86_400) {
        return Err(BadCalendar::Backwards);
    }
    if day.windows(2).any(|pair| pair[1].from < pair[0].to) {
        return Err(BadCalendar::Overlap);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
