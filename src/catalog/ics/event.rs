//! One event: what it closes, and when.

use std::collections::BTreeSet;

use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::{
    Closed,
    lines::Line,
    moment::{self, Moment},
    rule::Rule,
};
use crate::catalog::fault::{Bad, quoted};

/// An event as it is written.
#[derive(Debug)]
pub(super) struct Event {
    /// Where it begins.
    pub(super) line: u32,
    pub(super) lines: Vec<Line>,
}

/// Longest event, in days.
const LONGEST: i64 = 366;
/// Characters of a name that are kept.
const NAME: usize = 80;

impl Event {
    /// Its name, or what stands for one.
    pub(super) fn name(&self) -> &str {
        let name = self.find("SUMMARY").map_or("", |it| it.value.as_str());
        if name.is_empty() { "an event without SUMMARY" } else { name }
    }

    pub(super) fn uid(&self) -> &str {
        self.find("UID").map_or("", |it| it.value.as_str())
    }

    /// Whether it does not take place.
    pub(super) fn is_cancelled(&self) -> bool {
        self.says("STATUS", "CANCELLED")
    }

    /// Whether it takes none of people's time.
    pub(super) fn is_free(&self) -> bool {
        self.says("TRANSP", "TRANSPARENT")
    }

    fn says(&self, name: &str, word: &str) -> bool {
        self.find(name).is_some_and(|it| it.value.eq_ignore_ascii_case(word))
    }

    /// Whether it stands in place of one recurrence of another event.
    pub(super) fn is_moved(&self) -> bool {
        self.find("RECURRENCE-ID").is_some()
    }

    /// The day of the recurrence that it stands for.
    pub(super) fn stands_for(&self) -> Result<Option<Date>, Bad> {
        let start = self.start()?;
        let Some(line) = self.find("RECURRENCE-ID") else { return Ok(None) };
        if line.range.is_some() {
            return Err(at(
                line,
                "RANGE changes all later years too; write them as an event of its own".into(),
            ));
        }
        let day = moment::only(line).map_err(|it| at(line, it))?;
        Ok(Some(day.told_in(start.zone.as_ref()).date()))
    }

    /// What it closes; on some days it takes place otherwise.
    pub(super) fn closed(&self, elsewhere: &[Date]) -> Result<Closed, Bad> {
        self.stands_for()?;
        let start = self.start()?;
        let length = start.at.duration_until(self.end(&start)?);
        let mut skipped = BTreeSet::from_iter(self.days("EXDATE", start.zone.as_ref())?);
        skipped.extend(elsewhere);
        let days = self.dates(&start)?.into_iter().chain(self.days("RDATE", start.zone.as_ref())?);
        let taken = days.filter(|it| !skipped.contains(it));
        let span = |day: Date| {
            let from = day.to_datetime(start.at.time());
            Some((from, from.checked_add(length).ok()?))
        };
        let name = self.name().chars().filter(|it| !it.is_control()).take(NAME).collect();
        Ok(Closed { name, zone: start.zone.clone(), spans: taken.filter_map(span).collect() })
    }

    fn start(&self) -> Result<Moment, Bad> {
        let line = self.find("DTSTART");
        let line = line.ok_or_else(|| Bad { line: self.line, problem: "DTSTART is missing".to_owned() })?;
        moment::only(line).map_err(|it| at(line, it))
    }

    /// When it ends, on the clock of its start.
    fn end(&self, start: &Moment) -> Result<DateTime, Bad> {
        let (line, end) = match (self.find("DTEND"), self.find("DURATION")) {
            (Some(line), _) => {
                let end = moment::only(line).map_err(|it| at(line, it))?;
                if end.all_day != start.all_day || end.zone.is_some() != start.zone.is_some() {
                    return Err(at(line, "DTEND must be written in the manner of DTSTART".into()));
                }
                (line, Some(end.told_in(start.zone.as_ref())))
            }
            (None, Some(line)) => {
                let length = moment::length(line).map_err(|it| at(line, it))?;
                (line, start.at.checked_add(length).ok())
            }
            (None, None) if start.all_day => {
                return Ok(start.at.date().tomorrow().map_or(start.at, DateTime::from));
            }
            (None, None) => {
                let problem = "closes nothing: it has neither DTEND nor DURATION".to_owned();
                return Err(Bad { line: self.line, problem });
            }
        };
        let fits = |end: &DateTime| (1..=LONGEST * 86_400).contains(&start.at.duration_until(*end).as_secs());
        let problem = || {
            format!(
                "ends before it starts or takes more than {LONGEST} days; DTEND is the first day or second behind it"
            )
        };
        end.filter(fits).ok_or_else(|| at(line, problem()))
    }

    /// The days on which it begins, without those of `RDATE`.
    fn dates(&self, start: &Moment) -> Result<Vec<Date>, Bad> {
        let mut rules = self.lines.iter().filter(|it| it.name == "RRULE");
        let Some(line) = rules.next() else { return Ok(vec![start.at.date()]) };
        if let Some(second) = rules.next() {
            return Err(at(second, "has a second RRULE; write another event".into()));
        }
        Rule::read(&line.value).map(|it| it.dates(start)).map_err(|it| at(line, it))
    }

    /// The days of all lines of a name.
    fn days(&self, name: &str, zone: Option<&TimeZone>) -> Result<Vec<Date>, Bad> {
        let mut days = Vec::new();
        for line in self.lines.iter().filter(|it| it.name == name) {
            let moments = moment::moments(line).map_err(|it| at(line, it))?;
            days.extend(moments.iter().map(|it| it.told_in(zone).date()));
        }
        Ok(days)
    }

    fn find(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|it| it.name == name)
    }
}

/// Something wrong on a line, which is named.
fn at(line: &Line, problem: String) -> Bad {
    let name = quoted(&line.name);
    Bad { line: line.number, problem: format!("{}: {problem}", name.trim_matches('`')) }
}
