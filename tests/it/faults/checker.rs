//! Compares what was acknowledged with what there is: events, tickets, and the Redis stream. It complains
//! about each thing that is there twice, is missing, or is another than was answered.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::{StreamExt as _, stream};
use ticket_dispatch::proto::v1::{self, event::Fact};
use ticket_dispatch::stream::entry::{EntryId, event_from};

use super::call::{Call, Reply, Wire};
use super::load::Load;
use crate::app::App;
use crate::parts::redis::Redis;

/// All that the program shows of what was done.
pub(super) struct Effects {
    pub(super) log: Vec<v1::Event>,
    pub(super) tickets: Vec<v1::Ticket>,
}

/// The first of many lines.
pub(super) fn first(complaints: &[String]) -> String {
    complaints.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
}

impl Effects {
    /// Reads it through the front door.
    pub(super) fn read(app: &App, load: &Load) -> Effects {
        load.runtime.block_on(async {
            let mut wire = Wire::new(&app.channel());
            Effects { log: log(&mut wire).await, tickets: tickets(&mut wire).await }
        })
    }

    /// Everything that is not as it was acknowledged.
    pub(super) fn complaints(&self, app: &App, load: &Load) -> Vec<String> {
        let done = load.journal.done();
        let mut complaints = load.journal.complaints();
        self.positions(&mut complaints);
        self.calls(&done, &mut complaints);
        self.tickets(&mut complaints);
        complaints.extend(load.runtime.block_on(replays(app, &done)));
        let after = Effects::read(app, load);
        if after.log != self.log {
            complaints.push(format!("replays made events: {} became {}", self.log.len(), after.log.len()));
        }
        complaints
    }

    fn positions(&self, complaints: &mut Vec<String>) {
        for (event, position) in self.log.iter().zip(1..) {
            if event.position != position {
                complaints.push(format!("position {} stands where {position} should", event.position));
                return;
            }
        }
    }

    /// Each acknowledged call has its effect once, and nothing happened that nobody asked for.
    fn calls(&self, done: &[(Call, Reply)], complaints: &mut Vec<String>) {
        let mut effects: BTreeMap<&str, Vec<&v1::Event>> = BTreeMap::new();
        for event in &self.log {
            effects.entry(&event.cause).or_default().push(event);
        }
        for (call, reply) in done {
            let events = effects.remove(call.id()).unwrap_or_default();
            if let Some(complaint) = complaint(call, reply, &events) {
                complaints.push(format!("{}: {complaint}", call.id()));
            }
        }
        let unasked = effects.keys().map(|cause| format!("{cause}: has effects and was never acknowledged"));
        complaints.extend(unasked);
    }

    /// Each ticket is what its events say, and there once.
    fn tickets(&self, complaints: &mut Vec<String>) {
        let mut histories: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
        for event in self.log.iter().filter(|it| it.subject.starts_with("tkt_")) {
            histories.entry(&event.subject).or_default().extend(&event.fact);
        }
        let mut numbers = BTreeSet::new();
        for ticket in &self.tickets {
            let facts = histories.remove(ticket.id.as_str()).unwrap_or_default();
            let opened = facts.iter().filter(|it| matches!(it, Fact::TicketOpened(_))).count();
            let comments = facts.iter().filter(|it| matches!(it, Fact::TicketCommented(_))).count();
            if opened != 1 || facts.len() as u64 != ticket.version || comments != ticket.comments as usize {
                complaints.push(format!("{} is not what its history says: {ticket:?}", ticket.number));
            }
            if !numbers.insert(&ticket.number) {
                complaints.push(format!("{} is there twice", ticket.number));
            }
        }
        complaints.extend(histories.keys().map(|id| format!("{id} has events and is not listed")));
    }
}

