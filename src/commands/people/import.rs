//! `people import`: a CSV file into the directory.

use std::{
    fs,
    io::{Write as _, stderr, stdout},
    path::PathBuf,
};

use serde_json::json;

use super::{Failure, directory, rows::Rows, tenant};
use crate::{
    commands::{bar::Bar, database},
    config::Config,
    desk::people::{
        Directory,
        import::{Counts, Plan, Run},
    },
    domain::people::Tenant,
};

/// Who has more than so many in a hundred leave at once must say that it is meant.
const MOST: u64 = 25;
/// User names that are told.
const TOLD: usize = 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The CSV file, in UTF-8
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Who stands in the directory and not in the file has left
    #[arg(long)]
    leavers: bool,
    /// Let more than a quarter of the people leave at once
    #[arg(long, requires = "leavers")]
    force: bool,
    /// Whose directory [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let unread = |source| Failure::Read { path: args.file.clone(), source };
    let bytes = fs::read(&args.file).map_err(unread)?;
    let store = database::open(config).await?;
    let directory = directory(config, &store, args.tenant.as_ref()).await?;
    let plan = plan(&directory, args, &bytes).await?;
    if args.dry_run {
        tell(args, &write(&directory, &plan, args, &bytes, Run::Dry).await?)?;
        return check_leavers(&plan, args);
    }
    check_leavers(&plan, args)?;
    let counts = database::writing(&store, write(&directory, &plan, args, &bytes, Run::Real)).await?;
    tell(args, &counts)?;
    told_of(&counts.overtaken)
}

/// Whom an import has left as others have them now; it is not done then.
fn told_of(overtaken: &[String]) -> Result<(), Failure> {
    if overtaken.is_empty() {
        return Ok(());
    }
    let some = overtaken.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if TOLD < overtaken.len() { " and others" } else { "" };
    Err(Failure::Refused(format!(
        "somebody else changed {some}{more} or took their user names meanwhile, so they were left as they are; \
         run it again if the list holds"
    )))
}

async fn plan(directory: &Directory, args: &Args, bytes: &[u8]) -> Result<Plan, Failure> {
    let faulty = |faults| Failure::Faulty { path: args.file.clone(), faults };
    let rows = Rows::of(bytes).map_err(faulty)?;
    for name in rows.passed_over() {
        writeln!(stderr(), "Column {name:?} is not known and was passed over.")?;
    }
    directory.plan(rows, args.leavers).await?.map_err(faulty)
}

/// Refuses to let many leave whom nobody meant. Whoever only tries a list sees the counts as well.
fn check_leavers(plan: &Plan, args: &Args) -> Result<(), Failure> {
    let ((_, leavers), here) = (plan.size(), plan.here());
    if here * MOST < leavers * 100 && !args.force {
        return Err(Failure::Refused(format!(
            "{leavers} of {here} people would leave; look at --dry-run, and add --force if that is meant"
        )));
    }
    Ok(())
}

async fn write(
    directory: &Directory,
    plan: &Plan,
    args: &Args,
    bytes: &[u8],
    run: Run,
) -> Result<Counts, Failure> {
    let faulty = |faults| Failure::Faulty { path: args.file.clone(), faults };
    let rows = Rows::of(bytes).map_err(faulty)?.filter_map(Result::ok);
    let (people, leavers) = plan.size();
    let bar = Bar::new();
    let mut told = |done| bar.step("people", done, people + leavers);
    told(0);
    let result = directory.import(plan, rows, run, &mut told).await;
    bar.clear();
    Ok(result?)
}

fn tell(args: &Args, counts: &Counts) -> Result<(), Failure> {
    let Counts { new, changed, unchanged, left, overtaken } = counts;
    let mut out = stdout().lock();
    if args.json {
        let line = json!({
            "dry_run": args.dry_run, "new": new, "changed": changed, "unchanged": unchanged, "left": left,
            "overtaken": overtaken,
        });
        writeln!(out, "{line}")?;
        return Ok(());
    }
    let nothing = if args.dry_run { "Nothing was written. " } else { "" };
    writeln!(out, "{nothing}{new} new, {changed} changed, {unchanged} unchanged, {left} left.")?;
    Ok(())
}
