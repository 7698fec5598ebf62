//! The report: everything that a person wants to know of a model before using it, as one page of HTML.
//!
//! [`Findings`] are computed first and say it all; the page only shows them. It needs no script and asks
//! for nothing from anywhere.

mod charts;
mod html;
mod page;
mod sections;
mod training;

use serde::Serialize;

use crate::model::{
    classifier::Classifier,
    cross_validation::Suspect,
    drift::{Drift, drift},
    evaluation::{
        Evaluation, Judged, best,
        coverage::{self, Point},
        gate::GateFigures,
        interval::{Interval, by_drawing, of_auroc, of_share},
        is_right,
        reliability::{self, Bin},
        separation::{Separation, separations},
    },
    examples::Example,
    gate::certify::CertifyError,
    variety::{Twin, Variety, twins_across, variety},
    verdict::Verdict,
};

pub use self::page::page;

/// What the report says.
#[derive(Debug, Clone, Serialize)]
pub struct Findings {
    /// Content hash of the model.
    pub model: String,
    /// How many labels it knows.
    pub known_labels: usize,
    /// Labels of the messages that it does not know.
    pub unknown_labels: Vec<String>,
    /// How many messages it learned from.
    pub learned_from: u64,
    /// When the report was made.
    pub made: String,
    /// The figures.
    pub evaluation: Evaluation,
    /// Where the accuracy lies with 95 % confidence.
    pub accuracy: Interval,
    /// The same of macro F1.
    pub macro_f1: Interval,
    /// The same of the area under the curve of messages out of scope.
    pub auroc: Option<Interval>,
    /// What was said against what was right.
    pub reliability: Vec<Bin>,
    /// What acting on the surest verdicts costs.
    pub coverage: Vec<Point>,
    /// What may be acted upon without asking.
    pub gate: GateFigures,
    /// The labels that are mixed up.
    pub matrix: Matrix,
    /// How well labels are told from their neighbours.
    pub separations: Vec<Separation>,
    /// Only where the training data was given.
    pub training: Option<Training>,
}

/// How often which label was taken for which.
#[derive(Debug, Clone, Serialize)]
pub struct Matrix {
    /// Across and down.
    pub labels: Vec<String>,
    /// Row by row: the label, and what it was taken for; the last column is any other label.
    pub counts: Vec<Vec<usize>>,
    /// How many labels of the data are not shown, for nothing is mixed up with them, or little.
    pub left_out: usize,
}

/// What the training data shows beside the messages judged.
#[derive(Debug, Clone, Serialize)]
pub struct Training {
    /// Training messages that may have a wrong label.
    pub suspects: Vec<Suspect>,
    /// Where each of them stands.
    pub suspect_places: Vec<String>,
    /// How far the messages judged are from those learned.
    pub drift: Drift,
    /// Of the messages learned.
    pub learned: Variety,
    /// Of the messages judged.
    pub judged: Variety,
    /// Messages judged that are nearly the same as one that was learned.
    pub twins: Vec<TwinText>,
    /// How many of them there are.
    pub twin_count: usize,
}

/// Two messages that are nearly the same.
#[derive(Debug, Clone, Serialize)]
pub struct TwinText {
    /// The message learned.
    pub learned: String,
    /// The message judged.
    pub judged: String,
    /// How alike they are, 0 to 1.
    pub alike: f64,
}

impl Findings {
    /// Of verdicts on messages, and of those on messages out of scope, if there are any.
    pub fn of(
        model: &Classifier,
        (data, verdicts): (&[Example], &[Verdict]),
        outside: &[Verdict],
        made: String,
    ) -> Result<Self, CertifyError> {
        let judged: Vec<Judged<'_>> = data.iter().zip(verdicts).collect();
        let evaluation = Evaluation::of(data, verdicts, outside);
        let right = judged.iter().filter(|it| is_right(it)).count();
        let area = evaluation.out_of_scope.map(|it| of_auroc(it.auroc, data.len(), it.messages));
        Ok(Self {
            model: model.version().to_string(),
            known_labels: model.labels().len(),
            unknown_labels: unknown(&evaluation, model),
            learned_from: model.learned().origin.examples,
            made,
            accuracy: of_share(right, data.len()),
            macro_f1: macro_f1(&evaluation, &judged),
            auroc: area,
            reliability: reliability::bins(&judged),
            coverage: coverage::curve(&judged),
            gate: GateFigures::of(model.gate(), data, verdicts, outside)?,
            matrix: Matrix::of(&evaluation, &judged),
            separations: separations(&judged),
            training: None,
            evaluation,
        })
    }
}

