//! Fits the network: cross entropy by Adam (Kingma and Ba 2015), with dropout (Srivastava et al. 2014).
//!
//! The order of examples, the weights at the beginning and what is dropped depend on the seed alone,
//! and one thread works, so the same examples give the same network.

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip, linalg::general_mat_mul};

use crate::model::{
    net::Net,
    rows::Rows,
    svc::{random::Random, solver::Task},
};

/// Hidden units.
const UNITS: usize = 256;
/// Examples in a step.
const BATCH: usize = 32;
/// The longest step, at the beginning; it falls to zero.
const RATE: f32 = 4e-3;
/// How fast weights that nothing needs fade.
const DECAY: f32 = 1e-2;
/// What inputs are multiplied with, so that units start in their working range.
const STRETCH: f32 = 4.0;
/// About how many examples are looked at in all, and how often each at least and at most.
const VISITS: usize = 75_000;
const FEWEST: usize = 3;
const MOST: usize = 40;
/// One part in so many of the work is left when a network has seen most messages.
const REST: usize = 4;

/// What a network is fitted on.
#[derive(Debug, Clone, Copy)]
pub struct Lesson<'a> {
    /// Messages by numbers of a meaning.
    pub meanings: ArrayView2<'a, f32>,
    /// Which of them, their classes and how much each counts.
    pub tasks: &'a [Task],
    /// How many classes there are.
    pub labels: usize,
    /// Decides all that is left to chance.
    pub seed: u64,
}

impl Lesson<'_> {
    /// Fits a network.
    pub fn fit(&self) -> Layers {
        let mut random = Random::seeded(self.seed);
        let layers = Layers::random(self.meanings.ncols(), self.labels, &mut random);
        self.go_on(layers, self.epochs(), RATE, &mut random)
    }

    /// Goes on with a network that has seen most of the messages, until it has seen all.
    pub fn finish(&self, layers: Layers) -> Layers {
        let mut random = Random::seeded(self.seed);
        self.go_on(layers, self.epochs().div_ceil(REST), RATE / 2.0, &mut random)
    }

    /// How often all messages are looked at.
    fn epochs(&self) -> usize {
        (VISITS / self.tasks.len().max(1)).clamp(FEWEST, MOST)
    }

    fn go_on(&self, mut layers: Layers, epochs: usize, rate: f32, random: &mut Random) -> Layers {
        let mut adam = Adam::of(&layers);
        let mut work = Work::new(self.meanings.ncols(), self.labels);
        let mut order: Vec<usize> = (0..self.tasks.len()).collect();
        let steps = epochs * order.len().div_ceil(BATCH);
        let mut done = 0;
        for _ in 0..epochs {
            random.shuffle(&mut order);
            for batch in order.chunks(BATCH) {
                work.load(self.meanings, self.tasks, batch);
                let gradients = work.gradients(&layers, self.tasks, batch, random);
                adam.step(&mut layers, &gradients, rate * (1.0 - done as f32 / steps as f32));
                done += 1;
            }
        }
        layers.second_centred()
    }
}

/// The layers while they are being fitted, or their gradients.
#[derive(Debug, Clone)]
pub struct Layers {
    first: Array2<f32>,
    first_bias: Array1<f32>,
    second: Array2<f32>,
    second_bias: Array1<f32>,
}

