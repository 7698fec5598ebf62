//! The relay: every event once, in order, without a gap, whatever happens to Redis.

use std::time::Duration;

use ticket_dispatch::{
    domain::time::Timestamp,
    proto::v1,
    store::{Outcome, Receipt},
    stream::{
        RelaySettings,
        entry::EntryId,
        partition_stream::{Added, PartitionStream},
        relay::{Pass, Relay, Stalled},
    },
};
use tokio_util::sync::CancellationToken;

use super::Desk;
use crate::parts::{installed::Part, proxy::Proxy, redis::Redis, server::within};

fn relay(desk: &Desk, url: &str) -> Relay {
    Relay::new(desk.store.clone(), 0, vec![], &RelaySettings::at(url)).unwrap()
}

/// Passes until the stream has everything, over faults.
async fn through(relay: &mut Relay) {
    for _ in 0..10_000 {
        match relay.relay_once().await {
            Ok(Pass::Idle) => return,
            Ok(Pass::Added(_) | Pass::Moved) => {}
            Err(Stalled::Redis(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(other) => panic!("{other}"),
        }
    }
    panic!("the relay never comes to rest");
}

/// What lies in the stream, which must be our log from some position on, with every field right.
fn assert_holds(redis: &Redis, log: &[v1::Event], from: usize) {
    let entries = redis.entries("dispatch:{0}");
    assert_eq!(entries.len(), log.len() - from, "entries against events");
    for (entry, event) in entries.iter().zip(&log[from..]) {
        assert_eq!(entry.id, EntryId::of(event).to_string());
        let data: v1::Event = serde_json::from_slice(&entry.fields["data"]).unwrap();
        assert_eq!(&data, event);
        assert_eq!(entry.fields["subject"], event.subject.as_bytes());
    }
}

#[tokio::test]
async fn an_entry_carries_the_attributes_of_a_cloud_event() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    let id = desk.ticket("network").await;
    through(&mut relay(&desk, &redis.url())).await;
    let entry = redis.entries("dispatch:{0}").pop().unwrap();
    let field = |name: &str| String::from_utf8(entry.fields[name].clone()).unwrap();
    assert_eq!(entry.id, "1-1");
    for (name, value) in [
        ("specversion", "1.0"),
        ("id", "acme/0/1-1"),
        ("source", "/ticket-dispatch/acme"),
        ("type", "dispatch.v1.TicketOpened"),
        ("subject", &id.to_string()),
        ("time", "2027-01-15T08:00:00Z"),
        ("datacontenttype", "application/json"),
        ("partitionkey", &id.to_string()),
        ("tenant", "acme"),
    ] {
        assert_eq!(field(name), value, "{name}");
    }
    assert!(field("data").contains("\"ticketOpened\""));
}

#[tokio::test]
async fn every_event_is_published_once_and_in_order_over_crashes_of_redis() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, mut redis) = (Desk::open().await, Redis::start());
    let mut relay = relay(&desk, &redis.url());
    for round in 0..4 {
        desk.tickets(100).await;
        relay.relay_once().await.ok();
        if round % 2 == 0 {
            redis.kill9();
        } else {
            redis.stop();
        }
        desk.tickets(50).await;
        assert!(relay.relay_once().await.is_err(), "Redis is gone");
        redis.restart();
        through(&mut relay).await;
    }
    assert_holds(&redis, &desk.log(0).await, 0);
}

fn receipt(position: u64) -> Receipt {
    Receipt {
        sink: "rt".to_owned(),
        partition: 0,
        position,
        ticket: "x".to_owned(),
        outcome: Outcome::Skipped,
        at: Timestamp(0),
    }
}

#[tokio::test]
async fn a_flushed_stream_starts_behind_the_slowest_receipt() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    let sinks = vec!["rt".to_owned()];
    let mut relay = Relay::new(desk.store.clone(), 0, sinks, &RelaySettings::at(redis.url())).unwrap();
    desk.tickets(300).await;
    through(&mut relay).await;
    desk.store.settle(&(1..=120).map(receipt).collect::<Vec<_>>()).await.unwrap();
    redis.flushall();
    // Noticed without a new event.
    through(&mut relay).await;
    assert_holds(&redis, &desk.log(0).await, 120);
    redis.flushall();
    desk.tickets(10).await;
    through(&mut relay).await;
    assert_holds(&redis, &desk.log(0).await, 120);
}

/// Our own sinks read the log where the stream lags, so they may be ahead of it; consumers outside are not.
#[tokio::test]
async fn a_stream_that_never_was_starts_with_the_first_event_however_far_the_sinks_are() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    desk.tickets(10).await;
    desk.store.settle(&(1..=10).map(receipt).collect::<Vec<_>>()).await.unwrap();
    let sinks = vec!["rt".to_owned()];
    let mut relay = Relay::new(desk.store.clone(), 0, sinks, &RelaySettings::at(redis.url())).unwrap();
    through(&mut relay).await;
    assert_holds(&redis, &desk.log(0).await, 0);
}

