//! The clocks of tickets on the real program, whose own clock is moved: what is due, what stands still, who is
//! told, and what happens by itself.

use std::time::Duration;

use ticket_dispatch::{
    catalog,
    proto::{
        time::time_from,
        v1::{
            self, HoldReason, SlaGoal, TicketState, Whom, event::Fact,
            ticket_service_client::TicketServiceClient,
        },
    },
};
use tonic::transport::Channel;

use crate::{
    app::{App, Settings},
    parts::{installed::Part, postgres::Postgres, server::within},
};

/// Long enough on a machine that is busy.
const SOON: Duration = Duration::from_secs(60);

/// A program on a Monday morning, and the way to its tickets.
struct Desk {
    app: App,
    calls: u32,
}

impl Desk {
    fn on_monday() -> Option<Self> {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Option<Self> {
        if Part::Faketime.is_missing() {
            return None;
        }
        let desk = Self { app: App::start(settings.clock()), calls: 0 };
        desk.at("2027-03-01T08:00:00Z");
        Some(desk)
    }

    fn at(&self, time: &str) {
        self.app.set_clock(time);
    }

    fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    fn request(&mut self) -> String {
        self.calls += 1;
        format!("call-{}", self.calls)
    }

    /// A ticket of the starter catalogue: P3 of the standard policy, in office hours of Berlin.
    async fn open(&mut self) -> v1::Ticket {
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "vpn_fault".to_owned(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "ann".into(),
                ..Default::default()
            }),
            description: "The VPN drops".to_owned(),
            fields: vec![v1::FieldValue {
                field: "symptom".to_owned(),
                value: Some(v1::field_value::Value::Choice("no_connection".to_owned())),
            }],
            ..Default::default()
        };
        self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    async fn go(&mut self, ticket: &str, to: TicketState) -> v1::Ticket {
        let hold = if to == TicketState::OnHold { HoldReason::Vendor } else { HoldReason::Unspecified };
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            to: to.into(),
            hold_reason: hold.into(),
            resolution: if to == TicketState::Resolved { "restarted".to_owned() } else { String::new() },
            comment: if to == TicketState::Assigned { "It goes on".to_owned() } else { String::new() },
            ..Default::default()
        };
        self.tickets().transition_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    async fn rate(&mut self, ticket: &str, impact: v1::Impact, urgency: v1::Urgency) -> v1::Ticket {
        let request = v1::UpdateTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            change: Some(v1::TicketChange {
                impact: impact.into(),
                urgency: urgency.into(),
                ..Default::default()
            }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["impact".into(), "urgency".into()] }),
            ..Default::default()
        };
        self.tickets().update_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    async fn ticket(&self, ticket: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: ticket.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    async fn explain(&self, ticket: &str) -> v1::ExplainTicketClocksResponse {
        let request = v1::ExplainTicketClocksRequest { ticket: ticket.to_owned() };
        self.tickets().explain_ticket_clocks(request).await.unwrap().into_inner()
    }

    async fn history(&self, ticket: &str) -> Vec<Fact> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
        let events = self.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        events.into_iter().filter_map(|it| it.fact).collect()
    }

    /// The steps that its clocks have come to, with those who are told.
    async fn escalations(&self, ticket: &str) -> Vec<(SlaGoal, u32, Vec<Whom>)> {
        let history = self.history(ticket).await;
        let step = |fact: &Fact| {
            let Fact::TicketEscalated(it) = fact else { return None };
            let step = it.escalation?;
            Some((step.goal(), step.percent, it.notify().collect()))
        };
        history.iter().filter_map(step).collect()
    }

    /// Waits until so many steps are told.
    async fn escalated(&self, ticket: &str, count: usize) -> Vec<(SlaGoal, u32, Vec<Whom>)> {
        for _ in 0..600 {
            let steps = self.escalations(ticket).await;
            if steps.len() >= count {
                return steps;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{:?}; {}", self.escalations(ticket).await, self.app.log())
    }
}

fn shown(time: &Option<pbjson_types::Timestamp>) -> String {
    // The program's clock has moved on by what the calls took.
    time.as_ref().map_or_else(String::new, |it| time_from(it).rfc3339()[..16].to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn warnings_and_misses_are_told_once_each_over_a_restart() {
    let Some(mut desk) = Desk::on_monday() else { return };
    let ticket = desk.open().await;
    // P3: an answer within 2 hours, done within 24, of 10 in a day from 8 to 18 in Berlin.
    assert_eq!(shown(&ticket.response_due), "2027-03-01T10:00");
    assert_eq!(shown(&ticket.resolution_due), "2027-03-03T12:00");
    assert_eq!(
        shown(&ticket.next_look_time),
        "2027-03-01T09:30",
        "three quarters of the first answer's time"
    );

    desk.at("2027-03-01T09:31:00Z");
    let warned = (SlaGoal::Response, 75, vec![Whom::Group]);
    assert_eq!(desk.escalated(&ticket.number, 1).await, std::slice::from_ref(&warned));
    desk.app.kill();
    desk.app.restart();
    desk.at("2027-03-01T10:01:00Z");
    let missed = (SlaGoal::Response, 100, vec![Whom::Group, Whom::Owner]);
    assert_eq!(desk.escalated(&ticket.number, 2).await, [warned, missed]);

    let answered = desk.go(&ticket.number, TicketState::InProgress).await;
    assert!(answered.response_time.is_some());
    // The clock of the first answer is silent now, and says that it was missed.
    assert_eq!(shown(&answered.next_look_time), "2027-03-02T16:00", "18 of 24 hours");
    let clocks = desk.explain(&ticket.number).await.clocks;
    assert!(clocks[0].missed && clocks[0].stop_time.is_some());
    assert!(!clocks[1].missed && clocks[1].stop_time.is_none());
}

/// Breach while on hold, and a pause that is lost when the priority changes: what the peers' users complain of.
/// glpi#24481, frappe/helpdesk#1675, osTicket#3034: late while on hold.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_late_on_hold_and_no_pause_is_forgotten() {
    let Some(mut desk) = Desk::on_monday() else { return };
    let ticket = desk.open().await;
    desk.go(&ticket.number, TicketState::InProgress).await;
    desk.at("2027-03-01T09:00:00Z");
    let held = desk.go(&ticket.number, TicketState::OnHold).await;
    assert_eq!((shown(&held.resolution_due), held.next_look_time), (String::new(), None));
    // A week later nothing has happened, and a day of work is left to the hour.
    desk.at("2027-03-08T09:00:00Z");
    let resumed = desk.go(&ticket.number, TicketState::InProgress).await;
    assert!(desk.escalations(&ticket.number).await.is_empty());
    assert_eq!(shown(&resumed.resolution_due), "2027-03-10T12:00", "23 hours are left");

    let raised = desk.rate(&ticket.number, v1::Impact::Site, v1::Urgency::Medium).await;
    assert_eq!(raised.priority(), v1::Priority::P2);
    assert_eq!(shown(&raised.resolution_due), "2027-03-08T16:00", "8 hours from the start, less the week");

    let explained = desk.explain(&ticket.number).await;
    assert_eq!((explained.calendar.as_str(), explained.zone.as_str()), ("office", "Europe/Berlin"));
    let resolution = &explained.clocks[1];
    assert_eq!((resolution.goal(), resolution.target_seconds), (SlaGoal::Resolution, 8 * 3600));
    assert!((3600..3700).contains(&resolution.passed_seconds), "{resolution:?}");
    let why = |stretch: &v1::ClockStretch| stretch.why.clone();
    let reasons: Vec<String> = resolution.stretches.iter().map(why).collect();
    assert!(reasons.contains(&"on hold, waiting for a supplier".to_owned()), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reopened_ticket_goes_on_with_its_old_clock_and_one_left_alone_is_closed() {
    let Some(mut desk) = Desk::on_monday() else { return };
    let ticket = desk.open().await;
    desk.go(&ticket.number, TicketState::InProgress).await;
    desk.at("2027-03-01T13:00:00Z");
    let resolved = desk.go(&ticket.number, TicketState::Resolved).await;
    assert_eq!(
        shown(&resolved.resolution_due),
        "2027-03-03T12:00",
        "what was promised stays to be compared with"
    );
    assert_eq!(shown(&resolved.next_look_time), "2027-03-04T13:00", "30 working hours until it is closed");

    desk.at("2027-03-02T13:00:00Z");
    let reopened = desk.go(&ticket.number, TicketState::Assigned).await;
    assert_eq!(
        shown(&reopened.resolution_due),
        "2027-03-04T12:00",
        "a day later, since it was done for a day"
    );
    let again = desk.go(&ticket.number, TicketState::Resolved).await;
    assert_eq!(again.state(), TicketState::Resolved);

    desk.at("2027-03-06T13:00:00Z");
    let number = ticket.number.clone();
    for _ in 0..600 {
        if desk.ticket(&number).await.state() == TicketState::Closed {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let closed = desk.ticket(&number).await;
    assert_eq!((closed.state(), closed.next_look_time), (TicketState::Closed, None), "{}", desk.app.log());
    assert_eq!(closed.resolution, "restarted");
    assert!(desk.escalations(&number).await.is_empty(), "it was done in time both times");
    assert!(within(SOON, || desk.app.is_settled_within(SOON)));
}

/// chatwoot#10178: a goodbye kept the clock running.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_requester_says_waits_for_an_answer_but_thanks_do_not() {
    let Some(mut desk) = Desk::on_monday() else { return };
    let ticket = desk.open().await;
    desk.go(&ticket.number, TicketState::InProgress).await;
    let client = desk.app.client(None);
    let said = |text: &str, id: &str| v1::SendMessageRequest {
        message_id: id.to_owned(),
        conversation: "room".to_owned(),
        requester: Some(v1::Person { issuer: "chat".into(), subject: "ann".into(), ..Default::default() }),
        text: text.to_owned(),
        ..Default::default()
    };
    desk.at("2027-03-01T09:00:00Z");
    let text = format!("please add to {}: it also happens on my phone", ticket.number);
    client.send(said(&text, "m-1")).await.unwrap();
    let asked = desk.ticket(&ticket.number).await;
    assert_eq!(shown(&asked.next_response_due), "2027-03-01T13:00", "4 hours for P3");
    desk.at("2027-03-01T13:01:00Z");
    let late = (SlaGoal::NextResponse, 100, vec![Whom::Agent, Whom::Group]);
    assert_eq!(desk.escalated(&ticket.number, 1).await, [late]);

    let request = v1::CommentTicketRequest {
        request_id: desk.request(),
        ticket: ticket.number.clone(),
        text: "We look into it".to_owned(),
        ..Default::default()
    };
    let answered = desk.tickets().comment_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!((answered.next_response_due, answered.asked_time), (None, None));

    desk.go(&ticket.number, TicketState::Resolved).await;
    client.send(said("thank you, bye", "m-2")).await.unwrap();
    let after = desk.ticket(&ticket.number).await;
    assert_eq!((after.next_response_due, after.asked_time), (None, None));
}

fn edited(from: &str, to: &str) -> Vec<v1::CatalogFile> {
    let file = |it: catalog::Source| {
        let content = if it.name == "sla.yaml" { it.content.replace(from, to) } else { it.content };
        v1::CatalogFile { name: it.name, content }
    };
    catalog::starter().into_iter().map(file).collect()
}

/// A holiday that is entered late moves what is due, and nothing that is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_calendar_reckons_open_tickets_again_and_the_clocks_can_be_verified() {
    let Some(mut desk) = Desk::on_monday() else { return };
    let (open, done) = (desk.open().await, desk.open().await);
    let done = desk.go(&done.number, TicketState::Resolved).await;
    let files = edited("    holidays:\n", "    holidays:\n      2027-03-02: Carnival\n");
    let request = v1::ApplyCatalogRequest { request_id: "c-1".into(), files };
    desk.app.client(None).catalog().apply_catalog(request).await.unwrap();
    for _ in 0..600 {
        if desk.ticket(&open.number).await.version > open.version {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(shown(&desk.ticket(&open.number).await.resolution_due), "2027-03-04T12:00");
    assert_eq!(desk.ticket(&done.number).await.resolution_due, done.resolution_due);
    let history = desk.history(&open.number).await;
    let reckoned = history.iter().find_map(|fact| {
        let Fact::TicketUpdated(it) = fact else { return None };
        it.catalog_version
    });
    assert_eq!(reckoned, Some(1), "{history:?}");
    let clocks = desk.explain(&open.number).await.clocks;
    assert!(clocks[1].stretches.iter().any(|it| it.why == "Carnival" && !it.counts));

    let verify = |args: &[&str]| {
        let url = desk.app.url();
        let mut all = vec!["sla", "verify", "--connect", &url];
        all.extend(args);
        let output = desk.app.command(&all).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(verify(&[]), (Some(0), "2 tickets: 0 not in order, 0 set right\n".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_tell_every_step_once() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    let settings = || Settings::default().env("DISPATCH_STORE_URL", &postgres.url());
    let (Some(mut one), Some(other)) = (Desk::with(settings()), Desk::with(settings())) else { return };
    let mut tickets = vec![];
    for _ in 0..20 {
        tickets.push(one.open().await.number);
    }
    for time in
        ["2027-03-01T09:31:00Z", "2027-03-01T10:01:00Z", "2027-03-02T16:01:00Z", "2027-03-03T12:01:00Z"]
    {
        one.at(time);
        other.at(time);
        for number in &tickets {
            one.escalated(number, 1).await;
        }
    }
    for number in &tickets {
        let steps = one.escalated(number, 4).await;
        let steps: Vec<_> = steps.iter().map(|(goal, percent, _)| (*goal, *percent)).collect();
        let (response, resolution) = (SlaGoal::Response, SlaGoal::Resolution);
        assert_eq!(steps, [(response, 75), (response, 100), (resolution, 75), (resolution, 100)]);
    }
}

/// A clock may come to a step in a second that the desk has looked at before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_priority_whose_time_is_up_already_is_told_at_once() {
    let Some(mut desk) = Desk::on_monday() else { return };
    let ticket = desk.open().await;
    let lowered = desk.rate(&ticket.number, v1::Impact::Person, v1::Urgency::Low).await;
    assert_eq!(
        (lowered.priority(), shown(&lowered.response_due)),
        (v1::Priority::P4, "2027-03-01T12:00".into())
    );
    desk.at("2027-03-01T12:00:30Z");
    desk.escalated(&ticket.number, 2).await;
    let raised = desk.rate(&ticket.number, v1::Impact::Site, v1::Urgency::High).await;
    assert_eq!(
        (raised.priority(), shown(&raised.resolution_due)),
        (v1::Priority::P1, "2027-03-01T12:00".into())
    );
    let steps = desk.escalated(&ticket.number, 4).await;
    assert_eq!(steps[3], (SlaGoal::Resolution, 100, vec![Whom::Agent, Whom::Group, Whom::Owner]));
}

/// Whoever answers late, but before the desk has looked, does not hide that it was late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_miss_is_told_before_the_answer_that_came_too_late() {
    let Some(mut desk) = Desk::on_monday() else { return };
    let ticket = desk.open().await;
    desk.at("2027-03-01T13:00:00Z");
    desk.go(&ticket.number, TicketState::InProgress).await;
    let history = desk.history(&ticket.number).await;
    let at = |wanted: fn(&Fact) -> bool| history.iter().position(wanted).unwrap();
    let missed =
        at(|it| matches!(it, Fact::TicketEscalated(it) if it.escalation.is_some_and(|it| it.percent == 100)));
    assert!(missed < at(|it| matches!(it, Fact::TicketMoved(_))), "{history:?}");
    assert_eq!(desk.escalations(&ticket.number).await.len(), 2, "each once");
}
