//! `waves list` and `show`: waves, read.

use std::{
    collections::HashMap,
    io::{BufWriter, Write as _, stderr, stdout},
};

use serde_json::{Value, json};

use super::{wave, waves};
use crate::{
    commands::database::{Failure, tenant},
    config::Config,
    domain::{
        id::TicketId,
        lookup::{TicketRef, WaveRef},
        people::Tenant,
        wave::{Wave, WaveState},
    },
};

/// Waves read at once.
const PAGE: u32 = 200;

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only those in this state: candidate, accepted, running, over or dismissed
    #[arg(long, value_parser = state)]
    state: Option<WaveState>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Whose waves [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// Its number or id
    #[arg(value_name = "WAVE", value_parser = wave)]
    wave: WaveRef,
    /// As a JSON object
    #[arg(long)]
    json: bool,
    /// Whose wave [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

fn state(raw: &str) -> Result<WaveState, String> {
    let found = WaveState::ALL.into_iter().find(|it| it.as_str() == raw);
    found.ok_or_else(|| "expected candidate, accepted, running, over or dismissed".to_owned())
}

pub(super) async fn list(config: &Config, args: &ListArgs) -> Result<(), Failure> {
    let (_, waves) = waves(config, args.tenant.as_ref()).await?;
    let mut out = BufWriter::new(stdout().lock());
    let (mut before, mut any) = (None, false);
    loop {
        let page = waves.list(args.state, before, PAGE).await?;
        for it in &page {
            if args.json {
                writeln!(out, "{}", object(it, &HashMap::new()))?;
                continue;
            }
            if !any {
                writeln!(
                    out,
                    "{:10}  {:9}  {:>6}  {:>7}  {:>6}  ABOUT",
                    "NUMBER", "STATE", "PEOPLE", "TICKETS", "JOINED"
                )?;
            }
            any = true;
            let (tickets, about) = (it.tickets().count(), about(it));
            writeln!(
                out,
                "{:10}  {:9}  {:>6}  {tickets:>7}  {:>6}  {about}",
                it.number,
                it.state.as_str(),
                it.people,
                it.joined
            )?;
        }
        before = page.last().map(|it| it.id);
        if page.len() < PAGE as usize {
            break;
        }
    }
    if !any && !args.json {
        writeln!(stderr(), "No waves.")?;
    }
    out.flush()?;
    Ok(())
}

pub(super) async fn show(config: &Config, args: &ShowArgs) -> Result<(), Failure> {
    let (store, waves) = waves(config, args.tenant.as_ref()).await?;
    let it = waves.get(&args.wave).await?;
    let tenant = args.tenant.as_ref().unwrap_or(&config.tenant);
    let mut numbers = HashMap::new();
    for id in it.tickets() {
        if let Some(ticket) = store.ticket(tenant, &TicketRef::Id(id)).await? {
            numbers.insert(id, (ticket.number, ticket.state.as_str(), ticket.subject));
        }
    }
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        writeln!(out, "{}", object(&it, &numbers))?;
    } else {
        writeln!(out, "{} is {}: {}", it.number, it.state.as_str(), about(&it))?;
        writeln!(
            out,
            "  people    {} since {}, where {:.1} are usual",
            it.people,
            it.first.rfc3339(),
            it.expected
        )?;
        writeln!(out, "  last      {}", it.last.rfc3339())?;
        if let Some(parent) = &it.parent {
            writeln!(out, "  parent    {}  {}", parent.number, parent.subject)?;
            writeln!(out, "  joined    {}", it.joined)?;
        }
        if !it.reason.is_empty() {
            writeln!(out, "  reason    {}", it.reason)?;
        }
        for (number, state, subject) in it.tickets().filter_map(|id| numbers.get(&id)) {
            writeln!(out, "  ticket    {number}  {state:11}  {subject}")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// What a wave is about.
fn about(it: &Wave) -> String {
    let named = [&it.template, &it.service].into_iter().find(|it| !it.is_empty());
    named.into_iter().chain(&it.assets).map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn object(it: &Wave, numbers: &HashMap<TicketId, (String, &'static str, String)>) -> Value {
    let ticket = |id: TicketId| match numbers.get(&id) {
        Some((number, state, subject)) => {
            json!({ "id": id.to_string(), "number": number, "state": state, "subject": subject })
        }
        None => json!({ "id": id.to_string() }),
    };
    json!({
        "number": it.number, "id": it.id.to_string(), "version": it.version, "state": it.state.as_str(),
        "template": it.template, "service": it.service, "assets": it.assets,
        "first_time": it.first.rfc3339(), "last_time": it.last.rfc3339(),
        "people": it.people, "expected_people": it.expected, "joined": it.joined,
        "parent": it.parent.as_ref().map(|it| json!({
            "ticket": it.ticket.to_string(), "number": it.number, "subject": it.subject,
        })),
        "tickets": it.tickets().map(ticket).collect::<Vec<_>>(),
        "reason": it.reason,
    })
}
