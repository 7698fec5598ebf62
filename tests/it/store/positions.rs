//! Positions are dense and in commit order, whoever writes.

use std::{collections::HashMap, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use super::stage::{Stage, change, comment, open};

on_both!(positions_are_dense_and_in_order, watchers_hear_every_event_in_order);

const TASKS: u64 = 50;
const COMMENTS: u64 = 9;

/// Each task opens a ticket and comments on it.
async fn busy(stage: &Stage) {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let store = stage.store.clone();
        tasks.spawn(async move {
            let who = format!("person {task}");
            let ticket = open(&store, "acme", &format!("open {task}"), &who).await.unwrap();
            for turn in 0..COMMENTS {
                let request = format!("comment {task} {turn}");
                change(&store, "acme", &request, ticket.id, comment(&request)).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
}

async fn positions_are_dense_and_in_order(stage: Stage) {
    busy(&stage).await;
    let (store, mut count) = (&stage.store, 0);
    let mut said: HashMap<String, u64> = HashMap::new();
    for partition in 0..store.partitions() {
        let events = store.events_after(partition, 0, 10_000).await.unwrap();
        let head = store.head(partition).await.unwrap();
        assert_eq!((head.epoch, head.position), (1, events.len() as u64));
        assert_eq!(*store.committed(partition).borrow(), head.position);
        for (place, event) in (1..).zip(&events) {
            assert_eq!((event.partition, event.epoch, event.position), (partition, 1, place));
            let turn = said.entry(event.subject.clone()).or_default();
            if *turn > 0 {
                assert!(event.cause.ends_with(&format!(" {}", *turn - 1)), "{event:?}");
            }
            *turn += 1;
        }
        let page = store.events_after(partition, 3, 2).await.unwrap();
        assert!(page.iter().map(|it| it.position).eq((4..=head.position).take(2)));
        count += events.len() as u64;
    }
    assert_eq!(count, TASKS * (1 + COMMENTS));
}

async fn watchers_hear_every_event_in_order(stage: Stage) {
    let mut watcher = stage.store.watch();
    busy(&stage).await;
    let mut heads: HashMap<u32, u64> = HashMap::new();
    for _ in 0..TASKS * (1 + COMMENTS) {
        let event = timeout(Duration::from_secs(50), watcher.recv()).await.unwrap().unwrap();
        let head = heads.entry(event.partition).or_default();
        assert_eq!(event.position, *head + 1);
        *head += 1;
    }
}
