//! Fits the network: cross entropy by Adam (Kingma and Ba, "Adam: a method for stochastic optimization",
//! 2015), with dropout (Srivastava et al., "Dropout: a simple way to prevent neural networks from
//! overfitting", 2014). An estimator as linfa has them: parameters, their check, a fit, a prediction.
//!
//! The order of examples, the weights at the beginning and what is dropped depend on the seed alone,
//! and one thread works, so the same examples give the same network.
//!
//! ```
//! use linfa::prelude::*;
//! use ndarray::{Array1, Array2, array};
//! use ticket_dispatch::model::train::net::NetParams;
//!
//! let records = array![[1.0_f32, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
//! // No line parts the two classes from each other.
//! let dataset = Dataset::new(records, Array1::from(vec![0_usize, 1, 0, 1]));
//!
//! let network = NetParams::for_examples(4).units(32).epochs(300).fit(&dataset)?;
//! let predicted: Array1<usize> = network.predict(&dataset);
//! assert_eq!(predicted.confusion_matrix(&dataset)?.accuracy(), 1.0);
//! let scores: Array2<f32> = network.scores(dataset.records.view());
//! assert_eq!(scores.dim(), (4, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod steps;

use linfa::{
    DatasetBase, ParamGuard,
    dataset::AsSingleTargets,
    traits::{Fit, PredictInplace},
};
use ndarray::{Array1, Array2, ArrayBase, ArrayView2, Data, Ix2};

use crate::model::{
    fit::{FitError, Task, classes, require, tasks},
    net::Net,
    rows::Rows,
    svc::{best, random::Random},
    train::net::steps::{Adam, Work},
};

/// Examples in a step.
const BATCH: usize = 32;
/// What inputs are multiplied with, so that units start in their working range.
const STRETCH: f32 = 4.0;
/// About how many examples are looked at in all, and how often each at least and at most.
const VISITS: usize = 75_000;
const FEWEST: usize = 3;
const MOST: usize = 40;
/// One part in so many of the work is left when a network has seen most examples.
const REST: usize = 2;

/// Parameters as somebody gave them.
#[derive(Debug, Clone, PartialEq)]
pub struct NetParams(NetValidParams);

/// Parameters that make sense.
#[derive(Debug, Clone, PartialEq)]
pub struct NetValidParams {
    units: usize,
    epochs: usize,
    rate: f32,
    seed: u64,
}

impl NetParams {
    /// What suits a number of examples; chosen on validation data, for rows of about length one.
    pub fn for_examples(count: usize) -> Self {
        let epochs = (VISITS / count.max(1)).clamp(FEWEST, MOST);
        Self(NetValidParams { units: 256, epochs, rate: 4e-3, seed: 1 })
    }

    /// Hidden units, 1 to 65,536.
    #[must_use]
    pub fn units(mut self, units: usize) -> Self {
        self.0.units = units;
        self
    }

    /// How often all examples are looked at.
    #[must_use]
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.0.epochs = epochs;
        self
    }

    /// How far a weight moves in a step, above 0 and at most 1: so far at the beginning, and less and
    /// less until it is zero at the end.
    #[must_use]
    pub fn rate(mut self, rate: f32) -> Self {
        self.0.rate = rate;
        self
    }

    /// Decides all that is left to chance.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }
}

impl ParamGuard for NetParams {
    type Checked = NetValidParams;
    type Error = FitError;

