//! Problems on the real program: opened of incidents, diagnosed, told to whoever meets them, and resolved with all that
//! waited for them. On both databases.

mod stage;
mod telling;
mod waiting;

use ticket_dispatch::proto::v1::{
    self, ArticleState, LinkRelation, ResolutionCode, TicketState, event::Fact,
};
use tonic::Code;

pub(crate) use self::stage::Desk;
use self::stage::{certificate, reason, tied};
use crate::{app::Settings, parts::postgres::settings_of_both};

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
        desk.link(&second.number, LinkRelation::Causes, &one.number).await.unwrap();
        assert_eq!(
            tied(&desk.ticket(&one.id).await, LinkRelation::CausedBy),
            [opened.number.clone(), second.number.clone()]
        );
        for (ticket, other) in [(&one.number, &two.number), (&second.number, &opened.number)] {
            let wrong = desk.link(ticket, LinkRelation::CausedBy, other).await.unwrap_err();
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
    assert_eq!((early.code(), reason(&early).as_str()), (Code::FailedPrecondition, "NOT_KNOWN"), "{early}");
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

        let by_code = desk.incident("kim", "809 and nothing else", "GW-2").await;
        let found = &desk.errors(&by_code.number).await[0];
        assert!(found.same_code && found.problem == problem.id, "{found:?}");
        let other = desk.incident("kim", "Room 1809 smells", "GW-2").await;
        assert!(desk.errors(&other.number).await.iter().all(|it| !it.same_code));

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
async fn an_old_known_error_is_found_behind_many_newer_ones() {
    let desk = Desk::start(Settings::default());
    desk.server("GW-1").await;
    let first = desk.incident("ada", "The VPN does not connect", "GW-1").await;
    let oldest = desk.open(&[&first]).await;
    desk.diagnose(&oldest.number, certificate()).await.unwrap();
    let newer = |number: usize| {
        let desk = &desk;
        async move {
            let problem = desk.open_alone(&format!("Grey pages on floor {number}")).await;
            let toner = v1::Diagnosis {
                symptom: "Printed pages are grey and streaky".into(),
                workaround: "Shake the toner.".into(),
                is_known_error: true,
                ..Default::default()
            };
            desk.diagnose(&problem.number, toner).await.unwrap();
        }
    };
    for some in (0..1100).collect::<Vec<_>>().chunks(50) {
        futures_util::future::join_all(some.iter().map(|it| newer(*it))).await;
    }
    let same = desk.incident("mei", "my home office tunnel is dead", "GW-1").await;
    assert_eq!(desk.errors(&same.number).await[0].problem, oldest.id);
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
        desk.until_article(&article, |it| it.state() == ArticleState::Retired).await;
        let quiet = desk.say("eve", text).await;
        assert!(!quiet.text.contains("Update the VPN client"), "{}", quiet.text);
        let request =
            v1::ListTicketEventsRequest { ticket: problem.id.clone(), page_size: 200, ..Default::default() };
        let events = desk.tickets().list_ticket_events(request).await.unwrap().into_inner().events;
        let said = events.iter().filter(|it| matches!(it.fact, Some(Fact::TicketDiagnosed(_)))).count();
        assert_eq!(said, 3);
    }
}
