//! What a decision sees of the agents' loads is what their rows say.

use proptest::{collection::vec, prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use ticket_dispatch::{
    domain::{
        assignment::Load,
        ticket::{Command, Ticket},
    },
    store::{Store, Unit, Wants},
};

use super::stage::{Reply, Stage, change, open, slot, tenant, work};

on_both!(a_decision_sees_the_loads_of_the_rows);

const AGENTS: [&str; 3] = ["mei", "omar", "lena"];

/// Tickets change hands without their agents' loads being asked for, as absent agents' are not. A process
/// that has just started knows none of them.
async fn a_decision_sees_the_loads_of_the_rows(mut stage: Stage) {
    let mut tickets: Vec<Ticket> = vec![];
    for count in 0..3 {
        tickets.push(open(&stage.store, "acme", &format!("open {count}"), "ada").await.unwrap());
    }
    let step = (0..3_usize, 0..3_usize, vec(any::<bool>(), 3));
    let steps = vec(step, 40).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    for (turn, (ticket, agent, asked)) in steps.into_iter().enumerate() {
        if turn % 8 == 0 {
            stage = stage.reopened().await;
        }
        let store = &stage.store;
        let (group, agent) = ("a".to_owned(), Some(AGENTS[agent].to_owned()));
        let command = Command::Assign { group, agent, because: vec![] };
        // An agent who has it already is refused, which is as good.
        let _ = change(store, "acme", &format!("give {turn}"), tickets[ticket].id, command).await;
        let wanted: Vec<_> = AGENTS.into_iter().zip(asked).filter(|it| it.1).map(|it| it.0).collect();
        let rows = store.loads(&tenant("acme")).await.unwrap();
        let right: Vec<Load> = wanted.iter().map(|it| rows.get(*it).copied().unwrap_or_default()).collect();
        assert_eq!(seen(store, turn, wanted).await, format!("{right:?}"), "{turn}");
    }
}

/// The loads as a decision sees them.
async fn seen(store: &Store, turn: usize, agents: Vec<&'static str>) -> String {
    let wanted = agents.iter().map(|it| (*it).to_owned()).collect();
    let work = work("acme", &format!("look {turn}"), slot("ada"));
    let work = ticket_dispatch::store::Work { wants: Wants { agents: wanted, ..Wants::default() }, ..work };
    let look = move |unit: &mut Unit<'_>| -> Reply {
        let loads: Vec<Load> = agents.iter().map(|it| unit.load(it)).collect();
        Ok(format!("{loads:?}").into_bytes())
    };
    String::from_utf8(store.execute(work, look).await.unwrap()).unwrap()
}
