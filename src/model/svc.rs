//! A linear support vector classifier on sparse records, as linfa has its estimators: parameters,
//! their check, a fit, a prediction.
//!
//! One class against the rest with squared hinge loss, solved in the dual. linfa's own classifiers
//! take dense records only, see [`crate::model::records`].

pub mod random;
pub mod solver;

use linfa::{
    DatasetBase, ParamGuard,
    dataset::{AsSingleTargets, Records},
    traits::{Fit, PredictInplace},
};
use ndarray::{Array1, Array2};

use crate::model::{
    fit::{FitError, Task, classes, require, tasks},
    records::{Row, SparseRecords},
    svc::solver::Solved,
};

/// Parameters as somebody gave them.
#[derive(Debug, Clone, PartialEq)]
pub struct SvcParams(SvcValidParams);

/// Parameters that make sense.
#[derive(Debug, Clone, PartialEq)]
pub struct SvcValidParams {
    cost: f32,
    max_epochs: usize,
    tolerance: f32,
    seed: u64,
    threads: usize,
}

impl Default for SvcParams {
    fn default() -> Self {
        Self(SvcValidParams { cost: 0.5, max_epochs: 15, tolerance: 0.1, seed: 1, threads: 1 })
    }
}

impl SvcParams {
    /// What a mistake costs, against the size of the weights.
    #[must_use]
    pub fn cost(mut self, cost: f32) -> Self {
        self.0.cost = cost;
        self
    }

    /// How often the data is gone through at most.
    #[must_use]
    pub fn max_epochs(mut self, epochs: usize) -> Self {
        self.0.max_epochs = epochs;
        self
    }

    /// The seed of the order in which examples are visited.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// How many threads work; the result is the same for any number.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.0.threads = threads;
        self
    }
}

impl ParamGuard for SvcParams {
    type Checked = SvcValidParams;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Self::Checked, Self::Error> {
        let SvcValidParams { cost, max_epochs, threads, .. } = self.0;
        require(cost.is_finite() && 0.0 < cost, "cost", cost, "a finite number above 0")?;
        require(0 < max_epochs, "max_epochs", max_epochs, "1 or more")?;
        require(0 < threads, "threads", threads, "1 or more")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked, Self::Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// One weight vector for each class, and the bias of each.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearSvc {
    /// Columns down, classes across, so that a message touches one run of memory a column.
    pub weights: Array2<f32>,
    /// One for each class.
    pub bias: Array1<f32>,
}

impl SvcValidParams {
    /// Fits and tells how many parts of the work are done, of how many.
    ///
    /// `from` may be the solution for some of these examples, found with the same parameters: then half of
    /// the rounds are enough.
    pub(super) fn fit_telling(
        &self,
        records: &SparseRecords,
        tasks: &[Task],
        from: Option<&Solved>,
        told: &mut dyn FnMut(usize, usize),
    ) -> Result<Solved, FitError> {
        let classes = classes(tasks)?;
        let limits = solver::Limits {
            cost: self.cost,
            max_epochs: if from.is_some() { self.max_epochs.div_ceil(2) } else { self.max_epochs },
            tolerance: self.tolerance,
            seed: self.seed,
        };
        Ok(solver::solve(records, tasks, classes, &limits, self.threads, from, told))
    }
}

impl<T: AsSingleTargets<Elem = usize>> Fit<SparseRecords, T, FitError> for SvcValidParams {
    type Object = LinearSvc;

    /// The weights of the dataset, if it has any, weigh the cost of each example.
    fn fit(&self, dataset: &DatasetBase<SparseRecords, T>) -> Result<LinearSvc, FitError> {
        self.fit_telling(&dataset.records, &tasks(dataset)?, None, &mut |_, _| {}).map(|solved| solved.model)
    }
}

impl LinearSvc {
    /// The score of each class for a row.
    pub fn scores(&self, row: Row<'_>) -> Vec<f32> {
        let mut scores = self.bias.to_vec();
        for (column, value) in row.columns.iter().zip(row.values) {
            let weights = self.weights.row(*column as usize);
            scores.iter_mut().zip(weights).for_each(|(score, weight)| *score += value * weight);
        }
        scores
    }
}

impl PredictInplace<SparseRecords, Array1<usize>> for LinearSvc {
    fn predict_inplace<'a>(&'a self, records: &'a SparseRecords, targets: &mut Array1<usize>) {
        for (row, target) in targets.iter_mut().enumerate() {
            *target = best(&self.scores(records.row(row)));
        }
    }

    fn default_target(&self, records: &SparseRecords) -> Array1<usize> {
        Array1::zeros(records.nsamples())
    }
}

/// The class with the highest score; the first of equals.
pub fn best(scores: &[f32]) -> usize {
    let mut best = 0;
    for (class, score) in scores.iter().enumerate() {
        if scores[best] < *score {
            best = class;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use linfa::traits::Predict;
    use sprs::CsMatI;

    use super::*;

    fn dataset() -> DatasetBase<SparseRecords, Array1<usize>> {
        let records = CsMatI::new((4, 3), vec![0, 1, 2, 3, 5], vec![0, 1, 2, 0, 2], vec![1.0; 5]);
        DatasetBase::new(SparseRecords(records), Array1::from(vec![0, 1, 2, 2]))
    }

    #[test]
    fn it_fits_and_predicts_as_linfa_does() {
        let model = SvcParams::default().cost(10.0).max_epochs(100).fit(&dataset()).unwrap();
        let predicted: Array1<usize> = model.predict(&dataset());
        assert_eq!(predicted.to_vec(), [0, 1, 2, 2]);
    }

    #[test]
    fn any_number_of_threads_gives_the_same_weights() {
        let fit = |threads| SvcParams::default().threads(threads).fit(&dataset()).unwrap();
        assert_eq!(fit(1), fit(3));
    }

    #[test]
    fn a_parameter_out_of_range_is_named() {
        let refused = SvcParams::default().cost(0.0).fit(&dataset()).unwrap_err();
        assert_eq!(refused.to_string(), "cost is 0; it must be a finite number above 0");
    }
}
