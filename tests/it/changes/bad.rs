//! Bad input, each with what would be right.

use ticket_dispatch::{domain::time::Timestamp, proto::v1};
use tonic::Code;

use super::stage::{Desk, hours, plan, reason, span, window};
use crate::app::Settings;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dates_that_run_backwards_and_answers_to_nothing_are_named_with_their_fields() {
    let desk = Desk::start(Settings::default());
    let change = desk.open("", &[]).await;
    let id = change.id.as_str();
    let mut wrong = plan(span(hours(5), hours(4)));
    wrong.r#type = v1::ChangeType::Emergency.into();
    wrong.answers.push(wrong.answers[0].clone());
    let refused = desk.plan(id, wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    for part in [
        "plan.window.end_time: is not after start_time",
        "plan.type: is its template's to say",
        "plan.answers[3].question: was answered before",
    ] {
        assert!(refused.message().contains(part), "{refused}");
    }
    let empty = desk.plan(id, plan(span(hours(5), hours(5)))).await.unwrap_err();
    assert!(empty.message().contains("is not after start_time"), "{empty}");
    let moment = Timestamp(hours(5).0 + 900);
    let short = desk.plan(id, plan(span(hours(5), moment))).await.unwrap_err();
    assert!(short.message().contains("plan.window.end_time: is less than a second after"), "{short}");
    let long = desk.plan(id, plan(window(1, 32 * 24))).await.unwrap_err();
    assert!(long.message().contains("more than 31 days"), "{long}");
    let half = v1::TimeSpan { end_time: None, ..window(1, 1) };
    let half = desk.plan(id, plan(half)).await.unwrap_err();
    assert!(half.message().contains("plan.window.end_time: is required"), "{half}");
    let mut unknown = plan(window(1, 1));
    unknown.answers[0].question = "colour".into();
    unknown.answers[1].option = "sometimes".into();
    let unknown = desk.plan(id, unknown).await.unwrap_err();
    for part in [
        "plan.answers[0].question: the template asks no `colour`; it asks downtime, experience, back_out",
        "plan.answers[1].option: `experience` has no option `sometimes`; it has often, once, never",
    ] {
        assert!(unknown.message().contains(part), "{unknown}");
    }
    // Nobody is asked about what could not be scheduled.
    for (window, problem) in
        [(span(hours(-2), hours(2)), "begins in the past"), (span(hours(-2), hours(-1)), "has ended already")]
    {
        let change = desk.open("", &[]).await;
        desk.plan(&change.id, plan(window)).await.unwrap();
        let past = desk.submit(&change.id).await.unwrap_err();
        assert_eq!(reason(&past), "WINDOW_PAST");
        assert!(past.message().contains(problem), "{past}");
    }
    let missing = desk.check("CHG-000003").await.missing;
    assert_eq!(missing, ["a window that has not ended already"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_change_has_no_plan_and_a_change_is_opened_as_one() {
    let desk = Desk::start(Settings::default());
    let incident = desk.incident("ada", "").await;
    let none = desk.plan(&incident.id, plan(window(1, 1))).await.unwrap_err();
    assert_eq!(reason(&none), "NO_CHANGE");
    let change = desk.open("", &[]).await;
    let other = desk.begin_accepting(&incident.id, &[&change.number]).await.unwrap_err();
    assert!(other.message().contains("accept_collisions: INC-000001 is no change"), "{other}");
    let early = v1::TransitionTicketRequest {
        request_id: desk.request(),
        ticket: change.id.clone(),
        to: v1::TicketState::OnHold.into(),
        hold_reason: v1::HoldReason::Vendor.into(),
        accept_collisions: vec![change.number.clone(), "INC 7".into()],
        ..Default::default()
    };
    let early = desk.tickets().transition_ticket(early).await.unwrap_err();
    for part in [
        "accept_collisions: goes with TICKET_STATE_IN_PROGRESS only",
        "accept_collisions[1]: must be the number of a change",
    ] {
        assert!(early.message().contains(part), "{early}");
    }
    let check = v1::CheckChangeRequest { change: incident.number.clone() };
    assert_eq!(reason(&desk.changes().check_change(check).await.unwrap_err()), "NO_CHANGE");
    let request = v1::OpenChangeRequest { template: "vpn_fault".into(), ..desk.opening("", &[]) };
    let kind = desk.changes().open_change(request).await.unwrap_err();
    assert!(kind.message().contains("no template `vpn_fault` of kind change"), "{kind}");
    let missing = desk.changes().open_change(desk.opening("", &["NOPE-1", "NOPE-2"])).await.unwrap_err();
    for part in ["assets[0]: there is no asset `NOPE-1`", "assets[1]: there is no asset `NOPE-2`"] {
        assert!(missing.message().contains(part), "{missing}");
    }
    let change = desk.open("", &[]).await;
    let request = v1::OpenChangeRequest {
        settles: vec![change.number.clone(), "INC-999999".into()],
        ..desk.opening("", &[])
    };
    let wrong = desk.changes().open_change(request).await.unwrap_err();
    for part in ["settles[0]: CHG-000002 is a change itself", "settles[1]: there is no such ticket"] {
        assert!(wrong.message().contains(part), "{wrong}");
    }
    let split = v1::SplitTicketRequest {
        request_id: desk.request(),
        ticket: incident.id,
        text: "and the firmware".into(),
        template: "change".into(),
        ..Default::default()
    };
    let split = desk.tickets().split_ticket(split).await.unwrap_err();
    assert!(split.message().contains("open a change with OpenChange"), "{split}");
}
