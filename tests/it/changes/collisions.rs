//! Changes at the same time on the same, or on what hangs together with it.

use ticket_dispatch::proto::v1::{ApprovalWord, TicketState};
use tonic::Code;

use ticket_dispatch::domain::time::Timestamp;

use super::stage::{Desk, hours, plan, reason, span, window};
use crate::parts::postgres::settings_of_both;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_collide_by_what_hangs_together_unless_that_is_accepted_by_number() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.asset("HOST-1", "server", &[]).await;
        desk.asset("VM-1", "server", &["HOST-1"]).await;
        desk.asset("HOST-2", "server", &[]).await;
        let base = hours(24).second();
        let at = |hour: i64| Timestamp::from_second(base + hour * 3600);
        let within = |from: i64, to: i64| span(at(from), at(to));
        let host = desk.agreed(&["HOST-1"], within(0, 2)).await;
        let guest = desk.agreed(&["VM-1"], within(1, 3)).await;
        // Only planned so far: shown, and in nobody's way.
        let check = desk.check(&host.id).await;
        assert_eq!(check.collisions.len(), 1);
        let seen = &check.collisions[0];
        assert_eq!((seen.number.as_str(), seen.scheduled), (guest.number.as_str(), false));
        assert_eq!(seen.assets, ["VM-1"]);
        desk.schedule(&host.id).await.unwrap();
        // And the other way round, from what hangs on it to what it hangs on.
        let check = desk.check(&guest.id).await;
        assert_eq!(
            (check.collisions[0].number.as_str(), check.collisions[0].scheduled),
            (host.number.as_str(), true)
        );
        let stopped = desk.schedule(&guest.id).await.unwrap_err();
        assert_eq!((stopped.code(), reason(&stopped).as_str()), (Code::FailedPrecondition, "COLLIDES"));
        assert!(stopped.message().contains(&host.number), "{stopped}");
        let unknown = desk.schedule_with(&guest.id, "", &["CHG-999999"]).await.unwrap_err();
        assert!(unknown.message().contains("accept_collisions[0]: there is no change"), "{unknown}");
        let accepted = desk.schedule_with(&guest.id, "", &[&host.number.to_lowercase()]).await.unwrap();
        assert_eq!(accepted.schedule.unwrap().accepted_collisions, [host.number.as_str()]);
        // Neither another asset nor another hour collides.
        let elsewhere = desk.agreed(&["HOST-2"], within(0, 2)).await;
        desk.schedule(&elsewhere.id).await.unwrap();
        let later = desk.agreed(&["HOST-1"], within(3, 5)).await;
        assert!(desk.check(&later.id).await.collisions.is_empty(), "windows are half-open");
        desk.schedule(&later.id).await.unwrap();
        // What is over collides no more.
        desk.go(&host.id, TicketState::Cancelled).await.unwrap();
        let again = desk.agreed(&["HOST-1"], within(0, 1)).await;
        desk.schedule(&again.id).await.unwrap();
        desk.is_what_its_events_give().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_are_scheduled_at_the_same_moment_do_not_slip_past_each_other() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        desk.asset("HOST-1", "server", &[]).await;
        for round in 0..8 {
            let at = 24 + round * 4;
            let (mut agreed, mut calls) = (vec![], vec![]);
            for _ in 0..3 {
                agreed.push(desk.agreed(&["HOST-1"], window(at, 2)).await.id);
            }
            for id in &agreed {
                let (mut changes, request) = (desk.changes(), desk.scheduling(id, "", &[]));
                calls.push(tokio::spawn(async move { changes.schedule_change(request).await }));
            }
            let mut through = 0;
            for call in calls {
                match call.await.unwrap() {
                    Ok(_) => through += 1,
                    Err(refused) => assert_eq!(reason(&refused), "COLLIDES", "{refused}"),
                }
            }
            assert_eq!(through, 1, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_has_one_effect() {
    let desk = Desk::start(crate::app::Settings::default());
    let opening = desk.opening("", &[]);
    let once = desk.changes().open_change(opening.clone()).await.unwrap().into_inner().ticket.unwrap();
    let twice = desk.changes().open_change(opening).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(once, twice);
    desk.plan(&once.id, plan(window(24, 2))).await.unwrap();
    desk.submit(&once.id).await.unwrap();
    desk.say(&once.id, "infrastructure-1", ApprovalWord::Approve).await;
    let request = desk.scheduling(&once.id, "", &[]);
    let first = desk.changes().schedule_change(request.clone()).await.unwrap().into_inner();
    let again = desk.changes().schedule_change(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    let mut other = request;
    other.override_reason = "because".into();
    let reused = desk.changes().schedule_change(other).await.unwrap_err();
    assert_eq!(reason(&reused), "REQUEST_REUSED");
    let stale = ticket_dispatch::proto::v1::ScheduleChangeRequest {
        expected_version: 1,
        ..desk.scheduling(&once.id, "", &[])
    };
    assert_eq!(desk.changes().schedule_change(stale).await.unwrap_err().code(), Code::Aborted);
}
