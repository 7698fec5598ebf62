//! The dates of a calendar that are not like other days: what iCalendar files close, the days off, and the
//! exceptions, each of which has the last word on its date over those before it.

use std::collections::BTreeMap;

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::{
    calendars::{STRETCHES, Week, shares_time},
    fault::quoted,
    ics::{Closed, File, Holidays, TAKEN, told_in},
    item::{Item, Map},
};
use crate::domain::calendar::{Hours, Special, day_of_week};

/// Days off that are listed for one calendar.
const DATES: usize = 2_000;
/// Files of holidays that one calendar names.
const FILES: usize = 20;
/// Longest name of a day off, in characters.
const NAME: usize = 80;

type Dates = BTreeMap<Date, Special>;

/// The dates of a calendar; `None` if something is wrong with them.
pub(super) fn special(map: &Map<'_>, files: &Holidays<'_>, week: &Week, zone: Option<&str>) -> Option<Dates> {
    let mut dates = Dates::new();
    // A zone that there is not is told where the calendar is made.
    let zone = zone.and_then(|it| TimeZone::get(it).ok()).unwrap_or(TimeZone::UTC);
    let named = map.get("holidays_from").map_or_else(|| Some(Vec::new()), |it| files_of(&it))?;
    let closed = every(named.iter().map(|it| named_file(it, files)))?;
    closed.into_iter().flatten().for_each(|it| close(&mut dates, it, week, &zone));
    let off = |why: String| Special { why, hours: Vec::new() };
    if let Some(item) = map.get("holidays") {
        dates.extend(holidays(&item)?.into_iter().map(|(date, why)| (date, off(why))));
    }
    if let Some(item) = map.get("exceptions") {
        dates.extend(exceptions(&item)?);
    }
    Some(dates)
}

fn files_of<'a>(item: &Item<'a>) -> Option<Vec<Item<'a>>> {
    if item.is_map() { Some(vec![item.clone()]) } else { item.one_or_more(FILES) }
}

/// What a file closes: its name, or `{ file: germany.ics, with_free: true }` where the publisher marks
/// holidays as free.
fn named_file<'a>(item: &Item<'_>, files: &'a Holidays<'_>) -> Option<Vec<&'a Closed>> {
    let (name, with_free) = if item.is_map() {
        let map = item.map(&["file", "with_free"])?;
        (map.need("file")?.text(NAME)?, map.get("with_free").map_or(Some(false), |it| it.flag())?)
    } else {
        (item.text(NAME)?, false)
    };
    let Some(file) = files.of(&name) else {
        item.unknown("there is no file of holidays", &name, files.names());
        return None;
    };
    let File { busy, free } = file?;
    let closed: Vec<_> = match (with_free, free) {
        (false, _) => busy.iter().collect(),
        (true, Ok(free)) => busy.iter().chain(free).collect(),
        (true, Err(bad)) => {
            item.fault(format!("{}, {bad}", quoted(&name)));
            return None;
        }
    };
    enough(item, &closed, files).then_some(closed)
}

/// Whether a file closes anything, and not more than can be.
fn enough(item: &Item<'_>, closed: &[&Closed], files: &Holidays<'_>) -> bool {
    let days = closed.iter().map(|it| it.days()).sum();
    let problem = if days == 0 {
        "closes nothing: it has no event that is neither cancelled nor free (TRANSP:TRANSPARENT); \
         where holidays are marked as free, write { file: germany.ics, with_free: true }"
            .to_owned()
    } else if !files.take(days) {
        format!("the calendars of a catalogue take more than {TAKEN} days off from files")
    } else {
        return true;
    };
    item.fault(problem);
    false
}

/// Takes the time of an event out of the hours of its dates.
fn close(dates: &mut Dates, closed: &Closed, week: &Week, zone: &TimeZone) {
    for span in &closed.spans {
        let here = |at: DateTime| told_in(at, closed.zone.as_ref(), Some(zone));
        for (date, shut) in by_day(here(span.0), here(span.1)) {
            let usual = &week[day_of_week(date)];
            let before = dates.get(&date).map_or(usual, |it| &it.hours);
            let hours = without(before, shut);
            // Whoever closes the rest of a day is the reason that it is closed.
            if hours != *before && (hours.is_empty() || !dates.contains_key(&date)) {
                dates.insert(date, Special { why: closed.name.clone(), hours });
            } else if let Some(it) = dates.get_mut(&date) {
                it.hours = hours;
            }
        }
    }
}

/// A span of a clock's time, date by date.
fn by_day(from: DateTime, to: DateTime) -> impl Iterator<Item = (Date, Hours)> {
    let of_day = |at: DateTime| {
        let at = at.time();
        [(at.hour(), 3600), (at.minute(), 60), (at.second(), 1)]
            .map(|(it, unit)| u32::from(it.unsigned_abs()) * unit)
    };
    let second = move |at: DateTime| of_day(at).into_iter().sum::<u32>();
    let dates = std::iter::successors(Some(from.date()), |it| it.tomorrow().ok());
    let days = dates.take_while(move |it| *it <= to.date()).map(move |date| {
        let begins = if date == from.date() { second(from) } else { 0 };
        let ends = if date == to.date() { second(to) } else { 86_400 };
        (date, Hours { from: begins, to: ends })
    });
    // What ends on the stroke of midnight has nothing of the next day; what lies within an hour that comes
    // twice may end before it begins.
    days.filter(|(_, hours)| hours.from < hours.to)
}

/// Hours without a stretch.
fn without(hours: &[Hours], shut: Hours) -> Vec<Hours> {
    let rest =
        |it: &Hours| [Hours { to: it.to.min(shut.from), ..*it }, Hours { from: it.from.max(shut.to), ..*it }];
    hours.iter().flat_map(rest).filter(|it| it.from < it.to).collect()
}

/// Days off: a list of dates, or a map that names them.
fn holidays(item: &Item<'_>) -> Option<Vec<(Date, String)>> {
    if item.is_map() {
        let map = item.open_map()?;
        return every(map.each().map(|(date, name)| Some((name.date_of(date)?, name.text(NAME)?))));
    }
    every(item.list(DATES)?.iter().map(|it| Some((it.date()?, "holiday".to_owned()))))
}

/// Dates with hours of their own: none, one stretch, or a list of them.
fn exceptions(item: &Item<'_>) -> Option<Dates> {
    let hours = |name: &str, item: &Item<'_>| {
        let stretches = item.one_or_list(STRETCHES)?;
        let mut hours = every(stretches.iter().map(|it| Some((it.hours()?, it.clone()))))?;
        (!shares_time(&mut hours, name)).then(|| hours.into_iter().map(|(hours, _)| hours).collect())
    };
    let special = |(name, item): (&str, Item<'_>)| {
        let (date, hours) = (item.date_of(name), hours(name, &item));
        Some((date?, Special { why: "exception".to_owned(), hours: hours? }))
    };
    let map = item.open_map()?;
    every(map.each().map(special)).map(Dates::from_iter)
}

/// All of them, if each is right. None is left out on the way, so that every fault is told.
fn every<T>(all: impl Iterator<Item = Option<T>>) -> Option<Vec<T>> {
    let all: Vec<_> = all.collect();
    all.into_iter().collect()
}
