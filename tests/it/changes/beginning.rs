//! When a change is begun, and taken up again: in its window, in no freeze period, and while nobody else changes the same.

use ticket_dispatch::{
    domain::time::Timestamp,
    proto::{
        time::time_to,
        v1::{self, ApprovalWord, ChangeConflictKind, TicketState},
    },
};
use tonic::Code;

use super::stage::{Desk, hours, plan, reason, window};
use crate::{
    app::Settings,
    parts::{installed::Part, postgres::settings_of_both},
};

/// A desk with a clock, on which everybody says who they are.
fn with_tokens() -> Option<Desk> {
    if Part::Faketime.is_missing() {
        return None;
    }
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens").clock());
    desk.act_as("head-1", "admin");
    Some(desk)
}

/// A plan where nothing is asked.
fn unasked(window: v1::TimeSpan) -> v1::ChangePlan {
    v1::ChangePlan { answers: vec![], ..plan(window) }
}

fn set(desk: &Desk, minutes: i64) {
    let at = Timestamp::from_second(hours(0).second() + minutes * 60);
    desk.app.set_clock(&at.rfc3339());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_begins_within_the_window_and_a_manager_says_why_not() {
    let Some(desk) = with_tokens() else { return };
    let first = desk.standard(&[], window(2, 2)).await;
    let second = desk.standard(&[], window(2, 2)).await;
    desk.act_as("infrastructure-1", "agent");
    let early = desk.go(&first.id, TicketState::InProgress).await.unwrap_err();
    assert_eq!((early.code(), reason(&early).as_str()), (Code::FailedPrecondition, "NOT_NOW"));
    assert!(early.message().contains("its window is from"), "{early}");
    desk.act_as("head-1", "manager");
    let silent = desk.go_saying(&first.id, TicketState::InProgress, "").await.unwrap_err();
    assert_eq!(reason(&silent), "NOT_NOW", "who answers for the desk says why");
    assert!(silent.message().contains("comment"), "{silent}");
    desk.go_saying(&first.id, TicketState::InProgress, "The hall is empty today").await.unwrap();
    set(&desk, 150);
    desk.act_as("infrastructure-1", "agent");
    desk.go_saying(&second.id, TicketState::InProgress, "").await.unwrap();
    let late = desk.standard(&[], window(3, 1)).await;
    set(&desk, 241);
    let late = desk.go(&late.id, TicketState::InProgress).await.unwrap_err();
    assert_eq!(reason(&late), "NOT_NOW");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_up_again_obeys_the_calendar_as_what_is_begun() {
    let Some(desk) = with_tokens() else { return };
    let done = desk.standard(&[], window(1, 1)).await;
    let halted = desk.standard(&[], window(1, 1)).await;
    desk.act_as("infrastructure-1", "agent");
    set(&desk, 70);
    for it in [&done, &halted] {
        desk.go_saying(&it.id, TicketState::InProgress, "").await.unwrap();
    }
    desk.go(&done.id, TicketState::Resolved).await.unwrap();
    // Within its window it is taken up again as it was begun.
    desk.go(&done.id, TicketState::InProgress).await.unwrap();
    desk.go(&done.id, TicketState::Resolved).await.unwrap();
    desk.go(&halted.id, TicketState::OnHold).await.unwrap();
    set(&desk, 130);
    for it in [&done, &halted] {
        let refused = desk.go(&it.id, TicketState::InProgress).await.unwrap_err();
        assert_eq!(reason(&refused), "NOT_NOW", "{refused}");
    }
    desk.act_as("head-1", "manager");
    desk.go(&done.id, TicketState::InProgress).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_takes_nothing_up_by_itself_that_the_calendar_stops() {
    let Some(desk) = with_tokens() else { return };
    let (late, soon) = (desk.standard(&[], window(1, 1)).await, desk.standard(&[], window(1, 3)).await);
    set(&desk, 70);
    for it in [&late, &soon] {
        desk.go(&it.id, TicketState::InProgress).await.unwrap();
        let until = hours(2).second() + 600;
        let hold = v1::TransitionTicketRequest {
            request_id: desk.request(),
            ticket: it.id.clone(),
            to: TicketState::OnHold.into(),
            hold_reason: v1::HoldReason::Vendor.into(),
            hold_until_time: Some(time_to(Timestamp::from_second(until))),
            ..Default::default()
        };
        desk.tickets().transition_ticket(desk.asks(hold)).await.unwrap();
    }
    set(&desk, 135);
    // What it may collide with by now is looked at by whoever takes it up.
    let noted = desk.until(&soon.id, |it| 1 < it.comments).await;
    assert_eq!(noted.state(), TicketState::OnHold);
    assert!(desk.notes(&soon.id).await[0].starts_with("It stays on hold: take it up again"), "{noted:?}");
    let noted = desk.until(&late.id, |it| 1 < it.comments).await;
    assert_eq!((noted.state(), noted.hold_reason()), (TicketState::OnHold, v1::HoldReason::Vendor));
    assert!(noted.hold_until_time.is_none(), "{noted:?}");
    let note = desk.notes(&late.id).await.remove(0);
    assert!(note.starts_with("It stays on hold: its window is from"), "{note}");
    desk.is_what_its_events_give().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_freeze_period_that_came_later_stops_the_beginning_but_no_emergency() {
    let Some(desk) = with_tokens() else { return };
    let normal = desk.standard(&[], window(1, 2)).await;
    let emergency = desk.open("emergency_change", &[]).await;
    desk.plan(&emergency.id, unasked(window(1, 2))).await.unwrap();
    desk.submit(&emergency.id).await.unwrap();
    desk.act_as("security-1", "agent");
    desk.say(&emergency.id, "security-1", ApprovalWord::Approve).await;
    desk.schedule(&emergency.id).await.unwrap();
    let at = |count| hours(count).rfc3339().replace('T', " ")[..16].to_owned();
    let freeze = format!(
        "freezes:
  - id: audit
    label: {{ en: Audit, zh: 审计 }}
    zone: UTC
    from: \"{}\"
    to: \"{}\"
    reason: The auditors are in the house
maintenance_windows: []
",
        at(0),
        at(48)
    );
    desk.act_as("head-1", "admin");
    desk.apply(&[("changes.yaml", &freeze)]).await;
    set(&desk, 70);
    desk.act_as("infrastructure-1", "agent");
    let stopped = desk.go(&normal.id, TicketState::InProgress).await.unwrap_err();
    assert_eq!(reason(&stopped), "NOT_NOW");
    assert!(stopped.message().contains("`audit`"), "{stopped}");
    for it in [&normal, &emergency] {
        let conflicts = desk.check(&it.id).await.conflicts;
        let told: Vec<_> = conflicts.iter().map(|it| (it.kind(), it.with.as_str())).collect();
        assert_eq!(told, [(ChangeConflictKind::Freeze, "audit")]);
        assert!(conflicts[0].text.contains("The auditors are in the house"), "{conflicts:?}");
    }
    desk.go_saying(&emergency.id, TicketState::InProgress, "").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_to_hang_together_since_stops_the_beginning_unless_it_is_accepted() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        for tag in ["DB-1", "APP-1"] {
            desk.asset(tag, "server", &[]).await;
        }
        let below = desk.standard(&["DB-1"], window(1, 2)).await;
        let above = desk.standard(&["APP-1"], window(1, 2)).await;
        desk.hang("APP-1", "DB-1").await;
        let told = desk.go(&above.id, TicketState::InProgress).await.unwrap_err();
        assert_eq!((told.code(), reason(&told).as_str()), (Code::FailedPrecondition, "COLLIDES"));
        assert!(told.message().contains(&below.number), "{told}");
        // Whoever looks at them is told.
        let conflicts = desk.check(&above.id).await.conflicts;
        assert_eq!(conflicts.len(), 1, "{conflicts:?}");
        let get = v1::GetChangeRequest { change: above.number.clone() };
        let got = desk.changes().get_change(get).await.unwrap().into_inner();
        assert_eq!((got.ticket.unwrap().id, &got.conflicts), (above.id.clone(), &conflicts));
        let it = &conflicts[0];
        assert_eq!((it.kind(), it.with.as_str()), (ChangeConflictKind::Collision, below.number.as_str()));
        assert_eq!(it.text, format!("{} has its place at the same time on APP-1", below.number));
        let listed =
            desk.changes().list_changes(v1::ListChangesRequest::default()).await.unwrap().into_inner();
        let listed: Vec<_> =
            listed.conflicts.iter().map(|it| (it.number.as_str(), it.with.as_str())).collect();
        let (one, other) = (below.number.as_str(), above.number.as_str());
        assert_eq!(listed, [(one, other), (other, one)]);
        let unknown = desk.begin_accepting(&above.id, &["CHG-999999"]).await.unwrap_err();
        assert!(unknown.message().contains("accept_collisions[0]: there is no change"), "{unknown}");
        let begun = desk.begin_accepting(&above.id, &[&below.number]).await.unwrap();
        assert_eq!(begun.state(), TicketState::InProgress);
        assert_eq!(begun.schedule.unwrap().accepted_collisions, [below.number.as_str()]);
        assert!(desk.check(&above.id).await.conflicts.is_empty());
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_that_was_put_there_meanwhile_stops_the_beginning() {
    let desk = Desk::start(Settings::default());
    desk.asset("SRV-1", "server", &[]).await;
    let normal = desk.standard(&["SRV-1"], window(1, 2)).await;
    let emergency = desk.open("emergency_change", &["SRV-1"]).await;
    desk.plan(&emergency.id, unasked(window(1, 2))).await.unwrap();
    desk.submit(&emergency.id).await.unwrap();
    desk.say(&emergency.id, "security-1", ApprovalWord::Approve).await;
    desk.schedule_with(&emergency.id, "", &[&normal.number]).await.unwrap();
    let told = desk.go(&normal.id, TicketState::InProgress).await.unwrap_err();
    assert_eq!(reason(&told), "COLLIDES");
    assert!(told.message().contains(&emergency.number), "{told}");
    // Who accepted it is not told again.
    desk.go(&emergency.id, TicketState::InProgress).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_overruns_its_window_has_its_assets_until_it_is_done() {
    if Part::Faketime.is_missing() {
        return;
    }
    let desk = Desk::start(Settings::default().clock());
    desk.asset("SRV-1", "server", &[]).await;
    let over = desk.standard(&["SRV-1"], window(1, 1)).await;
    set(&desk, 70);
    desk.go(&over.id, TicketState::InProgress).await.unwrap();
    set(&desk, 180);
    let next = desk.open("standard_change", &["SRV-1"]).await;
    let only = v1::ChangePlan { window: Some(window(4, 1)), ..Default::default() };
    desk.plan(&next.id, only).await.unwrap();
    let seen = desk.check(&next.id).await.collisions;
    assert_eq!(seen.iter().map(|it| it.number.as_str()).collect::<Vec<_>>(), [over.number.as_str()]);
    assert!(seen[0].scheduled && seen[0].overrun_time.is_some(), "{seen:?}");
    let told: Vec<_> = desk.check(&over.id).await.conflicts.iter().map(|it| it.kind()).collect();
    assert_eq!(told, [ChangeConflictKind::Overruns]);
    let listed = desk.changes().list_changes(v1::ListChangesRequest::default()).await.unwrap().into_inner();
    let numbers: Vec<_> = listed.changes.iter().map(|it| it.number.as_str()).collect();
    assert_eq!(numbers, [over.number.as_str(), &next.number], "it is in the calendar of today");
    assert_eq!(
        listed.conflicts.iter().map(|it| it.kind()).collect::<Vec<_>>(),
        [ChangeConflictKind::Overruns]
    );
    let refused = desk.schedule(&next.id).await.unwrap_err();
    assert_eq!(reason(&refused), "COLLIDES");
    // What is proposed has nothing in its way, and by then it will be over.
    let proposed = desk.check(&next.id).await.next_window.unwrap();
    assert!(proposed.start_time.unwrap().seconds >= hours(27).second() - 60, "{proposed:?}");
    desk.standard(&["SRV-1"], proposed).await;
    desk.go(&over.id, TicketState::Resolved).await.unwrap();
    desk.schedule(&next.id).await.unwrap();
}
