//! A desk with a small network group, and the calls that the tests of dispatch make.

use std::{collections::BTreeMap, process::Stdio, time::Duration};

use sqlx::Connection as _;
use ticket_dispatch::{
    catalog,
    proto::v1::{
        self, HoldReason, TicketState, because::Reason, catalog_service_client::CatalogServiceClient,
        dispatch_service_client::DispatchServiceClient, event::Fact,
        ticket_service_client::TicketServiceClient,
    },
};
use tonic::{Request, Status, transport::Channel};

use crate::{
    app::{App, Settings},
    parts::installed::Part,
};

/// A program whose network group is made of the agents that a test writes.
pub(super) struct Desk {
    app: App,
    calls: std::cell::Cell<u32>,
    _catalog: tempfile::TempDir,
}

impl Desk {
    /// The agents in YAML, and what stands behind `policy:`; a second line is one more key of the group.
    pub(super) async fn start(settings: Settings, agents: &str, policy: &str) -> Self {
        Self::with(settings, agents, policy, None)
    }

    /// The tickets need these skills.
    pub(super) async fn needing(skills: &str, agents: &str, policy: &str) -> Self {
        Self::with(Settings::default(), agents, policy, Some(skills))
    }

    pub(super) async fn with_clock(agents: &str, policy: &str) -> Option<Self> {
        if Part::Faketime.is_missing() {
            return None;
        }
        Some(Self::with(Settings::default().clock(), agents, policy, None))
    }

    fn with(settings: Settings, agents: &str, policy: &str, skills: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for source in catalog::starter() {
            let content = match source.name.as_str() {
                "people.yaml" => people(&source.content, agents, policy),
                "templates-workplace.yaml" | "templates-infrastructure.yaml" | "templates-services.yaml" => {
                    needing(&source.content, skills)
                }
                _ => source.content,
            };
            std::fs::write(folder.path().join(source.name), content).unwrap();
        }
        let early = "calendars:\n  - id: early\n    zone: UTC\n    hours:\n      mon-fri: \"06:00-14:00\"\n";
        std::fs::write(folder.path().join("shifts.yaml"), early).unwrap();
        let settings = settings.env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        Self { app: App::start(settings), calls: 0.into(), _catalog: folder }
    }

    pub(super) fn at(&self, time: &str) {
        self.app.set_clock(time);
    }

    fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    fn dispatch(&self) -> DispatchServiceClient<Channel> {
        DispatchServiceClient::new(self.app.channel())
    }

    fn request(&self) -> String {
        self.calls.set(self.calls.get() + 1);
        format!("call-{}", self.calls.get())
    }

    /// A ticket for the network group, P3.
    pub(super) async fn open(&mut self) -> v1::Ticket {
        self.open_as(&self.request(), v1::Impact::Unspecified, v1::Urgency::Unspecified).await
    }

    /// The same, P2.
    pub(super) async fn open_urgent(&mut self) -> v1::Ticket {
        self.open_as(&self.request(), v1::Impact::Site, v1::Urgency::Medium).await
    }

    /// The same as `open` for somebody, who opens one only.
    pub(super) async fn open_for(&self, who: &str) -> v1::Ticket {
        self.open_as(who, v1::Impact::Unspecified, v1::Urgency::Unspecified).await
    }

    async fn open_as(&self, who: &str, impact: v1::Impact, urgency: v1::Urgency) -> v1::Ticket {
        let request = v1::CreateTicketRequest {
            request_id: format!("open-{who}"),
            template: "vpn_fault".to_owned(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: who.to_owned(),
                ..Default::default()
            }),
            description: "The VPN drops".to_owned(),
            fields: vec![v1::FieldValue {
                field: "symptom".to_owned(),
                value: Some(v1::field_value::Value::Choice("no_connection".to_owned())),
            }],
            impact: impact.into(),
            urgency: urgency.into(),
            ..Default::default()
        };
        self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn go(&self, ticket: &str, to: TicketState) -> v1::Ticket {
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            to: to.into(),
            hold_reason: if to == TicketState::OnHold { HoldReason::Vendor.into() } else { 0 },
            resolution: if to == TicketState::Resolved { "restarted".to_owned() } else { String::new() },
            ..Default::default()
        };
        self.tickets().transition_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn hold(&self, ticket: &str) -> v1::Ticket {
        self.go(ticket, TicketState::OnHold).await
    }

    pub(super) async fn ticket(&self, ticket: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: ticket.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn assign_ticket(
        &self,
        ticket: &str,
        group: &str,
        agent: &str,
    ) -> Result<v1::Ticket, Status> {
        let request = v1::AssignTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            group: group.to_owned(),
            agent: agent.to_owned(),
            ..Default::default()
        };
        Ok(self.tickets().assign_ticket(request).await?.into_inner().ticket.unwrap())
    }

