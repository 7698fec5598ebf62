//! `improvements`: the register of improvements, listed and shown with what their measures say. Works on the database itself,
//! whether a server runs or not.

use std::{
    io::{Write as _, stderr, stdout},
    process::ExitCode,
};

use serde_json::{Value, json};

use super::{
    database::{self, Failure, tenant},
    measures::value,
    settings::DeskArgs,
};
use crate::{
    clock,
    config::Config,
    desk::improvements::{Reading, Register},
    domain::{
        improvement::{Improvement, ImprovementRef, ImprovementState, Standing},
        people::Tenant,
    },
};

/// Improvements read at once.
const PAGE: u32 = 200;

/// List improvements and show how far they are
#[derive(Debug, clap::Args)]
#[command(mut_args(|it| it.global(true).display_order(900)), after_help = "\
Examples:
  ticket-dispatch improvements list
  ticket-dispatch improvements show IMP-000001

Exit codes: 0 done, 1 failed, 64 the command line or the settings are wrong.")]
pub struct Args {
    #[command(flatten)]
    desk: DeskArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List improvements: those to be looked at again first, then the newest
    List(ListArgs),
    /// Show one, with what its measure says month by month
    Show(ShowArgs),
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Only those in this state: proposed, under_way, reached, missed or dropped
    #[arg(long, value_parser = state)]
    state: Option<ImprovementState>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Whose [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    /// Its number or id
    #[arg(value_name = "IMPROVEMENT", value_parser = improvement)]
    improvement: ImprovementRef,
    /// As a JSON object
    #[arg(long)]
    json: bool,
    /// Whose [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

fn state(raw: &str) -> Result<ImprovementState, String> {
    let found = ImprovementState::ALL.into_iter().find(|it| it.as_str() == raw);
    found.ok_or_else(|| "expected proposed, under_way, reached, missed or dropped".to_owned())
}

fn improvement(raw: &str) -> Result<ImprovementRef, String> {
    ImprovementRef::parse(raw)
        .ok_or_else(|| "expected a number like IMP-000001 or an id like imp_…".to_owned())
}

/// Runs the command.
pub(super) fn run(args: Args, before: DeskArgs) -> ExitCode {
    database::run_or_tell(args.desk.over(before), |config| async move { act(&config, args.action).await })
}

async fn act(config: &Config, action: Action) -> Result<(), Failure> {
    match action {
        Action::List(args) => list(config, &args).await,
        Action::Show(args) => show(config, &args).await,
    }
}

/// The register of a tenant, with all figures up to date.
async fn register(config: &Config, tenant: Option<&Tenant>) -> Result<Register, Failure> {
    let store = database::open_existing(config).await?;
    while store.reckon().await? {}
    let tenant = tenant.unwrap_or(&config.tenant).clone();
    Ok(Register::new(store, tenant, "improvements command".to_owned()))
}

async fn list(config: &Config, args: &ListArgs) -> Result<(), Failure> {
    let register = register(config, args.tenant.as_ref()).await?;
    let (mut all, mut after) = (vec![], None);
    loop {
        let page = register.list(args.state, after.as_ref(), PAGE).await?;
        after = page.found.last().map(|(_, place)| (page.today, place.clone()));
        all.extend(page.found.into_iter().map(|it| it.0));
        if after.is_none() {
            break;
        }
    }
    let (out, today) = (&mut stdout().lock(), clock::now().date());
    if args.json {
        for it in &all {
            writeln!(out, "{}", object(it))?;
        }
        return Ok(());
    }
    if all.is_empty() {
        writeln!(stderr(), "No improvements.")?;
        return Ok(());
    }
    writeln!(out, "NUMBER      STATE      REVIEW      TARGET DATE  MEASURE          TITLE")?;
    for it in &all {
        let due = if it.is_due(today) { "*" } else { " " };
        writeln!(
            out,
            "{:10}  {:9}  {}{due} {}   {:15}  {}",
            it.number,
            it.state.as_str(),
            it.plan.review,
            it.plan.by,
            it.plan.gauge.measure.as_str(),
            it.plan.title
        )?;
    }
    if all.iter().any(|it| it.is_due(today)) {
        writeln!(out, "* somebody is to look at it again")?;
    }
    Ok(())
}

async fn show(config: &Config, args: &ShowArgs) -> Result<(), Failure> {
    let reading = register(config, args.tenant.as_ref()).await?.reading(&args.improvement).await?;
    let Reading { improvement: it, value: now, standing, months } = &reading;
    let out = &mut stdout().lock();
    if args.json {
        let months: Vec<_> =
            months.iter().map(|(day, value)| json!({ "from": day.to_string(), "value": value })).collect();
        let mut object = object(it);
        object["value"] = json!(now);
        object["standing"] = json!(word(*standing));
        object["months"] = json!(months);
        writeln!(out, "{object:#}")?;
        return Ok(());
    }
    let (plan, measure, figure) = (&it.plan, it.plan.gauge.measure, it.plan.gauge.figure);
    let said = |it: Option<f64>| it.map_or_else(|| "-".to_owned(), |it| value(&plan.gauge, it));
    writeln!(out, "{}  {}  {}", it.number, it.state.as_str(), plan.title)?;
    writeln!(out, "measure   {} ({})", measure.as_str(), figure.as_str())?;
    let baseline = said(Some(plan.baseline.value));
    writeln!(out, "baseline  {baseline}, {} to {}", plan.baseline.from, plan.baseline.to)?;
    writeln!(out, "target    {} by {}", said(Some(plan.target)), plan.by)?;
    writeln!(out, "now       {}, last 30 days: {}", said(*now), word(*standing))?;
    writeln!(out, "owner     {}, review on {}", plan.owner, plan.review)?;
    for (day, value) in months {
        writeln!(out, "  {}  {}", day.strftime("%Y-%m"), said(*value))?;
    }
    Ok(())
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Unknown => "nothing measured",
        Standing::OnTrack => "on track",
        Standing::Behind => "behind",
        Standing::Reached => "reached",
    }
}

fn object(it: &Improvement) -> Value {
    let plan = &it.plan;
    json!({
        "id": it.id.to_string(),
        "number": it.number,
        "version": it.version,
        "state": it.state.as_str(),
        "title": plan.title,
        "why": plan.why,
        "measure": plan.gauge.measure.as_str(),
        "figure": plan.gauge.figure.as_str(),
        "unit": plan.gauge.unit(),
        "baseline": { "value": plan.baseline.value, "from": plan.baseline.from.to_string(), "to": plan.baseline.to.to_string() },
        "target": { "value": plan.target, "date": plan.by.to_string() },
        "owner": plan.owner,
        "review": plan.review.to_string(),
    })
}