fn unknown(evaluation: &Evaluation, model: &Classifier) -> Vec<String> {
    let labels = evaluation.labels.iter().map(|it| &it.label);
    labels.filter(|it| !model.knows(it)).cloned().collect()
}

/// The interval of macro F1, by drawing the messages again.
fn macro_f1(evaluation: &Evaluation, judged: &[Judged<'_>]) -> Interval {
    let labels: Vec<&str> = evaluation.labels.iter().map(|report| report.label.as_str()).collect();
    // What is no label of the data counts for none of them.
    let number = |label: &str| labels.binary_search(&label).unwrap_or(labels.len());
    let pairs: Vec<(usize, usize)> =
        judged.iter().map(|(example, verdict)| (number(&example.label), number(best(verdict)))).collect();
    by_drawing(pairs.len(), SEED, |rows| {
        let mut counts = vec![(0_usize, 0_usize); labels.len() + 1];
        for (truth, said) in rows.map(|row| pairs[row]) {
            counts[truth].0 += 1;
            counts[said].0 += 1;
            counts[truth].1 += usize::from(truth == said);
        }
        let there = counts[..labels.len()].iter().filter(|(all, _)| 0 < *all);
        let f1 = there.clone().map(|(all, right)| 2.0 * *right as f64 / *all as f64).sum::<f64>();
        f1 / there.count().max(1) as f64
    })
}

/// The same report is drawn for the same messages.
const SEED: u64 = 1;

impl Matrix {
    /// More labels than this are not shown.
    const MOST: usize = 24;

    fn of(evaluation: &Evaluation, judged: &[Judged<'_>]) -> Self {
        let labels = Self::most_confused(evaluation);
        let number = |label: &str| labels.binary_search_by(|it| it.as_str().cmp(label)).ok();
        let mut counts = vec![vec![0; labels.len() + 1]; labels.len()];
        for (example, verdict) in judged {
            if let Some(row) = number(&example.label) {
                counts[row][number(best(verdict)).unwrap_or(labels.len())] += 1;
            }
        }
        Self { left_out: evaluation.labels.len() - labels.len(), labels, counts }
    }

    /// All labels of the data if they are few, else those that are mixed up most.
    fn most_confused(evaluation: &Evaluation) -> Vec<String> {
        let all = evaluation.labels.iter().map(|report| report.label.clone());
        let mut labels: Vec<String> = if evaluation.labels.len() <= Self::MOST {
            all.collect()
        } else {
            let mut chosen = Vec::new();
            for confusion in &evaluation.confusions {
                for label in [&confusion.label, &confusion.taken_for] {
                    let of_data = evaluation.labels.iter().any(|report| report.label == *label);
                    if of_data && chosen.len() < Self::MOST && !chosen.contains(label) {
                        chosen.push(label.clone());
                    }
                }
            }
            chosen
        };
        labels.sort();
        labels
    }
}

/// More messages than this are not compared with each other.
const COMPARED: usize = 20_000;

/// How many messages that are nearly the same are shown.
const SHOWN: usize = 8;

impl Training {
    /// Of the messages learned and judged; `suspects` come from cross-validating the former.
    pub fn of(learned: &[Example], judged: &[Example], suspects: Vec<Suspect>, places: Vec<String>) -> Self {
        let (few_learned, few_judged) = (thinned(learned), thinned(judged));
        let mut twins = twins_across(&few_learned, &few_judged);
        twins.sort_by(|left, right| right.alike.total_cmp(&left.alike));
        let text = |twin: &Twin| TwinText {
            learned: few_learned[twin.of].text.clone(),
            judged: few_judged[twin.row].text.clone(),
            alike: twin.alike,
        };
        Self {
            suspects,
            suspect_places: places,
            drift: drift(learned, judged),
            learned: variety(&few_learned),
            judged: variety(&few_judged),
            twins: twins.iter().take(SHOWN).map(text).collect(),
            twin_count: twins.len(),
        }
    }
}

/// Evenly thinned, where there are too many to compare.
fn thinned(examples: &[Example]) -> Vec<Example> {
    examples.iter().step_by(examples.len().div_ceil(COMPARED).max(1)).cloned().collect()
}

#[cfg(test)]
mod tests;
