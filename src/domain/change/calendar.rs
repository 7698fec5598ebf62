//! When a change may not be carried out: freeze periods, and the hours outside of its maintenance windows. And when next
//! it may.

use super::{ChangeType, Scheduled, Span};
use crate::domain::{
    calendar::Calendar, catalog::Catalog, people::Bilingual, ticket::Ticket, time::Timestamp,
};

/// A window is looked for so many seconds ahead: a year.
const AHEAD: i64 = 366 * 86_400;
/// What is proposed begins on a quarter of an hour, and leaves one at least to say yes to it.
const QUARTER: i64 = 15 * 60;

/// A time in which nothing is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Bilingual,
    /// From when until when.
    pub span: Span,
    /// Ids of the services that are frozen; all if none is named.
    pub services: Vec<String>,
    /// Why.
    pub reason: String,
}

/// When something is changed: in the hours of a calendar, and at no other time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Bilingual,
    /// Id of the calendar.
    pub calendar: String,
    /// Ids of the services that it is for.
    pub services: Vec<String>,
    /// Ids of the types of assets that it is for.
    pub asset_types: Vec<String>,
}

/// What stands against a window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Obstacles<'a> {
    /// Freeze periods that it meets.
    pub freezes: Vec<&'a Freeze>,
    /// Maintenance windows that it does not keep to.
    pub windows: Vec<&'a Maintenance>,
}

impl Obstacles<'_> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.freezes.is_empty() && self.windows.is_empty()
    }
}

/// What stands against carrying a change out in a window. Every maintenance window that is for its service or for one of
/// its assets must be open all the time; an emergency need not keep to any.
pub fn obstacles<'a>(catalog: &'a Catalog, change: &Ticket, window: &Span) -> Obstacles<'a> {
    // A part of a second needs all of it: calendars know no parts.
    let whole = window.whole();
    let is_open = |it: &Calendar| {
        let open = i64::try_from(it.working_between(whole.start, whole.end));
        open == Ok(whole.seconds())
    };
    let shut = hours(catalog, change).filter(|(_, calendar)| !is_open(calendar));
    Obstacles {
        freezes: frozen(catalog, change).filter(|it| it.span.meets(window)).collect(),
        windows: shut.map(|(window, _)| window).collect(),
    }
}

/// What stands against carrying a change out in a span that did not stand against it, or did not stop it, when it got its
/// place in the calendar.
pub fn unforeseen<'a>(
    catalog: &'a Catalog,
    change: &Ticket,
    place: &Scheduled,
    span: &Span,
) -> Obstacles<'a> {
    let mut found = obstacles(catalog, change, span);
    found.freezes.retain(|it| !place.freezes.contains(&it.id));
    found.windows.retain(|it| !place.windows.contains(&it.id));
    found
}

/// Why a change that has its place in the calendar may not be carried out from a moment on; nothing if it may. An emergency
/// waits for nothing, and what did not stop the scheduling does not stop this.
pub fn barred_at(catalog: &Catalog, change: &Ticket, now: Timestamp) -> Option<String> {
    let record = change.change.as_ref().filter(|it| it.plan.kind != ChangeType::Emergency)?;
    let place = record.scheduled.as_ref()?;
    let Span { start, end } = place.window;
    if now < start || end <= now {
        return Some(format!("its window is from {} to {}", start.rfc3339(), end.rfc3339()));
    }
    let found = unforeseen(catalog, change, place, &Span { start: now, end });
    if let Some(met) = found.freezes.first() {
        let (from, to) = (met.span.start.rfc3339(), met.span.end.rfc3339());
        return Some(format!("nothing is changed in the freeze period `{}`, from {from} to {to}", met.id));
    }
    let shut = found.windows.first()?;
    Some(format!(
        "the maintenance window `{}` (calendar `{}`) is not open until its end",
        shut.id, shut.calendar
    ))
}

/// The first window of so many seconds, on a quarter of an hour from a moment on, that nothing stands against; none within a
/// year.
pub fn next_window(catalog: &Catalog, change: &Ticket, from: Timestamp, seconds: i64) -> Option<Span> {
    let quarter = from.second().saturating_add(QUARTER - 1).div_euclid(QUARTER) * QUARTER;
    let (mut start, last) = (quarter, quarter.saturating_add(AHEAD));
    while start < last {
        let at = Timestamp::from_second(start);
        let window = Span { start: at, end: Timestamp::from_second(start.saturating_add(seconds)) };
        // Each of these moves the start on, and never past a window that would do.
        let thaw = frozen(catalog, change).filter(|it| it.span.meets(&window)).map(|it| it.span.end);
        let thaw = thaw.map(|it| (it.0 + 999).div_euclid(1000)).max();
        let mut opens = start;
        for (_, calendar) in hours(catalog, change) {
            opens = opens.max(calendar.first_open(at, seconds)?.second());
        }
        let next = thaw.unwrap_or(start).max(opens);
        if next == start {
            return Some(window);
        }
        start = next;
    }
    None
}

fn frozen<'a>(catalog: &'a Catalog, change: &Ticket) -> impl Iterator<Item = &'a Freeze> {
    let is_for = |it: &&Freeze| it.services.is_empty() || it.services.contains(&change.service);
    catalog.changes.freezes.iter().filter(is_for)
}

fn hours<'a>(catalog: &'a Catalog, change: &Ticket) -> impl Iterator<Item = (&'a Maintenance, &'a Calendar)> {
    let keeps = change.change.as_ref().is_none_or(|it| it.plan.kind != ChangeType::Emergency);
    let about = || change.assets.links.iter().filter(|it| it.how.is_about());
    let is_for = move |it: &&Maintenance| {
        keeps
            && (it.services.contains(&change.service)
                || about().any(|link| it.asset_types.contains(&link.facts.kind)))
    };
    let with_hours = |it: &'a Maintenance| Some((it, catalog.hours(&it.calendar)?));
    catalog.changes.windows.iter().filter(is_for).filter_map(with_hours)
}
