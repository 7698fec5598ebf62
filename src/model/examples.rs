//! What a classifier learns from: messages with their labels, and what is odd about a set of them.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use crate::text::{
    normalise::Normalised,
    token::{Kind, tokens},
};

/// The most that an example may count; one that counts more would drown all others.
pub const HEAVIEST: f32 = 1_000.0;

/// A message and what a person said that it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The message as typed.
    pub text: String,
    /// A template's id or one of the intents that are no ticket.
    pub label: String,
    /// `low`, `medium` or `high`, where known.
    pub urgency: Option<String>,
    /// `person`, `team` or `site`, where known.
    pub impact: Option<String>,
    /// How much it counts against the others; above 0 and at most [`HEAVIEST`], usually 1.
    pub weight: f32,
}

impl Example {
    /// An example of an intent, with urgency and impact unknown.
    pub fn new(text: impl Into<String>, label: impl Into<String>) -> Self {
        Self { text: text.into(), label: label.into(), urgency: None, impact: None, weight: 1.0 }
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
    /// A label with so few examples that it is hardly learned, and nothing can be measured on it.
    Lonely {
        /// The label.
        label: String,
        /// How many it has.
        count: usize,
    },
    /// Two labels that are one but for capital letters, and are learned as two.
    Capitals {
        /// One.
        label: String,
        /// The other.
        other: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(|row| format!("example {}", row + 1)))
    }
}

impl Warning {
    /// As a sentence; `place` says where a row stands.
    pub fn told(&self, place: impl Fn(usize) -> String) -> String {
        match self {
            Self::Duplicate { row, first } => format!("{} repeats {}", place(*row), place(*first)),
            Self::Contradiction { row, first, labels: (earlier, later) } => format!(
                "{} says '{later}' where {} says '{earlier}' of the same message",
                place(*row),
                place(*first)
            ),
            Self::Lonely { label, count } => {
                let examples =
                    if *count == 1 { "one example".to_owned() } else { format!("{count} examples") };
                format!("label '{label}' has {examples}; ten or more make it dependable")
            }
            Self::Capitals { label, other } => {
                format!(
                    "'{label}' and '{other}' are learned as two labels; if they are one, write them alike"
                )
            }
        }
    }
}

/// For each row the first row with the same message (often itself), and what is odd.
pub fn inspect(examples: &[Example]) -> (Vec<usize>, Vec<Warning>) {
    let mut firsts: Vec<usize> = (0..examples.len()).collect();
    let mut repeats = Vec::new();
    for alike in &alike(examples) {
        for (place, &row) in alike.iter().enumerate().skip(1) {
            firsts[row] = alike[0];
            repeats.push(repeated(examples, &alike[..place], row));
        }
    }
    repeats.sort_by_key(|(row, _)| *row);
    let warnings = repeats.into_iter().map(|(_, warning)| warning);
    (firsts, warnings.chain(odd_labels(examples)).collect())
}

/// What is odd about a row whose message stands in earlier rows.
fn repeated(examples: &[Example], earlier: &[usize], row: usize) -> (usize, Warning) {
    let label = &examples[row].label;
    match earlier.iter().find(|first| examples[**first].label == *label) {
        Some(&first) => (row, Warning::Duplicate { row, first }),
        None => {
            let first = earlier[0];
            let labels = (examples[first].label.clone(), label.clone());
            (row, Warning::Contradiction { row, first, labels })
        }
    }
}

/// What makes two messages the same: their words, whatever blanks and marks stand around them.
fn words(text: &str) -> String {
    let normalised = Normalised::of(text);
    let text = normalised.text();
    let words: Vec<&str> = tokens(text)
        .filter(|token| token.kind != Kind::Mark)
        .map(|token| &text[token.start..token.end])
        .collect();
    if words.is_empty() { text.trim().to_owned() } else { words.join(" ") }
}

/// Those of `examples` whose message is none of the `learned` ones.
pub fn unlearned(examples: &[Example], learned: &[Example]) -> Vec<Example> {
    let learned: HashSet<u64> = learned.iter().map(|it| hash(&words(&it.text))).collect();
    examples.iter().filter(|it| !learned.contains(&hash(&words(&it.text)))).cloned().collect()
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The rows of each message that stands there more than once, each in order.
///
/// Sorted by hash, so that a million messages need sixteen bytes each and not a second copy.
fn alike(examples: &[Example]) -> Vec<Vec<usize>> {
    let mut hashes: Vec<(u64, usize)> =
        examples.iter().zip(0..).map(|(example, row)| (hash(&words(&example.text)), row)).collect();
    hashes.sort_unstable();
    let same_hash = hashes.chunk_by(|(left, _), (right, _)| left == right).filter(|rows| 1 < rows.len());
    let mut alike = Vec::new();
    for rows in same_hash {
        let mut by_message: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (_, row) in rows {
            by_message.entry(words(&examples[*row].text)).or_default().push(*row);
        }
        alike.extend(by_message.into_values().filter(|rows| 1 < rows.len()));
    }
    alike
}

fn odd_labels(examples: &[Example]) -> Vec<Warning> {
    const FEW: usize = 5;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for example in examples {
        *counts.entry(&example.label).or_default() += 1;
    }
    let lonely = counts.iter().filter(|(_, count)| **count < FEW);
    let mut odd: Vec<Warning> =
        lonely.map(|(label, count)| Warning::Lonely { label: (*label).to_owned(), count: *count }).collect();
    let mut written: BTreeMap<String, &str> = BTreeMap::new();
    for label in counts.into_keys() {
        if let Some(other) = written.insert(label.to_lowercase(), label) {
            odd.push(Warning::Capitals { label: other.to_owned(), other: label.to_owned() });
        }
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_and_contradictions_are_told() {
        let examples = [
            Example::new("VPN down", "vpn_fault"),
            Example::new("vpn  DOWN. ", "vpn_fault"),
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
                "label 'vpn_fault' has 3 examples; ten or more make it dependable",
            ]
        );
    }

    #[test]
    fn labels_that_differ_in_capitals_are_told() {
        let data = (0..12).map(|it| Example::new(format!("vpn {it}"), ["vpn", "Vpn"][it % 2]));
        let (_, warnings) = inspect(&data.collect::<Vec<_>>());
        assert_eq!(warnings, [Warning::Capitals { label: "Vpn".into(), other: "vpn".into() }]);
    }
}
