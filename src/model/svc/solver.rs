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
use pulp::{Arch, Simd, WithSimd};

use crate::model::{
    fit::Task,
    records::{Row, SparseRecords},
    svc::{LinearSvc, random::Random},
};

const LANES: usize = 16;

/// One number for each class of a group.
type Lanes = [f32; LANES];

/// So many sums are kept side by side, since each must wait for its last addition.
const CHAINS: usize = 4;

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

/// What was solved, and how: from here a fit can go on when there are more examples.
#[derive(Debug, Clone)]
pub struct Solved {
    /// The solution.
    pub model: LinearSvc,
    /// The row of each example, rising.
    rows: Vec<usize>,
    /// For each group of classes, the dual variables of each example.
    alphas: Vec<Vec<Lanes>>,
}

/// Solves all classes, on at most `threads` threads; `told` hears of each group that is done.
///
/// `from` may be the solution for some of the examples, the same classes and the same costs.
pub fn solve(
    records: &SparseRecords,
    tasks: &[Task],
    classes: usize,
    limits: &Limits,
    threads: usize,
    from: Option<&Solved>,
    told: &mut dyn FnMut(usize, usize),
) -> Solved {
    let groups = classes.div_ceil(LANES);
    let next = AtomicUsize::new(0);
    let group = || {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let begun = |number| {
            let mut group = Group::new(records, tasks.len(), number * LANES, classes, limits);
            if let Some(from) = from {
                group.go_on_from(from, tasks);
            }
            group
        };
        (number < groups).then(|| Arch::new().dispatch(Solving { group: begun(number), records, tasks }))
    };
    let mut solved = Solved {
        model: LinearSvc {
            weights: Array2::zeros((records.nfeatures(), classes)),
            bias: Array1::zeros(classes),
        },
        rows: tasks.iter().map(|task| task.row).collect(),
        alphas: vec![Vec::new(); groups],
    };
    std::thread::scope(|scope| {
        let (done, ready) = mpsc::channel();
        for _ in 0..threads.min(groups) {
            let done = done.clone();
            // Nobody receives any more only if this scope is unwinding: then the thread ends too.
            scope.spawn(move || std::iter::from_fn(group).all(|group| done.send(group).is_ok()));
        }
        drop(done);
        for (count, group) in ready.iter().enumerate() {
            group.copy_into(&mut solved.model);
            solved.alphas[group.first_class / LANES] = group.alphas;
            told(count + 1, groups);
        }
    });
    solved
}

/// A group's work as one call, all of it compiled for the processor that it runs on.
struct Solving<'a> {
    group: Group<'a>,
    records: &'a SparseRecords,
    tasks: &'a [Task],
}

impl<'a> WithSimd for Solving<'a> {
    type Output = Group<'a>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Group<'a> {
        self.group.solve(simd, self.records, self.tasks)
    }
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

impl<'a> Group<'a> {
    fn new(
        records: &SparseRecords,
        examples: usize,
        first_class: usize,
        classes: usize,
        limits: &'a Limits,
    ) -> Self {
        let mut upper = [0.0; LANES];
        upper.iter_mut().take(classes - first_class).for_each(|bound| *bound = f32::INFINITY);
        Self {
            limits,
            first_class,
            weights: vec![[0.0; LANES]; records.nfeatures()],
            bias: [0.0; LANES],
            alphas: vec![[0.0; LANES]; examples],
            upper,
        }
    }

    /// Begins with what was solved for some of the examples; the others count nothing yet.
    fn go_on_from(&mut self, from: &Solved, tasks: &[Task]) {
        let Solved { model, rows, alphas } = from;
        let lanes = LANES.min(model.bias.len() - self.first_class);
        let classes = self.first_class..self.first_class + lanes;
        for (weights, solved) in self.weights.iter_mut().zip(model.weights.rows()) {
            for (weight, class) in weights.iter_mut().zip(classes.clone()) {
                *weight = solved[class];
            }
        }
        self.bias.iter_mut().zip(classes).for_each(|(bias, class)| *bias = model.bias[class]);
        let mut known = rows.iter().zip(&alphas[self.first_class / LANES]).peekable();
        for (alpha, task) in self.alphas.iter_mut().zip(tasks) {
            if let Some((_, solved)) = known.next_if(|(row, _)| **row == task.row) {
                *alpha = *solved;
            }
        }
    }

    /// Goes through the examples until none moves. Examples at rest are left out of some rounds,
    /// for most of them are at rest most of the time.
    #[inline(always)]
    fn solve<S: Simd>(mut self, simd: S, records: &SparseRecords, tasks: &[Task]) -> Self {
        let mut random = Random::seeded(self.limits.seed);
        let mut all: Vec<usize> = (0..tasks.len()).collect();
        let mut moving = Vec::new();
        for round in 0..self.limits.max_epochs {
            if round % (ROUNDS_AMONG_MOVING + 1) == 0 {
                random.shuffle(&mut all);
                moving.clone_from(&all);
            } else {
                random.shuffle(&mut moving);
            }
            let everything = moving.len() == all.len();
            // No `retain`: its closure would be compiled apart, and not for the processor at hand.
            let mut kept = 0;
            for at in 0..moving.len() {
                let example = moving[at];
                if self.visit(simd, records.row(tasks[example].row), &tasks[example], example) {
                    moving[kept] = example;
                    kept += 1;
                }
            }
            moving.truncate(kept);
            if everything && moving.is_empty() {
                break;
            }
        }
        self
    }

