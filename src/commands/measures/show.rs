//! `measures show` and `measures backlog`: figures as a table with bars, as CSV or as JSON, and as a picture.

use std::{
    fs,
    io::{self, Write as _, stdout},
    path::PathBuf,
};

use jiff::civil::Date;
use serde::Serialize;

use super::{Failure, plot, table};
use crate::{
    commands::database::tenant,
    config::Config,
    desk::measures::{BANDS, By, Question, measure, open_by_age},
    domain::{
        measure::{Filter, Measure},
        people::{Caller, Tenant},
        sla::Length,
        ticket::TicketKind,
    },
    proto::{v1, words},
    store::Store,
};

/// Who asks, in the eyes of the desk.
const ACTOR: &str = "measures command";

/// Figures are asked for.
#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// Which measures [default: all]
    #[arg(long, value_delimiter = ',', value_parser = measure_of)]
    measure: Vec<Measure>,
    /// First day [default: 29 days before the last one]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day, included [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// How long periods are; weeks begin on Monday, days are those of UTC
    #[arg(long, value_enum, default_value = "none")]
    period: PeriodArg,
    /// What to tell rows apart by
    #[arg(long, value_enum, value_delimiter = ',')]
    by: Vec<Dimension>,
    /// Draw the figures into this file as well: how many, medians of times, shares and means, period by period
    #[arg(long, value_name = "FILE", requires = "period")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// Open tickets are asked for.
#[derive(Debug, clap::Args)]
pub(super) struct BacklogArgs {
    /// What to tell rows apart by
    #[arg(long, value_enum, value_delimiter = ',')]
    by: Vec<OpenDimension>,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// Only of this service
    #[arg(long, value_name = "ID")]
    service: Option<String>,
    /// Only what this group had
    #[arg(long, value_name = "ID")]
    group: Option<String>,
    /// Only of this template
    #[arg(long, value_name = "ID")]
    template: Option<String>,
    /// Only incidents, requests, problems or changes
    #[arg(long, value_parser = kind_of)]
    kind: Option<TicketKind>,
    /// Whose [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum PeriodArg {
    None,
    Day,
    Week,
    Month,
    Quarter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Dimension {
    Service,
    Group,
    Template,
    Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OpenDimension {
    Service,
    Group,
    Template,
    Kind,
    Priority,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
}

/// A row of figures as it is printed. Times are in seconds, shares from 0 to 1.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) measure: &'static str,
    pub(super) from: String,
    pub(super) to: String,
    #[serde(flatten)]
    pub(super) labels: Labels,
    pub(super) count: u64,
    pub(super) sum: u64,
    pub(super) mean: f64,
    pub(super) p50: Option<u32>,
    pub(super) p90: Option<u32>,
    pub(super) p95: Option<u32>,
    pub(super) max: Option<u32>,
}

/// A row of open tickets as it is printed. Ages are in seconds.
#[derive(Debug, Serialize)]
pub(super) struct OpenRow {
    #[serde(flatten)]
    pub(super) labels: Labels,
    pub(super) count: u64,
    /// From the ages in `BANDS` on.
    pub(super) bands: Vec<u64>,
    pub(super) mean: f64,
    pub(super) p50: u32,
    pub(super) p90: u32,
    pub(super) p95: u32,
    pub(super) max: u32,
}

/// What a row is about, as far as it was asked.
#[derive(Debug, Default, Serialize)]
pub(super) struct Labels {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<&'static str>,
}

impl Labels {
    /// What was asked for, in the order of the columns, with its name.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = [
            ("service", self.service.as_deref()),
            ("group", self.group.as_deref()),
            ("template", self.template.as_deref()),
            ("kind", self.kind),
            ("priority", self.priority),
        ];
        texts.into_iter().filter_map(|(name, it)| Some((name, it?)))
    }
}

fn measure_of(raw: &str) -> Result<Measure, String> {
    let all = || Measure::ALL.map(Measure::as_str).join(", ");
    Measure::parse(raw).ok_or_else(|| format!("write one of {}", all()))
}

fn kind_of(raw: &str) -> Result<TicketKind, String> {
    let known = TicketKind::ALL.into_iter().find(|it| it.as_str() == raw);
    known.ok_or_else(|| format!("write one of {}", TicketKind::ALL.map(TicketKind::as_str).join(", ")))
}

impl Which {
    fn filter(&self) -> Filter {
        Filter {
            service: self.service.clone(),
            group: self.group.clone(),
            template: self.template.clone(),
            kind: self.kind,
        }
    }

    fn caller(&self, config: &Config) -> Caller {
        Caller::system(self.tenant.as_ref().unwrap_or(&config.tenant).clone(), ACTOR)
    }
}

