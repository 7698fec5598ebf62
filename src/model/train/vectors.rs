//! The vectors that a training works on.

use std::sync::Arc;

use linfa::ParamGuard;

use crate::model::{
    examples::Example,
    features::{FeatureSettings, Read, Vocabulary, normal, params::VocabularyParams},
    fit::FitError,
    noise::mistyped,
    svc::random::Random,
    table::TokenTable,
    train::{Progress, Settings, Stage},
};

/// Vectors of messages as typed, and of mistyped copies if wanted.
#[derive(Debug)]
pub struct Records {
    /// The messages, then their copies in the same order.
    pub rows: Read,
    /// How many messages there are, copies not counted.
    pub messages: usize,
    /// How much each message counts.
    pub weights: Vec<f32>,
}

/// Learns the vocabulary of the messages and makes their vectors.
pub fn read(
    examples: &[Example],
    settings: &Settings,
    table: Arc<TokenTable>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Records, Vocabulary), FitError> {
    let mut done = |done| progress(Progress::Working { stage: Stage::Reading, done, total: 3 });
    let messages: Vec<String> = examples.iter().map(|example| normal(&example.text)).collect();
    done(1);
    let features = settings.features.unwrap_or(FeatureSettings::for_examples(messages.len()));
    // Mistyped words are no vocabulary: copies only show how far the known n-grams carry.
    let vocabulary =
        VocabularyParams::new(features, table).check()?.learn(messages.iter().map(String::as_str));
    done(2);
    let copies = if settings.noise { copies(&messages, settings.seed) } else { Vec::new() };
    let all = messages.iter().chain(&copies).map(String::as_str);
    let rows = vocabulary.read(all);
    done(3);
    let weights = examples.iter().map(|example| example.weight).collect();
    Ok((Records { rows, messages: messages.len(), weights }, vocabulary))
}

fn copies(messages: &[String], seed: u64) -> Vec<String> {
    let mut random = Random::seeded(seed);
    messages.iter().map(|message| mistyped(message, &mut random)).collect()
}
