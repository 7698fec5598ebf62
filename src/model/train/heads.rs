//! What each head is to learn, and the fit of all of them side by side.

use std::{collections::BTreeSet, sync::Arc};

use crate::model::{
    artifact::check::{MOST_LABELS, invalid},
    classifier::{Head, Weights},
    examples::Example,
    fit::{FitError, Task},
    rows::Rows,
    svc::solver::Solved,
    train::{Fitting, Progress, Stage, TrainError},
};
use linfa::ParamGuard;

/// The labels of a head and which of them each message has, if any.
#[derive(Debug)]
pub struct Targets {
    /// Sorted for intents, in their natural order for levels.
    pub labels: Vec<String>,
    /// For each message.
    pub of: Vec<Option<usize>>,
}

impl Targets {
    /// The intents of messages.
    pub fn of_labels(examples: &[Example]) -> Result<Self, TrainError> {
        if let Some(row) = examples.iter().position(|example| example.label.trim().is_empty()) {
            return Err(TrainError::EmptyLabel { row });
        }
        let labels: BTreeSet<&str> = examples.iter().map(|example| example.label.as_str()).collect();
        let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        match labels.as_slice() {
            [] => Err(TrainError::Empty),
            [label] => Err(TrainError::OneLabel { label: label.clone(), examples: examples.len() }),
            many if MOST_LABELS < many.len() => Err(TrainError::ManyLabels(many.len())),
            _ => {
                let of = |example: &Example| labels.binary_search(&example.label).ok();
                Ok(Self { of: examples.iter().map(of).collect(), labels })
            }
        }
    }

    /// The levels of messages; no labels if fewer than two different ones occur.
    pub fn of_levels(
        examples: &[Example],
        field: &'static str,
        allowed: &'static [&'static str],
        read: impl Fn(&Example) -> Option<&str>,
    ) -> Result<Self, TrainError> {
        let level = |(row, example)| level(row, field, allowed, read(example));
        let of: Vec<Option<usize>> = examples.iter().enumerate().map(level).collect::<Result<_, _>>()?;
        let present: BTreeSet<usize> = of.iter().copied().flatten().collect();
        if present.len() < 2 {
            return Ok(Self { labels: Vec::new(), of: vec![None; examples.len()] });
        }
        // Levels that never occur have no class, so that each class has an example.
        let labels = present.iter().map(|level| allowed[*level].to_owned()).collect();
        let rank = |level: usize| present.iter().position(|known| *known == level);
        Ok(Self { labels, of: of.into_iter().map(|level| level.and_then(rank)).collect() })
    }

    /// The head of a model with these labels.
    pub fn head(&self, sharpness: f32) -> Head {
        let labels = self.labels.iter().map(|label| Arc::from(label.as_str())).collect();
        Head { labels, sharpness }
    }
}

/// Which of the allowed levels an example has, if it has one.
fn level(
    row: usize,
    field: &'static str,
    allowed: &'static [&'static str],
    value: Option<&str>,
) -> Result<Option<usize>, TrainError> {
    let Some(value) = value else { return Ok(None) };
    match allowed.iter().position(|level| *level == value) {
        Some(level) => Ok(Some(level)),
        None => {
            let value = value.to_owned();
            Err(TrainError::UnknownLevel { row, field, value, allowed })
        }
    }
}

/// Fits all heads on all messages; their weights stand side by side.
///
/// The first head may go on `from` what was solved for some of its messages.
pub fn fit_all(
    fitting: &mut Fitting<'_>,
    heads: [&Targets; 3],
    from: Option<&Solved>,
) -> Result<Weights, TrainError> {
    let mut fitted = Vec::with_capacity(heads.len());
    for (head, targets) in heads.into_iter().enumerate().filter(|(_, targets)| !targets.labels.is_empty()) {
        let tasks = tasks(fitting, targets, |_| true);
        let from = from.filter(|_| head == 0);
        fitted.push(fit(fitting, &tasks, from, Stage::Fitting)?.model);
    }
    let bias: Vec<f32> = fitted.iter().flat_map(|model| model.bias.iter().copied()).collect();
    let columns = fitted.first().map_or(0, |model| model.weights.nrows());
    let mut numbers = Vec::with_capacity(columns * bias.len());
    for column in 0..columns {
        fitted.iter().for_each(|model| numbers.extend(model.weights.row(column)));
    }
    let rows = Rows::nearest(&numbers, bias.len());
    Weights::new(rows, bias).ok_or_else(|| invalid("weights", "the heads disagree about their width").into())
}

/// What a head learns from: the messages that `wanted` accepts, and their mistyped copies.
pub fn tasks(fitting: &Fitting<'_>, targets: &Targets, wanted: impl Fn(usize) -> bool) -> Vec<Task> {
    let records = fitting.records;
    let task = |row: usize| {
        let message = row % records.messages;
        let class = targets.of[message].filter(|_| wanted(message))?;
        Some(Task { row, class, weight: records.weights[message] })
    };
    (0..records.rows.known.len()).filter_map(task).collect()
}

/// Fits one head.
pub fn fit(
    fitting: &mut Fitting<'_>,
    tasks: &[Task],
    from: Option<&Solved>,
    stage: Stage,
) -> Result<Solved, FitError> {
    let params = fitting.params.check_ref()?;
    params.fit_telling(&fitting.records.rows.grams, tasks, from, &mut |done, total| {
        (fitting.progress)(Progress::Working { stage, done, total });
    })
}
