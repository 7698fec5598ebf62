//! Freeze periods and maintenance windows, and what goes through in spite of them.

use ticket_dispatch::{
    domain::time::Timestamp,
    proto::v1::{self, ApprovalWord, TicketState},
};
use tonic::{Code, Request};

use super::stage::{Desk, hours, plan, reason, span, window};
use crate::{app::Settings, parts::postgres::settings_of_both};

/// Everything of hosting is frozen in the days from the second to the fourth from now.
fn frozen() -> String {
    let at = |count| hours(count).rfc3339().replace('T', " ")[..16].to_owned();
    format!(
        "freezes:
  - id: audit
    label: {{ en: Audit, zh: 审计 }}
    zone: UTC
    from: \"{}\"
    to: \"{}\"
    services: [hosting]
    reason: The auditors are in the house
maintenance_windows: []
",
        at(48),
        at(96)
    )
}

const NIGHTS: &str = "calendars:
  - { id: nights, zone: UTC, hours: { sat: \"22:00-24:00\", sun: \"00:00-06:00\" } }
freezes: []
maintenance_windows:
  - { id: server_nights, label: { en: Server nights, zh: 维护夜 }, calendar: nights, asset_types: [server] }
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freeze_period_stops_a_normal_change_names_the_next_window_and_a_manager_may_say_why_not() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::with(settings, &[("changes.yaml", &frozen())]);
        let change = desk.agreed(&[], window(50, 2)).await;
        let id = change.id.as_str();
        let check = desk.check(id).await;
        assert_eq!(check.freezes.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["audit"]);
        assert_eq!(check.freezes[0].reason, "The auditors are in the house");
        let next = check.next_window.unwrap();
        let stopped = desk.schedule(id).await.unwrap_err();
        assert_eq!((stopped.code(), reason(&stopped).as_str()), (Code::FailedPrecondition, "WINDOW_BARRED"));
        for part in ["`audit`", "The auditors are in the house", "the next one that fits is"] {
            assert!(stopped.message().contains(part), "{stopped}");
        }
        let scheduled = desk.schedule_with(id, "The certificate ends tonight", &[]).await.unwrap();
        let place = scheduled.schedule.unwrap();
        assert_eq!(
            (place.freezes.as_slice(), place.reason.as_str()),
            (&["audit".to_owned()][..], "The certificate ends tonight")
        );
        // What was proposed goes through without a word.
        let other = desk.agreed(&[], next).await;
        let place = desk.schedule(&other.id).await.unwrap().schedule.unwrap();
        assert!(place.freezes.is_empty() && place.reason.is_empty());
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_manager_overrides_and_only_a_manager_reviews() {
    let settings = Settings::default().env("DISPATCH_AUTH_MODE", "tokens");
    let desk = Desk::with(settings, &[("changes.yaml", &frozen())]);
    let tokens = ["agent", "manager", "bot"].map(|role| desk.app.token("default", role));
    let as_role = |at: usize| format!("Bearer {}", tokens[at]);
    fn with<T>(bearer: &str, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", bearer.parse().unwrap());
        request
    }
    let (agent, manager) = (as_role(0), as_role(1));
    let opened = desk.changes().open_change(with(&agent, desk.opening("standard_change", &[]))).await;
    let change = opened.unwrap().into_inner().ticket.unwrap();
    let window = v1::ChangePlan { window: Some(window(50, 2)), ..Default::default() };
    let planning = v1::PlanChangeRequest {
        request_id: desk.request(),
        change: change.id.clone(),
        plan: Some(window),
        expected_version: 0,
    };
    desk.changes().plan_change(with(&agent, planning)).await.unwrap();
    let scheduling = || desk.scheduling(&change.id, "I say so", &[]);
    let stopped = desk.changes().schedule_change(with(&agent, scheduling())).await.unwrap_err();
    assert_eq!(reason(&stopped), "WINDOW_BARRED");
    assert!(stopped.message().contains("a manager may schedule it all the same"), "{stopped}");
    let goes = desk.changes().schedule_change(with(&manager, scheduling())).await;
    assert_eq!(goes.unwrap().into_inner().ticket.unwrap().state(), TicketState::Scheduled);
    let review = v1::ReviewChangeRequest {
        request_id: desk.request(),
        change: change.id.clone(),
        outcome: v1::ChangeOutcome::Successful.into(),
        ..Default::default()
    };
    let forbidden = desk.changes().review_change(with(&agent, review)).await.unwrap_err();
    assert_eq!(forbidden.code(), Code::PermissionDenied);
    let bot = desk.changes().open_change(with(&as_role(2), desk.opening("", &[]))).await.unwrap_err();
    assert_eq!(bot.code(), Code::PermissionDenied, "employees open no changes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freeze_period_does_not_stop_an_emergency_but_somebody_says_why() {
    for (settings, _database) in settings_of_both() {
        let nights = NIGHTS.replace("freezes: []\n", "");
        let frozen = frozen().replace("maintenance_windows: []\n", "");
        let desk = Desk::with(settings, &[("changes.yaml", &frozen), ("0-nights.yaml", &nights)]);
        desk.asset("SRV-1", "server", &[]).await;
        let change = desk.open("emergency_change", &["SRV-1"]).await;
        let id = change.id.as_str();
        // No test, no answers: it cannot wait.
        let few = v1::ChangePlan { test: String::new(), answers: vec![], ..plan(window(50, 2)) };
        desk.plan(id, few).await.unwrap();
        let early = desk.schedule(id).await.unwrap_err();
        assert_eq!(reason(&early), "NOT_AGREED", "somebody agrees to an emergency as well");
        desk.submit(id).await.unwrap();
        desk.say(id, "security-1", ApprovalWord::Approve).await;
        let silent = desk.schedule(id).await.unwrap_err();
        assert_eq!(reason(&silent), "WINDOW_BARRED");
        assert!(silent.message().contains("an emergency goes through with an override_reason"), "{silent}");
        assert!(!silent.message().contains("server_nights"), "it keeps to no maintenance window: {silent}");
        let scheduled = desk.schedule_with(id, "The hole is being used", &[]).await.unwrap();
        let place = scheduled.schedule.unwrap();
        assert_eq!((place.freezes.as_slice(), place.windows.len()), (&["audit".to_owned()][..], 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_maintenance_windows_is_changed_within_them() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::with(settings, &[("changes.yaml", NIGHTS)]);
        desk.asset("SRV-1", "server", &[]).await;
        desk.asset("PRN-1", "printer", &[]).await;
        let change = desk.open("standard_change", &["SRV-1"]).await;
        let id = change.id.as_str();
        let free = desk.check(id).await.next_window.unwrap();
        let (start, end) = (free.start_time.unwrap().seconds, free.end_time.unwrap().seconds);
        assert_eq!(end - start, 3600, "an hour where none is planned");
        let at = Timestamp::from_second;
        // The day before a night begins is never within one.
        let before = span(at(start - 30 * 3600), at(start - 29 * 3600));
        let behind = span(at(start + 10 * 3600), at(start + 11 * 3600));
        let before = if start - 30 * 3600 > hours(1).second() { before } else { behind };
        let only = |window| v1::ChangePlan { window: Some(window), ..Default::default() };
        desk.plan(id, only(before)).await.unwrap();
        let check = desk.check(id).await;
        assert_eq!(check.windows.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["server_nights"]);
        let stopped = desk.schedule(id).await.unwrap_err();
        assert!(stopped.message().contains("maintenance window `server_nights`"), "{stopped}");
        desk.plan(id, only(free)).await.unwrap();
        desk.schedule(id).await.unwrap();
        // What has none is changed whenever.
        let printer = desk.open("standard_change", &["PRN-1"]).await;
        desk.plan(&printer.id, only(before)).await.unwrap();
        desk.schedule(&printer.id).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_listed_by_when_they_are_carried_out() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.asset("SRV-1", "server", &[]).await;
        let first = desk.agreed(&["SRV-1"], window(10, 2)).await;
        let second = desk.open("standard_change", &[]).await;
        let only = v1::ChangePlan { window: Some(window(30, 2)), ..Default::default() };
        desk.plan(&second.id, only).await.unwrap();
        desk.submit(&second.id).await.unwrap();
        let list = |request: v1::ListChangesRequest| {
            let mut changes = desk.changes();
            async move {
                let found = changes.list_changes(request).await.unwrap().into_inner();
                found.changes.into_iter().map(|it| it.number).collect::<Vec<_>>()
            }
        };
        let all = v1::ListChangesRequest::default();
        assert_eq!(list(all.clone()).await, [first.number.as_str(), &second.number]);
        let scheduled = vec![TicketState::Scheduled.into()];
        assert_eq!(
            list(v1::ListChangesRequest { states: scheduled, ..all.clone() }).await,
            [second.number.as_str()]
        );
        let asset = "srv-1".to_owned();
        assert_eq!(list(v1::ListChangesRequest { asset, ..all.clone() }).await, [first.number.as_str()]);
        let service = "network".to_owned();
        assert!(list(v1::ListChangesRequest { service, ..all.clone() }).await.is_empty());
        // Half-open on both sides: what ends when the span begins is not in it.
        let end = second.plan.clone().and_then(|it| it.window);
        assert!(end.is_none(), "it had none when it was opened");
        let planned = desk.ticket(&second.id).await.plan.unwrap().window.unwrap();
        let behind = v1::ListChangesRequest { from: planned.end_time, ..all.clone() };
        assert!(list(behind).await.is_empty());
        let before = v1::ListChangesRequest { to: planned.start_time, ..all.clone() };
        assert_eq!(list(before).await, [first.number.as_str()]);
        let backwards = v1::ListChangesRequest { from: planned.end_time, to: planned.start_time, ..all };
        let wrong = desk.changes().list_changes(backwards).await.unwrap_err();
        assert!(wrong.message().contains("to: is not after"), "{wrong}");
    }
}
