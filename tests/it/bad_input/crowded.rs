//! Too much at once is refused with a time to come back, so that memory stays bounded; who comes back
//! is served.

use ticket_dispatch::proto::v1;
use tokio::task::JoinSet;
use tonic::Code;

use super::{all, assert_come_back, hello, open, printer};
use crate::app::{App, Settings};
use crate::parts::server::within;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_call_too_many_is_told_when_to_come_back() {
    let app = App::start(Settings::default().env("DISPATCH_LIMITS_CALLS", "1"));
    let client = app.client(None);
    let watching = client.tickets().watch_tickets(v1::WatchTicketsRequest::default()).await.unwrap();
    let status = client.conversations().send_message(hello("m-1")).await.unwrap_err();
    assert_come_back(&status, Code::ResourceExhausted);

    drop(watching);
    let runtime = tokio::runtime::Handle::current();
    let served = || tokio::task::block_in_place(|| runtime.block_on(client.send(hello("m-1")))).is_ok();
    assert!(within(std::time::Duration::from_secs(10), served));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_and_every_call_comes_through_in_the_end() {
    let app = App::start(Settings::default().env("DISPATCH_LIMITS_QUEUE", "1"));
    let client = app.client(None);
    let mut waiting: Vec<String> = (0..100).map(|it| format!("r-{it}")).collect();
    let mut refused = 0;
    while !waiting.is_empty() {
        let mut calls = JoinSet::new();
        for id in waiting.drain(..) {
            let client = client.clone();
            calls.spawn(async move { (open(&client, printer(&id)).await, id) });
        }
        for (answer, id) in calls.join_all().await {
            if let Err(status) = answer {
                assert_come_back(&status, Code::ResourceExhausted);
                refused += 1;
                waiting.push(id);
            }
        }
    }
    assert!(refused > 0, "a queue of one took a hundred calls at once");
    assert_eq!(all(&client).await.len(), 100);
}
