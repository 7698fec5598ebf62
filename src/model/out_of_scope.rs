//! How likely a message is nothing that the desk does.
//!
//! Confidence alone is a poor judge of that: a message can be far from every intent and still be
//! nearest to one. So a small logistic model looks at several signs at once, where the data has
//! examples of what is out of scope; where it has none, at the best score alone.

/// How many signs there are.
pub const SIGNS: usize = 6;

/// What the scores of a message show.
pub type Signs = [f32; SIGNS];

/// Weighs the signs.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// One weight for each sign.
    pub weights: Signs,
    /// The log odds where all signs are 0.
    pub bias: f32,
}

/// Reads the signs off the raw intent scores.
///
/// `outside` is the class that stands for out of scope, if there is one; `known` the share of the
/// message's n-grams that were seen in training.
pub fn signs(scores: &[f32], outside: Option<usize>, sharpness: f32, known: f32) -> Signs {
    let (mut best, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for (class, score) in scores.iter().enumerate() {
        if Some(class) != outside {
            second = second.max(score.min(best));
            best = best.max(*score);
        }
    }
    let mut sum = 0.0;
    for (class, score) in scores.iter().enumerate() {
        if Some(class) != outside {
            sum += ((score - best) * sharpness).exp();
        }
    }
    let gap = if second.is_finite() { best - second } else { 0.0 };
    let above = outside.map_or(0.0, |class| scores[class] - best);
    [best, gap, above, sum.ln() / sharpness, known, 1.0 / sum]
}

impl Detector {
    /// The probability that a message with these signs is out of scope.
    pub fn probability(&self, signs: &Signs) -> f32 {
        let odds: f32 = self.weights.iter().zip(signs).map(|(weight, sign)| weight * sign).sum();
        1.0 / (1.0 + (-(odds + self.bias)).exp())
    }

    /// For data without a single message out of scope: such a message is likelier out than in when
    /// its best score is lower than that of all but a twentieth of held-out messages.
    pub fn of_best_score(held_out: &[Signs]) -> Self {
        let mut best: Vec<f32> = held_out.iter().map(|signs| signs[0]).collect();
        best.sort_unstable_by(f32::total_cmp);
        let threshold = best.get(best.len() / 20).copied().unwrap_or_default();
        Self { weights: [-STEEPNESS, 0.0, 0.0, 0.0, 0.0, 0.0], bias: STEEPNESS * threshold }
    }

    /// Learns to tell the signs of messages outside from those of messages inside.
    ///
    /// However few messages outside there are, they count as a tenth: their share of the training
    /// data says nothing about their share of the chat.
    pub fn fit(held_out: &[(Signs, bool)]) -> Self {
        let outside = held_out.iter().filter(|(_, outside)| *outside).count();
        let inside = held_out.len() - outside;
        if outside == 0 || inside == 0 {
            let signs: Vec<Signs> = held_out.iter().map(|(signs, _)| *signs).collect();
            return Self::of_best_score(&signs);
        }
        let weight = (LEAST_SHARE * inside as f64 / outside as f64).max(1.0);
        let mut solution = [0.0; SIGNS + 1];
        for _ in 0..ROUNDS {
            let step = newton_step(held_out, weight, &solution);
            for (value, step) in solution.iter_mut().zip(step) {
                *value += step;
            }
        }
        let mut weights = [0.0; SIGNS];
        for (weight, value) in weights.iter_mut().zip(&solution) {
            *weight = *value as f32;
        }
        Self { weights, bias: solution[SIGNS] as f32 }
    }
}

const STEEPNESS: f32 = 5.0;
const LEAST_SHARE: f64 = 1.0 / 9.0;
const ROUNDS: usize = 25;
/// Keeps signs that say the same from pulling against each other.
const RIDGE: f64 = 1.0;

/// Signs and the constant, gradient or right side: one row of the normal equations.
type Equation = [f64; SIGNS + 2];

fn newton_step(held_out: &[(Signs, bool)], weight: f64, solution: &[f64; SIGNS + 1]) -> [f64; SIGNS + 1] {
    let mut system = [[0.0; SIGNS + 2]; SIGNS + 1];
    for (at, row) in system.iter_mut().enumerate() {
        let ridge = if at < SIGNS { RIDGE } else { 0.0 };
        row[at] = ridge + 1e-6;
        row[SIGNS + 1] = -ridge * solution[at];
    }
    for (signs, outside) in held_out {
        let mut inputs = [1.0; SIGNS + 1];
        for (input, sign) in inputs.iter_mut().zip(signs) {
            *input = f64::from(*sign);
        }
        let odds: f64 = inputs.iter().zip(solution).map(|(input, value)| input * value).sum();
        let probability = 1.0 / (1.0 + (-odds).exp());
        let (truth, share) = if *outside { (1.0, weight) } else { (0.0, 1.0) };
        let curve = share * (probability * (1.0 - probability)).max(1e-6);
        for (row, left) in system.iter_mut().zip(inputs) {
            for (cell, right) in row.iter_mut().zip(inputs) {
                *cell += curve * left * right;
            }
            row[SIGNS + 1] += share * (truth - probability) * left;
        }
    }
    solve(system)
}

/// Gaussian elimination; the ridge keeps the pivots away from zero.
fn solve(mut system: [Equation; SIGNS + 1]) -> [f64; SIGNS + 1] {
    for pivot in 0..=SIGNS {
        let row = system[pivot];
        for other in (0..=SIGNS).filter(|other| *other != pivot) {
            let factor = system[other][pivot] / row[pivot];
            for (cell, value) in system[other].iter_mut().zip(row) {
                *cell -= factor * value;
            }
        }
    }
    let mut solution = [0.0; SIGNS + 1];
    for (at, value) in solution.iter_mut().enumerate() {
        *value = system[at][SIGNS + 1] / system[at][at];
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_read_off_the_scores() {
        let signs = signs(&[0.5, -0.5, 0.25], Some(2), 4.0, 0.75);
        assert_eq!(signs[0], 0.5);
        assert_eq!(signs[1], 1.0);
        assert_eq!(signs[2], -0.25);
        assert_eq!(signs[4], 0.75);
    }

    #[test]
    fn a_low_best_score_is_out_of_scope() {
        let held_out: Vec<Signs> =
            (0..100_u8).map(|n| [f32::from(n) / 100.0, 0.0, 0.0, 0.0, 1.0, 0.5]).collect();
        let detector = Detector::of_best_score(&held_out);
        assert!(0.5 < detector.probability(&[-0.5, 0.0, 0.0, 0.0, 1.0, 0.5]));
        assert!(detector.probability(&[0.9, 0.0, 0.0, 0.0, 1.0, 0.5]) < 0.1);
    }

    #[test]
    fn it_learns_which_sign_counts() {
        let rows: Vec<(Signs, bool)> = (0..400_u16)
            .map(|n| {
                let outside = n % 4 == 0;
                let noise = f32::from(n % 7) / 10.0;
                ([noise, 0.0, if outside { 0.5 } else { -0.5 }, 0.0, 1.0, 0.5], outside)
            })
            .collect();
        let detector = Detector::fit(&rows);
        assert!(0.9 < detector.probability(&[0.3, 0.0, 0.5, 0.0, 1.0, 0.5]));
        assert!(detector.probability(&[0.3, 0.0, -0.5, 0.0, 1.0, 0.5]) < 0.1);
    }
}
