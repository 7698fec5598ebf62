//! Dual coordinate descent for squared hinge loss, sixteen classes at a time.
//!
//! The method is LIBLINEAR's (Hsieh et al. 2008). What differs is the shape: all dual variables of
//! an example are moved together on weights that lie column after column, sixteen classes side by
//! side in one cache line, so that scoring and updating are plain vector work. Classes do not
//! influence each other, so groups of sixteen are solved on any number of threads with one result.

use std::sync::{
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use linfa::dataset::Records;
use ndarray::{Array1, Array2};

use crate::model::{
    records::SparseRecords,
    svc::{LinearSvc, random::Random},
};

const LANES: usize = 16;

/// One number for each class of a group.
type Lanes = [f32; LANES];

/// When to stop, and how to weigh mistakes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What a mistake costs.
    pub cost: f32,
    /// How often the data is gone through at most.
    pub max_epochs: usize,
    /// The projected gradient at which an example counts as solved.
    pub tolerance: f32,
    /// Decides the order in which examples are visited.
    pub seed: u64,
}

/// Solves all classes, on at most `threads` threads; `told` hears of each group that is done.
pub fn solve(
    records: &SparseRecords,
    targets: &[usize],
    classes: usize,
    limits: &Limits,
    threads: usize,
    told: &mut dyn FnMut(usize, usize),
) -> LinearSvc {
    let groups = classes.div_ceil(LANES);
    let next = AtomicUsize::new(0);
    let group = || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let fresh = |number| Group::new(records.nfeatures(), targets.len(), number * LANES, classes, limits);
        (number < groups).then(|| fresh(number).solve(records, targets))
    };
    let mut model =
        LinearSvc { weights: Array2::zeros((records.nfeatures(), classes)), bias: Array1::zeros(classes) };
    std::thread::scope(|scope| {
        let (done, solved) = mpsc::channel();
        for _ in 0..threads.min(groups) {
            let done = done.clone();
            // Nobody receives any more only if this scope is unwinding: then the thread ends too.
            scope.spawn(move || std::iter::from_fn(group).all(|group| done.send(group).is_ok()));
        }
        drop(done);
        for (count, group) in solved.iter().enumerate() {
            group.copy_into(&mut model);
            told(count + 1, groups);
        }
    });
    model
}

/// Sixteen classes being solved.
struct Group<'a> {
    limits: &'a Limits,
    first_class: usize,
    weights: Vec<Lanes>,
    bias: Lanes,
    /// The dual variables of each example.
    alphas: Vec<Lanes>,
    /// Infinite where a lane is a class, zero where the group has no such class.
    upper: Lanes,
}

/// After this many rounds among the examples that still move, all are looked at again.
const ROUNDS_AMONG_MOVING: usize = 3;

/// A gradient this far below the tolerance is left alone.
const REST: f32 = 1.0;

impl<'a> Group<'a> {
    fn new(columns: usize, examples: usize, first_class: usize, classes: usize, limits: &'a Limits) -> Self {
        let mut upper = [0.0; LANES];
        upper.iter_mut().take(classes - first_class).for_each(|bound| *bound = f32::INFINITY);
        Self {
            limits,
            first_class,
            weights: vec![[0.0; LANES]; columns],
            bias: [0.0; LANES],
            alphas: vec![[0.0; LANES]; examples],
            upper,
        }
    }

    /// Goes through the examples until none moves. Examples at rest are left out of some rounds,
    /// for most of them are at rest most of the time.
    fn solve(mut self, records: &SparseRecords, targets: &[usize]) -> Self {
        let mut random = Random::seeded(self.limits.seed);
        let mut all: Vec<usize> = (0..targets.len()).collect();
        let mut moving = Vec::new();
        for round in 0..self.limits.max_epochs {
            if round % (ROUNDS_AMONG_MOVING + 1) == 0 {
                random.shuffle(&mut all);
                moving.clone_from(&all);
            } else {
                random.shuffle(&mut moving);
            }
            let everything = moving.len() == all.len();
            moving.retain(|example| {
                let (columns, values) = records.row(*example);
                self.visit(columns, values, targets[*example], *example)
            });
            if everything && moving.is_empty() {
                break;
            }
        }
        self
    }

    /// Moves the dual variables of an example and says whether any of them moved.
    fn visit(&mut self, columns: &[usize], values: &[f32], target: usize, example: usize) -> bool {
        let diagonal = 0.5 / self.limits.cost;
        let square: f32 = 1.0 + values.iter().map(|value| value * value).sum::<f32>();
        let rate = 1.0 / (square + diagonal);
        let rest = self.limits.tolerance * REST;
        let signs = self.signs(target);
        let scores = self.scores(columns, values);
        let alphas = &mut self.alphas[example];
        let mut steps = [0.0; LANES];
        for lane in 0..LANES {
            let alpha = alphas[lane];
            let gradient = signs[lane] * scores[lane] - 1.0 + diagonal * alpha;
            let wanted = (alpha - gradient * rate).clamp(0.0, self.upper[lane]);
            let moved = if rest < gradient.abs() { wanted } else { alpha };
            steps[lane] = (moved - alpha) * signs[lane];
            alphas[lane] = moved;
        }
        let moves = steps.iter().any(|step| *step != 0.0);
        if moves {
            self.step(columns, values, &steps);
        }
        moves
    }

    fn scores(&self, columns: &[usize], values: &[f32]) -> Lanes {
        let mut scores = self.bias;
        for (column, value) in columns.iter().zip(values) {
            let row = &self.weights[*column];
            for lane in 0..LANES {
                scores[lane] += value * row[lane];
            }
        }
        scores
    }

    fn step(&mut self, columns: &[usize], values: &[f32], steps: &Lanes) {
        for (column, value) in columns.iter().zip(values) {
            let row = &mut self.weights[*column];
            for lane in 0..LANES {
                row[lane] += value * steps[lane];
            }
        }
        for (bias, step) in self.bias.iter_mut().zip(steps) {
            *bias += step;
        }
    }

    fn signs(&self, target: usize) -> Lanes {
        let mut signs = [-1.0; LANES];
        if let Some(sign) = target.checked_sub(self.first_class).and_then(|lane| signs.get_mut(lane)) {
            *sign = 1.0;
        }
        signs
    }

    fn copy_into(&self, model: &mut LinearSvc) {
        let classes = model.bias.len();
        let lanes = LANES.min(classes - self.first_class);
        for (mut row, solved) in model.weights.rows_mut().into_iter().zip(&self.weights) {
            for lane in 0..lanes {
                row[self.first_class + lane] = solved[lane];
            }
        }
        for lane in 0..lanes {
            model.bias[self.first_class + lane] = self.bias[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use sprs::CsMat;

    use super::*;

    /// Two opposite examples of length one and a bias: the optimum can be written down.
    #[test]
    fn it_finds_the_known_optimum() {
        let records = CsMat::new((2, 1), vec![0, 1, 2], vec![0, 0], vec![1.0, -1.0]);
        let limits = Limits { cost: 1.0, max_epochs: 500, tolerance: 1e-6, seed: 1 };
        let model = solve(&SparseRecords(records), &[0, 1], 2, &limits, 1, &mut |_, _| {});
        // min w²/2 + 2(1 - w)² has its minimum at w = 4/5; the bias is 0 by symmetry.
        assert!((model.weights[[0, 0]] - 0.8).abs() < 1e-3, "{:?}", model.weights);
        assert!(model.bias[0].abs() < 1e-3, "{:?}", model.bias);
    }
}
