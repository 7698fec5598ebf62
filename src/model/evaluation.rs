//! How good a classifier is on messages whose labels are known.

pub mod coverage;
pub mod gate;
pub mod interval;
pub mod reliability;
pub mod separation;

use std::collections::BTreeMap;

use crate::model::{classifier::Classifier, examples::Example, verdict::Verdict};

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
    /// Some of the messages.
    pub examples: Vec<String>,
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

/// The verdict on each message; `told` hears how many are done.
pub fn judge(classifier: &Classifier, examples: &[Example], told: &mut dyn FnMut(usize)) -> Vec<Verdict> {
    const PACE: usize = 256;
    let mut verdicts = Vec::with_capacity(examples.len());
    for examples in examples.chunks(PACE) {
        verdicts.extend(examples.iter().map(|example| classifier.understand(&example.text, false)));
        told(verdicts.len());
    }
    verdicts
}

impl Evaluation {
    /// Of the verdicts on `data`, and of those on messages out of scope, if there are any.
    pub fn of(data: &[Example], verdicts: &[Verdict], outside: &[Verdict]) -> Self {
        let judged: Vec<Judged<'_>> = data.iter().zip(verdicts).collect();
        let labels = label_reports(&judged);
        let doubts = |verdicts: &[Verdict]| verdicts.iter().map(|it| it.out_of_scope).collect::<Vec<_>>();
        let auroc = || auroc(&doubts(verdicts), &doubts(outside));
        Self {
            messages: judged.len(),
            accuracy: share(judged.iter().filter(|it| is_right(it)).count(), judged.len()),
            macro_f1: macro_f1(&labels),
            ece: reliability::error(&reliability::bins(&judged)),
            urgency: level_accuracy(&judged, |e| e.urgency.as_deref(), |v| &v.urgency.label),
            impact: level_accuracy(&judged, |e| e.impact.as_deref(), |v| &v.impact.label),
            out_of_scope: (!outside.is_empty())
                .then(|| OutOfScope { messages: outside.len(), auroc: auroc() }),
            confusions: confusions(&judged),
            labels,
        }
    }
}

/// A message and the verdict on it.
pub type Judged<'a> = (&'a Example, &'a Verdict);

/// The label that a verdict puts first.
pub fn best(verdict: &Verdict) -> &str {
    verdict.ranked.first().map_or("", |scored| &scored.label)
}

/// How sure a verdict is of its first label.
pub fn confidence(verdict: &Verdict) -> f64 {
    verdict.ranked.first().map_or(0.0, |scored| f64::from(scored.confidence))
}

/// Whether a verdict puts the message's label first.
pub fn is_right((example, verdict): &Judged<'_>) -> bool {
    best(verdict) == example.label
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn macro_f1(labels: &[LabelReport]) -> f64 {
    labels.iter().map(|report| report.f1).sum::<f64>() / labels.len().max(1) as f64
}

fn level_accuracy(
    judged: &[Judged<'_>],
    truth: impl Fn(&Example) -> Option<&str>,
    said: impl Fn(&Verdict) -> &str,
) -> Option<f64> {
    let known: Vec<bool> =
        judged.iter().filter_map(|(e, v)| truth(e).map(|truth| truth == said(v))).collect();
    (!known.is_empty()).then(|| share(known.iter().filter(|right| **right).count(), known.len()))
}

/// Each label of the data, counted in one pass.
fn label_reports(judged: &[Judged<'_>]) -> Vec<LabelReport> {
    #[derive(Default)]
    struct Counts {
        messages: usize,
        given: usize,
        right: usize,
    }
    let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
    for (example, verdict) in judged {
        let said = best(verdict);
        let of_label = counts.entry(&example.label).or_default();
        of_label.messages += 1;
        of_label.right += usize::from(said == example.label);
        counts.entry(said).or_default().given += 1;
    }
    // What is only said and never true has nothing to be found.
    let of_data = counts.into_iter().filter(|(_, counts)| 0 < counts.messages);
    let report = |(label, Counts { messages, given, right }): (&str, Counts)| LabelReport {
        label: label.to_owned(),
        messages,
        precision: share(right, given),
        recall: share(right, messages),
        f1: 2.0 * right as f64 / (messages + given).max(1) as f64,
    };
    of_data.map(report).collect()
}

/// How many messages are shown for a confusion.
const SHOWN: usize = 3;

fn confusions(judged: &[Judged<'_>]) -> Vec<Confusion> {
    let mut found: BTreeMap<(&str, &str), (usize, Vec<String>)> = BTreeMap::new();
    for (example, verdict) in judged.iter().filter(|it| !is_right(it)) {
        let (count, examples) = found.entry((&example.label, best(verdict))).or_default();
        *count += 1;
        if examples.len() < SHOWN {
            examples.push(example.text.clone());
        }
    }
    let confusion = |((label, taken_for), (count, examples)): ((&str, &str), (usize, Vec<String>))| {
        Confusion { label: label.to_owned(), taken_for: taken_for.to_owned(), count, examples }
    };
    let mut all: Vec<Confusion> = found.into_iter().map(confusion).collect();
    all.sort_by_key(|confusion| std::cmp::Reverse(confusion.count));
    all
}

/// The area under the curve by ranks, ties counting half.
pub fn auroc(inside: &[f32], outside: &[f32]) -> f64 {
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
pub(crate) mod tests {
    use crate::model::train::{
        Settings,
        tests::{small_classifier, small_examples},
    };
    use crate::model::verdict::Scored;

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
        let evaluation = Evaluation::of(&data, &judge(&classifier, &data, &mut |_| {}), &[]);
        assert!((evaluation.accuracy - 10.0 / 11.0).abs() < 1e-9);
        let found = &evaluation.confusions[0];
        assert_eq!((found.label.as_str(), found.taken_for.as_str()), ("printer_fault", "vpn_fault"));
        assert_eq!((found.count, found.examples.as_slice()), (1, &[data[0].text.clone()][..]));
    }

    #[test]
    fn labels_are_counted_by_what_is_true_and_what_is_said() {
        let said = |text: &str, label: &str, best: &str| (Example::new(text, label), verdict(best, 1.0));
        let judged = [said("1", "a", "a"), said("2", "a", "b"), said("3", "b", "b"), said("4", "b", "c")];
        let (data, verdicts): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
        let evaluation = Evaluation::of(&data, &verdicts, &[]);
        let figures =
            |report: &LabelReport| (report.label.clone(), report.precision, report.recall, report.f1);
        let labels: Vec<_> = evaluation.labels.iter().map(figures).collect();
        assert_eq!(labels, [("a".into(), 1.0, 0.5, 2.0 / 3.0), ("b".into(), 0.5, 0.5, 0.5)]);
        assert_eq!(evaluation.accuracy, 0.5);
        assert!((evaluation.macro_f1 - 7.0 / 12.0).abs() < 1e-12);
    }

    /// A verdict that says one label with this confidence.
    pub(crate) fn verdict(label: &str, confidence: f32) -> Verdict {
        let scored = |label: &str| Scored { label: label.into(), confidence };
        Verdict {
            ranked: vec![scored(label)],
            out_of_scope: 0.0,
            urgency: scored("medium"),
            impact: scored("person"),
            reasons: Vec::new(),
            model: "".into(),
        }
    }
}
