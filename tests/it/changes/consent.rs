//! Who agrees to a change, to what, and what waits for it.

use ticket_dispatch::proto::v1::{
    self, ApprovalWord, AssetCriticality, ChangeRiskLevel, TicketState,
    people_service_client::PeopleServiceClient, task_service_client::TaskServiceClient,
};
use tonic::Code;

use super::stage::{Desk, plan, reason, window};
use crate::{app::Settings, parts::postgres::settings_of_both};

/// A plan of four points with the starter's questions: moderate.
fn moderate(from: i64) -> v1::ChangePlan {
    let mut plan = plan(window(from, 1));
    plan.answers[0].option = "long".into();
    plan.answers[1].option = "once".into();
    plan
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scheduling_reckons_the_risk_anew_and_skips_no_step_of_consent() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let rules = "changes: { risk: { moderate: 2, high: 4 } }\nfreezes: []\nmaintenance_windows: []\n";
        let mut agreed = vec![];
        for at in 0..3_i64 {
            let tag = format!("SRV-{at}");
            desk.asset(&tag, "server", &[]).await;
            desk.mend_asset(&tag, |it| it.criticality = AssetCriticality::Low.into()).await;
            let change = desk.open("", &[&tag]).await;
            desk.plan(&change.id, moderate(24 + 4 * at)).await.unwrap();
            desk.submit(&change.id).await.unwrap();
            desk.say(&change.id, "infrastructure-1", ApprovalWord::Approve).await;
            agreed.push(change.id);
        }
        // An asset becomes critical, and somebody is quick.
        desk.mend_asset("SRV-0", |it| it.criticality = AssetCriticality::High.into()).await;
        let riskier = desk.schedule(&agreed[0]).await.unwrap_err();
        assert_eq!((riskier.code(), reason(&riskier).as_str()), (Code::FailedPrecondition, "NOT_AGREED"));
        desk.until(&agreed[0], |it| it.plan.clone().unwrap().risk.unwrap().level() == ChangeRiskLevel::High)
            .await;
        assert_eq!(desk.check(&agreed[0]).await.risk.unwrap().level(), ChangeRiskLevel::High);
        // The desk rates stricter.
        desk.apply(&[("changes.yaml", rules)]).await;
        assert_eq!(desk.check(&agreed[1]).await.risk.unwrap().level(), ChangeRiskLevel::High);
        let riskier = desk.schedule(&agreed[1]).await.unwrap_err();
        assert_eq!(reason(&riskier), "NOT_AGREED");
        assert!(riskier.message().contains("SubmitChange"), "{riskier}");
        let again = desk.submit(&agreed[1]).await.unwrap();
        assert_eq!(again.plan.unwrap().risk.unwrap().level(), ChangeRiskLevel::High);
        assert_eq!(again.approval.unwrap().steps.len(), 2, "the board is asked now");
        // Less risk than was agreed to needs no other consent.
        desk.apply(&[(
            "changes.yaml",
            "changes: { risk: { moderate: 50, high: 60 } }\nfreezes: []\nmaintenance_windows: []\n",
        )])
        .await;
        let scheduled = desk.schedule(&agreed[2]).await.unwrap();
        assert_eq!(scheduled.state(), TicketState::Scheduled);
        assert_eq!(scheduled.plan.unwrap().risk.unwrap().level(), ChangeRiskLevel::Low);
        assert!(scheduled.approval.unwrap().ending.is_some(), "it stays agreed to");
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_planned_a_change_does_not_agree_to_it() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    desk.act_as("network-1", "agent");
    let change = desk.open("", &[]).await;
    desk.act_as("infrastructure-1", "agent");
    desk.plan(&change.id, plan(window(24, 1))).await.unwrap();
    desk.act_as("infrastructure-2", "agent");
    desk.submit(&change.id).await.unwrap();
    for author in ["infrastructure-1", "infrastructure-2"] {
        desk.act_as(author, "agent");
        let round = (ApprovalWord::Approve, Some(1));
        let own = desk.try_to_say(&change.id, author, round).await.unwrap_err();
        assert_eq!((own.code(), reason(&own).as_str()), (Code::PermissionDenied, "OWN_PLAN"), "{own}");
        assert!(own.message().contains("infrastructure-3"), "{own}");
    }
    desk.act_as("infrastructure-3", "agent");
    desk.say(&change.id, "infrastructure-3", ApprovalWord::Approve).await;
    assert_eq!(desk.ticket(&change.id).await.state(), TicketState::Assigned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_planned_it_is_asked_where_nobody_else_can_be_and_a_note_says_so() {
    let starter = ticket_dispatch::catalog::starter();
    let people = starter.into_iter().find(|it| it.name == "people.yaml").unwrap().content;
    let is_theirs =
        |it: &&str| it.contains("groups: [servicedesk]") || it.contains("groups: [infrastructure]");
    let mut few: String = people.lines().filter(|it| !is_theirs(it)).map(|it| format!("{it}\n")).collect();
    few.push_str("  - { id: solo, name: Solo, groups: [servicedesk, infrastructure] }\n");
    let settings = Settings::default().env("DISPATCH_AUTH_MODE", "tokens");
    let desk = Desk::with(settings, &[("people.yaml", &few)]);
    desk.act_as("network-1", "agent");
    let change = desk.open("", &[]).await;
    desk.act_as("solo", "agent");
    desk.plan(&change.id, plan(window(24, 1))).await.unwrap();
    desk.submit(&change.id).await.unwrap();
    let note = "Nobody else can be found who may agree: solo has planned or submitted it, and is asked.";
    assert_eq!(desk.notes(&change.id).await, [note]);
    desk.say(&change.id, "solo", ApprovalWord::Approve).await;
    assert_eq!(desk.ticket(&change.id).await.state(), TicketState::Assigned);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_word_without_a_round_counts_for_the_first_one_only() {
    let desk = Desk::start(Settings::default());
    let change = desk.open("", &[]).await;
    let id = change.id.as_str();
    desk.plan(id, plan(window(24, 1))).await.unwrap();
    desk.submit(id).await.unwrap();
    let wipe = v1::ChangePlan { implementation: "Wipe the disks".into(), ..plan(window(24, 1)) };
    desk.plan(id, wipe).await.unwrap();
    for word in [ApprovalWord::Approve, ApprovalWord::Reject] {
        let blind = desk.try_to_say(id, "infrastructure-1", (word, None)).await.unwrap_err();
        assert_eq!(reason(&blind), "REQUEST_CHANGED", "{blind}");
        assert!(blind.message().contains("round 2"), "{blind}");
    }
    desk.try_to_say(id, "infrastructure-1", (ApprovalWord::Approve, Some(2))).await.unwrap();
    assert_eq!(desk.ticket(id).await.state(), TicketState::Assigned);
    let other = desk.open("", &[]).await;
    desk.plan(&other.id, plan(window(24, 1))).await.unwrap();
    desk.submit(&other.id).await.unwrap();
    desk.try_to_say(&other.id, "infrastructure-1", (ApprovalWord::Approve, None)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_is_agreed_to_first_and_gets_its_window_afterwards() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let change = desk.open("emergency_change", &[]).await;
        let id = change.id.as_str();
        let without = || v1::ChangePlan { window: None, answers: vec![], ..plan(window(1, 1)) };
        desk.plan(id, without()).await.unwrap();
        desk.submit(id).await.unwrap();
        desk.say(id, "security-1", ApprovalWord::Approve).await;
        let nowhere = desk.schedule(id).await.unwrap_err();
        assert!(nowhere.message().contains("window"), "{nowhere}");
        // When it is done is not what was agreed to; what is done is.
        let when = v1::ChangePlan { window: Some(window(1, 1)), ..without() };
        let planned = desk.plan(id, when).await.unwrap();
        assert!(planned.approval.unwrap().ending.is_some(), "it stays agreed to");
        let scheduled = desk.schedule(id).await.unwrap();
        assert_eq!(scheduled.state(), TicketState::Scheduled);
        desk.go(id, TicketState::Assigned).await.unwrap();
        let other = v1::ChangePlan { implementation: "Wipe the disks".into(), ..without() };
        desk.plan(id, other).await.unwrap();
        assert_eq!(reason(&desk.schedule(id).await.unwrap_err()), "NOT_AGREED");
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_of_a_change_wait_for_consent() {
    let desk = Desk::start(Settings::default());
    let change = desk.open("", &[]).await;
    let id = change.id.as_str();
    let mut tasks = TaskServiceClient::new(desk.app.channel());
    let add = v1::AddTaskRequest {
        request_id: desk.request(),
        ticket: id.into(),
        task: "backup".into(),
        label: "Take a backup".into(),
        ..Default::default()
    };
    let added = tasks.add_task(add).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(added.tasks[0].state(), v1::TaskState::Waiting);
    let finish = || v1::FinishTaskRequest {
        request_id: desk.request(),
        ticket: id.into(),
        task: "backup".into(),
        ..Default::default()
    };
    let early = tasks.finish_task(finish()).await.unwrap_err();
    assert_eq!((early.code(), reason(&early).as_str()), (Code::FailedPrecondition, "NOT_AGREED"));
    desk.plan(id, plan(window(24, 1))).await.unwrap();
    desk.submit(id).await.unwrap();
    assert!(tasks.finish_task(finish()).await.is_err());
    desk.say(id, "infrastructure-1", ApprovalWord::Approve).await;
    assert_eq!(desk.ticket(id).await.tasks[0].state(), v1::TaskState::Ready);
    tasks.finish_task(finish()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_have_what_is_touched_make_a_change_more_risky() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.asset("FS-1", "server", &[]).await;
        let change = desk.open("", &["FS-1"]).await;
        assert_eq!(change.affected_people_count, 0);
        for at in 0..11 {
            let user = format!("user{at}");
            let person = v1::Profile { user_name: user.clone(), ..Default::default() };
            let request = v1::PutPersonRequest {
                request_id: desk.request(),
                person: Some(person),
                expected_version: 0,
            };
            PeopleServiceClient::new(desk.app.channel()).put_person(request).await.unwrap();
            // Ten people, of whom one has two.
            let (tag, owner) = (format!("PC-{at}"), if at == 10 { "user0".to_owned() } else { user });
            desk.asset(&tag, "laptop", &[]).await;
            desk.mend_asset(&tag, |it| it.owner = owner).await;
            desk.hang(&tag, "FS-1").await;
        }
        let risk = desk.check(&change.id).await.risk.unwrap();
        let reasons: Vec<_> = risk.reasons.iter().map(|it| it.what.as_str()).collect();
        assert!(reasons.contains(&"10 people have any of these"), "{reasons:?}");
        let kept = desk.until(&change.id, |it| it.affected_people_count == 10).await;
        assert_eq!(kept.plan.unwrap().risk.unwrap().points, risk.points);
        desk.is_what_its_events_give().await;
    }
}