    fn check_ref(&self) -> Result<&Self::Checked, Self::Error> {
        let NetValidParams { units, epochs, rate, .. } = self.0;
        require((1..=1 << 16).contains(&units), "units", units, "between 1 and 65536")?;
        require(0 < epochs, "epochs", epochs, "1 or more")?;
        require(0.0 < rate && rate <= 1.0, "rate", rate, "a number above 0 and not above 1")?;
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked, Self::Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl NetValidParams {
    /// Fits a network on some of the rows.
    pub(super) fn fit_tasks(&self, rows: ArrayView2<'_, f32>, tasks: &[Task]) -> Result<Layers, FitError> {
        let mut random = Random::seeded(self.seed);
        let layers = Layers::random((rows.ncols(), self.units, classes(tasks)?), &mut random);
        Ok(self.go_on(layers, rows, tasks, &mut random))
    }

    /// Goes on with a network that has seen most of the rows, until it has seen all.
    pub(super) fn finish(&self, layers: Layers, rows: ArrayView2<'_, f32>, tasks: &[Task]) -> Layers {
        let rest = Self { epochs: self.epochs.div_ceil(REST), rate: self.rate / 2.0, ..self.clone() };
        rest.go_on(layers, rows, tasks, &mut Random::seeded(self.seed))
    }

    fn go_on(
        &self,
        mut layers: Layers,
        rows: ArrayView2<'_, f32>,
        tasks: &[Task],
        random: &mut Random,
    ) -> Layers {
        let mut adam = Adam::of(&layers);
        let mut work = Work::of(&layers);
        let mut order: Vec<usize> = (0..tasks.len()).collect();
        let steps = self.epochs * order.len().div_ceil(BATCH);
        let mut done = 0;
        for _ in 0..self.epochs {
            random.shuffle(&mut order);
            for batch in order.chunks(BATCH) {
                work.load(rows, tasks, batch);
                let gradients = work.gradients(&layers, tasks, batch, random);
                adam.step(&mut layers, &gradients, self.rate * (1.0 - done as f32 / steps as f32));
                done += 1;
            }
        }
        layers.second_centred()
    }
}

impl<D, T> Fit<ArrayBase<D, Ix2>, T, FitError> for NetValidParams
where
    D: Data<Elem = f32>,
    T: AsSingleTargets<Elem = usize>,
{
    type Object = Layers;

    /// The weights of the dataset, if it has any, weigh the error about each example.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Layers, FitError> {
        self.fit_tasks(dataset.records.view(), &tasks(dataset)?)
    }
}

/// A fitted network in full precision; while it is being fitted, its gradients have the same form.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    /// Numbers of a row by hidden units.
    first: Array2<f32>,
    first_bias: Array1<f32>,
    /// Hidden units by labels.
    second: Array2<f32>,
    second_bias: Array1<f32>,
}

