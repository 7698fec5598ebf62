//! How well the desk does: reckoned from the history beside the commits, asked for by days and by what tickets were
//! about, and told to those who watch the process.

mod backlog;
mod places;
mod telling;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};

use super::{Desk, fault::Fault};
use crate::{
    clock,
    domain::{
        measure::{About, Cell, Figures, Filter, Measure, Nature, day_of},
        people::{Caller, Tenant},
        sla::{Length, Period, periods},
        ticket::TicketKind,
        time::Timestamp,
    },
    proto::{v1, words},
    store::{CellRow, Grain, Store},
};

pub use backlog::{BANDS, open_by_age};

/// Periods of one report at most: a year of days, and some more.
const PERIODS: usize = 400;
/// Days of one report at most: five years.
const DAYS: i32 = 1830;
/// Rows of one report at most.
const ROWS: usize = 10_000;
/// Days of a report if nobody says more.
const USUAL: i64 = 30;
/// How long writers have the database to themselves between two pages.
const BREATH: Duration = Duration::from_millis(10);
/// How long is waited where nothing is left to reckon.
const PAUSE: Duration = Duration::from_millis(500);
/// So long is waited for what could not be done.
const REST: Duration = Duration::from_secs(5);

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Which measures; all if none is named.
    pub measures: Vec<Measure>,
    /// First day.
    pub from: Option<Date>,
    /// Last day, included; today, if not said.
    pub to: Option<Date>,
    /// How long periods are; all days together, if not said.
    pub period: Option<Length>,
    /// What rows are told apart by.
    pub by: By,
    /// Which tickets.
    pub filter: Filter,
}

/// What rows are told apart by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct By {
    /// By service.
    pub service: bool,
    /// By group.
    pub group: bool,
    /// By template.
    pub template: bool,
    /// By kind.
    pub kind: bool,
    /// By priority, of what is open.
    pub priority: bool,
}

/// What a row is about. What it is not told apart by is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    period: usize,
    service: Arc<str>,
    group: Arc<str>,
    template: Arc<str>,
    kind: Option<TicketKind>,
}

