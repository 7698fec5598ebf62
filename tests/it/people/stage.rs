//! A desk with a directory of people, and the calls that the tests of it make.

use std::{
    process::{Output, Stdio},
    time::Duration,
};

use ticket_dispatch::{
    catalog,
    proto::v1::{
        self, TicketState, catalog_service_client::CatalogServiceClient,
        conversation_service_client::ConversationServiceClient, people_service_client::PeopleServiceClient,
        ticket_service_client::TicketServiceClient,
    },
};
use tonic::{Request, Status, transport::Channel};

use crate::app::{App, Settings};
pub(super) use crate::parts::postgres::settings_of_both;

/// A program whose catalogue has one more file.
pub(super) struct Desk {
    pub(super) app: App,
    calls: std::sync::atomic::AtomicU32,
    _catalog: tempfile::TempDir,
}

/// Callers are told apart.
pub(super) fn tokens() -> Settings {
    Settings::default().env("DISPATCH_AUTH_MODE", "tokens")
}

/// Somebody who is new.
pub(super) fn person(user_name: &str, department: &str) -> v1::Profile {
    v1::Profile { user_name: user_name.to_owned(), department: department.to_owned(), ..Default::default() }
}

impl Desk {
    /// The network group has the agents `ada` and `bo`; `more` is one more file of the catalogue.
    pub(super) fn start(settings: Settings, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for source in catalog::starter() {
            let content = match source.name.as_str() {
                "people.yaml" => people(&source.content),
                "templates-infrastructure.yaml" | "templates-workplace.yaml" => located(&source.content),
                _ => source.content,
            };
            std::fs::write(folder.path().join(source.name), content).unwrap();
        }
        // Before the others, so that its rules come first.
        std::fs::write(folder.path().join("0-more.yaml"), more).unwrap();
        let settings = settings.env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        Self { app: App::start(settings), calls: 0.into(), _catalog: folder }
    }

    pub(super) fn people(&self) -> PeopleServiceClient<Channel> {
        PeopleServiceClient::new(self.app.channel())
    }

