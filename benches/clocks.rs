//! What a deadline costs: of a ticket with many pauses, beside one without any. And what a look at all clocks costs that
//! are due, of a million open tickets, beside a thousand.
//!
//! `cargo bench --bench clocks`

#![expect(clippy::print_stdout, reason = "what a bench is for")]

use std::{error::Error, hint::black_box, time::Instant};

use sqlx::{Connection as _, Executor as _};
use ticket_dispatch::{
    domain::{
        calendar::{Break, Calendar, Hours},
        time::Timestamp,
    },
    store::Store,
};

const HOUR: u32 = 3600;
const ROUNDS: u32 = 20_000;
/// A Monday morning.
const START: i64 = 1_772_442_000;
/// Open tickets of the large desk, and of the small one.
const TICKETS: [u32; 2] = [1_000_000, 1_000];
/// Looks in a row, of which the middle one counts.
const LOOKS: usize = 101;
/// Tickets that one look takes at most, as the desk does.
const BATCH: u32 = 256;

fn main() -> Result<(), Box<dyn Error>> {
    deadlines();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(looks())
}

fn deadlines() {
    let day = vec![Hours { from: 8 * HOUR, to: 18 * HOUR }];
    let week = std::array::from_fn(|it| if it < 5 { day.clone() } else { vec![] });
    let office = Calendar::new("office", "Europe/Berlin", week, std::collections::BTreeMap::default());
    let Ok(office) = office else { return };
    let at = Timestamp::from_second;
    let time = |breaks: &[Break]| {
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            black_box(office.due_around(at(START), black_box(24 * HOUR), black_box(breaks)));
        }
        begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS)
    };
    // In turn, so that a busy machine is as unfair to all of them.
    for (count, apart) in [(0, 0), (10, 12), (50, 1), (50, 12), (50, 48)] {
        let from = |it: i64| START + it * apart * i64::from(HOUR);
        let breaks: Vec<Break> = (0..count)
            .map(|it| Break { from: at(from(it)), to: at(from(it) + apart * 1_800), why: "on hold" })
            .collect();
        let (plain, paused) = (time(&[]), time(&breaks));
        println!(
            "{count:2} pauses, one every {apart:2} h: {paused:6.2} µs a deadline, {:5.1} times one without ({plain:.2} µs)",
            paused / plain
        );
    }
}

/// Looks for tickets whose time has come, where none has, and where a batch has. A look must not grow with the desk.
async fn looks() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut desks = vec![];
    for tickets in TICKETS {
        let url = format!("sqlite:{}", folder.path().join(format!("{tickets}.db")).display());
        let store = Store::open(&url).await?;
        fill(&url, tickets).await?;
        desks.push(store);
    }
    // The first second of which nothing is due, and one in which a batch is.
    for (what, now) in [("nothing", 0), ("a batch", i64::from(BATCH) * 1000)] {
        let mut times = [vec![], vec![]];
        for _ in 0..LOOKS {
            for (store, times) in desks.iter().zip(&mut times) {
                let begun = Instant::now();
                black_box(store.to_look_at(Timestamp(now), None, BATCH).await?);
                times.push(begun.elapsed().as_secs_f64() * 1e3);
            }
        }
        let [large, small] = times.map(|mut it| {
            it.sort_by(f64::total_cmp);
            it[LOOKS / 2]
        });
        let [many, few] = TICKETS;
        println!(
            "{what} due of {many} open tickets: {large:.3} ms a look, {:.1} times that at {few} ({small:.3} ms)",
            large / small
        );
        if 10.0 < large {
            return Err(format!("a look at {many} tickets takes more than 10 ms").into());
        }
    }
    Ok(())
}

/// Tickets whose times come one a second.
async fn fill(url: &str, tickets: u32) -> Result<(), Box<dyn Error>> {
    let mut connection = sqlx::AnyConnection::connect(url).await?;
    let rows = format!(
        "insert into tickets (id, tenant, number, kind, state, template, group_id, agent_id, requester, opened, \
         updated, version, body, look) \
         with recursive n(i) as (select 1 union all select i + 1 from n where i < {tickets}) \
         select cast(printf('%016d', i) as blob), 'main', 'INC-' || i, 'INC', 'assigned', 'vpn_fault', 'network', '', \
         'ann', 0, 0, 1, zeroblob(400), i * 1000 from n"
    );
    connection.execute(sqlx::AssertSqlSafe(rows)).await?;
    connection.execute("analyze").await?;
    connection.close().await?;
    Ok(())
}