/// Prints figures of measures.
pub(super) async fn show(config: &Config, store: &Store, args: &ShowArgs) -> Result<(), Failure> {
    let by = By {
        service: args.by.contains(&Dimension::Service),
        group: args.by.contains(&Dimension::Group),
        template: args.by.contains(&Dimension::Template),
        kind: args.by.contains(&Dimension::Kind),
        priority: false,
    };
    let question = Question {
        measures: args.measure.clone(),
        from: args.from,
        to: args.to,
        period: match args.period {
            PeriodArg::None => None,
            PeriodArg::Day => Some(Length::Day),
            PeriodArg::Week => Some(Length::Week),
            PeriodArg::Month => Some(Length::Month),
            PeriodArg::Quarter => Some(Length::Quarter),
        },
        by,
        filter: args.which.filter(),
    };
    let answer = measure(store, &args.which.caller(config), &question).await?;
    let rows: Vec<Row> = answer.rows.into_iter().filter_map(|it| row(it, by)).collect();
    if let Some(path) = &args.svg {
        let drawn = fs::write(path, plot::svg(&rows));
        drawn.map_err(|source| Failure::Draw { path: path.clone(), source })?;
    }
    match args.which.format {
        Format::Table => table::figures(&rows, (&answer.from, &answer.to), question.period.is_some())?,
        Format::Json => json(&rows)?,
        Format::Csv => csv_of(&rows, by)?,
    }
    Ok(())
}

fn csv_of(rows: &[Row], by: By) -> Result<(), Failure> {
    let mut out = csv::Writer::from_writer(stdout().lock());
    let figures = ["count", "sum", "mean", "p50", "p90", "p95", "max"];
    out.write_record(["measure", "from", "to"].into_iter().chain(columns(by)).chain(figures))?;
    for it in rows {
        let begin = [it.measure.to_owned(), it.from.clone(), it.to.clone()];
        let labels = it.labels.all().map(|it| it.1.to_owned());
        let sums = [it.count.to_string(), it.sum.to_string(), it.mean.to_string()];
        let spread = [it.p50, it.p90, it.p95, it.max];
        let spread = spread.map(|it| it.map_or_else(String::new, |it| it.to_string()));
        out.write_record(begin.into_iter().chain(labels).chain(sums).chain(spread))?;
    }
    Ok(out.flush()?)
}

/// Prints open tickets.
pub(super) async fn backlog(config: &Config, store: &Store, args: &BacklogArgs) -> Result<(), Failure> {
    let by = By {
        service: args.by.contains(&OpenDimension::Service),
        group: args.by.contains(&OpenDimension::Group),
        template: args.by.contains(&OpenDimension::Template),
        kind: args.by.contains(&OpenDimension::Kind),
        priority: args.by.contains(&OpenDimension::Priority),
    };
    let answer = open_by_age(store, &args.which.caller(config), by, &args.which.filter()).await?;
    let rows: Vec<OpenRow> = answer.rows.into_iter().map(|it| open_row(it, by)).collect();
    match args.which.format {
        Format::Table => table::backlog(&rows)?,
        Format::Json => json(&rows)?,
        Format::Csv => {
            let mut out = csv::Writer::from_writer(stdout().lock());
            let names = columns(by).into_iter().map(ToOwned::to_owned).chain(["count".to_owned()]);
            let bands = BANDS.map(|it| format!("from_{it}_s"));
            let figures = ["mean", "p50", "p90", "p95", "max"].map(ToOwned::to_owned);
            out.write_record(names.chain(bands).chain(figures))?;
            for it in &rows {
                let labels = it.labels.all().map(|it| it.1.to_owned());
                let counts = [it.count].into_iter().chain(it.bands.iter().copied()).map(|it| it.to_string());
                let spread = [it.p50, it.p90, it.p95, it.max].map(|it| it.to_string());
                out.write_record(labels.chain(counts).chain([it.mean.to_string()]).chain(spread))?;
            }
            out.flush()?;
        }
    }
    Ok(())
}

fn json(rows: &impl Serialize) -> Result<(), Failure> {
    let out = &mut stdout().lock();
    serde_json::to_writer_pretty(&mut *out, rows).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

/// Names of the columns that rows are told apart by.
fn columns(by: By) -> Vec<&'static str> {
    let all = [
        ("service", by.service),
        ("group", by.group),
        ("template", by.template),
        ("kind", by.kind),
        ("priority", by.priority),
    ];
    all.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect()
}

fn row(it: v1::MeasureRow, by: By) -> Option<Row> {
    Some(Row {
        measure: words::measure_from(it.measure)?.as_str(),
        from: it.first_day,
        to: it.last_day,
        labels: Labels {
            service: by.service.then_some(it.service),
            group: by.group.then_some(it.group),
            template: by.template.then_some(it.template),
            kind: by.kind.then_some(words::kind_from(it.kind).map_or("", TicketKind::as_str)),
            priority: None,
        },
        count: it.count,
        sum: it.sum,
        mean: it.mean,
        p50: it.p50,
        p90: it.p90,
        p95: it.p95,
        max: it.max,
    })
}

fn open_row(it: v1::BacklogRow, by: By) -> OpenRow {
    let priority = words::priority_from(it.priority).map_or("", |it| it.as_str());
    OpenRow {
        labels: Labels {
            service: by.service.then_some(it.service),
            group: by.group.then_some(it.group),
            template: by.template.then_some(it.template),
            kind: by.kind.then_some(words::kind_from(it.kind).map_or("", TicketKind::as_str)),
            priority: by.priority.then_some(priority),
        },
        count: it.count,
        bands: it.bands,
        mean: it.mean,
        p50: it.p50,
        p90: it.p90,
        p95: it.p95,
        max: it.max,
    }
}
