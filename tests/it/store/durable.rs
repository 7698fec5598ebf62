//! What was answered is there after a restart, and a database that could lose it is refused.

use sqlx::Executor as _;
use ticket_dispatch::{
    domain::lookup::TicketRef,
    store::{OpenError, Store},
};

use super::stage::{Stage, change, comment, open, tenant};

on_both!(everything_is_found_after_a_restart);

async fn everything_is_found_after_a_restart(stage: Stage) {
    let ticket = open(&stage.store, "acme", "m-1", "ada").await.unwrap();
    change(&stage.store, "acme", "m-2", ticket.id, comment("hello")).await.unwrap();
    let heads = async |store: &Store| {
        let mut heads = vec![];
        for partition in 0..store.partitions() {
            heads.push((store.head(partition).await.unwrap(), *store.committed(partition).borrow()));
        }
        heads
    };
    let (before, row) = (heads(&stage.store).await, TicketRef::Id(ticket.id));
    let stage = stage.reopened().await;
    assert_eq!(heads(&stage.store).await, before);
    let found = stage.store.ticket(&tenant("acme"), &row).await.unwrap().unwrap();
    assert_eq!((found.version, found.comments), (2, 1));
    let reply = change(&stage.store, "acme", "m-2", ticket.id, comment("hello")).await;
    assert_eq!(reply, Ok(b"2".to_vec()));
    assert_eq!(change(&stage.store, "acme", "m-3", ticket.id, comment("again")).await, Ok(b"3".to_vec()));
}

#[tokio::test]
async fn a_postgres_that_answers_before_it_syncs_is_refused() {
    if crate::parts::installed::Part::Postgres.is_missing() {
        return;
    }
    let stage = Stage::postgres().await;
    let mut connection = stage.connection().await;
    connection.execute("alter database postgres set synchronous_commit = off").await.unwrap();
    let refused = Store::open(&stage.url).await.err().unwrap();
    assert!(matches!(refused, OpenError::NotDurable { setting: "synchronous_commit", .. }), "{refused}");
    assert!(refused.to_string().contains("synchronous_commit is `off`, and must be on"));
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_says_why() {
    let folder = tempfile::TempDir::new().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, but long enough to be looked at as one".repeat(99)).unwrap();
    for (url, says) in [
        (format!("sqlite:{}", text.display()), "not a database"),
        (format!("sqlite:{}", folder.path().join("no/such/folder/desk.db").display()), "cannot be opened"),
        ("mysql://localhost/desk".to_owned(), "must be `sqlite:PATH` or `postgres://"),
        ("postgres://me:secret@127.0.0.1:1/desk".to_owned(), "postgres://…@127.0.0.1:1/desk"),
    ] {
        let error = Store::open(&url).await.err().unwrap().to_string();
        assert!(error.contains(says) && !error.contains("secret"), "{error}");
    }
}
