//! `services`: the portfolio, and how each service keeps what is promised of it. Asks a running server.

mod table;

use std::{
    io::{Write as _, stdout},
    process::ExitCode,
};

use serde_json::{Value, json};

use super::{
    paint::Paint,
    server::{self, Failure, ServerArgs},
};
use crate::{
    client,
    domain::service::Stage,
    proto::{v1, words},
};

/// Report how services keep what is promised of them
///
/// A service is down while an incident of it, or of one that it needs, is not resolved and has the impact that the catalogue
/// names; a change that takes it down is no failure until its window ends. What is shown of the present month ends now. Tickets
/// are counted by days of UTC.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch services
  ticket-dispatch services email --from 2027-01-01 --to 2027-03-31 --zone Europe/Berlin
  ticket-dispatch services --stage live --csv > availability.csv

Exit codes: 0 printed; 1 the server cannot be asked, or knows no such service.")]
pub struct Args {
    /// Only this service, with all that the catalogue says of it
    #[arg(value_name = "SERVICE")]
    service: Option<String>,
    /// First day [default: the first of the month of the last day]
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Last day, included [default: today]
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Time zone in which days begin, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Only services of this stage: pipeline, live or retired
    #[arg(long, value_parser = stage)]
    stage: Option<Stage>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

fn stage(raw: &str) -> Result<Stage, String> {
    let found = Stage::ALL.into_iter().find(|it| it.as_str() == raw);
    found.ok_or_else(|| "expected pipeline, live or retired".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &Args) -> ExitCode {
    server::ask_or_tell(report(args))
}

async fn report(args: &Args) -> Result<bool, Failure> {
    let client = args.server.client()?;
    let request = v1::ReportServicesRequest {
        from: args.from.clone().unwrap_or_default(),
        to: args.to.clone().unwrap_or_default(),
        zone: args.zone.clone(),
        service: args.service.clone().unwrap_or_default(),
        stage: args.stage.map_or(0, words::stage_to),
    };
    let answer = client.portfolio().report_services(request).await.map_err(client::Fault::from)?.into_inner();
    let mut out = stdout().lock();
    if args.json {
        for it in &answer.services {
            writeln!(out, "{}", object(it))?;
        }
    } else if args.csv {
        table::csv(&answer.services, &mut out)?;
    } else if let (Some(_), Some(only)) = (&args.service, answer.services.first()) {
        table::one(only, Paint::of(&stdout()), &mut out)?;
    } else {
        table::all(&answer.services, Paint::of(&stdout()), &mut out)?;
    }
    Ok(true)
}

fn object(it: &v1::ServiceReport) -> Value {
    let service = it.service.clone().unwrap_or_default();
    let availability = it.availability.map(|it| {
        json!({
            "agreed_seconds": it.agreed_seconds,
            "down_seconds": it.down_seconds,
            "own_down_seconds": it.own_down_seconds,
            "planned_seconds": it.planned_seconds,
            "failures": it.failures,
            "percent": it.percent,
            "mtbf_seconds": it.mtbf_seconds,
            "mtrs_seconds": it.mtrs_seconds,
            "kept": it.kept,
            "down_now": it.down_now,
        })
    });
    let capacity = it.capacity.iter().map(|it| {
        let target = it.target.clone().unwrap_or_default();
        json!({ "label": target.label_en, "count": it.count, "bound": table::bound(&target), "kept": it.kept })
    });
    json!({
        "id": service.id,
        "name": service.name,
        "owner": service.owner,
        "stage": words::stage_from(service.stage).map(Stage::as_str),
        "users": it.users,
        "cost_centre": service.cost_centre,
        "value": service.value,
        "ticket_cost": service.ticket_cost,
        "tickets": it.tickets,
        "cost": it.cost,
        "needs": service.needs,
        "target_percent": service.availability.as_ref().map(|it| it.percent),
        "availability": availability,
        "capacity": capacity.collect::<Vec<_>>(),
        "templates": it.templates,
    })
}
