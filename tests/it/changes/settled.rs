//! What waits for a change.

use ticket_dispatch::proto::v1::{
    self, ChangeOutcome, HoldReason, LinkRelation, TicketState, problem_service_client::ProblemServiceClient,
};

use super::stage::{Desk, plan, reason, tied, window};
use crate::parts::postgres::settings_of_both;

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

        // Two that settle it: it goes on when the last of them is done.
        let (first, second) = (resolved(&desk, &[&waits]).await, resolved(&desk, &[&waits, &problem]).await);
        desk.review(&first.id, ChangeOutcome::Successful, "").await.unwrap();
        desk.until(&waits.id, |it| it.comments == 2).await;
        assert_eq!(desk.ticket(&waits.id).await.hold_reason(), HoldReason::Change);
        desk.review(&second.id, ChangeOutcome::Successful, "").await.unwrap();
        let back = desk.until(&waits.id, |it| it.state() != TicketState::OnHold).await;
        let at_work = if back.agent.is_empty() { TicketState::Assigned } else { TicketState::InProgress };
        assert_eq!(back.state(), at_work, "its agent goes on");
        assert_eq!(desk.notes(&waits.id).await[2], format!("{} is done.", second.number));
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
