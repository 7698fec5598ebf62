//! What is measured is what the history gives: after whatever was done to tickets, after the process was killed, beside
//! other replicas, and when it is reckoned anew.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::Connection as _;
use ticket_dispatch::proto::v1::{self, MeasureKind, TicketState};

use super::stage::{Desk, both};
use crate::{
    app::{Settings, complaint, said},
    parts::{installed::Part, postgres::Postgres},
};

/// A row of random numbers that is always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Does whatever may be done to some tickets, as far as it may.
async fn live(desk: &Desk, dice: &mut Dice, tickets: &[String], deeds: usize) {
    use TicketState::{Assigned, Cancelled, Closed, InProgress, OnHold, Resolved};
    for _ in 0..deeds {
        let ticket = &tickets[dice.below(tickets.len())];
        match dice.below(10) {
            0 => drop(desk.say(ticket, "How is it now?").await),
            1 | 2 => drop(desk.assign(ticket, ["network", "servicedesk"][dice.below(2)]).await),
            3 => drop(desk.go(ticket, [Cancelled, Closed, OnHold][dice.below(3)]).await),
            _ => drop(desk.go(ticket, [Assigned, InProgress, Resolved][dice.below(3)]).await),
        }
    }
}

/// Who opens something, each somebody else.
async fn open(desk: &Desk, count: usize) -> Vec<String> {
    let mut numbers = vec![];
    for at in 0..count {
        numbers.push(desk.open(&format!("caller-{at}")).await.unwrap().number);
    }
    numbers
}

async fn opened(desk: &Desk) -> u64 {
    let request = v1::MeasureRequest { measures: vec![MeasureKind::Opened.into()], ..Default::default() };
    desk.measure(request).await.unwrap().iter().map(|it| it.count).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_lives_are_measured_the_same_at_once_and_anew() {
    for (settings, _database) in both(&Settings::default()) {
        let (desk, mut dice) = (Desk::start(settings), Dice(7));
        let tickets = open(&desk, 8).await;
        for _ in 0..3 {
            live(&desk, &mut dice, &tickets, 30).await;
            desk.is_verified();
        }
        let all = v1::MeasureRequest { by: vec![1, 2, 3, 4], period: 1, ..Default::default() };
        let before = desk.measure(all.clone()).await.unwrap();
        assert!(before.len() > 5, "{before:?}");
        let done = said(&desk.command(&["measures", "recompute"]));
        assert_eq!(done, "All figures are reckoned anew, from 8 tickets and conversations.\n");
        assert_eq!(desk.measure(all.clone()).await.unwrap(), before);
        // It goes on from there.
        live(&desk, &mut dice, &tickets, 30).await;
        desk.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_at_work_is_verified_at_one_position_of_its_log() {
    for (settings, _database) in both(&Settings::default()) {
        let desk = Arc::new(Desk::start(settings));
        let tickets = open(&desk, 6).await;
        let done = Arc::new(AtomicBool::new(false));
        let traffic = tokio::spawn({
            let (desk, done) = (Arc::clone(&desk), Arc::clone(&done));
            async move {
                let mut dice = Dice(17);
                while !done.load(Ordering::Relaxed) {
                    live(&desk, &mut dice, &tickets, 10).await;
                }
            }
        });
        for _ in 0..8 {
            tokio::task::block_in_place(|| desk.is_verified());
        }
        done.store(true, Ordering::Relaxed);
        traffic.await.unwrap();
        desk.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_that_were_damaged_are_named_and_set_right() {
    for (settings, database) in both(&Settings::default()) {
        let desk = Desk::start(settings);
        open(&desk, 3).await;
        desk.settle();
        desk.is_verified();
        let url = database.as_ref().map_or_else(
            || format!("sqlite:{}", desk.app.data().join("dispatch.db").display()),
            Postgres::url,
        );
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        let damage = "update measure_cells set group_id = 'nobody' where measure = 'opened' and grain = 1";
        let done = sqlx::query(damage).execute(&mut connection).await.unwrap();
        assert_eq!(done.rows_affected(), 1);
        let found = desk.command(&["measures", "verify"]);
        assert_eq!(found.status.code(), Some(1));
        let found = String::from_utf8(found.stdout).unwrap();
        assert!(found.contains("group `nobody`") && found.contains("group `network`"), "{found}");
        assert!(found.contains("2 are not what the history gives; `measures recompute`"), "{found}");
        said(&desk.command(&["measures", "recompute"]));
        desk.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_in_the_middle_loses_and_doubles_nothing() {
    for (settings, _database) in both(&Settings::default()) {
        let (mut desk, mut dice) = (Desk::start(settings), Dice(11));
        let mut known = vec![];
        for round in 0..4_u64 {
            let opening = async {
                for at in 0..40 {
                    // Whoever is in the middle when it ends has no answer.
                    let Ok(ticket) = desk.open(&format!("caller-{round}-{at}")).await else { break };
                    known.push(ticket.number);
                }
            };
            // Some moment in the middle of it, another one each time.
            let _ = tokio::time::timeout(Duration::from_millis(250 + 170 * round), opening).await;
            tokio::task::block_in_place(|| desk.app.kill());
            tokio::task::block_in_place(|| desk.app.restart());
            if !known.is_empty() {
                live(&desk, &mut dice, &known, 5).await;
            }
        }
        let request = v1::ListTicketsRequest { page_size: 200, ..Default::default() };
        let tickets = desk.tickets().list_tickets(request).await.unwrap().into_inner().tickets.len() as u64;
        assert!(tickets >= known.len() as u64 && !known.is_empty());
        assert_eq!(opened(&desk).await, tickets);
        desk.is_verified();

        // Nor does a reckoning anew that is killed.
        for wait in [0, 30, 60, 120] {
            let mut anew = desk.spawn(&["measures", "recompute"]);
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let _ = anew.kill();
            anew.wait().unwrap();
            assert_eq!(opened(&desk).await, tickets);
        }
        said(&desk.command(&["measures", "recompute"]));
        desk.is_verified();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_replicas_count_everything_once() {
    if Part::Postgres.is_missing() {
        return;
    }
    let postgres = Postgres::start();
    let settings = || Settings::default().env("DISPATCH_STORE_URL", &postgres.url());
    let (one, other) = (Desk::start(settings()), Desk::start(settings()));
    let (mut dice, mut mine, mut theirs) = (Dice(3), vec![], vec![]);
    for at in 0..20 {
        let (ann, bob) = (format!("ann-{at}"), format!("bob-{at}"));
        let (a, b) = tokio::join!(one.open(&ann), other.open(&bob));
        mine.push(a.unwrap().number);
        theirs.push(b.unwrap().number);
    }
    let mut other_dice = Dice(5);
    tokio::join!(live(&one, &mut dice, &theirs, 40), live(&other, &mut other_dice, &mine, 40));
    assert_eq!((opened(&one).await, opened(&other).await), (40, 40));
    one.is_verified();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recompute_without_a_database_says_so() {
    let desk = Desk::start(Settings::default());
    let command = desk.app.command(&["measures", "recompute", "--data", "nowhere"]).output().unwrap();
    assert!(complaint(&command).contains("there is no database"));
}
