//! Why a due time falls where it does: what counted up to it, what did not, and why not.

use std::fmt;

use jiff::civil::Date;

use super::{Break, Calendar, Timestamp};

/// A due time and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What [`Calendar::due`] says.
    pub due: Timestamp,
    /// From the start to the due time without a gap; the first ones only, where `whole` is false.
    pub stretches: Vec<Stretch>,
    /// Whether the stretches reach the due time.
    pub whole: bool,
}

/// A stretch of time of which all counts, or nothing for one reason. Half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Its first second.
    pub from: Timestamp,
    /// The second behind its last.
    pub to: Timestamp,
    /// Whether it counts.
    pub why: Why,
}

/// Why a stretch counts or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It counts: these are working hours.
    Open,
    /// Outside the hours of the day.
    OutsideHours,
    /// Nobody works on such a day of the week.
    Weekday,
    /// The date is not like others, and is called so.
    Special(String),
    /// Open, but the clock stood still for this reason.
    Break(&'static str),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "working hours",
            Self::OutsideHours => "outside hours",
            Self::Weekday => "nobody works on such a weekday",
            Self::Special(name) => name,
            Self::Break(why) => why,
        })
    }
}

/// Nobody reads on; a year of working days has about five hundred.
const MOST: usize = 500;

impl Calendar {
    /// What counts between `start` and the due time, and what does not. It walks the stretches that
    /// [`Calendar::due`] walks, so the two cannot differ.
    pub fn explain(&self, start: Timestamp, working: u32) -> Option<Explanation> {
        self.explain_around(start, working, &[])
    }

    /// The same of [`Calendar::due_around`].
    pub fn explain_around(&self, start: Timestamp, working: u32, breaks: &[Break]) -> Option<Explanation> {
        let due = self.due_around(start, working, breaks)?;
        let mut told = Told { stretches: Vec::new(), at: start.second() };
        for (open, close) in self.open_from(start) {
            self.closed(&mut told, open);
            let end = close.min(due.second());
            for it in breaks.iter().filter(|it| it.from.second() < end && open < it.to.second()) {
                told.tell(it.from.second(), || Why::Open);
                told.tell(it.to.second().min(end), || Why::Break(it.why));
            }
            told.tell(end, || Why::Open);
            if close >= due.second() || told.stretches.len() > MOST {
                break;
            }
        }
        let whole = told.stretches.len() <= MOST;
        told.stretches.truncate(MOST);
        Some(Explanation { due, stretches: told.stretches, whole })
    }

    /// Tells of the time until the next opening, day by day.
    fn closed(&self, told: &mut Told, until: i64) {
        let mut day = self.date(Timestamp::from_second(told.at));
        while let Some(it) = day.filter(|_| told.at < until && told.stretches.len() <= MOST) {
            let end = self.instant(it, 86_400).unwrap_or(until).min(until);
            let from = told.at;
            told.tell(end, || self.why(it, from, end));
            day = it.tomorrow().ok();
        }
    }

    /// Why nothing in `[from, to)` of a day counts. A date that is not like others is to blame only for
    /// hours that its weekday would have had.
    fn why(&self, day: Date, from: i64, to: i64) -> Why {
        let usual = self.weekday(day);
        let special = self.special.get(&day);
        let missed = |(open, close): (i64, i64)| open < to && from < close;
        match special.filter(|_| self.open_on(day, usual).any(missed)) {
            Some(special) => Why::Special(special.why.clone()),
            None if usual.is_empty() => Why::Weekday,
            None => Why::OutsideHours,
        }
    }
}

/// What has been told, and up to which second.
struct Told {
    stretches: Vec<Stretch>,
    at: i64,
}

impl Told {
    /// Tells of the time up to a second; what is as the stretch before makes that one longer.
    fn tell(&mut self, to: i64, why: impl FnOnce() -> Why) {
        if to <= self.at {
            return;
        }
        let why = why();
        let from = Timestamp::from_second(std::mem::replace(&mut self.at, to));
        let to = Timestamp::from_second(to);
        match self.stretches.last_mut().filter(|it| it.why == why) {
            Some(last) => last.to = to,
            None => self.stretches.push(Stretch { from, to, why }),
        }
    }
}
