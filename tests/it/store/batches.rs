//! What goes wrong in a batch goes wrong for the works whose fault it is.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use ticket_dispatch::{
    domain::ticket::{Event, Ticket},
    store::{Store, Undone, Unit},
};
use tokio_util::sync::CancellationToken;

use super::stage::{
    Reply, Stage, change, comment, decision, open, person, record, slot, ticket, ticket_id, work,
};

on_both!(an_unreadable_row_fails_only_those_who_want_it);

/// Starts the writers of a store, where all that was asked for so far makes one batch.
async fn start(store: &Store) {
    for (_, run) in store.writers(CancellationToken::new()) {
        tokio::spawn(run);
    }
}

async fn an_unreadable_row_fails_only_those_who_want_it(stage: Stage) {
    let bad = open(&stage.store, "acme", "r-1", "ada").await.unwrap().id;
    let good = open(&stage.store, "acme", "r-2", "ada").await.unwrap().id;
    let damage = sqlx::query("update tickets set body = $1 where id = $2").bind(vec![0xff_u8]);
    damage.bind(bad.bytes().to_vec()).execute(&mut stage.connection().await).await.unwrap();
    let store = Store::open(&stage.url).await.unwrap();
    let (failed, done, ()) = tokio::join!(
        change(&store, "acme", "r-3", bad, comment("hello")),
        change(&store, "acme", "r-4", good, comment("hello")),
        start(&store),
    );
    assert_eq!((failed, done), (Err(Undone::Unavailable), Ok(b"2".to_vec())));
}

/// One clashes, so that they are tried one by one; the next one meets something that is no clash.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_fault_that_is_no_clash_the_rest_is_not_tried() {
    let stage = Stage::sqlite().await;
    let taken = open(&stage.store, "acme", "r-1", "ada").await.unwrap().number;
    let trigger = "create trigger broken before insert on loads when new.agent = 'broken' \
                   begin select raise(abort, 'the disk is full'); end";
    sqlx::query(trigger).execute(&mut stage.connection().await).await.unwrap();
    let store = Store::open(&stage.url).await.unwrap();
    let opened = |request: &str, number: String, agent: &str| {
        let id = ticket_id(slot("ada"));
        let ticket = Ticket { number, agent: Some(agent.to_owned()), ..ticket(id, &person("ada")) };
        store.execute(work("acme", request, slot("ada")), move |unit: &mut Unit<'_>| -> Reply {
            let (ticket, decision) = (Box::new(ticket.clone()), Box::new(decision()));
            unit.record(id, Event::Opened { ticket, decision });
            Ok(vec![])
        })
    };
    let tries = Arc::new(AtomicU32::new(0));
    let (count, id) = (Arc::clone(&tries), ticket_id(slot("ada")));
    let waiting = store.execute(work("acme", "r-4", slot("ada")), move |unit: &mut Unit<'_>| -> Reply {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(record(unit, id, &person("ada")))
    });
    let clashing = opened("r-2", taken, "mei");
    let broken = opened("r-3", "INC-900001".to_owned(), "broken");
    let (one, two, three, ()) = tokio::join!(clashing, broken, waiting, start(&store));
    for undone in [one, two, three] {
        assert_eq!(undone, Err(Undone::Unavailable));
    }
    // Numbers ran out once in the batch that all three were in; alone it was never decided.
    assert_eq!(tries.load(Ordering::Relaxed), 2);
}
