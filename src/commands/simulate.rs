//! `simulate`: which policy would keep the most promises, before anybody is dispatched by it.

mod history;
mod table;

use std::{
    io::{self, Write as _, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
};

use self::history::BadHistory;
use super::{bar::Bar, failed, is_enough, paint::Paint};
use crate::{
    catalog, client, config,
    domain::catalog::Catalog,
    simulate::{
        findings::Findings,
        history::History,
        page::page,
        scenario::{HELD_OUT, Scenario, Source, TUNED, built_in},
        study::{Plan, study},
    },
};

/// With fewer weeks of history, intervals say little.
const FEW_WEEKS: usize = 8;

/// Say which way of giving out work would keep the most promises.
///
/// A simulated desk gives the very same tickets out by every policy, over and over, at several loads: with your own
/// agents, shifts, skills, capacities and SLA policies (--catalog), with what once came (--history, or --connect for
/// the tickets of a running desk), or in scenarios that are built in. It prints how many tickets are done late under
/// each policy, how sure that is, and where `sla_aware` loses.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch simulate                                     a built-in scenario, in half a minute
  ticket-dispatch simulate --scenario all --html page.html     all of them, with charts
  ticket-dispatch simulate --catalog my-catalog --load 0.9,1   your own desk, as busy as you think it is
  ticket-dispatch simulate --catalog my-catalog --history tickets.csv --load 1,1.2
                                                               what came, and a fifth more of it
  ticket-dispatch simulate --connect 127.0.0.1:7400            what came to a running desk
  ticket-dispatch simulate --runs 50 --json | jq '.[].loads[].rows[0]'

History is CSV with a header, or JSON lines: opened (RFC 3339), template, and if known priority (P1 to P4), group and
handling_minutes (what it really took).

Policies are those of groups in a catalogue; priority_first is one of simulations only: the line in order of priority
and age, to whom has the fewest tickets, one at a time.

The scenarios office, experts, floods and two-shifts are those that sla_aware was tuned on; bank, plant, campus and
small were written before and looked at afterwards.")]
pub struct Args {
    /// Built-in scenarios, with commas between them, or `all`
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with_all = ["catalog", "history", "connect"])]
    scenario: Vec<String>,
    /// A catalogue of your own: a folder of YAML files, or one file
    #[arg(long, value_name = "DIR|FILE")]
    catalog: Option<PathBuf>,
    /// Tickets that came: CSV with a header, or JSON lines
    #[arg(long, value_name = "FILE", conflicts_with = "connect")]
    history: Option<PathBuf>,
    /// Take the tickets that came from the desk at this address
    #[arg(long, value_name = "URL")]
    connect: Option<String>,
    /// API token for that desk [env: DISPATCH_TOKEN]
    #[arg(long, requires = "connect")]
    token: Option<String>,
    /// How much there is to do, as a share of what the agents can; of what came, with --history or --connect
    #[arg(long = "load", value_name = "SHARES", value_delimiter = ',', value_parser = positive)]
    loads: Vec<f64>,
    /// Runs at each load; the more, the surer
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=1000))]
    runs: u32,
    /// Weeks that count in each run
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=52))]
    weeks: u32,
    /// Decides all that is random; the same seed gives the same figures
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write a page with charts as well
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no scenario `{name}`; known: {known}, or all", known = known())]
    Unknown { name: String },
    #[error("{}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: this catalogue cannot be used; `ticket-dispatch check` says what is wrong with it", .0.display())]
    Catalog(PathBuf),
    #[error("the starter catalogue cannot be used")]
    Starter,
    #[error("{}: {source}", path.display())]
    History { path: PathBuf, source: BadHistory },
    #[error(
        "of the desk's {0} tickets none is from a template of this catalogue; give that of the desk with --catalog"
    )]
    Strange(usize),
    #[error(transparent)]
    Client(#[from] client::Fault),
    #[error("cannot start: {0}")]
    Start(io::Error),
    #[error("{}: cannot be written: {source}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

fn known() -> String {
    TUNED.iter().chain(&HELD_OUT).copied().collect::<Vec<_>>().join(", ")
}

/// A load, or a share of one.
fn positive(typed: &str) -> Result<f64, String> {
    let load = typed.parse::<f64>().ok().filter(|it| (0.05..=3.0).contains(it));
    load.ok_or_else(|| "must be between 0.05 and 3, such as 0.9".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &Args) -> ExitCode {
    match simulate(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Print(error)) if is_enough(&error) => ExitCode::SUCCESS,
        Err(failure) => failed(format_args!("simulate: {failure}")),
    }
}

fn simulate(args: &Args) -> Result<(), Failure> {
    let scenarios = scenarios(args)?;
    let is_history = |it: &Scenario| matches!(it.source, Source::History(_));
    let usual = if scenarios.iter().any(is_history) { vec![1.0] } else { vec![0.7, 0.8, 0.9, 1.0, 1.1] };
    let loads = if args.loads.is_empty() { usual } else { args.loads.clone() };
    let plan = Plan { loads, runs: args.runs, weeks: args.weeks, seed: args.seed };
    let total = plan.loads.len() as u64 * u64::from(plan.runs) * scenarios.len() as u64;
    let (bar, mut done) = (Bar::new(), 0);
    let mut found = vec![];
    for scenario in &scenarios {
        bar.step(scenario.name.as_str(), done, total);
        let at_loads = study(scenario, &plan, &mut || {
            done += 1;
            bar.step(scenario.name.as_str(), done, total);
        });
        found.push(Findings::of(scenario, &plan, &at_loads));
    }
    bar.clear();
    if let Some(path) = &args.html {
        let write = |source| Failure::Write { path: path.clone(), source };
        std::fs::write(path, page(&found)).map_err(write)?;
    }
    let mut out = stdout().lock();
    if args.json {
        serde_json::to_writer(&mut out, &found).map_err(io::Error::from)?;
        return Ok(writeln!(out)?);
    }
    let paint = Paint::of(&stdout());
    for it in &found {
        table::print(&mut out, paint, it)?;
    }
    Ok(())
}

/// What is to be simulated.
fn scenarios(args: &Args) -> Result<Vec<Scenario>, Failure> {
    let is_own = args.catalog.is_some() || args.history.is_some() || args.connect.is_some();
    if is_own {
        return Ok(vec![own(args)?]);
    }
    let names: Vec<&str> = match args.scenario.as_slice() {
        [] => vec![HELD_OUT[0]],
        [all] if all == "all" => TUNED.into_iter().chain(HELD_OUT).collect(),
        some => some.iter().map(String::as_str).collect(),
    };
    let find = |name: &str| built_in(name).ok_or_else(|| Failure::Unknown { name: name.to_owned() });
    names.into_iter().map(find).collect()
}

/// The desk of a catalogue, with what came if that is given.
fn own(args: &Args) -> Result<Scenario, Failure> {
    let (name, catalog) = match &args.catalog {
        Some(path) => (path.display().to_string(), read(path)?),
        None => (
            "starter catalogue".to_owned(),
            catalog::parse(&catalog::starter(), 0, None).map_err(|_| Failure::Starter)?,
        ),
    };
    let tickets = if let Some(path) = &args.history {
        let bad = |source| Failure::History { path: path.clone(), source };
        Some(history::read(path, &catalog).map_err(bad)?)
    } else if let Some(address) = &args.connect {
        let token = args.token.clone().or_else(config::token);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Start)?;
        let (tickets, all) = history::ask(&runtime, address, token.as_deref(), &catalog)?;
        if tickets.is_empty() {
            return Err(Failure::Strange(all));
        }
        Some(tickets)
    } else {
        None
    };
    let mut scenario = Scenario::ordinary(&name, catalog);
    if let Some(tickets) = tickets {
        let count = tickets.len();
        let history = History::new(tickets, crate::simulate::scenario::SPREAD);
        scenario.about = format!("{count} tickets that came in {} weeks", history.weeks());
        if history.weeks() < FEW_WEEKS {
            scenario.about +=
                ": too few to tell habit from chance, so read no more into the intervals than into one week";
        }
        scenario.source = Source::History(history);
    }
    Ok(scenario)
}

fn read(path: &Path) -> Result<Catalog, Failure> {
    let unread = |source| Failure::Read { path: path.to_owned(), source };
    let sources = if path.is_file() {
        vec![catalog::read_file(path).map_err(unread)?]
    } else {
        catalog::read_dir(path).map_err(unread)?
    };
    catalog::parse(&sources, 0, None).map_err(|_| Failure::Catalog(path.to_owned()))
}
