//! Reminders and ends of time on a clock that is moved: once each, over restarts and beside a replica.

use ticket_dispatch::proto::v1::TicketState;

use super::stage::{APPROVAL, Desk};
use crate::{
    app::Settings,
    parts::{installed::Part, postgres::Postgres},
};

/// Hours of Berlin, 8 to 18; the desk begins at 9 there.
const TIMED: &str = "    approval:
      steps:
        - id: line
          label: { en: Line manager, zh: 直属经理 }
          approvers: [manager]
          calendar: office
          remind: 4h
          due: 12h
";

fn timed(expiry: &str) -> String {
    format!("{TIMED}          on_expiry: {expiry}\n")
}

fn count(course: &[String], what: &str) -> usize {
    course.iter().filter(|it| *it == what).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approvers_are_reminded_once_each_time_over_a_restart() {
    let Some(mut desk) = Desk::on_monday(Settings::default(), &timed("remind")) else { return };
    let number = desk.open("ada", 1.0).await.number;
    desk.app.set_clock("2027-03-01T11:59:00Z");
    desk.app.kill();
    desk.app.restart();
    desk.app.set_clock("2027-03-01T12:01:00Z");
    desk.until(|| async { count(&desk.course(&number).await, "reminded") == 1 }).await;
    let told = desk.told(&number, "boss").await;
    assert!(told[1].text.starts_with("It still waits for you since Mon 01 Mar, 09:0"), "{}", told[1].text);
    desk.app.kill();
    desk.app.restart();
    desk.app.set_clock("2027-03-01T16:02:00Z");
    desk.until(|| async { count(&desk.course(&number).await, "reminded") == 2 }).await;
    // The time is up two working hours into the next day, and that is told as a reminder.
    desk.app.set_clock("2027-03-02T10:30:00Z");
    desk.until(|| async { count(&desk.course(&number).await, "expired") == 1 }).await;
    let course = desk.course(&number).await;
    assert_eq!(count(&course, "reminded"), 3, "{course:?}");
    assert_eq!(desk.ticket(&number).await.state(), TicketState::WaitingApproval);
    desk.folds(&number).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_may_reject_approve_or_go_to_somebody_else() {
    let rejecting = timed("reject").replace("          remind: 4h\n", "");
    let Some(desk) = Desk::on_monday(Settings::default(), &rejecting) else { return };
    let rejected = desk.open("ada", 1.0).await.number;
    desk.apply(super::APPROVERS, &timed("approve")).await;
    desk.until(|| async { desk.open("mei", 1.0).await.approval.is_some_and(|it| it.catalog_version == 2) })
        .await;
    let approved = desk.open("mei", 1.0).await.number;
    desk.apply(super::APPROVERS, &format!("{}          escalate_to: [cfo]\n", timed("escalate"))).await;
    desk.until(|| async { desk.open("mei", 1.0).await.approval.is_some_and(|it| it.catalog_version == 3) })
        .await;
    let escalated = desk.open("mei", 1.0).await.number;

    desk.app.set_clock("2027-03-02T10:30:00Z");
    desk.until(|| async { desk.ticket(&rejected).await.state() == TicketState::Cancelled }).await;
    let told = desk.told(&rejected, "ada").await;
    assert!(told[0].text.contains("by the service desk. Nobody answered in time."), "{}", told[0].text);
    assert!(desk.told(&rejected, "boss").await.last().unwrap().text.contains("Nothing is needed"));
    desk.until(|| async { desk.ticket(&approved).await.state() == TicketState::Assigned }).await;
    desk.until(|| async { desk.waiting("cfo").await.contains(&escalated) }).await;
    assert_eq!(desk.told(&escalated, "cfo").await.len(), 1);
    desk.approve(&escalated, "cfo").await.unwrap();
    assert_eq!(
        desk.ticket(&escalated).await.state(),
        TicketState::Assigned,
        "who it was escalated to decides alone"
    );
    for number in [rejected, approved, escalated] {
        desk.folds(&number).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_remind_once_and_both_hear_votes() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    let settings = || Settings::default().env("DISPATCH_STORE_URL", &postgres.url());
    let (one, other) =
        (Desk::on_monday(settings(), &timed("remind")), Desk::on_monday(settings(), &timed("remind")));
    let (Some(one), Some(other)) = (one, other) else { return };
    let mut numbers = vec![];
    for at in 0..10 {
        // Several partitions.
        numbers.push(one.open(if at % 2 == 0 { "ada" } else { "mei" }, 1.0).await.number);
    }
    for time in ["2027-03-01T12:01:00Z", "2027-03-01T16:02:00Z"] {
        one.app.set_clock(time);
        other.app.set_clock(time);
        let wanted = if time.contains("T12") { 1 } else { 2 };
        for number in &numbers {
            one.until(|| async { wanted <= count(&one.course(number).await, "reminded") }).await;
        }
    }
    for number in &numbers {
        let course = one.course(number).await;
        assert_eq!(count(&course, "reminded"), 2, "{course:?}");
        // The same word to both replicas under one id counts once.
        let request = format!("same-{number}");
        let person = || Some(super::person("boss"));
        let word = ticket_dispatch::proto::v1::ApprovalWord::Approve;
        let both = tokio::join!(
            one.say(&request, number, person(), word, ""),
            other.say(&request, number, person(), word, ""),
        );
        assert_eq!(both.0.unwrap(), both.1.unwrap());
        assert_eq!(count(&one.course(number).await, "boss yes"), 1);
        other.folds(number).await;
    }
}

/// Leave begins by itself, and no catalogue says so on that day.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_leave_begins_is_replaced_without_anybody_doing_anything() {
    let Some(desk) = Desk::on_monday(Settings::default(), APPROVAL) else { return };
    let leaving = super::APPROVERS.replace(
        "delegate: head, manages",
        "delegate: head, leave: [{ from: 2027-03-03, to: 2027-03-20 }], manages",
    );
    desk.apply(&leaving, APPROVAL).await;
    desk.until(|| async { desk.open("ada", 1.0).await.approval.is_some_and(|it| it.catalog_version == 2) })
        .await;
    assert!(!desk.waiting("boss").await.is_empty());
    desk.app.set_clock("2027-03-03T00:30:00Z");
    desk.until(|| async { desk.waiting("boss").await.is_empty() }).await;
    assert!(!desk.waiting("head").await.is_empty());
}
