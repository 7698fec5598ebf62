//! A desk whose requests for equipment wait for approval, and the calls that its tests make.

use std::{process::Stdio, time::Duration};

use ticket_dispatch::{
    catalog,
    domain::ticket::Ticket,
    proto::{
        event::fact_from,
        ticket::ticket_from,
        time::time_from,
        v1::{
            self, ApprovalWord, TicketState, approval_service_client::ApprovalServiceClient,
            catalog_service_client::CatalogServiceClient,
            conversation_service_client::ConversationServiceClient, event::Fact,
            ticket_service_client::TicketServiceClient,
        },
    },
};
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;

use crate::{
    app::{App, Settings},
    parts::installed::Part,
};

/// The manager of `ada` and of `mei`, and who decides in their place; the director of finance reads Chinese.
pub(crate) const APPROVERS: &str = "approvers:
  - { id: boss, name: The boss, issuer: chat, subject: boss, delegate: head, manages: [{ issuer: chat, subject: ada }, { issuer: chat, subject: mei }] }
  - { id: cfo, name: Finance director, issuer: chat, subject: cfo, language: zh }
  - { id: head, name: Head of IT, issuer: chat, subject: head }
  - { id: paul, name: Paul, issuer: chat, subject: paul, agent: finance-1 }
";

/// First the manager; for more than five also the director, or anybody of finance.
pub(crate) const APPROVAL: &str = "    approval:
      restart_on: [item, quantity]
      steps:
        - id: line
          label: { en: Line manager, zh: 直属经理 }
          approvers: [manager]
          fallback: [head]
        - id: money
          label: { en: Budget, zh: 预算 }
          when: { field: quantity, above: 5 }
          approvers: [cfo, { group: finance }]
          quorum: 2
";

/// The starter catalogue with these approvers, and this approval of requests for equipment.
pub(crate) fn files(approvers: &str, approval: &str) -> Vec<v1::CatalogFile> {
    let file = |it: catalog::Source| {
        let content = match it.name.as_str() {
            "approvals.yaml" => approvers.to_owned(),
            "templates-accounts.yaml" => {
                let (before, behind) = it.content.split_once("  - id: equipment_request\n").unwrap();
                let behind = behind.replacen("    fields:\n", &format!("{approval}    fields:\n"), 1);
                format!("{before}  - id: equipment_request\n{behind}")
            }
            _ => it.content,
        };
        v1::CatalogFile { name: it.name, content }
    };
    catalog::starter().into_iter().map(file).collect()
}

/// A running program with that catalogue.
pub(crate) struct Desk {
    pub(crate) app: App,
    calls: std::cell::Cell<u32>,
    _catalog: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn start(settings: Settings) -> Self {
        Self::with(settings, APPROVAL)
    }

    pub(crate) fn with(settings: Settings, approval: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in files(APPROVERS, approval) {
            std::fs::write(folder.path().join(file.name), file.content).unwrap();
        }
        let settings = settings.env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        Self::with_own(settings, folder)
    }

    /// On a catalogue in a folder, which lives as long.
    pub(crate) fn with_own(settings: Settings, catalog: tempfile::TempDir) -> Self {
        Self { app: App::start(settings), calls: 0.into(), _catalog: catalog }
    }

    /// On a Monday morning, if there is a clock that can be moved.
    pub(crate) fn on_monday(settings: Settings, approval: &str) -> Option<Self> {
        if Part::Faketime.is_missing() {
            return None;
        }
        let desk = Self::with(settings.clock(), approval);
        desk.app.set_clock("2027-03-01T08:00:00Z");
        Some(desk)
    }

    pub(crate) fn request(&self) -> String {
        self.calls.set(self.calls.get() + 1);
        format!("call-{}", self.calls.get())
    }

    pub(crate) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(crate) fn approvals(&self) -> ApprovalServiceClient<Channel> {
        ApprovalServiceClient::new(self.app.channel())
    }

