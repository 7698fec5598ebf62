//! A desk on a Monday morning, whose catalogue has rules, agreements and steps that act.

use std::{cell::Cell, time::Duration};

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
    parts::installed::Part,
};

/// What stands beside the starter catalogue.
const LEVELS: &str = r#"calendars:
  - id: pune
    zone: Asia/Kolkata
    hours: { mon-fri: "09:00-18:00" }
sla_policies:
  - id: strict
    calendar: { by_field: symptom, sites: { slow: pune }, else: always }
    targets:
      P1: { response: 15m, update: 1h, resolution: 2h }
      P2: { response: 30m, update: 1h, resolution: 4h }
      P3: { response: 30m, update: 2h, resolution: 8h }
      P4: { response: 1h, update: 4h, resolution: 16h }
  - id: acting
    calendar: always
    targets:
      P1: { response: 1h, resolution: 8h }
      P2: { response: 1h, resolution: 8h }
      P3: { response: 1h, resolution: 8h }
      P4: { response: 1h, resolution: 8h }
    escalations:
      - { goal: response, at: 50%, notify: agent, reassign: true, raise_urgency: true, note: Nobody has answered yet }
  - id: rushing
    calendar: always
    targets:
      P1: { response: 30m, resolution: 1h }
      P2: { response: 30m, resolution: 2h }
      P3: { response: 479m, resolution: 8h }
      P4: { response: 479m, resolution: 8h }
    escalations:
      - { goal: resolution, at: 50%, raise_urgency: true }
sla_rules:
  - id: acted-on
    when: { template: vpn_fault, says: acting }
    policy: acting
  - id: pressing-vpn
    when: { service: remote_access, priority: P2 }
    policy: strict
  - id: rushed-on
    when: { template: vpn_fault, says: rushing }
    policy: rushing
  - id: pune-vpn
    when: { template: vpn_fault, field: { symptom: slow } }
    policy: strict
suppliers:
  - id: telco
    name: Telco
    calendar: always
    targets: { P1: 1h, P2: 2h, P3: 4h, P4: 8h }
    escalations: [{ at: 50%, notify: agent }, { at: 100%, notify: owner }]
    services: [remote_access]
"#;

/// What the network group has agreed to.
const OLA: &str = r#"    ola:
      calendar: office
      targets: { P1: 1h, P2: 2h, P3: 4h, P4: 8h }
      escalations: [{ at: 50%, notify: group }, { at: 100%, group: servicedesk, note: The network group took too long }]
"#;

/// A step that a clock came to: goal, percent, and who is told.
pub(super) type Told = (SlaGoal, u32, Vec<Whom>);

pub(super) struct Desk {
    pub(super) app: App,
    calls: Cell<u32>,
    pub(super) catalog: tempfile::TempDir,
}

impl Desk {
    pub(super) fn on_monday() -> Option<Self> {
        Self::with(Settings::default())
    }

    pub(super) fn with(settings: Settings) -> Option<Self> {
        if Part::Faketime.is_missing() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        for source in catalog::starter() {
            let network = "    description: Wi-Fi, cables";
            let content = if source.name == "people.yaml" {
                source.content.replace(network, &format!("{OLA}{network}"))
            } else {
                source.content
            };
            std::fs::write(folder.path().join(source.name), content).unwrap();
        }
        std::fs::write(folder.path().join("levels.yaml"), LEVELS).unwrap();
        let settings = settings.env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        let desk = Self { app: App::start(settings.clock()), calls: Cell::new(0), catalog: folder };
        desk.at("2027-03-01T08:00:00Z");
        Some(desk)
    }

    pub(super) fn at(&self, time: &str) {
        self.app.set_clock(time);
    }

    pub(super) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(super) fn request(&self) -> String {
        self.calls.set(self.calls.get() + 1);
        format!("call-{}", self.calls.get())
    }

    /// P3, and under the standard policy unless the text or the symptom says otherwise.
    pub(super) async fn open(&self, text: &str, symptom: &str) -> v1::Ticket {
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "vpn_fault".to_owned(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "ann".into(),
                ..Default::default()
            }),
            description: text.to_owned(),
            fields: vec![v1::FieldValue {
                field: "symptom".to_owned(),
                value: Some(v1::field_value::Value::Choice(symptom.to_owned())),
            }],
            ..Default::default()
        };
        self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn go(&self, ticket: &str, to: TicketState) -> v1::Ticket {
        let hold = if to == TicketState::OnHold { HoldReason::Vendor } else { HoldReason::Unspecified };
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            to: to.into(),
            hold_reason: hold.into(),
            resolution: if to == TicketState::Resolved { "restarted".to_owned() } else { String::new() },
            comment: if to == TicketState::Assigned { "it is not solved".to_owned() } else { String::new() },
            ..Default::default()
        };
        self.tickets().transition_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    /// Changes what the paths name.
    pub(super) async fn update(&self, ticket: &str, change: v1::TicketChange, paths: &[&str]) -> v1::Ticket {
        let request = v1::UpdateTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            change: Some(change),
            update_mask: Some(prost_types::FieldMask {
                paths: paths.iter().map(|it| (*it).into()).collect(),
            }),
            ..Default::default()
        };
        self.tickets().update_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn rate(&self, ticket: &str, impact: v1::Impact, urgency: v1::Urgency) -> v1::Ticket {
        let change =
            v1::TicketChange { impact: impact.into(), urgency: urgency.into(), ..Default::default() };
        self.update(ticket, change, &["impact", "urgency"]).await
    }

    pub(super) async fn assign(&self, ticket: &str, group: &str) -> v1::Ticket {
        let request = v1::AssignTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            group: group.to_owned(),
            ..Default::default()
        };
        self.tickets().assign_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn ticket(&self, ticket: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: ticket.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn explain(&self, ticket: &str) -> v1::ExplainTicketClocksResponse {
        let request = v1::ExplainTicketClocksRequest { ticket: ticket.to_owned() };
        self.tickets().explain_ticket_clocks(request).await.unwrap().into_inner()
    }

    pub(super) async fn history(&self, ticket: &str) -> Vec<Fact> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
        let events = self.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        events.into_iter().filter_map(|it| it.fact).collect()
    }

    /// The steps of some goals that its clocks have come to, in order.
    pub(super) async fn told(&self, ticket: &str, goals: &[SlaGoal]) -> Vec<Told> {
        let history = self.history(ticket).await;
        let step = |fact: &Fact| {
            let Fact::TicketEscalated(it) = fact else { return None };
            let step = it.escalation?;
            Some((step.goal(), step.percent, it.notify().collect()))
        };
        history.iter().filter_map(step).filter(|it: &Told| goals.contains(&it.0)).collect()
    }

    /// Waits until so many of those steps are told.
    pub(super) async fn until_told(&self, ticket: &str, goals: &[SlaGoal], count: usize) -> Vec<Told> {
        for _ in 0..600 {
            let told = self.told(ticket, goals).await;
            if told.len() >= count {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{:?}; {}", self.history(ticket).await, self.app.log())
    }
}

/// To the minute: the program's clock has moved on by what the calls took.
pub(super) fn shown(time: &Option<pbjson_types::Timestamp>) -> String {
    time.as_ref().map_or_else(String::new, |it| time_from(it).rfc3339()[..16].to_owned())
}
