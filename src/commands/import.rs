//! `import`: tickets from a file, each opened as a bot or a program would open it.

mod rows;

use std::{
    io::{self, Write as _, stdout},
    path::PathBuf,
    process::ExitCode,
};

use futures_util::{StreamExt as _, stream};

use self::rows::{BadFile, Row};
use super::{bar::Bar, failed, server::ServerArgs};
use crate::{
    client::{self, Client},
    proto::v1,
};

/// Open tickets from a file: routed, rated and clocked as any other
///
/// Each row goes the way of a ticket that a program opens: the template's rules hold for it, and what is wrong with it
/// is told with its line. A row has an identity, its `id` or else its content, so a file that was interrupted, or is
/// imported again, opens nothing twice.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A file is CSV with a header, or JSON with an object a line (.jsonl). Columns:
  id                    identity of the row; its content is, if there is none
  template              id of the template
  requester             who needs help: their subject; `issuer` vouches for it, `name` is shown
  subject, description  what it is about
  impact, urgency       person, team, site; low, medium, high; the template's if empty
  fields.NAME           value of a field of the template

Examples:
  ticket-dispatch import tickets.csv --dry-run
  ticket-dispatch import tickets.jsonl --connect 127.0.0.1:7400 --token ...

Exit codes: 0 every row is a ticket, 1 some are not, or the server cannot be asked.")]
pub struct Args {
    /// The file
    file: PathBuf,
    /// Let the server check every row as if it opened the ticket, and open nothing
    #[arg(long)]
    dry_run: bool,
    /// Who vouches for requesters, where the file does not say
    #[arg(long, value_name = "ISSUER", default_value = "import")]
    issuer: String,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    File(#[from] BadFile),
    #[error(transparent)]
    Client(#[from] client::Fault),
    #[error(
        "stopped at line {line}, after {opened} tickets: {problem}; mend that and import the same file again"
    )]
    Stopped { line: u64, opened: u64, problem: String },
    #[error("the result cannot be printed: {0}")]
    Print(#[from] io::Error),
}

/// Runs the command.
pub(super) fn run(args: &Args) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(format_args!("cannot start: {error}")),
    };
    match runtime.block_on(import(args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => failed(failure),
    }
}

/// Whether every row is a ticket in the end.
async fn import(args: &Args) -> Result<bool, Failure> {
    let client = args.server.client()?;
    let rows = rows::read(&args.file, &args.issuer)?;
    let types = Types::of(&client, &rows).await?;
    let bar = Bar::new();
    let (mut opened, mut bad) = (0, 0);
    let all = rows.len() as u64;
    let mut ids = Ids::default();
    let work = rows.into_iter().map(|row| {
        let (line, client) = (row.line, &client);
        let request = types.request(row).and_then(|it| ids.claim(line, it));
        async move {
            match request {
                Err(problem) => (line, Err(Problem::Row(problem))),
                Ok(request) => (line, open(client, request, args.dry_run).await),
            }
        }
    });
    let mut answers = stream::iter(work).buffered(AT_ONCE);
    while let Some((line, answer)) = answers.next().await {
        match answer {
            Ok(()) => opened += 1,
            Err(Problem::Row(problem)) => {
                bad += 1;
                bar.clear();
                writeln!(stdout(), "line {line}: {problem}")?;
            }
            Err(Problem::Server(problem)) => {
                bar.clear();
                return Err(Failure::Stopped { line, opened, problem });
            }
        }
        bar.step("opening tickets", opened + bad, all);
    }
    bar.clear();
    let done = if args.dry_run { "could be opened" } else { "opened" };
    writeln!(stdout(), "{opened} {done}, {bad} not")?;
    Ok(bad == 0)
}

/// Opens a ticket, or asks the server whether it would.
async fn open(client: &Client, request: v1::CreateTicketRequest, dry: bool) -> Result<(), Problem> {
    let mut tickets = client.tickets();
    let answer = if dry {
        tickets.check_ticket(v1::CheckTicketRequest { ticket: Some(request) }).await.map(drop)
    } else {
        tickets.create_ticket(request).await.map(drop)
    };
    answer.map_err(|it| problem(it.into()))
}

/// Identities of rows, and the first that has each. Rows go out side by side: which of two that differ came first, only
/// the file tells.
#[derive(Default)]
struct Ids(std::collections::HashMap<String, (u64, v1::CreateTicketRequest)>);

impl Ids {
    fn claim(
        &mut self,
        line: u64,
        request: v1::CreateTicketRequest,
    ) -> Result<v1::CreateTicketRequest, String> {
        let (first, known) =
            self.0.entry(request.request_id.clone()).or_insert_with(|| (line, request.clone()));
        if *known == request {
            return Ok(request);
        }
        let id = request.request_id.trim_start_matches(rows::PREFIX);
        Err(format!(
            "id: `{id}` stands in line {first} already, with other content; give each ticket an id of its own"
        ))
    }
}

/// Why a row is no ticket.
enum Problem {
    /// It is the row's fault.
    Row(String),
    /// Every row would end like this.
    Server(String),
}

fn problem(fault: client::Fault) -> Problem {
    match fault {
        client::Fault::Refused { retry_after: Some(_), message, .. } => Problem::Server(message),
        client::Fault::Refused { code, message, .. } if OF_THE_CALL.contains(&code) => {
            Problem::Server(message)
        }
        client::Fault::Refused { violations, message, .. } if violations.is_empty() => Problem::Row(message),
        client::Fault::Refused { violations, .. } => Problem::Row(violations.join("; ")),
        fault @ (client::Fault::BadAddress(_) | client::Fault::Encrypted(_) | client::Fault::BadToken) => {
            Problem::Server(fault.to_string())
        }
    }
}

/// The templates that rows name, by id, to know the types of their fields.
struct Types(std::collections::BTreeMap<String, v1::Template>);

impl Types {
    async fn of(client: &Client, rows: &[Row]) -> Result<Self, client::Fault> {
        let mut types = Self(std::collections::BTreeMap::new());
        for row in rows {
            if types.0.contains_key(&row.template) {
                continue;
            }
            let request = v1::GetTemplateRequest { template: row.template.clone(), version: 0 };
            match client.catalog().get_template(request).await.map_err(client::Fault::from) {
                Ok(answer) => {
                    let template = answer.into_inner().template.unwrap_or_default();
                    types.0.insert(row.template.clone(), template);
                }
                // The row is told of when its turn comes.
                Err(client::Fault::Refused { code, .. }) if [NOT_FOUND, INVALID].contains(&code) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(types)
    }

    fn request(&self, row: Row) -> Result<v1::CreateTicketRequest, String> {
        let template = self.0.get(&row.template);
        let template = template.ok_or_else(|| format!("template: no template `{}`", row.template))?;
        row.request(template)
    }
}

/// gRPC's codes for a thing that is not there, and for a request that is none.
const NOT_FOUND: i32 = 5;
const INVALID: i32 = 3;
/// Those for a caller who may not, or who is unknown, and for a server that is not there.
const OF_THE_CALL: [i32; 3] = [7, 16, 14];
/// Tickets that are opened at a time.
const AT_ONCE: usize = 32;
