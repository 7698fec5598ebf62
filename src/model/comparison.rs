//! Two models on the same messages: whether the difference is more than chance, and where it lies.

use std::collections::BTreeMap;

use crate::model::{
    evaluation::{
        Evaluation, best,
        interval::{Interval, by_drawing},
        is_right,
    },
    examples::Example,
    verdict::Verdict,
};

/// How a second model differs from a first.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Comparison {
    /// How many messages were judged by both.
    pub messages: usize,
    /// The first model's figures.
    pub first: Figures,
    /// The second's.
    pub second: Figures,
    /// The second's accuracy less the first's.
    pub difference: f64,
    /// Where that difference lies with 95 % confidence, by a paired bootstrap.
    pub interval: Interval,
    /// Messages that only the second gets right.
    pub gained: usize,
    /// Messages that only the first gets right.
    pub lost: usize,
    /// How often chance alone gives a difference like this: McNemar's exact test, two-sided.
    pub p_value: f64,
    /// Each label where they differ, the greatest loss first.
    pub labels: Vec<Change>,
}

/// A model's figures.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Figures {
    /// Share of messages with the right label.
    pub accuracy: f64,
    /// Mean F1 of the labels in the data.
    pub macro_f1: f64,
    /// How far confidence is from the share that is right.
    pub ece: f64,
}

/// What changed for a label.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Change {
    /// The label.
    pub label: String,
    /// How many messages have it.
    pub messages: usize,
    /// Messages that only the second model gets right.
    pub gained: usize,
    /// Messages that only the first gets right.
    pub lost: usize,
    /// Some of those lost.
    pub regressions: Vec<Case>,
    /// Some of those gained.
    pub gains: Vec<Case>,
}

/// A message on which they differ.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Case {
    /// The message.
    pub text: String,
    /// What the first model says.
    pub first: String,
    /// What the second says.
    pub second: String,
}

/// How many messages are shown of each kind for each label.
const SHOWN: usize = 3;

/// Compares two models' verdicts on the same messages; the seed decides the bootstrap.
pub fn compare(data: &[Example], first: &[Verdict], second: &[Verdict], seed: u64) -> Comparison {
    let mut labels: BTreeMap<&str, Change> = BTreeMap::new();
    let (mut gained, mut lost) = (0, 0);
    for ((example, first), second) in data.iter().zip(first).zip(second) {
        let change = labels.entry(&example.label).or_insert_with(|| Change::of(&example.label));
        change.messages += 1;
        match (is_right(&(example, first)), is_right(&(example, second))) {
            (true, false) => {
                lost += 1;
                change.lost += 1;
                add(&mut change.regressions, example, first, second);
            }
            (false, true) => {
                gained += 1;
                change.gained += 1;
                add(&mut change.gains, example, first, second);
            }
            (true, true) | (false, false) => {}
        }
    }
    let changed = labels.into_values().filter(|change| 0 < change.gained + change.lost);
    let mut labels: Vec<Change> = changed.collect();
    labels.sort_by_key(|change| change.gained as i64 - change.lost as i64);
    Comparison {
        messages: data.len(),
        first: Figures::of(&Evaluation::of(data, first, &[])),
        second: Figures::of(&Evaluation::of(data, second, &[])),
        difference: (gained as f64 - lost as f64) / data.len().max(1) as f64,
        interval: interval(data.len(), gained, lost, seed),
        gained,
        lost,
        p_value: mcnemar(gained, lost),
        labels,
    }
}

impl Change {
    fn of(label: &str) -> Self {
        let label = label.to_owned();
        Self { label, messages: 0, gained: 0, lost: 0, regressions: Vec::new(), gains: Vec::new() }
    }
}

impl Figures {
    fn of(evaluation: &Evaluation) -> Self {
        let Evaluation { accuracy, macro_f1, ece, .. } = *evaluation;
        Self { accuracy, macro_f1, ece }
    }
}

fn add(cases: &mut Vec<Case>, example: &Example, first: &Verdict, second: &Verdict) {
    if cases.len() < SHOWN {
        let [first, second] = [first, second].map(|verdict| best(verdict).to_owned());
        cases.push(Case { text: example.text.clone(), first, second });
    }
}

/// A message counts 1 where it is gained, -1 where it is lost, else 0; their order does not matter.
fn interval(messages: usize, gained: usize, lost: usize, seed: u64) -> Interval {
    if messages == 0 {
        return Interval { low: 0.0, high: 0.0 };
    }
    let counts = |row: usize| i64::from(row < gained) - i64::from((gained..gained + lost).contains(&row));
    by_drawing(messages, seed, |rows| rows.map(counts).sum::<i64>() as f64 / messages as f64)
}

/// The exact two-sided p value: under chance each message that differs is gained or lost alike.
fn mcnemar(gained: usize, lost: usize) -> f64 {
    let differing = gained + lost;
    // Logarithms, since one half to the power of a thousand is no number.
    let mut term = differing as f64 * 0.5_f64.ln();
    let mut tail = 0.0;
    for count in 0..=gained.min(lost) {
        tail += term.exp();
        term += ((differing - count) as f64 / (count + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::evaluation::tests::verdict;

    #[test]
    fn the_exact_test_gives_the_values_of_the_binomial() {
        assert_eq!(mcnemar(0, 0), 1.0);
        assert!((mcnemar(0, 5) - 0.0625).abs() < 1e-12);
        assert!((mcnemar(2, 10) - 158.0 / 4096.0).abs() < 1e-12);
        assert_eq!(mcnemar(5, 5), 1.0);
        let many = mcnemar(40_000, 41_000);
        assert!((4.3e-4..4.7e-4).contains(&many), "{many}");
    }

    #[test]
    fn regressions_and_gains_are_told_by_label() {
        let rows = [
            ("one", "a", "a", "b"),
            ("two", "a", "a", "b"),
            ("three", "b", "a", "b"),
            ("four", "c", "c", "c"),
        ];
        let data = rows.map(|(text, label, ..)| Example::new(text, label));
        let first = rows.map(|(_, _, said, _)| verdict(said, 1.0));
        let second = rows.map(|(_, _, _, said)| verdict(said, 1.0));
        let found = compare(&data, &first, &second, 1);
        assert_eq!((found.gained, found.lost, found.difference), (1, 2, -0.25));
        let labels: Vec<&str> = found.labels.iter().map(|change| change.label.as_str()).collect();
        assert_eq!(labels, ["a", "b"], "the greatest loss first, and nothing of what stayed");
        let case = &found.labels[0].regressions[1];
        assert_eq!((case.text.as_str(), case.first.as_str(), case.second.as_str()), ("two", "a", "b"));
        assert!(found.interval.low < -0.25 && -0.25 < found.interval.high);
        let same = compare(&data, &first, &first, 1);
        assert_eq!((same.p_value, same.interval.low, same.labels.len()), (1.0, 0.0, 0));
    }
}
