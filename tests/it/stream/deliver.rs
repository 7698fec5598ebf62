//! Deliveries: every event has one effect downstream, in order, and what cannot be delivered waits
//! among the dead letters with all that follows it.

use std::{sync::Arc, time::Duration};

use ticket_dispatch::{
    domain::{id::TicketId, lifecycle::State, ticket::Ticket, time::Timestamp},
    sinks::Sink,
    store::Outcome,
    stream::{
        RelaySettings,
        dead_letters::{Shadow, replay},
        deliver::{Delivery, Pass},
        reader::Reader,
    },
};
use tokio_util::sync::CancellationToken;

use super::{
    Desk,
    desk::{moved, ticket},
    tracker::Tracker,
};
use crate::parts::{installed::Part, proxy::Proxy, redis::Redis, server::within};

fn now() -> Timestamp {
    Timestamp(1_800_000_000_000)
}

fn delivery(desk: &Desk, sink: Arc<Sink>) -> Delivery {
    let reader = Reader::log(desk.store.clone(), 0);
    Delivery::new(desk.store.clone(), sink, 0, reader, 3, now)
}

/// Delivers until there is nothing left; attempts follow each other at once.
async fn through(delivery: &mut Delivery) {
    while delivery.deliver_once().await.unwrap() != Pass::Idle {}
}

async fn named(desk: &Desk, subject: &str) -> TicketId {
    desk.opened(Ticket { subject: subject.to_owned(), ..ticket() }).await
}

/// Messages of each ticket, by the ticket's subject.
fn messages(tracker: &Tracker) -> Vec<(String, Vec<String>)> {
    let text = |it: &String| it.rsplit('\n').next().unwrap_or_default().to_owned();
    tracker.with(|it| {
        it.tickets.iter().map(|it| (it.subject.clone(), it.messages.iter().map(text).collect())).collect()
    })
}

#[tokio::test]
async fn every_event_has_one_effect_even_if_its_receipt_was_lost() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    let (one, two) = (named(&desk, "one").await, named(&desk, "two").await);
    for text in ["a", "b"] {
        desk.says(one, text).await;
        desk.says(two, text).await;
        desk.catalog().await;
    }
    desk.happens(one, moved(State::Resolved, None, "done")).await;
    let head = desk.head().await;
    for _ in 0..3 {
        through(&mut delivery(&desk, Tracker::sink(tracker.address))).await;
        assert_eq!(desk.store.watermark("rt", 0).await.unwrap(), head);
        let right = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let one = ("one".to_owned(), right(&["a", "b", "done"]));
        assert_eq!(messages(&tracker), [one, ("two".to_owned(), right(&["a", "b"]))]);
        assert_eq!(tracker.with(|it| it.tickets[0].status.clone()), "resolved");
        // As after a crash between the effect and its receipt, for every event at once.
        for table in ["receipts", "watermarks", "links"] {
            let forget = format!("delete from {table}");
            let query = sqlx::query(sqlx::AssertSqlSafe(forget));
            query.execute(&mut desk.connection().await).await.unwrap();
        }
    }
}

