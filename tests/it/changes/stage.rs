//! A desk with changes, and the calls that their tests make.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use ticket_dispatch::{
    clock,
    domain::time::Timestamp,
    proto::{
        time::time_to,
        v1::{
            self, ApprovalWord, ChangeOutcome, HoldReason, LinkRelation, TicketState,
            approval_service_client::ApprovalServiceClient, asset_service_client::AssetServiceClient,
            catalog_service_client::CatalogServiceClient, change_service_client::ChangeServiceClient,
            field_value::Value, ticket_service_client::TicketServiceClient,
        },
    },
};
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;

use crate::app::{App, Settings};

pub(crate) struct Desk {
    pub(crate) app: App,
    calls: AtomicU32,
    /// The token of whoever calls; nobody's where the desk asks for none.
    token: Mutex<String>,
    _catalog: Option<tempfile::TempDir>,
}

pub(crate) fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|it| it.reason.clone()).unwrap_or_default()
}

/// So many hours from now, on the full second.
pub(crate) fn hours(count: i64) -> Timestamp {
    Timestamp::from_second(clock::now().second() + count * 3600)
}

pub(crate) fn span(start: Timestamp, end: Timestamp) -> v1::TimeSpan {
    v1::TimeSpan { start_time: Some(time_to(start)), end_time: Some(time_to(end)) }
}

/// A window of so many hours, so many from now.
pub(crate) fn window(from: i64, length: i64) -> v1::TimeSpan {
    span(hours(from), hours(from + length))
}

/// A plan with all that a normal change needs, and little risk.
pub(crate) fn plan(window: v1::TimeSpan) -> v1::ChangePlan {
    let answer =
        |question: &str, option: &str| v1::ChangeAnswer { question: question.into(), option: option.into() };
    v1::ChangePlan {
        implementation: "Install the new firmware".into(),
        test: "All ports are up".into(),
        back_out: "Boot the old image".into(),
        window: Some(window),
        answers: vec![
            answer("downtime", "none"),
            answer("experience", "often"),
            answer("back_out", "easily"),
        ],
        ..Default::default()
    }
}

/// How other tickets are tied to one.
pub(crate) fn tied(ticket: &v1::Ticket, relation: LinkRelation) -> Vec<String> {
    ticket.links.iter().filter(|it| it.relation() == relation).map(|it| it.number.clone()).collect()
}

