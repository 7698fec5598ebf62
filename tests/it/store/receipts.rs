//! Receipts and watermarks: a delivery is done when its receipt is kept.

use ticket_dispatch::{
    domain::time::Timestamp,
    store::{Outcome, Receipt, Store},
};

use super::stage::{Stage, slot, ticket_id};

on_both!(
    a_watermark_stops_at_the_first_gap,
    a_dead_letter_holds_back_its_ticket_until_it_is_taken_up,
    a_ticket_is_linked_to_its_record,
);

fn receipt(position: u64, ticket: &str, outcome: Outcome) -> Receipt {
    let (sink, ticket) = ("rt".to_owned(), ticket.to_owned());
    Receipt { sink, partition: 0, position, ticket, outcome, at: Timestamp(position.cast_signed()) }
}

fn delivered(position: u64) -> Receipt {
    receipt(position, "tkt_1", Outcome::Delivered { external: String::new() })
}

async fn mark(store: &Store) -> u64 {
    store.watermark("rt", 0).await.unwrap()
}

async fn a_watermark_stops_at_the_first_gap(stage: Stage) {
    let store = &stage.store;
    assert_eq!(mark(store).await, 0);
    store.settle(&[delivered(2), delivered(4)]).await.unwrap();
    assert_eq!(mark(store).await, 0);
    store.settle(&[delivered(1)]).await.unwrap();
    assert_eq!(mark(store).await, 2);
    store.settle(&[receipt(3, "tkt_2", Outcome::Skipped)]).await.unwrap();
    assert_eq!(mark(store).await, 4);
    store.settle(&[delivered(2)]).await.unwrap();
    assert_eq!(mark(store).await, 4);
    let many: Vec<_> = (6..2600).map(delivered).collect();
    store.settle(&many).await.unwrap();
    assert_eq!(mark(store).await, 4);
    store.settle(&[delivered(5)]).await.unwrap();
    assert_eq!(mark(store).await, 2599);
    assert_eq!(store.watermark("rt", 1).await.unwrap(), 0);
    assert_eq!(store.watermark("jira", 0).await.unwrap(), 0);
}

async fn a_dead_letter_holds_back_its_ticket_until_it_is_taken_up(stage: Stage) {
    let store = &stage.store;
    let parked = |position| receipt(position, "tkt_2", Outcome::Parked { why: "400: bad queue".to_owned() });
    store.settle(&[delivered(1), parked(2), delivered(3), parked(4), delivered(5)]).await.unwrap();
    assert_eq!(mark(store).await, 5);
    let waits = async |sink, ticket, position| store.is_parked_before(sink, ticket, position).await.unwrap();
    assert!(waits("rt", "tkt_2", 3).await && waits("rt", "tkt_2", 6).await);
    assert!(!waits("rt", "tkt_2", 2).await, "what came after it does not hold it back");
    assert!(!waits("rt", "tkt_1", 6).await && !waits("jira", "tkt_2", 6).await);
    assert_eq!(store.parked(Some("rt"), 9).await.unwrap(), [parked(2), parked(4)]);
    assert_eq!(store.parked(None, 1).await.unwrap(), [parked(2)]);
    assert_eq!(store.parked(Some("jira"), 9).await.unwrap(), []);

    // The later one first: the watermark goes down to before the lowest that is taken up.
    assert_eq!(store.unpark("rt", 0, 4).await.unwrap(), Some(parked(4)));
    assert_eq!(mark(store).await, 3);
    assert_eq!(store.unpark("rt", 0, 4).await.unwrap(), None);
    assert_eq!(store.unpark("rt", 0, 3).await.unwrap(), None);
    assert_eq!(store.unpark("rt", 0, 2).await.unwrap(), Some(parked(2)));
    assert_eq!(mark(store).await, 1);
    assert!(!waits("rt", "tkt_2", 6).await);

    store.settle(&[delivered(2)]).await.unwrap();
    assert_eq!(mark(store).await, 3);
    store.settle(&[parked(4)]).await.unwrap();
    assert_eq!(mark(store).await, 5);
    // A dead letter that was delivered by hand is one no more.
    store.settle(&[receipt(4, "tkt_2", Outcome::Delivered { external: "77".to_owned() })]).await.unwrap();
    assert_eq!(store.parked(None, 9).await.unwrap(), []);
}

async fn a_ticket_is_linked_to_its_record(stage: Stage) {
    let (store, id) = (&stage.store, ticket_id(slot("ada")));
    assert_eq!(store.link("rt", id).await.unwrap(), None);
    let at = |position, external: &str| {
        receipt(position, &id.to_string(), Outcome::Delivered { external: external.to_owned() })
    };
    store.settle(&[at(1, "76"), at(1, "77"), at(2, "")]).await.unwrap();
    assert_eq!(store.link("rt", id).await.unwrap().as_deref(), Some("77"));
    assert_eq!(store.link("jira", id).await.unwrap(), None);
}
