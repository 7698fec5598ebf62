//! How long one message takes to be understood, in process, on one core.
//!
//! Trains the starter model and, with a file of labelled messages as the argument, a model of that
//! file; then understands each of its messages a few times and prints the median round.

use std::{
    error::Error,
    hint::black_box,
    io::{Write, stdout},
    path::Path,
    time::Instant,
};

use ticket_dispatch::model::{
    classifier::Classifier,
    corpora,
    examples::Example,
    readers::read_file,
    train::{Settings, train},
};

fn main() -> Result<(), Box<dyn Error>> {
    measure("starter corpora", &corpora::examples()?)?;
    for file in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        measure(&file, &read_file(Path::new(&file))?)?;
    }
    Ok(())
}

fn measure(name: &str, examples: &[Example]) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let classifier = train(examples, &Settings::default(), &mut |_| {})?;
    let trained = started.elapsed().as_secs_f64();
    let (plain, explained) = (median(&classifier, examples, false), median(&classifier, examples, true));
    let mut out = stdout().lock();
    writeln!(out, "{name}: {} messages, {} labels", examples.len(), classifier.labels().len())?;
    writeln!(out, "  trained in {trained:.2} s")?;
    writeln!(out, "  understand           {plain:>6.1} microseconds a message")?;
    writeln!(out, "  understand, explain  {explained:>6.1} microseconds a message")?;
    Ok(())
}

/// The median of several rounds, each over all messages, so that no text stays in the caches.
fn median(classifier: &Classifier, examples: &[Example], explain: bool) -> f64 {
    const ROUNDS: usize = 7;
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for example in examples {
                black_box(classifier.understand(&example.text, explain));
            }
            started.elapsed().as_secs_f64() * 1e6 / examples.len() as f64
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}
