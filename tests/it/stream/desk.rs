//! A desk without a front: a store with its writers, and tickets put straight into it.

use sqlx::{AnyConnection, Connection as _};
use tempfile::TempDir;
use ticket_dispatch::{
    domain::{
        assignment::{Because, Decision},
        id::{Slot, TicketId},
        lifecycle::{HoldReason, State},
        people::{Language, Person, Tenant},
        priority::{Impact, Priority, Urgency},
        sla::{ClockState, Due},
        ticket::{Event, Moved, Ticket, TicketKind, Update},
        time::Timestamp,
    },
    proto::v1,
    store::{Store, Unit, Wants, Work},
};
use tokio_util::sync::CancellationToken;

use crate::parts::postgres::Postgres;

/// A store with its writers running.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) url: String,
    stop: CancellationToken,
    _place: Place,
}

/// Where the data lies while the desk stands.
#[expect(dead_code, reason = "held for their drop")]
enum Place {
    File(TempDir),
    Server(Postgres),
}

impl Desk {
    /// One on SQLite: one partition.
    pub(crate) async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        Self::at(url, Place::File(folder)).await
    }

    /// One on a PostgreSQL of its own: sixteen partitions.
    pub(crate) async fn on_postgres() -> Self {
        let server = Postgres::start();
        Self::at(server.url(), Place::Server(server)).await
    }

    async fn at(url: String, place: Place) -> Self {
        let store = Store::open(&url).await.unwrap();
        let stop = CancellationToken::new();
        for (_, writer) in store.writers(stop.clone()) {
            tokio::spawn(writer);
        }
        Self { store, url, stop, _place: place }
    }

    /// Ends the writers and opens the same data as a new process would.
    pub(crate) async fn reopened(mut self) -> Self {
        self.stop.cancel();
        self.store = Store::open(&self.url).await.unwrap();
        self.stop = CancellationToken::new();
        for (_, writer) in self.store.writers(self.stop.clone()) {
            tokio::spawn(writer);
        }
        self
    }

    /// A connection around the store, for breaking things.
    pub(crate) async fn connection(&self) -> AnyConnection {
        AnyConnection::connect(&self.url).await.unwrap()
    }

    /// Opens so many tickets.
    pub(crate) async fn tickets(&self, count: usize) -> Vec<TicketId> {
        let mut ids = vec![];
        for _ in 0..count {
            ids.push(self.ticket("network").await);
        }
        ids
    }

    /// Opens a ticket for a group.
    pub(crate) async fn ticket(&self, group: &str) -> TicketId {
        self.opened(Ticket { group: group.to_owned(), ..ticket() }).await
    }

    /// Opens this ticket.
    pub(crate) async fn opened(&self, ticket: Ticket) -> TicketId {
        let id = ticket.id;
        self.execute(id, move |unit| {
            let ticket = Ticket { number: unit.number(TicketKind::Incident), ..ticket.clone() };
            let decision = Box::new(decision(&ticket.group));
            unit.record(id, Event::Opened { ticket: Box::new(ticket), decision });
        })
        .await;
        id
    }

    /// Something happens to a ticket.
    pub(crate) async fn happens(&self, id: TicketId, event: Event) {
        self.execute(id, move |unit| unit.record(id, event.clone())).await;
    }

    /// An agent says something.
    pub(crate) async fn says(&self, id: TicketId, text: &str) {
        self.happens(id, said(text)).await;
    }

    /// The catalogue is replaced: an event that is nothing to a ticket store.
    pub(crate) async fn catalog(&self) {
        self.execute(fresh(), |unit| {
            unit.apply_catalog(vec![], None);
        })
        .await;
    }

    async fn execute(&self, id: TicketId, mut act: impl FnMut(&mut Unit<'_>) + Send + 'static) {
        let work = Work {
            tenant: Tenant::parse("acme").unwrap(),
            request: uuid::Uuid::new_v4().to_string(),
            content: [7; 32],
            actor: "bot-1".to_owned(),
            at: Timestamp(1_800_000_000_000),
            slot: id.slot(),
            wants: Wants { tickets: vec![id], catalog: true, ..Wants::default() },
        };
        let decide = move |unit: &mut Unit<'_>| {
            act(unit);
            Ok::<_, ()>(vec![])
        };
        self.store.execute(work, decide).await.unwrap();
    }

    /// The whole log of a partition.
    pub(crate) async fn log(&self, partition: u32) -> Vec<v1::Event> {
        self.store.events_after(partition, 0, u32::MAX).await.unwrap()
    }

    /// Position of the last event of partition 0.
    pub(crate) async fn head(&self) -> u64 {
        self.store.head(0).await.unwrap().position
    }
}

fn fresh() -> TicketId {
    let bytes = *uuid::Uuid::new_v4().as_bytes();
    TicketId::new(bytes, Slot(bytes[15]))
}

/// A ticket to open.
pub(crate) fn ticket() -> Ticket {
    Ticket {
        id: fresh(),
        number: String::new(),
        kind: TicketKind::Incident,
        state: State::Assigned,
        template: "vpn_fault".to_owned(),
        template_version: 1,
        service: "network".to_owned(),
        subject: "No VPN from home, 打不开 \"x\" 'y'".to_owned(),
        description: "My VPN does not connect\n打不开".to_owned(),
        requester: Person { issuer: "chat".into(), subject: "u-1".into(), name: "Someone".into() },
        language: Language::En,
        fields: vec![],
        impact: Impact::Person,
        urgency: Urgency::Medium,
        priority: Priority::P3,
        group: "network".to_owned(),
        agent: None,
        offering: Default::default(),
        tasks: vec![],
        hold: None,
        resolution: String::new(),
        opened: Timestamp(1_800_000_000_000),
        updated: Timestamp(1_800_000_000_000),
        sla: "standard".to_owned(),
        due: Due { response: Some(Timestamp(1_800_000_900_000)), ..Due::default() },
        clocks: ClockState::default(),
        responded: None,
        resolved: None,
        version: 1,
        conversation: None,
        comments: 0,
        asked: Default::default(),
        course: Default::default(),
        ties: Default::default(),
        approval: None,
        assets: Default::default(),
        diagnosis: None,
        change: None,
        survey: None,
    }
}

fn decision(group: &str) -> Decision {
    Decision {
        group: group.to_owned(),
        agent: None,
        because: vec![Because::Template("vpn_fault".to_owned())],
        gate: None,
        understanding: None,
        catalog: 1,
        load_seen: 0,
    }
}

/// An agent's answer.
pub(crate) fn said(text: &str) -> Event {
    let (author, text) = ("mei".into(), text.into());
    Event::Commented { author, text, internal: false, by_requester: false, carried: None }
}

/// A move from in progress, as far as sinks care.
pub(crate) fn moved(to: State, hold: Option<HoldReason>, resolution: &str) -> Event {
    let resolution = resolution.to_owned();
    Event::Moved(Moved { hold, resolution, ..Moved::new(State::InProgress, to) })
}

/// An assignment.
pub(crate) fn assigned(group: &str, agent: Option<&str>) -> Event {
    let because = vec![Because::ChosenBy("boss".to_owned())];
    Event::Assigned { group: group.to_owned(), agent: agent.map(str::to_owned), because }
}

/// A new subject and priority.
pub(crate) fn updated(subject: &str, priority: Priority) -> Event {
    let subject = Some(subject.to_owned());
    Event::Updated(Update { subject, priority: Some(priority), ..Update::default() })
}
