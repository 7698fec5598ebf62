//! Inference: one message in, one verdict out. Pure, and shared between threads without a lock.

use std::sync::Arc;

use crate::{
    model::{
        calibration::softmax,
        features::{Vector, Vocabulary},
        gate::Gate,
        intent::{OUT_OF_SCOPE, USUAL_IMPACT, USUAL_URGENCY},
        net::Net,
        out_of_scope::{Detector, signs},
        reasons::reasons,
        rows::Rows,
        svc::best,
        verdict::{Scored, Verdict},
    },
    text::{grams::Tokenised, normalise::Normalised},
};

/// Everything that was learned; what an artifact holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// Which n-grams have a column.
    pub vocabulary: Vocabulary,
    /// Weights of all heads side by side, a row a column of the vocabulary.
    pub weights: Weights,
    /// What it adds to the scores of the intents.
    pub net: Net,
    /// Templates and the intents that are no ticket.
    pub intent: Head,
    /// `low`, `medium`, `high`; no labels if no example had one.
    pub urgency: Head,
    /// `person`, `team`, `site`; no labels if no example had one.
    pub impact: Head,
    /// Weighs the signs of a message out of scope.
    pub detector: Detector,
    /// What may be acted upon without asking, if that was certified.
    pub gate: Option<Gate>,
    /// Where all this came from.
    pub origin: Origin,
}

/// Where a model came from, for its card and for replay.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Hash of the examples, in hexadecimal.
    pub data: String,
    /// The seed of the training.
    pub seed: u64,
    /// How many examples were learned from.
    pub examples: u64,
}

/// The labels of one question, and how its scores become probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// In the order of their scores.
    pub labels: Vec<Arc<str>>,
    /// One over the temperature.
    pub sharpness: f32,
}

/// The weights of all heads: a row a column of the vocabulary, the scores' places across.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    rows: Rows,
    bias: Vec<f32>,
}

/// The text model, ready to answer.
#[derive(Debug, Clone)]
pub struct Classifier {
    learned: Learned,
    version: Arc<str>,
    outside: Option<usize>,
}

/// How many labels a verdict ranks.
const RANKED: usize = 5;

impl Classifier {
    /// A classifier of what was learned; `version` is the content hash of its artifact.
    pub fn new(learned: Learned, version: Arc<str>) -> Self {
        let outside = learned.intent.labels.iter().position(|label| **label == *OUT_OF_SCOPE);
        Self { learned, version, outside }
    }

    /// What was learned.
    pub fn learned(&self) -> &Learned {
        &self.learned
    }

    /// What may be acted upon without asking, if that was certified.
    pub fn gate(&self) -> Option<&Gate> {
        self.learned.gate.as_ref()
    }

    /// Content hash of the artifact: the same hash gives the same verdicts.
    pub fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// Whether it can give a label.
    pub fn knows(&self, label: &str) -> bool {
        self.labels().iter().any(|known| **known == *label)
    }

    /// The labels of the intent head.
    pub fn labels(&self) -> &[Arc<str>] {
        &self.learned.intent.labels
    }

    /// Understands a message; the verdict says why if `explain` asks for it.
    pub fn understand(&self, text: &str, explain: bool) -> Verdict {
        let Learned { vocabulary, weights, net, intent, urgency, impact, detector, .. } = &self.learned;
        let normalised = Normalised::of(text);
        let tokenised = Tokenised::of(normalised.text());
        let occurrences = explain.then(|| vocabulary.occurrences(normalised.text(), &tokenised));
        let vector = occurrences.as_ref().map_or_else(
            || vocabulary.vector(normalised.text(), &tokenised),
            |occurrences| vocabulary.vector_of(occurrences),
        );
        let mut scores = weights.scores(&vector);
        let (intents, others) = scores.split_at_mut(intent.labels.len());
        let (urgencies, others) = others.split_at_mut(urgency.labels.len());
        let impacts = &mut others[..impact.labels.len()];
        net.add_scores(&vector.meaning, intents);
        let label = best(intents);
        let why = |it: &_| reasons(&self.learned, text, &normalised, &tokenised, (it, &vector), label);
        let reasons = occurrences.as_ref().map(why).unwrap_or_default();
        let signs = signs(intents, self.outside, intent.sharpness, vector.known);
        Verdict {
            out_of_scope: if vector.known == 0.0 { 1.0 } else { detector.probability(&signs) },
            ranked: intent.ranked(intents),
            urgency: urgency.best(urgencies, USUAL_URGENCY),
            impact: impact.best(impacts, USUAL_IMPACT),
            reasons,
            model: Arc::clone(&self.version),
        }
    }
}

impl Head {
    /// The best labels with their probabilities.
    fn ranked(&self, scores: &mut [f32]) -> Vec<Scored> {
        softmax(scores, self.sharpness);
        let mut order: Vec<(usize, f32)> = Vec::with_capacity(RANKED + 1);
        for (label, probability) in scores.iter().copied().enumerate() {
            let place = order.iter().take_while(|(_, better)| probability <= *better).count();
            if place < RANKED {
                order.insert(place, (label, probability));
                order.truncate(RANKED);
            }
        }
        let scored = |(label, confidence)| Scored { label: Arc::clone(&self.labels[label]), confidence };
        order.into_iter().map(scored).collect()
    }

    /// The best label, or the usual one without any confidence if this head was never trained.
    fn best(&self, scores: &mut [f32], usual: &str) -> Scored {
        let nothing_learned = || Scored { label: Arc::from(usual), confidence: 0.0 };
        self.ranked(scores).into_iter().next().unwrap_or_else(nothing_learned)
    }
}

impl Weights {
    /// Weights of `bias.len()` scores; none if the rows have another width.
    pub fn new(rows: Rows, bias: Vec<f32>) -> Option<Self> {
        (rows.width() == bias.len()).then_some(Self { rows, bias })
    }

    /// The rows.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// What each score is without any known n-gram.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// All scores of a message, and some room behind them.
    pub fn scores(&self, vector: &Vector) -> Vec<f32> {
        let mut scores = self.rows.sums();
        self.rows.add(&vector.terms, &mut scores);
        scores.iter_mut().zip(&self.bias).for_each(|(score, bias)| *score += bias);
        scores
    }
}

#[cfg(test)]
mod tests {
    use crate::model::train::{Settings, tests::small_classifier};

    use super::*;

    #[test]
    fn threads_may_share_it() {
        fn shared<T: Send + Sync>() {}
        shared::<Classifier>();
    }

    #[test]
    fn labels_are_ranked_and_their_confidence_is_a_share_of_one() {
        let verdict = small_classifier(&Settings::default()).understand("printer jam", false);
        assert_eq!(verdict.ranked.len(), 3);
        assert!(verdict.ranked.is_sorted_by(|a, b| b.confidence <= a.confidence));
        let sum: f32 = verdict.ranked.iter().map(|scored| scored.confidence).sum();
        assert!((sum - 1.0).abs() < 1e-5);
        assert!(verdict.reasons.is_empty());
    }

    #[test]
    fn a_message_of_which_nothing_is_known_is_out_of_scope() {
        let classifier = small_classifier(&Settings::default());
        for text in ["", "  ", "\u{200b}", "12345"] {
            assert_eq!(classifier.understand(text, true).out_of_scope, 1.0, "{text:?}");
        }
    }
}
