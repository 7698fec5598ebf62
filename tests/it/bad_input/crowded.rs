//! Too much at once is refused with a time to come back, so that memory stays bounded; who comes back
//! is served.

use ticket_dispatch::proto::v1::{self, converse_response::Outcome};
use tokio::task::JoinSet;
use tokio_stream::StreamExt as _;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_faster_than_is_answered_is_slowed_down_and_not_cut_off() {
    const MANY: usize = 6_000;
    let app = App::start(Settings::default());
    let client = app.client(None);
    let message = |number: usize| v1::ConverseRequest {
        // In one conversation, where one waits for the other.
        message: Some(hello(&format!("m-{number}"))),
    };
    // Each in a frame of its own, as a bot sends them.
    let alone = |it| async move {
        tokio::task::yield_now().await;
        it
    };
    let messages = tokio_stream::iter((0..MANY).map(message)).then(alone);
    let answers = client.conversations().converse(messages).await.unwrap().into_inner();
    let answers: Vec<_> = answers.collect::<Result<_, _>>().await.unwrap();
    assert_eq!(answers.len(), MANY);
    let replied = |it: &&v1::ConverseResponse| matches!(it.outcome, Some(Outcome::Reply(_)));
    assert_eq!(answers.iter().filter(replied).count(), MANY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_ticket_is_found_by_its_number_behind_many_newer_ones() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let oldest = open(&client, printer("r-0")).await.unwrap();
    for number in 1..130 {
        open(&client, printer(&format!("r-{number}"))).await.unwrap();
    }
    let text = format!("what is the status of {}", oldest.number);
    let answer = client.send(v1::SendMessageRequest { text, ..hello("m-1") }).await.unwrap();
    assert_eq!(answer.ticket.unwrap().number, oldest.number, "{}", answer.text);
}
