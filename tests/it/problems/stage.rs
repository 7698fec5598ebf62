//! A desk with problems, and the calls that the tests of it make.

use std::sync::atomic::{AtomicU32, Ordering};

use ticket_dispatch::proto::v1::{
    self, HoldReason, LinkRelation, ResolutionCode, TicketState, asset_service_client::AssetServiceClient,
    change_service_client::ChangeServiceClient, conversation_service_client::ConversationServiceClient,
    field_value::Value, knowledge_service_client::KnowledgeServiceClient,
    problem_service_client::ProblemServiceClient, task_service_client::TaskServiceClient,
    ticket_service_client::TicketServiceClient,
};
use tonic::{Status, transport::Channel};
use tonic_types::StatusExt as _;

use crate::app::{App, Settings};

/// A program, and the calls that these tests make.
pub(crate) struct Desk {
    pub(super) app: App,
    calls: AtomicU32,
}

pub(super) fn person(who: &str) -> Option<v1::Person> {
    Some(v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() })
}

pub(super) fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|it| it.reason.clone()).unwrap_or_default()
}

/// How the other tickets are tied to one.
pub(super) fn tied(ticket: &v1::Ticket, relation: LinkRelation) -> Vec<String> {
    let mut all: Vec<_> =
        ticket.links.iter().filter(|it| it.relation() == relation).map(|it| it.number.clone()).collect();
    all.sort();
    all
}

