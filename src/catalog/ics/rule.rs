//! Recurrences as public holidays have them: yearly, on days of months or on weekdays of months.

use jiff::civil::Date;

use super::moment::{self, Moment, YEARS};
use crate::{catalog::fault::quoted, domain::calendar::day_of_week};

/// A yearly recurrence (`RRULE`).
#[derive(Debug, Default)]
pub(super) struct Rule {
    /// Every so many years; 0 is not said and means 1.
    interval: u16,
    count: Option<u16>,
    until: Option<Moment>,
    months: Vec<i8>,
    /// Days of a month; from its end, if negative.
    month_days: Vec<i8>,
    /// Weekdays, each with which of the month (or the year) it is; from its end, if negative; 0 is any.
    weekdays: Vec<(i8, usize)>,
}

/// Days of the week as iCalendar writes them.
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// Most entries of a list; a rule may name each day of a month from both its ends.
const LIST: usize = 62;
const FORMS: &str =
    "only FREQ=YEARLY with INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY and BYDAY is understood";

impl Rule {
    /// Reads a rule such as `FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO`.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut rule = Self::default();
        let mut yearly = false;
        for part in text.trim_end_matches(';').split(';') {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            let known = match key.trim().to_ascii_uppercase().as_str() {
                "FREQ" => {
                    yearly = value.eq_ignore_ascii_case("YEARLY");
                    yearly.then_some(())
                }
                "INTERVAL" => number(value, 1..=200).map(|it| rule.interval = it),
                "COUNT" => number(value, 1..=u16::MAX).map(|it| rule.count = Some(it)),
                "UNTIL" => {
                    rule.until = Some(moment::moment(value, None)?);
                    Some(())
                }
                "BYMONTH" => all(value, |it| number(it, 1..=12)).map(|it| rule.months = it),
                "BYMONTHDAY" => {
                    all(value, |it| number(it, -31..=31).filter(|it| *it != 0)).map(|it| rule.month_days = it)
                }
                "BYDAY" => all(value, weekday).map(|it| rule.weekdays = it),
                // The day that a week begins with makes no difference to a year of these forms.
                "WKST" => Some(()),
                _ => None,
            };
            known.ok_or_else(|| format!("{} is not read here; {FORMS}", quoted(part)))?;
        }
        match (yearly, rule.count, &rule.until) {
            (false, ..) => Err(format!("FREQ is missing; {FORMS}")),
            (true, Some(_), Some(_)) => Err("COUNT and UNTIL exclude each other; take one out".to_owned()),
            (true, ..) => Ok(rule),
        }
    }

    /// The days on which an event that starts so begins; its start is always one of them.
    pub(super) fn dates(&self, start: &Moment) -> Vec<Date> {
        let first = start.at.date();
        let years = (first.year()..=*YEARS.end()).step_by(usize::from(self.interval.max(1)));
        let later = years.flat_map(|year| self.in_year(year, first)).filter(|it| *it > first);
        let until = |day: &Date| match &self.until {
            Some(it) if it.all_day => *day <= it.at.date(),
            Some(it) => day.to_datetime(start.at.time()) <= it.told_in(start.zone.as_ref()),
            None => true,
        };
        let all = std::iter::once(first).chain(later).take_while(until);
        all.take(self.count.map_or(usize::MAX, usize::from)).collect()
    }

    /// The days of a year that fit; what the rule leaves open is as on the first.
    fn in_year(&self, year: i16, first: Date) -> impl Iterator<Item = Date> {
        let by_days = !self.month_days.is_empty() || !self.weekdays.is_empty();
        let months = move |month: &i8| {
            if self.months.is_empty() {
                by_days || *month == first.month()
            } else {
                self.months.contains(month)
            }
        };
        let fits = move |day: &Date| {
            let month_day = self.month_days.is_empty()
                || self.month_days.contains(&day.day())
                || self.month_days.contains(&(day.day() - day.days_in_month() - 1));
            let weekday =
                self.weekdays.is_empty() || self.weekdays.iter().any(|it| self.is_weekday(*day, *it));
            month_day && weekday && (by_days || day.day() == first.day())
        };
        let days = (1..=12)
            .filter(months)
            .flat_map(move |month| (1..=31).filter_map(move |day| Date::new(year, month, day).ok()));
        days.filter(fits)
    }

    fn is_weekday(&self, day: Date, (which, weekday): (i8, usize)) -> bool {
        let (day_of, days_in) = if self.months.is_empty() {
            (day.day_of_year(), day.days_in_year())
        } else {
            (i16::from(day.day()), i16::from(day.days_in_month()))
        };
        let from_start = (day_of - 1) / 7 + 1;
        let from_end = (day_of - days_in) / 7 - 1;
        let which = i16::from(which);
        day_of_week(day) == weekday && (which == 0 || which == from_start || which == from_end)
    }
}

fn number<T: std::str::FromStr + PartialOrd>(text: &str, range: std::ops::RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|it| range.contains(it))
}

fn all<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|it| read(it.trim())).collect::<Option<Vec<T>>>().filter(|it| it.len() <= LIST)
}

/// A weekday such as `MO`, or which of them, such as `-1MO`.
fn weekday(text: &str) -> Option<(i8, usize)> {
    let (which, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = WEEKDAYS.iter().position(|it| it.eq_ignore_ascii_case(name))?;
    let which = if which.is_empty() { 0 } else { number(which, -53..=53).filter(|it| *it != 0)? };
    Some((which, day))
}
