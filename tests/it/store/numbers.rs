//! Ticket numbers: gaps are allowed, repeats never.

use std::collections::HashSet;

use ticket_dispatch::{
    domain::ticket::{Event, Ticket, TicketKind},
    store::Unit,
};
use tokio::task::JoinSet;

use super::stage::{Reply, Stage, open, person, slot, ticket, ticket_id, work};

on_both!(numbers_never_repeat_over_a_restart, one_decision_may_take_many_numbers);

async fn numbers_never_repeat_over_a_restart(mut stage: Stage) {
    let mut seen = HashSet::new();
    for run in 0..3 {
        let mut tasks = JoinSet::new();
        for turn in 0..100 {
            let store = stage.store.clone();
            tasks.spawn(async move {
                let who = format!("person {turn}");
                open(&store, "acme", &format!("{run} {turn}"), &who).await.unwrap().number
            });
        }
        for number in tasks.join_all().await {
            assert!(number.starts_with("INC-"));
            assert!(seen.insert(number));
        }
        stage = stage.reopened().await;
    }
    assert_eq!(open(&stage.store, "globex", "m-1", "ada").await.unwrap().number, "INC-000001");
}

async fn one_decision_may_take_many_numbers(stage: Stage) {
    let ids: Vec<_> = (0..150).map(|_| ticket_id(slot("ada"))).collect();
    let decide = move |unit: &mut Unit<'_>| -> Reply {
        let mut numbers = Vec::new();
        for id in &ids {
            let (kind, number) = (TicketKind::Request, unit.number(TicketKind::Request));
            numbers.push(number.clone());
            let opened = Ticket { kind, number, ..ticket(*id, &person("ada")) };
            let decision = Box::new(super::stage::decision());
            unit.record(*id, Event::Opened { ticket: Box::new(opened), decision });
        }
        Ok(numbers.join(" ").into_bytes())
    };
    let reply = stage.store.execute(work("acme", "m-1", slot("ada")), decide).await.unwrap();
    let reply = String::from_utf8(reply).unwrap();
    let numbers: HashSet<_> = reply.split(' ').collect();
    assert_eq!(numbers.len(), 150);
    assert!(numbers.contains("REQ-000001") && numbers.contains("REQ-000150"));
}