    pub(super) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(super) fn request(&self) -> String {
        format!("call-{}", self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    fn put_request(&self, person: v1::Profile) -> v1::PutPersonRequest {
        v1::PutPersonRequest { request_id: self.request(), person: Some(person), expected_version: 0 }
    }

    pub(super) async fn put(&self, person: v1::Profile) -> Result<v1::Profile, Status> {
        Ok(self.people().put_person(self.put_request(person)).await?.into_inner().person.unwrap())
    }

    pub(super) async fn put_as(&self, token: &str, person: v1::Profile) -> Result<v1::Profile, Status> {
        let request = with(token, self.put_request(person));
        Ok(self.people().put_person(request).await?.into_inner().person.unwrap())
    }

    pub(super) async fn get(&self, person: &str) -> Result<v1::Profile, Status> {
        let request = v1::GetPersonRequest { person: person.to_owned() };
        Ok(self.people().get_person(request).await?.into_inner().person.unwrap())
    }

    pub(super) async fn get_as(&self, token: &str, person: &str) -> Result<v1::Profile, Status> {
        let request = with(token, v1::GetPersonRequest { person: person.to_owned() });
        Ok(self.people().get_person(request).await?.into_inner().person.unwrap())
    }

    pub(super) async fn update(
        &self,
        person: &str,
        change: v1::Profile,
        mask: &[&str],
    ) -> Result<v1::Profile, Status> {
        let paths = mask.iter().map(|it| (*it).to_owned()).collect();
        let request = v1::UpdatePersonRequest {
            request_id: self.request(),
            person: person.to_owned(),
            change: Some(change),
            update_mask: Some(prost_types::FieldMask { paths }),
            expected_version: 0,
        };
        Ok(self.people().update_person(request).await?.into_inner().person.unwrap())
    }

    pub(super) async fn remove(&self, person: &str) -> Result<v1::Profile, Status> {
        let request = v1::RemovePersonRequest {
            request_id: self.request(),
            person: person.to_owned(),
            expected_version: 0,
        };
        Ok(self.people().remove_person(request).await?.into_inner().person.unwrap())
    }

    /// User names of those who fit, sorted.
    pub(super) async fn list(&self, filter: v1::PeopleFilter) -> Vec<String> {
        let (mut names, mut token) = (vec![], String::new());
        loop {
            let request =
                v1::ListPeopleRequest { filter: Some(filter.clone()), page_size: 1, page_token: token };
            let page = self.people().list_people(request).await.unwrap().into_inner();
            names.extend(page.people.into_iter().map(|it| it.user_name));
            token = page.next_page_token;
            if token.is_empty() {
                names.sort();
                return names;
            }
        }
    }

    /// All events of all partitions.
    pub(super) async fn facts(&self) -> Vec<v1::Event> {
        let mut all = vec![];
        for partition in 0..16 {
            let request = v1::ListEventsRequest { partition, after_position: 0, page_size: 500 };
            // SQLite has one partition only.
            let Ok(events) = self.tickets().list_events(request).await else { break };
            all.extend(events.into_inner().events);
        }
        all
    }

    /// A ticket for the network group.
    pub(super) async fn open(&self, requester: &str, opened_by: Option<&str>) -> Result<v1::Ticket, Status> {
        let request = self.open_request(requester, opened_by);
        Ok(self.tickets().create_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn open_as(&self, token: &str, requester: &str) -> Result<v1::Ticket, Status> {
        let request = with(token, self.open_request(requester, None));
        Ok(self.tickets().create_ticket(request).await?.into_inner().ticket.unwrap())
    }

    fn open_request(&self, requester: &str, opened_by: Option<&str>) -> v1::CreateTicketRequest {
        let who = |it: &str| v1::Person { issuer: "chat".into(), subject: it.into(), ..Default::default() };
        v1::CreateTicketRequest {
            request_id: self.request(),
            template: "vpn_fault".to_owned(),
            requester: Some(who(requester)),
            description: "12345".to_owned(),
            fields: vec![v1::FieldValue {
                field: "symptom".to_owned(),
                value: Some(v1::field_value::Value::Choice("no_connection".to_owned())),
            }],
            opened_by: opened_by.map(who),
            ..Default::default()
        }
    }

    pub(super) async fn ticket(&self, ticket: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: ticket.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn history(&self, ticket: &str) -> Vec<v1::Event> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
        self.tickets().list_ticket_events(request).await.unwrap().into_inner().events
    }

    pub(super) async fn hold(&self, ticket: &str) {
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            to: TicketState::OnHold.into(),
            hold_reason: v1::HoldReason::Vendor.into(),
            ..Default::default()
        };
        self.tickets().transition_ticket(request).await.unwrap();
    }

    pub(super) async fn assign(&self, ticket: &str, agent: &str) -> Result<v1::Ticket, Status> {
        let request = v1::AssignTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            group: "network".to_owned(),
            agent: agent.to_owned(),
            ..Default::default()
        };
        Ok(self.tickets().assign_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn say(&self, who: &str, text: &str) -> v1::SendMessageResponse {
        let request = v1::SendMessageRequest {
            message_id: self.request(),
            conversation: who.to_owned(),
            requester: Some(v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() }),
            text: text.to_owned(),
            ..Default::default()
        };
        let mut bot = ConversationServiceClient::new(self.app.channel());
        bot.send_message(request).await.unwrap().into_inner()
    }

    pub(super) async fn agent(&self, agent: &str) -> v1::Agent {
        let request = v1::GetAgentRequest { agent: agent.to_owned() };
        let mut client = CatalogServiceClient::new(self.app.channel());
        client.get_agent(request).await.unwrap().into_inner().agent.unwrap()
    }

    /// A command of the program on the same data: what it printed, and how it ended.
    pub(super) fn command(&self, args: &[&str]) -> Output {
        let mut command = self.app.command(args);
        command.args(["--data", "data"]).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
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

fn with<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// The starter's people with other agents in the network group.
fn people(starter: &str) -> String {
    let others = starter.lines().filter(|it| !it.contains("groups: [network]"));
    let people: String = others.map(|it| format!("{it}\n")).collect();
    people
        + "  - { id: ada, name: Ada, groups: [network] }\n  - { id: bo, name: Bo, groups: [network], user: bo@example.com }\n"
}

/// A file of templates whose places are taken from the directory.
fn located(content: &str) -> String {
    content.replace("type: location\n", "type: location\n        from: location\n")
}
