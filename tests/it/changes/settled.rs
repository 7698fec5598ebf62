//! What waits for a change.

use ticket_dispatch::proto::v1::{
    self, ChangeOutcome, HoldReason, LinkRelation, TicketState, problem_service_client::ProblemServiceClient,
};

use super::stage::{Desk, plan, reason, tied, window};
use crate::{app::Settings, parts::postgres::settings_of_both};

/// A change that puts an end to these tickets, at the moment when it is resolved.
async fn resolved(desk: &Desk, settles: &[&v1::Ticket]) -> v1::Ticket {
    let request = v1::OpenChangeRequest {
        settles: settles.iter().map(|it| it.number.clone()).collect(),
        ..desk.opening("", &[])
    };
    let change = desk.changes().open_change(request).await.unwrap().into_inner().ticket.unwrap();
    let id = change.id.as_str();
    desk.plan(id, plan(window(1, 1))).await.unwrap();
    desk.submit(id).await.unwrap();
    desk.say(id, "infrastructure-1", v1::ApprovalWord::Approve).await;
    desk.schedule(id).await.unwrap();
    desk.go(id, TicketState::InProgress).await.unwrap();
    desk.go(id, TicketState::Resolved).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_for_a_change_goes_on_when_it_is_done_and_is_told_when_it_is_not() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let waits = desk.incident("ada", "").await;
        let busy = desk.incident("mei", "").await;
        desk.go(&waits.id, TicketState::OnHold).await.unwrap();
        let failed = resolved(&desk, &[&waits, &busy]).await;
        assert_eq!(tied(&failed, LinkRelation::Settles), [waits.number.as_str(), &busy.number]);
        assert_eq!(tied(&desk.ticket(&waits.id).await, LinkRelation::SettledBy), [failed.number.as_str()]);
        assert_eq!(desk.ticket(&waits.id).await.state(), TicketState::OnHold, "nobody has looked back on it");
        desk.review(&failed.id, ChangeOutcome::BackedOut, "The new image does not boot").await.unwrap();
        let told =
            format!("{} was backed out; this still waits for it: The new image does not boot", failed.number);
        desk.until(&waits.id, |it| it.comments == 1).await;
        assert_eq!(desk.notes(&waits.id).await, [told]);
        assert_eq!(desk.ticket(&waits.id).await.state(), TicketState::OnHold);

        let problem = v1::OpenProblemRequest {
            request_id: desk.request(),
            subject: "The image is broken".into(),
            description: "It does not boot".into(),
            ..Default::default()
        };
        let mut problems = ProblemServiceClient::new(desk.app.channel());
        let problem = problems.open_problem(problem).await.unwrap().into_inner().ticket.unwrap();
        desk.go(&problem.id, TicketState::OnHold).await.unwrap();

        // What came to nothing it does not wait for any more once somebody says so.
        desk.unlink(&waits.number, LinkRelation::SettledBy, &failed.number).await.unwrap();
        desk.until(&waits.id, |it| it.state() != TicketState::OnHold).await;
        desk.go(&waits.id, TicketState::OnHold).await.unwrap();
        // Two that settle it: it goes on when the last of them is done.
        let (first, second) = (resolved(&desk, &[&waits]).await, resolved(&desk, &[&waits, &problem]).await);
        desk.review(&first.id, ChangeOutcome::Successful, "").await.unwrap();
        desk.until(&waits.id, |it| it.comments == 3).await;
        assert_eq!(desk.ticket(&waits.id).await.hold_reason(), HoldReason::Change);
        let still = format!("{} is done.\nThis still waits for {} (resolved).", first.number, second.number);
        assert_eq!(desk.notes(&waits.id).await[2], still);
        desk.review(&second.id, ChangeOutcome::Successful, "").await.unwrap();
        let back = desk.until(&waits.id, |it| it.state() != TicketState::OnHold).await;
        let at_work = if back.agent.is_empty() { TicketState::Assigned } else { TicketState::InProgress };
        assert_eq!(back.state(), at_work, "its agent goes on");
        assert_eq!(desk.notes(&waits.id).await[3], format!("{} is done.", second.number));
        desk.until(&problem.id, |it| it.state() != TicketState::OnHold).await;
        assert_eq!(desk.notes(&problem.id).await, [format!("{} is done.", second.number)]);
        assert_eq!(
            desk.ticket(&busy.id).await.state(),
            busy.state(),
            "whom it did not stop it does not start"
        );
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_causes_incidents_and_settles_what_is_none() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let change = resolved(&desk, &[&desk.incident("bo", "").await]).await;
        desk.review(&change.id, ChangeOutcome::WithProblems, "Mail was down").await.unwrap();
        // What came of it shows when it is over.
        let incident = desk.incident("ada", "").await;
        desk.link(&incident.number, LinkRelation::CausedBy, &change.number).await.unwrap();
        let caused = desk.until(&change.id, |it| !tied(it, LinkRelation::Causes).is_empty()).await;
        assert_eq!(tied(&caused, LinkRelation::Causes), [incident.number.as_str()]);
        let over = desk.link(&incident.number, LinkRelation::SettledBy, &change.number).await.unwrap_err();
        assert_eq!(reason(&over), "OTHER_OVER");
        let open = desk.open("", &[]).await;
        let wrong = desk.link(&open.number, LinkRelation::CausedBy, &change.number).await.unwrap_err();
        assert_eq!(reason(&wrong), "NO_CAUSE");
        let wrong = desk.link(&incident.number, LinkRelation::SettledBy, &incident.number).await.unwrap_err();
        assert!(wrong.message().contains("is the ticket itself"), "{wrong}");
        let other = desk.incident("mei", "").await;
        let wrong = desk.link(&incident.number, LinkRelation::SettledBy, &other.number).await.unwrap_err();
        assert_eq!(reason(&wrong), "NO_END");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_changes_settle_goes_on_when_both_are_done_in_whatever_order() {
    use ChangeOutcome::{BackedOut, NotDone, Successful, WithProblems};
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let cases = [
            ([Successful, WithProblems], true),
            ([Successful, BackedOut], false),
            ([BackedOut, Successful], false),
            ([NotDone, BackedOut], false),
        ];
        for (outcomes, goes_on) in cases {
            let waits = desk.incident("ada", "").await;
            let changes = [resolved(&desk, &[&waits]).await, resolved(&desk, &[&waits]).await];
            desk.go(&waits.id, TicketState::OnHold).await.unwrap();
            for (at, (change, outcome)) in changes.iter().zip(outcomes).enumerate() {
                desk.review(&change.id, outcome, "So it went").await.unwrap();
                let comments = u32::try_from(at + 1).unwrap();
                desk.until(&waits.id, |it| it.comments == comments).await;
            }
            let now = desk.until(&waits.id, |it| it.comments == 2).await;
            assert_eq!(now.state() != TicketState::OnHold, goes_on, "{outcomes:?} {:?}", now.state());
            if goes_on {
                continue;
            }
            // What came to nothing is taken away by hand, and what is left is done.
            let failed = changes.iter().zip(outcomes).filter(|(_, it)| matches!(it, BackedOut | NotDone));
            let (mut left, failed): (usize, Vec<_>) = (2, failed.map(|it| it.0).collect());
            for it in failed {
                left -= 1;
                desk.unlink(&waits.number, LinkRelation::SettledBy, &it.number).await.unwrap();
            }
            if 0 < left {
                desk.until(&waits.id, |it| it.state() != TicketState::OnHold).await;
            }
        }
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_takes_along_what_settles_and_what_is_settled_and_the_assets() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::with(settings, &[super::stage::BROKEN]);
        for tag in ["G-1", "G-2", "G-3"] {
            desk.asset(tag, "server", &[]).await;
        }
        // Of two planned changes one goes.
        let waits = desk.incident("ada", "G-1").await;
        let request =
            v1::OpenChangeRequest { settles: vec![waits.number.clone()], ..desk.opening("", &["G-1"]) };
        let gone = desk.changes().open_change(request).await.unwrap().into_inner().ticket.unwrap();
        desk.go(&waits.id, TicketState::OnHold).await.unwrap();
        let stays = desk.open("", &["G-2"]).await;
        desk.merge(&gone.id, &stays.id).await.unwrap();
        let tags = |it: &v1::Ticket| {
            let mut all: Vec<_> = it.assets.iter().map(|it| it.tag.clone()).collect();
            all.sort();
            all
        };
        let merged = desk
            .until(&stays.id, |it| tags(it).len() == 2 && !tied(it, LinkRelation::Settles).is_empty())
            .await;
        assert_eq!(
            (tags(&merged), tied(&merged, LinkRelation::Settles)),
            (vec!["G-1".to_owned(), "G-2".to_owned()], vec![waits.number.clone()])
        );
        let bound = desk.until(&waits.id, |it| tied(it, LinkRelation::SettledBy).len() == 2).await;
        assert_eq!(bound.state(), TicketState::OnHold);
        let id = stays.id.as_str();
        desk.plan(id, plan(window(1, 1))).await.unwrap();
        desk.submit(id).await.unwrap();
        desk.say(id, "infrastructure-1", v1::ApprovalWord::Approve).await;
        desk.schedule(id).await.unwrap();
        desk.go(id, TicketState::InProgress).await.unwrap();
        desk.go(id, TicketState::Resolved).await.unwrap();
        desk.review(id, ChangeOutcome::Successful, "").await.unwrap();
        desk.until(&waits.id, |it| it.state() != TicketState::OnHold).await;

        // Of two incidents one goes, and the other waits for what it waited for.
        let (first, second) = (desk.incident("bo", "G-3").await, desk.incident("eve", "G-1").await);
        let request =
            v1::OpenChangeRequest { settles: vec![first.number.clone()], ..desk.opening("", &["G-3"]) };
        let change = desk.changes().open_change(request).await.unwrap().into_inner().ticket.unwrap();
        desk.merge(&first.id, &second.id).await.unwrap();
        let survivor = desk.until(&second.id, |it| tags(it).len() == 2).await;
        assert_eq!(tied(&survivor, LinkRelation::SettledBy), [change.number.as_str()]);
        desk.until(&change.id, |it| tied(it, LinkRelation::Settles).contains(&second.number)).await;

        // What is scheduled does not grow by a merge.
        let scheduled = desk.standard(&["G-2"], window(40, 1)).await;
        let other = desk.open("standard_change", &["G-3"]).await;
        let refused = desk.merge(&other.id, &scheduled.id).await.unwrap_err();
        assert_eq!(reason(&refused), "AS_AGREED", "{refused}");
        assert!(refused.message().contains(&scheduled.number), "{refused}");
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_no_change_any_more_goes_on() {
    let desk = Desk::start(Settings::default());
    let incident = desk.incident("ada", "").await;
    let request = v1::OpenChangeRequest { settles: vec![incident.number.clone()], ..desk.opening("", &[]) };
    let change = desk.changes().open_change(request).await.unwrap().into_inner().ticket.unwrap();
    desk.until(&incident.id, |it| !tied(it, LinkRelation::SettledBy).is_empty()).await;
    desk.go(&incident.id, TicketState::OnHold).await.unwrap();
    desk.go(&change.id, TicketState::Cancelled).await.unwrap();
    desk.unlink(&incident.id, LinkRelation::SettledBy, &change.number).await.unwrap();
    desk.until(&incident.id, |it| it.state() != TicketState::OnHold).await;
    assert!(desk.notes(&incident.id).await.iter().any(|it| it.contains("It waits for no change any more.")));
}
