//! Business time: when the hours of a calendar count, in the calendar's own zone.
//!
//! Intervals are half-open, to the second; 24:00 is legal. Daylight saving follows the zone's rules:
//! a time that the clock skips does not count; a stretch that spans a repeated hour counts both passes,
//! one that begins or ends within it takes the first pass.

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::time::Timestamp;

/// The days of a week as catalogues and the contract name them, in the order of `Calendar::week`.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Working hours of a place.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Its id in the catalogue.
    pub id: String,
    zone: TimeZone,
    week: [Vec<Hours>; 7],
    holidays: Vec<Date>,
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

/// A due time can lie this far ahead at most; a calendar with nothing but holidays ends the search.
const HORIZON_DAYS: i32 = 366 * 10;

impl Calendar {
    /// A calendar from its zone's name, the hours of each day (Monday first) and its days off.
    pub fn new(
        id: &str,
        zone: &str,
        mut week: [Vec<Hours>; 7],
        mut holidays: Vec<Date>,
    ) -> Result<Self, BadCalendar> {
        let zone = TimeZone::get(zone).map_err(|_| BadCalendar::Zone(zone.to_owned()))?;
        for day in &mut week {
            day.sort_unstable();
            if day.iter().any(|it| it.to <= it.from || it.to > 86_400) {
                return Err(BadCalendar::Backwards);
            }
            if day.windows(2).any(|pair| pair[1].from < pair[0].to) {
                return Err(BadCalendar::Overlap);
            }
        }
        if week.iter().all(Vec::is_empty) {
            return Err(BadCalendar::NeverOpen);
        }
        holidays.sort_unstable();
        holidays.dedup();
        Ok(Self { id: id.to_owned(), zone, week, holidays })
    }

    /// The zone's name.
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The hours of each day, Monday first.
    pub fn week(&self) -> &[Vec<Hours>; 7] {
        &self.week
    }

    /// The days off, in order.
    pub fn holidays(&self) -> &[Date] {
        &self.holidays
    }

    /// When `working` seconds of open time have passed since `start`; a start while closed counts
    /// from the next opening. `None` if that never happens within ten years.
    pub fn due(&self, start: Timestamp, working: u32) -> Option<Timestamp> {
        let mut left = i64::from(working);
        let mut day = self.date(start)?;
        for _ in 0..HORIZON_DAYS {
            for (open, close) in self.open_on(day) {
                let from = open.max(start.second());
                if close <= from {
                    continue;
                }
                if left <= close - from {
                    return Some(Timestamp::from_second(from + left));
                }
                left -= close - from;
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    /// Open seconds in `[from, to)`.
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> u64 {
        let (Some(mut day), Some(last)) = (self.date(from), self.date(to)) else { return 0 };
        let mut sum = 0;
        while day <= last {
            for (open, close) in self.open_on(day) {
                sum += (close.min(to.second()) - open.max(from.second())).max(0).unsigned_abs();
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        sum
    }

    fn date(&self, at: Timestamp) -> Option<Date> {
        let at = jiff::Timestamp::from_second(at.second()).ok()?;
        Some(self.zone.to_datetime(at).date())
    }

    /// The open stretches of a day, as Unix seconds.
    fn open_on(&self, day: Date) -> impl Iterator<Item = (i64, i64)> {
        let index = match day.weekday() {
            Weekday::Monday => 0,
            Weekday::Tuesday => 1,
            Weekday::Wednesday => 2,
            Weekday::Thursday => 3,
            Weekday::Friday => 4,
            Weekday::Saturday => 5,
            Weekday::Sunday => 6,
        };
        let closed = self.holidays.binary_search(&day).is_ok();
        let hours: &[Hours] = if closed { &[] } else { &self.week[index] };
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
        (&self.id, self.zone(), &self.week, &self.holidays)
            == (&other.id, other.zone(), &other.week, &other.holidays)
    }
}

#[cfg(test)]
mod tests;
