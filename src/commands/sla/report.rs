//! `sla report`: how many goals were met and missed, as a table, CSV or JSON.

use std::io::{self, Write, stdout};

use serde::Serialize;

use crate::{
    client,
    commands::{
        paint::{Paint, in_style},
        server::{Failure, ServerArgs},
    },
    domain::sla::Goal,
    proto::{
        v1::{self, ReportDimension, ReportPeriod},
        words,
    },
};

/// A report is asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// First day; without it, that of the period in which today is
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Last day, included; without it, that of the period in which today is
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// How long periods are; weeks begin on Monday
    #[arg(long, value_enum, default_value = "month")]
    period: Length,
    /// Time zone in which days begin, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// What to tell rows apart by
    #[arg(long, value_enum, value_delimiter = ',')]
    by: Vec<Dimension>,
    /// Only these goals
    #[arg(long, value_delimiter = ',', value_parser = goal)]
    goal: Vec<Goal>,
    /// Only what this group had
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// Only under this SLA policy
    #[arg(long, value_name = "ID")]
    policy: Option<String>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Length {
    Day,
    Week,
    Month,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Dimension {
    Policy,
    Group,
    Service,
    Priority,
}

/// A row as it is printed.
#[derive(Debug, Serialize)]
struct Row {
    from: String,
    to: String,
    goal: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    met: u64,
    missed: u64,
    open: u64,
    /// Of those met or missed; nothing where there are none.
    percent_met: Option<f64>,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    zone: String,
    rows: Vec<Row>,
    /// Goals whose clocks stand still, due in no period yet.
    standing: u64,
}

fn goal(text: &str) -> Result<Goal, String> {
    let known = || Goal::ALL.map(Goal::as_str).join(", ");
    Goal::parse(text).ok_or_else(|| format!("write one of {}", known()))
}

impl Args {
    fn request(&self) -> v1::SlaReportRequest {
        let period = match self.period {
            Length::Day => ReportPeriod::Day,
            Length::Week => ReportPeriod::Week,
            Length::Month => ReportPeriod::Month,
        };
        let by = |it: &Dimension| match it {
            Dimension::Policy => ReportDimension::Policy,
            Dimension::Group => ReportDimension::Group,
            Dimension::Service => ReportDimension::Service,
            Dimension::Priority => ReportDimension::Priority,
        };
        v1::SlaReportRequest {
            from: self.from.clone().unwrap_or_default(),
            to: self.to.clone().unwrap_or_default(),
            period: period.into(),
            zone: self.zone.clone(),
            by: self.by.iter().map(|it| by(it).into()).collect(),
            goals: self.goal.iter().map(|it| words::goal_to(*it)).collect(),
            group: self.group.clone().unwrap_or_default(),
            sla_policy: self.policy.clone().unwrap_or_default(),
        }
    }
}

/// Asks for a report and prints it.
pub(super) async fn run(args: &Args) -> Result<bool, Failure> {
    let client = args.server.client()?;
    let answer = client.levels().sla_report(args.request()).await.map_err(client::Fault::from)?.into_inner();
    let report = Report {
        zone: answer.zone,
        rows: answer.rows.into_iter().map(|it| row(it, &args.by)).collect(),
        standing: answer.standing,
    };
    let out = &mut stdout().lock();
    if args.json {
        serde_json::to_writer(&mut *out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if args.csv {
        csv(&report, &args.by, out)?;
    } else {
        table(&report, &args.by, Paint::of(&stdout()), out)?;
    }
    Ok(true)
}

fn row(it: v1::SlaReportRow, by: &[Dimension]) -> Row {
    let told = |of: Dimension, it: &str| by.contains(&of).then(|| it.to_owned());
    Row {
        policy: told(Dimension::Policy, &it.sla_policy),
        group: told(Dimension::Group, &it.group),
        service: told(Dimension::Service, &it.service),
        priority: words::priority_from(it.priority).map(|it| it.as_str()),
        goal: words::goal_from(it.goal).map_or("", Goal::as_str),
        from: it.first_day,
        to: it.last_day,
        met: it.met,
        missed: it.missed,
        open: it.open,
        percent_met: it.percent_met,
    }
}

impl Row {
    /// What tells it apart from others of its period, in the order of the columns.
    fn labels(&self) -> impl Iterator<Item = &str> {
        let others = [self.policy.as_deref(), self.group.as_deref(), self.service.as_deref(), self.priority];
        [self.goal].into_iter().chain(others.into_iter().flatten())
    }
}

/// Names of the columns between the period and the counts.
fn columns(by: &[Dimension]) -> Vec<&'static str> {
    let all = [
        (Dimension::Policy, "policy"),
        (Dimension::Group, "group"),
        (Dimension::Service, "service"),
        (Dimension::Priority, "priority"),
    ];
    let wanted = all.into_iter().filter(|(it, _)| by.contains(it)).map(|(_, name)| name);
    ["goal"].into_iter().chain(wanted).collect()
}

/// One line a row. Ids have no commas, quotes or breaks, so nothing need be quoted.
fn csv(report: &Report, by: &[Dimension], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "from,to,{},met,missed,open,percent_met", columns(by).join(","))?;
    for row in &report.rows {
        let labels: Vec<_> = row.labels().collect();
        let percent = row.percent_met.map(|it| format!("{it:.2}")).unwrap_or_default();
        let Row { from, to, met, missed, open, .. } = row;
        writeln!(out, "{from},{to},{},{met},{missed},{open},{percent}", labels.join(","))?;
    }
    Ok(())
}

/// A table for people. Colours go around whole cells behind the last blank, so its columns stand with and without
/// them.
fn table(report: &Report, by: &[Dimension], paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let names = columns(by);
    let mut widths: Vec<usize> = names.iter().map(|it| it.len()).collect();
    for row in &report.rows {
        for (width, label) in widths.iter_mut().zip(row.labels()) {
            *width = label.len().max(*width);
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| -> String {
        cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}  ")).collect()
    };
    let head = line(&mut names.iter().copied());
    let counts = format!("{:>7}  {:>7}  {:>7}  {}", "met", "missed", "open", "share met");
    let mut period = "";
    for row in &report.rows {
        if period != row.from {
            let days =
                if row.from == row.to { row.from.clone() } else { format!("{} to {}", row.from, row.to) };
            writeln!(out, "{}", in_style(paint.strong, days))?;
            writeln!(out, "  {}", in_style(paint.faint, format_args!("{head}{counts}")))?;
            period = &row.from;
        }
        let Row { met, missed, open, .. } = row;
        let labels = line(&mut row.labels());
        writeln!(out, "  {labels}{met:>7}  {missed:>7}  {open:>7}  {}", share(row, paint))?;
    }
    if report.rows.is_empty() {
        writeln!(out, "nothing was due in these days ({})", report.zone)?;
    }
    if 0 < report.standing {
        let standing = report.standing;
        writeln!(out, "{standing} more stand still, such as on hold, and are due in no period yet")?;
    }
    writeln!(out, "Each counts in the period in which it was due. Days of {}.", report.zone)
}

/// The share that was met, and of how many.
fn share(row: &Row, paint: Paint) -> String {
    let Some(percent) = row.percent_met else { return in_style(paint.faint, "nothing yet") };
    let style = if percent < 80.0 {
        paint.wrong
    } else if percent < 95.0 {
        paint.doubtful
    } else {
        paint.fine
    };
    in_style(style, format_args!("{percent:5.1} % of {}", row.met + row.missed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let row = |goal, group: &str, met, missed, open| Row {
            from: "2027-03-01".into(),
            to: "2027-03-31".into(),
            goal,
            policy: None,
            group: Some(group.into()),
            service: None,
            priority: None,
            met,
            missed,
            open,
            percent_met: (0 < met + missed).then(|| 100.0 * met as f64 / (met + missed) as f64),
        };
        let rows = vec![row("response", "network", 39, 1, 0), row("ola", "servicedesk", 0, 0, 2)];
        Report { zone: "UTC".into(), rows, standing: 3 }
    }

    #[test]
    fn a_table_says_how_many_stand_behind_a_share_and_its_columns_stand_with_colours_too() {
        let print = |paint| {
            let mut out = vec![];
            table(&report(), &[Dimension::Group], paint, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let plain = print(Paint::default());
        let expected = "\
2027-03-01 to 2027-03-31
  goal      group            met   missed     open  share met
  response  network           39        1        0   97.5 % of 40
  ola       servicedesk        0        0        2  nothing yet
3 more stand still, such as on hold, and are due in no period yet
Each counts in the period in which it was due. Days of UTC.
";
        assert_eq!(plain, expected);
        assert!(!plain.contains('\u{1b}'));
    }

    #[test]
    fn comma_separated_values_have_a_line_for_each_row_and_nothing_where_nothing_ended() {
        let mut out = vec![];
        csv(&report(), &[Dimension::Group], &mut out).unwrap();
        let expected = "\
from,to,goal,group,met,missed,open,percent_met
2027-03-01,2027-03-31,response,network,39,1,0,97.50
2027-03-01,2027-03-31,ola,servicedesk,0,0,2,
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
