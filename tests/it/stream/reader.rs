//! The ordered reader: what it gives is the log, whatever the stream looks like.

use std::time::{Duration, Instant};

use ticket_dispatch::{
    proto::v1,
    stream::{
        RelaySettings,
        reader::Reader,
        relay::{Pass, Relay},
    },
};

use super::Desk;
use crate::parts::{installed::Part, redis::Redis};

async fn publish(desk: &Desk, redis: &Redis) {
    let mut relay = Relay::new(desk.store.clone(), 0, vec![], &RelaySettings::at(redis.url())).unwrap();
    while relay.relay_once().await.unwrap() != Pass::Idle {}
}

fn reader(desk: &Desk, redis: &Redis) -> Reader {
    Reader::stream(desk.store.clone(), 0, &RelaySettings::at(redis.url())).unwrap()
}

/// Reads in steps until nothing comes.
async fn all(reader: &mut Reader, mut after: u64) -> Vec<v1::Event> {
    let mut events: Vec<v1::Event> = vec![];
    loop {
        let more = reader.next(after, 7).await.unwrap();
        let Some(last) = more.last() else { return events };
        after = last.position;
        events.extend(more);
    }
}

fn command(redis: &Redis, words: &[&str]) {
    redis::cmd(words[0]).arg(&words[1..]).exec(&mut redis.connection()).unwrap();
}

#[tokio::test]
async fn without_redis_the_log_itself_is_read() {
    let desk = Desk::open().await;
    desk.tickets(20).await;
    let mut reader = Reader::log(desk.store.clone(), 0);
    assert_eq!(all(&mut reader, 0).await, desk.log(0).await);
    assert_eq!(all(&mut reader, 15).await, desk.log(0).await[15..]);
    desk.ticket("network").await;
    reader.wait().await;
    assert_eq!(all(&mut reader, 20).await.len(), 1);
}

#[tokio::test]
async fn gaps_are_filled_from_the_log() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    desk.tickets(40).await;
    publish(&desk, &redis).await;
    let log = desk.log(0).await;
    let mut warm = reader(&desk, &redis);
    assert_eq!(warm.next(0, 7).await.unwrap(), log[..7]);
    // A hole, a trimmed beginning, and a tail that was never published.
    command(&redis, &["XDEL", "dispatch:{0}", "1-20", "1-21"]);
    assert_eq!(all(&mut warm, 7).await, log[7..]);
    command(&redis, &["XTRIM", "dispatch:{0}", "MAXLEN", "5"]);
    desk.tickets(10).await;
    let log = desk.log(0).await;
    assert_eq!(all(&mut reader(&desk, &redis), 0).await, log);
    assert_eq!(all(&mut reader(&desk, &redis), 38).await, log[38..]);
    redis.flushall();
    assert_eq!(all(&mut reader(&desk, &redis), 0).await, log);
}

#[tokio::test]
async fn with_redis_away_nothing_waits_for_it() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, mut redis) = (Desk::open().await, Redis::start());
    desk.tickets(10).await;
    publish(&desk, &redis).await;
    let mut reader = reader(&desk, &redis);
    assert_eq!(reader.next(0, 4).await.unwrap().len(), 4);
    redis.kill9();
    assert_eq!(all(&mut reader, 4).await, desk.log(0).await[4..]);
    reader.wait().await;
    desk.ticket("network").await;
    assert_eq!(all(&mut reader, 10).await.len(), 1);
    redis.restart();
}

#[tokio::test]
async fn what_is_not_ours_is_not_read() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, other, redis) = (Desk::open().await, Desk::open().await, Redis::start());
    other.tickets(30).await;
    publish(&other, &redis).await;
    desk.tickets(20).await;
    assert_eq!(all(&mut reader(&desk, &redis), 0).await, desk.log(0).await);

    // Nor is it waited for: it is there already, and waiting would not wait.
    let mut idle = reader(&desk, &redis);
    assert_eq!(all(&mut idle, 20).await, []);
    let begun = Instant::now();
    idle.wait().await;
    assert!(begun.elapsed() > Duration::from_millis(500), "{:?}", begun.elapsed());
    desk.ticket("network").await;
    idle.wait().await;
    assert!(begun.elapsed() < Duration::from_millis(1900), "news wakes it: {:?}", begun.elapsed());
    assert_eq!(all(&mut idle, 20).await, desk.log(0).await[20..]);

    redis.flushall();
    command(&redis, &["XADD", "dispatch:{0}", "1-1", "data", "nonsense"]);
    assert_eq!(all(&mut reader(&desk, &redis), 0).await, desk.log(0).await);
}