#[tokio::test]
async fn a_lost_answer_doubles_nothing() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    let proxy = Proxy::before(redis.address());
    let mut relay = relay(&desk, &proxy.through(&redis.url()));
    desk.tickets(20).await;
    through(&mut relay).await;
    desk.tickets(20).await;
    proxy.drop_replies();
    assert!(matches!(relay.relay_once().await, Err(Stalled::Redis(_))));
    assert_eq!(redis.entries("dispatch:{0}").len(), 40, "it was added all the same");
    proxy.mend();
    through(&mut relay).await;
    assert_holds(&redis, &desk.log(0).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_relays_at_once_publish_every_event_once() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    let proxy = Proxy::before(redis.address());
    let stop = CancellationToken::new();
    let mut running = vec![];
    for url in [redis.url(), redis.url(), proxy.through(&redis.url())] {
        running.push(tokio::spawn(relay(&desk, &url).run(stop.clone())));
    }
    for round in 0..20 {
        desk.tickets(25).await;
        if round % 4 == 1 {
            proxy.cut();
        } else {
            proxy.mend();
        }
    }
    proxy.mend();
    // They publish what is left before they end.
    stop.cancel();
    for it in running {
        it.await.unwrap();
    }
    assert_holds(&redis, &desk.log(0).await, 0);
}

#[tokio::test]
async fn a_writer_that_is_out_of_step_is_refused_as_a_whole() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    desk.tickets(30).await;
    let log = desk.log(0).await;
    let settings = RelaySettings::at(redis.url());
    let mut stream = PartitionStream::new(&settings, 0).unwrap();
    assert_eq!(stream.add(None, &log[..20]).await.unwrap(), Added::All);
    let end = EntryId { epoch: 1, position: 20 };
    // Stale, repeated, and too far ahead: a plain XADD would take the last one and leave a gap.
    for (last, batch) in [
        (None, &log[..20]),
        (Some(EntryId::of(&log[9])), &log[10..25]),
        (Some(EntryId::of(&log[24])), &log[25..]),
    ] {
        assert_eq!(stream.add(last, batch).await.unwrap(), Added::Elsewhere(Some(end)));
    }
    assert_eq!(stream.add(Some(end), &log[20..]).await.unwrap(), Added::All);
    assert_holds(&redis, &log, 0);
}

#[tokio::test]
async fn a_full_redis_takes_nothing_of_a_batch_and_all_of_it_later() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    let mut relay = relay(&desk, &redis.url());
    desk.tickets(5).await;
    through(&mut relay).await;
    let set = |limit: &str| {
        redis::cmd("CONFIG").arg(&["SET", "maxmemory", limit]).exec(&mut redis.connection()).unwrap();
    };
    set("1");
    desk.tickets(5).await;
    let stalled = relay.relay_once().await.unwrap_err();
    assert!(stalled.to_string().contains("OOM"), "{stalled}");
    assert_eq!(redis.entries("dispatch:{0}").len(), 5);
    set("0");
    through(&mut relay).await;
    assert_holds(&redis, &desk.log(0).await, 0);
}

#[tokio::test]
async fn somebody_elses_stream_is_left_alone() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, other, redis) = (Desk::open().await, Desk::open().await, Redis::start());
    other.tickets(20).await;
    through(&mut relay(&other, &redis.url())).await;
    desk.tickets(10).await;
    let mut mine = relay(&desk, &redis.url());
    // Shorter than the stranger's, then as long, then longer: it is told apart each time.
    for more in [10, 10, 0] {
        let stalled = mine.relay_once().await.unwrap_err();
        assert!(matches!(stalled, Stalled::Foreign { .. }), "{stalled}");
        desk.tickets(more).await;
    }
    assert_holds(&redis, &other.log(0).await, 0);
    redis::cmd("SET").arg(&["dispatch:{1}", "x"]).exec(&mut redis.connection()).unwrap();
    let mut wrong = PartitionStream::new(&RelaySettings::at(redis.url()), 1).unwrap();
    assert!(wrong.end().await.unwrap_err().to_string().contains("WRONGTYPE"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_wakes_the_relay() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    let stop = CancellationToken::new();
    let running = tokio::spawn(relay(&desk, &redis.url()).run(stop.clone()));
    for opened in 1..=20 {
        desk.ticket("network").await;
        let arrived = || redis.entries("dispatch:{0}").len() == opened;
        assert!(within(Duration::from_millis(900), arrived), "the fallback alone would take a second");
    }
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_partitions_have_a_stream_each() {
    if Part::Redis.is_missing() || Part::Postgres.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::on_postgres().await, Redis::start());
    desk.tickets(120).await;
    let mut seen = 0;
    for partition in 0..desk.store.partitions() {
        let settings = RelaySettings::at(redis.url());
        let mut relay = Relay::new(desk.store.clone(), partition, vec![], &settings).unwrap();
        through(&mut relay).await;
        let log = desk.log(partition).await;
        let entries = redis.entries(&format!("dispatch:{{{partition}}}"));
        assert_eq!(entries.len(), log.len());
        seen += entries.len();
    }
    assert_eq!(seen, 120);
}
