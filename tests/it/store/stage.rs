//! A store with its writers running, and the tickets that tests put in.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::{AnyConnection, Connection as _};
use tempfile::TempDir;
use ticket_dispatch::{
    conversation::state::Conversation,
    domain::{
        assignment::{Because, Decision},
        change,
        id::{ConversationId, Slot, TicketId},
        lifecycle::State,
        people::{Language, Person, Tenant},
        priority::{Impact, Priority, Urgency},
        sla::{ClockState, Due},
        ticket::{Command, Event, Ticket, TicketKind},
        time::Timestamp,
    },
    store::{Store, Undone, Unit, Wants, Work},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::parts::postgres::Postgres;

/// A store with its writers running.
pub(crate) struct Stage {
    pub(crate) store: Store,
    pub(crate) url: String,
    stop: CancellationToken,
    writers: Vec<JoinHandle<()>>,
    place: Place,
}

/// Where the data lies while the stage stands.
enum Place {
    #[expect(dead_code, reason = "held for its drop")]
    File(TempDir),
    Server(Postgres),
}

impl Stage {
    pub(crate) async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk #1?.db").display());
        Self::open(url, Place::File(folder)).await
    }

    pub(crate) async fn postgres() -> Self {
        let server = Postgres::start();
        Self::open(server.url(), Place::Server(server)).await
    }

    async fn open(url: String, place: Place) -> Self {
        let store = Store::open(&url).await.unwrap();
        let mut stage = Self { store, url, stop: CancellationToken::new(), writers: vec![], place };
        stage.start();
        stage
    }

    /// Closes the store and opens it again on the same data.
    pub(crate) async fn reopened(mut self) -> Self {
        self.end().await;
        let Self { url, place, store, .. } = self;
        drop(store);
        Self::open(url, place).await
    }

    pub(crate) fn start(&mut self) {
        let writers = self.store.writers(self.stop.clone());
        self.writers.extend(writers.into_iter().map(|(_, run)| tokio::spawn(run)));
    }

    /// Stops the writers and waits until they have done what waited.
    pub(crate) async fn end(&mut self) {
        self.stop.cancel();
        for writer in self.writers.drain(..) {
            writer.await.unwrap();
        }
    }

    /// The server, to be broken.
    pub(crate) fn server(&mut self) -> &mut Postgres {
        match &mut self.place {
            Place::File(_) => panic!("a file has no server"),
            Place::Server(server) => server,
        }
    }

    /// A connection around the store, for looking and for breaking things.
    pub(crate) async fn connection(&self) -> AnyConnection {
        let (scheme, rest) = self.url.split_once(':').unwrap();
        let plain = if scheme == "sqlite" {
            format!("sqlite:{}", rest.replace('#', "%23").replace('?', "%3F").replace(' ', "%20"))
        } else {
            self.url.clone()
        };
        AnyConnection::connect(&plain).await.unwrap()
    }
}

/// The decision of a piece of work, as tests write it.
pub(crate) type Reply = Result<Vec<u8>, &'static str>;

/// Opens a ticket for `who` under the request's name, and replies with its number.
pub(crate) async fn open(
    store: &Store,
    tenant: &str,
    request: &str,
    who: &str,
) -> Result<Ticket, Undone<&'static str>> {
    open_as(store, tenant, request, (who, TicketKind::Incident)).await
}

/// Opens a change.
pub(crate) async fn open_change(
    store: &Store,
    tenant: &str,
    request: &str,
    who: &str,
) -> Result<Ticket, Undone<&'static str>> {
    open_as(store, tenant, request, (who, TicketKind::Change)).await
}

async fn open_as(
    store: &Store,
    tenant: &str,
    request: &str,
    (who, kind): (&str, TicketKind),
) -> Result<Ticket, Undone<&'static str>> {
    let (id, work) = (ticket_id(slot(who)), work(tenant, request, slot(who)));
    let person = person(who);
    store
        .execute(work, move |unit: &mut Unit<'_>| -> Reply { Ok(record_as(unit, id, &person, kind)) })
        .await?;
    Ok(store
        .ticket(&self::tenant(tenant), &ticket_dispatch::domain::lookup::TicketRef::Id(id))
        .await
        .unwrap()
        .unwrap())
}

