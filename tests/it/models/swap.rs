//! Models exchanged many times while messages come in: no call fails, and each is read by one version.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use ticket_dispatch::{client::Client, proto::v1};

use super::{app_with_other, promote, reader, roll_back};
use crate::app::Settings;

/// How often there and back.
const TIMES: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exchanging_models_under_load_fails_no_call_and_mixes_no_versions() {
    let (app, other) = app_with_other(Settings::default(), "default");
    let client = app.client(None);
    let starter = reader(&client).await;
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..4)
        .map(|who| tokio::spawn(send_until(app.client(None), who, Arc::clone(&stop))))
        .chain((0..2).map(|_| tokio::spawn(suggest_until(app.client(None), Arc::clone(&stop)))))
        .collect();
    for turn in 0..TIMES {
        assert_eq!(promote(&client, &format!("p-{turn}"), &other).await.unwrap().model, other);
        assert_eq!(reader(&client).await, other, "in use as soon as it is answered");
        assert_eq!(roll_back(&client, &format!("r-{turn}")).await.unwrap().model, starter);
        assert_eq!(reader(&client).await, starter);
    }
    stop.store(true, Relaxed);
    let expected = BTreeSet::from([starter, other]);
    for sender in senders {
        let (calls, versions) = sender.await.unwrap();
        assert!(TIMES < calls, "{calls} calls");
        assert_eq!(versions, expected, "each sender meets both, and no other");
    }
}

/// Messages of one employee each in a new conversation; how many, and the versions that read them.
async fn send_until(client: Client, who: usize, stop: Arc<AtomicBool>) -> (usize, BTreeSet<String>) {
    let (mut calls, mut versions) = (0, BTreeSet::new());
    while !stop.load(Relaxed) {
        let answer = client.send(v1::SendMessageRequest {
            message_id: format!("m-{who}-{calls}"),
            conversation: format!("c-{who}-{calls}"),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: format!("u-{who}"),
                display_name: String::new(),
            }),
            text: "the vpn drops every ten minutes".into(),
            language: 0,
        });
        versions.insert(answer.await.unwrap().understanding.unwrap().model);
        calls += 1;
    }
    (calls, versions)
}

async fn suggest_until(client: Client, stop: Arc<AtomicBool>) -> (usize, BTreeSet<String>) {
    let (mut calls, mut versions) = (0, BTreeSet::new());
    while !stop.load(Relaxed) {
        versions.insert(reader(&client).await);
        calls += 1;
    }
    (calls, versions)
}
