//! What a deadline costs: of a ticket with many pauses, beside one without any.
//!
//! `cargo bench --bench clocks`

#![expect(clippy::print_stdout, reason = "what a bench is for")]

use std::{hint::black_box, time::Instant};

use ticket_dispatch::domain::{
    calendar::{Break, Calendar, Hours},
    time::Timestamp,
};

const HOUR: u32 = 3600;
const ROUNDS: u32 = 20_000;
/// A Monday morning.
const START: i64 = 1_772_442_000;

fn main() {
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
