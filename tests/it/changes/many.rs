//! Many changes: nothing is left out without a word, and nobody is in the way of what has nothing to do with them.

use std::sync::Arc;

use ticket_dispatch::proto::v1::{self, TicketState};

use super::stage::{BROKEN, Desk, hours, span, window};
use crate::{app::Settings, parts::postgres::settings_of_both};

/// So many standard changes of some assets: of each one behind the other, of all at once.
async fn changes_of(desk: &Arc<Desk>, tags: &[String], count: i64, is_begun: bool) {
    let next = Arc::new(std::sync::atomic::AtomicI64::new(0));
    let mut works = vec![];
    for worker in 0..24 {
        let tag = tags[worker % tags.len()].clone();
        let (desk, next) = (Arc::clone(desk), Arc::clone(&next));
        works.push(tokio::spawn(async move {
            loop {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if count <= at {
                    return;
                }
                let start = hours(24).second() + at * 600;
                let time = ticket_dispatch::domain::time::Timestamp::from_second;
                let window = span(time(start), time(start + 600));
                let change = desk.open("standard_change", &[&tag]).await;
                let only = v1::ChangePlan { window: Some(window), ..Default::default() };
                desk.plan(&change.id, only).await.unwrap();
                if is_begun {
                    desk.schedule(&change.id).await.unwrap();
                    desk.go(&change.id, TicketState::InProgress).await.unwrap();
                    desk.go(&change.id, TicketState::Resolved).await.unwrap();
                }
            }
        }));
    }
    for work in works {
        work.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_found_behind_an_incident_beyond_any_number_of_others() {
    let desk = Arc::new(Desk::with(Settings::default(), &[BROKEN]));
    desk.asset("PX-1", "server", &[]).await;
    let below: Vec<String> = (0..24).map(|it| format!("PY-{it}")).collect();
    for tag in &below {
        desk.asset(tag, "server", &[]).await;
    }
    desk.asset("TOP-1", "server", &below.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let change = desk.standard(&["PX-1"], window(2, 1)).await;
    desk.go(&change.id, TicketState::InProgress).await.unwrap();
    desk.go(&change.id, TicketState::Resolved).await.unwrap();
    changes_of(&desk, &below, 505, true).await;
    let incident = desk.incident("ada", "PX-1").await;
    let found = desk.recent(&incident.id).await.changes;
    assert_eq!(found.iter().map(|it| it.number.as_str()).collect::<Vec<_>>(), [change.number.as_str()]);
    // And where there are more than one answer takes, it says so.
    let other = desk.incident("mei", "TOP-1").await;
    let many = desk.recent(&other.id).await;
    assert_eq!(many.changes.len(), 50);
    assert!(many.left_out);
    desk.until(&other.id, |it| it.comments == 1).await;
    let note = desk.notes(&other.id).await.remove(0);
    assert!(note.contains("and more: ListRecentChanges tells them"), "{note}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_an_asset_are_listed_page_by_page_beyond_any_number_of_others() {
    let desk = Arc::new(Desk::start(Settings::default()));
    for tag in ["PX-1", "PY-1"] {
        desk.asset(tag, "server", &[]).await;
    }
    changes_of(&desk, &["PY-1".to_owned()], 505, false).await;
    let last = desk.standard(&["PX-1"], window(24 * 20, 1)).await;
    let of = |asset: &str| v1::ListChangesRequest { asset: asset.into(), ..Default::default() };
    let found = desk.changes().list_changes(of("PX-1")).await.unwrap().into_inner();
    assert_eq!(found.changes.iter().map(|it| it.number.as_str()).collect::<Vec<_>>(), [last.number.as_str()]);
    assert!(found.next_page_token.is_empty());
    let (mut all, mut token) = (vec![], String::new());
    loop {
        let request = v1::ListChangesRequest { page_size: 100, page_token: token, ..of("PY-1") };
        let page = desk.changes().list_changes(request).await.unwrap().into_inner();
        assert!(page.changes.len() <= 100);
        all.extend(page.changes.into_iter().map(|it| it.number));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!((count, all.len()), (505, 505));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_that_have_nothing_to_do_with_each_other_are_scheduled_at_once() {
    for (settings, _database) in settings_of_both() {
        let desk = Desk::start(settings);
        let (mut calls, mut ids) = (vec![], vec![]);
        for at in 0..40 {
            let tag = format!("QF-{at}");
            desk.asset(&tag, "server", &[]).await;
            let change = desk.open("standard_change", &[&tag]).await;
            let only = v1::ChangePlan { window: Some(window(24, 2)), ..Default::default() };
            desk.plan(&change.id, only).await.unwrap();
            ids.push(change.id);
        }
        for id in &ids {
            let (mut changes, request) = (desk.changes(), desk.scheduling(id, "", &[]));
            calls.push(tokio::spawn(async move { changes.schedule_change(request).await }));
        }
        for call in calls {
            call.await.unwrap().unwrap();
        }
    }
}
