//! What a classifier learns from: messages with their labels, and what is odd about a set of them.

use std::{collections::HashMap, fmt};

use crate::text::normalise::Normalised;

/// A message and what a person said that it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The message as typed.
    pub text: String,
    /// A template's id or one of the intents that are no ticket.
    pub label: String,
    /// `low`, `medium` or `high`, where known.
    pub urgency: Option<String>,
    /// `person`, `team` or `site`, where known.
    pub impact: Option<String>,
}

impl Example {
    /// An example of an intent, with urgency and impact unknown.
    pub fn new(text: impl Into<String>, label: impl Into<String>) -> Self {
        Self { text: text.into(), label: label.into(), urgency: None, impact: None }
    }
}

/// Something odd in training data that does not stop the training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The same message with the same label again; only the first is learned from.
    Duplicate {
        /// Index of the row passed over.
        row: usize,
        /// Index of the row kept.
        first: usize,
    },
    /// The same message with another label; both are learned from.
    Contradiction {
        /// Index of the later row.
        row: usize,
        /// Index of the earlier row.
        first: usize,
        /// The earlier row's label and the later one's.
        labels: (String, String),
    },
    /// A label with a single example, which nothing could be measured on.
    Lonely {
        /// The label.
        label: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { row, first } => {
                write!(f, "example {} repeats example {}; it was left out", row + 1, first + 1)
            }
            Self::Contradiction { row, first, labels: (earlier, later) } => write!(
                f,
                "example {} says '{later}' where example {} says '{earlier}' of the same message",
                row + 1,
                first + 1
            ),
            Self::Lonely { label } => {
                write!(f, "label '{label}' has one example; ten or more make it dependable")
            }
        }
    }
}

/// The rows worth learning from, in order, and the warnings about all of them.
pub fn sift(examples: &[Example]) -> (Vec<usize>, Vec<Warning>) {
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    let mut kept = Vec::with_capacity(examples.len());
    let mut warnings = Vec::new();
    for (row, example) in examples.iter().enumerate() {
        let earlier = seen.entry(Normalised::of(example.text.trim()).text().to_owned()).or_default();
        let same = earlier.iter().find(|first| examples[**first].label == example.label);
        if let Some(&first) = same {
            warnings.push(Warning::Duplicate { row, first });
            continue;
        }
        if let Some(&first) = earlier.first() {
            let labels = (examples[first].label.clone(), example.label.clone());
            warnings.push(Warning::Contradiction { row, first, labels });
        }
        earlier.push(row);
        kept.push(row);
    }
    warnings.extend(lonely(examples, &kept));
    (kept, warnings)
}

fn lonely(examples: &[Example], kept: &[usize]) -> Vec<Warning> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for row in kept {
        *counts.entry(&examples[*row].label).or_default() += 1;
    }
    let mut labels: Vec<&str> = counts.into_iter().filter(|(_, n)| *n == 1).map(|(l, _)| l).collect();
    labels.sort_unstable();
    labels.into_iter().map(|label| Warning::Lonely { label: label.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_left_out_and_contradictions_are_told() {
        let examples = [
            Example::new("VPN down", "vpn_fault"),
            Example::new("vpn DOWN ", "vpn_fault"),
            Example::new("vpn down", "network_fault"),
            Example::new("vpn dead", "vpn_fault"),
        ];
        let (kept, warnings) = sift(&examples);
        assert_eq!(kept, [0, 2, 3]);
        let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "example 2 repeats example 1; it was left out",
                "example 3 says 'network_fault' where example 1 says 'vpn_fault' of the same message",
                "label 'network_fault' has one example; ten or more make it dependable",
            ]
        );
    }
}