impl Layers {
    fn random((numbers, units, labels): (usize, usize, usize), random: &mut Random) -> Self {
        let mut spread = |rows: usize, columns: usize| {
            let reach = (3.0 / rows as f32).sqrt();
            let mut number = || (random.bits() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
            Array2::from_shape_simple_fn((rows, columns), || reach * number())
        };
        let (first, second) = (spread(numbers, units), spread(units, labels));
        Self { first, first_bias: Array1::zeros(units), second, second_bias: Array1::zeros(labels) }
    }

    fn zeros_like(&self) -> Self {
        Self {
            first: Array2::zeros(self.first.dim()),
            first_bias: Array1::zeros(self.first_bias.dim()),
            second: Array2::zeros(self.second.dim()),
            second_bias: Array1::zeros(self.second_bias.dim()),
        }
    }

    /// The numbers of each part.
    fn parts(&self) -> [&[f32]; 4] {
        let Self { first, first_bias, second, second_bias } = self;
        [first.as_slice(), first_bias.as_slice(), second.as_slice(), second_bias.as_slice()]
            .map(Option::unwrap_or_default)
    }

    fn parts_mut(&mut self) -> [&mut [f32]; 4] {
        let Self { first, first_bias, second, second_bias } = self;
        [first.as_slice_mut(), first_bias.as_slice_mut(), second.as_slice_mut(), second_bias.as_slice_mut()]
            .map(Option::unwrap_or_default)
    }

    /// Probabilities do not change if the same is added to all scores; so the mean is made zero.
    fn second_centred(mut self) -> Self {
        for mut row in self.second.rows_mut() {
            let mean = row.mean().unwrap_or_default();
            row.mapv_inplace(|weight| weight - mean);
        }
        let mean = self.second_bias.mean().unwrap_or_default();
        self.second_bias.mapv_inplace(|bias| bias - mean);
        self
    }

    /// The scores of rows: rows by labels. Their softmax is the probability of each label.
    ///
    /// # Panics
    ///
    /// If a row has another number of columns than those that it was fitted on.
    pub fn scores(&self, rows: ArrayView2<'_, f32>) -> Array2<f32> {
        let hidden = (rows.dot(&self.first) * STRETCH + &self.first_bias).mapv(|unit| unit.max(0.0));
        hidden.dot(&self.second) + &self.second_bias
    }

    /// The network that serves, its scores multiplied with `share`.
    pub fn net(&self, share: f32) -> Net {
        let numbers = |layer: &Array2<f32>, factor: f32| -> Vec<f32> {
            layer.iter().map(|weight| factor * weight).collect()
        };
        Net {
            first: Rows::nearest(&numbers(&self.first, STRETCH), self.first.ncols()),
            first_bias: self.first_bias.to_vec(),
            second: Rows::nearest(&numbers(&self.second, share), self.second.ncols()),
            second_bias: self.second_bias.iter().map(|bias| share * bias).collect(),
        }
    }
}

impl<D: Data<Elem = f32>> PredictInplace<ArrayBase<D, Ix2>, Array1<usize>> for Layers {
    fn predict_inplace<'a>(&'a self, records: &'a ArrayBase<D, Ix2>, targets: &mut Array1<usize>) {
        for (scores, target) in self.scores(records.view()).rows().into_iter().zip(targets) {
            *target = best(&scores.to_vec());
        }
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<usize> {
        Array1::zeros(records.nrows())
    }
}

#[cfg(test)]
mod tests {
    use linfa::{Dataset, traits::Predict};
    use ndarray::{Axis, array};

    use super::*;

    /// Two classes that no line parts from each other.
    fn crossed() -> Dataset<f32, usize, ndarray::Ix1> {
        let records = array![[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
        Dataset::new(records, Array1::from(vec![0, 1, 0, 1]))
    }

    fn params() -> NetParams {
        NetParams::for_examples(4).units(32).epochs(300)
    }

    #[test]
    fn it_parts_what_no_line_parts_and_predicts_the_best_score() {
        let layers = params().fit(&crossed()).unwrap();
        let predicted: Array1<usize> = layers.predict(&crossed());
        assert_eq!(predicted.to_vec(), [0, 1, 0, 1]);
        let scores = layers.scores(crossed().records.view());
        assert!(scores.axis_iter(Axis(0)).zip(predicted).all(|(row, class)| row[1 - class] < row[class]));
    }

    #[test]
    fn chance_is_in_the_seed_alone() {
        let fit = |seed| params().epochs(3).seed(seed).fit(&crossed()).unwrap();
        assert_eq!(fit(1), fit(1));
        assert_ne!(fit(1), fit(2));
    }

    #[test]
    fn of_two_examples_that_contradict_each_other_the_heavier_one_wins() {
        let winner = |weights: [f32; 2]| {
            let dataset = Dataset::new(array![[1.0], [1.0]], Array1::from(vec![0_usize, 1]));
            let dataset = dataset.with_weights(Array1::from(weights.to_vec()));
            let predicted: Array1<usize> = params().fit(&dataset).unwrap().predict(&dataset);
            predicted[0]
        };
        assert_eq!((winner([5.0, 1.0]), winner([1.0, 5.0])), (0, 1));
    }

    #[test]
    fn a_parameter_out_of_range_is_named() {
        let check = |params: NetParams, expected: &str| {
            let refused = params.fit(&crossed()).unwrap_err();
            assert_eq!(refused.to_string(), expected);
        };
        check(params().units(0), "units is 0; it must be between 1 and 65536");
        check(params().epochs(0), "epochs is 0; it must be 1 or more");
        check(params().rate(f32::NAN), "rate is NaN; it must be a number above 0 and not above 1");
    }
}
