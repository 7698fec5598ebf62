//! S9: one message understood in process, on one core.

use std::{hint::black_box, path::Path, time::Instant};

use ticket_dispatch::model::{
    classifier::Classifier,
    corpora,
    examples::Example,
    starter::starter,
    train::{Settings, train},
};

use crate::Outcome;

/// Labels of the larger model.
const MANY: usize = 150;

/// Microseconds for one message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Understanding {
    /// Labels of the starter model.
    pub(crate) labels: usize,
    pub(crate) starter: f64,
    /// With the words that spoke for it.
    pub(crate) explained: f64,
    /// A model of 150 labels.
    pub(crate) many: f64,
}

/// Measures the starter model that lies beside these models, and one of 150 labels.
pub(crate) fn measure(data: &Path) -> Outcome<Understanding> {
    let examples = corpora::examples()?;
    let model = starter(data, &mut |_| {})?;
    let many = train(&in_pieces(&examples), &Settings::default(), &mut |_| {})?;
    Ok(Understanding {
        labels: model.labels().len(),
        starter: each(&model, &examples, false),
        explained: each(&model, &examples, true),
        many: each(&many, &examples, false),
    })
}

/// The same messages with 150 labels, by cutting each corpus into pieces. What such a model says means
/// nothing; how long it takes is what 150 labels take.
fn in_pieces(examples: &[Example]) -> Vec<Example> {
    let labels = corpora::TRAIN.map(|(label, _)| label);
    let pieces = |place: usize| MANY / labels.len() + usize::from(place < MANY % labels.len());
    let label = |number: usize, it: &Example| {
        let place = labels.iter().position(|label| *label == it.label).unwrap_or(0);
        format!("{}_{}", it.label, number % pieces(place))
    };
    let examples = examples.iter().enumerate();
    examples.map(|(number, it)| Example { label: label(number, it), ..it.clone() }).collect()
}

/// The median of several rounds, each over all messages, so that no text stays in the caches.
fn each(model: &Classifier, examples: &[Example], explain: bool) -> f64 {
    const ROUNDS: usize = 9;
    let mut rounds = [0.0; ROUNDS];
    for round in &mut rounds {
        let start = Instant::now();
        for example in examples {
            black_box(model.understand(&example.text, explain));
        }
        *round = start.elapsed().as_secs_f64() * 1e6 / examples.len() as f64;
    }
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}
