//! Holidays from iCalendar files (RFC 5545): when a place is closed, in the words of whoever publishes
//! such files.
//!
//! An event closes the time that it takes: whole days (`DTEND` is the day behind the last) or a part of
//! one. It may come again every year, such as on the last Monday of May; a recurrence without end runs
//! to the end of 2099. Cancelled events and those that leave people free (`TRANSP:TRANSPARENT`) close
//! nothing. What is not understood is refused with its line, never guessed.

use std::{cell::Cell, collections::BTreeMap};

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};

use self::{event::Event, lines::Bad};
use super::{
    Fault, Source,
    fault::{Faults, quoted},
};

mod event;
mod lines;
mod moment;
mod rule;

pub(super) use moment::told_in;

/// What one event closes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Closed {
    /// What it is called.
    pub(super) name: String,
    /// Whose clock its times are told by; whatever clock hangs in the place, if it has none.
    pub(super) zone: Option<TimeZone>,
    /// From and to, half-open.
    pub(super) spans: Vec<(DateTime, DateTime)>,
}

/// What the files of a catalogue close, by their names.
#[derive(Debug, Default)]
pub(super) struct Holidays<'a> {
    files: BTreeMap<&'a str, Vec<Closed>>,
    /// Days that calendars have taken from them.
    taken: Cell<usize>,
}

/// Days that the events of a file may close together.
const DAYS: usize = 50_000;
/// Days that all calendars of a catalogue may take from files. Fifty calendars with a dozen yearly ones
/// each take 44,000 until 2099.
pub(super) const TAKEN: usize = 500_000;

impl<'a> Holidays<'a> {
    /// Adds a file; of one with a fault, which is told, nothing but its name.
    pub(super) fn add(&mut self, source: &'a Source, faults: &Faults) {
        self.files.insert(&source.name, read(source, faults).unwrap_or_default());
    }

    /// The names of the files.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.files.keys().copied()
    }

    /// What a file closes, if there is such a file.
    pub(super) fn of(&self, name: &str) -> Option<&[Closed]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Notes that a calendar takes what a file closes, unless that is too much.
    pub(super) fn take(&self, closed: &[Closed]) -> bool {
        let taken = self.taken.get() + closed.iter().map(Closed::days).sum::<usize>();
        let fits = taken <= TAKEN;
        self.taken.set(if fits { taken } else { self.taken.get() });
        fits
    }
}

/// What a file closes; `None` if something is wrong with it, which is told.
fn read(source: &Source, faults: &Faults) -> Option<Vec<Closed>> {
    let events =
        lines::events(&source.content).map_err(|bad| tell(source, faults, String::new(), bad)).ok()?;
    let moved = moved(&events);
    let (mut all, mut good) = (Vec::new(), true);
    for (index, event) in events.iter().enumerate().filter(|(_, it)| it.closes()) {
        let elsewhere = moved.get(event.uid()).filter(|_| !event.is_moved()).map_or(&[][..], Vec::as_slice);
        match event.closed(elsewhere) {
            Ok(it) => all.push(it),
            Err(bad) => {
                good = false;
                let problem = format!("{}: {}", quoted(event.name()), bad.problem);
                tell(source, faults, format!("VEVENT[{index}]"), Bad { problem, ..bad });
            }
        }
    }
    let whole = |problem: String| tell(source, faults, String::new(), Bad { line: 0, problem });
    let days: usize = all.iter().map(Closed::days).sum();
    if days > DAYS {
        whole(format!("closes {days} days; at most {DAYS} are allowed"));
    } else if days == 0 && good {
        whole(
            "closes nothing: it has no event that is neither cancelled nor free (TRANSP:TRANSPARENT)".into(),
        );
    }
    (good && (1..=DAYS).contains(&days)).then_some(all)
}

/// The days of recurrences that take place otherwise, by the event's UID.
fn moved(events: &[Event]) -> BTreeMap<&str, Vec<Date>> {
    let mut moved: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in events.iter().filter(|it| it.is_moved()) {
        // A day that cannot be read is told where the event itself is read.
        moved.entry(event.uid()).or_default().extend(event.stands_for().ok().flatten());
    }
    moved
}

fn tell(source: &Source, faults: &Faults, field: String, bad: Bad) {
    faults.add(Fault { file: source.name.clone(), line: bad.line, field, problem: bad.problem });
}

impl Closed {
    fn days(&self) -> usize {
        let days =
            |(from, to): &(DateTime, DateTime)| from.duration_until(*to).as_hours().unsigned_abs() / 24 + 1;
        self.spans.iter().map(days).map(|it| usize::try_from(it).unwrap_or(usize::MAX)).sum()
    }
}

#[cfg(test)]
mod tests;
