//! What a classifier learns from: messages with their labels, and what is odd about a set of them.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

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
    /// The same message with the same label again; it is learned from as often as it is there.
    Duplicate {
        /// Index of the later row.
        row: usize,
        /// Index of the first row.
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
                write!(f, "example {} repeats example {}", row + 1, first + 1)
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

/// For each row the first row with the same message (often itself), and what is odd.
pub fn inspect(examples: &[Example]) -> (Vec<usize>, Vec<Warning>) {
    let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
    let mut firsts = Vec::with_capacity(examples.len());
    let mut warnings = Vec::new();
    for (row, example) in examples.iter().enumerate() {
        let message = Normalised::of(example.text.trim()).text().to_owned();
        let earlier = seen.entry(message).or_default();
        let first = earlier.first().copied().unwrap_or(row);
        let alike = |first: &&usize| examples[**first].label == example.label;
        if let Some(&first) = earlier.iter().find(alike) {
            warnings.push(Warning::Duplicate { row, first });
        } else if first != row {
            let labels = (examples[first].label.clone(), example.label.clone());
            warnings.push(Warning::Contradiction { row, first, labels });
        }
        earlier.push(row);
        firsts.push(first);
    }
    warnings.extend(lonely(examples));
    (firsts, warnings)
}

fn lonely(examples: &[Example]) -> Vec<Warning> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for example in examples {
        *counts.entry(&example.label).or_default() += 1;
    }
    let lonely = counts.into_iter().filter(|(_, count)| *count == 1);
    lonely.map(|(label, _)| Warning::Lonely { label: label.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_and_contradictions_are_told() {
        let examples = [
            Example::new("VPN down", "vpn_fault"),
            Example::new("vpn DOWN ", "vpn_fault"),
            Example::new("vpn down", "network_fault"),
            Example::new("vpn dead", "vpn_fault"),
        ];
        let (firsts, warnings) = inspect(&examples);
        assert_eq!(firsts, [0, 0, 0, 3]);
        let said: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "example 2 repeats example 1",
                "example 3 says 'network_fault' where example 1 says 'vpn_fault' of the same message",
                "label 'network_fault' has one example; ten or more make it dependable",
            ]
        );
    }
}
