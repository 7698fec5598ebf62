//! Several processes on one database, played by several stores.

use std::collections::{HashMap, HashSet};

use ticket_dispatch::{
    domain::id::Slot,
    store::{Chain, Store, Unit, Work},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::stage::{Reply, Stage, person, record, ticket_id, work};

on_both!(replicas_do_not_repeat_what_another_did);

async fn another(stage: &Stage) -> Store {
    let store = Store::open(&stage.url).await.unwrap();
    for (_, run) in store.writers(CancellationToken::new()) {
        tokio::spawn(run);
    }
    store
}

/// Every request comes to both, and, where there is more than one partition, to two of them: whatever
/// the order, one effect and one reply.
async fn replicas_do_not_repeat_what_another_did(stage: Stage) {
    let stores = [stage.store.clone(), another(&stage).await];
    let mut tasks = JoinSet::new();
    for turn in 0..400_u64 {
        let store = stores[turn as usize % 2].clone();
        tasks.spawn(async move {
            let (slot, name) = (Slot((turn / 2 % 3) as u8), format!("m-{}", turn / 4));
            let id = ticket_id(slot);
            let decide = move |unit: &mut Unit<'_>| -> Reply { Ok(record(unit, id, &person("ada"))) };
            let work = Work { slot, ..work("acme", &name, slot) };
            loop {
                if let Ok(reply) = store.execute(work.clone(), decide).await {
                    return (name, String::from_utf8(reply).unwrap());
                }
            }
        });
    }
    let mut replies: HashMap<String, String> = HashMap::new();
    for (name, reply) in tasks.join_all().await {
        assert_eq!(replies.entry(name).or_insert(reply.clone()), &reply);
    }
    assert_eq!(replies.values().collect::<HashSet<_>>().len(), 100);
    let mut count = 0;
    for partition in 0..stage.store.partitions() {
        let events = stage.store.events_after(partition, 0, 1000).await.unwrap();
        assert!((1..).zip(&events).all(|(place, event)| event.position == place));
        count += events.len();
        assert_eq!(stage.store.check_chain(partition).await.unwrap(), Chain::Whole(events.len() as u64));
    }
    assert_eq!(count, 100);
    let loads = stage.store.loads(&super::stage::tenant("acme")).await.unwrap();
    assert_eq!(loads["mei"].open, 100);
}