impl Desk {
    pub(crate) fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), calls: 0.into() }
    }

    /// An incident that was caused by a known error, another one that is alike, and one that has nothing to do with it; the
    /// numbers of the second and of the third.
    pub(crate) async fn two_of_one_cause(&self) -> (String, String) {
        self.server("GW-1").await;
        let first = self.incident("ada", "The VPN does not connect, error 809", "GW-1").await;
        let problem = self.open(&[&first]).await;
        self.diagnose(&problem.number, certificate()).await.unwrap();
        let second = self.incident("mei", "My VPN shows error 809 since this morning", "GW-1").await;
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "other".into(),
            requester: person("bo"),
            description: "The printer jams".into(),
            fields: vec![v1::FieldValue {
                field: "topic".into(),
                value: Some(Value::Text("The printer".into())),
            }],
            ..Default::default()
        };
        let other = self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        (second.number, other.number)
    }

    /// What a command prints that asks it.
    pub(crate) fn printed(&self, args: &[&str]) -> String {
        let url = self.app.url();
        let output = self.app.command(args).args(["--connect", &url]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn request(&self) -> String {
        format!("call-{}", self.calls.fetch_add(1, Ordering::Relaxed))
    }

    pub(super) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(super) fn problems(&self) -> ProblemServiceClient<Channel> {
        ProblemServiceClient::new(self.app.channel())
    }

    /// An incident of the VPN, about an asset if one is named.
    pub(super) async fn incident(&self, who: &str, text: &str, asset: &str) -> v1::Ticket {
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "vpn_fault".into(),
            requester: person(who),
            description: text.into(),
            fields: vec![v1::FieldValue {
                field: "symptom".into(),
                value: Some(Value::Choice("no_connection".into())),
            }],
            ..Default::default()
        };
        let ticket = self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        if !asset.is_empty() {
            let link = v1::LinkAssetRequest {
                request_id: self.request(),
                ticket: ticket.id.clone(),
                asset: asset.into(),
                expected_version: 0,
            };
            AssetServiceClient::new(self.app.channel()).link_asset(link).await.unwrap();
        }
        self.ticket(&ticket.id).await
    }

    pub(super) async fn ticket(&self, id: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: id.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn server(&self, tag: &str) {
        let asset = Some(v1::Asset { tag: tag.into(), r#type: "server".into(), ..Default::default() });
        let request = v1::PutAssetRequest { request_id: self.request(), asset, expected_version: 0 };
        AssetServiceClient::new(self.app.channel()).put_asset(request).await.unwrap();
    }

    pub(super) async fn open(&self, incidents: &[&v1::Ticket]) -> v1::Ticket {
        let request = v1::OpenProblemRequest {
            request_id: self.request(),
            incidents: incidents.iter().map(|it| it.number.clone()).collect(),
            ..Default::default()
        };
        self.problems().open_problem(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(super) async fn diagnose(
        &self,
        problem: &str,
        diagnosis: v1::Diagnosis,
    ) -> Result<v1::Ticket, Status> {
        let request = v1::DiagnoseProblemRequest {
            request_id: self.request(),
            problem: problem.into(),
            diagnosis: Some(diagnosis),
            expected_version: 0,
        };
        Ok(self.problems().diagnose_problem(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn go(
        &self,
        ticket: &str,
        to: TicketState,
        code: ResolutionCode,
    ) -> Result<v1::Ticket, Status> {
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            to: to.into(),
            resolution: if to == TicketState::Resolved {
                "The gateway has its certificate".into()
            } else {
                String::new()
            },
            resolution_code: code.into(),
            hold_reason: if to == TicketState::OnHold { HoldReason::Problem.into() } else { 0 },
            cancel_reason: if to == TicketState::Cancelled { v1::CancelReason::Duplicate.into() } else { 0 },
            ..Default::default()
        };
        Ok(self.tickets().transition_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn errors(&self, ticket: &str) -> Vec<v1::KnownError> {
        let request = v1::ListKnownErrorsRequest { ticket: ticket.into() };
        self.problems().list_known_errors(request).await.unwrap().into_inner().errors
    }

    pub(super) async fn until(&self, ticket: &str, is_so: impl Fn(&v1::Ticket) -> bool) -> v1::Ticket {
        for _ in 0..600 {
            let now = self.ticket(ticket).await;
            if is_so(&now) {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {:?}", self.ticket(ticket).await);
    }

    pub(super) async fn link(
        &self,
        ticket: &str,
        relation: LinkRelation,
        other: &str,
    ) -> Result<v1::Ticket, Status> {
        let request = v1::LinkTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            relation: relation.into(),
            other: other.into(),
            expected_version: 0,
        };
        Ok(self.tickets().link_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) async fn unlink(&self, ticket: &str, relation: LinkRelation, other: &str) {
        let request = v1::UnlinkTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            relation: relation.into(),
            other: other.into(),
            expected_version: 0,
        };
        self.tickets().unlink_ticket(request).await.unwrap();
    }

    pub(super) async fn merge(&self, ticket: &str, into: &str) -> Result<v1::Ticket, Status> {
        let request = v1::MergeTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            into: into.into(),
            ..Default::default()
        };
        Ok(self.tickets().merge_ticket(request).await?.into_inner().ticket.unwrap())
    }

    /// A problem of which nobody has met anything yet.
    pub(super) async fn open_alone(&self, subject: &str) -> v1::Ticket {
        let request = v1::OpenProblemRequest {
            request_id: self.request(),
            subject: subject.into(),
            description: "Seen by the desk itself".into(),
            ..Default::default()
        };
        self.problems().open_problem(request).await.unwrap().into_inner().ticket.unwrap()
    }

    /// A change that is to put an end to an incident.
    pub(super) async fn open_change(&self, incident: &v1::Ticket) -> v1::Ticket {
        let request = v1::OpenChangeRequest {
            request_id: self.request(),
            settles: vec![incident.id.clone()],
            ..Default::default()
        };
        let mut changes = ChangeServiceClient::new(self.app.channel());
        changes.open_change(request).await.unwrap().into_inner().ticket.unwrap()
    }

    /// Something that is to be done for a ticket before it may be resolved.
    pub(super) async fn add_task(&self, ticket: &str) {
        let request = v1::AddTaskRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            task: "call-back".into(),
            label: "Call back".into(),
            ..Default::default()
        };
        TaskServiceClient::new(self.app.channel()).add_task(request).await.unwrap();
    }

    /// An incident on hold for a problem.
    pub(super) async fn waiting(&self, who: &str, problem: Option<&v1::Ticket>) -> v1::Ticket {
        let incident = self.incident(who, "vpn is down", "").await;
        if let Some(problem) = problem {
            self.link(&incident.id, LinkRelation::CausedBy, &problem.id).await.unwrap();
        }
        self.go(&incident.id, TicketState::OnHold, ResolutionCode::Unspecified).await.unwrap()
    }

    pub(super) async fn publish(&self, problem: &str) -> Result<v1::Ticket, Status> {
        let request = v1::PublishKnownErrorRequest { request_id: self.request(), problem: problem.into() };
        Ok(self.problems().publish_known_error(request).await?.into_inner().ticket.unwrap())
    }

    pub(super) fn knowledge(&self) -> KnowledgeServiceClient<Channel> {
        KnowledgeServiceClient::new(self.app.channel())
    }

    pub(super) async fn article(&self, article: &str) -> v1::Article {
        let request = v1::GetArticleRequest { article: article.into(), revision: 0 };
        self.knowledge().get_article(request).await.unwrap().into_inner().article.unwrap()
    }

    pub(super) async fn until_article(
        &self,
        article: &str,
        is_so: impl Fn(&v1::Article) -> bool,
    ) -> v1::Article {
        for _ in 0..600 {
            let now = self.article(article).await;
            if is_so(&now) {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {:?}", self.article(article).await);
    }

    /// What was said of a ticket, the desk's own notes with it.
    pub(super) async fn notes(&self, ticket: &str) -> Vec<String> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.into(), page_size: 200, ..Default::default() };
        let events = self.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        let note = |it: v1::Event| match it.fact {
            Some(v1::event::Fact::TicketCommented(it)) => Some(it.text),
            _ => None,
        };
        events.into_iter().filter_map(note).collect()
    }

    pub(super) async fn say(&self, who: &str, text: &str) -> v1::SendMessageResponse {
        let request = v1::SendMessageRequest {
            message_id: self.request(),
            conversation: "main".into(),
            requester: person(who),
            text: text.into(),
            language: 0,
        };
        ConversationServiceClient::new(self.app.channel()).send_message(request).await.unwrap().into_inner()
    }
}

/// What is known of an expired certificate.
pub(super) fn certificate() -> v1::Diagnosis {
    v1::Diagnosis {
        symptom: "The VPN does not connect and says error 809".into(),
        root_cause: "The certificate of the gateway has expired".into(),
        workaround: "Choose the second gateway in the VPN client until tonight.".into(),
        error_code: "809".into(),
        is_known_error: true,
        ..Default::default()
    }
}
