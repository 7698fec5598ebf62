//! A database that was restored: its history is shorter than the stream's, and goes on in a new epoch.

use ticket_dispatch::stream::{
    RelaySettings,
    reader::Reader,
    relay::{Pass, Relay, Stalled},
};

use super::Desk;
use crate::parts::{installed::Part, redis::Redis};

/// Loses all events behind a position, as a restore from an older copy does.
async fn lose(desk: Desk, behind: u64, epoch: u64) -> Desk {
    let mut connection = desk.connection().await;
    let (behind, epoch) = (behind.cast_signed(), epoch.cast_signed());
    let cut = sqlx::query("delete from events where position > $1").bind(behind);
    cut.execute(&mut connection).await.unwrap();
    sqlx::query(
        "update partitions set head = $1, epoch = $2, hash = (select hash from events where position = $1)",
    )
    .bind(behind)
    .bind(epoch)
    .execute(&mut connection)
    .await
    .unwrap();
    desk.reopened().await
}

#[tokio::test]
async fn what_a_restore_lost_stays_and_what_came_after_follows_it() {
    if Part::Redis.is_missing() {
        return;
    }
    let (desk, redis) = (Desk::open().await, Redis::start());
    let settings = RelaySettings::at(redis.url());
    desk.tickets(100).await;
    let relay = |desk: &Desk| Relay::new(desk.store.clone(), 0, vec![], &settings).unwrap();
    let mut first = relay(&desk);
    while first.relay_once().await.unwrap() != Pass::Idle {}

    let desk = lose(desk, 80, 1).await;
    let stalled = relay(&desk).relay_once().await.unwrap_err();
    assert!(matches!(stalled, Stalled::Foreign { .. }), "restored without a new epoch: {stalled}");

    let desk = lose(desk, 80, 2).await;
    let mut second = relay(&desk);
    while second.relay_once().await.unwrap() != Pass::Idle {}
    assert_eq!(redis.entries("dispatch:{0}").len(), 100, "nothing new yet");
    desk.tickets(30).await;
    while second.relay_once().await.unwrap() != Pass::Idle {}
    let ids: Vec<String> = redis.entries("dispatch:{0}").into_iter().map(|it| it.id).collect();
    let right = (1..=100).map(|it| format!("1-{it}")).chain((81..=110).map(|it| format!("2-{it}")));
    assert_eq!(ids, right.collect::<Vec<_>>());

    // A sink reads what the database says, and not what was lost.
    let mut reader = Reader::stream(desk.store.clone(), 0, &settings).unwrap();
    let mut read = vec![];
    while let Some(last) = {
        let after = read.last().map_or(70, |it: &ticket_dispatch::proto::v1::Event| it.position);
        read.extend(reader.next(after, 16).await.unwrap());
        read.last().filter(|it| it.position > after)
    } {
        assert!(last.position <= 110);
    }
    assert_eq!(read, desk.log(0).await[70..]);
}
