//! A desk that is measured, and the calls that the tests of measures make.

use std::{
    process::{Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use ticket_dispatch::proto::v1::{
    self, HoldReason, MeasureDimension, MeasureKind, TicketState, report_service_client::ReportServiceClient,
    ticket_service_client::TicketServiceClient,
};
use tonic::{Status, transport::Channel};

use crate::{
    app::{App, Settings, said},
    parts::{installed::Part, postgres::Postgres},
};

/// A running program.
pub(crate) struct Desk {
    pub(crate) app: App,
    calls: AtomicU32,
}

/// For SQLite, and for PostgreSQL if there is one.
pub(crate) fn both(settings: &Settings) -> Vec<(Settings, Option<Postgres>)> {
    let mut both = vec![(settings.clone(), None)];
    if !Part::Postgres.is_missing() {
        let postgres = Postgres::start();
        both.push((settings.clone().env("DISPATCH_STORE_URL", &postgres.url()), Some(postgres)));
    }
    both
}

/// A row without what it was not asked for.
pub(crate) type Short = (String, String, u64, u64);

impl Desk {
    pub(crate) fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), calls: AtomicU32::new(0) }
    }

    /// The same calls on a program that runs already.
    pub(crate) fn beside(app: App) -> Self {
        Self { app, calls: AtomicU32::new(1_000_000) }
    }

    pub(crate) fn at(&self, time: &str) {
        self.app.set_clock(time);
    }

    pub(crate) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(crate) fn reports(&self) -> ReportServiceClient<Channel> {
        ReportServiceClient::new(self.app.channel())
    }

    pub(crate) fn request(&self) -> String {
        format!("call-{}-{}", self.app.http(), self.calls.fetch_add(1, Ordering::Relaxed))
    }

    /// An incident for the network group, P3: 2 hours to an answer.
    pub(crate) async fn open(&self, who: &str) -> Result<v1::Ticket, Status> {
        let choice = v1::field_value::Value::Choice("no_connection".to_owned());
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "vpn_fault".to_owned(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: who.to_owned(),
                ..Default::default()
            }),
            description: "The VPN drops".to_owned(),
            fields: vec![v1::FieldValue { field: "symptom".to_owned(), value: Some(choice) }],
            ..Default::default()
        };
        Ok(self.tickets().create_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(crate) async fn go(&self, ticket: &str, to: TicketState) -> Result<(), Status> {
        let text = |wanted: bool, text: &str| if wanted { text.to_owned() } else { String::new() };
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            to: to.into(),
            hold_reason: if to == TicketState::OnHold { HoldReason::Vendor.into() } else { 0 },
            cancel_reason: if to == TicketState::Cancelled { v1::CancelReason::NotForDesk.into() } else { 0 },
            resolution: text(to == TicketState::Resolved, "restarted"),
            comment: text(to == TicketState::Assigned, "It goes on"),
            ..Default::default()
        };
        self.tickets().transition_ticket(request).await.map(drop)
    }

    pub(crate) async fn say(&self, ticket: &str, text: &str) -> Result<(), Status> {
        let request = v1::CommentTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            text: text.to_owned(),
            ..Default::default()
        };
        self.tickets().comment_ticket(request).await.map(drop)
    }

    pub(crate) async fn assign(&self, ticket: &str, group: &str) -> Result<(), Status> {
        let request = v1::AssignTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            group: group.to_owned(),
            ..Default::default()
        };
        self.tickets().assign_ticket(request).await.map(drop)
    }

    /// Everything that was committed is reckoned from now on.
    pub(crate) fn settle(&self) {
        said(&self.command(&["measures", "backlog"]));
    }

    pub(crate) async fn measure(&self, it: v1::MeasureRequest) -> Result<Vec<v1::MeasureRow>, Status> {
        self.settle();
        Ok(self.reports().measure(it).await?.into_inner().rows)
    }

    /// Rows of one measure from March to April 2027 by month: first day, label, count, sum.
    pub(crate) async fn monthly(&self, measure: MeasureKind, by: &[MeasureDimension]) -> Vec<Short> {
        let request = v1::MeasureRequest {
            measures: vec![measure.into()],
            from: "2027-03-01".into(),
            to: "2027-04-30".into(),
            period: v1::MeasurePeriod::Month.into(),
            by: by.iter().map(|it| (*it).into()).collect(),
            ..Default::default()
        };
        let rows = self.measure(request).await.unwrap();
        let label = |it: &v1::MeasureRow| {
            [&it.service, &it.group, &it.template]
                .into_iter()
                .filter(|it| !it.is_empty())
                .cloned()
                .collect::<Vec<_>>()
        };
        rows.iter().map(|it| (it.first_day.clone(), label(it).join(" "), it.count, it.sum)).collect()
    }

    /// All that is measured is what the history gives, whatever is going on.
    pub(crate) fn is_verified(&self) {
        let output = self.command(&["measures", "verify"]);
        let shown = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(shown.ends_with("all are what the history gives.\n"), "{shown}{complaint}");
    }

    /// A command of the program on the same data.
    pub(crate) fn command(&self, args: &[&str]) -> Output {
        self.spawn(args).wait_with_output().unwrap()
    }

    /// The same, not waited for.
    pub(crate) fn spawn(&self, args: &[&str]) -> std::process::Child {
        let mut command = self.app.command(args);
        command.args(["--data", "data"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(Stdio::null()).spawn().unwrap()
    }
}

/// Seconds to the nearest minute: the program's clock moves on by what calls take.
pub(crate) fn minutes(seconds: u32) -> u32 {
    (seconds + 30) / 60
}
