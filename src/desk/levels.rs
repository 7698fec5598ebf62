//! Service levels over time: how many goals were met and missed, by when they were due.

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::TimeZone};

use super::{Desk, fault::Fault};
use crate::{
    clock,
    domain::{
        catalog::Catalog,
        id::TicketId,
        lifecycle::State,
        lookup::TicketFilter,
        people::Caller,
        priority::Priority,
        sla::{self, Ended, Goal, Length, Period, periods},
        ticket::Ticket,
        time::Timestamp,
    },
    proto::{time::time_to, v1, words},
    store::Sum,
};

/// Periods of one report at most: a year of days, and some more.
const PERIODS: usize = 400;
/// Rows of one report at most.
const ROWS: usize = 10_000;
/// Tickets read at once.
const PAGE: u32 = 200;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Question {
    /// First day; that of the period in which today is, if not said.
    pub from: Option<Date>,
    /// Last day; that of the period in which today is, if not said.
    pub to: Option<Date>,
    /// How long periods are.
    pub length: Length,
    /// Zone in which days begin.
    pub zone: TimeZone,
    /// What rows are told apart by.
    pub by: By,
    /// Only these goals, if any are named.
    pub goals: Vec<Goal>,
    /// Only of this group.
    pub group: Option<String>,
    /// Only of this policy.
    pub policy: Option<String>,
}

/// What rows are told apart by, beside periods and goals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct By {
    /// By SLA policy.
    pub policy: bool,
    /// By group.
    pub group: bool,
    /// By service.
    pub service: bool,
    /// By priority.
    pub priority: bool,
}

/// What a row is about. What it is not told apart by is empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    period: usize,
    goal: Goal,
    policy: String,
    group: String,
    service: String,
    priority: Option<Priority>,
}

/// What a goal of a ticket is counted under.
#[derive(Debug, Clone, Copy)]
struct Labels<'a> {
    goal: Goal,
    policy: &'a str,
    group: &'a str,
    service: &'a str,
    priority: Priority,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    met: u64,
    missed: u64,
    open: u64,
}

/// A report under way. Its size is that of its rows, however many tickets there are.
struct Report<'a> {
    question: &'a Question,
    periods: Vec<Period>,
    rows: BTreeMap<Key, Counts>,
    standing: u64,
}

impl Desk {
    /// How many goals were met and missed.
    pub async fn sla_report(
        &self,
        caller: &Caller,
        question: &Question,
    ) -> Result<v1::SlaReportResponse, Fault> {
        let now = clock::now();
        let mut report = Report::of(question, now)?;
        for place in 0..report.periods.len() {
            let Period { from, to, .. } = report.periods[place];
            for sum in self.store.outcomes(&caller.tenant, from, to).await? {
                report.add(place, &sum)?;
            }
        }
        if report.periods.last().is_some_and(|it| now < it.to) {
            self.add_what_is_open(caller, &mut report).await?;
        }
        Ok(report.answer())
    }

    /// Adds what is neither met nor missed yet. Nothing of that is due in days gone by.
    async fn add_what_is_open(&self, caller: &Caller, report: &mut Report<'_>) -> Result<(), Fault> {
        let group = report.question.group.clone();
        let catalog = self.catalog(caller);
        let states = State::ALL.into_iter().filter(|it| it.is_open()).collect();
        let filter = TicketFilter { states, group, ..TicketFilter::default() };
        let mut after: Option<TicketId> = None;
        loop {
            let page = self.store.tickets(&caller.tenant, &filter, after, PAGE).await?;
            for ticket in &page {
                report.add_open(&catalog, ticket)?;
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => after = Some(last.id),
                Some(_) | None => break,
            }
        }
        Ok(())
    }
}

impl<'a> Report<'a> {
    fn of(question: &'a Question, now: Timestamp) -> Result<Self, Fault> {
        let today = jiff::Timestamp::from_second(now.second()).unwrap_or_default();
        let (first, last) = question.length.around(question.zone.to_datetime(today).date());
        let from =
            question.from.unwrap_or_else(|| question.to.map_or(first, |it| question.length.around(it).0));
        let to = question.to.unwrap_or_else(|| last.max(from));
        if to < from {
            return Err(Fault::field("to", format!("ends on {to}, before it begins on {from}")));
        }
        let too_many = || {
            let problem =
                format!("would give more than {PERIODS} periods; ask for longer ones, or for fewer days");
            Fault::field("period", problem)
        };
        let periods = periods(from, to, question.length, &question.zone, PERIODS).ok_or_else(too_many)?;
        Ok(Self { question, periods, rows: BTreeMap::new(), standing: 0 })
    }

