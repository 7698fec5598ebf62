//! `check --due`: the due times of work that begins at a time, and why they are what they are.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{
    commands::paint::{Paint, in_style},
    domain::{
        calendar::{Calendar, Stretch, Why},
        catalog::Catalog,
        condition::Known,
        field::FieldValue,
        people::Language,
        priority::Priority,
        sla::SlaChoice,
        template::Values,
        ticket::Asked,
        time::Timestamp,
    },
};

/// What is to be explained.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Question {
    /// Explain the due times of work that begins then, such as 2026-12-23T15:00+01:00
    #[arg(long, value_name = "TIME", value_parser = time)]
    due: Option<Timestamp>,
    /// The SLA policy that the work falls under; without it, the one that the rules choose for --template
    #[arg(long, value_name = "ID", requires = "due", conflicts_with = "due_template")]
    policy: Option<String>,
    /// The template of a ticket, for which the rules choose the policy
    #[arg(long = "template", value_name = "ID", requires = "due")]
    due_template: Option<String>,
    /// A value of a field of the ticket, such as site=pune
    #[arg(long, value_name = "FIELD=VALUE", requires = "due", value_parser = field)]
    field: Vec<(String, String)>,
    /// What the ticket says
    #[arg(long, value_name = "TEXT", requires = "due_template")]
    says: Option<String>,
    /// The priority of the work; without it, that of the template
    #[arg(long, value_parser = priority, requires = "due")]
    priority: Option<Priority>,
}

/// The due times of some work.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    policy: String,
    /// Id of the rule that chose the policy; nothing if no rule did.
    rule: Option<String>,
    priority: &'static str,
    calendar: String,
    zone: String,
    response: Goal,
    resolution: Goal,
}

/// A point in time that JSON says in RFC 3339.
#[derive(Debug, Clone, Copy)]
struct Rfc3339(Timestamp);

/// A goal, and the way to its due time.
#[derive(Debug, Serialize)]
struct Goal {
    /// Working seconds.
    goal: u32,
    /// Nothing if the calendar does not open often enough within ten years.
    due: Option<Rfc3339>,
    stretches: Vec<Told>,
    /// Whether the stretches reach the due time.
    whole: bool,
}

/// A stretch of time up to a due time.
#[derive(Debug, Serialize)]
struct Told {
    from: Rfc3339,
    to: Rfc3339,
    /// Whether it counts.
    counts: bool,
    why: String,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
        .ok_or_else(|| "write a date, a time and an offset, such as 2026-12-23T15:00+01:00".to_owned())
}

fn field(text: &str) -> Result<(String, String), String> {
    let (id, value) =
        text.split_once('=').ok_or_else(|| "write FIELD=VALUE, such as site=pune".to_owned())?;
    Ok((id.trim().to_owned(), value.trim().to_owned()))
}

fn priority(text: &str) -> Result<Priority, String> {
    Priority::parse(text)
        .ok_or_else(|| format!("write one of {}", Priority::ALL.map(Priority::as_str).join(", ")))
}

impl Serialize for Rfc3339 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339())
    }
}

impl Question {
    /// The answer of a catalogue, if anything was asked.
    pub(super) fn answer(&self, catalog: &Catalog) -> io::Result<Option<Answer>> {
        let Some(start) = self.due else { return Ok(None) };
        let values: Values =
            self.field.iter().map(|(id, value)| (id.clone(), FieldValue::Text(value.clone()))).collect();
        let template = self.due_template.as_ref().and_then(|it| catalog.template(it));
        let values = template.map_or(values.clone(), |it| it.completed(values));
        let (choice, priority) = match (&self.policy, &self.due_template) {
            (Some(policy), _) => {
                let missing = || unfit("--due and --policy need --priority as well");
                (SlaChoice { policy: policy.clone(), rule: None }, self.priority.ok_or_else(missing)?)
            }
            (None, Some(template)) => self.chosen(catalog, template, &values)?,
            (None, None) => return Err(unfit("--due needs a --policy, or a --template to choose one for")),
        };
        let SlaChoice { policy, rule } = choice;
        let Some((policy, usual)) = catalog.sla(&policy) else {
            let known: Vec<_> = catalog.policies.iter().map(|it| it.id.as_str()).collect();
            return Err(unfit(format!("there is no SLA policy `{policy}`; known: {}", known.join(", "))));
        };
        let calendar = policy.calendar_at(&values).and_then(|it| catalog.hours(it)).unwrap_or(usual);
        let target = policy.targets[priority as usize];
        Ok(Some(Answer {
            policy: policy.id.clone(),
            rule,
            priority: priority.as_str(),
            calendar: calendar.id.clone(),
            zone: calendar.zone().to_owned(),
            response: Goal::of(calendar, start, target.response),
            resolution: Goal::of(calendar, start, target.resolution),
        }))
    }