#[tokio::test]
async fn events_that_are_nothing_to_a_store_are_settled_without_asking_it() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    for _ in 0..10 {
        desk.catalog().await;
    }
    through(&mut delivery(&desk, Tracker::sink(tracker.address))).await;
    assert_eq!(desk.store.watermark("rt", 0).await.unwrap(), 10);
    assert_eq!(tracker.with(|it| it.requests), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_unknown_and_found_out() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    let proxy = Proxy::before(tracker.address);
    let id = named(&desk, "one").await;
    desk.says(id, "a").await;
    desk.says(id, "b").await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(delivery(&desk, Tracker::sink(proxy.address())).run(stop.clone()));
    for _ in 0..2 {
        // The third answer of a message is that of its post; wherever it hits, nothing may double.
        let lost = proxy.replies_dropped();
        proxy.drop_replies();
        assert!(within(Duration::from_secs(20), || proxy.replies_dropped() > lost));
        proxy.mend();
    }
    let settled = || {
        let store = desk.store.clone();
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async { store.watermark("rt", 0).await.unwrap() })
        }) == 3
    };
    assert!(within(Duration::from_secs(30), settled));
    stop.cancel();
    running.await.unwrap();
    assert_eq!(messages(&tracker), [("one".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
}

#[tokio::test]
async fn a_poisoned_event_is_parked_with_what_follows_it_and_replayed_in_order() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    tracker.with(|it| it.poison = Some(("poison", 400)));
    let bad = named(&desk, "poison").await;
    let good = named(&desk, "good").await;
    for text in ["a", "b"] {
        desk.says(bad, text).await;
        desk.says(good, text).await;
    }
    let mut delivery = delivery(&desk, Tracker::sink(tracker.address));
    through(&mut delivery).await;
    let both = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(messages(&tracker), [("good".to_owned(), both.clone())]);
    let parked = desk.store.parked(Some("rt"), 10).await.unwrap();
    assert_eq!(parked.iter().map(|it| it.position).collect::<Vec<_>>(), [1, 3, 5]);
    let Outcome::Parked { why } = &parked[0].outcome else { panic!("{parked:?}") };
    assert_eq!(why, "POST /REST/2.0/ticket answered 400: poisoned");
    assert_eq!(desk.store.watermark("rt", 0).await.unwrap(), 6, "parked is an outcome too");

    // Replayed while still poisoned: parked again, nothing overtakes.
    assert_eq!(replay(&desk.store, &parked).await.unwrap(), 3);
    through(&mut delivery).await;
    assert_eq!(desk.store.parked(Some("rt"), 10).await.unwrap().len(), 3);

    tracker.with(|it| it.poison = None);
    replay(&desk.store, &parked[..1]).await.unwrap();
    through(&mut delivery).await;
    replay(&desk.store, &parked).await.unwrap();
    through(&mut delivery).await;
    assert_eq!(desk.store.parked(None, 10).await.unwrap(), []);
    assert_eq!(messages(&tracker), [("good".to_owned(), both.clone()), ("poison".to_owned(), both)]);
    assert_eq!(desk.store.watermark("rt", 0).await.unwrap(), 6);
}

#[tokio::test]
async fn attempts_are_counted_but_not_those_at_a_store_that_is_away() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    named(&desk, "one").await;
    let mut delivery = delivery(&desk, Tracker::sink(tracker.address));
    let mut pass = async |fault| {
        tracker.with(|it| it.fault = Some(fault));
        delivery.deliver_once().await.unwrap()
    };
    let wait = |seconds| Pass::Wait(Duration::from_secs(seconds));
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(pass(503).await, wait(seconds));
    }
    assert!(matches!(pass(401).await, Pass::Blocked(why) if why.contains("token")));
    assert_eq!(pass(500).await, wait(1));
    assert_eq!(pass(500).await, wait(2));
    assert!(matches!(pass(403).await, Pass::Blocked(_)));
    assert_eq!(
        desk.store.parked(None, 10).await.unwrap(),
        [],
        "nothing is parked for a store that is not there"
    );
    assert_eq!(pass(500).await, Pass::Settled(1));
    let parked = desk.store.parked(None, 10).await.unwrap();
    let Outcome::Parked { why } = &parked[0].outcome else { panic!("{parked:?}") };
    assert!(why.starts_with("given up after 3 attempts"), "{why}");
}

#[tokio::test]
async fn a_dead_letter_has_a_shadow_that_says_why_and_not_what() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, tracker, redis) = (Desk::open().await, Tracker::start().await, Redis::start());
    tracker.with(|it| it.poison = Some(("secret", 422)));
    let id = named(&desk, "secret words").await;
    let shadow = Shadow::new(&RelaySettings::at(redis.url())).unwrap();
    through(&mut delivery(&desk, Tracker::sink(tracker.address)).with_shadow(shadow)).await;
    let entries = redis.entries("dispatch:dead");
    let fields: Vec<(&str, String)> = entries[0]
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8(value.clone()).unwrap()))
        .collect();
    let right = [
        ("partition", "0"),
        ("position", "1"),
        ("sink", "rt"),
        ("subject", &id.to_string()),
        ("tenant", "acme"),
        ("type", "dispatch.v1.TicketOpened"),
        ("why", "POST /REST/2.0/ticket answered 422: poisoned"),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    assert_eq!(fields, right);
}

#[tokio::test]
async fn a_message_that_the_token_may_not_see_is_posted_once() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    let id = named(&desk, "one").await;
    for text in ["a", "b", "c"] {
        desk.says(id, text).await;
    }
    let mut delivery = delivery(&desk, Tracker::sink(tracker.address));
    for _ in 0..3 {
        assert_eq!(delivery.deliver_once().await.unwrap(), Pass::Settled(1));
    }
    tracker.with(|it| it.hides_messages = true);
    for _ in 0..3 {
        let pass = delivery.deliver_once().await.unwrap();
        assert!(matches!(&pass, Pass::Blocked(why) if why.contains("ShowTicketComments")), "{pass:?}");
    }
    tracker.with(|it| it.hides_messages = false);
    through(&mut delivery).await;
    let right = ["a", "b", "c"].map(str::to_owned).to_vec();
    assert_eq!(messages(&tracker), [("one".to_owned(), right)]);
}

