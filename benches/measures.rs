//! What measuring costs: a year of a million tickets reckoned anew from the log, beside merely reading that log; what is
//! reckoned as it comes; and a report over the year, beside reading one row.
//!
//! `cargo bench --bench measures` has a million tickets; with fewer, `TICKETS=100000 cargo bench --bench measures`. What is
//! compared with reading the log decodes each event, and so does reckoning, once.

#![expect(clippy::print_stdout, clippy::expect_used, reason = "what a bench is for")]

use std::time::Instant;

use prost::Message as _;
use sqlx::{Connection as _, Executor as _, Row as _, SqliteConnection};
use ticket_dispatch::{
    desk::measures::{By, Question, measure, open_by_age},
    domain::{
        measure::{Filter, Measure},
        people::{Caller, Tenant},
        sla::Length,
        time::Timestamp,
    },
    proto::{
        time::time_to,
        v1::{self, TicketState, event::Fact},
    },
    store::{Anew, Store},
};

/// 2027-01-01.
const BEGIN: i64 = 1_798_761_600;
const YEAR: i64 = 365 * 86_400;
const GROUPS: [&str; 10] = [
    "servicedesk",
    "network",
    "workplace",
    "identity",
    "erp",
    "security",
    "facilities",
    "finance",
    "hr",
    "dba",
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % bound
    }
}

