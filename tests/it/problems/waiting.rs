//! What waits for problems never waits for nothing: whatever becomes of them, it is resolved or goes back to work.

use ticket_dispatch::proto::v1::{CancelReason, LinkRelation, ResolutionCode, TicketState};
use tonic::Code;

use super::stage::{Desk, certificate, reason, tied};
use crate::{app::Settings, parts::postgres::settings_of_both};

const NONE: ResolutionCode = ResolutionCode::Unspecified;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merged_problem_leaves_what_it_caused_to_its_survivor() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let (one, two) = (desk.open_alone("one").await, desk.open_alone("two").await);
        let incident = desk.waiting("ada", Some(&one)).await;
        desk.merge(&one.id, &two.id).await.unwrap();
        let now = desk.until(&two.id, |it| tied(it, LinkRelation::Causes) == [incident.number.clone()]).await;
        assert_eq!(now.kind(), one.kind());
        desk.diagnose(&two.id, certificate()).await.unwrap();
        desk.go(&two.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
        desk.until(&incident.id, |it| it.state() == TicketState::Resolved).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_survivor_of_two_incidents_has_the_problems_of_both() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let problem = desk.open_alone("one").await;
        let (merged, survivor) = (desk.waiting("ada", Some(&problem)).await, desk.waiting("ada", None).await);
        desk.merge(&merged.id, &survivor.id).await.unwrap();
        desk.until(&survivor.id, |it| tied(it, LinkRelation::CausedBy) == [problem.number.clone()]).await;
        let both = [merged.number.clone(), survivor.number.clone()];
        desk.until(&problem.id, |it| tied(it, LinkRelation::Causes) == both).await;
        desk.diagnose(&problem.id, certificate()).await.unwrap();
        desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
        desk.until(&survivor.id, |it| it.state() == TicketState::Resolved).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_problem_is_behind_any_more_goes_back_to_work() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let is_back = |state| matches!(state, TicketState::Assigned | TicketState::InProgress);
        // Cancelled.
        let problem = desk.open_alone("a mistake").await;
        let incident = desk.waiting("ada", Some(&problem)).await;
        desk.go(&problem.id, TicketState::Cancelled, NONE).await.unwrap();
        desk.until(&incident.id, |it| is_back(it.state())).await;
        let notes = desk.notes(&incident.id).await;
        assert!(notes.iter().any(|it| it.contains(&format!("{} (cancelled)", problem.number))), "{notes:?}");
        // Unlinked.
        let problem = desk.open_alone("another").await;
        let incident = desk.waiting("mei", Some(&problem)).await;
        desk.unlink(&incident.id, LinkRelation::CausedBy, &problem.id).await;
        desk.until(&incident.id, |it| is_back(it.state())).await;
        // Ended without an end of the cause: what its agents said to each other is nothing for the requester.
        for code in [ResolutionCode::NoFault, ResolutionCode::RiskAccepted, ResolutionCode::NotReproducible] {
            let problem = desk.open_alone("a third").await;
            let incident = desk.waiting("bo", Some(&problem)).await;
            desk.go(&problem.id, TicketState::Resolved, code).await.unwrap();
            let now = desk.until(&incident.id, |it| is_back(it.state())).await;
            assert_eq!((now.resolution.as_str(), now.resolution_code()), ("", NONE));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_of_two_problems_ends_the_waiting_in_whatever_way_it_ends() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for way in ["cancel", "unlink", "merge"] {
            let (solved, other) = (desk.open_alone("one").await, desk.open_alone("two").await);
            let incident = desk.incident("ada", "vpn is down", "").await;
            for it in [&solved, &other] {
                desk.link(&incident.id, LinkRelation::CausedBy, &it.id).await.unwrap();
            }
            desk.go(&incident.id, TicketState::OnHold, NONE).await.unwrap();
            desk.diagnose(&solved.id, certificate()).await.unwrap();
            desk.go(&solved.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
            assert_eq!(desk.ticket(&incident.id).await.state(), TicketState::OnHold);
            match way {
                "cancel" => drop(desk.go(&other.id, TicketState::Cancelled, NONE).await.unwrap()),
                "unlink" => desk.unlink(&incident.id, LinkRelation::CausedBy, &other.id).await,
                _ => {
                    let third = desk.open_alone("three").await;
                    desk.merge(&other.id, &third.id).await.unwrap();
                    desk.until(&third.id, |it| !tied(it, LinkRelation::Causes).is_empty()).await;
                    desk.go(&third.id, TicketState::Cancelled, NONE).await.unwrap();
                }
            }
            let done = desk.until(&incident.id, |it| it.state() == TicketState::Resolved).await;
            assert_eq!(done.resolution, "The gateway has its certificate", "{way}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_linked_while_the_problem_is_resolved_is_resolved_as_well() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for round in 0..8 {
            let problem = desk.open_alone("one").await;
            desk.diagnose(&problem.id, certificate()).await.unwrap();
            let incident = desk.waiting(&format!("caller-{round}"), None).await;
            let (linked, resolved) = tokio::join!(
                desk.link(&incident.id, LinkRelation::CausedBy, &problem.id),
                desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed),
            );
            resolved.unwrap();
            match linked {
                Ok(_) => drop(desk.until(&incident.id, |it| it.state() == TicketState::Resolved).await),
                Err(late) => assert_eq!(reason(&late), "OTHER_OVER"),
            }
        }
        // Who is put on hold for a problem that is resolved already waits for nothing.
        let problem = desk.open_alone("two").await;
        let incident = desk.incident("ada", "vpn is down", "").await;
        desk.link(&incident.id, LinkRelation::CausedBy, &problem.id).await.unwrap();
        desk.diagnose(&problem.id, certificate()).await.unwrap();
        desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
        desk.go(&incident.id, TicketState::OnHold, NONE).await.unwrap();
        desk.until(&incident.id, |it| it.state() == TicketState::Resolved).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_resolved_goes_back_to_work() {
    let desk = Desk::start(Settings::default());
    let problem = desk.open_alone("one").await;
    let incident = desk.waiting("ada", Some(&problem)).await;
    desk.add_task(&incident.id).await;
    desk.diagnose(&problem.id, certificate()).await.unwrap();
    desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
    let back = |it: TicketState| matches!(it, TicketState::Assigned | TicketState::InProgress);
    desk.until(&incident.id, |it| back(it.state())).await;
    let notes = desk.notes(&incident.id).await;
    assert!(notes.iter().any(|it| it.contains("(resolved)")), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_is_one_with_problems_only_and_keeps_its_cause() {
    let desk = Desk::start(Settings::default());
    let (problem, incident) = (desk.open_alone("one").await, desk.incident("ada", "vpn is down", "").await);
    for (one, other) in [(&problem, &incident), (&incident, &problem)] {
        let part = desk.link(&one.id, LinkRelation::Parent, &other.id).await.unwrap_err();
        assert_eq!((part.code(), reason(&part).as_str()), (Code::FailedPrecondition, "OTHER_KIND"));
        let merged = desk.merge(&one.id, &other.id).await.unwrap_err();
        assert_eq!(reason(&merged), "OTHER_KIND");
    }
    desk.diagnose(&problem.id, certificate()).await.unwrap();
    desk.go(&problem.id, TicketState::Resolved, ResolutionCode::Fixed).await.unwrap();
    let wiped = desk.diagnose(&problem.id, Default::default()).await.unwrap_err();
    assert_eq!(reason(&wiped), "NO_CAUSE", "{wiped}");
    let cancelled = desk.ticket(&incident.id).await;
    assert_eq!(cancelled.cancel_reason(), CancelReason::Unspecified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_problem_is_no_matter_of_a_chat() {
    let desk = Desk::start(Settings::default());
    let incident = desk.incident("ada", "vpn is down", "").await;
    let problem = desk.open(&[&incident]).await;
    let asker = problem.requester.clone().unwrap().subject;
    for text in [format!("please cancel {}", problem.number), "it works now, please close it".to_owned()] {
        let answer = desk.say(&asker, &text).await;
        assert!(!answer.text.is_empty());
    }
    assert!(desk.ticket(&problem.id).await.cancel_reason() == CancelReason::Unspecified);
    // Neither is a change, whose requester is its agent as well.
    let change = desk.open_change(&incident).await;
    let asker = change.requester.clone().unwrap().subject;
    let answer = desk.say(&asker, &format!("please cancel {}", change.number)).await;
    assert!(!answer.text.is_empty());
    assert!(desk.ticket(&change.id).await.cancel_reason() == CancelReason::Unspecified);
    let told = desk.say("ada", &format!("what about {}?", problem.number)).await;
    assert!(!told.text.contains(&incident.subject) || told.text.contains("cannot find"), "{}", told.text);
}
