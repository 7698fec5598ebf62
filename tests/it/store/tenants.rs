//! A tenant's wall: what belongs to another one is not there.

use ticket_dispatch::{
    conversation::state::Conversation,
    domain::{
        lifecycle::{State, Who},
        lookup::{TicketFilter, TicketRef},
        ticket::{Command, MoveTo},
    },
    proto::v1,
    store::{Undone, Unit, Wants, Work},
};

use super::stage::{
    Reply, Stage, change, comment, conversation, conversation_id, open, person, slot, tenant, work,
};

on_both!(nothing_of_another_tenant_is_found, conversations_are_kept, filters_find_what_they_say);

async fn nothing_of_another_tenant_is_found(stage: Stage) {
    let store = &stage.store;
    let ticket = open(store, "acme", "m-1", "ada").await.unwrap();
    let talk = conversation_id(slot("ada"));
    store.execute(turn("acme", "m-2", talk), move |unit| talked(unit, conversation(talk))).await.unwrap();

    let other = tenant("globex");
    for which in [TicketRef::Id(ticket.id), TicketRef::Number(ticket.number)] {
        assert_eq!(store.ticket(&other, &which).await.unwrap(), None);
        assert!(store.ticket(&tenant("acme"), &which).await.unwrap().is_some());
    }
    assert_eq!(store.tickets_of(&other, &person("ada"), 9).await.unwrap(), []);
    assert_eq!(store.history(&other, ticket.id, 0, 9).await.unwrap(), []);
    assert_eq!(store.conversation(&other, talk).await.unwrap(), None);
    assert!(store.loads(&other).await.unwrap().is_empty());
    assert_eq!(store.catalog(&other).await.unwrap(), None);

    let refused = change(store, "globex", "m-3", ticket.id, comment("mine now")).await;
    assert_eq!(refused, Err(Undone::Refused("no such ticket".to_owned())));
    // A conversation's identity cannot be taken over either.
    let taken = store.execute(turn("globex", "m-4", talk), move |unit| {
        assert_eq!(unit.conversation(talk), None);
        talked(unit, conversation(talk))
    });
    assert_eq!(taken.await, Err(Undone::Unavailable));
    assert_eq!(store.conversation(&tenant("acme"), talk).await.unwrap(), Some(conversation(talk)));
}

async fn conversations_are_kept(stage: Stage) {
    let talk = conversation_id(slot("ada"));
    for turns in 1..4 {
        let decide = move |unit: &mut Unit<'_>| {
            let before = unit.conversation(talk).cloned().unwrap_or_else(|| conversation(talk));
            assert_eq!(before.turns, turns - 1);
            talked(unit, Conversation { turns, ..before })
        };
        stage.store.execute(turn("acme", &format!("m-{turns}"), talk), decide).await.unwrap();
    }
    let kept = stage.store.conversation(&tenant("acme"), talk).await.unwrap();
    assert_eq!(kept, Some(Conversation { turns: 3, ..conversation(talk) }));
}

async fn filters_find_what_they_say(stage: Stage) {
    let (store, acme) = (&stage.store, tenant("acme"));
    let mut ids = Vec::new();
    for (turn, who) in ["ada", "bo", "ada", "ada"].into_iter().enumerate() {
        ids.push(open(store, "acme", &format!("m-{turn}"), who).await.unwrap().id);
    }
    let resolution = "Restarted it".to_owned();
    let resolved = MoveTo { resolution, ..MoveTo::new(State::Resolved, Who::Agent) };
    let hold = Command::Move(Box::new(resolved));
    change(store, "acme", "done", ids[2], hold).await.unwrap();
    let found = async |filter: TicketFilter, after| {
        let tickets = store.tickets(&acme, &filter, after, 3).await.unwrap();
        tickets.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(found(TicketFilter::default(), None).await, [ids[3], ids[2], ids[1]]);
    assert_eq!(found(TicketFilter::default(), Some(ids[1])).await, [ids[0]]);
    let states = vec![State::Assigned, State::InProgress];
    let ada = Some(person("ada"));
    let open = TicketFilter { states, requester: ada, agent: Some("mei".into()), ..TicketFilter::default() };
    assert_eq!(found(open, None).await, [ids[3], ids[0]]);
    let none =
        TicketFilter { group: Some("network".into()), template: Some("x".into()), ..Default::default() };
    assert!(found(none, None).await.is_empty());
    let mine = store.tickets_of(&acme, &person("ada"), 2).await.unwrap();
    assert!(mine.iter().map(|it| it.id).eq([ids[3], ids[2]]));
}

fn turn(tenant: &str, request: &str, id: ticket_dispatch::domain::id::ConversationId) -> Work {
    let wants = Wants { conversation: Some(id), ..Wants::default() };
    Work { wants, ..work(tenant, request, id.slot()) }
}

fn talked(unit: &mut Unit<'_>, conversation: Conversation) -> Reply {
    unit.take_turn(v1::TurnTaken { text: "hello".to_owned(), ..Default::default() }, conversation);
    Ok(vec![])
}
