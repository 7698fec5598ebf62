//! The process is killed in the middle of its work: after a restart all that was acknowledged is
//! there, and the same ids settle the rest.

use ticket_dispatch::{client::Client, proto::v1};
use tokio::task::JoinSet;
use tonic::Status;

use super::{all, assert_same, open, printer};
use crate::app::{App, Settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_nothing_that_was_acknowledged_and_doubles_nothing() {
    let mut app = App::start(Settings::default());
    let mut acknowledged: Vec<(String, v1::Ticket)> = vec![];
    for round in 0..3 {
        let ids: Vec<String> = (0..100).map(|it| format!("r-{round}-{it}")).collect();
        let mut calls = storm(&app.client(None), &ids);
        // Some have been answered, and most are under way.
        for _ in 0..10 {
            acknowledged.extend(answered(calls.join_next().await));
        }
        app.kill();
        while let Some(answer) = calls.join_next().await {
            acknowledged.extend(answered(Some(answer)));
        }
        app.restart();

        let client = app.client(None);
        for (id, ticket) in &acknowledged {
            assert_same(&open(&client, printer(id)).await.unwrap(), ticket);
        }
        let mut again = storm(&client, &ids);
        while let Some(answer) = again.join_next().await {
            answer.unwrap().1.unwrap();
        }
        assert_eq!(all(&client).await.len(), (round + 1) * 100, "one ticket for each id");
    }
    assert_no_gap(&app.client(None)).await;
}

fn storm(client: &Client, ids: &[String]) -> JoinSet<(String, Result<v1::Ticket, Status>)> {
    let mut calls = JoinSet::new();
    for id in ids {
        let (client, id) = (client.clone(), id.clone());
        calls.spawn(async move { (id.clone(), open(&client, printer(&id)).await) });
    }
    calls
}

type Answer = Result<(String, Result<v1::Ticket, Status>), tokio::task::JoinError>;

fn answered(answer: Option<Answer>) -> Option<(String, v1::Ticket)> {
    let (id, ticket) = answer?.unwrap();
    Some((id, ticket.ok()?))
}

/// The log has every position from the first to the last.
async fn assert_no_gap(client: &Client) {
    let mut position = 0;
    loop {
        let request = v1::ListEventsRequest { partition: 0, after_position: position, page_size: 500 };
        let page = client.tickets().list_events(request).await.unwrap().into_inner();
        for event in &page.events {
            position += 1;
            assert_eq!(event.position, position);
        }
        if page.events.is_empty() {
            break;
        }
    }
    assert_eq!(position, 300, "one event for each ticket");
}