    /// So many laptops for somebody.
    pub(crate) async fn open(&self, who: &str, quantity: f64) -> v1::Ticket {
        let field = |id: &str, value| v1::FieldValue { field: id.to_owned(), value: Some(value) };
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: "equipment_request".to_owned(),
            requester: Some(person(who)),
            description: "We need laptops for the new colleagues".to_owned(),
            fields: vec![
                field("item", v1::field_value::Value::Choice("laptop".to_owned())),
                field("quantity", v1::field_value::Value::Number(quantity)),
            ],
            ..Default::default()
        };
        self.tickets().create_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    /// How many are asked for becomes another number.
    pub(crate) async fn set_quantity(&self, ticket: &str, quantity: f64) {
        let value = Some(v1::field_value::Value::Number(quantity));
        let request = v1::UpdateTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            change: Some(v1::TicketChange {
                fields: vec![v1::FieldValue { field: "quantity".into(), value }],
                ..Default::default()
            }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields".into()] }),
            expected_version: 0,
        };
        self.tickets().update_ticket(request).await.unwrap();
    }

    pub(crate) async fn ticket(&self, ticket: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: ticket.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(crate) async fn history(&self, ticket: &str) -> Vec<v1::Event> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.to_owned(), page_size: 200, ..Default::default() };
        self.tickets().list_ticket_events(request).await.unwrap().into_inner().events
    }

    /// What happened to its approval, in a word each.
    pub(crate) async fn course(&self, ticket: &str) -> Vec<String> {
        let events = self.history(ticket).await;
        events.iter().filter_map(|it| told(it.fact.as_ref()?)).collect()
    }

    /// What somebody was told of it.
    pub(crate) async fn told(&self, ticket: &str, who: &str) -> Vec<v1::ApprovalNotice> {
        let events = self.history(ticket).await;
        let all = events.iter().filter_map(|it| it.fact.as_ref()).flat_map(notices);
        all.filter(|it| it.to.as_ref().is_some_and(|it| it.subject == who)).cloned().collect()
    }

    pub(crate) async fn say(
        &self,
        request: &str,
        ticket: &str,
        who: Option<v1::Person>,
        word: ApprovalWord,
        comment: &str,
    ) -> Result<v1::ApprovalRequest, Status> {
        let request = v1::DecideApprovalRequest {
            request_id: request.to_owned(),
            ticket: ticket.to_owned(),
            person: who,
            word: word.into(),
            comment: comment.to_owned(),
            round: None,
        };
        Ok(self.approvals().decide_approval(request).await?.into_inner().approval.unwrap())
    }

    pub(crate) async fn approve(&self, ticket: &str, who: &str) -> Result<v1::ApprovalRequest, Status> {
        self.say(&self.request(), ticket, Some(person(who)), ApprovalWord::Approve, "").await
    }

    pub(crate) async fn reject(&self, ticket: &str, who: &str) -> Result<v1::ApprovalRequest, Status> {
        self.say(&self.request(), ticket, Some(person(who)), ApprovalWord::Reject, "too dear").await
    }

    pub(crate) async fn delegate(
        &self,
        ticket: &str,
        who: &str,
        to: &str,
    ) -> Result<v1::ApprovalRequest, Status> {
        let request = v1::DelegateApprovalRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            person: Some(person(who)),
            to: to.to_owned(),
        };
        Ok(self.approvals().delegate_approval(request).await?.into_inner().approval.unwrap())
    }

    /// Numbers of what waits for somebody.
    pub(crate) async fn waiting(&self, who: &str) -> Vec<String> {
        let request = v1::ListApprovalsRequest { person: Some(person(who)), ..Default::default() };
        let all = self.approvals().list_approvals(request).await.unwrap().into_inner().approvals;
        all.into_iter().map(|it| it.number).collect()
    }

    pub(crate) async fn go(&self, ticket: &str, to: TicketState) -> Result<v1::Ticket, Status> {
        let is_withdrawn = to == TicketState::Cancelled;
        let reason = if is_withdrawn { v1::CancelReason::Withdrawn } else { v1::CancelReason::Unspecified };
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.to_owned(),
            to: to.into(),
            cancel_reason: reason.into(),
            ..Default::default()
        };
        Ok(self.tickets().transition_ticket(request).await?.into_inner().ticket.unwrap())
    }

    pub(crate) async fn apply(&self, approvers: &str, approval: &str) {
        let request =
            v1::ApplyCatalogRequest { request_id: self.request(), files: files(approvers, approval) };
        CatalogServiceClient::new(self.app.channel()).apply_catalog(request).await.unwrap();
    }

    pub(crate) async fn write(
        &self,
        message: &str,
        who: &str,
        text: &str,
    ) -> Result<v1::SendMessageResponse, Status> {
        let request = v1::SendMessageRequest {
            message_id: message.to_owned(),
            conversation: format!("{who}'s"),
            requester: Some(person(who)),
            text: text.to_owned(),
            language: 0,
        };
        Ok(ConversationServiceClient::new(self.app.channel()).send_message(request).await?.into_inner())
    }

    pub(crate) fn token(&self, subject: &str, role: &str) -> String {
        let output = self.app.command(&["token", "create", "--subject", subject, "--role", role]);
        let output = { output }.stdout(Stdio::piped()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Waits until it is so.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, is_so: impl Fn() -> F) {
        for _ in 0..600 {
            if is_so().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {}", self.app.log());
    }

    /// The row of a ticket is what its events give.
    pub(crate) async fn folds(&self, ticket: &str) {
        let row = self.ticket(ticket).await;
        let mut folded: Option<Ticket> = None;
        for event in self.history(ticket).await {
            let fact = fact_from(event.fact.as_ref().unwrap()).unwrap().unwrap();
            let at = time_from(event.time.as_ref().unwrap());
            folded = Some(folded.map_or_else(|| Ticket::opened(&fact).unwrap(), |it| it.apply(&fact, at)));
        }
        let mut folded = folded.unwrap();
        let row = ticket_from(&row).unwrap();
        // When the desk looks at it by itself is no fact about it.
        folded.due.look = row.due.look;
        assert_eq!(folded, row);
    }
}

pub(crate) fn person(who: &str) -> v1::Person {
    v1::Person { issuer: "chat".into(), subject: who.to_owned(), display_name: String::new() }
}

pub(crate) fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// The reason of a refusal, as programs read it.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|it| it.reason).unwrap_or_default()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else happens to tickets is no matter here")]
fn told(fact: &Fact) -> Option<String> {
    let subjects = |asked: &[v1::AskedApprover]| {
        let all: Vec<&str> = asked.iter().map(|it| it.person.as_ref().unwrap().subject.as_str()).collect();
        all.join(",")
    };
    Some(match fact {
        Fact::ApprovalAsked(it) => {
            let seats: Vec<String> = it.seats.iter().map(|it| subjects(&it.asked)).collect();
            format!("asked {}", seats.join(" and "))
        }
        Fact::ApprovalVoted(it) => {
            let vote = it.vote.as_ref().unwrap();
            format!("{} {}", vote.by.as_ref().unwrap().subject, if vote.approves { "yes" } else { "no" })
        }
        Fact::ApprovalHanded(it) => format!("handed to {}", subjects(&it.asked)),
        Fact::ApprovalReminded(_) => "reminded".to_owned(),
        Fact::ApprovalExpired(_) => "expired".to_owned(),
        Fact::ApprovalStepEnded(it) => format!("step {}", outcome(it.outcome())),
        Fact::ApprovalRestarted(_) => "restarted".to_owned(),
        Fact::ApprovalEnded(it) => format!("ended {}", outcome(it.ending.as_ref().unwrap().outcome())),
        _ => return None,
    })
}

fn outcome(it: v1::ApprovalOutcome) -> String {
    it.as_str_name().trim_start_matches("APPROVAL_OUTCOME_").to_lowercase()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else happens to tickets is no matter here")]
fn notices(fact: &Fact) -> &[v1::ApprovalNotice] {
    match fact {
        Fact::ApprovalAsked(it) => &it.notices,
        Fact::ApprovalVoted(it) => &it.notices,
        Fact::ApprovalHanded(it) => &it.notices,
        Fact::ApprovalReminded(it) => &it.notices,
        Fact::ApprovalStepEnded(it) => &it.notices,
        Fact::ApprovalRestarted(it) => &it.notices,
        Fact::ApprovalEnded(it) => &it.notices,
        _ => &[],
    }
}
