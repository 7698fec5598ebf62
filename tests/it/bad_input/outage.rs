//! The database is away, or its disk is full: calls are refused with a time to come back, what was
//! acknowledged stays, and the same request id settles what nobody knows.

use std::{collections::BTreeMap, time::Duration};

use ticket_dispatch::{client::Client, proto::v1};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::{all, assert_come_back, assert_same, bytes, open, printer, read};
use crate::{
    app::{App, Settings},
    parts::{installed::Part, postgres::Postgres, server::within},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_database_that_is_down_is_unavailable_and_the_same_id_is_served_once_it_is_back() {
    if Part::Postgres.is_missing() {
        return;
    }
    let mut postgres = Postgres::start();
    let app = App::start(Settings::default().env("DISPATCH_STORE_URL", &postgres.url()));
    let client = app.client(None);
    let before = open(&client, printer("r-1")).await.unwrap();

    postgres.stop();
    assert_come_back(&open(&client, printer("r-2")).await.unwrap_err(), Code::Unavailable);
    assert_come_back(&read(&client, &before.id).await.unwrap_err(), Code::Unavailable);
    let (status, facts) = app.readiness().unwrap();
    assert_eq!((status, &facts["ready"], &facts["store"]), (503, &false.into(), &false.into()), "{facts}");

    postgres.restart();
    assert!(within(Duration::from_secs(30), || app.readiness().is_some_and(|(status, _)| status == 200)));
    assert_eq!(read(&client, &before.id).await.unwrap(), before);
    let after = open(&client, printer("r-2")).await.unwrap();
    assert_same(&open(&client, printer("r-2")).await.unwrap(), &after);
    assert_eq!(all(&client).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_under_way_when_the_database_crashed_is_settled_by_the_same_ids() {
    if Part::Postgres.is_missing() {
        return;
    }
    let mut postgres = Postgres::start();
    let app = App::start(Settings::default().env("DISPATCH_STORE_URL", &postgres.url()));
    let client = app.client(None);
    let ids: Vec<String> = (0..200).map(|it| format!("r-{it}")).collect();
    let mut events = client.tickets().watch_tickets(v1::WatchTicketsRequest::default()).await.unwrap();
    let storm = tokio::spawn(opened(client.clone(), ids.clone()));
    // The first is committed, and many are not.
    events.get_mut().message().await.unwrap();
    postgres.kill9();
    let during = storm.await.unwrap();
    for status in during.values().filter_map(|it| it.as_ref().err()) {
        assert_come_back(status, Code::Unavailable);
    }

    postgres.restart();
    assert!(within(Duration::from_secs(30), || app.readiness().is_some_and(|(status, _)| status == 200)));
    let after = opened(client.clone(), ids).await;
    for (id, ticket) in &after {
        let ticket = ticket.as_ref().unwrap_or_else(|it| panic!("{id}: {:?}", bytes(it)));
        if let Ok(acknowledged) = &during[id] {
            assert_same(ticket, acknowledged);
        }
    }
    assert_eq!(all(&client).await.len(), 200, "one ticket for each id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_full_disk_is_unavailable_and_keeps_what_was_acknowledged() {
    let app = App::start(Settings::default().room(3 * 1024));
    let client = app.client(None);
    let mut kept = vec![];
    let refused = loop {
        let request = large(&format!("r-{}", kept.len()));
        match open(&client, request).await {
            Ok(ticket) => kept.push(ticket),
            Err(status) => break status,
        }
        assert!(kept.len() < 500, "the disk is never full");
    };
    assert!(!kept.is_empty());
    assert_come_back(&refused, Code::Unavailable);
    assert_eq!(read(&client, &kept[0].id).await.unwrap(), kept[0], "what is there can be read");

    app.make_room();
    kept.push(open(&client, large(&format!("r-{}", kept.len()))).await.unwrap());
    kept.reverse();
    assert_eq!(all(&client).await, kept);
}

fn large(request_id: &str) -> v1::CreateTicketRequest {
    v1::CreateTicketRequest { description: "x".repeat(16 * 1024), ..printer(request_id) }
}

/// Opens all at once.
async fn opened(client: Client, ids: Vec<String>) -> BTreeMap<String, Result<v1::Ticket, Status>> {
    let mut calls = JoinSet::new();
    for id in ids {
        let client = client.clone();
        // Requesters apart, so that all partitions have some.
        let requester = v1::Person { subject: id.clone(), ..super::employee() };
        let request = v1::CreateTicketRequest { requester: Some(requester), ..printer(&id) };
        calls.spawn(async move { (id, open(&client, request).await) });
    }
    calls.join_all().await.into_iter().collect()
}