impl Layers {
    fn random(numbers: usize, labels: usize, random: &mut Random) -> Self {
        let mut spread = |rows: usize, columns: usize| {
            let reach = (3.0 / rows as f32).sqrt();
            let mut number = || (random.bits() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0;
            Array2::from_shape_simple_fn((rows, columns), || reach * number())
        };
        let (first, second) = (spread(numbers, UNITS), spread(UNITS, labels));
        Self { first, first_bias: Array1::zeros(UNITS), second, second_bias: Array1::zeros(labels) }
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

    /// The scores of meanings (messages by numbers): messages by labels.
    pub fn scores(&self, meanings: ArrayView2<'_, f32>) -> Array2<f32> {
        let hidden = (meanings.dot(&self.first) * STRETCH + &self.first_bias).mapv(|unit| unit.max(0.0));
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

/// Room for one step.
struct Work {
    inputs: Array2<f32>,
    hidden: Array2<f32>,
    errors: Array2<f32>,
    behind: Array2<f32>,
}

impl Work {
    fn new(numbers: usize, labels: usize) -> Self {
        Self {
            inputs: Array2::zeros((BATCH, numbers)),
            hidden: Array2::zeros((BATCH, UNITS)),
            errors: Array2::zeros((BATCH, labels)),
            behind: Array2::zeros((BATCH, UNITS)),
        }
    }

    /// Puts the rows of a batch beside each other; those of a short batch are followed by zeros.
    fn load(&mut self, meanings: ArrayView2<'_, f32>, tasks: &[Task], batch: &[usize]) {
        self.inputs.fill(0.0);
        for (mut input, example) in self.inputs.rows_mut().into_iter().zip(batch) {
            input.assign(&meanings.row(tasks[*example].row));
            input.mapv_inplace(|number| number * STRETCH);
        }
    }

    fn gradients(&mut self, layers: &Layers, tasks: &[Task], batch: &[usize], random: &mut Random) -> Layers {
        let Self { inputs, hidden, errors, behind } = self;
        general_mat_mul(1.0, inputs, &layers.first, 0.0, hidden);
        *hidden += &layers.first_bias;
        hidden.mapv_inplace(|unit| unit.max(0.0));
        drop_some(hidden, random);
        general_mat_mul(1.0, hidden, &layers.second, 0.0, errors);
        *errors += &layers.second_bias;
        become_errors(errors, tasks, batch);
        let mut gradients = layers.zeros_like();
        general_mat_mul(1.0, &hidden.t(), errors, 0.0, &mut gradients.second);
        gradients.second_bias = errors.sum_axis(Axis(0));
        general_mat_mul(1.0, errors, &layers.second.t(), 0.0, behind);
        // A unit that was dropped or asleep learns nothing; the others are as strong as they were made.
        Zip::from(&mut *behind).and(&*hidden).for_each(|error, unit| {
            *error = if 0.0 < *unit { *error * KEPT } else { 0.0 };
        });
        general_mat_mul(1.0, &inputs.t(), behind, 0.0, &mut gradients.first);
        gradients.first_bias = behind.sum_axis(Axis(0));
        gradients
    }
}

/// One unit in four is dropped, and the others stand in for it.
const KEPT: f32 = 4.0 / 3.0;

fn drop_some(hidden: &mut Array2<f32>, random: &mut Random) {
    let Some(units) = hidden.as_slice_mut() else { return };
    for units in units.chunks_mut(64) {
        let mut dropped = random.bits() & random.bits();
        for unit in units {
            *unit = if dropped & 1 == 0 { *unit * KEPT } else { 0.0 };
            dropped >>= 1;
        }
    }
}

/// Scores become probabilities less the truth, weighed and averaged; rows behind the batch become zero.
fn become_errors(scores: &mut Array2<f32>, tasks: &[Task], batch: &[usize]) {
    for (place, mut row) in scores.rows_mut().into_iter().enumerate() {
        let Some(task) = batch.get(place).map(|example| &tasks[*example]) else {
            row.fill(0.0);
            continue;
        };
        let top = row.fold(f32::NEG_INFINITY, |top, score| top.max(*score));
        row.mapv_inplace(|score| (score - top).exp());
        let sum = row.sum();
        let share = task.weight / batch.len() as f32;
        row.mapv_inplace(|score| share * score / sum);
        row[task.class] -= share;
    }
}

/// Running means of gradients and of their squares.
struct Adam {
    means: Layers,
    squares: Layers,
    steps: i32,
}

impl Adam {
    const FIRST: f32 = 0.9;
    const SECOND: f32 = 0.999;

    fn of(layers: &Layers) -> Self {
        Self { means: layers.zeros_like(), squares: layers.zeros_like(), steps: 0 }
    }

    fn step(&mut self, layers: &mut Layers, gradients: &Layers, rate: f32) {
        self.steps += 1;
        let correction = (1.0 - Self::SECOND.powi(self.steps)).sqrt() / (1.0 - Self::FIRST.powi(self.steps));
        let (longest, fade) = (rate * correction, 1.0 - rate * DECAY);
        let state = self.means.parts_mut().into_iter().zip(self.squares.parts_mut());
        let all = layers.parts_mut().into_iter().zip(gradients.parts()).zip(state);
        pulp::Arch::new().dispatch(|| {
            for ((weights, gradients), (means, squares)) in all {
                let numbers = weights.iter_mut().zip(gradients).zip(means.iter_mut().zip(squares));
                for ((weight, gradient), (mean, square)) in numbers {
                    *mean = Self::FIRST * *mean + (1.0 - Self::FIRST) * gradient;
                    *square = Self::SECOND * *square + (1.0 - Self::SECOND) * gradient * gradient;
                    *weight = fade * *weight - longest * *mean / (square.sqrt() + 1e-8);
                }
            }
        });
    }
}
