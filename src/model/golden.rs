//! Golden messages: plain cases that no model in use may ever read wrongly.

use std::fmt;

use crate::model::{
    classifier::Classifier,
    examples::Example,
    readers::{ReadError, read_text},
};

/// Those that ship with the product, one JSON object a line.
const BUILT_IN: &str = include_str!("../../models/golden.jsonl");

/// A golden message that a model reads wrongly.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// The message.
    pub text: String,
    /// What it must be.
    pub expected: String,
    /// What the model takes it for.
    pub found: String,
    /// How sure of that the model is, 0 to 1.
    pub confidence: f32,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, expected, found, confidence } = self;
        write!(f, "'{text}' must be {expected}, but is {found} ({confidence:.2})")
    }
}

/// Those that ship with the product.
pub fn built_in() -> Result<Vec<Example>, ReadError> {
    read_text("models/golden.jsonl", BUILT_IN)
}

/// The messages that a model reads wrongly, whatever its confidence.
pub fn broken(model: &Classifier, golden: &[Example]) -> Vec<Broken> {
    let judged = |example: &Example| {
        let best = model.understand(&example.text, false).ranked.into_iter().next();
        let (found, confidence) =
            best.map_or((String::new(), 0.0), |it| (it.label.to_string(), it.confidence));
        let Example { text, label, .. } = example;
        (found != *label).then(|| Broken { text: text.clone(), expected: label.clone(), found, confidence })
    };
    golden.iter().filter_map(judged).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        model::{
            corpora, starter,
            train::{Settings, tests::small_classifier},
        },
        text::token::is_cjk,
    };

    #[test]
    fn every_label_of_the_corpora_has_its_golden_messages() {
        let golden = built_in().unwrap();
        let labels: BTreeSet<&str> = golden.iter().map(|it| it.label.as_str()).collect();
        assert_eq!(labels, corpora::TRAIN.iter().map(|(label, _)| *label).collect());
        let chinese = golden.iter().filter(|it| it.text.chars().any(is_cjk)).count();
        assert!(10 <= chinese && chinese < golden.len() - 10, "{chinese} of {}", golden.len());
    }

    #[test]
    fn the_starter_model_has_all_of_them_right() {
        let starter = starter::trained(&mut |_| {}).unwrap();
        assert_eq!(broken(&starter, &built_in().unwrap()), []);
    }

    #[test]
    fn a_wrong_reading_is_told_with_both_labels() {
        let model = small_classifier(&Settings::default());
        let golden = [Example::new("the vpn is down", "vpn_fault"), Example::new("paper jam", "vpn_fault")];
        let [broken] = &broken(&model, &golden)[..] else { panic!("one is wrong") };
        let told = format!("'paper jam' must be vpn_fault, but is printer_fault ({:.2})", broken.confidence);
        assert_eq!(broken.to_string(), told);
    }
}