/// What is wrong with the effects of one call.
fn complaint(call: &Call, reply: &Reply, events: &[&v1::Event]) -> Option<String> {
    let count =
        |is: fn(&Fact) -> bool| events.iter().filter_map(|it| it.fact.as_ref()).filter(|it| is(it)).count();
    let opened = count(|it| matches!(it, Fact::TicketOpened(_)));
    let (kind, effects) = match call {
        Call::Say(_) | Call::Stream(_) => ("turns", count(|it| matches!(it, Fact::TurnTaken(_)))),
        Call::Open(_) => ("openings", opened),
        Call::Comment(_) => ("comments", count(|it| matches!(it, Fact::TicketCommented(_)))),
        Call::Move(_) => ("moves", count(|it| matches!(it, Fact::TicketMoved(_)))),
    };
    if effects != 1 || opened > 1 {
        return Some(format!("acknowledged once, and there are {effects} {kind}, {opened} new tickets"));
    }
    match reply {
        Reply::Said(said) => {
            let about: BTreeSet<&str> =
                events.iter().map(|it| it.subject.as_str()).filter(|it| it.starts_with("tkt_")).collect();
            let named = said.ticket.as_ref().map(|it| it.id.as_str());
            let stray = about.iter().find(|it| Some(**it) != named);
            stray.map(|it| format!("the answer does not name {it}, which it changed"))
        }
        Reply::Ticket(ticket) => {
            let stray = events.iter().find(|it| it.subject != ticket.id);
            stray.map(|it| format!("answered with {}, and changed {}", ticket.id, it.subject))
        }
    }
}

/// Sends every call once more: the answer is the first one, byte for byte.
async fn replays(app: &App, done: &[(Call, Reply)]) -> Vec<String> {
    let wire = Wire::new(&app.channel());
    let again = |(call, reply): (Call, Reply)| {
        let mut wire = wire.clone();
        async move {
            match call.make(&mut wire).await {
                Ok(second) if second.bytes() == reply.bytes() => None,
                Ok(second) => Some(format!("{}: was {reply:?}, is {second:?}", call.id())),
                Err(status) => Some(format!("{}: its replay failed: {status}", call.id())),
            }
        }
    };
    stream::iter(done.to_vec()).map(again).buffer_unordered(32).filter_map(async |it| it).collect().await
}

async fn log(wire: &mut Wire) -> Vec<v1::Event> {
    let mut log = vec![];
    let mut after_position = 0;
    loop {
        let ask = v1::ListEventsRequest { partition: 0, after_position, page_size: 500 };
        let page = wire.tickets.list_events(ask).await.unwrap().into_inner();
        log.extend(page.events);
        if page.read_to == after_position {
            return log;
        }
        after_position = page.read_to;
    }
}

async fn tickets(wire: &mut Wire) -> Vec<v1::Ticket> {
    let mut tickets = vec![];
    let mut page_token = String::new();
    loop {
        let ask = v1::ListTicketsRequest { page_size: 200, page_token, filter: None };
        let page = wire.tickets.list_tickets(ask).await.unwrap().into_inner();
        tickets.extend(page.tickets);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return tickets;
        }
    }
}

/// The Redis stream holds every event of the log once, in order, and nothing else.
pub(super) fn stream(redis: &Redis, log: &[v1::Event]) -> Vec<String> {
    stream_from(redis, log, 0)
}

/// The same, but the stream may begin behind a position.
pub(super) fn stream_from(redis: &Redis, log: &[v1::Event], after: u64) -> Vec<String> {
    let entries = redis.entries("dispatch:{0}");
    let rest: Vec<&v1::Event> = log.iter().filter(|it| it.position > after).collect();
    let mut complaints = vec![];
    if entries.len() != rest.len() {
        complaints.push(format!("the stream holds {} entries, the log {} events", entries.len(), rest.len()));
    }
    for (entry, event) in entries.into_iter().zip(rest) {
        let fields: HashMap<String, Vec<u8>> = entry.fields.into_iter().collect();
        if entry.id != EntryId::of(event).to_string() || event_from(&fields).as_ref() != Some(event) {
            complaints.push(format!("entry {} of the stream is not event {}", entry.id, event.position));
            break;
        }
    }
    complaints
}