fn main() {
    let tickets = std::env::var("TICKETS").ok().and_then(|it| it.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(run(tickets));
}

async fn run(tickets: i64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("desk.db");
    let store = Store::open(&format!("sqlite:{}", path.display())).await.expect("a store");
    let begun = Instant::now();
    let mut log =
        SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.expect("a connection");
    let events = fill(&mut log, tickets).await;
    println!(
        "{tickets} tickets of a year, {events} events, written in {:.1} s",
        begun.elapsed().as_secs_f64()
    );

    let begun = Instant::now();
    let mut bytes = 0;
    let mut after = 0;
    loop {
        let page = store.events_after(0, after, 20_000).await.expect("events");
        let Some(last) = page.last() else { break };
        after = last.position;
        bytes += page.iter().map(prost::Message::encoded_len).sum::<usize>();
    }
    let plain = begun.elapsed().as_secs_f64();
    println!("reading the log and no more: {plain:.1} s, {} MB", bytes / 1_000_000);

    let begun = Instant::now();
    let (mut read, mut wrote) = (0.0, 0.0);
    let mut told = |it: Anew| match it {
        Anew::Reading(..) => read = begun.elapsed().as_secs_f64(),
        // The first rows are written behind the adding up.
        Anew::Writing(..) if wrote == 0.0 => wrote = begun.elapsed().as_secs_f64(),
        Anew::Writing(..) => {}
    };
    store.reckon_anew(&mut told).await.expect("figures");
    let anew = begun.elapsed().as_secs_f64();
    println!(
        "reckoned anew: {anew:.1} s (events taken in by {read:.1} s, the first rows written by {wrote:.1} s), \
         {:.2} µs a ticket, {:.2} times reading, {:.0} tickets/s",
        anew / tickets as f64 * 1e6,
        anew / plain,
        tickets as f64 / anew
    );

    let fresh = fill_more(&mut log, events, 5_000).await;
    let begun = Instant::now();
    while store.reckon().await.expect("figures") {}
    let took = begun.elapsed().as_secs_f64();
    println!("reckoned as it comes: {:.0} events/s", fresh as f64 / took);

    let one = rounds(200, async || {
        sqlx::query("select body from lives limit 1").fetch_one(&mut log).await.expect("a row");
    })
    .await;
    let caller = Caller::system(Tenant::parse("default").expect("a name"), "bench");
    let date = |it: &str| it.parse().ok();
    for (what, measures, period, group) in [
        ("the year, one figure", vec![Measure::Resolve], None, false),
        ("the year by month and group", vec![Measure::Resolve], Some(Length::Month), true),
        ("the year by week and group", vec![Measure::Resolve], Some(Length::Week), true),
        ("the year by day", vec![Measure::Resolve], Some(Length::Day), false),
        ("all measures by quarter", vec![], Some(Length::Quarter), false),
    ] {
        let question = Question {
            measures,
            from: date("2027-01-01"),
            to: date("2027-12-31"),
            period,
            by: By { group, ..By::default() },
            filter: Filter::default(),
        };
        let took = rounds(5, async || {
            measure(&store, &caller, &question).await.expect("rows");
        })
        .await;
        println!("{what}: {:.1} ms, {:.0} times one row by key", took * 1e3, took / one);
    }
    let took = rounds(5, async || {
        open_by_age(&store, &caller, By { group: true, ..By::default() }, &Filter::default())
            .await
            .expect("rows");
    })
    .await;
    println!("the backlog by group: {:.1} ms", took * 1e3);
}

async fn rounds(count: u32, mut what: impl AsyncFnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..count {
        what().await;
    }
    begun.elapsed().as_secs_f64() / f64::from(count)
}

/// Writes the log of so many tickets in the order of time, and says how many events it has.
async fn fill(log: &mut SqliteConnection, tickets: i64) -> i64 {
    let (mut dice, mut later) = (Dice(1), std::collections::BTreeMap::<(i64, i64), (i64, Fact)>::new());
    let (mut position, mut serial) = (0, 0);
    log.execute("begin").await.expect("a transaction");
    for number in 0..tickets {
        let at = BEGIN + YEAR * number / tickets;
        while later.first_key_value().is_some_and(|((due, _), _)| *due <= at) {
            let Some(((due, _), (of, fact))) = later.pop_first() else { break };
            position += 1;
            write(log, position, of, due, fact).await;
        }
        position += 1;
        write(log, position, number, at, opened(number, at)).await;
        for (second, fact) in life(&mut dice, number) {
            serial += 1;
            later.insert((at + second, serial), (number, fact));
        }
    }
    while let Some(((due, _), (of, fact))) = later.pop_first() {
        position += 1;
        write(log, position, of, due, fact).await;
    }
    end(log, position).await;
    position
}

/// Goes on with some more tickets.
async fn fill_more(log: &mut SqliteConnection, from: i64, tickets: i64) -> i64 {
    let (mut dice, mut position) = (Dice(2), from);
    log.execute("begin").await.expect("a transaction");
    for number in 0..tickets {
        let (of, at) = (10_000_000 + number, BEGIN + YEAR + number);
        position += 1;
        write(log, position, of, at, opened(of, at)).await;
        for (second, fact) in life(&mut dice, number) {
            position += 1;
            write(log, position, of, at + second, fact).await;
        }
    }
    end(log, position).await;
    position - from
}

async fn end(log: &mut SqliteConnection, position: i64) {
    let head = sqlx::query("update partitions set head = $1").bind(position);
    head.execute(&mut *log).await.expect("a head");
    log.execute("commit").await.expect("a commit");
    let row = log.fetch_one("select count(*) from events").await.expect("a count");
    assert_eq!(row.get::<i64, _>(0), position);
}

/// What happens to a ticket, and how many seconds after its opening.
fn life(dice: &mut Dice, number: i64) -> Vec<(i64, Fact)> {
    // One in ten goes to another group than that of its template.
    let other = dice.below(10);
    let group = if other == 0 { GROUPS[dice.below(10) as usize] } else { GROUPS[(number % 10) as usize] };
    let because = vec![v1::Because { reason: Some(v1::because::Reason::ChosenBy("servicedesk-1".into())) }];
    let moved = |from: TicketState, to: TicketState| {
        Fact::TicketMoved(v1::TicketMoved {
            from: from.into(),
            to: to.into(),
            resolution: "The cable was loose".into(),
            ..Default::default()
        })
    };
    let said = |text: &str| {
        Fact::TicketCommented(v1::TicketCommented {
            author: "servicedesk-1".into(),
            text: text.into(),
            ..Default::default()
        })
    };
    let taken = 60 + dice.below(3_600);
    let done = taken + 600 + dice.below(400_000);
    let mut all = vec![
        (
            taken,
            Fact::TicketAssigned(v1::TicketAssigned {
                group: group.into(),
                agent: format!("{group}-1"),
                because,
            }),
        ),
        (taken + 60, moved(TicketState::Assigned, TicketState::InProgress)),
        (taken + 90, said("I am looking into it. Does it happen with another cable as well?")),
    ];
    if dice.below(50) > 0 {
        all.push((done, moved(TicketState::InProgress, TicketState::Resolved)));
        if dice.below(12) == 0 {
            all.push((done + 7_200, moved(TicketState::Resolved, TicketState::Assigned)));
            all.push((done + 90_000, moved(TicketState::Assigned, TicketState::Resolved)));
        }
    }
    all
}

fn opened(number: i64, at: i64) -> Fact {
    let template = number % 40;
    let ticket = v1::Ticket {
        id: id(number),
        number: format!("INC-{number:06}"),
        kind: v1::TicketKind::Incident.into(),
        state: TicketState::Assigned.into(),
        template: format!("template_{template}"),
        service: format!("service_{}", template % 8),
        subject: "It does not work any more".into(),
        description: "It does not work any more since this morning, in room 4.12; the lamp is red".into(),
        requester: Some(v1::Person {
            issuer: "chat".into(),
            subject: format!("person-{}", number % 9_000),
            ..Default::default()
        }),
        priority: v1::Priority::P3.into(),
        group: GROUPS[(template % 10) as usize].into(),
        open_time: Some(time_to(Timestamp::from_second(at))),
        ..Default::default()
    };
    let decision = v1::Decision {
        group: ticket.group.clone(),
        gate: v1::GateOutcome::Auto.into(),
        ..Default::default()
    };
    Fact::TicketOpened(v1::TicketOpened { ticket: Some(ticket), decision: Some(decision) })
}

fn id(number: i64) -> String {
    format!("tkt_{number:032x}")
}

/// Ten hours of a day and a half are worked, more or less.
fn worked(number: i64, at: i64) -> u64 {
    (number * 7 + at).unsigned_abs() % 90_000
}

async fn write(log: &mut SqliteConnection, position: i64, number: i64, at: i64, fact: Fact) {
    let event = v1::Event {
        tenant: "default".into(),
        epoch: 1,
        position: position.cast_unsigned(),
        time: Some(time_to(Timestamp::from_second(at))),
        subject: id(number),
        actor: "servicedesk-1".into(),
        cause: format!("call-{position}"),
        worked_seconds: Some(worked(number, at)),
        fact: Some(fact),
        ..Default::default()
    };
    sqlx::query("insert into events (partition, position, tenant, subject, at, payload, hash) values (0, $1, 'default', $2, $3, $4, x'00')")
        .bind(position)
        .bind(u128::try_from(number).unwrap_or_default().to_be_bytes().to_vec())
        .bind(at * 1000)
        .bind(event.encode_to_vec())
        .execute(&mut *log)
        .await
        .expect("an event");
}
