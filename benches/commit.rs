//! Tickets a second that one writer commits, on SQLite in a file: `cargo bench --bench commit`.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use ticket_dispatch::{
    domain::{
        assignment::Decision,
        id::{Slot, TicketId},
        lifecycle::State,
        people::{Language, Person, Tenant},
        priority::{Impact, Priority, Urgency},
        sla::{ClockState, Due},
        ticket::{Event, Ticket, TicketKind},
        time::Timestamp,
    },
    store::{Store, Unit, Wants, Work},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long each measurement takes.
const LONG: Duration = Duration::from_secs(3);

#[tokio::main]
#[expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench may end where it cannot go on, and prints"
)]
async fn main() {
    let url = std::env::args().find(|it| it.starts_with("postgres://"));
    for in_flight in [1, 64, 1024] {
        let folder = tempfile::TempDir::new().unwrap();
        let file = || format!("sqlite:{}", folder.path().join("desk.db").display());
        let store = Store::open(&url.clone().unwrap_or_else(file)).await.unwrap();
        let stop = CancellationToken::new();
        let mut writers: JoinSet<()> = store.writers(stop.clone()).into_iter().map(|(_, run)| run).collect();
        let (tickets, seconds) = measure(&store, in_flight).await;
        println!("{in_flight:>5} in flight: {:>7.0} tickets/s", tickets as f64 / seconds);
        stop.cancel();
        while writers.join_next().await.is_some() {}
    }
}

async fn measure(store: &Store, in_flight: u64) -> (u64, f64) {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..in_flight {
        let store = store.clone();
        tasks.spawn(async move {
            let mut count = 0;
            while start.elapsed() < LONG {
                count += u64::from(open(&store).await);
            }
            count
        });
    }
    let count = tasks.join_all().await.into_iter().sum();
    (count, start.elapsed().as_secs_f64())
}

async fn open(store: &Store) -> bool {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&count.to_be_bytes());
    bytes[8..12].copy_from_slice(&std::process::id().to_be_bytes());
    let slot = Slot(count as u8);
    let (id, Some(tenant)) = (TicketId::new(bytes, slot), Tenant::parse("acme")) else { return false };
    let work = Work {
        tenant,
        request: format!("{:016x}-{}", count.wrapping_mul(0x9e37_79b9_7f4a_7c15), std::process::id()),
        content: [7; 32],
        actor: "bench".to_owned(),
        at: Timestamp(1_800_000_000_000 + count.cast_signed()),
        slot,
        wants: Wants { agents: ["mei".to_owned(), "omar".to_owned()].into(), ..Wants::default() },
    };
    let decide = move |unit: &mut Unit<'_>| -> Result<Vec<u8>, ()> {
        let ticket = Ticket { number: unit.number(TicketKind::Incident), ..ticket(id, count) };
        let reply = ticket.number.clone().into_bytes();
        unit.record(id, Event::Opened { ticket: Box::new(ticket), decision: Box::new(decision()) });
        Ok(reply)
    };
    store.execute(work, decide).await.is_ok()
}

fn ticket(id: TicketId, count: u64) -> Ticket {
    let at = Timestamp(1_800_000_000_000 + count.cast_signed());
    Ticket {
        id,
        number: String::new(),
        kind: TicketKind::Incident,
        state: State::Assigned,
        template: "vpn_fault".to_owned(),
        template_version: 1,
        service: "network".to_owned(),
        subject: "My VPN has not connected since this morning".to_owned(),
        description: "My VPN has not connected since this morning; it says error 619 and then ends"
            .to_owned(),
        requester: Person {
            issuer: "idp".into(),
            subject: format!("p{}", count % 5000),
            name: String::new(),
        },
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
        opened: at,
        updated: at,
        sla: "standard".to_owned(),
        due: Due { response: Some(at), resolution: Some(at), ..Due::default() },
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

fn decision() -> Decision {
    Decision {
        group: "network".to_owned(),
        agent: Some("mei".to_owned()),
        because: vec![],
        gate: None,
        understanding: None,
        catalog: 1,
        load_seen: 0,
    }
}