    /// Moves the dual variables of an example and says whether any of them moved.
    #[inline(always)]
    fn visit<S: Simd>(&mut self, simd: S, row: Row<'_>, task: &Task, example: usize) -> bool {
        let diagonal = 0.5 / (self.limits.cost * task.weight);
        let square: f32 = row.values.iter().map(|value| value * value).sum();
        let rate = 1.0 / (1.0 + square + diagonal);
        let signs = self.signs(task.class);
        let scores = self.scores(simd, row);
        let alphas = &mut self.alphas[example];
        let mut steps = [0.0; LANES];
        for lane in 0..LANES {
            let alpha = alphas[lane];
            let gradient = signs[lane] * scores[lane] - 1.0 + diagonal * alpha;
            let wanted = (alpha - gradient * rate).clamp(0.0, self.upper[lane]);
            let moved = if self.limits.tolerance < gradient.abs() { wanted } else { alpha };
            steps[lane] = (moved - alpha) * signs[lane];
            alphas[lane] = moved;
        }
        let moves = steps.iter().any(|step| *step != 0.0);
        if moves {
            self.step(simd, row, &steps);
        }
        moves
    }

    #[inline(always)]
    fn scores<S: Simd>(&self, simd: S, row: Row<'_>) -> Lanes {
        let mut scores = self.bias;
        let (parts, _) = S::as_mut_simd_f32s(&mut scores);
        let (columns, last_columns) = row.columns.as_chunks::<CHAINS>();
        let (values, last_values) = row.values.as_chunks::<CHAINS>();
        for (part, score) in parts.iter_mut().enumerate() {
            let weighed = |column: u32, value: f32| {
                let (weights, _) = S::as_simd_f32s(&self.weights[column as usize]);
                simd.mul_f32s(simd.splat_f32s(value), weights[part])
            };
            let mut chains = [simd.splat_f32s(0.0); CHAINS];
            for (columns, values) in columns.iter().zip(values) {
                for (chain, sum) in chains.iter_mut().enumerate() {
                    *sum = simd.add_f32s(*sum, weighed(columns[chain], values[chain]));
                }
            }
            for (column, value) in last_columns.iter().zip(last_values) {
                *score = simd.add_f32s(*score, weighed(*column, *value));
            }
            for sum in chains {
                *score = simd.add_f32s(*score, sum);
            }
        }
        scores
    }

    #[inline(always)]
    fn step<S: Simd>(&mut self, simd: S, row: Row<'_>, steps: &Lanes) {
        let (steps_of_parts, _) = S::as_simd_f32s(steps);
        for (column, value) in row.columns.iter().zip(row.values) {
            let value = simd.splat_f32s(*value);
            let (weights, _) = S::as_mut_simd_f32s(&mut self.weights[*column as usize]);
            for (weight, step) in weights.iter_mut().zip(steps_of_parts) {
                *weight = simd.add_f32s(*weight, simd.mul_f32s(value, *step));
            }
        }
        self.bias.iter_mut().zip(steps).for_each(|(bias, step)| *bias += step);
    }

    #[inline(always)]
    fn signs(&self, class: usize) -> Lanes {
        let mut signs = [-1.0; LANES];
        if let Some(sign) = class.checked_sub(self.first_class).and_then(|lane| signs.get_mut(lane)) {
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
    use sprs::CsMatI;

    use super::*;

    /// Two opposite examples of length one and a bias: the optimum can be written down.
    /// min w²/2 + 2C(1 - w)² has its minimum at w = 4C / (1 + 4C); the bias is 0 by symmetry.
    fn check(weight: f32, expected: f32) {
        let records = CsMatI::new((2, 1), vec![0, 1, 2], vec![0, 0], vec![1.0, -1.0]);
        let limits = Limits { cost: 1.0, max_epochs: 500, tolerance: 1e-6, seed: 1 };
        let tasks = [0, 1].map(|row| Task { row, class: row, weight });
        let model = solve(&SparseRecords(records), &tasks, 2, &limits, 1, None, &mut |_, _| {}).model;
        assert!((model.weights[[0, 0]] - expected).abs() < 1e-3, "{:?}", model.weights);
        assert!(model.bias[0].abs() < 1e-3, "{:?}", model.bias);
    }

    #[test]
    fn it_finds_the_known_optimum() {
        check(1.0, 0.8);
    }

    #[test]
    fn an_example_counts_as_much_as_its_weight() {
        check(3.0, 12.0 / 13.0);
    }
}
