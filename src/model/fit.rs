//! What the estimators share: examples as they see them, and why nothing was fitted.

use linfa::{
    DatasetBase,
    dataset::{AsSingleTargets, AsTargets, Records},
};

/// An example: its row, its class, and how much a mistake about it counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// Which row of the records.
    pub row: usize,
    /// Which class.
    pub class: usize,
    /// A factor of the cost of a mistake.
    pub weight: f32,
}

/// Why nothing was fitted.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// A parameter out of its range.
    #[error("{name} is {value}; it must be {wanted}")]
    Parameter {
        /// Which one.
        name: &'static str,
        /// What was given.
        value: String,
        /// What would be right.
        wanted: &'static str,
    },
    /// There is nothing to tell apart.
    #[error("the data has {0} class; a classifier needs two or more")]
    TooFewClasses(usize),
    /// A class between others that nothing can be learned of.
    #[error("class {0} has no example; classes must be 0, 1, 2 and so on without a gap")]
    MissingClass(usize),
    /// An example that counts nothing, or too much.
    #[error("the weight of example {row} is {weight}; it must be a finite number above 0")]
    Weight {
        /// Which one, from 0.
        row: usize,
        /// What was given.
        weight: f32,
    },
    /// Whatever linfa found.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

/// A parameter that must be `wanted`.
pub(super) fn require(
    right: bool,
    name: &'static str,
    value: impl ToString,
    wanted: &'static str,
) -> Result<(), FitError> {
    if right { Ok(()) } else { Err(FitError::Parameter { name, value: value.to_string(), wanted }) }
}

/// The examples of a dataset. Its weights, if it has any, weigh them; else each counts 1.
pub(super) fn tasks<R: Records, T: AsSingleTargets<Elem = usize>>(
    dataset: &DatasetBase<R, T>,
) -> Result<Vec<Task>, FitError> {
    let targets = AsTargets::as_targets(&dataset.targets);
    let (rows, weights) = (dataset.records.nsamples(), &dataset.weights);
    for count in [targets.len(), if weights.is_empty() { rows } else { weights.len() }] {
        if count != rows {
            return Err(linfa::Error::MismatchedShapes(rows, count).into());
        }
    }
    let mut tasks = Vec::with_capacity(rows);
    for (row, class) in targets.iter().enumerate() {
        let weight = weights.get(row).copied().unwrap_or(1.0);
        if !(weight.is_finite() && 0.0 < weight) {
            return Err(FitError::Weight { row, weight });
        }
        tasks.push(Task { row, class: *class, weight });
    }
    Ok(tasks)
}

/// How many classes the examples have: two or more, each with an example.
pub(super) fn classes(tasks: &[Task]) -> Result<usize, FitError> {
    // Among so many examples a class of this number or a higher one leaves a gap below it.
    let mut present = vec![false; tasks.len()];
    let mut highest = None;
    for task in tasks {
        highest = highest.max(Some(task.class));
        if let Some(present) = present.get_mut(task.class) {
            *present = true;
        }
    }
    let missing = present.iter().position(|present| !present).unwrap_or(present.len());
    match highest {
        Some(highest) if missing <= highest => Err(FitError::MissingClass(missing)),
        _ if missing < 2 => Err(FitError::TooFewClasses(missing)),
        _ => Ok(missing),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;

    fn dataset(targets: &[usize], weights: &[f32]) -> DatasetBase<Array2<f32>, Array1<usize>> {
        let dataset = DatasetBase::new(Array2::zeros((3, 1)), Array1::from(targets.to_vec()));
        dataset.with_weights(Array1::from(weights.to_vec()))
    }

    #[test]
    fn a_dataset_that_no_estimator_can_learn_from_is_refused_with_the_example() {
        let check = |targets: &[usize], weights: &[f32], expected: &str| {
            let refused = tasks(&dataset(targets, weights)).and_then(|tasks| classes(&tasks));
            let said = refused.unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        };
        check(&[0, 1], &[], "3");
        check(&[0, 1, 1], &[1.0, 1.0], "2");
        check(
            &[0, 1, 1],
            &[1.0, 0.0, 1.0],
            "the weight of example 1 is 0; it must be a finite number above 0",
        );
        check(&[0, 1, 1], &[1.0, 1.0, f32::NAN], "the weight of example 2 is NaN");
        check(&[0, 0, 0], &[], "the data has 1 class; a classifier needs two or more");
        check(&[0, 2, 2], &[], "class 1 has no example");
        check(&[0, 1, usize::MAX], &[], "class 2 has no example");
    }

    #[test]
    fn each_example_counts_1_or_its_weight() {
        let weights = |weights: &[f32]| -> Vec<f32> {
            tasks(&dataset(&[0, 1, 0], weights)).unwrap().iter().map(|task| task.weight).collect()
        };
        assert_eq!(weights(&[]), [1.0, 1.0, 1.0]);
        assert_eq!(weights(&[0.5, 2.0, 1.0]), [0.5, 2.0, 1.0]);
    }
}