    /// Why it went where it is.
    pub(super) async fn reasons(&self, ticket: &str) -> Vec<Reason> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
        let events = self.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        let because = events.into_iter().filter_map(|it| match it.fact {
            Some(Fact::TicketAssigned(it)) => Some(it.because),
            _ => None,
        });
        because.flatten().filter_map(|it| it.reason).collect()
    }

    pub(super) async fn agent(&self, agent: &str) -> v1::Agent {
        let request = v1::GetAgentRequest { agent: agent.to_owned() };
        let mut client = CatalogServiceClient::new(self.app.channel());
        client.get_agent(request).await.unwrap().into_inner().agent.unwrap()
    }

    /// The open tickets of the network group's agents, by id.
    pub(super) async fn loads(&self) -> Vec<(String, u32)> {
        let request = v1::ListAgentsRequest { page_size: 200, ..Default::default() };
        let mut client = CatalogServiceClient::new(self.app.channel());
        let agents = client.list_agents(request).await.unwrap().into_inner().agents;
        let of_network = agents.into_iter().filter(|it| it.groups.contains(&"network".to_owned()));
        of_network.map(|it| (it.id, it.open_tickets)).collect()
    }

    /// The same, counted by the tickets that they have.
    pub(super) async fn counted(&self) -> Vec<(String, u32)> {
        let mut counted = BTreeMap::new();
        let request = v1::ListTicketsRequest { page_size: 200, ..Default::default() };
        let tickets = self.tickets().list_tickets(request).await.unwrap().into_inner().tickets;
        for ticket in tickets.into_iter().filter(|it| !it.agent.is_empty()) {
            *counted.entry(ticket.agent).or_insert(0) += 1;
        }
        counted.into_iter().collect()
    }

    /// Numbers of what waits with the network group, in order.
    pub(super) async fn backlog(&self) -> Vec<String> {
        let request = v1::ListBacklogRequest { group: "network".to_owned(), ..Default::default() };
        let line = self.dispatch().list_backlog(request).await.unwrap().into_inner();
        assert_eq!(line.tickets.len(), line.waiting as usize);
        line.tickets.into_iter().map(|it| it.number).collect()
    }

    pub(super) async fn preview(&self, ticket: &str) -> v1::PreviewDispatchResponse {
        let request = v1::PreviewDispatchRequest { ticket: ticket.to_owned(), ..Default::default() };
        self.dispatch().preview_dispatch(request).await.unwrap().into_inner()
    }

    /// The same, if another group had the ticket.
    pub(super) async fn preview_with(&self, ticket: &str, group: &str) -> v1::PreviewDispatchResponse {
        let request = v1::PreviewDispatchRequest {
            ticket: ticket.to_owned(),
            group: group.to_owned(),
            ..Default::default()
        };
        self.dispatch().preview_dispatch(request).await.unwrap().into_inner()
    }

    pub(super) async fn away(&self, agent: &str, away: bool) {
        let request = v1::SetPresenceRequest {
            request_id: self.request(),
            agent: agent.to_owned(),
            away,
            ..Default::default()
        };
        self.dispatch().set_presence(request).await.unwrap();
    }

    pub(super) fn token(&self, subject: &str, role: &str) -> String {
        let output = self.app.command(&["token", "create", "--subject", subject, "--role", role]);
        let output = { output }.stdout(Stdio::piped()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Goes away as a caller; an empty agent is the caller.
    pub(super) async fn presence_as(
        &self,
        token: &str,
        agent: &str,
    ) -> Result<v1::SetPresenceResponse, Status> {
        let request = v1::SetPresenceRequest {
            request_id: self.request(),
            agent: agent.to_owned(),
            away: true,
            ..Default::default()
        };
        let mut request = Request::new(request);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        Ok(self.dispatch().set_presence(request).await?.into_inner())
    }

    pub(super) async fn accept(&self, ticket: &str, agent: &str) -> Result<v1::Ticket, Status> {
        let request = v1::AcceptOfferRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            agent: agent.to_owned(),
        };
        Ok(self.dispatch().accept_offer(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn decline(&self, ticket: &str, agent: &str) -> v1::Ticket {
        let request = v1::DeclineOfferRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            agent: agent.to_owned(),
            reason: "lunch".to_owned(),
        };
        self.dispatch().decline_offer(request).await.unwrap().into_inner().ticket.unwrap()
    }

    /// How many requests the database keeps, by whomever they came.
    pub(super) async fn requests_kept(&self) -> i64 {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite:{}?mode=ro", self.app.data().join("dispatch.db").display());
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        let count = sqlx::query_scalar("select count(*) from requests").fetch_one(&mut connection);
        count.await.unwrap()
    }

    /// Waits until it is so.
    pub(super) async fn until<F: Future<Output = bool>>(&self, is_so: impl Fn() -> F) {
        for _ in 0..600 {
            if is_so().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {}", self.app.log());
    }
}

/// The starter's people with other agents in the network group.
fn people(starter: &str, agents: &str, policy: &str) -> String {
    let others = starter.lines().filter(|it| !it.contains("groups: [network]"));
    let mut people: String = others.map(|it| format!("{it}\n")).collect();
    let description =
        people.lines().skip_while(|it| !it.contains("- id: network")).nth(2).unwrap().to_owned();
    let (policy, more) = policy.split_once('\n').unwrap_or((policy, ""));
    let group = format!("{description}\n    dispatch: {{ policy: {policy} }}\n    {more}");
    people = people.replace(&description, &group);
    people + agents.trim_start_matches('\n')
}

/// A file of templates in which the VPN's need skills.
fn needing(content: &str, skills: Option<&str>) -> String {
    let Some(skills) = skills else { return content.to_owned() };
    content.replace("  - id: vpn_fault\n", &format!("  - id: vpn_fault\n    skills: {skills}\n"))
}
