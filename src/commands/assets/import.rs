//! `assets import`: the register, from a file.

use std::{
    fs,
    io::{Write as _, stderr, stdout},
    path::PathBuf,
};

use serde_json::json;

use super::{Failure, register};
use crate::{
    clock,
    commands::database::{self, tenant},
    config::Config,
    desk::{
        assets::import::{Counts, Missing, Plan},
        people::Asked,
    },
    domain::people::Tenant,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The CSV or JSON file, in UTF-8
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only say what would change
    #[arg(long)]
    dry_run: bool,
    /// Take out what stands in the register and not in the file
    #[arg(long)]
    remove_missing: bool,
    /// Let at most so many of a hundred assets be taken out at once [default: 10]
    #[arg(long, value_name = "PERCENT", requires = "remove_missing", value_parser = clap::value_parser!(u32).range(0..=100))]
    allow_removals: Option<u32>,
    /// Whose register [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
    /// Print the counts, and what is wrong, as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let unread = |source| Failure::Read { path: args.file.clone(), source };
    let list = fs::read(&args.file).map_err(unread)?;
    let store = database::open(config).await?;
    let register = register(config, &store, args.tenant.as_ref()).await?;
    let missing = Missing { remove: args.remove_missing, most_percent: args.allow_removals };
    let plan = register.plan(&list, missing).await?;
    for name in &plan.passed_over {
        writeln!(stderr(), "Column {name:?} is not known and was passed over.")?;
    }
    if args.dry_run || !plan.faults.is_empty() {
        tell(args, plan.counts, Some(&plan))?;
        return if plan.faults.is_empty() {
            Ok(())
        } else {
            Err(Failure::Faulty { path: args.file.clone(), faults: plan.faults })
        };
    }
    let request = format!("assets-{}", clock::new_id());
    let asked = Asked { request: &request, content: &[] };
    let counts = database::writing(&store, register.import(asked, plan)).await?;
    tell(args, counts, None)
}

/// Prints what was done, or with a plan what would be.
fn tell(args: &Args, counts: Counts, plan: Option<&Plan>) -> Result<(), Failure> {
    let Counts { created, changed, unchanged, removed } = counts;
    let mut out = stdout().lock();
    if args.json {
        let faults = plan.map_or(&[][..], |it| it.faults.as_slice());
        let faults =
            faults.iter().map(|it| json!({ "line": it.line, "column": it.column, "problem": it.problem }));
        let line = json!({
            "dry_run": args.dry_run, "created": created, "changed": changed, "unchanged": unchanged,
            "removed": removed, "faults": faults.collect::<Vec<_>>(),
        });
        writeln!(out, "{line}")?;
        return Ok(());
    }
    match plan {
        // What is wrong is told in place of counts that would mislead.
        Some(plan) if !plan.faults.is_empty() => {}
        Some(_) => writeln!(
            out,
            "Nothing was written. {created} new, {changed} changed, {unchanged} unchanged, {removed} removed."
        )?,
        None => writeln!(out, "{created} new, {changed} changed, {unchanged} unchanged, {removed} removed.")?,
    }
    Ok(())
}
