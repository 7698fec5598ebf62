//! Problems on the real program: opened of incidents, diagnosed, told to whoever meets them, and resolved with all that
//! waited for them. On both databases.

use std::sync::atomic::{AtomicU32, Ordering};

use ticket_dispatch::proto::v1::{
    self, ArticleState, HoldReason, LinkRelation, ResolutionCode, TicketState,
    asset_service_client::AssetServiceClient, conversation_service_client::ConversationServiceClient,
    event::Fact, field_value::Value, knowledge_service_client::KnowledgeServiceClient,
    problem_service_client::ProblemServiceClient, ticket_service_client::TicketServiceClient,
};
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

use crate::{
    app::{App, Settings},
    parts::postgres::settings_of_both,
};

struct Desk {
    app: App,
    calls: AtomicU32,
}

fn person(who: &str) -> Option<v1::Person> {
    Some(v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() })
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|it| it.reason.clone()).unwrap_or_default()
}

/// How the other tickets are tied to one.
fn tied(ticket: &v1::Ticket, relation: LinkRelation) -> Vec<String> {
    let mut all: Vec<_> =
        ticket.links.iter().filter(|it| it.relation() == relation).map(|it| it.number.clone()).collect();
    all.sort();
    all
}

impl Desk {
    fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), calls: 0.into() }
    }

    fn request(&self) -> String {
        format!("call-{}", self.calls.fetch_add(1, Ordering::Relaxed))
    }

    fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    fn problems(&self) -> ProblemServiceClient<Channel> {
        ProblemServiceClient::new(self.app.channel())
    }

    /// An incident of the VPN, about an asset if one is named.
    async fn incident(&self, who: &str, text: &str, asset: &str) -> v1::Ticket {
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

    async fn ticket(&self, id: &str) -> v1::Ticket {
        let request = v1::GetTicketRequest { ticket: id.to_owned() };
        self.tickets().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }

    async fn server(&self, tag: &str) {
        let asset = Some(v1::Asset { tag: tag.into(), r#type: "server".into(), ..Default::default() });
        let request = v1::PutAssetRequest { request_id: self.request(), asset, expected_version: 0 };
        AssetServiceClient::new(self.app.channel()).put_asset(request).await.unwrap();
    }

    async fn open(&self, incidents: &[&v1::Ticket]) -> v1::Ticket {
        let request = v1::OpenProblemRequest {
            request_id: self.request(),
            incidents: incidents.iter().map(|it| it.number.clone()).collect(),
            ..Default::default()
        };
        self.problems().open_problem(request).await.unwrap().into_inner().ticket.unwrap()
    }

    async fn diagnose(&self, problem: &str, diagnosis: v1::Diagnosis) -> Result<v1::Ticket, Status> {
        let request = v1::DiagnoseProblemRequest {
            request_id: self.request(),
            problem: problem.into(),
            diagnosis: Some(diagnosis),
            expected_version: 0,
        };
        Ok(self.problems().diagnose_problem(request).await?.into_inner().ticket.unwrap())
    }

    async fn go(&self, ticket: &str, to: TicketState, code: ResolutionCode) -> Result<v1::Ticket, Status> {
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

    async fn errors(&self, ticket: &str) -> Vec<v1::KnownError> {
        let request = v1::ListKnownErrorsRequest { ticket: ticket.into() };
        self.problems().list_known_errors(request).await.unwrap().into_inner().errors
    }

    async fn until(&self, ticket: &str, is_so: impl Fn(&v1::Ticket) -> bool) -> v1::Ticket {
        for _ in 0..600 {
            let now = self.ticket(ticket).await;
            if is_so(&now) {
                return now;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it never came to be so: {:?}", self.ticket(ticket).await);
    }

    async fn say(&self, who: &str, text: &str) -> v1::SendMessageResponse {
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
fn certificate() -> v1::Diagnosis {
    v1::Diagnosis {
        symptom: "The VPN does not connect and says error 809".into(),
        root_cause: "The certificate of the gateway has expired".into(),
        workaround: "Choose the second gateway in the VPN client until tonight.".into(),
        error_code: "809".into(),
        is_known_error: true,
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_is_opened_of_incidents_and_is_about_their_assets() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.server("GW-1").await;
        let (one, two) =
            (desk.incident("ada", "vpn is down", "GW-1").await, desk.incident("mei", "no vpn", "").await);
        let request = v1::OpenProblemRequest {
            request_id: "p-1".into(),
            incidents: vec![one.number.clone(), two.id.clone(), one.id.clone()],
            ..Default::default()
        };
        let opened =
            desk.problems().open_problem(request.clone()).await.unwrap().into_inner().ticket.unwrap();
        assert!(opened.number.starts_with("PRB-") && opened.kind() == v1::TicketKind::Problem, "{opened:?}");
        assert_eq!(opened.subject, one.subject);
        assert_eq!(opened.impact(), one.impact(), "the highest of its incidents");
        assert_eq!(opened.assets.iter().map(|it| it.tag.as_str()).collect::<Vec<_>>(), ["GW-1"]);
        assert_eq!(tied(&opened, LinkRelation::Causes), [one.number.clone(), two.number.clone()]);
        for it in [&one, &two] {
            assert_eq!(tied(&desk.ticket(&it.id).await, LinkRelation::CausedBy), [opened.number.as_str()]);
        }
        let again = desk.problems().open_problem(request.clone()).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!((&again.id, again.links.len()), (&opened.id, 2), "one request has one effect");
        let other = v1::OpenProblemRequest { incidents: vec![two.number.clone()], ..request };
        assert_eq!(desk.problems().open_problem(other).await.unwrap_err().code(), Code::AlreadyExists);

        // Many to many, and the other way round.
        let second = desk.open(&[&two]).await;
        let link = |ticket: &str, relation: LinkRelation, other: &str| v1::LinkTicketRequest {
            request_id: desk.request(),
            ticket: ticket.into(),
            relation: relation.into(),
            other: other.into(),
            expected_version: 0,
        };
        let linked = link(&second.number, LinkRelation::Causes, &one.number);
        desk.tickets().link_ticket(linked).await.unwrap();
        assert_eq!(
            tied(&desk.ticket(&one.id).await, LinkRelation::CausedBy),
            [opened.number.clone(), second.number.clone()]
        );
        for (ticket, other) in [(&one.number, &two.number), (&second.number, &opened.number)] {
            let wrong =
                desk.tickets().link_ticket(link(ticket, LinkRelation::CausedBy, other)).await.unwrap_err();
            assert_eq!((wrong.code(), reason(&wrong).as_str()), (Code::FailedPrecondition, "NO_CAUSE"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_is_wrong_with_a_new_problem_is_named_at_once() {
    let desk = Desk::start(Settings::default());
    let incident = desk.incident("ada", "vpn is down", "").await;
    let problem = desk.open(&[&incident]).await;
    let request = |incidents: &[&str], template: &str| v1::OpenProblemRequest {
        request_id: desk.request(),
        incidents: incidents.iter().map(|it| (*it).to_owned()).collect(),
        template: template.into(),
        ..Default::default()
    };
    let wrong =
        desk.problems().open_problem(request(&["INC-999999", &problem.number], "")).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    for part in ["incidents[0]: there is no such ticket", "incidents[1]: PRB-000001 is a problem itself"] {
        assert!(wrong.message().contains(part), "{wrong}");
    }
    let empty = desk.problems().open_problem(request(&[], "")).await.unwrap_err();
    assert!(empty.message().contains("description: is required"), "{empty}");
    let kind = desk.problems().open_problem(request(&[&incident.number], "vpn_fault")).await.unwrap_err();
    assert!(kind.message().contains("no template `vpn_fault` of kind problem"), "{kind}");
    let unknown =
        desk.diagnose(&problem.number, v1::Diagnosis { is_known_error: true, ..Default::default() });
    let unknown = unknown.await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
    assert!(unknown.message().contains("needs its symptom"), "{unknown}");
    let incident = desk.diagnose(&incident.number, certificate()).await.unwrap_err();
    assert_eq!(reason(&incident), "NO_PROBLEM");
    let publish =
        v1::PublishKnownErrorRequest { request_id: desk.request(), problem: problem.number.clone() };
    let early = desk.problems().publish_known_error(publish).await.unwrap_err();
    assert_eq!(early.code(), Code::InvalidArgument, "{early}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resolving_a_problem_resolves_what_waited_for_it_alone() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let waits = desk.incident("ada", "vpn is down", "").await;
        let busy = desk.incident("mei", "no vpn", "").await;
        let twice = desk.incident("bo", "vpn fails", "").await;
        let problem = desk.open(&[&waits, &busy, &twice]).await;
        let other = desk.open(&[&twice]).await;
        for it in [&waits, &twice] {
            desk.go(&it.id, TicketState::OnHold, ResolutionCode::Unspecified).await.unwrap();
        }
        let id = problem.id.as_str();
        let none = ResolutionCode::Unspecified;
        let wrong = desk.go(id, TicketState::Closed, none).await.unwrap_err();
        assert_eq!(reason(&wrong), "NO_SUCH_MOVE");
        desk.go(id, TicketState::Analysing, none).await.unwrap();
        let unexplained = desk.go(id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap_err();
        assert_eq!(
            (unexplained.code(), reason(&unexplained).as_str()),
            (Code::FailedPrecondition, "NO_CAUSE")
        );
        desk.diagnose(id, certificate()).await.unwrap();
        desk.go(id, TicketState::InProgress, none).await.unwrap();
        let resolved = desk.go(id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
        assert_eq!(resolved.state(), TicketState::Resolved);

        let done = desk.until(&waits.id, |it| it.state() == TicketState::Resolved).await;
        assert_eq!(done.resolution, "The gateway has its certificate");
        // Whom somebody works for, and what another problem is behind as well, is left.
        assert_eq!(desk.ticket(&busy.id).await.state(), busy.state());
        assert_eq!(desk.ticket(&twice.id).await.state(), TicketState::OnHold);
        desk.go(&other.id, TicketState::Resolved, ResolutionCode::Duplicate).await.unwrap();
        desk.until(&twice.id, |it| it.state() == TicketState::Resolved).await;
        // The requester is told by the conversation as of any ticket of theirs.
        let told = desk.say("ada", &format!("what about {}?", waits.number)).await;
        assert!(told.text.contains("The gateway has its certificate"), "{}", told.text);

        let verify = v1::VerifyTicketClocksRequest::default();
        let verified = desk.tickets().verify_ticket_clocks(verify).await.unwrap().into_inner();
        assert_eq!((verified.differences.len(), verified.checked), (0, 5));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_error_is_found_by_what_a_ticket_shares_with_it() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.server("GW-1").await;
        desk.server("GW-2").await;
        let first = desk.incident("ada", "The VPN does not connect, error 809", "GW-1").await;
        let problem = desk.open(&[&first]).await;
        assert!(desk.errors("").await.is_empty());
        let known = desk.diagnose(&problem.number, certificate()).await.unwrap();
        assert_eq!(known.diagnosis, Some(certificate()));
        let all = desk.errors("").await;
        assert_eq!(all.iter().map(|it| it.number.as_str()).collect::<Vec<_>>(), [problem.number.as_str()]);

        let same = desk.incident("mei", "my home office tunnel is dead", "GW-1").await;
        let found = &desk.errors(&same.number).await[0];
        assert_eq!((found.assets.as_slice(), found.services.len()), (&["GW-1".to_owned()][..], 1));
        let alike = desk.incident("bo", "The VPN does not connect and shows error 809", "GW-2").await;
        let found = &desk.errors(&alike.number).await[0];
        assert!(found.assets.is_empty() && found.likeness > 0.4, "{found:?}");

        // A second one that shares less comes behind it, and one that shares nothing is not told.
        let request = v1::OpenProblemRequest {
            request_id: desk.request(),
            description: "Pages come out grey".into(),
            subject: "Grey pages".into(),
            ..Default::default()
        };
        let grey = desk.problems().open_problem(request).await.unwrap().into_inner().ticket.unwrap();
        let toner = v1::Diagnosis {
            symptom: "Printed pages are grey and streaky".into(),
            workaround: "Shake the toner.".into(),
            is_known_error: true,
            ..Default::default()
        };
        desk.diagnose(&grey.number, toner).await.unwrap();
        let numbers: Vec<_> = desk.errors(&alike.number).await.into_iter().map(|it| it.number).collect();
        assert_eq!(numbers, [problem.number.as_str()]);
        assert_eq!(desk.errors("").await.len(), 2);

        // Once resolved it is none any more, unless the company lives with it.
        desk.go(&grey.id, TicketState::Resolved, ResolutionCode::RiskAccepted).await.unwrap();
        desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
        let left: Vec<_> = desk.errors("").await.into_iter().map(|it| it.number).collect();
        assert_eq!(left, [grey.number]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_known_error_is_offered_before_a_ticket_is_opened_and_no_longer_than_it_lasts() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let first = desk.incident("ada", "The VPN does not connect, error 809", "").await;
        let problem = desk.open(&[&first]).await;
        desk.diagnose(&problem.number, certificate()).await.unwrap();
        let publish =
            v1::PublishKnownErrorRequest { request_id: "pub-1".into(), problem: problem.number.clone() };
        let told =
            desk.problems().publish_known_error(publish.clone()).await.unwrap().into_inner().ticket.unwrap();
        let article = told.diagnosis.as_ref().unwrap().article.clone();
        assert!(article.starts_with("art_"), "{told:?}");
        let again = desk.problems().publish_known_error(publish).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(again, told, "one request has one effect");

        let text = "the vpn does not connect and says error 809";
        let offered = desk.say("mei", text).await;
        assert!(offered.text.contains("Choose the second gateway"), "{}", offered.text);
        let solved = desk.say("mei", "yes").await;
        assert!(solved.ticket.is_none(), "{solved:?}");

        // What is known changes, and so does what is told.
        let better =
            v1::Diagnosis { workaround: "Update the VPN client and try again.".into(), ..certificate() };
        let changed = desk.diagnose(&problem.number, better).await.unwrap();
        assert_eq!(changed.diagnosis.as_ref().unwrap().article, article, "the article stays its own");
        let publish =
            v1::PublishKnownErrorRequest { request_id: "pub-2".into(), problem: problem.number.clone() };
        desk.problems().publish_known_error(publish).await.unwrap();
        assert!(desk.say("bo", text).await.text.contains("Update the VPN client"));

        desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
        let mut knowledge = KnowledgeServiceClient::new(desk.app.channel());
        for _ in 0..600 {
            let request = v1::GetArticleRequest { article: article.clone(), revision: 0 };
            let now = knowledge.get_article(request).await.unwrap().into_inner().article.unwrap();
            if now.state() == ArticleState::Retired {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let quiet = desk.say("eve", text).await;
        assert!(!quiet.text.contains("Update the VPN client"), "{}", quiet.text);
        let request =
            v1::ListTicketEventsRequest { ticket: problem.id.clone(), page_size: 200, ..Default::default() };
        let events = desk.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        let said = events.iter().filter(|it| matches!(it.fact, Some(Fact::TicketDiagnosed(_)))).count();
        assert_eq!(said, 3);
    }
}