    /// The policy that the rules choose for a ticket of a template, and its priority.
    fn chosen(
        &self,
        catalog: &Catalog,
        template: &str,
        values: &Values,
    ) -> io::Result<(SlaChoice, Priority)> {
        let Some(template) = catalog.template(template) else {
            return Err(unfit(format!("there is no template `{template}`")));
        };
        let (impact, urgency) = template.stated(values);
        let priority = self.priority.unwrap_or_else(|| catalog.matrix.priority(impact, urgency));
        let known = Known {
            template: &template.id,
            service: &template.service,
            fields: values,
            text: self.says.as_deref().unwrap_or_default(),
            language: Language::En,
            impact,
            urgency,
            priority,
            asked: &Asked::default(),
            assets: &[],
        };
        let missing = || unfit("no rule and no template chooses a policy");
        Ok((catalog.choose_sla(&known, Some(template)).ok_or_else(missing)?, priority))
    }
}

fn unfit(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, problem.into())
}

impl Goal {
    fn of(calendar: &Calendar, start: Timestamp, goal: u32) -> Self {
        let Some(explained) = calendar.explain(start, goal) else {
            return Self { goal, due: None, stretches: Vec::new(), whole: false };
        };
        let stretches = explained.stretches.into_iter().map(Told::from).collect();
        Self { goal, due: Some(Rfc3339(explained.due)), stretches, whole: explained.whole }
    }
}

impl From<Stretch> for Told {
    fn from(it: Stretch) -> Self {
        let why = it.why.to_string();
        Self { from: Rfc3339(it.from), to: Rfc3339(it.to), counts: it.why == Why::Open, why }
    }
}

/// Prints an answer, with times as the clock of the calendar's zone shows them.
pub(super) fn print(answer: &Answer, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let Answer { policy, rule, priority, calendar, zone, response, resolution } = answer;
    if let Some(rule) = rule {
        writeln!(out, "rule {} chooses policy {policy}", in_style(paint.key, rule))?;
    }
    writeln!(out, "{priority} of policy {policy}, in the hours of calendar {calendar} ({zone}):")?;
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    for (what, goal) in [("answered", response), ("resolved", resolution)] {
        let length = length(i64::from(goal.goal));
        match goal.due {
            Some(due) => {
                let by = in_style(paint.strong, shown(due, &zone));
                writeln!(out, "{what} by {by}, after {length} of working time")?;
            }
            None => writeln!(out, "{what}: no {length} of working time pass within ten years")?,
        }
        for stretch in &goal.stretches {
            let style = if stretch.counts { paint.fine } else { paint.faint };
            writeln!(out, "  {}", in_style(style, line(stretch, &zone)))?;
        }
        if goal.due.is_some() && !goal.whole {
            writeln!(out, "  and so on")?;
        }
    }
    Ok(())
}

fn line(it: &Told, zone: &TimeZone) -> String {
    let line = format!("{} to {}  {}", shown(it.from, zone), shown(it.to, zone), it.why);
    if it.counts { format!("{line}: {}", length(it.to.0.second() - it.from.0.second())) } else { line }
}

/// What the clock of a zone shows, such as `Wed 2026-12-23 15:00`.
fn shown(Rfc3339(time): Rfc3339, zone: &TimeZone) -> String {
    let Ok(at) = jiff::Timestamp::from_second(time.second()) else { return time.rfc3339() };
    let at = zone.to_datetime(at);
    let form = if at.second() == 0 { "%a %Y-%m-%d %H:%M" } else { "%a %Y-%m-%d %H:%M:%S" };
    at.strftime(form).to_string()
}

/// A length such as `8h 30m`.
fn length(seconds: i64) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let parts: Vec<_> =
        parts.iter().filter(|it| it.0 > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    parts.join(" ")
}
