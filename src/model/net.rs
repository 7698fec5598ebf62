//! A small network over a message's meaning, beside the linear scores.
//!
//! One hidden layer of rectified units (ReLU): for one message it is a linear map, that of the units
//! which the message wakes. So its reasons are as exact as those of a linear model.

use crate::model::rows::{Rows, Term};

/// Two layers and what is added behind each.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    /// Shape: numbers of a meaning by hidden units.
    pub first: Rows,
    /// One for each hidden unit.
    pub first_bias: Vec<f32>,
    /// Shape: hidden units by labels.
    pub second: Rows,
    /// One for each label.
    pub second_bias: Vec<f32>,
}

impl Net {
    /// Adds the score of each label to `scores`.
    pub fn add_scores(&self, meaning: &[f32], scores: &mut [f32]) {
        let mut sums = self.second.sums();
        self.second.add(&self.awake(meaning), &mut sums);
        for ((score, sum), bias) in scores.iter_mut().zip(sums).zip(&self.second_bias) {
            *score += sum + bias;
        }
    }

    /// The hidden units that a meaning wakes, and how much.
    fn awake(&self, meaning: &[f32]) -> Vec<Term> {
        let mut units = self.first.sums();
        let terms: Vec<Term> = (0..).zip(meaning.iter().copied()).collect();
        self.first.add(&terms, &mut units);
        let sums = units.iter().zip(&self.first_bias).map(|(unit, bias)| unit + bias);
        (0..).zip(sums).filter(|(_, sum)| 0.0 < *sum).collect()
    }

    /// The linear map that the network is for this meaning, towards one label: what each number of the
    /// meaning is multiplied with, and what is added.
    pub fn towards(&self, meaning: &[f32], label: usize) -> (Vec<f32>, f32) {
        let mut through = vec![0.0; self.first_bias.len()];
        let mut added = self.second_bias[label];
        for (unit, _) in self.awake(meaning) {
            let weight = self.second.at(unit, label);
            added += weight * self.first_bias[unit as usize];
            through[unit as usize] = weight;
        }
        let rows = 0..u32::try_from(self.first.len()).unwrap_or_default();
        (self.first.along(rows, &through), added)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(count: usize, step: usize) -> Vec<f32> {
        (0..count).map(|n| ((n * step % 23) as f32 - 11.0) / 11.0).collect()
    }

    proptest! {
        #[test]
        fn for_one_meaning_it_is_a_linear_map(meaning in proptest::collection::vec(-1.0_f32..1.0, 6)) {
            let net = Net {
                first: Rows::nearest(&numbers(6 * 9, 7), 9),
                first_bias: numbers(9, 5),
                second: Rows::nearest(&numbers(9 * 4, 3), 4),
                second_bias: numbers(4, 2),
            };
            let mut scores = [0.0; 4];
            net.add_scores(&meaning, &mut scores);
            for (label, score) in scores.iter().enumerate() {
                let (direction, added) = net.towards(&meaning, label);
                let sum: f32 = direction.iter().zip(&meaning).map(|(a, b)| a * b).sum();
                prop_assert!((sum + added - score).abs() < 1e-4, "{} is not {score}", sum + added);
            }
        }
    }
}