/// Records a new ticket and gives its number as a reply.
pub(crate) fn record(unit: &mut Unit<'_>, id: TicketId, requester: &Person) -> Vec<u8> {
    record_as(unit, id, requester, TicketKind::Incident)
}

fn record_as(unit: &mut Unit<'_>, id: TicketId, requester: &Person, kind: TicketKind) -> Vec<u8> {
    let plan = change::Plan { kind: change::ChangeType::Standard, ..Default::default() };
    let record = (kind == TicketKind::Change).then(|| change::Record { plan, ..Default::default() });
    let (number, change) = (unit.number(kind), record.map(Box::new));
    let ticket = Ticket { number, kind, change, ..ticket(id, requester) };
    let number = ticket.number.clone();
    unit.record(id, Event::Opened { ticket: Box::new(ticket), decision: Box::new(decision()) });
    number.into_bytes()
}

/// Carries out a command on a ticket.
pub(crate) async fn change(
    store: &Store,
    tenant: &str,
    request: &str,
    id: TicketId,
    command: Command,
) -> Result<Vec<u8>, Undone<String>> {
    let work = wanting(work(tenant, request, id.slot()), &[id]);
    let decide = move |unit: &mut Unit<'_>| {
        let ticket = unit.ticket(id).ok_or("no such ticket")?;
        for event in ticket.decide(command.clone(), "agent-1").map_err(|it| it.to_string())? {
            unit.record(id, event);
        }
        Ok(unit.ticket(id).unwrap().version.to_string().into_bytes())
    };
    store.execute(work, decide).await
}

pub(crate) fn work(tenant: &str, request: &str, slot: Slot) -> Work {
    Work {
        tenant: self::tenant(tenant),
        request: request.to_owned(),
        content: [7; 32],
        actor: "bot-1".to_owned(),
        at: Timestamp(1_800_000_000_000),
        slot,
        wants: Wants::default(),
    }
}

pub(crate) fn wanting(work: Work, tickets: &[TicketId]) -> Work {
    Work { wants: Wants { tickets: tickets.to_vec(), ..Wants::default() }, ..work }
}

pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant::parse(name).unwrap()
}

pub(crate) fn person(name: &str) -> Person {
    Person { issuer: "idp".to_owned(), subject: name.to_owned(), name: String::new() }
}

/// A slot that differs from person to person.
pub(crate) fn slot(who: &str) -> Slot {
    Slot(who.bytes().fold(0, |sum: u8, it| sum.wrapping_mul(31).wrapping_add(it)))
}

/// A new identity, later than all before it.
pub(crate) fn ticket_id(slot: Slot) -> TicketId {
    TicketId::new(next(), slot)
}

pub(crate) fn conversation_id(slot: Slot) -> ConversationId {
    ConversationId::new(next(), slot)
}

fn next() -> [u8; 16] {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

pub(crate) fn conversation(id: ConversationId) -> Conversation {
    Conversation::new(id, "room 7".to_owned(), person("ada"), Language::Zh)
}

pub(crate) fn ticket(id: TicketId, requester: &Person) -> Ticket {
    Ticket {
        id,
        number: String::new(),
        kind: TicketKind::Incident,
        state: State::Assigned,
        template: "vpn_fault".to_owned(),
        template_version: 1,
        service: "network".to_owned(),
        subject: "No VPN from home".to_owned(),
        description: "My VPN does not connect; 打不开".to_owned(),
        requester: requester.clone(),
        language: Language::En,
        fields: vec![],
        impact: Impact::Person,
        urgency: Urgency::Medium,
        priority: Priority::P3,
        group: "network".to_owned(),
        agent: Some("mei".to_owned()),
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

pub(crate) fn decision() -> Decision {
    Decision {
        group: "network".to_owned(),
        agent: Some("mei".to_owned()),
        because: vec![Because::Template("vpn_fault".to_owned())],
        gate: None,
        understanding: None,
        catalog: 1,
        load_seen: 0,
    }
}

pub(crate) fn comment(text: &str) -> Command {
    Command::Comment { text: text.to_owned(), internal: false, by_requester: false }
}
