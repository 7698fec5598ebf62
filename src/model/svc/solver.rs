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
    /// The spread of projected gradients at which a group is solved.
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
    let (done, solved) = mpsc::channel();
    let mut model =
        LinearSvc { weights: Array2::zeros((records.nfeatures(), classes)), bias: Array1::zeros(classes) };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(groups) {
            let (done, next) = (done.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if groups <= number {
                        return;
                    }
                    let group = Group::solve(records, targets, number * LANES, classes, limits);
                    if done.send(group).is_err() {
                        return;
                    }
                }
            });
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
struct Group {
    first_class: usize,
    weights: Vec<Lanes>,
    bias: Lanes,
}

/// The dual variables of one group, and which examples still move.
struct Duals {
    alphas: Vec<Lanes>,
    /// Infinite where a lane is a class, zero where the group has no such class.
    upper: Lanes,
    order: Vec<u32>,
    active: usize,
}

/// The highest and lowest projected gradients of a round, by which a group is solved or not.
#[derive(Clone, Copy)]
struct Spread {
    high: f32,
    low: f32,
}

impl Group {
    fn solve(
        records: &SparseRecords,
        targets: &[usize],
        first_class: usize,
        classes: usize,
        limits: &Limits,
    ) -> Self {
        let weights = vec![[0.0; LANES]; records.nfeatures()];
        let mut group = Self { first_class, weights, bias: [0.0; LANES] };
        let mut duals = Duals::new(targets.len(), classes - first_class);
        let mut random = Random::seeded(limits.seed);
        let mut previous = f32::INFINITY;
        for _ in 0..limits.max_epochs {
            let spread = group.epoch(records, targets, &mut duals, limits, previous, &mut random);
            previous = if 0.0 < spread.high { spread.high } else { f32::INFINITY };
            if spread.high - spread.low <= limits.tolerance {
                if duals.active == targets.len() {
                    break;
                }
                // Solved for the examples that moved: look at all of them once more.
                duals.active = targets.len();
                previous = f32::INFINITY;
            }
        }
        group
    }

    fn epoch(
        &mut self,
        records: &SparseRecords,
        targets: &[usize],
        duals: &mut Duals,
        limits: &Limits,
        previous_high: f32,
        random: &mut Random,
    ) -> Spread {
        let mut spread = Spread { high: f32::NEG_INFINITY, low: f32::INFINITY };
        let active = duals.active;
        random.shuffle(&mut duals.order[..active]);
        let mut at = 0;
        while at < duals.active {
            let example = duals.order[at] as usize;
            let (columns, values) = records.row(example);
            let signs = self.signs(targets[example]);
            let moved = self.visit(columns, values, &signs, duals, example, limits, &mut spread);
            if moved.lowest_gradient > previous_high {
                // As LIBLINEAR shrinks: far on the right side, it will not move for a while.
                duals.active -= 1;
                duals.order.swap(at, duals.active);
            } else {
                at += 1;
            }
        }
        spread
    }

    #[expect(clippy::too_many_arguments, reason = "the inner step of a solver: all are one state")]
    fn visit(
        &mut self,
        columns: &[usize],
        values: &[f32],
        signs: &Lanes,
        duals: &mut Duals,
        example: usize,
        limits: &Limits,
        spread: &mut Spread,
    ) -> Moved {
        let diagonal = 0.5 / limits.cost;
        let square: f32 = 1.0 + values.iter().map(|value| value * value).sum::<f32>();
        let scores = self.scores(columns, values);
        let alphas = &mut duals.alphas[example];
        let mut steps = [0.0; LANES];
        let mut lowest_gradient = f32::INFINITY;
        for lane in 0..LANES {
            let alpha = alphas[lane];
            let gradient = signs[lane] * scores[lane] - 1.0 + diagonal * alpha;
            let at_bound = alpha == 0.0 && 0.0 < gradient;
            let real = 0.0 < duals.upper[lane];
            if real {
                let projected = if at_bound { 0.0 } else { gradient };
                spread.high = spread.high.max(projected);
                spread.low = spread.low.min(projected);
                lowest_gradient = lowest_gradient.min(if at_bound { gradient } else { f32::MIN });
            }
            let moved = (alpha - gradient / (square + diagonal)).clamp(0.0, duals.upper[lane]);
            steps[lane] = (moved - alpha) * signs[lane];
            alphas[lane] = moved;
        }
        if steps.iter().any(|step| *step != 0.0) {
            self.step(columns, values, &steps);
        }
        Moved { lowest_gradient }
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

/// What a visit found.
struct Moved {
    /// Below every threshold unless all classes are at their bound.
    lowest_gradient: f32,
}

impl Duals {
    fn new(examples: usize, classes: usize) -> Self {
        let mut upper = [0.0; LANES];
        upper.iter_mut().take(classes).for_each(|bound| *bound = f32::INFINITY);
        let order = (0..u32::try_from(examples).unwrap_or(u32::MAX)).collect();
        Self { alphas: vec![[0.0; LANES]; examples], upper, order, active: examples }
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
