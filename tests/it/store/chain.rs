//! The chain over the history holds, and shows what was touched.

use sqlx::{AssertSqlSafe, Executor as _};
use ticket_dispatch::store::Chain;

use super::stage::{Stage, change, comment, open};

on_both!(whatever_is_touched_in_the_history_shows, erased_words_leave_the_chain_whole);

const COMMENTS: u64 = 19;

async fn told(stage: &Stage) {
    let ticket = open(&stage.store, "acme", "m-0", "ada").await.unwrap();
    for turn in 0..COMMENTS {
        let request = format!("c-{turn}");
        change(&stage.store, "acme", &request, ticket.id, comment(&request)).await.unwrap();
    }
}

/// The partition that the events are in.
async fn partition(stage: &Stage) -> u32 {
    for partition in 0..stage.store.partitions() {
        if stage.store.head(partition).await.unwrap().position > 0 {
            return partition;
        }
    }
    panic!("there are no events");
}

async fn whatever_is_touched_in_the_history_shows(stage: Stage) {
    told(&stage).await;
    let partition = partition(&stage).await;
    let mut connection = stage.connection().await;
    assert_eq!(stage.store.check_chain(partition).await.unwrap(), Chain::Whole(COMMENTS + 1));
    let there = format!("partition = {partition} and position");
    let mut touches = vec![
        (format!("delete from events where {there} = 20"), 20),
        (format!("delete from events where {there} = 1"), 1),
        (format!("update events set hash = payload where {there} = 5"), 5),
        (format!("update partitions set hash = (select hash from events where {there} = 3)"), 20),
        (format!("delete from events where {there} > 11"), 12),
    ];
    for position in 1..=20 {
        let other = position % 20 + 1;
        let taken = format!("(select payload from events where {there} = {other})");
        touches.push((format!("update events set payload = {taken} where {there} = {position}"), position));
    }
    for (touch, position) in touches {
        connection.execute("begin").await.unwrap();
        connection.execute("create table kept as select * from events").await.unwrap();
        connection.execute("create table kept_head as select * from partitions").await.unwrap();
        connection.execute(AssertSqlSafe(touch.clone())).await.unwrap();
        connection.execute("commit").await.unwrap();
        let found = stage.store.check_chain(partition).await.unwrap();
        assert_eq!(found, Chain::Broken(position), "{touch}");
        for mend in [
            "delete from events",
            "insert into events select * from kept",
            "delete from partitions",
            "insert into partitions select * from kept_head",
            "drop table kept",
            "drop table kept_head",
        ] {
            connection.execute(mend).await.unwrap();
        }
    }
    assert_eq!(stage.store.check_chain(partition).await.unwrap(), Chain::Whole(COMMENTS + 1));
}

async fn erased_words_leave_the_chain_whole(stage: Stage) {
    told(&stage).await;
    let partition = partition(&stage).await;
    let mut connection = stage.connection().await;
    let payload: Vec<u8> = sqlx::query_scalar("select payload from events where position = 7")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let digest: [u8; 32] =
        sha2::Digest::finalize(sha2::Digest::chain_update(sha2::Sha256::default(), payload)).into();
    sqlx::query("update events set payload = $1, digest = $2 where position = 7")
        .bind(Vec::<u8>::new())
        .bind(digest.to_vec())
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(stage.store.check_chain(partition).await.unwrap(), Chain::Whole(COMMENTS + 1));
}
