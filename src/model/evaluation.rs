//! How good a classifier is on messages whose labels are known.

mod gate;

use std::collections::{BTreeMap, BTreeSet};

pub use self::gate::GateFigures;
use crate::model::{
    classifier::Classifier,
    examples::Example,
    gate::certify::{CertifyError, Confirmed},
    verdict::Verdict,
};

/// What was measured.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Evaluation {
    /// How many messages were judged.
    pub messages: usize,
    /// Share of messages with the right label, 0 to 1.
    pub accuracy: f64,
    /// Mean F1 of the labels that occur in the data.
    pub macro_f1: f64,
    /// How far confidence is from the share that is right, on average (15 bins).
    pub ece: f64,
    /// Share of right urgencies among the messages that have one.
    pub urgency: Option<f64>,
    /// Share of right impacts among the messages that have one.
    pub impact: Option<f64>,
    /// Only where messages out of scope were given.
    pub out_of_scope: Option<OutOfScope>,
    /// What may be acted upon without asking.
    pub gate: GateFigures,
    /// Most frequent first.
    pub confusions: Vec<Confusion>,
    /// Each label of the data, in order.
    pub labels: Vec<LabelReport>,
}

/// How well messages out of scope are told from the others.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct OutOfScope {
    /// How many there were.
    pub messages: usize,
    /// Probability that a message outside scores higher than one inside.
    pub auroc: f64,
}

/// Messages of one label taken for another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Confusion {
    /// What it was.
    pub label: String,
    /// What it was taken for.
    pub taken_for: String,
    /// How often.
    pub count: usize,
    /// One of the messages.
    pub example: String,
}

/// How well one label is found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LabelReport {
    /// The label.
    pub label: String,
    /// How many messages have it.
    pub messages: usize,
    /// Share of right ones among those given this label.
    pub precision: f64,
    /// Share of its messages that got it.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
}

/// Judges `data`, and how well `outside` is told from it.
pub fn evaluate(
    classifier: &Classifier,
    data: &[Example],
    outside: &[Example],
) -> Result<Evaluation, CertifyError> {
    let verdict = |example: &Example| classifier.understand(&example.text, false);
    let verdicts: Vec<Verdict> = data.iter().map(verdict).collect();
    let judged: Vec<(&Example, &Verdict)> = data.iter().zip(&verdicts).collect();
    let right = judged.iter().filter(|(example, verdict)| best(verdict) == example.label).count();
    let labels = label_reports(&judged);
    let f1: f64 = labels.iter().map(|report| report.f1).sum();
    let confirmed: Vec<Confirmed<'_>> =
        judged.iter().map(|(example, verdict)| Confirmed::of(verdict, &example.label)).collect();
    let outside: Vec<Verdict> = outside.iter().map(verdict).collect();
    let gate = gate::figures(classifier.gate(), &confirmed, &outside)?;
    let outside: Vec<f32> = outside.iter().map(|verdict| verdict.out_of_scope).collect();
    let inside: Vec<f32> = verdicts.iter().map(|verdict| verdict.out_of_scope).collect();
    Ok(Evaluation {
        messages: data.len(),
        accuracy: share(right, data.len()),
        macro_f1: f1 / labels.len().max(1) as f64,
        ece: calibration_error(&judged),
        urgency: level_accuracy(&judged, |e| e.urgency.as_deref(), |v| &v.urgency.label),
        impact: level_accuracy(&judged, |e| e.impact.as_deref(), |v| &v.impact.label),
        out_of_scope: (!outside.is_empty())
            .then(|| OutOfScope { messages: outside.len(), auroc: auroc(&inside, &outside) }),
        gate,
        confusions: confusions(&judged),
        labels,
    })
}

