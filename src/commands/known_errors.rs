//! `known-errors`: what is known of causes that are not mended yet. Asks a running server.

use std::{
    io::{self, Write, stdout},
    process::ExitCode,
};

use serde_json::{Value, json};

use super::{
    paint::{Paint, in_style},
    server::{self, Failure, ServerArgs},
};
use crate::{client, proto::v1};

/// List known errors, those first that a ticket is likely about
///
/// A known error shares an asset with the ticket, its code stands in the ticket's text, it means nearly the same, or it shares
/// the service. Without a ticket all are listed, the newest first. At most fifty are.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch known-errors
  ticket-dispatch known-errors INC-000123
  ticket-dispatch known-errors INC-000123 --json | jq -r .workaround

Exit codes: 0 printed; 1 the server cannot be asked, or knows no such ticket.")]
pub struct Args {
    /// Number or id of a ticket
    #[arg(value_name = "TICKET")]
    ticket: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> ExitCode {
    server::ask_or_tell(list(args))
}

async fn list(args: &Args) -> Result<bool, Failure> {
    let client = args.server.client()?;
    let request = v1::ListKnownErrorsRequest { ticket: args.ticket.clone().unwrap_or_default() };
    let found = client.problems().list_known_errors(request).await.map_err(client::Fault::from)?.into_inner();
    let (mut out, paint) = (stdout().lock(), Paint::of(&stdout()));
    if found.errors.is_empty() && !args.json {
        let of = args.ticket.as_ref().map_or_else(String::new, |it| format!(" that {it} is likely about"));
        writeln!(out, "No known errors{of}.")?;
    }
    for it in &found.errors {
        if args.json {
            writeln!(out, "{}", object(it))?;
        } else {
            print(it, paint, &mut out)?;
        }
    }
    Ok(true)
}

fn print(it: &v1::KnownError, paint: Paint, out: &mut impl Write) -> io::Result<()> {
    let known = it.diagnosis.clone().unwrap_or_default();
    writeln!(out, "{}  {}", in_style(paint.strong, &it.number), it.subject)?;
    let lines = [
        ("why", why(it)),
        ("symptom", known.symptom),
        ("code", known.error_code),
        ("cause", known.root_cause),
        ("workaround", known.workaround),
        ("solution", known.solution),
    ];
    for (name, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
        // Each line of a longer text stands below the first one.
        writeln!(out, "  {name:11} {}", text.trim().replace('\n', "\n              "))?;
    }
    Ok(())
}

/// What it shares with the ticket.
fn why(it: &v1::KnownError) -> String {
    let mut why = vec![];
    if !it.assets.is_empty() {
        why.push(format!("the same asset: {}", it.assets.join(", ")));
    }
    if it.same_code {
        why.push("the same code".to_owned());
    }
    if 0.0 < it.likeness {
        why.push(format!("{:.0} % alike in meaning", 100.0 * it.likeness));
    }
    if !it.services.is_empty() {
        why.push(format!("the same service: {}", it.services.join(", ")));
    }
    why.join("; ")
}

fn object(it: &v1::KnownError) -> Value {
    let known = it.diagnosis.clone().unwrap_or_default();
    json!({
        "number": it.number,
        "subject": it.subject,
        "symptom": known.symptom,
        "error_code": known.error_code,
        "root_cause": known.root_cause,
        "workaround": known.workaround,
        "solution": known.solution,
        "article": known.article,
        "assets": it.assets,
        "services": it.services,
        "likeness": it.likeness,
        "same_code": it.same_code,
    })
}
