//! Events of which something follows for other tickets, and decisions that rely on tickets of other partitions.

use ticket_dispatch::{
    domain::{
        lifecycle::{CancelReason, State, Who},
        lookup::TicketRef,
        ticket::{Command, Event, MoveTo, Relation, Ticket, Tied},
    },
    store::Unit,
};

use super::stage::{Reply, Stage, open, tenant, wanting, work};

on_both!(
    what_follows_of_an_event_is_noted_until_it_is_struck_off,
    two_decisions_that_rely_on_each_others_tickets_do_not_both_hold,
);

async fn what_follows_of_an_event_is_noted_until_it_is_struck_off(stage: Stage) {
    let child = open(&stage.store, "acme", "m-1", "ada").await.unwrap();
    let parent = open(&stage.store, "acme", "m-2", "bo").await.unwrap();
    let linked = |of: &Ticket| Event::Tied(Tied::Linked(of.as_link(Relation::Parent)));
    let record = async |stage: &Stage, request: &str, event: Event, follows: bool| {
        let (id, work) = (child.id, wanting(work("acme", request, child.id.slot()), &[child.id]));
        let decide = move |unit: &mut Unit<'_>| -> Reply {
            if follows {
                unit.follow(id, event.clone());
            } else {
                unit.record(id, event.clone());
            }
            Ok(vec![])
        };
        stage.store.execute(work, decide).await.unwrap();
    };
    record(&stage, "m-3", linked(&parent), true).await;
    assert_eq!(stage.store.consequences(9).await.unwrap(), [], "nothing follows of what follows");
    record(&stage, "m-4", linked(&parent), false).await;
    let stage = stage.reopened().await;
    let noted = stage.store.consequences(9).await.unwrap();
    assert_eq!(noted.len(), 1);
    let event = &noted[0].event;
    assert_eq!((event.subject.as_str(), event.cause.as_str()), (child.id.to_string().as_str(), "m-4"));
    assert_eq!((noted[0].partition, noted[0].position), (event.partition, event.position));
    stage.store.strike_off(&noted[0]).await.unwrap();
    stage.store.strike_off(&noted[0]).await.unwrap();
    assert_eq!(stage.store.consequences(9).await.unwrap(), []);
}

/// Each gives up its own ticket for the other one if that is open: without more, both would.
async fn two_decisions_that_rely_on_each_others_tickets_do_not_both_hold(stage: Stage) {
    for turn in 0..6 {
        let names = ["ada", "bo"].map(|who| format!("{who} {turn}"));
        let one = open(&stage.store, "acme", &names[0], &names[0]).await.unwrap();
        let two = open(&stage.store, "acme", &names[1], &names[1]).await.unwrap();
        let give_up = async |own: &Ticket, other: &Ticket, request: String| {
            let (own, other) = (own.id, other.id);
            let work = wanting(work("acme", &request, own.slot()), &[own, other]);
            let decide = move |unit: &mut Unit<'_>| -> Reply {
                unit.rely_on(other);
                if !unit.ticket(other).unwrap().state.is_open() {
                    return Err("the other one is over");
                }
                let cancel = Some(CancelReason::Duplicate);
                let cancelled = MoveTo { cancel, ..MoveTo::new(State::Cancelled, Who::Agent) };
                let ticket = unit.ticket(own).unwrap();
                for event in ticket.decide(Command::Move(Box::new(cancelled)), "mei").map_err(|_| "over")? {
                    unit.record(own, event);
                }
                Ok(vec![])
            };
            stage.store.execute(work, decide).await
        };
        let (there, back) = tokio::join!(
            give_up(&one, &two, format!("there {turn}")),
            give_up(&two, &one, format!("back {turn}"))
        );
        assert!(there.is_ok() != back.is_ok(), "{there:?} {back:?}");
        let mut open = 0;
        for id in [one.id, two.id] {
            let ticket = stage.store.ticket(&tenant("acme"), &TicketRef::Id(id)).await.unwrap().unwrap();
            open += usize::from(ticket.state.is_open());
        }
        assert_eq!(open, 1);
    }
}