fn best(verdict: &Verdict) -> &str {
    verdict.ranked.first().map_or("", |scored| &scored.label)
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn level_accuracy(
    judged: &[(&Example, &Verdict)],
    truth: impl Fn(&Example) -> Option<&str>,
    said: impl Fn(&Verdict) -> &str,
) -> Option<f64> {
    let known: Vec<bool> =
        judged.iter().filter_map(|(e, v)| truth(e).map(|truth| truth == said(v))).collect();
    (!known.is_empty()).then(|| share(known.iter().filter(|right| **right).count(), known.len()))
}

fn calibration_error(judged: &[(&Example, &Verdict)]) -> f64 {
    const BINS: usize = 15;
    let mut bins = [(0.0_f64, 0.0_f64); BINS];
    for (example, verdict) in judged {
        let confidence = verdict.ranked.first().map_or(0.0, |scored| f64::from(scored.confidence));
        let bin = &mut bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += confidence;
        bin.1 += f64::from(u8::from(best(verdict) == example.label));
    }
    let apart: f64 = bins.iter().map(|(said, right)| (said - right).abs()).sum();
    apart / judged.len().max(1) as f64
}

fn label_reports(judged: &[(&Example, &Verdict)]) -> Vec<LabelReport> {
    let labels: BTreeSet<&str> = judged.iter().map(|(example, _)| example.label.as_str()).collect();
    let report = |label: &str| {
        let count = |test: &dyn Fn(bool, bool) -> bool| {
            let of = |(e, v): &&(&Example, &Verdict)| test(e.label == label, best(v) == label);
            judged.iter().filter(of).count()
        };
        let (messages, given) = (count(&|is, _| is), count(&|_, said| said));
        let right = count(&|is, said| is && said);
        let (precision, recall) = (share(right, given), share(right, messages));
        let f1 = 2.0 * right as f64 / (messages + given).max(1) as f64;
        LabelReport { label: label.to_owned(), messages, precision, recall, f1 }
    };
    labels.into_iter().map(report).collect()
}

fn confusions(judged: &[(&Example, &Verdict)]) -> Vec<Confusion> {
    let mut counts: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
    for (example, verdict) in judged.iter().filter(|(e, v)| best(v) != e.label) {
        let entry = counts.entry((&example.label, best(verdict))).or_insert((0, &example.text));
        entry.0 += 1;
    }
    let mut all: Vec<Confusion> = counts
        .into_iter()
        .map(|((label, taken_for), (count, example))| Confusion {
            label: label.to_owned(),
            taken_for: taken_for.to_owned(),
            count,
            example: example.to_owned(),
        })
        .collect();
    all.sort_by_key(|confusion| std::cmp::Reverse(confusion.count));
    all
}

/// The area under the curve by ranks, ties counting half.
fn auroc(inside: &[f32], outside: &[f32]) -> f64 {
    let mut all: Vec<(f32, bool)> = inside.iter().map(|score| (*score, false)).collect();
    all.extend(outside.iter().map(|score| (*score, true)));
    all.sort_by(|(left, _), (right, _)| left.total_cmp(right));
    let (mut below, mut wins) = (0.0, 0.0);
    for ties in all.chunk_by(|(left, _), (right, _)| left == right) {
        let outside = ties.iter().filter(|(_, outside)| *outside).count() as f64;
        let inside = ties.len() as f64 - outside;
        wins += outside * (below + inside / 2.0);
        below += inside;
    }
    wins / (inside.len().max(1) * outside.len().max(1)) as f64
}

#[cfg(test)]
mod tests {
    use crate::model::train::{
        Settings,
        tests::{small_classifier, small_examples},
    };

    use super::*;

    #[test]
    fn ranks_give_the_area() {
        assert_eq!(auroc(&[0.1, 0.2], &[0.3, 0.4]), 1.0);
        assert_eq!(auroc(&[0.1, 0.3], &[0.1, 0.3]), 0.5);
    }

    #[test]
    fn a_wrong_label_shows_as_a_confusion() {
        let classifier = small_classifier(&Settings::default());
        let mut data = small_examples();
        data[0].label = "printer_fault".into();
        let evaluation = evaluate(&classifier, &data, &[]).unwrap();
        assert!((evaluation.accuracy - 10.0 / 11.0).abs() < 1e-9);
        let found = &evaluation.confusions[0];
        assert_eq!((found.label.as_str(), found.taken_for.as_str()), ("printer_fault", "vpn_fault"));
    }
}