impl Desk {
    /// Reckons what is not reckoned yet, until the desk goes, and tells what came of it.
    pub async fn follow_measures(self) {
        let mut told = telling::Teller::default();
        loop {
            match self.store.reckon().await {
                Ok(true) => tokio::time::sleep(BREATH).await,
                Ok(false) => {
                    if let Err(fault) = told.tell(&self.store).await {
                        tracing::warn!(%fault, "measures cannot be told");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Err(fault) => {
                    tracing::warn!(%fault, "measures must wait");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Figures of measures over time.
    pub async fn measure(&self, caller: &Caller, question: &Question) -> Result<v1::MeasureResponse, Fault> {
        measure(&self.store, caller, question).await
    }
}

/// Figures of measures over time, from a store.
pub async fn measure(
    store: &Store,
    caller: &Caller,
    question: &Question,
) -> Result<v1::MeasureResponse, Fault> {
    let (from, to) = days(question, clock::now())?;
    let periods = periods_of(question.period, from, to)?;
    let mut rows = vec![];
    let all = Measure::ALL.into_iter();
    for it in all.filter(|it| question.measures.is_empty() || question.measures.contains(it)) {
        let room = ROWS - rows.len();
        let mut told = Told::new(&periods, question.by, room);
        told.read(store, &caller.tenant, (&question.filter, it), parts(from, to, question.period)).await?;
        if room < told.rows.len() {
            let problem = format!(
                "would give more than {ROWS} rows; tell them apart by less, or ask for fewer periods"
            );
            return Err(Fault::field("by", problem));
        }
        for (key, cells) in told.rows {
            let figures = Figures::of(&cells);
            rows.extend(figures.map(|figures| row(it, &periods[key.period], key, figures)));
        }
    }
    Ok(v1::MeasureResponse { rows, from: from.to_string(), to: to.to_string() })
}

/// The figures of one measure in each period, as they come.
pub(super) async fn figures(
    store: &Store,
    tenant: &Tenant,
    (filter, measure): (&Filter, Measure),
    (from, to): (Date, Date),
    period: Option<Length>,
) -> Result<Vec<(Period, Option<Figures>)>, Fault> {
    let periods = periods_of(period, from, to)?;
    let mut told = Told::new(&periods, By::default(), periods.len());
    told.read(store, tenant, (filter, measure), parts(from, to, period)).await?;
    let of = |place: usize| told.rows.iter().find(|(key, _)| key.period == place).map(|(_, it)| it);
    let figures = |place| of(place).and_then(Figures::of);
    Ok(periods.iter().enumerate().map(|(place, period)| (*period, figures(place))).collect())
}

/// The first and the last day that are asked for.
fn days(question: &Question, now: Timestamp) -> Result<(Date, Date), Fault> {
    let to = question.to.unwrap_or_else(|| question.from.map_or(now.date(), |it| now.date().max(it)));
    let from = question.from.unwrap_or_else(|| to.saturating_sub((USUAL - 1).days()));
    if to < from {
        return Err(Fault::field("to", format!("ends on {to}, before it begins on {from}")));
    }
    let span = from.until(to).map_or(i32::MAX, |it| it.get_days().saturating_add(1));
    if DAYS < span {
        let problem = format!("begins {span} days before the end; ask for at most {DAYS} days");
        return Err(Fault::field("from", problem));
    }
    Ok((from, to))
}

fn periods_of(length: Option<Length>, from: Date, to: Date) -> Result<Vec<Period>, Fault> {
    let Some(length) = length else {
        let begin = |it: Date| Timestamp::from_second(i64::from(day(it)) * 86_400);
        let end = begin(to.saturating_add(1.day()));
        return Ok(vec![Period { first: from, last: to, from: begin(from), to: end }]);
    };
    let too_many = || {
        let problem =
            format!("would give more than {PERIODS} periods; ask for longer ones, or for fewer days");
        Fault::field("period", problem)
    };
    periods(from, to, length, &TimeZone::UTC, PERIODS).ok_or_else(too_many)
}

/// So many days after 1970-01-01 a date is.
fn day(date: Date) -> i32 {
    let zoned = date.to_zoned(TimeZone::UTC).map_or(0, |it| it.timestamp().as_second());
    day_of(Timestamp::from_second(zoned))
}

/// The cells to be read: those of whole months where periods allow it, and of the days before and after them.
fn parts(from: Date, to: Date, period: Option<Length>) -> Vec<(Grain, i32, i32)> {
    let by_days = matches!(period, Some(Length::Day | Length::Week));
    let first = if from.day() == 1 { from } else { from.last_of_month().saturating_add(1.day()) };
    let last = if to == to.last_of_month() { to } else { to.first_of_month().saturating_sub(1.day()) };
    if by_days || last < first {
        return vec![(Grain::Day, day(from), day(to))];
    }
    let (first, last) = (day(first), day(last));
    let edges = [(Grain::Day, day(from), first - 1), (Grain::Day, last + 1, day(to))];
    let edges = edges.into_iter().filter(|(_, from, to)| from <= to);
    edges.chain([(Grain::Month, first, last)]).collect()
}

/// The cells of each row, taken in as they are read.
struct Told<'a> {
    periods: &'a [Period],
    by: By,
    most: usize,
    none: Arc<str>,
    rows: BTreeMap<Key, Vec<Cell>>,
}

impl<'a> Told<'a> {
    /// With room for so many rows.
    fn new(periods: &'a [Period], by: By, most: usize) -> Self {
        Self { periods, by, most, none: "".into(), rows: BTreeMap::new() }
    }

    /// Reads the cells of a measure, as long as there is room: with a row more than that it ends.
    async fn read(
        &mut self,
        store: &Store,
        tenant: &Tenant,
        (filter, measure): (&Filter, Measure),
        parts: Vec<(Grain, i32, i32)>,
    ) -> Result<(), Fault> {
        for part in parts {
            let mut take = |it| {
                self.take(it);
                self.rows.len() <= self.most
            };
            store.each_cell(tenant, measure, part, filter, &mut take).await?;
        }
        Ok(())
    }

    fn take(&mut self, CellRow { about: About { day, service, group, template, kind, .. }, cell }: CellRow) {
        let at = Timestamp::from_second(i64::from(day) * 86_400);
        let told = |wanted: bool, it: Arc<str>| if wanted { it } else { Arc::clone(&self.none) };
        let key = Key {
            period: self.periods.partition_point(|it| it.to <= at).min(self.periods.len().saturating_sub(1)),
            service: told(self.by.service, service),
            group: told(self.by.group, group),
            template: told(self.by.template, template),
            kind: kind.filter(|_| self.by.kind),
        };
        self.rows.entry(key).or_default().push(cell);
    }
}

fn row(measure: Measure, period: &Period, key: Key, it: Figures) -> v1::MeasureRow {
    let spread = match measure.nature() {
        Nature::Seconds | Nature::Times | Nature::Score => true,
        Nature::Count | Nature::Share => false,
    };
    v1::MeasureRow {
        measure: words::measure_to(measure),
        first_day: period.first.to_string(),
        last_day: period.last.to_string(),
        service: key.service.to_string(),
        group: key.group.to_string(),
        template: key.template.to_string(),
        kind: key.kind.map_or(0, words::kind_to),
        count: it.count,
        sum: it.sum,
        mean: it.mean,
        p50: spread.then_some(it.p50),
        p90: spread.then_some(it.p90),
        p95: spread.then_some(it.p95),
        max: spread.then_some(it.max),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(from: &str, to: &str, period: Option<Length>) -> Vec<(Grain, i32, i32)> {
        let from: Date = from.parse().unwrap();
        let mut parts = parts(from, to.parse().unwrap(), period);
        parts.iter_mut().for_each(|it| (it.1, it.2) = (it.1 - day(from), it.2 - day(from)));
        parts
    }

    #[test]
    fn whole_months_are_read_as_such_and_every_day_once() {
        let month = Some(Length::Month);
        assert_eq!(of("2027-01-01", "2027-12-31", month), [(Grain::Month, 0, 364)]);
        assert_eq!(of("2027-01-01", "2027-12-31", Some(Length::Week)), [(Grain::Day, 0, 364)]);
        assert_eq!(of("2027-01-02", "2027-01-31", None), [(Grain::Day, 0, 29)]);
        let cut = [(Grain::Day, 0, 16), (Grain::Day, 76, 80), (Grain::Month, 17, 75)];
        assert_eq!(of("2027-01-15", "2027-04-05", None), cut);
        assert_eq!(of("2027-02-01", "2027-03-01", None), [(Grain::Day, 28, 28), (Grain::Month, 0, 27)]);
    }

    #[test]
    fn bad_spans_are_refused_and_the_usual_one_is_a_month() {
        let now = Timestamp::parse("2027-03-31T12:00:00Z").unwrap();
        let date = |it: &str| Some(it.parse().unwrap());
        let asked = |from, to| days(&Question { from, to, ..Question::default() }, now);
        assert_eq!(asked(None, None).unwrap(), (date("2027-03-02").unwrap(), date("2027-03-31").unwrap()));
        assert!(matches!(asked(date("2027-04-02"), date("2027-04-01")), Err(Fault::Malformed(_))));
        assert!(matches!(asked(date("2020-01-01"), date("2027-04-01")), Err(Fault::Malformed(_))));
        assert!(asked(date("2028-01-01"), None).is_ok(), "a day to come has nothing, and is no fault");
    }
}
