//! `sla`: whether the clocks of tickets are what their histories and the catalogue give, and how goals ended over time.

use std::{
    io::{Write as _, stdout},
    process::ExitCode,
};

mod report;

use super::server::{self, Failure, ServerArgs};
use crate::{client, proto::v1};

/// Report how goals were met over time, and verify the clocks of tickets
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ticket-dispatch sla report --period week --by group,priority --zone Europe/Berlin
  ticket-dispatch sla report --from 2027-01-01 --to 2027-03-31 --csv > quarter.csv
  ticket-dispatch sla verify
  ticket-dispatch sla verify --repair --connect 127.0.0.1:7400 --token ...

Exit codes: 0 all is in order or was set right, or the report is printed; 1 something is not, or\nthe server cannot be asked.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Tell how many goals were met and missed, by when they were due
    Report(report::Args),
    /// Derive every ticket again from its history, and compare its clocks, its due times and how its goals ended
    Verify {
        /// Set right what differs: rows, due times that the catalogue in use does not give, and what reports add up
        #[arg(long)]
        repair: bool,
        #[command(flatten)]
        server: ServerArgs,
    },
}

/// Runs the command.
pub(super) fn run(args: &Args) -> ExitCode {
    match &args.action {
        Action::Report(args) => server::ask_or_tell(report::run(args)),
        Action::Verify { repair, server } => server::ask_or_tell(verify(server, *repair)),
    }
}

/// Whether all is in order in the end.
async fn verify(server: &ServerArgs, repair: bool) -> Result<bool, Failure> {
    let client = server.client()?;
    let (mut page_token, mut checked, mut wrong, mut repaired) = (String::new(), 0, 0, 0);
    loop {
        let request = v1::VerifyTicketClocksRequest { page_size: 200, page_token, repair };
        let answer = client.tickets().verify_ticket_clocks(request).await.map_err(client::Fault::from)?;
        let page = answer.into_inner();
        checked += page.checked;
        for it in &page.differences {
            let done = if it.repaired { "; set right" } else { "" };
            writeln!(stdout(), "{}: {}{done}", it.number, it.what)?;
            repaired += u32::from(it.repaired);
            wrong += u32::from(!it.repaired);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    writeln!(stdout(), "{checked} tickets: {wrong} not in order, {repaired} set right")?;
    Ok(wrong == 0)
}
