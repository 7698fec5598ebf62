//! Holidays from iCalendar files (RFC 5545): when a place is closed, in the words of whoever publishes
//! such files.
//!
//! An event closes the time that it takes: whole days (`DTEND` is the day behind the last) or a part of
//! one. It may come again every year, such as on the last Monday of May; a recurrence without end runs
//! to the end of 2099. Cancelled events close nothing; nor do those that leave people free
//! (`TRANSP:TRANSPARENT`), unless a calendar asks for them, since some publishers mark every holiday so.
//! What is not understood is refused with its line, never guessed.

use std::{cell::Cell, collections::BTreeMap};

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};

use self::event::Event;
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

/// What a file closes.
#[derive(Debug)]
pub(super) struct File {
    /// Events that take people's time.
    pub(super) busy: Vec<Closed>,
    /// Those that leave them free, or what is wrong with the first of them that cannot be read. Whoever does
    /// not ask for them need not mend them.
    pub(super) free: Result<Vec<Closed>, String>,
}

/// The files of a catalogue by their names; nothing of one with a fault.
#[derive(Debug, Default)]
pub(super) struct Holidays<'a> {
    files: BTreeMap<&'a str, Option<File>>,
    /// Days that calendars have taken from them.
    taken: Cell<usize>,
}

/// Days that the events of a file may close together.
const DAYS: usize = 50_000;
/// Days that all calendars of a catalogue may take from files. Fifty calendars with a dozen yearly ones
/// each take 44,000 until 2099.
pub(super) const TAKEN: usize = 500_000;

impl<'a> Holidays<'a> {
    /// Adds a file, and tells what is wrong with it.
    pub(super) fn add(&mut self, source: &'a Source, faults: &Faults) {
        self.files.insert(&source.name, read(source, faults));
    }

    /// The names of the files.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + Clone {
        self.files.keys().copied()
    }

    /// A file, if there is one of this name; nothing of it if it has a fault.
    pub(super) fn of(&self, name: &str) -> Option<Option<&File>> {
        self.files.get(name).map(Option::as_ref)
    }

    /// Notes that a calendar takes days from a file, unless that is too much.
    pub(super) fn take(&self, days: usize) -> bool {
        let taken = self.taken.get() + days;
        let fits = taken <= TAKEN;
        self.taken.set(if fits { taken } else { self.taken.get() });
        fits
    }
}

/// What a file closes; `None` if something is wrong with it, which is told.
fn read(source: &Source, faults: &Faults) -> Option<File> {
    let tell = |line, field, problem| faults.add(Fault { file: source.name.clone(), line, field, problem });
    let events = lines::events(&source.content);
    let events = events.map_err(|bad| tell(bad.line, String::new(), bad.problem)).ok()?;
    let moved = moved(&events);
    let (mut file, mut good) = (File { busy: Vec::new(), free: Ok(Vec::new()) }, true);
    let mut days = 0;
    for (index, event) in events.iter().enumerate().filter(|(_, it)| !it.is_cancelled()) {
        let elsewhere = moved.get(event.uid()).filter(|_| !event.is_moved());
        let closed = event.closed(elsewhere.map_or(&[], Vec::as_slice));
        days += closed.as_ref().map_or(0, Closed::days);
        if days > DAYS {
            let problem = format!("closes more than {DAYS} days up to here; split the file");
            tell(event.line, String::new(), problem);
            return None;
        }
        let closed = closed.map_err(|bad| (bad.line, format!("{}: {}", quoted(event.name()), bad.problem)));
        match (event.is_free(), closed, &mut file.free) {
            (false, Ok(it), _) => file.busy.push(it),
            (false, Err((line, problem)), _) => {
                good = false;
                tell(line, format!("VEVENT[{index}]"), problem);
            }
            (true, Ok(it), Ok(free)) => free.push(it),
            (true, Err((line, problem)), Ok(_)) => file.free = Err(format!("line {line}: {problem}")),
            (true, _, Err(_)) => {}
        }
    }
    good.then_some(file)
}

/// The days of recurrences that take place otherwise, by the event's UID.
fn moved(events: &[Event]) -> BTreeMap<&str, Vec<Date>> {
    let mut moved: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in events.iter().filter(|it| it.is_moved() && !it.uid().is_empty()) {
        // A day that cannot be read is told where the event itself is read.
        moved.entry(event.uid()).or_default().extend(event.stands_for().ok().flatten());
    }
    moved
}

impl Closed {
    /// How many days it takes, roughly.
    pub(super) fn days(&self) -> usize {
        let seconds = |(from, to): &(DateTime, DateTime)| from.duration_until(*to).as_secs().unsigned_abs();
        let days = self.spans.iter().map(|it| seconds(it).div_ceil(86_400));
        days.map(|it| usize::try_from(it).unwrap_or(usize::MAX)).sum()
    }
}

#[cfg(test)]
mod tests;
