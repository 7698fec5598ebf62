//! Points in time and lengths as iCalendar writes them.

use jiff::{
    Span,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::lines::Line;
use crate::catalog::fault::quoted;

/// The first and the last year that an event may lie in. What comes again without end does so until then.
pub(super) const YEARS: std::ops::RangeInclusive<i16> = 1900..=2099;

/// A day, or a time of a day.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// What the clock shows; midnight where a whole day is meant.
    pub(super) at: DateTime,
    /// Whether a whole day is meant.
    pub(super) all_day: bool,
    /// Whose clock; none for the clock of whatever place reads it.
    pub(super) zone: Option<TimeZone>,
}

/// The moments of a line, such as `20261225` or `20261224T120000`.
pub(super) fn moments(line: &Line) -> Result<Vec<Moment>, String> {
    let zone = line.zone.as_deref().map(|name| {
        // A slash says that the name is known the world over.
        let known = TimeZone::get(name.trim_start_matches('/'));
        known.map_err(|_| format!("{} is no IANA time zone; write it like Europe/Berlin", quoted(name)))
    });
    let zone = zone.transpose()?;
    line.value.split(',').map(|it| moment(it.trim(), zone.as_ref())).collect()
}

/// The only moment of a line.
pub(super) fn only(line: &Line) -> Result<Moment, String> {
    let mut all = moments(line)?.into_iter();
    match (all.next(), all.next()) {
        (Some(it), None) => Ok(it),
        _ => Err(format!("{} is more than one date", quoted(&line.value))),
    }
}

/// One moment; a `Z` behind it says UTC.
pub(super) fn moment(text: &str, zone: Option<&TimeZone>) -> Result<Moment, String> {
    let bad = || format!("{} is no date; write it like 20261225 or 20261224T120000", quoted(text));
    let (local, zone) = match text.strip_suffix('Z') {
        Some(local) => (local, Some(&TimeZone::UTC)),
        None => (text, zone),
    };
    let (day, time) = local.split_once('T').map_or((local, None), |(day, time)| (day, Some(time)));
    let date = digits(day, [4, 2, 2]).and_then(|[year, month, day]| {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    });
    let date = date.ok_or_else(bad)?;
    if !YEARS.contains(&date.year()) {
        return Err(format!("{} lies outside the years {} to {}", quoted(text), YEARS.start(), YEARS.end()));
    }
    let Some(time) = time else {
        let at = date.to_datetime(Time::midnight());
        return Ok(Moment { at, all_day: true, zone: None });
    };
    let time = digits(time, [2, 2, 2]).and_then(|it| {
        let [hour, minute, second] = it.map(|it| i8::try_from(it).unwrap_or(i8::MAX));
        Time::new(hour, minute, second, 0).ok()
    });
    Ok(Moment { at: date.to_datetime(time.ok_or_else(bad)?), all_day: false, zone: zone.cloned() })
}

impl Moment {
    /// What the clock of a zone shows then. Between a zone's clock and that of no zone there is no
    /// telling: the time stays what it is.
    pub(super) fn told_in(&self, zone: Option<&TimeZone>) -> DateTime {
        told_in(self.at, self.zone.as_ref(), zone)
    }
}

/// A time of one zone's clock on that of another.
pub(crate) fn told_in(at: DateTime, from: Option<&TimeZone>, to: Option<&TimeZone>) -> DateTime {
    match (from, to) {
        (Some(from), Some(to)) if from != to => {
            from.to_timestamp(at).map_or(at, |instant| to.to_datetime(instant))
        }
        _ => at,
    }
}

/// A length such as `P1D` or `PT4H30M`.
pub(super) fn length(line: &Line) -> Result<Span, String> {
    let bad = || format!("{} is no length; write it like P1D or PT4H", quoted(&line.value));
    line.value.parse().map_err(|_| bad())
}

/// Numbers of so many digits each, and nothing else.
fn digits<const N: usize>(mut text: &str, widths: [usize; N]) -> Option<[i16; N]> {
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let (digits, rest) = text.split_at_checked(width)?;
        *number = digits.bytes().all(|it| it.is_ascii_digit()).then(|| digits.parse().ok())??;
        text = rest;
    }
    text.is_empty().then_some(numbers)
}