impl Desk {
    pub(crate) fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), calls: 0.into(), token: Mutex::default(), _catalog: None }
    }

    /// A desk whose catalogue has these files besides, or in the place of its own.
    pub(crate) fn with(settings: Settings, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for source in ticket_dispatch::catalog::starter() {
            std::fs::write(folder.path().join(source.name), source.content).unwrap();
        }
        for (name, content) in files {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let settings = settings.env("DISPATCH_CATALOG_DIR", folder.path().to_str().unwrap());
        Self { _catalog: Some(folder), ..Self::start(settings) }
    }

    /// Who calls from now on: somebody of this name and role.
    pub(crate) fn act_as(&self, subject: &str, role: &str) {
        let args = ["token", "--data", "data", "create", "--tenant", "default", "--role", role, "--subject"];
        let output = self.app.command(&args).arg(subject).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        *self.token.lock().unwrap() = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    }

    /// A request of whoever calls.
    pub(crate) fn asks<T>(&self, message: T) -> Request<T> {
        let token = self.token.lock().unwrap();
        let mut request = Request::new(message);
        if !token.is_empty() {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request
    }

    pub(crate) fn request(&self) -> String {
        format!("call-{}", self.calls.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(crate) fn changes(&self) -> ChangeServiceClient<Channel> {
        ChangeServiceClient::new(self.app.channel())
    }

    pub(crate) async fn ticket(&self, id: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: id.to_owned() };
        self.tickets().get_ticket(self.asks(request)).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(crate) async fn asset(&self, tag: &str, kind: &str, runs_on: &[&str]) {
        let relation = |it: &&str| v1::AssetRelation {
            kind: v1::AssetRelationKind::RunsOn.into(),
            to: (*it).to_owned(),
        };
        let asset = v1::Asset {
            tag: tag.into(),
            r#type: kind.into(),
            state: v1::AssetState::InUse.into(),
            relations: runs_on.iter().map(relation).collect(),
            ..Default::default()
        };
        let request =
            v1::PutAssetRequest { request_id: self.request(), asset: Some(asset), expected_version: 0 };
        AssetServiceClient::new(self.app.channel()).put_asset(self.asks(request)).await.unwrap();
    }

    /// An asset as it is from now on.
    pub(crate) async fn mend_asset(&self, tag: &str, mend: impl FnOnce(&mut v1::Asset)) {
        let mut assets = AssetServiceClient::new(self.app.channel());
        let get = v1::GetAssetRequest { asset: tag.into() };
        let mut asset = assets.get_asset(self.asks(get)).await.unwrap().into_inner().asset.unwrap();
        mend(&mut asset);
        let expected_version = asset.version;
        let request =
            v1::PutAssetRequest { request_id: self.request(), asset: Some(asset), expected_version };
        assets.put_asset(self.asks(request)).await.unwrap();
    }

    /// From now on it hangs on another one.
    pub(crate) async fn hang(&self, tag: &str, on: &str) {
        let kind = v1::AssetRelationKind::RunsOn.into();
        self.mend_asset(tag, |it| it.relations.push(v1::AssetRelation { kind, to: on.into() })).await;
    }

    /// Puts another catalogue in use: the starter's, with these files in the place of its own.
    pub(crate) async fn apply(&self, files: &[(&str, &str)]) {
        let mut all: Vec<v1::CatalogFile> = ticket_dispatch::catalog::starter()
            .into_iter()
            .filter(|it| files.iter().all(|(name, _)| it.name != *name))
            .map(|it| v1::CatalogFile { name: it.name, content: it.content })
            .collect();
        let file = |(name, content): &(&str, &str)| v1::CatalogFile {
            name: (*name).to_owned(),
            content: (*content).to_owned(),
        };
        all.extend(files.iter().map(file));
        let request = v1::ApplyCatalogRequest { request_id: self.request(), files: all };
        let mut catalogs = CatalogServiceClient::new(self.app.channel());
        catalogs.apply_catalog(self.asks(request)).await.unwrap();
    }

    /// A standard change with its window, scheduled.
    pub(crate) async fn standard(&self, assets: &[&str], window: v1::TimeSpan) -> v1::Ticket {
        let change = self.open("standard_change", assets).await;
        let only = v1::ChangePlan { window: Some(window), ..Default::default() };
        self.plan(&change.id, only).await.unwrap();
        self.schedule(&change.id).await.unwrap()
    }

    pub(crate) async fn merge(&self, ticket: &str, into: &str) -> Result<v1::Ticket, Status> {
        let request = v1::MergeTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            into: into.into(),
            expected_version: 0,
        };
        Ok(self.tickets().merge_ticket(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    pub(crate) async fn recent(&self, ticket: &str) -> v1::ListRecentChangesResponse {
        let request = v1::ListRecentChangesRequest { ticket: ticket.into() };
        self.changes().list_recent_changes(self.asks(request)).await.unwrap().into_inner()
    }

    pub(crate) async fn aftermath(&self, change: &str) -> v1::ListAftermathResponse {
        let request = v1::ListAftermathRequest { change: change.into() };
        self.changes().list_aftermath(self.asks(request)).await.unwrap().into_inner()
    }

    pub(crate) async fn link_asset(&self, ticket: &str, asset: &str) -> Result<v1::Ticket, Status> {
        let request = v1::LinkAssetRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            asset: asset.into(),
            expected_version: 0,
        };
        let mut assets = AssetServiceClient::new(self.app.channel());
        Ok(assets.link_asset(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    pub(crate) fn opening(&self, template: &str, assets: &[&str]) -> v1::OpenChangeRequest {
        v1::OpenChangeRequest {
            request_id: self.request(),
            template: template.into(),
            assets: assets.iter().map(|it| (*it).to_owned()).collect(),
            subject: "New firmware".into(),
            description: "The old one has a hole".into(),
            ..Default::default()
        }
    }

    pub(crate) async fn open(&self, template: &str, assets: &[&str]) -> v1::Ticket {
        let request = self.opening(template, assets);
        self.changes().open_change(self.asks(request)).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(crate) async fn plan(&self, change: &str, plan: v1::ChangePlan) -> Result<v1::Ticket, Status> {
        let request = v1::PlanChangeRequest {
            request_id: self.request(),
            change: change.into(),
            plan: Some(plan),
            expected_version: 0,
        };
        Ok(self.changes().plan_change(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    pub(crate) async fn check(&self, change: &str) -> v1::CheckChangeResponse {
        let request = v1::CheckChangeRequest { change: change.into() };
        self.changes().check_change(self.asks(request)).await.unwrap().into_inner()
    }

    pub(crate) async fn submit(&self, change: &str) -> Result<v1::Ticket, Status> {
        let request = v1::SubmitChangeRequest {
            request_id: self.request(),
            change: change.into(),
            expected_version: 0,
        };
        Ok(self.changes().submit_change(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    /// An agent says yes or no to the round that is open.
    pub(crate) async fn say(&self, change: &str, agent: &str, word: ApprovalWord) -> v1::ApprovalRequest {
        let round = self.ticket(change).await.approval.map(|it| it.round);
        self.try_to_say(change, agent, (word, round)).await.unwrap()
    }

    /// The same of a round, or of none.
    pub(crate) async fn try_to_say(
        &self,
        change: &str,
        agent: &str,
        (word, round): (ApprovalWord, Option<u32>),
    ) -> Result<v1::ApprovalRequest, Status> {
        let person = v1::Person { issuer: "desk".into(), subject: agent.into(), ..Default::default() };
        let request = v1::DecideApprovalRequest {
            request_id: self.request(),
            ticket: change.into(),
            person: Some(person),
            word: word.into(),
            comment: "I have read it".into(),
            round,
        };
        let mut approvals = ApprovalServiceClient::new(self.app.channel());
        Ok(approvals.decide_approval(self.asks(request)).await?.into_inner().approval.unwrap())
    }

    pub(crate) fn scheduling(
        &self,
        change: &str,
        reason: &str,
        accept: &[&str],
    ) -> v1::ScheduleChangeRequest {
        v1::ScheduleChangeRequest {
            request_id: self.request(),
            change: change.into(),
            override_reason: reason.into(),
            accept_collisions: accept.iter().map(|it| (*it).to_owned()).collect(),
            expected_version: 0,
        }
    }

    pub(crate) async fn schedule(&self, change: &str) -> Result<v1::Ticket, Status> {
        self.schedule_with(change, "", &[]).await
    }

    pub(crate) async fn schedule_with(
        &self,
        change: &str,
        reason: &str,
        accept: &[&str],
    ) -> Result<v1::Ticket, Status> {
        let request = self.scheduling(change, reason, accept);
        Ok(self.changes().schedule_change(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    /// A normal change to which all have agreed.
    pub(crate) async fn agreed(&self, assets: &[&str], window: v1::TimeSpan) -> v1::Ticket {
        let change = self.open("", assets).await;
        self.plan(&change.id, plan(window)).await.unwrap();
        self.submit(&change.id).await.unwrap();
        self.say(&change.id, "infrastructure-1", ApprovalWord::Approve).await;
        self.ticket(&change.id).await
    }

    /// One that is carried out at this moment.
    pub(crate) async fn under_way(&self, assets: &[&str]) -> v1::Ticket {
        let change = self.agreed(assets, window(1, 1)).await;
        self.schedule(&change.id).await.unwrap();
        self.go(&change.id, TicketState::InProgress).await.unwrap()
    }

    pub(crate) async fn go(&self, ticket: &str, to: TicketState) -> Result<v1::Ticket, Status> {
        self.go_saying(ticket, to, if to == TicketState::InProgress { "It cannot wait" } else { "" }).await
    }

    pub(crate) async fn go_saying(
        &self,
        ticket: &str,
        to: TicketState,
        comment: &str,
    ) -> Result<v1::Ticket, Status> {
        let is = |state, value: i32| if to == state { value } else { 0 };
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            to: to.into(),
            resolution: if to == TicketState::Resolved { "It is done".into() } else { String::new() },
            hold_reason: is(TicketState::OnHold, HoldReason::Change.into()),
            cancel_reason: is(TicketState::Cancelled, v1::CancelReason::Withdrawn.into()),
            comment: comment.to_owned(),
            ..Default::default()
        };
        Ok(self.tickets().transition_ticket(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    /// Begins to carry a change out in spite of others.
    pub(crate) async fn begin_accepting(&self, ticket: &str, accept: &[&str]) -> Result<v1::Ticket, Status> {
        let request = v1::TransitionTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            to: TicketState::InProgress.into(),
            comment: "It cannot wait".into(),
            accept_collisions: accept.iter().map(|it| (*it).to_owned()).collect(),
            ..Default::default()
        };
        Ok(self.tickets().transition_ticket(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    pub(crate) async fn review(
        &self,
        change: &str,
        outcome: ChangeOutcome,
        text: &str,
    ) -> Result<v1::Ticket, Status> {
        let request = v1::ReviewChangeRequest {
            request_id: self.request(),
            change: change.into(),
            outcome: outcome.into(),
            text: text.into(),
            expected_version: 0,
        };
        Ok(self.changes().review_change(self.asks(request)).await?.into_inner().ticket.unwrap())
    }

    /// An incident of the VPN, about an asset from the beginning if one is named.
    pub(crate) async fn incident(&self, who: &str, asset: &str) -> v1::Ticket {
        let field = |id: &str, value| v1::FieldValue { field: id.to_owned(), value: Some(value) };
        let (template, mut fields) = if asset.is_empty() {
            ("vpn_fault", vec![field("symptom", Value::Choice("no_connection".into()))])
        } else {
            ("broken_thing", vec![])
        };
        if !asset.is_empty() {
            fields.push(field("thing", Value::Asset(asset.into())));
        }
        let request = v1::CreateTicketRequest {
            request_id: self.request(),
            template: template.into(),
            requester: Some(v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() }),
            description: "It does not work any more".into(),
            fields,
            ..Default::default()
        };
        self.tickets().create_ticket(self.asks(request)).await.unwrap().into_inner().ticket.unwrap()
    }

    pub(crate) async fn link(&self, ticket: &str, relation: LinkRelation, other: &str) -> Result<(), Status> {
        let request = v1::LinkTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            relation: relation.into(),
            other: other.into(),
            expected_version: 0,
        };
        self.tickets().link_ticket(self.asks(request)).await.map(drop)
    }

    pub(crate) async fn unlink(
        &self,
        ticket: &str,
        relation: LinkRelation,
        other: &str,
    ) -> Result<(), Status> {
        let request = v1::UnlinkTicketRequest {
            request_id: self.request(),
            ticket: ticket.into(),
            relation: relation.into(),
            other: other.into(),
            expected_version: 0,
        };
        self.tickets().unlink_ticket(self.asks(request)).await.map(drop)
    }

    pub(crate) async fn history(&self, ticket: &str) -> Vec<v1::Event> {
        let request =
            v1::ListTicketEventsRequest { ticket: ticket.into(), page_size: 200, ..Default::default() };
        self.tickets().list_ticket_events(self.asks(request)).await.unwrap().into_inner().events
    }

    /// What agents were told on a ticket, and nobody else.
    pub(crate) async fn notes(&self, ticket: &str) -> Vec<String> {
        let note = |it: v1::Event| match it.fact {
            Some(v1::event::Fact::TicketCommented(it)) if it.internal => Some(it.text),
            _ => None,
        };
        self.history(ticket).await.into_iter().filter_map(note).collect()
    }

    pub(crate) async fn until(&self, ticket: &str, is_so: impl Fn(&v1::Ticket) -> bool) -> v1::Ticket {
        for _ in 0..600 {
            let now = self.ticket(ticket).await;
            if is_so(&now) {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {:?}", self.ticket(ticket).await);
    }

    /// Folding the events of every ticket gives its row.
    pub(crate) async fn is_what_its_events_give(&self) {
        let verify = v1::VerifyTicketClocksRequest::default();
        let verified = self.tickets().verify_ticket_clocks(self.asks(verify)).await.unwrap().into_inner();
        assert!(verified.differences.is_empty(), "{:?}", verified.differences);
    }
}

/// A template of incidents that name an asset.
pub(crate) const BROKEN: (&str, &str) = (
    "0-broken.yaml",
    "templates:
  - id: broken_thing
    kind: incident
    label: { en: Broken thing, zh: 坏了的东西 }
    service: hosting
    group: servicedesk
    impact: person
    urgency: medium
    sla: standard
    fields:
      - { id: thing, type: asset, label: { en: Thing, zh: 东西 }, ask: { en: \"Which one?\", zh: \"哪个？\" } }
",
);