#[tokio::test]
async fn a_record_that_did_not_keep_its_key_is_found_after_a_restart() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    let fresh = || delivery(&desk, Tracker::sink(tracker.address));
    let blocked = async |delivery: &mut Delivery| {
        let pass = delivery.deliver_once().await.unwrap();
        assert!(matches!(&pass, Pass::Blocked(why) if why.contains("SetInitialCustomField")), "{pass:?}");
    };
    named(&desk, "one").await;
    tracker.with(|it| it.drops_keys = true);
    for _ in 0..3 {
        blocked(&mut fresh()).await;
    }
    tracker.with(|it| it.drops_keys = false);
    let mut running = fresh();
    through(&mut running).await;

    // The right may also be taken away while it runs.
    named(&desk, "two").await;
    tracker.with(|it| it.drops_keys = true);
    blocked(&mut running).await;
    blocked(&mut running).await;
    blocked(&mut fresh()).await;
    tracker.with(|it| it.drops_keys = false);
    through(&mut fresh()).await;
    let (log, tickets) = (desk.log(0).await, tracker.with(|it| std::mem::take(&mut it.tickets)));
    let kept: Vec<_> = tickets.iter().map(|it| (it.key.clone(), it.subject.as_str())).collect();
    assert_eq!(kept, [(log[0].subject.clone(), "one"), (log[1].subject.clone(), "two")]);
}

#[tokio::test]
async fn nothing_overtakes_a_dead_letter_that_is_replayed_meanwhile() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, tracker, redis) = (Desk::open().await, Tracker::start().await, Redis::start());
    let proxy = Proxy::before(redis.address());
    let reader = Reader::stream(desk.store.clone(), 0, &RelaySettings::at(proxy.through(&redis.url())));
    let sink = Tracker::sink(tracker.address);
    let mut delivery = Delivery::new(desk.store.clone(), sink, 0, reader.unwrap(), 3, now);
    tracker.with(|it| it.poison = Some(("poison", 400)));
    let id = named(&desk, "poison").await;
    through(&mut delivery).await;
    desk.says(id, "a").await;

    // It has asked where it stands, and waits for what comes next.
    proxy.delay(1000);
    let (store, parked) = (desk.store.clone(), desk.store.parked(None, 9).await.unwrap());
    let replayed = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        tracker.with(|it| it.poison = None);
        assert_eq!(replay(&store, &parked).await.unwrap(), 1);
    };
    let (pass, ()) = tokio::join!(delivery.deliver_once(), replayed);
    assert_eq!(pass.unwrap(), Pass::Settled(0));
    proxy.delay(0);
    through(&mut delivery).await;
    assert_eq!(desk.store.parked(None, 9).await.unwrap(), []);
    assert_eq!(messages(&tracker), [("poison".to_owned(), vec!["a".to_owned()])]);
}

#[tokio::test]
async fn one_in_a_hundred_is_poison_and_the_dead_are_exactly_those() {
    let (desk, tracker) = (Desk::open().await, Tracker::start().await);
    tracker.with(|it| it.poison = Some(("poison", 400)));
    let mut poisoned = vec![];
    for number in 0..300 {
        let is_poison = number % 100 == 37;
        let id = named(&desk, if is_poison { "poison" } else { "fine" }).await;
        if is_poison {
            poisoned.push(id.to_string());
        }
    }
    let mut delivery = delivery(&desk, Tracker::sink(tracker.address));
    through(&mut delivery).await;
    let parked = desk.store.parked(None, 1000).await.unwrap();
    assert_eq!(parked.iter().map(|it| it.ticket.clone()).collect::<Vec<_>>(), poisoned);
    tracker.with(|it| it.poison = None);
    replay(&desk.store, &parked).await.unwrap();
    through(&mut delivery).await;
    assert_eq!(tracker.with(|it| it.tickets.len()), 300);
    let mut keys = tracker.with(|it| it.tickets.iter().map(|it| it.key.clone()).collect::<Vec<_>>());
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 300);
}
