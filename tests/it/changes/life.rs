//! From the plan to the review.

use ticket_dispatch::proto::v1::{
    self, ApprovalWord, ChangeOutcome, ChangeRiskLevel, TicketState, event::Fact,
};
use tonic::Code;

use super::stage::{Desk, plan, reason, window};
use crate::{app::Settings, parts::postgres::settings_of_both};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_normal_change_is_planned_agreed_to_scheduled_carried_out_and_reviewed() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.asset("SRV-1", "server", &[]).await;
        let opened = desk.open("", &["SRV-1"]).await;
        assert!(opened.number.starts_with("CHG-") && opened.kind() == v1::TicketKind::Change, "{opened:?}");
        assert_eq!((opened.state(), opened.approval.is_none()), (TicketState::Assigned, true));
        assert_eq!(opened.assets.iter().map(|it| it.tag.as_str()).collect::<Vec<_>>(), ["SRV-1"]);
        let id = opened.id.as_str();

        // All that is missing is named at once.
        let early = desk.submit(id).await.unwrap_err();
        assert_eq!(reason(&early), "PLAN_INCOMPLETE");
        for part in ["implementation", "back_out", "test", "window", "answers.downtime", "answers.back_out"] {
            assert!(early.message().contains(part), "{early}");
        }
        assert_eq!(desk.check(id).await.missing.len(), 7);

        let planned = desk.plan(id, plan(window(24, 2))).await.unwrap();
        assert_eq!(planned.plan.unwrap().risk.unwrap().level(), ChangeRiskLevel::Low);
        let unasked = desk.schedule(id).await.unwrap_err();
        assert_eq!(reason(&unasked), "NOT_AGREED");
        let submitted = desk.submit(id).await.unwrap();
        assert_eq!(submitted.state(), TicketState::WaitingApproval);
        assert_eq!(submitted.approval.unwrap().round, 1);
        let asked = desk.history(id).await.into_iter().find_map(|it| match it.fact {
            Some(Fact::ApprovalAsked(it)) => it.notices.into_iter().next(),
            _ => None,
        });
        let question = asked.unwrap().text;
        for part in ["risk low", "How: Install the new firmware", "Way back: Boot the old image"] {
            assert!(question.contains(part), "{question}");
        }
        let granted = desk.say(id, "infrastructure-1", ApprovalWord::Approve).await;
        assert_eq!(granted.approval.unwrap().ending.unwrap().outcome(), v1::ApprovalOutcome::Granted);
        assert_eq!(desk.ticket(id).await.state(), TicketState::Assigned);

        // Nobody carries out what is not scheduled.
        let unscheduled = desk.go(id, TicketState::InProgress).await.unwrap_err();
        assert_eq!(unscheduled.code(), Code::FailedPrecondition);
        let scheduled = desk.schedule(id).await.unwrap();
        assert_eq!(scheduled.state(), TicketState::Scheduled);
        assert_eq!(scheduled.schedule.as_ref().unwrap().window, scheduled.plan.as_ref().unwrap().window);
        let under_way = desk.go(id, TicketState::InProgress).await.unwrap();
        assert!(under_way.begin_time.is_some());
        let left = desk.go(id, TicketState::Cancelled).await.unwrap_err();
        assert_eq!(reason(&left), "NO_SUCH_MOVE", "what was begun is brought to an end");
        desk.go(id, TicketState::Resolved).await.unwrap();
        let unreviewed = desk.go(id, TicketState::Closed).await.unwrap_err();
        assert_eq!(reason(&unreviewed), "UNREVIEWED");
        let silent = desk.review(id, ChangeOutcome::WithProblems, "").await.unwrap_err();
        assert!(silent.message().contains("text: is required"), "{silent}");
        let closed = desk.review(id, ChangeOutcome::WithProblems, "One port stayed down").await.unwrap();
        assert_eq!(closed.state(), TicketState::Closed);
        assert_eq!(closed.review.unwrap().text, "One port stayed down");

        let facts: Vec<_> = desk.history(id).await.into_iter().filter_map(|it| it.fact).collect();
        let count = |is: fn(&Fact) -> bool| facts.iter().filter(|it| is(it)).count();
        assert_eq!(count(|it| matches!(it, Fact::TicketPlanned(_))), 1);
        assert_eq!(count(|it| matches!(it, Fact::TicketScheduled(_))), 1);
        assert_eq!(count(|it| matches!(it, Fact::TicketReviewed(_))), 1);
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standard_change_is_scheduled_without_asking_and_carried_out_as_agreed() {
    let desk = Desk::start(Settings::default());
    let change = desk.open("standard_change", &[]).await;
    let texts = change.plan.as_ref().unwrap();
    assert!(texts.implementation.contains("tested updates") && texts.back_out.contains("snapshot"));
    let other = v1::ChangePlan { window: Some(window(3, 1)), test: "None".into(), ..Default::default() };
    let wrong = desk.plan(&change.id, other).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    assert!(wrong.message().contains("plan.test: is not what was agreed to"), "{wrong}");
    let unplanned = desk.submit(&change.id).await.unwrap_err();
    assert!(unplanned.message().contains("missing are window"), "{unplanned}");
    let only = v1::ChangePlan { window: Some(window(3, 1)), ..Default::default() };
    let planned = desk.plan(&change.id, only).await.unwrap();
    assert_eq!(planned.plan.unwrap().implementation, texts.implementation);
    let scheduled = desk.submit(&change.id).await.unwrap();
    assert_eq!((scheduled.state(), scheduled.approval.is_none()), (TicketState::Scheduled, true));
    desk.go(&change.id, TicketState::InProgress).await.unwrap();
    let resolved = desk.go(&change.id, TicketState::Resolved).await.unwrap();
    assert!(resolved.next_look_time.is_some(), "it closes by itself");
    desk.go(&change.id, TicketState::Closed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_normal_change_does_not_close_by_itself() {
    let desk = Desk::start(Settings::default());
    let change = desk.under_way(&[]).await;
    let resolved = desk.go(&change.id, TicketState::Resolved).await.unwrap();
    assert!(resolved.next_look_time.is_none(), "{resolved:?}");
    desk.review(&change.id, ChangeOutcome::Successful, "").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_plan_begins_consent_anew_and_what_is_scheduled_stays_as_agreed() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.asset("SRV-1", "server", &[]).await;
        let change = desk.open("", &[]).await;
        let id = change.id.as_str();
        desk.plan(id, plan(window(24, 2))).await.unwrap();
        desk.submit(id).await.unwrap();
        // While others look at it.
        let again = desk.plan(id, plan(window(48, 2))).await.unwrap();
        assert_eq!((again.state(), again.approval.unwrap().round), (TicketState::WaitingApproval, 2));
        // The same again is no other.
        let same = v1::ChangePlan { risk: None, r#type: 0, authors: vec![], ..again.plan.unwrap() };
        assert_eq!(desk.plan(id, same).await.unwrap().approval.unwrap().round, 2);
        // Other assets are another change.
        desk.link_asset(id, "SRV-1").await.unwrap();
        assert_eq!(desk.ticket(id).await.approval.unwrap().round, 3);
        desk.say(id, "infrastructure-1", ApprovalWord::Approve).await;
        // After all have agreed.
        let lapsed = desk.plan(id, plan(window(72, 2))).await.unwrap();
        assert_eq!(lapsed.state(), TicketState::Assigned);
        let unagreed = desk.schedule(id).await.unwrap_err();
        assert_eq!(reason(&unagreed), "NOT_AGREED");
        desk.submit(id).await.unwrap();
        desk.say(id, "infrastructure-1", ApprovalWord::Approve).await;
        desk.schedule(id).await.unwrap();
        let fixed = desk.plan(id, plan(window(96, 2))).await.unwrap_err();
        assert_eq!(reason(&fixed), "AS_AGREED");
        desk.asset("SRV-2", "server", &[]).await;
        let fixed = desk.link_asset(id, "SRV-2").await.unwrap_err();
        assert_eq!(reason(&fixed), "AS_AGREED");
        let back = desk.go(id, TicketState::Assigned).await.unwrap();
        assert!(back.schedule.is_none());
        desk.plan(id, plan(window(96, 2))).await.unwrap();
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_risk_needs_more_consent_and_a_no_ends_it() {
    let desk = Desk::start(Settings::default());
    let change = desk.open("", &[]).await;
    let id = change.id.as_str();
    let mut risky = plan(window(24, 2));
    for (at, option) in ["long", "never", "hardly"].into_iter().enumerate() {
        risky.answers[at].option = option.into();
    }
    let planned = desk.plan(id, risky).await.unwrap();
    let risk = planned.plan.unwrap().risk.unwrap();
    assert_eq!((risk.level(), risk.points, risk.reasons.len()), (ChangeRiskLevel::High, 8, 3));
    assert_eq!(risk.reasons[0].what, "How long is it down? For longer");
    let submitted = desk.submit(id).await.unwrap();
    let steps: Vec<_> = submitted.approval.unwrap().steps.into_iter().map(|it| it.id).collect();
    assert_eq!(steps, ["owner", "board"]);
    // Less risk, and the board is not asked any more.
    let calmer = desk.plan(id, plan(window(24, 2))).await.unwrap();
    assert_eq!(calmer.approval.unwrap().steps.len(), 1);
    desk.say(id, "infrastructure-1", ApprovalWord::Reject).await;
    assert_eq!(desk.ticket(id).await.state(), TicketState::Cancelled, "as any request that is refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_on_hold_goes_on_where_it_was_and_its_tasks_are_done_first() {
    let steps = "      type: normal
    steps:
      - { id: backup, label: { en: Take a backup, zh: 备份 } }
";
    let starter = ticket_dispatch::catalog::starter();
    let templates = starter.into_iter().find(|it| it.name == "templates-changes.yaml").unwrap().content;
    let (before, behind) = templates.split_once("      type: normal\n").unwrap();
    let (risk, behind) = behind.split_once("    approval:\n").unwrap();
    let (kind, steps) = steps.split_once("    steps:").unwrap();
    let templates = format!("{before}{kind}{risk}    steps:{steps}    approval:\n{behind}");
    let desk = Desk::with(Settings::default(), &[("templates-changes.yaml", &templates)]);
    let change = desk.under_way(&[]).await;
    let id = change.id.as_str();
    desk.go(id, TicketState::OnHold).await.unwrap();
    let again = desk.go(id, TicketState::Assigned).await.unwrap_err();
    assert_eq!(reason(&again), "BEGUN");
    desk.go(id, TicketState::InProgress).await.unwrap();
    let open = desk.go(id, TicketState::Resolved).await.unwrap_err();
    assert_eq!(reason(&open), "TASKS_OPEN");
    // One that is only planned does not begin by being on hold.
    let planned = desk.open("", &[]).await;
    desk.go(&planned.id, TicketState::OnHold).await.unwrap();
    let early = desk.go(&planned.id, TicketState::InProgress).await.unwrap_err();
    assert_eq!(reason(&early), "NOT_SCHEDULED");
}
