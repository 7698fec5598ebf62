//! Incident waves: what a message costs with a full window, beside a plain counter; and how soon waves of several sizes
//! are found over a year of a desk's traffic, how often for nothing, what joins them, how many tickets that saves.
//!
//! `cargo bench --bench waves`

#![expect(clippy::print_stdout, clippy::expect_used, reason = "what a bench is for")]

use std::{collections::HashMap, hint::black_box, time::Instant};

use ticket_dispatch::{
    domain::{id::ConversationId, time::Timestamp},
    model::{corpora, table::TokenTable},
    routing::waves::{
        Detector, FALSE_ALARM_DAYS, Meaning, Message, Rates, Stream, Week, rates::HOURS, window::MOST,
    },
    simulate::waves::{Plan, run},
};

const ROUNDS: usize = 20_000;

fn main() {
    speed();
    println!();
    experiment();
}

/// A full window, then messages one by one in turn with a counter of their streams: once while as many as usual write,
/// and once while everything is new, so that all streams alarm.
fn speed() {
    let table = TokenTable::shipped().expect("the table that ships");
    let examples = corpora::examples().expect("the corpora that ship");
    let mut texts: Vec<(String, Meaning)> = vec![];
    let begun = Instant::now();
    for it in &examples {
        texts.push((it.label.clone(), Meaning::of(&table.meaning_of(&it.text).unwrap_or_default())));
    }
    println!("what a message means: {:.1} µs on average", micros(begun) / texts.len() as f64);
    let mut usual: HashMap<Stream, Vec<f32>> = HashMap::new();
    for (label, _) in &texts {
        let hour = 6.0 * MOST as f32 / texts.len() as f32;
        for stream in [Stream::Template(label.clone()), Stream::Service(label.clone())] {
            usual.entry(stream).or_insert_with(|| vec![0.0; HOURS]).iter_mut().for_each(|it| *it += hour);
        }
    }
    let begin = Timestamp(1_000 * 3_600_000);
    let learned = Rates::learned(begin, vec![6.0; HOURS], usual);
    for (what, rates) in [("as usual", learned), ("all streams alarm", Rates::default())] {
        measure(what, Detector::new(rates, Week::default(), begin), &texts, begin);
    }
}

fn measure(what: &str, mut detector: Detector, texts: &[(String, Meaning)], begin: Timestamp) {
    let mut seed = 11_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    // A hundred thousand messages lie within an hour; one in twenty names an asset.
    let mut message = |number: usize| {
        let (label, meaning) = &texts[random(texts.len())];
        let mut streams = vec![Stream::Template(label.clone()), Stream::Service(label.clone())];
        if random(20) == 0 {
            streams.push(Stream::Asset(format!("HW-{}", random(10_000))));
        }
        Message {
            at: Timestamp(begin.0 + number as i64 * 30),
            requester: random(200_000) as u64,
            conversation: ConversationId::from_bytes((number as u128).to_be_bytes()),
            streams,
            meaning: meaning.clone(),
        }
    };
    for number in 0..MOST {
        black_box(detector.take(message(number)));
    }
    let mut counter: HashMap<Stream, u64> = HashMap::new();
    let (mut ours, mut plain) = (vec![], vec![]);
    for round in 0..ROUNDS {
        let it = message(MOST + round);
        let copy = it.clone();
        let begun = Instant::now();
        for stream in copy.streams {
            *counter.entry(black_box(stream)).or_default() += 1;
        }
        plain.push(micros(begun));
        let begun = Instant::now();
        black_box(detector.take(black_box(it)));
        ours.push(micros(begun));
    }
    let (messages, streams) = detector.size();
    let mean = ours.iter().sum::<f64>() / ours.len() as f64;
    let (ours, plain) = (middle(&mut ours), middle(&mut plain));
    println!(
        "{what}, {messages} messages in the window, {streams} streams: a message {ours:.2} µs in the middle, \
         {mean:.2} on average; {:.1} times a plain counter ({plain:.2} µs)",
        ours / plain
    );
}

fn experiment() {
    let table = TokenTable::shipped().expect("the table that ships");
    let examples = corpora::examples().expect("the corpora that ship");
    println!(
        "stated: an alarm for nothing in {FALSE_ALARM_DAYS} days or more, all streams together; here about 150 templates, \
         their services and 3000 assets"
    );
    for daily in [100.0, 600.0, 3_000.0] {
        let calm =
            Plan { seed: 1, daily, learned: 8, weeks: 52, weekly: 0, size: 0, minutes: 0.0, assets: 3000 };
        let found = run(&calm, &examples, &table);
        println!(
            "{daily:.0} messages a weekday, a calm year: {:.2} waves for nothing in 30 days; alarms at {:.2} people",
            found.false_alarms_a_month(),
            found.threshold
        );
        let first = run(&Plan { learned: 0, weeks: 1, ..calm }, &examples, &table);
        println!("  {} waves for nothing in the first week", first.false_alarms);
        for (size, minutes) in [(5, 5.0), (10, 10.0), (20, 15.0), (50, 30.0), (200, 60.0)] {
            let found =
                run(&Plan { weekly: 2, weeks: 26, size, minutes, seed: 2, ..calm }, &examples, &table);
            let (precision, recall) = found.precision_and_recall();
            println!(
                "  {size:3} people in {minutes:2.0} min: {:2} of {} found, after {:2} messages and {:4.1} min; joins: precision {precision:.3}, recall {recall:.3}; {:.0} % of the tickets saved",
                found.found,
                found.injected,
                found.messages_needed(),
                found.minutes_needed(),
                100.0 * found.saved.1 as f64 / found.saved.0.max(1) as f64
            );
        }
    }
}

fn micros(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6
}

fn middle(all: &mut [f64]) -> f64 {
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}
