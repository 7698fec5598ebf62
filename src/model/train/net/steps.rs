//! One step of the fit of a network: gradients of a batch, and how far to follow them.

use ndarray::{Array2, ArrayView2, Axis, Zip, linalg::general_mat_mul};

use crate::model::{
    fit::Task,
    svc::random::Random,
    train::net::{BATCH, Layers, STRETCH},
};

/// How fast weights that nothing needs fade.
const DECAY: f32 = 1e-2;

/// Room for one step.
pub(super) struct Work {
    inputs: Array2<f32>,
    hidden: Array2<f32>,
    errors: Array2<f32>,
    behind: Array2<f32>,
}

impl Work {
    pub(super) fn of(layers: &Layers) -> Self {
        let ((numbers, units), labels) = (layers.first.dim(), layers.second.ncols());
        Self {
            inputs: Array2::zeros((BATCH, numbers)),
            hidden: Array2::zeros((BATCH, units)),
            errors: Array2::zeros((BATCH, labels)),
            behind: Array2::zeros((BATCH, units)),
        }
    }

    /// Puts the rows of a batch beside each other; those of a short batch are followed by zeros.
    pub(super) fn load(&mut self, meanings: ArrayView2<'_, f32>, tasks: &[Task], batch: &[usize]) {
        self.inputs.fill(0.0);
        for (mut input, example) in self.inputs.rows_mut().into_iter().zip(batch) {
            input.assign(&meanings.row(tasks[*example].row));
            input.mapv_inplace(|number| number * STRETCH);
        }
    }

    pub(super) fn gradients(
        &mut self,
        layers: &Layers,
        tasks: &[Task],
        batch: &[usize],
        random: &mut Random,
    ) -> Layers {
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
pub(super) struct Adam {
    means: Layers,
    squares: Layers,
    steps: i32,
}

impl Adam {
    const FIRST: f32 = 0.9;
    const SECOND: f32 = 0.999;

    pub(super) fn of(layers: &Layers) -> Self {
        Self { means: layers.zeros_like(), squares: layers.zeros_like(), steps: 0 }
    }

    pub(super) fn step(&mut self, layers: &mut Layers, gradients: &Layers, rate: f32) {
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
