//! The database goes and comes back; what was answered stays, and the store needs no restart.

use std::{sync::Arc, time::Duration};

use ticket_dispatch::{
    domain::lookup::TicketRef,
    store::{Store, Undone, Unit},
};
use tokio::{sync::watch, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use super::stage::{Reply, Stage, person, record, slot, tenant, ticket_id, work};
use crate::parts::installed::Part;

/// Opens tickets until told to stop, asks for each until it is answered, and gives the answers.
async fn busy(
    store: Store,
    who: String,
    stop: CancellationToken,
    answered: Arc<watch::Sender<u64>>,
) -> Vec<String> {
    let mut numbers = Vec::new();
    while !stop.is_cancelled() {
        let request = format!("{who} {}", numbers.len());
        let (id, person) = (ticket_id(slot(&who)), person(&who));
        let decide = move |unit: &mut Unit<'_>| -> Reply { Ok(record(unit, id, &person)) };
        match store.execute(work("acme", &request, slot(&who)), decide).await {
            Ok(number) => {
                numbers.push(String::from_utf8(number).unwrap());
                answered.send_modify(|it| *it += 1);
            }
            // Whether it was done is not known: the same request comes again.
            Err(error) => assert_eq!(error, Undone::Unavailable),
        }
    }
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_of_postgres_loses_nothing_that_was_answered() {
    if Part::Postgres.is_missing() {
        return;
    }
    let mut stage = Stage::postgres().await;
    let (answered, mut count) = watch::channel(0);
    let (stop, answered) = (CancellationToken::new(), Arc::new(answered));
    let mut tasks = JoinSet::new();
    for task in 0..20 {
        let who = format!("person {task}");
        tasks.spawn(busy(stage.store.clone(), who, stop.clone(), Arc::clone(&answered)));
    }
    for _ in 0..3 {
        more(&mut count).await;
        stage.server().kill9();
        stage.server().restart();
    }
    more(&mut count).await;
    stop.cancel();
    let numbers: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    for number in &numbers {
        let which = TicketRef::Number(number.clone());
        assert!(stage.store.ticket(&tenant("acme"), &which).await.unwrap().is_some(), "{number}");
    }
    // Unanswered work may be there too, at most one for each task: it was told to stop meanwhile.
    let mut events = 0;
    for partition in 0..stage.store.partitions() {
        events += stage.store.head(partition).await.unwrap().position;
    }
    let answers = numbers.len() as u64;
    assert!((answers..=answers + 20).contains(&events), "{events} events, {answers} answers");
}

/// Waits until some more were answered.
async fn more(count: &mut watch::Receiver<u64>) {
    let enough = *count.borrow_and_update() + 200;
    timeout(Duration::from_secs(50), count.wait_for(|it| *it >= enough)).await.unwrap().unwrap();
}
