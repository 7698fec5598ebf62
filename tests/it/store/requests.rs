//! A request has one effect and one reply, however often it comes.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
};

use ticket_dispatch::store::{Store, Undone, Unit, Work};
use tokio::task::JoinSet;

use super::stage::{Reply, Stage, open, person, record, slot, ticket_id, work};

on_both!(
    a_request_has_one_effect_and_one_reply,
    a_request_with_other_content_is_refused,
    equal_requests_in_one_batch_have_one_effect,
    refused_work_leaves_nothing,
    work_that_nobody_waits_for_is_not_begun,
    a_full_queue_says_so,
    what_waits_at_the_stop_is_done,
    a_decision_that_breaks_a_rule_is_not_stored,
);

async fn events(store: &Store) -> usize {
    let mut count = 0;
    for partition in 0..store.partitions() {
        count += store.events_after(partition, 0, 10_000).await.unwrap().len();
    }
    count
}

async fn a_request_has_one_effect_and_one_reply(stage: Stage) {
    let opened = |request: &'static str| {
        let id = ticket_id(slot("ada"));
        let decide = move |unit: &mut Unit<'_>| -> Reply { Ok(record(unit, id, &person("ada"))) };
        stage.store.execute(work("acme", request, slot("ada")), decide)
    };
    let first = opened("m-1").await.unwrap();
    assert_eq!(opened("m-1").await.unwrap(), first);
    assert_ne!(opened("m-2").await.unwrap(), first);
    assert_eq!(events(&stage.store).await, 2);
}

async fn a_request_with_other_content_is_refused(stage: Stage) {
    open(&stage.store, "acme", "m-1", "ada").await.unwrap();
    let other = Work { content: [8; 32], ..work("acme", "m-1", slot("ada")) };
    let decide = |_: &mut Unit<'_>| -> Reply { panic!("decided again") };
    assert_eq!(stage.store.execute(other, decide).await, Err(Undone::OtherContent));
    // The same identity is another one at another tenant.
    open(&stage.store, "globex", "m-1", "ada").await.unwrap();
    assert_eq!(events(&stage.store).await, 2);
}

async fn equal_requests_in_one_batch_have_one_effect(stage: Stage) {
    let mut tasks = JoinSet::new();
    for turn in 0..200 {
        let store = stage.store.clone();
        let request = format!("m-{}", turn % 10);
        let other = turn % 7 == 6;
        tasks.spawn(async move {
            let id = ticket_id(slot("ada"));
            let decide = move |unit: &mut Unit<'_>| -> Reply { Ok(record(unit, id, &person("ada"))) };
            let content = if other { [9; 32] } else { [7; 32] };
            let work = Work { content, ..work("acme", &request, slot("ada")) };
            (request, content, store.execute(work, decide).await)
        });
    }
    let mut first = std::collections::HashMap::new();
    for (request, content, result) in tasks.join_all().await {
        let Ok(reply) = result else {
            assert_eq!(result, Err(Undone::OtherContent));
            continue;
        };
        assert_eq!(first.entry(request).or_insert((content, reply.clone())), &(content, reply));
    }
    assert_eq!(first.len(), 10);
    assert_eq!(events(&stage.store).await, 10);
}

async fn refused_work_leaves_nothing(stage: Stage) {
    let id = ticket_id(slot("ada"));
    let refuse = move |unit: &mut Unit<'_>| -> Reply {
        record(unit, id, &person("ada"));
        Err("not today")
    };
    let refused = stage.store.execute(work("acme", "m-1", slot("ada")), refuse).await;
    assert_eq!(refused, Err(Undone::Refused("not today")));
    assert_eq!(events(&stage.store).await, 0);
    let again = open(&stage.store, "acme", "m-1", "ada").await.unwrap();
    assert_eq!(again.number, "INC-000001");
    assert_eq!(stage.store.loads(&super::stage::tenant("acme")).await.unwrap()["mei"].open, 1);
}

async fn work_that_nobody_waits_for_is_not_begun(stage: Stage) {
    let mut idle = Idle::beside(stage).await;
    let begun = Arc::new(AtomicU32::new(0));
    {
        let begun = Arc::clone(&begun);
        let decide = move |_: &mut Unit<'_>| -> Reply {
            begun.fetch_add(1, Ordering::Relaxed);
            Ok(vec![])
        };
        queued(&idle.store, "m-1", decide).await;
    }
    idle.run().await;
    assert_eq!(begun.load(Ordering::Relaxed), 0);
}

async fn a_full_queue_says_so(stage: Stage) {
    let idle = Idle::beside(stage).await;
    let decide = |_: &mut Unit<'_>| -> Reply { Ok(vec![]) };
    for request in ["m-1", "m-2"] {
        queued(&idle.store, request, decide).await;
    }
    assert_eq!(idle.store.execute(work("acme", "m-3", slot("ada")), decide).await, Err(Undone::Full));
}

async fn what_waits_at_the_stop_is_done(stage: Stage) {
    let idle = Idle::beside(stage).await;
    let (store, mut runner) = (idle.store.clone(), idle);
    let decide = |_: &mut Unit<'_>| -> Reply { Ok(b"done".to_vec()) };
    let waiting = store.execute(work("acme", "m-1", slot("ada")), decide);
    let (reply, ()) = tokio::join!(waiting, runner.run());
    assert_eq!(reply, Ok(b"done".to_vec()));
    assert_eq!(store.execute(work("acme", "m-2", slot("ada")), decide).await, Err(Undone::Unavailable));
}

async fn a_decision_that_breaks_a_rule_is_not_stored(stage: Stage) {
    let unwanted = ticket_id(slot("ada"));
    let decide = move |unit: &mut Unit<'_>| -> Reply {
        let said = ticket_dispatch::domain::ticket::Event::Updated(Default::default());
        unit.record(unwanted, said);
        Ok(vec![])
    };
    assert_eq!(stage.store.execute(work("acme", "m-1", slot("ada")), decide).await, Err(Undone::Unavailable));
    assert_eq!(events(&stage.store).await, 0);
}

/// Another store on the same data, with room for two works and nobody who does them yet.
struct Idle {
    store: Store,
    _stage: Stage,
}

impl Idle {
    async fn beside(mut stage: Stage) -> Self {
        stage.end().await;
        Self { store: Store::open_with_queue(&stage.url, 2).await.unwrap(), _stage: stage }
    }

    /// Lets the writers do what waits, and end.
    async fn run(&mut self) {
        let stop = tokio_util::sync::CancellationToken::new();
        let writers: JoinSet<()> = self.store.writers(stop.clone()).into_iter().map(|(_, run)| run).collect();
        stop.cancel();
        writers.join_all().await;
    }
}

/// Puts work into the queue and goes away.
async fn queued<D>(store: &Store, request: &str, decide: D)
where
    D: FnMut(&mut Unit<'_>) -> Reply + Send + 'static,
{
    let mut waiting = pin!(store.execute(work("acme", request, slot("ada")), decide));
    poll_fn(|context| {
        assert!(waiting.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}