    /// The counts of a row; nothing if it was not asked for.
    fn row(&mut self, period: usize, of: Labels<'_>) -> Result<Option<&mut Counts>, Fault> {
        if !self.is_asked(of) {
            return Ok(None);
        }
        let by = self.question.by;
        let told = |wanted: bool, it: &str| if wanted { it.to_owned() } else { String::new() };
        let key = Key {
            period,
            goal: of.goal,
            policy: told(by.policy, of.policy),
            group: told(by.group, of.group),
            service: told(by.service, of.service),
            priority: Some(of.priority).filter(|_| by.priority),
        };
        if ROWS <= self.rows.len() && !self.rows.contains_key(&key) {
            let problem = format!(
                "would give more than {ROWS} rows; tell them apart by less, or ask for fewer periods"
            );
            return Err(Fault::field("by", problem));
        }
        Ok(Some(self.rows.entry(key).or_default()))
    }

    fn is_asked(&self, of: Labels<'_>) -> bool {
        let Question { goals, group, policy, .. } = self.question;
        (goals.is_empty() || goals.contains(&of.goal))
            && group.as_deref().is_none_or(|it| it == of.group)
            && policy.as_deref().is_none_or(|it| it == of.policy)
    }

    fn add(&mut self, period: usize, sum: &Sum) -> Result<(), Fault> {
        let Sum { goal, policy, group, service, priority, .. } = sum;
        let of = Labels { goal: *goal, policy, group, service, priority: *priority };
        let Some(counts) = self.row(period, of)? else { return Ok(()) };
        match sum.result {
            Ended::Met => counts.met += sum.count,
            Ended::Missed => counts.missed += sum.count,
            Ended::Open => {}
        }
        Ok(())
    }

    /// Counts what is neither met nor missed yet.
    fn add_open(&mut self, catalog: &Catalog, ticket: &Ticket) -> Result<(), Fault> {
        let clocks = sla::clocks(ticket, &catalog.terms(ticket));
        let open = clocks.iter().map(|it| &it.clock).filter(|it| it.is_running());
        for clock in open.filter(|it| !ticket.clocks.is_missed(it.goal)) {
            let of = Labels {
                goal: clock.goal,
                policy: &ticket.sla,
                group: &ticket.group,
                service: &ticket.service,
                priority: ticket.priority,
            };
            let Some(due) = ticket.due.of(clock.goal) else {
                self.standing += u64::from(self.is_asked(of));
                continue;
            };
            let place = self.periods.partition_point(|it| it.to <= due);
            if self.periods.get(place).is_some_and(|it| it.from <= due)
                && let Some(counts) = self.row(place, of)?
            {
                counts.open += 1;
            }
        }
        Ok(())
    }

    fn answer(self) -> v1::SlaReportResponse {
        let zone = self.question.zone.iana_name().unwrap_or("UTC").to_owned();
        let periods = &self.periods;
        let rows = self.rows.into_iter().map(|(key, counts)| row(&periods[key.period], key, counts));
        v1::SlaReportResponse { rows: rows.collect(), standing: self.standing, zone }
    }
}

fn row(period: &Period, key: Key, Counts { met, missed, open }: Counts) -> v1::SlaReportRow {
    let ended = met + missed;
    v1::SlaReportRow {
        first_day: period.first.to_string(),
        last_day: period.last.to_string(),
        from_time: Some(time_to(period.from)),
        to_time: Some(time_to(period.to)),
        goal: words::goal_to(key.goal),
        sla_policy: key.policy,
        group: key.group,
        service: key.service,
        priority: key.priority.map_or(0, words::priority_to),
        met,
        missed,
        open,
        percent_met: (0 < ended).then(|| 100.0 * met as f64 / ended as f64),
    }
}
