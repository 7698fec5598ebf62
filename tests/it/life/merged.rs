//! What merged tickets have in common, and what is too much for one.

use ticket_dispatch::proto::v1::{TicketState, event::Fact};
use tonic::Code;
use tonic_types::StatusExt as _;

use super::stage::Desk;
use crate::{
    app::Settings,
    parts::{installed::Part, postgres::Postgres},
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

async fn file(desk: &Desk, ticket: &str, name: &str) -> String {
    let answer = desk.upload(desk.file(ticket, name, "image/png"), PNG).await.unwrap();
    answer.attachment.unwrap().id
}

async fn files(desk: &Desk, ticket: &str) -> Vec<String> {
    desk.get(ticket).await.attachments.into_iter().map(|it| it.name).collect()
}

/// Where tickets lie in one partition, and where they lie in several.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_removed_from_one_of_merged_tickets_is_seen_on_none() {
    removed_from_all(Desk::start(Settings::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_removed_is_seen_on_none_also_across_partitions() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    removed_from_all(Desk::start(Settings::default().env("DISPATCH_STORE_URL", &postgres.url()))).await;
}

async fn removed_from_all(desk: Desk) {
    let mut tickets = vec![];
    for who in ["ada", "bo", "cy"] {
        tickets.push(desk.open(who).await.number);
    }
    let [first, second, last] = <[String; 3]>::try_from(tickets).unwrap();
    let secret = file(&desk, &first, "salaries.png").await;
    file(&desk, &first, "screen.png").await;
    let own = file(&desk, &last, "own.png").await;
    desk.merge(&first, &second).await.unwrap();
    desk.until(|| async { files(&desk, &second).await.len() == 2 }).await;
    desk.merge(&second, &last).await.unwrap();
    desk.until(|| async { files(&desk, &last).await.len() == 3 }).await;

    // From the survivor, down to where it came from.
    desk.remove(&last, &secret).await.unwrap();
    for it in [&first, &second] {
        desk.until(|| async { files(&desk, it).await == ["screen.png"] }).await;
        assert_eq!(desk.download(it, &secret).await.unwrap_err().code(), Code::NotFound);
        let removed = |it: &Fact| matches!(it, Fact::TicketDetached(it) if it.reason == "the wrong file");
        let facts = desk.events(it).await.into_iter().filter_map(|it| it.fact);
        assert_eq!(facts.filter(removed).count(), 1, "the history says why, once");
    }
    assert_eq!(files(&desk, &last).await, ["own.png", "screen.png"]);

    // From the one where it came from, up to the survivor.
    let screen = desk.get(&first).await.attachments[0].id.clone();
    desk.remove(&first, &screen).await.unwrap();
    desk.until(|| async { files(&desk, &last).await == ["own.png"] }).await;
    assert!(files(&desk, &second).await.is_empty());
    // What the survivor has by itself concerns nobody else.
    desk.remove(&last, &own).await.unwrap();
    assert!(files(&desk, &last).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_merge_loses_no_file_and_nobody_who_is_told() {
    let desk = Desk::start(Settings::default());
    let (gone, stays) = (desk.open("ada").await.number, desk.open("bo").await.number);
    let mut ids = vec![];
    for count in 0..26 {
        ids.push(file(&desk, &gone, &format!("a{count}.png")).await);
        file(&desk, &stays, &format!("b{count}.png")).await;
    }
    let refused = desk.merge(&gone, &stays).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(refused.get_error_details().error_info().unwrap().reason, "TOO_MANY");
    let told = format!("{stays} would have 52 files then, 2 more than one ticket takes, which is 50");
    assert!(refused.message().contains(&told), "{refused}");
    for id in &ids[..2] {
        desk.remove(&gone, id).await.unwrap();
    }
    for count in 0..50 {
        desk.watch(&gone, &format!("a{count}"), 0).await.unwrap();
        desk.watch(&stays, &format!("b{count}"), 0).await.unwrap();
    }
    let refused = desk.merge(&gone, &stays).await.unwrap_err();
    assert!(refused.message().contains("101 watchers then, 1 more"), "{refused}");
    assert_ne!(desk.get(&gone).await.state(), TicketState::Cancelled, "nothing has changed");
    desk.unwatch(&gone, "a0").await.unwrap();
    desk.merge(&gone, &stays).await.unwrap();
    desk.until(|| async { files(&desk, &stays).await.len() == 50 }).await;
    assert_eq!(desk.get(&stays).await.watchers.len(), 100);
}
